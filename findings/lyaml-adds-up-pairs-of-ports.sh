#!/bin/sh
# Lua's lyaml reads the pair of ports 8080:80, as it stands in many files of settings, as the number 484,880, and some
# hardware addresses as numbers, too; PyYAML, which follows the same YAML, reads them as text.
#
# Seen with lua-yaml 6.2.8 in Lua 5.4 and PyYAML 6.0 (Debian 12).  YAML 1.1 has numbers to the base of 60, as hours and
# minutes: 22:30 is 1,350 to both.  Each part behind the first has to be below 60, and none begins with 0, so that
# ports and addresses stay what they are.  lyaml takes any digits with colons between them: 8080 x 60 + 80, and
# 08:00:27:12:34:56 is 6,226,677,296, as long as no letter is in it: of a list of hardware addresses some are numbers.
# What lyaml itself writes comes back, as it puts quotes around such text.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-yaml=6.2.8-2 lua5.4=5.4.4-3+deb12u1 python3-yaml=6.0-3+b2 \
  >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >in.yaml <<'END'
- 8080:80
- 40000:443
- 08:00:27:12:34:56
- 08:00:27:12:34:5e
- 22:30
- 192.0.2.1:80
END
cat >try.lua <<'END'
local yaml = require "lyaml"
local file = assert(io.open("in.yaml"))
local list, seen = yaml.load(file:read("*a")), {}
file:close()
for n, value in ipairs(list) do
  seen[n] = type(value) == "number" and ("%d"):format(value) or ('"%s"'):format(value)
end
print("lyaml: " .. table.concat(seen, " "))
print("written and read: " .. yaml.load(yaml.dump { { "8080:80" } })[1])
END
cat >try.py <<'END'
import json

import yaml

with open("in.yaml") as file:
    print("PyYAML:", *map(json.dumps, yaml.safe_load(file)))
END
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/*' -name 'yaml.so' -printf '%h')
export LD_LIBRARY_PATH="$lib"
seen="$(LUA_PATH="$PWD/root/usr/share/lua/5.4/?.lua;$PWD/root/usr/share/lua/5.4/?/init.lua" LUA_CPATH="$so/?.so" \
  root/usr/bin/lua5.4 try.lua)
$(PYTHONPATH="$PWD/root/usr/lib/python3/dist-packages" python3 try.py)"
echo "$seen"
[ "$seen" = 'lyaml: 484880 2400443 6226677296 "08:00:27:12:34:5e" 1350 "192.0.2.1:80"
written and read: 8080:80
PyYAML: "8080:80" "40000:443" "08:00:27:12:34:56" "08:00:27:12:34:5e" 1350 "192.0.2.1:80"' ]
