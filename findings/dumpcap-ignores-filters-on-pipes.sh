#!/bin/sh
# `ssh host tcpdump -w - | tshark -i - -f 'tcp port 80'` captures everything: out of a pipe dumpcap, and tshark with it,
# takes a capture filter and a snapshot length, and applies neither.
#
# Seen with dumpcap and tshark 4.0.17 (Debian 12).  A filter is compiled for a device and handed to it; a pipe is none,
# so nothing compiles it, and nothing says so: what is no filter at all is taken, too, and the status is 0.  Of three
# TCP and three UDP packets of 554 and 342 bytes all six are written, whole, with `-s 100 -f tcp`, and with `-f 'no
# filter'`.  Who narrows a remote capture in this way has all of it on the disk, payload included.  tcpdump, which
# reads the same pipe with `-r -`, filters.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tshark=$v wireshark-common=$v libwireshark16=$v libwiretap13=$v \
  libwsutil14=$v tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

def frame(protocol, header, size):
    data = header + bytes(size)
    ends = b"\xc0\0\2\1", b"\xc0\0\2\x50"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, 0x4000, 64, protocol, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + data

tcp = frame(6, struct.pack("!HHIIBBHHH", 40000, 80, 1001, 5001, 0x50, 16, 64240, 0, 0), 500)
udp = frame(17, struct.pack("!HHHH", 40000, 9, 308, 0), 300)
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in range(6):
        data = udp if second % 2 else tcp
        file.write(struct.pack("<IIII", 1700000000 + second, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" PATH="$PWD/root/usr/bin:$PATH" HOME="$tmp"
sizes() { tshark -n -r "$1" -T fields -e frame.cap_len 2>/dev/null | paste -s -d ' '; }
dumpcap -q -i - -s 100 -f tcp -w filtered.pcapng <in.pcap 2>run.log && filtered=0 || filtered=$?
dumpcap -q -i - -f 'no filter' -w nonsense.pcapng <in.pcap 2>run.log && nonsense=0 || nonsense=$?
tshark -n -i - -f tcp -T fields -e ip.proto <in.pcap >shown 2>run.log
seen="dumpcap -s 100 -f tcp: $(sizes filtered.pcapng), status $filtered
dumpcap -f 'no filter': $(sizes nonsense.pcapng), status $nonsense
tshark -f tcp, protocols: $(paste -s -d ' ' shown)
tcpdump tcp: $(tcpdump -Z root -n -r - tcp <in.pcap 2>/dev/null | wc -l) of 6"
echo "$seen"
[ "$seen" = "dumpcap -s 100 -f tcp: 554 342 554 342 554 342, status 0
dumpcap -f 'no filter': 554 342 554 342 554 342, status 0
tshark -f tcp, protocols: 6 17 6 17 6 17
tcpdump tcp: 3 of 6" ]
