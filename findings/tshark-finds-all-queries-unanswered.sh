#!/bin/sh
# `dns.flags.response == 0 && !dns.response_in`, which shows the queries without an answer in Wireshark, shows all
# queries in tshark, answered or not.
#
# Seen with tshark 4.0.17 (Debian 12).  Fields that point forward in the capture (`dns.response_in`,
# `http.response_in`) are known once the answer has been read; tshark, in one pass, prints a packet before.  A field
# that is not there yet is absent, so its negation is true, and nothing says that the question came too early.  Of
# three queries, one without an answer, one pass shows three, two passes (`-2`) one.  The other way round one pass
# shows none: `dns.response_in` is never true.
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

def frame(server, number, answer=b""):
    ports, ends = (40000 + number, 53), (b"\xc0\0\2\1", b"\xc0\0\2\x35")
    if server:
        ports, ends = ports[::-1], ends[::-1]
    dns = struct.pack("!6H", number, 0x8180 if server else 0x100, 1, len(answer) > 0, 0, 0)
    dns += b"\3www\7example\0" + struct.pack("!HH", 1, 1) + answer
    udp = struct.pack("!HHHH", *ports, 8 + len(dns), 0) + dns
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0x4000, 64, 17, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + udp

answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + b"\xc0\0\2\x50"
frames = [frame(False, 1), frame(True, 1, answer), frame(False, 2), frame(False, 3), frame(True, 3, answer)]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, data in enumerate(frames):
        file.write(struct.pack("<IIII", 1700000000, number * 10000, len(data), len(data)) + data)
END

export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
queries() {
  root/usr/bin/tshark -n -r in.pcap "$@" -T fields -e frame.number 2>/dev/null | paste -s -d ' '
}
seen="unanswered, one pass: $(queries -Y 'dns.flags.response == 0 && !dns.response_in')
unanswered, two passes: $(queries -2 -Y 'dns.flags.response == 0 && !dns.response_in')
answered, one pass: $(queries -Y dns.response_in)
answered, two passes: $(queries -2 -Y dns.response_in)"
echo "$seen"
[ "$seen" = "unanswered, one pass: 1 3 4
unanswered, two passes: 3
answered, one pass: 
answered, two passes: 1 4" ]
