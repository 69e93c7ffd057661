#!/bin/sh
# In Scapy the time of a layer is the time when the file was read: `packet[TCP].time` of a capture of last year is now,
# and the times between two of them are those of Scapy's own work.
#
# Seen with Scapy 2.5.0 (Debian 12).  Each layer is a packet with a `time` of its own, which is set to the clock when
# it is made; rdpcap() then gives the outermost the time of capture.  Who strips the link layer, `[p[IP] for p in
# packets]`, and writes the rest or measures in it, has another capture: three packets a second apart lie within the
# second in which they were read.  `p.__class__(bytes(p))`, the usual way to have lengths and sums made anew, does the
# same to the whole packet.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download python3-scapy=2.5.0+dfsg-2 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x ./*.deb root
cat >try.py <<'END'
import struct
import sys
import time

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
from scapy.layers.inet import IP, TCP
from scapy.utils import rdpcap, wrpcap

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 0x10, 64240, 0, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
data = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in range(3):
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(data), len(data)) + data)

start = int(time.time())
packets = rdpcap("in.pcap")
wrpcap("ip.pcap", [packet[IP] for packet in packets])
times = {
    "packet": [packet.time for packet in packets],
    "TCP": [packet[TCP].time for packet in packets],
    "IP, written and read": [packet.time for packet in rdpcap("ip.pcap")],
    "made anew": [packet.__class__(bytes(packet)).time for packet in packets],
}
seen = {name: "now" if all(start <= time <= start + 600 for time in of) else [int(time) for time in of]
        for name, of in times.items()}
for name, what in seen.items():
    print("%s: %s" % (name, what))
raise SystemExit(seen != {"packet": [1700000000, 1700000001, 1700000002], "TCP": "now", "IP, written and read": "now",
                          "made anew": "now"})
END
python3 -W ignore try.py
