#!/bin/sh
# A hook that LuaJIT is asked to call every 1,000 instructions is not called once in a loop of ten million turns: what
# was to show the progress of a long analysis stands still just where it takes long.
#
# Seen with LuaJIT 2.1.0-beta3 and Lua 5.1.5 (Debian 12).  `debug.sethook(f, "", 1000)` is minded by the interpreter
# alone.  A loop that has become hot runs as machine code, which looks at no hook, and nothing says so; with `jit.off()`
# the hook is called 30,000 times, and about as often in Lua 5.1.  It goes by what ran before, too: a hook for lines,
# set when the same loop is already compiled, is called for 5 lines of 2,000,005.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
jit=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua5.1=5.1.5-9 liblua5.1-0=5.1.5-9 luajit=$jit \
  libluajit-5.1-2=$jit libluajit-5.1-common=$jit >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
cat >try.lua <<'END'
if arg[1] == "off" then
  jit.off()
end
local calls = 0
local function hook()
  calls = calls + 1
end
local function work(turns)
  local sum = 0
  for i = 1, turns do
    sum = sum + i % 7
  end
  return sum
end
debug.sethook(hook, "", 1000)
work(1e7)
debug.sethook()
local by_count = calls
calls = 0
debug.sethook(hook, "l")
work(1e6)
debug.sethook()
print(by_count, calls)
END
export LD_LIBRARY_PATH="$lib" PATH="$PWD/root/usr/bin:$PATH"
run() { "$@" | sed 's/\t/ by count, /; s/$/ by lines/'; }
seen="luajit: $(run luajit try.lua)
luajit, jit.off(): $(run luajit try.lua off)
lua5.1: $(run lua5.1 try.lua)"
echo "$seen"
[ "$seen" = "luajit: 0 by count, 5 by lines
luajit, jit.off(): 30000 by count, 2000005 by lines
lua5.1: 30120 by count, 2000005 by lines" ]
