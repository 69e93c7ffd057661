#!/bin/sh
# LuaSocket's http.request() takes "103 Early Hints" for the whole answer: status 103, no body, and success; the page
# that follows on the same connection is thrown away.
#
# Seen with lua-socket 3.1.0 in Lua 5.4 and curl 7.88.1 (Debian 12).  Any number of answers with 1xx may come before
# the real one, and a client has to get past those that it does not know (RFC 9110, 15.2).  LuaSocket gets past 100, and
# past that alone; 102 and 103, which servers send while they work on an answer, end the request, as 204 would.  In
# the capture the whole page has arrived, and the client closes upon it.  curl reads on to the answer.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install lua-socket=3.1.0-1+b1 lua5.4=5.4.4-3+deb12u1 \
  curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >server.py <<'END'
import socket

BEFORE = {b"/": b"", b"/100": b"HTTP/1.1 100 Continue\r\n\r\n", b"/102": b"HTTP/1.1 102 Processing\r\n\r\n",
          b"/103": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"}
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    request = b""
    while b"\r\n\r\n" not in request:
        request += client.recv(4096)
    client.sendall(BEFORE[request.split()[1]] +
                   b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nthe answer")
    client.shutdown(socket.SHUT_WR)
    try:
        while client.recv(4096):
            pass
    except ConnectionResetError:
        pass
    client.close()
END
cat >try.lua <<'END'
local http = require "socket.http"
local seen = {}
for n, path in ipairs { "", "100", "102", "103" } do
  local body, status = http.request(("http://127.0.0.1:%s/%s"):format(arg[1], path))
  seen[n] = ('%s "%s"'):format(status, body)
end
print("LuaSocket: " .. table.concat(seen, ", "))
END
python3 server.py >port &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)
export LD_LIBRARY_PATH="$lib"
so=$(find "$PWD/root/usr/lib" -type d -path '*/lua/5.4')
seen="$(LUA_PATH="$PWD/root/usr/share/lua/5.4/?.lua" LUA_CPATH="$so/?.so" root/usr/bin/lua5.4 try.lua "$port")
curl: $(root/usr/bin/curl -q -s -w ' %{http_code}' "http://127.0.0.1:$port/103")"
echo "$seen"
[ "$seen" = 'LuaSocket: 200 "the answer", 200 "the answer", 102 "", 103 ""
curl: the answer 200' ]
