#!/bin/sh
# LuaSocket's receive("*l") takes every carriage return out of a line, not only the one at its end: a length that the
# other side counted is no longer that of the line.
#
# Seen with lua-socket 3.1.0 in Lua 5.4 (Debian 12).  A line ends with LF or CR LF; one looks for both at the end.
# LuaSocket copies all bytes up to the LF but those that are CR.  Of "10%<CR>20%<CR>30%<CR><LF>", as a program that
# redraws its line writes it, comes "10%20%30%"; of a JSON line nothing is lost, as CR stands there as \r.  Bytes that
# are asked for by number are kept, and `io.lines()` of Lua keeps even the last CR.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-socket=3.1.0-1+b1 lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
cat >try.lua <<'END'
local socket = require "socket"

local line = "10%\r20%\r30%\r\n"
local function shown(text)
  return #text .. " bytes " .. text:gsub("%c", { ["\r"] = "<CR>", ["\n"] = "<LF>" })
end
local server = assert(socket.bind("127.0.0.1", 0))
local _, port = server:getsockname()
local writer = assert(socket.connect("127.0.0.1", port))
local reader = assert(server:accept())
for _, what in ipairs { "*l", #line } do
  assert(writer:send(line))
  print("receive(" .. what .. "): " .. shown(assert(reader:receive(what))))
end
local file = assert(io.open("line", "w+b"))
file:write(line)
file:seek "set"
print("file: " .. shown(file:read "*l"))
END
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/socket/core.so' -printf '%h')
export LD_LIBRARY_PATH="$lib" LUA_CPATH="${so%/*}/?.so;;" LUA_PATH="$PWD/root/usr/share/lua/5.4/?.lua;;"
seen=$(root/usr/bin/lua5.4 try.lua)
echo "$seen"
[ "$seen" = "receive(*l): 9 bytes 10%20%30%
receive(13): 13 bytes 10%<CR>20%<CR>30%<CR><LF>
file: 12 bytes 10%<CR>20%<CR>30%<CR>" ]
