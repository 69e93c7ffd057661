#!/bin/sh
# "Frame 5" of Wireshark is the first packet of a capture to tcpdump and dpkt: entries of a journal and custom blocks of
# pcapng have numbers in Wireshark as packets do.
#
# Seen with tshark, capinfos and editcap 4.0.17, tcpdump 4.99.3 on libpcap 1.10.3 and dpkt 1.9.8 (Debian 12).  A file
# may hold other blocks between its packets (a systemd journal entry, type 9; a custom block, type 0xBAD), and readers
# pass over what they do not know.  Wireshark makes a frame of each, without a time where none stands.  So numbers that
# one tool names mean other packets in the next, and Wireshark's own tools are not of one mind: capinfos counts the
# three packets, editcap counts seven when it is asked to cut after each two, and the first piece has no packet at all.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v \
  wireshark-common=$v libwireshark-data=$v tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 python3-dpkt=1.9.8-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import struct
import sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
import dpkt

def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

def packet(number):
    time = (1700000000 + number) * 10 ** 6
    tcp = struct.pack("!HHIIBBHHH", 40000 + number, 80, 1000, 0, 0x50, 2, 64240, 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50") + tcp
    frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip
    return block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame)

entry = block(9, b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=the link is up\n")
custom = block(0xBAD, struct.pack("<I", 32473) + b"a remark")
with open("in.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0)))
    file.write(entry + custom + entry + custom + b"".join(packet(number) for number in range(3)))
with open("in.pcapng", "rb") as file:
    print("dpkt:", " ".join("%d=%d" % (n + 1, dpkt.ethernet.Ethernet(data).data.data.sport)
                            for n, (_, data) in enumerate(dpkt.pcapng.Reader(file))))
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
count() { root/usr/bin/capinfos -M -T -r -c "$1" | cut -f 2; }
dpkt=$(python3 try.py)
root/usr/bin/editcap -c 2 in.pcapng piece.pcapng
seen="$dpkt
tcpdump: $(root/usr/bin/tcpdump -Z root -n -t -r in.pcapng 2>/dev/null |
  sed -n 's/^IP 192.0.2.1.\([0-9]*\) .*/\1/p' | awk '{ print NR "=" $1 }' | paste -s -d ' ')
tshark: $(root/usr/bin/tshark -n -r in.pcapng -Y tcp -T fields -E separator== -e frame.number -e tcp.srcport \
  2>/dev/null | paste -s -d ' ')
capinfos: $(count in.pcapng)
pieces of editcap -c 2: $(for piece in piece_*; do count "$piece"; done | paste -s -d ' ')"
echo "$seen"
[ "$seen" = "dpkt: 1=40000 2=40001 3=40002
tcpdump: 1=40000 2=40001 3=40002
tshark: 5=40000 6=40001 7=40002
capinfos: 3
pieces of editcap -c 2: 0 0 2 1" ]
