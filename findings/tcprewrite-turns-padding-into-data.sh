#!/bin/sh
# Whatever it is asked to change, tcprewrite makes payload of the padding of short Ethernet frames: with a new
# MAC address, a bare acknowledgement of 40 bytes becomes an IP packet of 46, with 6 bytes of data.
#
# Seen with tcprewrite 4.4.3 (Debian 12).  It sets the IP length to what the frame holds, padding included,
# with a fresh checksum, so nothing looks wrong.  The numbers are as they were: each acknowledgement carries
# the bytes that the next real segment carries, and tshark takes most of them for retransmissions.  One that
# was captured at its sender, before the padding, stays as it is, and so does IPv6.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tcpreplay=4.4.3-1 libdumbnet1=1.16.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >pcap.py <<'END'
import struct
import sys

def acknowledgement():
    tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 0x10, 64240, 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0xB67C, b"\xc0\0\2\1", b"\xc0\0\2\x50")
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

if sys.argv[1] == "write":
    with open("in.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for data in acknowledgement(), acknowledgement().ljust(60, b"\0"):
            file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
else:
    data, at, seen = open("out.pcap", "rb").read(), 24, []
    while at < len(data):
        ip_at = at + 16 + 14
        seen.append(struct.unpack("!H", data[ip_at + 2:ip_at + 4])[0])
        words = struct.unpack("!10H", data[ip_at:ip_at + 20])
        assert sum(words) % 0xFFFF == 0                     # the sum of the header is right
        at += 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
    print("IP length 40 becomes %d in a frame of 54 bytes, %d in a frame of 60" % tuple(seen))
    raise SystemExit(seen != [40, 46])
END
python3 pcap.py write
LD_LIBRARY_PATH=$lib root/usr/bin/tcprewrite --enet-dmac=02:00:00:00:00:09 --infile=in.pcap --outfile=out.pcap \
  >run.log 2>&1 || { cat run.log; exit 1; }
python3 pcap.py read
