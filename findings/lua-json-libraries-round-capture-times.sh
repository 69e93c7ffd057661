#!/bin/sh
# The usual JSON libraries of Lua write numbers with 14 digits, whatever the number: a time of capture in
# seconds loses its microseconds, a count of bytes above 10^14 its last digits, and nothing is said.
#
# Seen with lua-dkjson 2.6 and lua-cjson 2.1.0 (Debian 12) in Lua 5.4.  1700000000.123456 leaves both as
# 1700000000.1235, so that two packets 40 microseconds apart have the same time.  dkjson keeps the digits of
# integers, lua-cjson does not: the integer 123456789012345678 becomes 1.2345678901235e+17.  And nobody can ask for
# more: encode_number_precision() of lua-cjson takes 14 at most, dkjson has no such setting.
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
local seen = {
  dkjson.encode { 1700000000.123456, 1700000000.123496 }, cjson.encode { 1700000000.123456, 1700000000.123496 },
  dkjson.encode { 123456789012345678 }, cjson.encode { 123456789012345678 },
}
seen[5] = select(2, pcall(cjson.encode_number_precision, 16)):match("expected.*%d")
print(table.concat(seen, " "))
os.exit(table.concat(seen, " ") == "[1700000000.1235,1700000000.1235] [1700000000.1235,1700000000.1235] "
  .. "[123456789012345678] [1.2345678901235e+17] expected integer between 1 and 14")
END
root/usr/bin/lua5.4 try.lua "$so"
