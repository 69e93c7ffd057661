#!/bin/sh
# editcap gives packets without a time the first second of 1970: a capture whose time nobody knows becomes one that
# lasted for 54 years.
#
# Seen with editcap and capinfos 4.0.17 (Debian 12).  The Simple Packet Block of pcapng has no time stamp.
# Wireshark reads it so; what it writes is an Enhanced Packet Block, which has one, with 0 in it.  Of two packets
# with a time, 10 s apart, and two without, capinfos names no duration, "n/a", and of the copy 1,700,000,010 s.
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

def block(kind, body):
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

with open("in.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0)))
    for second in 1700000000, 1700000010:
        time = second * 1000000
        file.write(block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, 60, 60) + bytes(60)))
        file.write(block(3, struct.pack("<I", 60) + bytes(60)))
END
export LD_LIBRARY_PATH="$lib"
root/usr/bin/editcap in.pcapng out.pcapng
seen=$(for file in in out; do
  echo "$file: $(TZ=UTC root/usr/bin/capinfos -M -T -r -u -a $file.pcapng | cut -f 2-)"
done)
echo "$seen"
[ "$seen" = "in: n/a	n/a
out: 1700000010.000000	1970-01-01 00:00:00.000000" ]
