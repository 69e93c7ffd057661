#!/bin/sh
# A capture whose addresses tcprewrite has replaced still holds them: in each ICMP error, which carries the head of the
# packet that it is about.
#
# Seen with tcprewrite 4.4.3 and tshark 4.0.17 (Debian 12).  `--seed` and `--pnat` change the addresses of IP headers
# and those within ARP, so one takes the whole packet for changed.  The IP header within an ICMP error stays as it was
# captured.  Of a SYN, a "time exceeded" about it and an ARP request for the same host, the real addresses stand in the
# second, be they replaced by chance or by a table: who was to stay unknown is named.  And what the error is about is no
# packet of the new capture, whose SYN looks as if nothing had come back.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tcpreplay=4.4.3-1 libdumbnet1=1.16.3-1 libpcap0.8=1.10.3-1 tshark=$v \
  libwireshark16=$v libwiretap13=$v libwsutil14=$v wireshark-common=$v libwireshark-data=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

CLIENT, SERVER, ROUTER, MACS = b"\xc0\0\2\1", b"\xc0\0\2\x50", b"\xc0\0\2\xfe", b"\2\0\0\0\0\1\2\0\0\0\0\2"

def packet(protocol, source, target, data):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, 0x4000, 64, protocol, 0, source, target) + data

syn = packet(6, CLIENT, SERVER, struct.pack("!HHIIBBHHH", 40000, 80, 1000, 0, 0x50, 2, 64240, 0, 0))
exceeded = packet(1, ROUTER, CLIENT, struct.pack("!BBHI", 11, 0, 0, 0) + syn[:28])
arp = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, MACS[6:], CLIENT, bytes(6), SERVER)
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for kind, data in (b"\x08\0", syn), (b"\x08\0", exceeded), (b"\x08\x06", arp):
        file.write(struct.pack("<IIII", 1700000000, 0, 14 + len(data), 14 + len(data)) + MACS + kind + data)
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
rewrite() {
  root/usr/bin/tcprewrite "$2" --infile=in.pcap --outfile="$1.pcap" >run.log 2>&1 || { cat run.log >&2; exit 1; }
}
rewrite table --pnat=192.0.2.0/24:198.51.100.0/24
rewrite chance --seed=7
fields() {
  root/usr/bin/tshark -n -r "$1.pcap" -Y "$2" -T fields -E separator=' ' -e ip.src -e ip.dst -e arp.dst.proto_ipv4 \
    2>/dev/null
}
seen="table, SYN: $(fields table tcp.flags.syn==1\&\&!icmp)
table, ARP for: $(fields table arp)
table, ICMP error: $(fields table icmp)
packets with 192.0.2.1 in them: $(for name in in table chance; do
  root/usr/bin/tshark -n -r $name.pcap -Y 'frame contains c0:00:02:01' 2>/dev/null | wc -l
done | paste -s -d ' ')"
echo "$seen"
[ "$seen" = "table, SYN: 198.51.100.1 198.51.100.80 
table, ARP for:   198.51.100.80
table, ICMP error: 198.51.100.254,192.0.2.1 198.51.100.1,192.0.2.80 
packets with 192.0.2.1 in them: 3 1 1" ]
