#!/bin/sh
# `curl --compressed -C -` takes a download that broke off at two fifths for complete, says nothing, and ends with
# status 0.
#
# Seen with curl 7.88.1 (Debian 12).  The file on the disk holds what was unpacked; a range counts what is sent.
# curl asks for what follows the length of the file; that lies behind the end of the packed data, the server answers
# 416 (RFC 9110, 15.5.17), and to curl 416 to a resumption means that all is there.  If the disk holds fewer bytes
# than the packed data has, curl gets a piece out of its middle, cannot unpack it, and says so (status 61): the
# further the first try came, the less one hears of it.  Without --compressed the file becomes whole.
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
import gzip
import http.server
import re

PLAIN = b"".join(b"line %d of a log\n" % n for n in range(20000))
with open("whole", "wb") as file:
    file.write(PLAIN)

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        data = gzip.compress(PLAIN) if packed else PLAIN
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        at, size = int(start[1]) if start else 0, len(data)
        self.send_response(416 if at >= size else 206 if start else 200)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if start:
            self.send_header("Content-Range", "bytes %s/%d" % ("*" if at >= size else "%d-%d" % (at, size - 1), size))
        self.send_header("Content-Length", str(len(data[at:])))
        self.end_headers()
        self.wfile.write(data[at:])

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 server.py >port &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)

resume() {
  head -c "$1" whole >part
  shift
  LD_LIBRARY_PATH=$lib root/usr/bin/curl -q -s "$@" -C - -o part "http://127.0.0.1:$port/" && status=0 || status=$?
  echo "$(stat -c %s part) bytes, status $status"
}
seen="whole: $(stat -c %s whole)
150000 of them, packed: $(resume 150000 --compressed)
5000 of them, packed: $(resume 5000 --compressed)
150000 of them, plain: $(resume 150000)"
echo "$seen"
[ "$seen" = "whole: 388890
150000 of them, packed: 150000 bytes, status 0
5000 of them, packed: 5000 bytes, status 61
150000 of them, plain: 388890 bytes, status 0" ]
