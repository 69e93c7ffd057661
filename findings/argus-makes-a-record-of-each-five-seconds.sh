#!/bin/sh
# `ra -r FILE` shows 31 connections where there was one: Argus writes a record of it for each five seconds in which it
# had packets, and each of them looks like a flow; by the manual it should be sixty seconds.
#
# Seen with Argus 3.0.8 (server and clients; Debian 12).  One knows flows from NetFlow, which cuts a long one after
# half an hour or five minutes.  argus reports each flow every 60 seconds, says argus.conf(5) of its default; without a
# file of settings it is five, and ra prints each report as a line of its own.  A connection of five minutes with a
# request each ten seconds is 31 lines; with `-S 60` it is six.  And the bytes are those of the frames with their
# Ethernet headers, 6,864, where nfpcapd of nfdump 1.7.1 counts those of IP packets, 5,940.  `racluster` puts the
# records together, and one is left.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install argus-server=2:3.0.8.2-2.2 argus-client=1:3.0.8.2-6.1+b3 \
  nfdump=1.7.1-2+deb12u1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
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

SYN, SYN_ACK, ACK, DATA, FIN = 2, 18, 16, 24, 17
packets = [(0, True, 1000, 0, SYN), (10, False, 5000, 1001, SYN_ACK), (20, True, 1001, 5001, ACK)]
for n in range(30):
    packets += [(1000 + 10000 * n, True, 1001 + 10 * n, 5001 + 100 * n, DATA, b"q" * 10),
                (1050 + 10000 * n, False, 5001 + 100 * n, 1011 + 10 * n, DATA, b"a" * 100)]
packets += [(302000, True, 1301, 8001, FIN), (302010, False, 8001, 1302, FIN), (302020, True, 1302, 8002, ACK)]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for ms, *what in packets:
        data = frame(*what)
        file.write(struct.pack("<IIII", 1700000000 + ms // 1000, ms % 1000 * 1000, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" TZ=UTC0 HOME="$tmp"
for how in '-w in.argus' '-S 60 -w told.argus'; do
  # shellcheck disable=SC2086
  root/usr/sbin/argus -F /dev/null -X -r in.pcap $how >run.log 2>&1 || { cat run.log; exit 1; }
done
mkdir flows
root/usr/bin/nfpcapd -r in.pcap -w flows >run.log 2>&1 || { cat run.log; exit 1; }
records() { root/usr/bin/"$1" -F /dev/null -n -L -1 -r "$2.argus" -s pkts bytes - tcp | awk '{ n++; p += $1; b += $2 }
  END { print n " records, " p " packets, " b " bytes" }'; }
seen="ra: $(records ra in)
ra, told 60 s: $(records ra told)
racluster: $(records racluster in)
nfpcapd: $(root/usr/bin/nfdump -q -R flows -o 'fmt:%pkt %byt' | awk 'NF { p += $1; b += $2 }
  END { print p " packets, " b " bytes" }')"
echo "$seen"
[ "$seen" = "ra: 31 records, 66 packets, 6864 bytes
ra, told 60 s: 6 records, 66 packets, 6864 bytes
racluster: 1 records, 66 packets, 6864 bytes
nfpcapd: 66 packets, 5940 bytes" ]
