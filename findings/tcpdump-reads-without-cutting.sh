#!/bin/sh
# `tcpdump -r FILE -s 96 -w OTHER`, meant to keep headers and leave payload behind, writes every packet whole,
# and says nothing.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  `-s` is asked of a device alone; with `-r` it is
# taken and ignored.  The copy is the original to the last byte, and has the snapshot length of the original
# in its header: who hands it on hands on what was said, too.  editcap -s cuts.
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

tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 1, 0x50, 0x18, 64240, 0, 0) + b"what nobody else should read. " * 40
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
data = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
END
LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root -n -r in.pcap -s 96 -w out.pcap 2>run.log
cat run.log
echo "in.pcap $(wc -c <in.pcap) bytes, out.pcap with -s 96 $(wc -c <out.pcap)"
cmp in.pcap out.pcap
[ "$(wc -l <run.log)" = 1 ]
