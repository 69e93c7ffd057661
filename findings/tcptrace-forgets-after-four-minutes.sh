#!/bin/sh
# A connection that rests for more than four minutes is two to tcptrace: one that was opened and never closed, and one
# that was closed and never opened.
#
# Seen with tcptrace 6.6.7 (Debian 12).  Its manual speaks of a time after which an idle connection goes in real-time
# mode alone; here it reads a file.  Whatever comes on the same ports 240 seconds after the last packet belongs to a new
# connection, SYN or not, and no option moves that.  Sessions of databases and of ssh, which rest for long, are counted
# twice or more, none of them "complete", with a first round trip, a duration and a throughput that are those of their
# pieces.  After a pause of 239 seconds there is one; after one of 241 seconds there are two, and the same with a
# keep-alive in its middle are one again.
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
ids = {True: 100, False: 200}

def segment(up, seq, ack, flags, data=b""):
    ports, hosts = ((40000, 5432), CLIENT + SERVER) if up else ((5432, 40000), SERVER + CLIENT)
    ids[up] += 1
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), ids[up], 0x4000, 64, 6, 0) + hosts
    return bytes(12) + b"\x08\0" + ip + struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65000, 0, 0) + data

pauses = list(map(int, sys.argv[1:]))
packets = [(0, segment(True, 999, 0, 2)), (0, segment(False, 4999, 1000, 18)), (0, segment(True, 1000, 5000, 16)),
           (0, segment(True, 1000, 5000, 24, b"question")), (0, segment(False, 5000, 1008, 24, b"answer"))]
time = 0
for pause in pauses[:-1]:
    time += pause
    packets += [(time, segment(True, 1007, 5006, 16)), (time, segment(False, 5006, 1008, 16))]
time += pauses[-1]
packets += [(time, segment(True, 1008, 5006, 24, b"another")), (time, segment(False, 5006, 1015, 24, b"answer")),
            (time, segment(True, 1015, 5012, 17)), (time, segment(False, 5012, 1016, 17)),
            (time, segment(True, 1016, 5013, 16))]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for n, (second, data) in enumerate(packets):
        file.write(struct.pack("<IIII", 1700000000 + second, n * 1000, len(data), len(data)) + data)
END
connections() {
  python3 make.py "$@"
  LD_LIBRARY_PATH="$lib" root/usr/bin/tcptrace -n in.pcap 2>&1 |
    sed -n 's/^ *[0-9]*: .*) *\([0-9]*\)> *\([0-9]*\)<\(.*\)/\1 and \2 packets\3/p' | sed 's/  *(/ (/' | paste -s -d ,
}
seen="239 s: $(connections 239)
241 s: $(connections 241)
241 s, a keep-alive after 120: $(connections 120 121)"
echo "$seen"
[ "$seen" = "239 s: 6 and 4 packets (complete)
241 s: 3 and 2 packets,3 and 2 packets
241 s, a keep-alive after 120: 7 and 5 packets (complete)" ]
