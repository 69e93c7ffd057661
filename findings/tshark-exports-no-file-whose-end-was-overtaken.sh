#!/bin/sh
# `tshark --export-objects http,DIR` writes nothing of a download whose last two segments came in the wrong order, and
# 24 pieces, a third of it, where the first two did; two in the middle do no harm.
#
# Seen with tshark 4.0.17 (Debian 12).  By default Wireshark puts messages together without sorting what is out of order
# (`tcp.reassemble_out_of_order` is FALSE).  A gap is filled when its segment comes, unless the last one has come before
# its time; and without the first there is no length to collect by.  The answer is then no HTTP to filters, either:
# `-Y http.response` shows one of the two that the connection has.  No byte is missing from the captures, and nothing
# is said.  With the preference set all four give both files whole.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tshark=$v wireshark-common=$v libwireshark16=$v libwiretap13=$v \
  libwsutil14=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

SYN, SYN_ACK, ACK, PSH_ACK = 2, 18, 16, 24

def frame(client, seq, ack, flags, data=b""):
    ports = (40000, 80) if client else (80, 40000)
    ends = (b"\xc0\0\2\1", b"\xc0\0\2\x50") if client else (b"\xc0\0\2\x50", b"\xc0\0\2\1")
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

def answer(body):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body

big, small = answer(bytes(n * 7 % 251 for n in range(100000))), answer(b"abc")
asked = [b"GET /%s HTTP/1.1\r\nHost: web.example\r\n\r\n" % name for name in (b"big", b"small")]
for name, early in ("sound", None), ("first", 0), ("middle", 30), ("last", -2):
    parts = [(at, big[at:at + 1460]) for at in range(0, len(big), 1460)]
    if early is not None:
        early %= len(parts)
        parts[early:early + 2] = parts[early + 1], parts[early]
    seq, ack = 1001, 5001
    frames = [frame(True, 1000, 0, SYN), frame(False, 5000, 1001, SYN_ACK), frame(True, seq, ack, ACK)]
    frames.append(frame(True, seq, ack, PSH_ACK, asked[0]))
    seq += len(asked[0])
    frames += [frame(False, ack + at, seq, ACK, data) for at, data in parts]
    ack += len(big)
    frames += [frame(True, seq, ack, PSH_ACK, asked[1]), frame(False, ack, seq + len(asked[1]), PSH_ACK, small)]
    with open(name + ".pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack("<IIII", 1700000000, number * 1000, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" HOME="$tmp"
exported() {
  rm -rf files
  root/usr/bin/tshark -q -r "$@" --export-objects http,files 2>run.log || { cat run.log >&2; exit 1; }
  echo "big $(find files -name 'big*' | wc -l) of $(find files -name 'big*' -exec cat {} + | wc -c) bytes," \
    "small $(find files -name 'small*' | wc -l)"
}
answers() { root/usr/bin/tshark -r "$1" -Y http.response 2>/dev/null | wc -l; }
sorted=tcp.reassemble_out_of_order:TRUE
seen=$(for name in sound first middle last; do
  echo "$name: $(exported $name.pcap), answers $(answers $name.pcap)"
  echo "$name, sorted: $(exported $name.pcap -o $sorted)"
done)
echo "$seen"
[ "$seen" = "sound: big 1 of 100000 bytes, small 1, answers 2
sound, sorted: big 1 of 100000 bytes, small 1
first: big 24 of 33982 bytes, small 1, answers 1
first, sorted: big 1 of 100000 bytes, small 1
middle: big 1 of 100000 bytes, small 1, answers 2
middle, sorted: big 1 of 100000 bytes, small 1
last: big 0 of 0 bytes, small 1, answers 1
last, sorted: big 1 of 100000 bytes, small 1" ]
