#!/bin/sh
# fflate, an unpacker for pages in a browser, makes zero bytes of a file by bgzip, and the first part of one
# that was joined with cat, without an error.
#
# Seen with fflate 0.8.3 (npm) and Node.js's own zlib.  A gzip file is any number of members (RFC 1952, 2.2).
# gunzipSync() reads the first, into as many bytes as the last four bytes of the file name, which are the
# length of the last: bgzip ends with an empty member, so nothing is left.  Of two members, 1,000 and 400
# bytes, come 400 of the first.  gunzip, zlib and pako give all.  An empty or shortened capture is all that
# the user sees.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  fflate@0.8.3 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >try.js <<'END'
const zlib = require('zlib');
const { gunzipSync } = require('fflate');
const bytes = (length, value) => zlib.gzipSync(Buffer.alloc(length, value));
const files = {
  one: bytes(1000, 1),
  two: Buffer.concat([bytes(1000, 1), bytes(400, 2)]),
  bgzip: Buffer.concat([bytes(1000, 1), bytes(400, 2), bytes(0, 0)]),          // its end is an empty member
};
const seen = Object.entries(files).map(([name, file]) =>
  `${name}: zlib ${zlib.gunzipSync(file).length}, fflate ${gunzipSync(file).length}`).join('; ');
console.log(seen);
process.exit(seen === 'one: zlib 1000, fflate 1000; two: zlib 1400, fflate 400; bgzip: zlib 1400, fflate 0' ? 0 : 1);
END
node try.js
