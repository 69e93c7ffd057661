#!/bin/sh
# tcpslice, asked for a plain copy, leaves out what follows when the clock had been set back: of 1,000 packets with
# a step of 2 s in their middle 501 arrive, with status 0 and without a word.
#
# Seen with tcpslice 1.5 (Debian 12).  It takes the packets of a file to be in order of time, which its manual
# mentions where it speaks of merging; one thinks that this matters where times are asked for.  But it also looks
# for the end of the file by them, and takes the last time before the step for it.  In a file of 20,000 packets,
# where the step is far from the end, it finds the end, and leaves out only the packets of the two seconds that the
# clock showed twice.  `capinfos` says "Strict time order: False" of such files; after reordercap tcpslice copies
# all.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tcpslice=1.5-1 wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

for count in 1000, 20000:
    with open("%d.pcap" % count, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n in range(count):
            ms = 10 * n - (2000 if n >= count / 2 else 0)
            file.write(struct.pack("<IIII", 1700000000 + ms // 1000, ms % 1000 * 1000, 60, 60) + bytes(60))
END
export LD_LIBRARY_PATH="$lib"
root/usr/bin/reordercap 1000.pcap sorted.pcap >/dev/null
seen=$(for file in 1000 20000 sorted; do
  root/usr/bin/tcpslice -w out.pcap $file.pcap 2>&1
  echo "$file: $(root/usr/bin/capinfos -M -T -r -c out.pcap | cut -f 2)"
done)
echo "$seen"
[ "$seen" = "1000: 501
20000: 19801
sorted: 1000" ]
