#!/bin/sh
# A filter and its negation do not share a capture between them: packets that are too short for what the
# filter asks match neither of the two.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  A load from behind the end of the captured bytes
# ends a BPF program with "no match", whatever `not` stands around it.  So `not (tcp[20:4] = 0x47455420)`, all
# but the requests, leaves out each acknowledgement without data: of three, and one request, it shows none.
# With the padding that the same acknowledgements have at their receiver, it shows all three.  And of packets
# that were cut behind their IP header `tcp` matches all, `tcp port 80` none, and `not tcp port 80` none.
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

def frame(data):
    tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 0x18, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

frames = [frame(b"GET / HTTP/1.0\r\n\r\n")] + [frame(b"")] * 3
for name, least, most in ("sender", 0, 65535), ("receiver", 60, 65535), ("cut", 0, 34):
    with open(name + ".pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, most, 1))
        for data in frames:
            data = data.ljust(least, b"\0")
            file.write(struct.pack("<IIII", 1700000000, 0, min(most, len(data)), len(data)) + data[:most])
END

count() {
  LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root -n -t -r "$1.pcap" "$2" 2>/dev/null | grep -c '^IP ' || true
}
seen=$(for file in sender receiver; do
  echo "$file: requests $(count $file 'tcp[20:4] = 0x47455420'), others $(count $file 'not (tcp[20:4] = 0x47455420)')"
done
echo "cut: tcp $(count cut tcp), port $(count cut 'tcp port 80'), others $(count cut 'not tcp port 80')")
echo "$seen"
[ "$seen" = "sender: requests 1, others 0
receiver: requests 1, others 3
cut: tcp 4, port 0, others 0" ]
