#!/bin/sh
# tcpstat finds twice as many packets in the first second as in the others, however steady they come, and the time it
# prints for an interval is neither its start nor its end, but its middle.
#
# Seen with tcpstat 1.5 (Debian 12).  An interval begins with the first packet, and the packet on its end still belongs
# to it; the next begins behind that, so that only the first has both ends.  Of one packet each second, 20 of them, the
# first interval of `tcpstat 1` has two, and twice the rate.  The time, %s, is "for the interval" in the manual: of
# packets from 0.1 s on, intervals of 10 s stand at 5.1 and 15.1 s, where one packet would have been at 0.1 and 10.1.
# %S rounds it to seconds: intervals of 5 s stand at 3, 8 and 13.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tcpstat=1.5-8+b1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in range(20):
        data = bytes(12) + b"\x08\0\x45" + bytes(45)
        file.write(struct.pack("<IIII", 1700000000 + second, 100000, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
count() { root/usr/bin/tcpstat -r in.pcap -o "$2:%n " "$1" | sed 's/17000000//g; s/ $//'; }
seen="1 s: $(count 1 %S)
5 s: $(count 5 %S)
10 s: $(count 10 %s)"
echo "$seen"
[ "$seen" = "1 s: 01:2 02:1 03:1 04:1 05:1 06:1 07:1 08:1 09:1 10:1 11:1 12:1 13:1 14:1 15:1 16:1 17:1 18:1 19:1
5 s: 03:6 08:5 13:5 18:4
10 s: 05.100000:11 15.100000:9" ]
