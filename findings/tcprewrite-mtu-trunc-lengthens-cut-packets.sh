#!/bin/sh
# Told to shorten packets to an MTU, tcprewrite lengthens those that the snapshot length had cut:
# it fills them up with zeros, and forgets how long they were.
#
# Seen with tcprewrite 4.4.3 (Debian 12).  A packet of 1514 bytes on the wire, 96 of them captured,
# leaves `--mtu=576 --mtu-trunc` with 590 captured and 590 on the wire: 494 zero bytes that were
# never sent stand where payload was.  One that was captured whole is cut to 590, as it should be.
# The file grows, every tool takes the zeros for data, and no length says any more that bytes are missing.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tcpreplay=4.4.3-1 libdumbnet1=1.16.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 1, 0x50, 0x10, 64240, 0, 0) + b"x" * 1460
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
data = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for captured in (96, len(data)):
        file.write(struct.pack("<IIII", 1700000000, 0, captured, len(data)) + data[:captured])
END

LD_LIBRARY_PATH=$lib root/usr/bin/tcprewrite --mtu=576 --mtu-trunc --infile=in.pcap --outfile=out.pcap >run.log 2>&1 ||
  { cat run.log; exit 1; }
python3 - <<'END'
import struct

data, at, seen = open("out.pcap", "rb").read(), 24, []
while at < len(data):
    captured, wire = struct.unpack("<II", data[at + 8:at + 16])
    body = data[at + 16:at + 16 + captured]
    seen.append((captured, wire, len(body) - len(body.rstrip(b"\0"))))
    at += 16 + captured
print("captured 96 of 1514 becomes %d of %d with %d zeros; captured whole, %d of %d with %d" % (*seen[0], *seen[1]))
raise SystemExit(seen != [(590, 590, 494), (590, 590, 0)])
END
