#!/bin/sh
# `tshark -x | text2pcap` gives other packets than there were: text that looks like bytes is appended to them, and
# what tshark put together becomes packets of its own.
#
# Seen with tshark and text2pcap 4.0.17 (Debian 12).  Behind the bytes of a line stands what they are as text, and in
# a last line that is not full text2pcap goes on reading there: of a payload "de ad be ef" four bytes more.  And
# where a message took several segments, tshark shows below the last one the message as a whole, with offsets from 0,
# which is where a packet begins to text2pcap.  Of four packets, one with such text and two with one message, five
# come back, with 4 bytes at the end of one that were not sent.  `-a` minds the text, and still five come back.
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
request = b"GET / HTTP/1.1\r\nHost: web.example\r\n\r\n"
packets = [frame(True, 1000, 0, SYN), frame(True, 1001, 5001, DATA, request[:20]),
           frame(True, 1021, 5001, DATA, request[20:]),
           frame(False, 5001, 1001 + len(request), DATA, b"memory is de ad be ef")]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, data in enumerate(packets):
        file.write(struct.pack("<IIII", 1700000000, number * 1000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
root/usr/bin/tshark -n -r in.pcap -x >in.txt 2>/dev/null
root/usr/bin/text2pcap -q in.txt out.pcapng 2>run.log || { cat run.log; exit 1; }
root/usr/bin/text2pcap -q -a in.txt told.pcapng 2>run.log || { cat run.log; exit 1; }
seen=$(for file in in.pcap out.pcapng told.pcapng; do
  echo "$file: $(root/usr/bin/capinfos -M -T -r -c -d $file | cut -f 2- | tr '\t' ' ')"
done)
echo "$seen"
[ "$seen" = "in.pcap: 4 274
out.pcapng: 5 315
told.pcapng: 5 311" ]
