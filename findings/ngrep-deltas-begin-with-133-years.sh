#!/bin/sh
# `ngrep -T -I FILE` says of the first packet of an old capture that it came more than a hundred years after the one
# before, and of one where the clock was set back by 4 s that it came 4,294,967,292 s later.
#
# Seen with ngrep 1.47 (Debian 12).  -T prints "the delta between packet matches".  For the first there is none before;
# ngrep takes the time at which it was started, and a difference below zero, as each to a file that was written before,
# turns over at 2^32 seconds.  What stands there is another number whenever the same file is read.  The differences
# after it are right as long as time goes forwards; a sum or a largest of them is not.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install ngrep=1.47+ds1-5+b1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in 10, 11, 14, 10, 12:
        data = (bytes(12) + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 32, 1, 0, 64, 17, 0) +
                b"\xc0\0\x02\x01\xc0\0\x02\x50" + struct.pack(">HHHH", 40000, 7000, 12, 0) + b"text")
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(data), len(data)) + data)
END
deltas=$(LD_LIBRARY_PATH="$lib" root/usr/bin/ngrep -q -T -I in.pcap text 2>&1 | sed -n 's/^U +\([0-9.]*\) .*/\1/p')
seen=$(printf '%s\n' "$deltas" | python3 -c '
import sys
import time
first, *others = map(float, sys.stdin)
off = first - (1700000010 - time.time()) % 2**32
print("first:", "as to now, turned over" if abs(off) < 60 else first)
print("others:", *("%.0f" % one for one in others))')
echo "$deltas"
echo "$seen"
[ "$seen" = "first: as to now, turned over
others: 1 3 4294967292 2" ]
