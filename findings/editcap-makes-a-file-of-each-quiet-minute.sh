#!/bin/sh
# `editcap -i 60` writes a file for each minute in which nothing happened: of three packets in a bit more than a day
# it makes 1,667 files, 1,664 of them without a packet.
#
# Seen with editcap 4.0.17 (Debian 12).  One expects a file where there are packets.  editcap opens the next file,
# and the one after that, until the time of the packet is reached.  One packet with a wrong clock behind the others,
# a year later, makes half a million files.  And they are none that a loop may skip by its size in silence: each has
# a header, and is a valid capture.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in 0, 100, 100000:
        file.write(struct.pack("<IIII", 1700000000 + second, 0, 60, 60) + bytes(60))
END
mkdir out
LD_LIBRARY_PATH=$lib root/usr/bin/editcap -F pcap -i 60 in.pcap out/piece.pcap
seen="$(find out -type f | wc -l) files, $(find out -type f -size 24c | wc -l) of them a header alone"
echo "$seen"
[ "$seen" = "1667 files, 1664 of them a header alone" ]
