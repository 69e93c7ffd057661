#!/bin/sh
# A frame longer than the snapshot length that its file states: libpcap reads it from pcap
# and stops at it in pcapng, though one writer wrote both.
#
# Seen with python3-dpkt 1.9.8-1 and tcpdump 4.99.3-1 on libpcap 1.10.3 (Debian 12).  dpkt
# states 1500 in both formats, the length of an IP packet, and writes Ethernet frames of
# 1514 bytes whole.  tcpdump prints all six packets of the pcap file.  Of the same packets in
# pcapng it prints two, then "invalid packet capture length 1514, bigger than snaplen of
# 1500", and ends with status 1: what follows the first full-sized frame is lost.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  python3-dpkt=1.9.8-1 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

PYTHONPATH=root/usr/lib/python3/dist-packages python3 - <<'END'
import struct
import dpkt

def frame(number, length):
    tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1000 + number * 1460, 1, 0x50, 0x10, 64240, 0, 0) + b"x" * length
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number + 1, 0x4000, 64, 6, 0,
                     bytes([192, 0, 2, 1]), bytes([192, 0, 2, 80]))
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

for name, writer in (("six.pcap", dpkt.pcap.Writer), ("six.pcapng", dpkt.pcapng.Writer)):
    with open(name, "wb") as file:
        w = writer(file)
        for number in range(6):
            w.writepkt(frame(number, 1460 if number % 3 == 2 else 100), 1700000000 + number)
END

count() {
  LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root -nr "$1" 2>"$1.err" | grep -c " IP "
}
pcap=$(count six.pcap || true)
pcapng=$(count six.pcapng || true)
echo "pcap: $pcap of 6 packets; pcapng: $pcapng of 6, $(tail -n 1 six.pcapng.err)"
[ "$pcap" = 6 ] && [ "$pcapng" = 2 ] && grep -q "bigger than snaplen of 1500" six.pcapng.err
