#!/bin/sh
# What `tshark -Y http -w FILE` writes holds no answers: the same filter, asked of the file that it made, finds the
# requests alone.
#
# Seen with tshark 4.0.17 (Debian 12).  A message in several segments is shown where it is complete, with the last
# of them.  In one pass that segment alone is written, without those before it.  Of three requests and answers the
# copy has six packets, and tshark finds three requests and no answer in it.  With two passes (`-2 -Y http`) tshark
# takes what a match needs along: twelve packets, three answers.  `-2 -R http`, which looks like the same, writes
# six.
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

frames, number = [], {True: 1001, False: 5001}

def send(client, data):
    ends, ports = (b"\xc0\0\2\1", b"\xc0\0\2\x50"), (40000, 80)
    if not client:
        ends, ports = ends[::-1], ports[::-1]
    tcp = struct.pack("!HHIIBBHHH", *ports, number[client], number[not client], 0x50, 0x18, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), len(frames), 0x4000, 64, 6, 0, *ends)
    frames.append(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp)
    number[client] += len(data)

for _ in range(3):
    send(True, b"GET / HTTP/1.1\r\nHost: web.example\r\n\r\n")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + bytes(3000)
    for at in range(0, len(answer), 1460):
        send(False, answer[at:at + 1460])
    send(True, b"")
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for at, data in enumerate(frames):
        file.write(struct.pack("<IIII", 1700000000, at * 1000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
shark() { root/usr/bin/tshark -n "$@" 2>/dev/null; }
shark -r in.pcap -Y http -w once.pcap
shark -r in.pcap -2 -Y http -w twice.pcap
shark -r in.pcap -2 -R http -w read.pcap
seen=$(for file in in once twice read; do
  echo "$file: $(shark -r $file.pcap | wc -l) packets, $(shark -r $file.pcap -Y http.response | wc -l) answers"
done)
echo "$seen"
[ "$seen" = "in: 15 packets, 3 answers
once: 6 packets, 0 answers
twice: 12 packets, 3 answers
read: 6 packets, 0 answers" ]
