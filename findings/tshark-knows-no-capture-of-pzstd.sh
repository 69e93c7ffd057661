#!/bin/sh
# Wireshark reads captures that zstd compressed, but none that pzstd did: it takes them for no capture at all.
#
# Seen with capinfos 4.0.17 and pzstd 1.5.4 (Debian 12), which come with tshark and with zstd.  pzstd, the
# parallel zstd, puts a skippable frame in front of the data (RFC 8878, 3.1.2), and `zstd -d` passes over it.
# Wireshark looks for the magic number of a data frame in the first four bytes and finds another: "isn't a
# capture file in a format Capinfos understands".  Without those first 12 bytes it reads the very file.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v \
  zstd=1.5.4+dfsg2-5+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number in range(5):
        file.write(struct.pack("<IIII", 1700000000 + number, 0, 60, 60) + bytes(60))
END
root/usr/bin/zstd -q in.pcap -o zstd.pcap.zst
root/usr/bin/pzstd -q in.pcap -o pzstd.pcap.zst 2>/dev/null
root/usr/bin/zstd -q -d -c pzstd.pcap.zst | cmp - in.pcap
tail -c +13 pzstd.pcap.zst >rest.pcap.zst
seen=$(for name in zstd pzstd rest; do
  LD_LIBRARY_PATH=$lib root/usr/bin/capinfos -M -c $name.pcap.zst >$name.log 2>&1 || true
  echo "$name: $(sed -n 's/^Number of packets: *//p; s/.*\(isn.t a capture file\).*/\1/p' $name.log)"
done)
echo "$seen"
[ "$seen" = "zstd: 5
pzstd: isn't a capture file
rest: 5" ]
