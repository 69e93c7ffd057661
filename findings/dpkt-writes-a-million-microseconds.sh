#!/bin/sh
# A time that dpkt rounds up to a full second becomes 1,000,000 microseconds of the second before: other tools print
# it as a time 900 ms earlier, and cut it off when asked for what begins with that second.
#
# Seen with python3-dpkt 1.9.8-1, tcpdump 4.99.3 and capinfos and editcap 4.0.17 (Debian 12).  dpkt's Reader gives
# the times of a capture in nanoseconds to the last digit; its Writer, unless it is asked for nanoseconds, rounds
# the fraction to microseconds and does not carry.  39.9999997 s should be 40 s and is written as 39 s and 1,000,000
# microseconds.  tcpdump and capinfos print "39.1000000", which a script reads as 39.1.  And editcap, asked for the
# packets from 40 s on, leaves it out.  One in two million times in nanoseconds is hit: a test of some packets does
# not show it, a day's capture does.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  python3-dpkt=1.9.8-1 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 wireshark-common=$v libwiretap13=$v \
  libwsutil14=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct
import sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
import dpkt

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
    for second, ns in (1700000019, 999999700), (1700000020, 500000000):
        file.write(struct.pack("<IIII", second, ns, 60, 60) + bytes(60))
with open("in.pcap", "rb") as source, open("out.pcap", "wb") as target:
    writer = dpkt.pcap.Writer(target)
    for time, packet in dpkt.pcap.Reader(source):
        writer.writepkt(packet, time)
END
export LD_LIBRARY_PATH="$lib" TZ=UTC
root/usr/bin/editcap -F pcap -A '2023-11-14 22:13:40' out.pcap later.pcap
seen="written: $(od -A n -t u4 -j 24 -N 8 out.pcap | sed 's/^ *//; s/  */ s + /') us
tcpdump: $(root/usr/bin/tcpdump -Z root -n -r out.pcap -c 1 2>/dev/null | cut -d ' ' -f 1)
capinfos: $(root/usr/bin/capinfos -M -a out.pcap | sed -n 's/^First packet time: *//p')
editcap: $(root/usr/bin/capinfos -M -T -r -c later.pcap | cut -f 2) of 2 packets from 22:13:40 on"
echo "$seen"
[ "$seen" = "written: 1700000019 s + 1000000 us
tcpdump: 22:13:39.1000000
capinfos: 2023-11-14 22:13:39.1000000
editcap: 1 of 2 packets from 22:13:40 on" ]
