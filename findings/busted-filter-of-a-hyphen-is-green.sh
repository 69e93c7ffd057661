#!/bin/sh
# `busted --filter=zero-window` runs no test named "zero-window", and ends with "0 successes", in green, and status 0.
#
# Seen with busted 2.1.1 (Debian 12).  The filter is a pattern of Lua, in which a hyphen repeats the character before
# it: "zero-window" matches "zerowindow" and "window" behind any number of "o".  Nothing matches, nothing runs, and that
# is success; a job that runs one failing test by its name stays green.  "zero%-window" finds it.  `--tags` with a slip
# ends with status 0, too.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-busted=2.1.1-1 lua-cliargs=3.0-2-5 lua-dkjson=2.6-2 \
  lua-filesystem=1.8.0-3 lua-luassert=1.9.0-1 lua-mediator=1.1.2-0-8 lua-penlight=1.13.1-3 lua-say=1.4.1-2 \
  lua-system=0.2.1-6 lua-term=0.07-1+b1 lua5.4=5.4.4-3+deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
cat >a_spec.lua <<'END'
describe("a window", function()
  it("is a zero-window #window", function() assert.is_true(false) end)
end)
END
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/lfs.so' -printf '%h')
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
export LD_LIBRARY_PATH="$lib" LUA_CPATH="$so/?.so;;"
export LUA_PATH="$PWD/root/usr/share/lua/5.4/?.lua;$PWD/root/usr/share/lua/5.4/?/init.lua;;"
run() { root/usr/bin/lua5.4 root/usr/bin/busted -o plainTerminal "$@" a_spec.lua >run.log 2>&1 && s=0 || s=$?
  echo "$(sed -n 's/ : .*//; /success/p' run.log), status $s"; }
seen="zero-window: $(run --filter=zero-window)
zero%-window: $(run --filter=zero%-window)
tag windows: $(run --tags=windows)"
echo "$seen"
[ "$seen" = "zero-window: 0 successes / 0 failures / 0 errors / 0 pending, status 0
zero%-window: 0 successes / 1 failure / 0 errors / 0 pending, status 1
tag windows: 0 successes / 0 failures / 0 errors / 0 pending, status 0" ]
