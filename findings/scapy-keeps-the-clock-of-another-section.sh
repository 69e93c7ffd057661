#!/bin/sh
# Scapy reads the second section of a pcapng file by the interfaces of the first: two captures in one file,
# put together with cat as the format allows, and the times of the second are a thousand times too large.
#
# Seen with Scapy 2.5.0 (Debian 12).  A Section Header Block ends all that was said before, interfaces are
# numbered from 0 again, and tcpdump and Wireshark read it so.  Scapy appends the new interface to its list,
# where nobody finds it: packets of interface 0 keep taking resolution and link type from the first
# section's.  A capture in nanoseconds behind one in microseconds ends in the year 55840; bare IP packets
# behind Ethernet are cut into Ethernet headers, and none has an IP layer.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download python3-scapy=2.5.0+dfsg-2 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x ./*.deb root
cat >try.py <<'END'
import struct
import sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
from scapy.layers.inet import IP
from scapy.utils import rdpcap

def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
sections = {}
for name, link, resolution, data in (("first", 1, 6, b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip), ("second", 101, 9, ip)):
    time = 1700000000 * 10 ** resolution
    sections[name] = b"".join((
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack("<HHI", link, 0, 0) + struct.pack("<HHI", 9, 1, resolution) + b"\0\0\0\0"),
        block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(data), len(data)) + data)))
sections["both"] = sections["first"] + sections["second"]
seen = {}
for name, data in sections.items():
    with open(name + ".pcapng", "wb") as file:
        file.write(data)
    seen[name] = [(int(packet.time), IP in packet) for packet in rdpcap(name + ".pcapng")]
    print("%s: %s" % (name, seen[name]))
raise SystemExit(seen["first"] != [(1700000000, True)] or seen["second"] != [(1700000000, True)]
                 or seen["both"] != [(1700000000, True), (1700000000000, False)])
END
python3 -W ignore try.py
