#!/bin/sh
# `tcpdump 'tcp port 443'` leaves out just the largest segments of a fast transfer over IPv6, those of more than 64 KB,
# though it prints them as TCP when it is not asked to filter.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  A length above 65,535 does not fit into the IPv6 header; it
# stands in a jumbo payload option of a hop-by-hop header (RFC 2675, 2), as Linux makes it for its own captures with
# BIG TCP.  `tcp` asks whether the next header is TCP, and it is hop-by-hop.  Of 71,000 bytes of payload in two
# packets the filter shows 1,000.  Over IPv4, where Linux writes a total length of 0 for them, the filter takes the
# large one, and tcpdump prints "IP bad-len 0" of it, without ports, numbers or length.
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

def frame(version, seq, length):
    tcp = struct.pack("!HHIIBBHHH", 40000, 443, seq, 5001, 0x50, 0x18, 64240, 0, 0) + bytes(length)
    jumbo = len(tcp) > 65000
    if version == 4:
        ends = b"\xc0\0\2\1", b"\xc0\0\2\x50"
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0 if jumbo else 20 + len(tcp), 1, 0x4000, 64, 6, 0, *ends)
    else:
        hop = struct.pack("!BBBBI", 6, 0, 0xC2, 4, 8 + len(tcp)) if jumbo else b""
        ends = [b"\x20\1\x0d\xb8".ljust(15, b"\0") + end for end in (b"\1", b"\x50")]
        ip = struct.pack("!IHBB16s16s", 0x60000000, 0 if jumbo else len(tcp), 0 if jumbo else 6, 64, *ends) + hop
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + (b"\x08\0" if version == 4 else b"\x86\xdd") + ip + tcp

for version in 4, 6:
    with open("ipv%d.pcap" % version, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for data in frame(version, 1001, 1000), frame(version, 2001, 70000):
            file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
dump() { root/usr/bin/tcpdump -Z root -n -t -r "$@" 2>/dev/null; }
seen=$(for version in 4 6; do
  lengths=$(dump ipv$version.pcap | sed -n 's/.*, length \([0-9]*\).*/\1/p; /bad-len/p' | paste -s -d ' ')
  matched=$(dump ipv$version.pcap 'tcp port 443' | wc -l)
  echo "IPv$version: $(dump ipv$version.pcap | wc -l) packets, $matched by the filter; payload printed: $lengths"
done)
echo "$seen"
[ "$seen" = "IPv4: 2 packets, 2 by the filter; payload printed: 1000 IP bad-len 0
IPv6: 2 packets, 1 by the filter; payload printed: 1000 70000" ]
