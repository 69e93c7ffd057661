#!/bin/sh
# Through Tinyproxy a client that closes its side after its request gets the head of the answer, "200 OK" and a length
# of 11 bytes, and none of the 11 bytes that the server sends half a second later.
#
# Seen with Tinyproxy 1.11.1 and HAProxy 2.6.12 (Debian 12).  TCP lets a side close and still read (RFC 9293, 3.6).
# Tinyproxy does not look at the client while it waits for the answer's head, however long that takes, and hands it on;
# for the body it watches both sides, and the FIN, which came long before, ends the work: what the server has sent by
# then arrives, what comes later does not.  A capture on the client's side shows a server that states a length and then
# closes in order, with a FIN.  A tunnel made by CONNECT gives nothing at all.  HAProxy hands on all 11 bytes.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install tinyproxy-bin=1.11.1-2.1+deb12u1 haproxy=2.6.12-1+deb12u4 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >server.py <<'END'
import http.server
import time

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        time.sleep(0.3)
        self.send_response(200)
        self.send_header("Content-Length", "11")
        self.end_headers()
        time.sleep(0.5)
        self.wfile.write(b"the answer\n")

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
cat >ask.py <<'END'
import re
import socket
import sys

server, proxy = int(sys.argv[1]), int(sys.argv[2])
url = "http://127.0.0.1:%d/" % server if sys.argv[3] == "proxy" else "/"
with socket.create_connection(("127.0.0.1", proxy), 5) as client:
    if sys.argv[3] == "tunnel":
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.0\r\n\r\n" % server)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
    client.sendall(b"GET %s HTTP/1.0\r\nHost: web.example\r\n\r\n" % url.encode())
    if sys.argv[4] == "closes":
        client.shutdown(socket.SHUT_WR)
    head, _, body = b"".join(iter(lambda: client.recv(4096), b"")).partition(b"\r\n\r\n")
length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
print("%s, %d of %s bytes" % (head[9:15].decode(), len(body), length[1].decode()) if head else "nothing")
END
python3 server.py >port 2>server.err &
servers=$!
trap 'kill $servers; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)
# shellcheck disable=SC2046
set -- $(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in "12"]
print(*(one.getsockname()[1] for one in held))')
cat >tinyproxy.conf <<END
Listen 127.0.0.1
Port $1
Timeout 10
MaxClients 10
LogFile "$PWD/tinyproxy.log"
END
cat >haproxy.cfg <<END
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen proxy
  bind 127.0.0.1:$2
  server one 127.0.0.1:$port
END
export LD_LIBRARY_PATH="$lib"
root/usr/bin/tinyproxy -d -c tinyproxy.conf >tinyproxy.out 2>&1 &
servers="$servers $!"
root/usr/sbin/haproxy -db -f haproxy.cfg 2>haproxy.err &
servers="$servers $!"
sleep 2
seen="client waits: $(python3 ask.py "$port" "$1" proxy waits)
client closes: $(python3 ask.py "$port" "$1" proxy closes)
tunnel, client waits: $(python3 ask.py "$port" "$1" tunnel waits)
tunnel, client closes: $(python3 ask.py "$port" "$1" tunnel closes)
HAProxy, client closes: $(python3 ask.py "$port" "$2" plain closes)"
echo "$seen"
[ "$seen" = "client waits: 200 OK, 11 of 11 bytes
client closes: 200 OK, 0 of 11 bytes
tunnel, client waits: 200 OK, 11 of 11 bytes
tunnel, client closes: nothing
HAProxy, client closes: 200 OK, 11 of 11 bytes" ]
