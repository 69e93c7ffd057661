#!/bin/sh
# When a name server is stopped, its clients over TCP see a FIN, unless it is BIND: named sends a reset on each
# connection, though nothing is unread and nothing unanswered.
#
# Seen with BIND 9.18.49, Unbound 1.17.1 and dnsdist 1.7.3 (Debian 12).  A process that ends leaves it to the kernel to
# close its connections, and the kernel sends a FIN where all was read; so do Unbound and dnsdist.  named ends
# each of them with a reset of its own, and only then itself.  In a capture that is an idle connection cut off,
# as by a filter on the way, and a client that was about to ask has an error in the place of an end.  A connection
# that only was idle for too long it closes as the others do, with a FIN.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
v=1:9.18.49-1~deb12u3
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install bind9=$v bind9-libs=$v bind9-utils=$v unbound=1.17.1-2+deb12u4 \
  dnsdist=1.7.3-2 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import os
import socket
import struct
import subprocess
import sys
import time

NAMED = """
options {{
  directory "{0}"; pid-file "{0}/pid"; session-keyfile "{0}/key"; recursion no; tcp-idle-timeout 20;
  listen-on port {1} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
}};
controls {{ }};
zone "example" {{ type primary; file "{0}/zone"; }};
"""
UNBOUND = """
server:
  interface: 127.0.0.1
  port: {1}
  do-daemonize: no
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{0}"
  use-syslog: no
  tcp-idle-timeout: 2000
  local-zone: "example." static
  local-data: "ns.example. A 192.0.2.1"
"""
DNSDIST = """
setLocal("127.0.0.1:{1}")
addAction(AllRule(), SpoofAction("192.0.2.1"))
setSecurityPollSuffix("")
"""
SERVERS = {
    "named": (NAMED, ["root/usr/sbin/named", "-4", "-g", "-n", "1", "-c"]),
    "Unbound": (UNBOUND, ["root/usr/sbin/unbound", "-c"]),
    "dnsdist": (DNSDIST, ["root/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C"]),
}
with open("zone", "w") as file:
    file.write("$TTL 60\n@ IN SOA ns h 1 1 1 1 1\n@ IN NS ns\nns IN A 192.0.2.1\n")
QUERY = struct.pack(">HHHHHHH", 28, 7, 0, 1, 0, 0, 0) + b"\2ns\7example\0" + struct.pack(">HH", 1, 1)
text, command = SERVERS[sys.argv[1]]
held = socket.create_server(("127.0.0.1", 0))
port = held.getsockname()[1]
held.close()
with open("conf", "w") as file:
    file.write(text.format(os.getcwd(), port))

def ask(client):
    """Asks, and waits for the whole answer."""
    client.sendall(QUERY)
    data = client.recv(2000)
    while len(data) < 2 + struct.unpack(">H", data[:2])[0]:
        data += client.recv(2000)

def end(client):
    try:
        return "FIN" if client.recv(1) == b"" else "data"
    except ConnectionResetError:
        return "RST"

with subprocess.Popen(command + [os.getcwd() + "/conf"], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL) as process:
    time.sleep(2)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        ask(client)
        idle = end(client)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        ask(client)
        time.sleep(0.2)
        process.terminate()
        stopped = end(client)
print("%s: idle %s, stopped %s" % (sys.argv[1], idle, stopped))
END
export LD_LIBRARY_PATH="$lib"
seen="$(python3 try.py named)
$(python3 try.py Unbound)
$(python3 try.py dnsdist)"
echo "$seen"
[ "$seen" = "named: idle FIN, stopped RST
Unbound: idle FIN, stopped FIN
dnsdist: idle FIN, stopped FIN" ]
