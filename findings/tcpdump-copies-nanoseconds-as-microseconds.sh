#!/bin/sh
# A capture in nanoseconds that tcpdump filters into another file is one in microseconds: `tcpdump -r FILE -w OTHER
# tcp` cuts off the last three digits of each time, and says nothing.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  libpcap hands out microseconds unless a program asks for
# more, and tcpdump asks if `--nano` is given, which one thinks of while capturing or printing, not while copying.
# The copy even states it: its magic number is that of microseconds.  A request and its answer 700 ns apart are
# 1,000 ns apart in the copy, the next ones 0; with `--nano` it is as exact as the original.
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
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
    for ns in 500, 1200, 2000, 2700:
        file.write(struct.pack("<IIII", 1700000000, ns, 60, 60) + bytes(60))
END
for how in micro nano; do
  option=
  [ $how = micro ] || option=--nano
  # shellcheck disable=SC2086
  LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root $option -r in.pcap -w $how.pcap 2>/dev/null
done
python3 - <<'END'
import struct

seen = []
for name in "in", "micro", "nano":
    data = open(name + ".pcap", "rb").read()
    tick = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack("<I", data[:4])[0]]
    ns = [struct.unpack("<I", data[at + 4:at + 8])[0] * tick for at in range(24, len(data), 76)]
    seen.append((name, ns[1] - ns[0], ns[3] - ns[2]))
    print("%s: answers after %d and %d ns" % seen[-1])
raise SystemExit(seen != [("in", 700, 700), ("micro", 1000, 0), ("nano", 700, 700)])
END
