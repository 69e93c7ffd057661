#!/bin/sh
# A timer of 400 ms that luv starts after half a second of work fires at once: it counts from the time at which the
# loop last looked at its clock, not from the call.
#
# Seen with lua-luv 1.44.2 on libuv 1.44.2 (Debian 12) in Lua 5.4.  The loop keeps its time (`uv.now()`) for a whole
# turn, and what works outside of uv.run() does not move it.  A limit of time that is set behind the reading of a
# capture is over before the first step; one that is set in a callback that took long is shorter by that.  After
# `uv.update_time()` the same timer takes 400 ms.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-luv=1.44.2-0-1 libuv1=1.44.2-1+deb12u1 \
  lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.lua <<'END'
local uv = require "luv"

local function work(ms)
  local from = uv.hrtime()
  while uv.hrtime() - from < ms * 1e6 do end
end

local function timer(ms)
  local from, took = uv.hrtime(), nil
  local handle = uv.new_timer()
  handle:start(ms, 0, function()
    took = (uv.hrtime() - from) / 1e6
    handle:close()
  end)
  uv.run()
  return took
end

uv.run()
work(500)
local stale = timer(400)
work(500)
uv.update_time()
local fresh = timer(400)
print(("400 ms take %s; after update_time() %s"):format(stale < 200 and "less than 200" or "all of it",
  fresh >= 399 and "all of it" or "less"))
os.exit(stale < 200 and fresh >= 399)
END
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/luv.so' -printf '%h')
LD_LIBRARY_PATH="$lib" LUA_CPATH="$so/?.so;;" root/usr/bin/lua5.4 try.lua
