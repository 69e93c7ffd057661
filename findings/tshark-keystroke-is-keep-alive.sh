#!/bin/sh
# A key stroke that was lost and sent again is labelled keep-alive, and no retransmission, by
# tshark; two bytes under the same circumstances are a retransmission.
#
# Seen with tshark 4.0.17 (Debian 12).  Its rule goes by length (0 or 1) and number (one below
# the next), and does not ask whether the byte was ever acknowledged; a keep-alive repeats one
# that was (RFC 9293, 3.8.4; RFC 1122, 4.2.3.6).  Who counts tcp.analysis.retransmission sees no loss in an interactive
# session that loses every second key.
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
    ends = (b"\xc0\0\2\1", b"\xc0\0\2\x50")
    ports = (40000, 22)
    if not client:
        ends, ports = ends[::-1], ports[::-1]
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

SYN, SYN_ACK, ACK, DATA = 2, 18, 16, 24
packets = [
    (0, frame(True, 1000, 0, SYN)), (10, frame(False, 5000, 1001, SYN_ACK)), (20, frame(True, 1001, 5001, ACK)),
    (100, frame(True, 1001, 5001, DATA, b"k")),      # lost behind the capture point: nobody acknowledges it
    (320, frame(True, 1001, 5001, DATA, b"k")),      # 5: sent again
    (330, frame(False, 5001, 1002, ACK)),
    (400, frame(True, 1002, 5001, DATA, b"ke")),     # the same with two bytes
    (620, frame(True, 1002, 5001, DATA, b"ke")),     # 8
    (630, frame(False, 5001, 1004, ACK)),
]
with open("keys.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for ms, data in packets:
        file.write(struct.pack("<IIII", 1700000000, ms * 1000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
labelled() {
  root/usr/bin/tshark -n -r keys.pcap -Y "$1" \
    -T fields -e frame.number 2>/dev/null | tr '\n' ' '
}
keep_alives=$(labelled tcp.analysis.keep_alive)
retransmissions=$(labelled tcp.analysis.retransmission)
echo "keep-alives: frame $keep_alives; retransmissions: frame $retransmissions"
[ "$keep_alives" = "5 " ] && [ "$retransmissions" = "8 " ]
