#!/bin/sh
# tcpdump cuts a capture that it reads from a file by the clock on the wall: `-r FILE -G 3600 -w NAME` makes
# one piece of ten hours of packets, and names it by the hour in which the command ran.
#
# Seen with tcpdump 4.99.3 (Debian 12).  While it captures, the time of a packet and the clock are the same,
# so one thinks that `-G` goes by the packets, as editcap's `-i` does; with `-r` it still asks the clock.  A
# file that was to be cut into hours stays whole, and %H in its name says when it was copied.
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

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for hour in range(10):
        file.write(struct.pack("<IIII", 1699999200 + 3600 * hour + 7, 0, 60, 60) + bytes(60))
END

LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root -n -r in.pcap -G 3600 -w 'out-%Y.pcap' 2>run.log ||
  { cat run.log; exit 1; }
for piece in out-*; do
  echo "captured in 2023, 10 packets, one an hour: $piece has $((($(wc -c <"$piece") - 24) / 76))"
done
[ ! -e out-2023.pcap ]
set -- out-*
[ $# = 1 ]
[ "$(wc -c <"$1")" = $((24 + 10 * 76)) ]
