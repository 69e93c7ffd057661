#!/bin/sh
# Of the formats that editcap writes, two are none that Wireshark reads: what `-F observer` and `-F commview-ncfx` made
# of a capture is damaged to capinfos of the very same version.
#
# Seen with editcap and capinfos 4.0.17 (Debian 12).  Both formats are on its list, both copies end with status 0, and
# who then puts the original away has lost it.  The Observer file states 12 bytes for what it says of its clock, where
# the reader wants 8.  A CommView NCFX record begins with a length, that of the packet to the writer and that of the
# whole record to the reader: the second record begins within the first.  The other 19 formats that take this capture
# give its four packets back.
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
    for second in range(4):
        data = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0\x45" + bytes(45)
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
good=0 wrote=0 bad=
for format in $(root/usr/bin/editcap -F 2>&1 | sed -n 's/^ *\([^ ]*\) - .*/\1/p'); do
  root/usr/bin/editcap -F "$format" in.pcap "out.$format" 2>/dev/null || continue
  wrote=$((wrote + 1))
  if root/usr/bin/capinfos -M -T -r -c "out.$format" >count 2>error; then
    [ "$(cut -f 2 count)" = 4 ] && good=$((good + 1))
  else
    bad="$bad
$format: $(tail -n 1 error)"
  fi
done
seen="$wrote written, $good read with 4 packets$bad"
echo "$seen"
[ "$seen" = "21 written, 19 read with 4 packets
commview-ncfx: (commview: NCFX data length 0 < 20)
observer: (Observer: bad record (time information TLV length 12 != 8))" ]
