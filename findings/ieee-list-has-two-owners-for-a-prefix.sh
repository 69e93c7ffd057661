#!/bin/sh
# The IEEE's own list of hardware addresses gives two prefixes to more than one maker: whose card 08:00:30 is depends on
# which line a program keeps.
#
# Seen with ieee-data 20220827.1 and tshark 4.0.17 (Debian 12).  One takes the first three bytes of an address for a
# key.  In oui.csv 08-00-30 stands three times, 00-01-C8 twice.  A table that is filled line by line keeps the last
# maker, CERN and Conrad; Wireshark shows the first, Network Research and Thomas Conrad.  And 288 prefixes belong to the
# IEEE itself, which deals them out in smaller pieces (mam.csv, oui36.csv): there three bytes name no maker.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install ieee-data=20220827.1 tshark=$v wireshark-common=$v libwireshark16=$v \
  libwireshark-data=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import collections
import csv
import struct

makers = collections.defaultdict(list)
with open("root/usr/share/ieee-data/oui.csv", newline="", encoding="utf-8") as file:
    for _, prefix, maker, _ in list(csv.reader(file))[1:]:
        makers[prefix].append(maker.strip())
for prefix in sorted(makers):
    if len(makers[prefix]) > 1:
        print(prefix + ":", ", ".join(makers[prefix]))
print("of the IEEE itself:", sum("IEEE Registration Authority" in names for names in makers.values()))
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for prefix in "0001C8", "080030":
        frame = (bytes.fromhex(prefix) + b"\0\0\1") * 2 + b"\x88\xb5" + bytes(46)
        file.write(struct.pack("<IIII", 1700000000, 0, len(frame), len(frame)) + frame)
END
export LD_LIBRARY_PATH="$lib" HOME="$tmp" WIRESHARK_DATA_DIR="$tmp/root/usr/share/wireshark"
seen="$(python3 try.py)
tshark: $(root/usr/bin/tshark -N m -r in.pcap -T fields -e eth.src.oui_resolved 2>/dev/null | paste -s -d '|')"
echo "$seen"
[ "$seen" = "0001C8: THOMAS CONRAD CORP., CONRAD CORP.
080030: NETWORK RESEARCH CORPORATION, ROYAL MELBOURNE INST OF TECH, CERN
of the IEEE itself: 288
tshark: Thomas Conrad Corp.|Network Research Corporation" ]
