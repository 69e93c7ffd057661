#!/bin/sh
# Of a transfer whose segments all have 1,460 bytes tcptrace says that they have 1,459 on average: below its own
# minimum, three lines above.
#
# Seen with tcptrace 6.6.7 (Debian 12).  So as not to divide by zero it divides by the number of segments and a
# thousandth more, and cuts off what is behind the point.  Where all segments are alike that is one byte less than each
# of them has: 1,459 of 1,460, and of a single request of 18 bytes 17.  Who takes the average for the size of the
# segments, as for the tunnel's overhead or the MSS, looks for the byte that a device took.  Segments of 1,000 and 1,001
# bytes, half of each, come out right, with 1,000.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tcptrace=6.6.7-6+b1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >make.py <<'END'
import struct
import sys

CLIENT, SERVER = b"\xc0\0\x02\x01", b"\xc0\0\x02\x50"

def segment(up, seq, ack, flags, data):
    ports, hosts = ((40000, 80), CLIENT + SERVER) if up else ((80, 40000), SERVER + CLIENT)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), seq & 0xffff, 0x4000, 64, 6, 0) + hosts
    return (bytes(12) + b"\x08\0" + ip + struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65000, 0, 0) + data)

packets = [segment(True, 999, 0, 2, b""), segment(False, 4999, 1000, 18, b""), segment(True, 1000, 5000, 16, b"")]
seq = 1000
for size in map(int, sys.argv[2:]):
    packets.append(segment(True, seq, 5000, 24, bytes(size)))
    seq += size
    packets.append(segment(False, 5000, seq, 16, b""))
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for n, data in enumerate(packets):
        file.write(struct.pack("<IIII", 1700000000, n * 10000, len(data), len(data)) + data)
END
sizes() {
  python3 make.py in.pcap "$@"
  LD_LIBRARY_PATH="$lib" root/usr/bin/tcptrace -l in.pcap 2>&1 |
    sed -n 's/^ *\(actual data pkts\|m[axin]* segm size\|avg segm size\): *\([0-9]*\).*/\2/p' | paste -s -d ' '
}
# segments, largest, smallest, average
seen="$(sizes 1460 1460 1460 1460)
$(sizes 18)
$(sizes 1000 1001 1000 1001)"
echo "$seen"
[ "$seen" = "4 1460 1460 1459
1 18 18 17
4 1001 1000 1000" ]
