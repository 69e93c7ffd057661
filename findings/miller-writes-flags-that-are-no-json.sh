#!/bin/sh
# `tshark -T fields ... | mlr --itsv --ojson cat` writes TCP flags as JSON that no parser takes, and makes a number of a
# payload that happens to look like one.
#
# Seen with Miller 6.6.0, tshark 4.0.17 and jq 1.6 (Debian 12).  What Miller takes for a number it writes as it came,
# without quotes, and it knows more numbers than JSON does: 0x0018, as tshark prints flags, is one.  Two bytes of
# payload, 12 e4 in hexadecimal, are "12e4" to tshark and 120000 to whoever reads the JSON; 12 f4 of the packet before
# stays text, so that one column holds both.  Miller says nothing of either.  With `-S` all of it is text.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install miller=6.6.0-2+b3 jq=1.6-2.1+deb12u3 libjq1=1.6-2.1+deb12u3 \
  libonig5=6.9.8-1 tshark=$v wireshark-common=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v \
  >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, data in enumerate((b"\x12\xf4", b"\x12\xe4")):
        tcp = struct.pack("!HHIIBBHHH", 40000, 9, 1001 + 2 * number, 5001, 0x50, 24, 64240, 0, 0) + data
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 42, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50") + tcp
        frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip
        file.write(struct.pack("<IIII", 1700000000 + number, 0, len(frame), len(frame)) + frame)
END
export LD_LIBRARY_PATH="$lib" PATH="$PWD/root/usr/bin:$PATH" HOME="$tmp"
tshark -n -r in.pcap -T fields -E header=y -e tcp.flags -e tcp.payload >fields.tsv 2>run.log || { cat run.log; exit 1; }
column() { mlr --itsv "$@" --ojsonl cut -f "$name" fields.tsv; }
seen="fields: $(paste -s -d ' ' fields.tsv | tr '\t' ' ')
$(for name in tcp.flags tcp.payload; do
  echo "$name: $(column | paste -s -d ' ')"
  column >column.json && jq -c .[] column.json >values 2>&1 && status=0 || status=$?
  echo "jq, status $status: $(sed 's/ at line.*//' values | paste -s -d ' ')"
  echo "with -S: $(column -S | jq -c .[] | paste -s -d ' ')"
done)"
echo "$seen"
[ "$seen" = "fields: tcp.flags tcp.payload 0x0018 12f4 0x0018 12e4
tcp.flags: {\"tcp\": {\"flags\": 0x0018}} {\"tcp\": {\"flags\": 0x0018}}
jq, status 4: parse error: Invalid numeric literal
with -S: {\"flags\":\"0x0018\"} {\"flags\":\"0x0018\"}
tcp.payload: {\"tcp\": {\"payload\": \"12f4\"}} {\"tcp\": {\"payload\": 12e4}}
jq, status 0: {\"payload\":\"12f4\"} {\"payload\":120000}
with -S: {\"payload\":\"12f4\"} {\"payload\":\"12e4\"}" ]
