#!/bin/sh
# HAProxy holds a server for alive that takes no connection any more: its plain check ends with a reset in the place of
# the handshake's last step, and no program hears of it.
#
# Seen with HAProxy 2.6.12 (Debian 12) on Linux.  One thinks of `check` as a connection that is opened and closed.  When
# the SYN-ACK has come HAProxy closes with a reset, and the kernel, which was told to hold back its acknowledgement,
# sends that alone.  To the server's kernel it is an attempt that was given up, so accept() returns nothing, and a
# server whose program hangs, or was stopped, stays UP as long as its port is open.  In a capture each check is SYN,
# SYN-ACK, reset, and looks like a client with a fault.  `option httpchk` asks the program.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install haproxy=2.6.12-1+deb12u4 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import os
import select
import socket
import subprocess
import sys
import time

def flags_of(packet, port):
    """The flags of a TCP segment from or to this port, as the loopback device shows it."""
    if packet[12:14] != b"\x08\0" or packet[23] != 6 or port not in (int.from_bytes(packet[34:36], "big"),
                                                                     int.from_bytes(packet[36:38], "big")):
        return None
    return {2: "SYN", 18: "SYN-ACK", 16: "ACK", 24: "data", 4: "RST", 20: "RST"}.get(packet[47], "other")

tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind(("lo", 0))
server, proxy = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
port, front = server.getsockname()[1], proxy.getsockname()[1]
proxy.close()
with open("haproxy.cfg", "w") as file:
    file.write("""
global
  stats socket {}/stats
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen proxy
  bind 127.0.0.1:{}
  {}
  server one 127.0.0.1:{} check inter 1s fall 2
""".format(os.getcwd(), front, sys.argv[1], port))
with subprocess.Popen(["root/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"], stderr=subprocess.DEVNULL) as process:
    seen, end, accepted = [], time.monotonic() + 6, 0
    while time.monotonic() < end:
        ready, _, _ = select.select([tap, server], [], [], 0.2)
        if tap in ready:
            packet, (_, _, kind, _, _) = tap.recvfrom(2000)
            flags = flags_of(packet, port) if kind != socket.PACKET_OUTGOING else None
            if flags:
                seen.append(flags)
        if server in ready:
            accepted += 1
            server.accept()
    with socket.socket(socket.AF_UNIX) as stats:
        stats.connect("stats")
        stats.sendall(b"show stat\n")
        lines = b"".join(iter(lambda: stats.recv(4096), b"")).decode().split("\n")
    process.terminate()
status = [line.split(",")[17] for line in lines if line.startswith("proxy,one,")][0]
print("{}: {}; accepted: {}; {}".format(sys.argv[1] or "check alone", " ".join(seen[:3]),
                                       "some" if accepted else "none", status))
END
export LD_LIBRARY_PATH="$lib"
seen="$(python3 try.py '')
$(python3 try.py 'option httpchk')"
echo "$seen"
[ "$seen" = "check alone: SYN SYN-ACK RST; accepted: none; UP
option httpchk: SYN SYN-ACK data; accepted: some; DOWN" ]
