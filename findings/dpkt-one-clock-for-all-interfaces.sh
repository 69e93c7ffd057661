#!/bin/sh
# dpkt reads all packets of a pcapng file by the clock of its first interface: where a second one counts
# nanoseconds and the first microseconds, half of the packets are 50,000 years late.
#
# Seen with python3-dpkt 1.9.8-1 (Debian 12).  Resolution and link type belong to an interface, and each
# packet names its own; mergecap writes such files when it merges a capture in microseconds and one in
# nanoseconds.  dpkt takes both from the first Interface Description Block, nobody hears of the others, and
# raises nothing.  Of two packets 10 ms apart the second comes 1,698,300,000,000 seconds after the first.  And
# datalink() says Ethernet where the second packet is a bare IP packet.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download python3-dpkt=1.9.8-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x ./*.deb root
cat >try.py <<'END'
import struct
import sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
import dpkt

def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
interfaces = ((1, 6, b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip), (101, 9, ip))         # link type, resolution, packet
with open("two.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for link, resolution, _ in interfaces:
        file.write(block(1, struct.pack("<HHI", link, 0, 0) + struct.pack("<HHI", 9, 1, resolution) + b"\0\0\0\0"))
    for number, (_, resolution, data) in enumerate(interfaces):
        time = (1700000000 * 100 + number) * 10 ** (resolution - 2)
        file.write(block(6, struct.pack("<IIIII", number, time >> 32, time & 0xFFFFFFFF, len(data), len(data)) + data))
with open("two.pcapng", "rb") as file:
    reader = dpkt.pcapng.Reader(file)
    (first, _), (second, packet) = list(reader)
    print("first %.2f s, second %.2f s; link type %d for a packet that begins with %#x" %
          (first, second, reader.datalink(), packet[0]))
    raise SystemExit((first, round(second), reader.datalink(), packet[0]) != (1700000000.0, 1700000000010, 1, 0x45))
END
python3 try.py
