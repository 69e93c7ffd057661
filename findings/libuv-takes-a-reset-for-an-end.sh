#!/bin/sh
# To Lua's luv and to Node.js a connection that was reset has ended in order, if the reset comes soon behind the last
# bytes: no error is told, and an answer that was cut off is a whole one.
#
# Seen with lua-luv 1.44.2 on libuv 1.44.2 (Debian 12) in Lua 5.4, and Node.js 20.20.2 on Linux.  A server that closes
# while bytes of its client are unread sends a reset.  Where it is there when the loop comes to read, as always behind
# some work, libuv reads the bytes, fewer than fit into its buffer, sees that the other side is gone, and reports an end
# without asking the socket why.  Of an answer without a length, which ends where the connection does, nobody can tell
# that its rest is missing; the capture has the reset.  When the reset comes half a second after the bytes, both report
# ECONNRESET, as they should.
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

cat >server.py <<'END'
import socket
import sys
import time

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    pause = int(client.recv(1)) / 10
    time.sleep(0.2)
    client.sendall(b"half an ans")
    time.sleep(pause)
    client.close()
END
cat >try.lua <<'END'
local uv = require "luv"

local function ask(pause)
  local seen, client = {}, uv.new_tcp()
  client:connect("127.0.0.1", tonumber(arg[1]), function()
    client:write(pause .. " and more")
    client:read_start(function(err, data)
      seen[#seen + 1] = err or data or "end"
      if not data then client:close() end
    end)
    if pause == 0 then
      local from = uv.hrtime()
      while uv.hrtime() - from < 6e8 do end
    end
  end)
  uv.run()
  return table.concat(seen, ", ")
end

print(("luv: %s; half a second later: %s"):format(ask(0), ask(5)))
END
cat >try.cjs <<'END'
const ask = (pause) => new Promise((done) => {
  const seen = [];
  const client = require('net').connect(+process.argv[2], '127.0.0.1', () => {
    client.write(`${pause} and more`);
    setTimeout(() => {
      const from = Date.now();
      while (!pause && Date.now() - from < 600);
    }, 20);
  });
  client.on('data', (data) => seen.push(data)).on('end', () => seen.push('end'))
    .on('error', ({ code }) => seen.push(code)).on('close', () => done(seen.join(', ')));
});
ask(0).then((soon) => ask(5).then((later) => console.log(`Node.js: ${soon}; half a second later: ${later}`)));
END
python3 server.py >port &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)
so=$(find "$PWD/root/usr/lib" -path '*/lua/5.4/luv.so' -printf '%h')
seen="$(LD_LIBRARY_PATH="$lib" LUA_CPATH="$so/?.so;;" root/usr/bin/lua5.4 try.lua "$port")
$(node try.cjs "$port")"
echo "$seen"
[ "$seen" = "luv: half an ans, end; half a second later: half an ans, ECONNRESET
Node.js: half an ans, end; half a second later: half an ans, ECONNRESET" ]
