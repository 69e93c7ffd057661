#!/bin/sh
# `curl -T FILE` takes a second for ten bytes, `curl -d @FILE` none: between the header and the ten bytes the client
# waits, and the server has done nothing wrong.
#
# Seen with curl 7.88.1 (Debian 12) and the HTTP server of Python.  A PUT asks with "Expect: 100-continue", however
# short it is, and a POST only from 1,048,577 bytes on.  A server may keep silent (RFC 9110, 10.1.1), those of HTTP/1.0
# always do; curl goes on after a second.  In a capture a request waits for its answer for more than a second, and the
# server has all of it for a few milliseconds only; who measures from the first byte blames the server.  With
# `-H Expect:` ten bytes go at once, and `--expect100-timeout` sets the second.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >server.py <<'END'
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"%d bytes, Expect: %s" % (len(body), self.headers.get("Expect", "none").encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 server.py >port &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)

for size in 10 1048576 1048577; do truncate -s $size $size; done
ask() {
  LD_LIBRARY_PATH=$lib root/usr/bin/curl -q -s -w '\n%{time_total}\n' "$@" "http://127.0.0.1:$port/" >answer
  echo "$(head -n 1 answer), $(awk 'END { print $1 < 1 ? "less than a second" : "a second or more" }' answer)"
}
seen="PUT: $(ask -T 10)
PUT, told not to ask: $(ask -T 10 -H Expect:)
POST: $(ask --data-binary @10)
POST: $(ask --data-binary @1048576)
POST: $(ask --data-binary @1048577)"
echo "$seen"
[ "$seen" = "PUT: 10 bytes, Expect: 100-continue, a second or more
PUT, told not to ask: 10 bytes, Expect: none, less than a second
POST: 10 bytes, Expect: none, less than a second
POST: 1048576 bytes, Expect: none, less than a second
POST: 1048577 bytes, Expect: 100-continue, a second or more" ]
