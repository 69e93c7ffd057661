#!/bin/sh
# In Scapy the padding of a short Ethernet frame is the payload of its TCP segment: a pure acknowledgement
# carries "6 bytes".
#
# Seen with Scapy 2.5.0 (Debian 12).  A segment without data is 54 bytes long and leaves as a frame of 60.
# Scapy knows by the IP length that the last 6 are none of IP's, and makes a layer Padding of them, but hangs
# it below TCP: len(packet[TCP].payload) is 6, bool(packet[TCP].payload) is true.  The same acknowledgement
# captured at its sender has no padding yet, and no payload.  Whoever sums payloads, or takes those that have
# one for data, counts data that nobody sent, and only in the direction that came from the wire.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download python3-scapy=2.5.0+dfsg-2 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x ./*.deb root
cat >try.py <<'END'
import struct, sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
from scapy.layers.inet import IP, TCP
from scapy.utils import rdpcap

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 0x10, 64240, 0, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp
with open("two.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for data in (frame, frame.ljust(60, b"\0")):
        file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
seen = [(p[IP].len, len(p[TCP].payload), p[TCP].payload.name) for p in rdpcap("two.pcap")]
print("IP length, payload of TCP: at its sender %s, from the wire %s" % tuple(seen))
raise SystemExit(seen != [(40, 0, "NoPayload"), (40, 6, "Padding")])
END
python3 -W ignore try.py
