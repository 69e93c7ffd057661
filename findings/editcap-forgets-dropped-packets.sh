#!/bin/sh
# The plainest copy that editcap or mergecap makes of a pcapng capture, without any option, forgets that the
# capturing system dropped packets: gaps of its own making become losses of the network.
#
# Seen with editcap and mergecap 4.0.17 (Debian 12).  dumpcap writes its drop counts into an Interface
# Statistics Block at the end.  The copies keep packets, interface names, comments and flags, but neither this
# block nor the Name Resolution Block.  capinfos says "Number of stat entries = 1" of the original, and 0 of
# each copy.  Without the count nobody can tell a segment that the network lost from one that the capture
# missed.
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

def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

END_OF_OPTIONS, TIME = b"\0\0\0\0", 1700000000 * 10 ** 6
if sys.argv[1] == "write":
    frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + bytes(46)
    now = struct.pack("<III", 0, TIME >> 32, TIME & 0xFFFFFFFF)              # interface, time
    names = struct.pack("<HH", 1, 12) + b"\xc0\0\2\x50" + b"web.lan\0" + struct.pack("<HH", 0, 0)
    dropped = option(5, struct.pack("<Q", 700))                              # isb_ifdrop
    with open("in.pcapng", "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", 1, 0, 0) + option(2, b"eth9") + END_OF_OPTIONS))
        for _ in range(3):
            file.write(block(6, now + struct.pack("<II", len(frame), len(frame)) + frame))
        file.write(block(4, names))
        file.write(block(5, now + dropped + END_OF_OPTIONS))
else:
    data, at, kinds = open(sys.argv[2], "rb").read(), 0, []
    while at < len(data):
        kind, length = struct.unpack("<II", data[at:at + 8])
        kinds.append({6: "packet", 4: "names", 5: "statistics"}.get(kind))
        at += length
    print(" ".join("%s %d" % (k, kinds.count(k)) for k in ("packet", "names", "statistics")))
END
python3 pcapng.py write
LD_LIBRARY_PATH=$lib root/usr/bin/editcap in.pcapng edited.pcapng
LD_LIBRARY_PATH=$lib root/usr/bin/mergecap -w merged.pcapng in.pcapng
seen=$(for name in in edited merged; do echo "$name: $(python3 pcapng.py read $name.pcapng)"; done)
echo "$seen"
[ "$seen" = "in: packet 3 names 1 statistics 1
edited: packet 3 names 0 statistics 0
merged: packet 3 names 0 statistics 0" ]
