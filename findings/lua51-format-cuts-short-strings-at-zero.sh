#!/bin/sh
# In Lua 5.1 `("%s"):format(payload)` cuts the payload at its first zero byte, unless it has 100 bytes or more: then it
# stays whole.
#
# Seen with Lua 5.1.5, 5.3.6, 5.4.4 and LuaJIT 2.1.0-beta3 (Debian 12).  5.1 gives a short string to C's sprintf(),
# which ends at a zero byte, and copies a long one as it is.  Of payloads that begin with "GET /" and a zero byte those
# of 20 and 99 bytes come out with 5, those of 100 and 1,000 whole, and no error is raised: a test with a short text or
# with a big packet is green.  LuaJIT, which is a Lua 5.1 otherwise, and Lua 5.3 and 5.4 keep all bytes.  With a width,
# "%-20s", 5.1 pads what it has cut to 20 bytes, so that even the length is right; LuaJIT keeps the bytes, and 5.3 and
# 5.4 raise an error.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua5.1=5.1.5-9 liblua5.1-0=5.1.5-9 lua5.3=5.3.6-2 \
  lua5.4=5.4.4-3+deb12u1 liblua5.4-0=5.4.4-3+deb12u1 luajit=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 \
  libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 \
  libluajit-5.1-common=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
cat >try.lua <<'END'
local lengths = {}
for _, length in ipairs { 20, 99, 100, 1000 } do
  local payload = "GET /\0" .. ("x"):rep(length - 6)
  lengths[#lengths + 1] = #("%s"):format(payload)
end
local ok, wide = pcall(string.format, "%-20s", "GET /\0" .. ("x"):rep(14))
local _, kept = wide:gsub("x", "")
print(table.concat(lengths, " ") .. ", %-20s " .. (ok and #wide .. " with " .. kept .. " x" or wide:match("%((.*)%)")))
END
seen=$(for lua in lua5.1 luajit lua5.3 lua5.4; do
  echo "$lua: %s $(LD_LIBRARY_PATH=$lib "root/usr/bin/$lua" try.lua)"
done)
echo "$seen"
[ "$seen" = "lua5.1: %s 5 5 100 1000, %-20s 20 with 0 x
luajit: %s 20 99 100 1000, %-20s 20 with 14 x
lua5.3: %s 20 99 100 1000, %-20s string contains zeros
lua5.4: %s 20 99 100 1000, %-20s string contains zeros" ]
