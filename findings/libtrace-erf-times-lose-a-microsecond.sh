#!/bin/sh
# A capture that libtrace takes to ERF and back has nearly all of its times a microsecond early.
#
# Seen with libtrace-tools 3.0.22 (Debian 12).  ERF counts in 2^-32 s, 4,295 of which are a microsecond: fine
# enough, one thinks.  But a time is rounded down on the way there, and down again on the way back, when a
# fraction of a nanosecond lacks to the microsecond that it was.  Of the 1,000 milliseconds of a second 992
# come back a microsecond early; the multiples of 1/8 s stay, so even distances between packets change.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends \
  -o Dir::Cache::archives="$PWD/debs" install libtrace-tools=3.0.22-0.1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >pcap.py <<'END'
import struct
import sys

if sys.argv[1] == "write":
    with open("in.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for ms in range(1000):
            file.write(struct.pack("<IIII", 1700000000, ms * 1000, 60, 60) + bytes(60))
else:
    data, at, off = open("out.pcap", "rb").read(), 24, []
    while at < len(data):
        off.append(struct.unpack("<I", data[at + 4:at + 8])[0] - 1000 * len(off))
        at += 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
    print("%d packets: %d as they were, %d a microsecond early" % (len(off), off.count(0), off.count(-1)))
    raise SystemExit((len(off), off.count(0), off.count(-1)) != (1000, 8, 992))
END
python3 pcap.py write
for ends in 'pcapfile:in.pcap erf:out.erf' 'erf:out.erf pcapfile:out.pcap'; do
  # shellcheck disable=SC2086
  LD_LIBRARY_PATH=$lib root/usr/bin/tracesplit -z 0 -Z none $ends >>run.log 2>&1 || { cat run.log; exit 1; }
done
python3 pcap.py read
