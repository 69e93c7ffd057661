#!/bin/sh
# On Lua 5.1 and LuaJIT the word "nan" is a number, and passes each check of a range: an option "from 1 to 60" takes it.
#
# Seen with Lua 5.1.5, 5.3.6, 5.4.4 and LuaJIT 2.1.0-beta3 (Debian 12).  tonumber() of 5.1 asks C's strtod(), which
# knows "nan" and "inf"; LuaJIT reads numbers itself, and knows the same.  NaN is neither below 1 nor above 60, so
# `not n or n < 1 or n > 60` is false; a report "every nan seconds" is asked for.  Lua 5.3 and 5.4 say nil to both, so
# that a test run there shows nothing.  LuaJIT alone takes "0b101", too, for 5; "0x10" is 16 to all four.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
jit=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua5.1=5.1.5-9 liblua5.1-0=5.1.5-9 lua5.3=5.3.6-2 \
  lua5.4=5.4.4-3+deb12u1 luajit=$jit libluajit-5.1-2=$jit libluajit-5.1-common=$jit >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
cat >try.lua <<'END'
local taken = {}
for _, word in ipairs { "nan", "inf", "0b101", "0x10", "ten" } do
  local n = tonumber(word)
  if not (not n or n < 1 or n > 60) then
    taken[#taken + 1] = word
  end
end
print(table.concat(taken, " "))
END
seen=$(for lua in lua5.1 luajit lua5.3 lua5.4; do
  echo "$lua takes $(LD_LIBRARY_PATH=$lib "root/usr/bin/$lua" try.lua)"
done)
echo "$seen"
[ "$seen" = "lua5.1 takes nan 0x10
luajit takes nan 0b101 0x10
lua5.3 takes 0x10
lua5.4 takes 0x10" ]
