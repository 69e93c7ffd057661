#!/bin/sh
# A snapshot length that cuts the TCP options hides every label of tshark's analysis: a capture
# full of retransmissions shows none.
#
# Seen with tshark 4.0.17 (Debian 12); 4.4.19 and 4.6.9 do the same.  None of the rules needs the
# options of these segments, and the fixed header is there: sequence numbers, flags, window and
# length are all shown.  The analysis is made, and goes on to the next segments; its result is added
# to the tree after the options, which end the dissection.  So `tcp.analysis.retransmission`
# counts 0 in a capture with 60 bytes a packet, as an old probe takes it, and nothing says why.
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

def frame(client, seq, ack, flags, length=0):
    ends, ports = (b"\xc0\0\2\1", b"\xc0\0\2\x50"), (40000, 80)
    if not client:
        ends, ports = ends[::-1], ports[::-1]
    options = b"\1\1\x08\x0a" + struct.pack("!II", seq, ack)      # timestamps: 12 bytes
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x80, flags, 64240, 0, 0) + options + b"x" * length
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

SYN, SYN_ACK, ACK = 2, 18, 16
packets = [(0, frame(True, 1000, 0, SYN)), (10, frame(False, 5000, 1001, SYN_ACK)), (20, frame(True, 1001, 5001, ACK))]
for i in range(3):                               # each of three segments is sent again a second later
    for late in (0, 1000):
        packets.append((100 + 2000 * i + late, frame(True, 1001 + 100 * i, 5001, ACK, 100)))
    packets.append((1110 + 2000 * i, frame(False, 5001, 1101 + 100 * i, ACK)))

for snaplen in (66, 60):                         # 14 + 20 + 32 bytes of headers, and 6 less
    with open("%d.pcap" % snaplen, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 1))
        for ms, data in packets:
            head = struct.pack("<IIII", 1700000000 + ms // 1000, ms % 1000 * 1000, min(snaplen, len(data)), len(data))
            file.write(head + data[:snaplen])
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
count() {
  root/usr/bin/tshark -n -r "$1.pcap" -Y "$2" 2>/dev/null | wc -l
}
whole=$(count 66 tcp.analysis.retransmission)
cut=$(count 60 tcp.analysis.retransmission)
lengths=$(count 60 "tcp.len == 100 && tcp.seq")
echo "retransmissions with 66 bytes a packet: $whole; with 60: $cut, though $lengths segments show number and length"
[ "$whole" = 3 ] && [ "$cut" = 0 ] && [ "$lengths" = 6 ]
