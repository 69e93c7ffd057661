#!/bin/sh
# node-pcap-writer asks for a time in seconds and takes it for microseconds: the whole capture
# falls into one millisecond in January 1970.
#
# Seen with node-pcap-writer 1.0.0 (npm), whose README says "Timestamp needs to be in seconds".
# Two packets that were written with 1700000000 and 1700000001 stand at 1700.000000 s and
# 1700.000001 s after 1970.  All rates, round trips and pauses come out a million times too short.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  node-pcap-writer@1.0.0 lodash@4.17.21 >npm.log 2>&1 || { cat npm.log; exit 1; }
grep -q "Timestamp needs to be in seconds" node_modules/node-pcap-writer/README.md
cat >write.js <<'END'
const Writer = require('node-pcap-writer');
const writer = new Writer('two.pcap', 65535, 1);
for (const second of [1700000000, 1700000001]) writer.writePacket(Buffer.alloc(60), second);
writer.close();
END
node write.js
python3 - <<'END'
import struct

data, at, times = open("two.pcap", "rb").read(), 24, []
while at < len(data):
    seconds, fraction, captured = struct.unpack("=III", data[at:at + 12])
    times.append((seconds, fraction))
    at += 16 + captured
print("1700000000 s and 1700000001 s are written as " + " and ".join("%d.%06d s" % t for t in times))
raise SystemExit(times != [(1700, 0), (1700, 1)])
END
