#!/bin/sh
# A client that closes its side after its request, as `nc -N` and many scripts do, gets no answer through nginx, not
# even an error: to nginx a FIN means that nobody waits any more.
#
# Seen with nginx 1.22.1 and HAProxy 2.6.12 (Debian 12).  TCP lets a side close and still read (RFC 9293, 3.6).  While
# nginx waits for the server behind it, it watches for the FIN of its client; when it comes, or was there before, nginx
# closes both connections, and writes 499 into its log.  In a capture that looks like a server that hangs up on a
# request.  The server itself and HAProxy answer the same client, and so does nginx with `proxy_ignore_client_abort on`.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install nginx=1.22.1-9+deb12u11 haproxy=2.6.12-1+deb12u4 >apt.log 2>&1 ||
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
        time.sleep(1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the answer")

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
cat >ask.py <<'END'
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as client:
    client.sendall(b"GET / HTTP/1.0\r\nHost: web.example\r\n\r\n")
    if sys.argv[2] == "closes":
        client.shutdown(socket.SHUT_WR)
    print(len(b"".join(iter(lambda: client.recv(4096), b"")).partition(b"\r\n\r\n")[2]), "bytes")
END
python3 server.py >port 2>server.err &
servers=$!
trap 'kill $servers; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)
# shellcheck disable=SC2046
set -- $(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in "123"]
print(*(one.getsockname()[1] for one in held))')
cat >nginx.conf <<END
daemon off;
master_process off;
pid nginx.pid;
error_log nginx.err crit;
events { }
http {
  access_log access.log;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  server { listen 127.0.0.1:$1; location / { proxy_pass http://127.0.0.1:$port; } }
  server { listen 127.0.0.1:$2; location / { proxy_pass http://127.0.0.1:$port; proxy_ignore_client_abort on; } }
}
END
cat >haproxy.cfg <<END
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen proxy
  bind 127.0.0.1:$3
  server one 127.0.0.1:$port
END
export LD_LIBRARY_PATH="$lib"
root/usr/sbin/nginx -p "$PWD" -c nginx.conf -e nginx.err &
servers="$servers $!"
root/usr/sbin/haproxy -db -f haproxy.cfg 2>haproxy.err &
servers="$servers $!"
sleep 2
status() { cut -d ' ' -f 9 access.log | paste -s -d ' '; }
seen="server: $(python3 ask.py "$port" waits), $(python3 ask.py "$port" closes)
nginx: $(python3 ask.py "$1" waits), $(python3 ask.py "$1" closes), status $(status)
nginx, ignoring: $(python3 ask.py "$2" waits), $(python3 ask.py "$2" closes)
HAProxy: $(python3 ask.py "$3" waits), $(python3 ask.py "$3" closes)"
echo "$seen"
[ "$seen" = "server: 10 bytes, 10 bytes
nginx: 10 bytes, 0 bytes, status 200 499
nginx, ignoring: 10 bytes, 10 bytes
HAProxy: 10 bytes, 10 bytes" ]
