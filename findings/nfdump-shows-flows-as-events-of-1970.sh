#!/bin/sh
# Debian's `nfdump -r FILE` shows each flow as an event of the year 1970 that is INVALID, and has no column for packets;
# nothing is wrong with the flows.
#
# Seen with nfdump 1.7.1 (Debian 12).  It was built for the events of firewalls, too (NSEL), and such a build shows all
# records as events unless it is asked for a format: a flow has no event, so its time is 0, its kind unknown, its
# translated addresses 0.0.0.0.  `-o line`, "default format" to the manual, has begin, duration, packets and bytes; so
# is `-o nsel` some lines below.  A script that cuts columns out of the output takes 1970 for the time, and one that
# was written with another build finds other things in each column.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install nfdump=1.7.1-2+deb12u1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

udp = struct.pack("!HHHH", 40000, 9, 108, 0) + bytes(100)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 128, 1, 0x4000, 64, 17, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50") + udp
frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in range(3):
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(frame), len(frame)) + frame)
END
export LD_LIBRARY_PATH="$lib" TZ=UTC0
mkdir flows
root/usr/bin/nfpcapd -r in.pcap -w flows >run.log 2>&1 || { cat run.log; exit 1; }
show() { root/usr/bin/nfdump -q -R flows "$@" | sed 's/  */ /g; s/ $//; s/192\.0\.2/net/g'; }
seen="plain: $(show)
-o line: $(show -o line)"
echo "$seen"
[ "$seen" = "plain: 1970-01-01 00:00:00.000 INVALID Ignore UDP net.1:40000 -> net.80:9 0.0.0.0:0 -> 0.0.0.0:0 384 0
-o line: 2023-11-14 22:13:20.000 00:00:02.000 UDP net.1:40000 -> net.80:9 3 384 1" ]
