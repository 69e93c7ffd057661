#!/bin/sh
# Counts by number (of ports, TTLs, windows) become a list or an object of JSON as the numbers happen to be, in Lua:
# the same program writes {"14":120} today and six times null before the 120 tomorrow.
#
# Seen with lua-dkjson 2.6 and lua-cjson 2.1.0 (Debian 12) in Lua 5.4.  Lua has one kind of table; both libraries call
# it a list where all keys are whole numbers from 1 on, and the largest is 10 at most, or twice as large as there are
# keys.  120 connections with a window scale of 7 are a list of seven, of which six are null; with a scale of 14 they
# are an object to dkjson, and an error to lua-cjson, "excessively sparse array".  One more, with a scale of 0, makes an
# object of the list to both.  A reader that asks for "7" finds nothing, one that asks for 7 finds the count of 8.
# Keys that tostring() has made text stay an object.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download lua-dkjson=2.6-2 lua-cjson=2.1.0+dfsg-2.2 lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in *.deb; do dpkg -x "$deb" root; done
so=$(find root/usr/lib -path '*/5.4/cjson.so')
cat >try.lua <<'END'
package.path = "root/usr/share/lua/5.4/?.lua"
package.cpath = ((...):gsub("cjson.so$", "?.so"))
local dkjson, cjson = require "dkjson", require "cjson"
for _, scales in ipairs { { 7 }, { 14 }, { 0, 7 }, { 6, 7, 8, 9, 10, 11 }, { 7, 11 }, { "7" } } do
  local counts = {}
  for _, scale in ipairs(scales) do
    counts[scale] = 120
  end
  local _, json = pcall(cjson.encode, counts)
  print(table.concat(scales, " ") .. ": " .. dkjson.encode(counts, { keyorder = { 0, 7, 11 } }) ..
    (json:find "sparse" and ", " .. json:lower() or ""))
end
END
seen=$(root/usr/bin/lua5.4 try.lua "$so")
echo "$seen"
[ "$seen" = '7: [null,null,null,null,null,null,120]
14: {"14":120}, cannot serialise table: excessively sparse array
0 7: {"0":120,"7":120}
6 7 8 9 10 11: [null,null,null,null,null,120,120,120,120,120,120]
7 11: {"7":120,"11":120}, cannot serialise table: excessively sparse array
7: {"7":120}' ]
