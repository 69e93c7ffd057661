#!/bin/sh
# Flows that softflowd makes of an old capture are dated around today: packets of 2023 were some weeks ago by NetFlow 5,
# and are still to come by NetFlow 9.
#
# Seen with softflowd 1.1.0 and nfdump 1.7.1 (Debian 12).  NetFlow gives times in milliseconds since the exporter was
# started, in 32 bits, beside the clock at which the packet was sent.  softflowd takes the clock on the wall for the
# latter when it reads a file (`-r`), too; years do not fit into 32 bits, and what is left of them lies somewhere within
# 50 days: behind today, or before it where the collector takes the number for one that has turned over.  Packets and
# bytes are right, so that nothing looks wrong, and the date is another one whenever the same file is read.  nfpcapd of
# nfdump, which makes flows without NetFlow, has the date.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install softflowd=1.1.0-1+b1 nfdump=1.7.1-2+deb12u1 \
  libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
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

packets = [frame(True, 1000, 0, 2), frame(False, 5000, 1001, 18), frame(True, 1001, 5001, 24, b"q" * 100),
           frame(False, 5001, 1101, 24, b"a" * 1000), frame(True, 1101, 6001, 17), frame(False, 6001, 1102, 17)]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, data in enumerate(packets):
        file.write(struct.pack("<IIII", 1700000000 + number, 0, len(data), len(data)) + data)
END
export LD_LIBRARY_PATH="$lib" TZ=UTC0
port=$(python3 -c 'import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
    held.bind(("127.0.0.1", 0))
    print(held.getsockname()[1])')
mkdir nfpcapd v5 v9
root/usr/bin/nfpcapd -r in.pcap -w nfpcapd >run.log 2>&1 || { cat run.log; exit 1; }
for version in 5 9; do
  root/usr/bin/nfcapd -w v$version -b 127.0.0.1 -p "$port" >collector.log 2>&1 &
  collector=$!
  sleep 1
  root/usr/sbin/softflowd -r in.pcap -n "127.0.0.1:$port" -v $version -d >run.log 2>&1 || { cat run.log; exit 1; }
  sleep 1
  kill $collector
  wait $collector
done
far=$(($(date +%s) - 1700000000 > 100 * 86400))
cat >flows.py <<'END'
import subprocess
import sys
import time

flows = subprocess.run(["root/usr/bin/nfdump", "-q", "-R", sys.argv[1], "-o", "fmt:%tsr %pkt %byt"],
                       stdout=subprocess.PIPE, check=True, text=True).stdout.split("\n")
for begin, *rest in (flow.split() for flow in flows if flow.strip()):
    days = (float(begin) - time.time()) / 86400
    print("2023" if abs(float(begin) - 1.7e9) < 10 else "within 50 days ahead" if 0 < days < 50 else
          "within 50 days back" if -50 < days < 0 else begin, *rest, end="; ")
END
[ "$far" = 1 ]
seen=$(for name in nfpcapd v5 v9; do echo "$name: $(python3 flows.py $name)"; done)
echo "$seen"
[ "$seen" = "nfpcapd: 2023 3 220; 2023 3 1120; 
v5: within 50 days back 3 220; within 50 days back 3 1120; 
v9: within 50 days ahead 3 220; within 50 days ahead 3 1120; " ]
