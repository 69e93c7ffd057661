#!/bin/sh
# pcapfix, which repairs captures, breaks sound ones: packets of which a part was captured lose their length
# and their time, and what `tcpdump -i any` wrote becomes Ethernet.
#
# Seen with pcapfix 1.1.7 (Debian 12).  A packet with fewer bytes than it had on the wire is broken to it,
# unless the file states a snapshot length that explains it; a file of `tcpdump -s 96` does, the same out of
# mergecap or tcprewrite states 262144 or 65535.  Of 1514 bytes, 96 of them there, 10 ms after another packet,
# it leaves 96 of 96, a microsecond after the other.  Link type 276 (LINUX_SLL2), which tcpdump has written
# for "any" since 4.99, is unknown to it and becomes 1: the cooked header is read as MAC addresses.  Both
# times it claims success.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download pcapfix=1.1.7-2 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x ./*.deb root

cat >pcap.py <<'END'
import struct
import sys

if sys.argv[1] == "write":
    for name, link, lengths in ("cut", 1, (60, 1514, 60)), ("any", 276, (60, 60, 60)):
        with open(name + ".pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
            for number, length in enumerate(lengths):
                captured = min(length, 96)
                file.write(struct.pack("<IIII", 1700000000, 10000 * number, captured, length) + bytes(captured))
else:
    data, at, seen = open(sys.argv[2], "rb").read(), 24, []
    while at < len(data):
        _, microseconds, captured, length = struct.unpack("<IIII", data[at:at + 16])
        seen.append("%d us, %d of %d" % (microseconds, captured, length))
        at += 16 + captured
    print("%s: link type %d; %s" % (sys.argv[2], struct.unpack("<I", data[20:24])[0], "; ".join(seen)))
END
python3 pcap.py write
for name in cut any; do
  root/usr/bin/pcapfix $name.pcap >>run.log
done
grep SUCCESS run.log
seen=$(for name in cut fixed_cut any fixed_any; do python3 pcap.py read $name.pcap; done)
echo "$seen"
[ "$seen" = "cut.pcap: link type 1; 0 us, 60 of 60; 10000 us, 96 of 1514; 20000 us, 60 of 60
fixed_cut.pcap: link type 1; 0 us, 60 of 60; 1 us, 96 of 96; 20000 us, 60 of 60
any.pcap: link type 276; 0 us, 60 of 60; 10000 us, 60 of 60; 20000 us, 60 of 60
fixed_any.pcap: link type 1; 0 us, 60 of 60; 10000 us, 60 of 60; 20000 us, 60 of 60" ]
