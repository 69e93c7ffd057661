#!/bin/sh
# Cut the handshake off a capture, and what tshark called out of order is a retransmission: the packets in question
# are the same, to the microsecond.
#
# Seen with tshark 4.0.17 (Debian 12).  A segment that fills a gap is out of order to tshark while less than a round
# trip has passed, and the round trip that it asks is that of the handshake (iRTT); without one it takes 3 ms.  A
# segment that was overtaken and comes 20 ms late on a path of 50 ms turns into a loss when the first three packets
# are filtered away, lie in the piece that editcap or a ring buffer made before, or were sent before the capture
# began.  A long connection is judged by its first 50 ms or by none.
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

def frame(client, seq, ack, flags, data=b""):
    ends, ports = (b"\xc0\0\2\1", b"\xc0\0\2\x50"), (40000, 80)
    if not client:
        ends, ports = ends[::-1], ports[::-1]
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

SYN, SYN_ACK, ACK, DATA = 2, 18, 16, 24
packets = [(0, True, 1000, 0, SYN), (50, False, 5000, 1001, SYN_ACK), (50, True, 1001, 5001, ACK),
           (60, True, 1001, 5001, DATA, b"q" * 100),
           (110, False, 5001, 1101, DATA, b"a" * 1000), (111, False, 7001, 1101, DATA, b"c" * 1000),
           (111, True, 1101, 6001, ACK),
           (112, False, 8001, 1101, DATA, b"d" * 1000), (131, False, 6001, 1101, DATA, b"b" * 1000),
           (132, True, 1101, 9001, ACK)]
for name, first in ("whole", 0), ("rest", 3):
    with open(name + ".pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for ms, *what in packets[first:]:
            data = frame(*what)
            file.write(struct.pack("<IIII", 1700000000, ms * 1000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
seen=$(for file in whole rest; do
  for label in out_of_order retransmission; do
    echo "$file: $label $(root/usr/bin/tshark -n -r $file.pcap -Y tcp.analysis.$label 2>/dev/null | wc -l)"
  done
done)
echo "$seen"
[ "$seen" = "whole: out_of_order 1
whole: retransmission 0
rest: out_of_order 0
rest: retransmission 1" ]
