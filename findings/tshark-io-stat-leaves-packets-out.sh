#!/bin/sh
# `tshark -z io,stat,1` counts four of five packets that come one each second: the last, on the end of an interval,
# stands in no row.  Where the clock went back, it counts the packets behind that in the wrong row, and one not at all.
#
# Seen with tshark 4.0.17 (Debian 12).  A packet on a border belongs to the interval that begins there, and none begins
# at the end of the capture: five packets at 0, 1, 2, 3 and 4 s make rows with four of them, and with intervals of 2 s
# it is four again.  With the last at 4.5 s there are five.  Of eight packets, whose clock was set back by 2 s in the
# middle, the last row has four that belong into three rows, and the last packet, later than all others, is missing.
# With the interval 0, one row for all, each is there.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v wireshark-common=$v libwireshark-data=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

TIMES = {"even": (0, 1, 2, 3, 4), "half": (0, 1, 2, 3, 4.5), "back": (0.5, 1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 4.5)}
for name, times in TIMES.items():
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for time in times:
            data = (bytes(12) + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 28, 1, 0, 64, 17, 0) +
                    b"\xc0\0\x02\x01\xc0\0\x02\x02" + struct.pack(">HHHH", 40000, 7000, 8, 0))
            second, rest = divmod(int(1000000 * time), 1000000)
            file.write(struct.pack("<IIII", 1700000000 + second, rest, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
rows() {
  root/usr/bin/tshark -n -q -r "$1" -z "io,stat,$2" 2>/dev/null |
    sed -n 's/^|.*<>[^|]*| *\([0-9]*\) |.*/\1/p' | paste -s -d ' '
}
seen="each second: $(rows even 1), by two: $(rows even 2), all: $(rows even 0)
last half a second later: $(rows half 1)
clock set back: $(rows back 1), all: $(rows back 0)"
echo "$seen"
[ "$seen" = "each second: 1 1 1 1, by two: 2 2, all: 5
last half a second later: 1 1 1 1 1
clock set back: 1 1 1 4, all: 8" ]
