#!/bin/sh
# A socket of Lua's cqueues changes the bytes that pass through it: what is read loses the carriage return of each
# CR LF, in binary data, too, and when a number of bytes was asked for.
#
# Seen with lua-cqueues 20200726 in Lua 5.4 (Debian 12).  Text mode, which one knows from files on Windows, is what a
# cqueues socket begins in, on Linux, in both directions, unless `setmode("b", "b")` was called: it turns CR LF into LF
# on the way in and LF into CR LF on the way out.  A record of 12 bytes with two CR LF in it is read as 10, so
# `read(12)` takes two bytes of the next one.  And 4 bytes with one LF are sent as 5: a length that was sent before
# is wrong.  LuaSocket and files have no such mode.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-cqueues=20200726-1+b1 lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
cat >try.lua <<'END'
local cqueues, socket = require "cqueues", require "cqueues.socket"

-- What the one end reads of 'bytes' that the other wrote; each end as it begins, or in the mode that is given.
local function through(bytes, what, reading, writing)
  local near, far = socket.pair()
  if reading then
    near:setmode(reading, nil)
  end
  if writing then
    far:setmode(nil, writing)
  end
  local got
  local loop = cqueues.new()
  loop:wrap(function()
    assert(far:write(bytes))
    assert(far:flush())
    far:shutdown "w"
    got = near:read(what)
  end)
  assert(loop:loop())
  return (got:gsub("%c", { ["\r"] = "<CR>", ["\n"] = "<LF>" }))
end

local record = "ab\r\ncdef\r\ngh"
print("read(12): " .. through(record .. "NEXT", 12, nil, "b"))
print("read(12), binary: " .. through(record .. "NEXT", 12, "b", "b"))
print("write: " .. through("1\n23", "*a", "b"))
print("write, binary: " .. through("1\n23", "*a", "b", "b"))
END
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/_cqueues.so' -printf '%h')
export LD_LIBRARY_PATH="$lib" LUA_CPATH="$so/?.so;;"
export LUA_PATH="$PWD/root/usr/share/lua/5.4/?.lua;$PWD/root/usr/share/lua/5.4/?/init.lua;;"
seen=$(root/usr/bin/lua5.4 try.lua)
echo "$seen"
[ "$seen" = "read(12): ab<LF>cdef<LF>ghNE
read(12), binary: ab<CR><LF>cdef<CR><LF>gh
write: 1<CR><LF>23
write, binary: 1<LF>23" ]
