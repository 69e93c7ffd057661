#!/bin/sh
# `not vlan and tcp port 80` finds no packet of a capture without VLANs, and `tcp port 80 and not vlan` finds all of
# them: in a capture filter, what is true depends on what was asked before.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  The word `vlan` does two things: it asks for a tag, and it
# moves all that stands behind it in the text by the four bytes of one, be it behind `not`, `or` or a closing bracket.
# So `vlan or tcp port 80` shows tagged packets alone, and `(vlan and tcp port 80) or tcp port 80`, meant to show
# both kinds, leaves out those without a tag; with its halves exchanged it shows them.  Of two packets to port 80, one
# of them tagged, three of six filters lose the plain one, and none warns.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 16, 64240, 0, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50") + tcp
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second, tag in enumerate((b"", b"\x81\0\0\x64")):
        data = b"\2\0\0\0\0\1\2\0\0\0\0\2" + tag + b"\x08\0" + ip
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(data), len(data)) + data)
END
cat >filters <<'END'
tcp port 80 and not vlan
not vlan and tcp port 80
tcp port 80 or vlan
vlan or tcp port 80
tcp port 80 or (vlan and tcp port 80)
(vlan and tcp port 80) or tcp port 80
END
export LD_LIBRARY_PATH="$lib"
seen=$(while read -r filter; do
  root/usr/bin/tcpdump -Z root -n -e -r in.pcap "$filter" >shown 2>run.log </dev/null
  sed -n 's/.* vlan 100,.*/tagged/p; t; s/.*/plain/p' shown | paste -s -d ' ' | sed "s/^\$/none/; s/^/$filter: /"
  grep -v '^reading from file' run.log || true
done <filters)
echo "$seen"
[ "$seen" = "tcp port 80 and not vlan: plain
not vlan and tcp port 80: none
tcp port 80 or vlan: plain tagged
vlan or tcp port 80: tagged
tcp port 80 or (vlan and tcp port 80): plain tagged
(vlan and tcp port 80) or tcp port 80: tagged" ]
