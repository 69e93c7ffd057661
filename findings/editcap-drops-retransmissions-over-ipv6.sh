#!/bin/sh
# Asked to remove packets that were captured twice, editcap removes retransmissions, be they seconds apart,
# when the connection runs over IPv6: the lossy connection that was captured comes out sound.
#
# Seen with editcap 4.0.17 (Debian 12).  `-d` compares each packet with the four before it, byte by byte, and
# does not look at the time.  Over IPv4 each transmission has an identification of its own, which keeps
# retransmissions apart.  IPv6 has none, so a segment that is sent again is the same to the last byte unless
# it has TCP timestamps.  Of a SYN and a request that are sent three and five times over IPv6, one each is
# left; the very same over IPv4 is kept.  With a limit in time (`-w 0.01`) both are.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

def frame(version, number, client, seq, ack, flags, data=b""):
    ports = (40000, 80) if client else (80, 40000)
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0) + data
    net = b"\xc0\0\2" if version == 4 else b"\x20\1\x0d\xb8".ljust(15, b"\0")
    ends = (net + b"\1", net + b"\x50")
    if not client:
        ends = ends[::-1]
    if version == 4:
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number, 0x4000, 64, 6, 0, *ends)
    else:
        ip = struct.pack("!IHBB16s16s", 0x60000000, len(tcp), 6, 64, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + (b"\x08\0" if version == 4 else b"\x86\xdd") + ip + tcp

SYN, SYN_ACK, ACK, DATA = 2, 18, 16, 24
request = b"GET / HTTP/1.1\r\nHost: web.example\r\n\r\n"
packets = [(ms, True, 1000, 0, SYN) for ms in (0, 1000, 3000)]
packets += [(3010, False, 5000, 1001, SYN_ACK), (3020, True, 1001, 5001, ACK)]
packets += [(ms, True, 1001, 5001, DATA, request) for ms in (3030, 3330, 3930, 5130, 7530)]
packets += [(7540, False, 5001, 1001 + len(request), ACK)]
for version in 4, 6:
    with open("ipv%d.pcap" % version, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, (ms, *what) in enumerate(packets):
            data = frame(version, number, *what)
            file.write(struct.pack("<IIII", 1700000000 + ms // 1000, ms % 1000 * 1000, len(data), len(data)) + data)
END

left() {
  in=$1
  shift
  LD_LIBRARY_PATH=$lib root/usr/bin/editcap -F pcap "$@" "$in" out.pcap 2>run.log || { cat run.log >&2; exit 1; }
  python3 - <<'END'
import struct

data, at, n = open("out.pcap", "rb").read(), 24, 0
while at < len(data):
    at, n = at + 16 + struct.unpack("<I", data[at + 8:at + 12])[0], n + 1
print(n)
END
}
four=$(left ipv4.pcap -d)
six=$(left ipv6.pcap -d)
limited=$(left ipv6.pcap -w 0.01)
echo "of 11 packets, 6 of them retransmissions, -d keeps $four over IPv4 and $six over IPv6; -w 0.01 keeps $limited"
[ "$four $six $limited" = "11 5 11" ]
