#!/bin/sh
# Lua's argparse takes `--offset -5` for two options, and says that "-5" is unknown, though no option looks like a
# number.
#
# Seen with lua-argparse 0.7.1 (Debian 12) in Lua 5.4 and Python 3.11.  Whatever begins with a dash and has more behind
# it is an option to it, as the value of an option and as an argument; a shift of a clock by -5 seconds cannot be given
# as one that goes forwards is.  `--offset=-5` can, and an argument behind `--`.  Python's argparse, after which it is
# named and which scripts are written after, takes all three.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download lua-argparse=0.7.1-2 lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in *.deb; do dpkg -x "$deb" root; done
cat >try.lua <<'END'
package.path = "root/usr/share/lua/5.4/?.lua;" .. package.path
local parser = require "argparse" "try"
parser:option "--offset"
parser:argument "shift":args "?"
local ok, parsed = parser:pparse(arg)
print(ok and (parsed.offset or parsed.shift) or parsed:match "^[^\n]*")
END
cat >try.py <<'END'
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--offset", type=int)
parser.add_argument("shift", type=int, nargs="?")
given = parser.parse_args()
print(given.offset or given.shift)
END
seen=$(for words in '--offset -5' '--offset=-5' '-5' '-- -5'; do
  # shellcheck disable=SC2086
  echo "$words: Lua $(root/usr/bin/lua5.4 try.lua $words), Python $(python3 try.py $words)"
done)
echo "$seen"
[ "$seen" = "--offset -5: Lua unknown option '-5', Python -5
--offset=-5: Lua -5, Python -5
-5: Lua unknown option '-5', Python -5
-- -5: Lua -5, Python -5" ]
