#!/bin/sh
# A capture that went through `editcap -F visual` has more bytes of each packet than the packet had: 74 of 70, to which
# tcpdump says "Invalid header", and nothing more.
#
# Seen with editcap 4.0.17 and tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  Frames of Visual Networks have their check
# sum, which the reader takes off the length on the wire; the writer takes none for granted, and writes the lengths of
# frames that have none.  The bytes stay, the length on the wire shrinks by four, and by four more with each further
# copy.  Wireshark shows the packet and grumbles, a count of bytes on the wire is too low, and tcpdump, once the copy is
# pcap again, decodes none of it.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  wireshark-common=$v libwiretap13=$v libwsutil14=$v tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

data = (b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 60, 1, 0x4000, 64, 6, 0) +
        b"\xc0\0\x02\x01\xc0\0\x02\x50" + struct.pack(">HHIIBBHHH", 40000, 7000, 1000, 5000, 0x50, 24, 65000, 0, 0) +
        b"twenty bytes of them")
with open("0.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    file.write(struct.pack("<IIII", 1700000000, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
for n in 1 2 3 4 5; do
  root/usr/bin/editcap -F visual $((n - 1)).pcap out.vnf
  root/usr/bin/editcap -F pcap out.vnf $n.pcap
done
look() {
  python3 -c 'import struct
import sys
with open(sys.argv[1], "rb") as file:
    print("%d bytes of %d," % struct.unpack("<II", file.read()[32:40]), end=" ")' "$1"
  root/usr/bin/tcpdump -n -t -r "$1" 2>/dev/null | sed "s/, win.*//"
}
seen="as it was: $(look 0.pcap)
one pass: $(look 1.pcap)
five passes: $(look 5.pcap)"
echo "$seen"
[ "$seen" = "as it was: 74 bytes of 74, IP 192.0.2.1.40000 > 192.0.2.80.7000: Flags [P.], seq 1000:1020, ack 5000
one pass: 74 bytes of 70, [Invalid header: len(70) < caplen(74)]
five passes: 74 bytes of 54, [Invalid header: len(54) < caplen(74)]" ]
