#!/bin/sh
# Where the capture misses a segment, the raw stream that `tshark -z follow,tcp,raw` gives holds 35 bytes that nobody
# sent: tshark's own remark, in hexadecimal like the rest.
#
# Seen with tshark 4.0.17 (Debian 12).  "[20 bytes missing in capture file]" is for readers; in raw mode, made for
# `xxd -r -p`, it is written as data, with the zero byte that ends the C string.  20 bytes A, 20 that the capture
# missed, and 20 bytes C come out as 75 bytes where 40 were captured and 60 sent: what follows stands 15 bytes
# further on, and neither status nor messages differ from those of a whole stream.
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
packets = [frame(True, 1000, 0, SYN), frame(False, 5000, 1001, SYN_ACK), frame(True, 1001, 5001, ACK),
           frame(True, 1001, 5001, DATA, b"A" * 20), frame(True, 1041, 5001, DATA, b"C" * 20),
           frame(False, 5001, 1061, ACK)]               # the server had what the capture misses
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, data in enumerate(packets):
        file.write(struct.pack("<IIII", 1700000000, number * 1000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
root/usr/bin/tshark -n -r in.pcap -q -z follow,tcp,raw,0 2>/dev/null | sed -n '/^[0-9a-f]*$/p' >hex
seen=$(python3 -c 'print(bytes.fromhex(open("hex").read()))')
echo "$seen"
[ "$seen" = "b'AAAAAAAAAAAAAAAAAAAA[20 bytes missing in capture file]\\x00CCCCCCCCCCCCCCCCCCCC'" ]
