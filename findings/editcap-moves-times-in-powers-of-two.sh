#!/bin/sh
# Each copy by editcap makes the times of a pcapng capture earlier by one tick, when a tick is a power of 1/2:
# ten copies, ten ticks.
#
# Seen with editcap 4.0.17 (Debian 12).  if_tsresol may name a power of 10 or of 2.  A time is read into
# nanoseconds, rounded down, and written back in ticks of the original, rounded down once more: it falls just
# below the tick that it came from.  Times that are whole nanoseconds, the multiples of 1/512 s, stay, so
# distances change, too: with ticks of 2^-20 s a round trip of 954 microseconds takes 944 after ten copies.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >pcapng.py <<'END'
import struct
import sys

def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

START = 1700000000
if sys.argv[1] == "write":
    power = int(sys.argv[2])
    with open("0.pcapng", "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHI", 9, 1, 0x80 | power) + b"\0\0\0\0"))
        for tick in 0, 1000:
            time = START * 2 ** power + tick
            file.write(block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, 60, 60) + bytes(60)))
else:
    data, at, ticks = open(sys.argv[2], "rb").read(), 0, []
    while at < len(data):
        kind, length = struct.unpack("<II", data[at:at + 8])
        if kind == 1:
            resolution = data[at + 16:at + length].split(struct.pack("<HH", 9, 1))[1][0] & 0x7F
        if kind == 6:
            high, low = struct.unpack("<II", data[at + 12:at + 20])
            ticks.append((high << 32 | low) - START * 2 ** resolution)
        at += length
    print("2^-%d s: %s" % (resolution, ticks))
END
seen=$(for power in 16 20; do
  python3 pcapng.py write $power
  python3 pcapng.py read 0.pcapng
  for copy in 1 2 3 4 5 6 7 8 9 10; do
    LD_LIBRARY_PATH=$lib root/usr/bin/editcap $((copy - 1)).pcapng $copy.pcapng
  done
  python3 pcapng.py read 10.pcapng
done)
echo "$seen"
[ "$seen" = "2^-16 s: [0, 1000]
2^-16 s: [0, 990]
2^-20 s: [0, 1000]
2^-20 s: [0, 990]" ]
