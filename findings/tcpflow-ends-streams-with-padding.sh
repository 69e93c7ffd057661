#!/bin/sh
# What tcpflow carves out of a capture ends with six bytes that nobody sent: the padding of the last bare
# acknowledgement's Ethernet frame.
#
# Seen with tcpflow 1.6.1 (Debian 12).  A segment without data is 54 bytes long and arrives as a frame of 60.
# tcpflow takes what the frame holds for the segment's data, and puts it where the next data belongs.  That
# overwrites it, so all is well within a stream, and only the end is wrong: an uploaded file of 24 bytes has 30, and
# another check sum.  The same packets captured at their sender, before the padding, give the file as it was.  And
# with `-c`, which prints segments as they come, each acknowledgement is six dots.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tcpflow-nox=1.6.1-2+b1 libpcap0.8=1.10.3-1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

def frame(number, seq, flags, data=b""):
    tcp = struct.pack("!HHIIBBHHH", 40000, 80, seq, 5001, 0x50, flags, 64240, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number, 0x4000, 64, 6, 0, b"\xc0\0\2\1", b"\xc0\0\2\x50")
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp

SYN, ACK, DATA, FIN = 2, 16, 24, 17
packets = [(1000, SYN), (1001, ACK), (1001, DATA, b"first part, "), (1013, ACK), (1013, DATA, b"second part\n"),
           (1025, ACK), (1025, FIN)]
for name, least in ("sender", 0), ("receiver", 60):
    with open(name + ".pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, packet in enumerate(packets):
            data = frame(number, *packet).ljust(least, b"\0")
            file.write(struct.pack("<IIII", 1700000000, number * 1000, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib"
seen=$(for name in sender receiver; do
  root/usr/bin/tcpflow -q -r $name.pcap -o $name >run.log 2>&1 || { cat run.log; exit 1; }
  echo "$name: $(wc -c <$name/192.000.002.001.40000-192.000.002.080.00080) bytes," \
    "the last of them$(tail -c 7 $name/192.000.002.001.40000-* | od -A n -t x1)"
done)
echo "$seen"
[ "$seen" = "sender: 24 bytes, the last of them 64 20 70 61 72 74 0a
receiver: 30 bytes, the last of them 0a 00 00 00 00 00 00" ]
