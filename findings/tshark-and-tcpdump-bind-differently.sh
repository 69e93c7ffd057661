#!/bin/sh
# `tcp or udp and src host A` means one thing to tcpdump and another to Wireshark: the same words, typed as a
# capture filter and as a display filter, show different packets.
#
# Seen with tcpdump 4.99.3 on libpcap 1.10.3 and tshark 4.0.17 (Debian 12).  To libpcap `and` and `or` are equals
# and bind from left to right, (tcp or udp) and src host A.  To Wireshark 4 `and` binds tighter, as in C: tcp or
# (udp and ip.src == A).  Of one TCP and one UDP packet each way tcpdump shows the two that A sent, tshark those and
# the TCP packet to A.  Neither warns, and who captures with the words that the display filter bore misses what the
# server sent.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v wireshark-common=$v libwireshark-data=$v \
  tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

tcp = struct.pack("!HHIIBBHHH", 40000, 40001, 1001, 5001, 0x50, 0x10, 64240, 0, 0)
udp = struct.pack("!HHHH", 40000, 40001, 8, 0)
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for protocol, data in (6, tcp), (17, udp):
        for ends in (b"\xc0\0\2\1", b"\xc0\0\2\x50"), (b"\xc0\0\2\x50", b"\xc0\0\2\1"):
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, 0x4000, 64, protocol, 0, *ends)
            frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + data
            file.write(struct.pack("<IIII", 1700000000, 0, len(frame), len(frame)) + frame)
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
seen="tcpdump $(root/usr/bin/tcpdump -Z root -n -t -r in.pcap 'tcp or udp and src host 192.0.2.1' 2>/dev/null |
  grep -c '^IP '), tshark $(root/usr/bin/tshark -n -r in.pcap -Y 'tcp or udp and ip.src == 192.0.2.1' 2>/dev/null |
  wc -l)"
echo "$seen"
[ "$seen" = "tcpdump 2, tshark 3" ]
