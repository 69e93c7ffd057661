#!/bin/sh
# netsniff-ng copies a capture that was written on a big-endian machine into one that nothing opens, itself included: in
# its header the link type stands the other way round, and nothing else does.
#
# Seen with netsniff-ng 0.6.8, tcpdump 4.99.3 on libpcap 1.10.3 and capinfos 4.0.17 (Debian 12) on a little-endian
# machine.  The byte order is that of the machine that captured, as of many routers, and each reader turns what it
# reads.  netsniff-ng copies the records as they are, and the magic number with them; the link type, which it had turned
# to understand it, is written as it was turned.  Ethernet becomes type 16777216.  The status is 0.  A little-endian
# capture comes out as it was, to the last byte; of the other one two bytes differ.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install netsniff-ng=0.6.8-3 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 \
  wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

for name, order in ("little", "<"), ("big", ">"):
    with open(name + ".pcap", "wb") as file:
        file.write(struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for second in range(3):
            data = bytes(12) + b"\x08\0\x45" + bytes(45)
            file.write(struct.pack(order + "IIII", 1700000000 + second, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
copy() {
  root/usr/sbin/netsniff-ng --in "$1" --out "$2" --silent >copy.log 2>&1 || echo "status $?"
  grep -o '[0-9]* packets outgoing' copy.log
}
look() {
  root/usr/bin/tcpdump -n -r "$1" >tcpdump.out 2>tcpdump.err && status=0 || status=$?
  echo "tcpdump: $(wc -l <tcpdump.out) packets, status $status $(grep -o 'unknown.*' tcpdump.err)"
  root/usr/bin/capinfos -M -T -r -c "$1" >capinfos.out 2>&1 && status=0 || status=$?
  echo "capinfos: status $status"
}
seen=$(for name in little big; do
  echo "$name: $(copy $name.pcap $name-copy.pcap), $(cmp -l $name.pcap $name-copy.pcap | wc -l) bytes differ"
  look $name-copy.pcap
done
echo "its own copy: $(copy big-copy.pcap again-copy.pcap)")
echo "$seen"
[ "$seen" = "little: 3 packets outgoing, 0 bytes differ
tcpdump: 3 packets, status 0 
capinfos: status 0
big: 3 packets outgoing, 2 bytes differ
tcpdump: 0 packets, status 1 unknown data link type 16777216 (min 104, max 289)
capinfos: status 2
its own copy: status 1" ]
