#!/bin/sh
# Of a packet in a tunnel `tshark -T json` writes the key "ip" twice, and each JSON parser keeps the second: outer
# addresses, lifetimes and fragments are gone, without an error.
#
# Seen with tshark 4.0.17, jq 1.6 and Python's json (Debian 12).  RFC 8259 (4) allows a name twice and leaves open
# what it means; tshark makes use of it for each layer that a packet has more than once.  A packet from 192.0.2.1 to
# 192.0.2.80 with one from 10.0.0.1 to 10.0.0.2 in it comes from 10.0.0.1 to jq as to Python.  `-T fields` and `-T
# ek` have both, and with `--no-duplicate-keys` "ip" is a list, but only where there are two: a script has to
# expect both.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v wireshark-common=$v libwireshark-data=$v \
  jq=1.6-2.1+deb12u3 libjq1=1.6-2.1+deb12u3 libonig5=6.9.8-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

def packet(protocol, source, target, data):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, 0x4000, 64, protocol, 0, source, target) + data

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 0x10, 64240, 0, 0)
inner = packet(6, b"\x0a\0\0\1", b"\x0a\0\0\2", tcp)
data = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + packet(4, b"\xc0\0\2\1", b"\xc0\0\2\x50", inner)
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
shark() { root/usr/bin/tshark -n -r in.pcap "$@" 2>/dev/null; }
shark -T json >twice.json
shark -T json --no-duplicate-keys >once.json
cat >read.py <<'END'
import json
import sys

with open(sys.argv[1]) as file:
    ip = json.load(file)[0]["_source"]["layers"]["ip"]
print([one["ip.src"] for one in ip] if isinstance(ip, list) else ip["ip.src"])
END
seen="fields: $(shark -T fields -e ip.src)
JSON: \"ip\" $(grep -c '"ip": {' twice.json) times
jq: $(root/usr/bin/jq -r '.[0]._source.layers.ip["ip.src"]' twice.json)
Python: $(python3 read.py twice.json)
without duplicate keys: $(python3 read.py once.json)"
echo "$seen"
[ "$seen" = "fields: 192.0.2.1,10.0.0.1
JSON: \"ip\" 2 times
jq: 10.0.0.1
Python: 10.0.0.1
without duplicate keys: ['192.0.2.1', '10.0.0.1']" ]
