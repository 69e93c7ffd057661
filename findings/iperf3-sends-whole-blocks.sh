#!/bin/sh
# `iperf3 -n 1000`, "number of bytes to transmit", transmits 131,072, and of four parallel streams that were to send
# them three send none.
#
# Seen with iperf3 3.12 (Debian 12).  It counts after each block, of 128 KB for TCP, and stops once there is enough:
# a thousand bytes are 131,072, and 150,000 are 262,144.  Who wants to see how a short answer fares, one that fits into
# the first window, measures a transfer a hundred times as long, which needs several round trips.  The number is that of
# all streams together, too, whereas `-b` is one for each.  With `-l 1000` a thousand bytes are sent.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install iperf3=3.12-1+deb12u2 libiperf0=3.12-1+deb12u2 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

export LD_LIBRARY_PATH="$lib"
port=$(python3 -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
root/usr/bin/iperf3 -s -B 127.0.0.1 -p "$port" >server.log 2>&1 &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
sleep 1
sent() {
  root/usr/bin/iperf3 -c 127.0.0.1 -p "$port" -J "$@" >out.json
  python3 -c 'import json
with open("out.json") as file:
    end = json.load(file)["end"]
print(end["sum_sent"]["bytes"], "bytes, by streams:", *sorted(one["sender"]["bytes"] for one in end["streams"]))'
}
seen="1000: $(sent -n 1000)
150000: $(sent -n 150000)
1000 by 4: $(sent -n 1000 -P 4)
1000, blocks of 1000: $(sent -n 1000 -l 1000)"
echo "$seen"
[ "$seen" = "1000: 131072 bytes, by streams: 131072
150000: 262144 bytes, by streams: 262144
1000 by 4: 131072 bytes, by streams: 0 0 0 131072
1000, blocks of 1000: 1000 bytes, by streams: 1000" ]
