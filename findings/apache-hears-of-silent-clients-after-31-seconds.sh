#!/bin/sh
# Apache with `Timeout 2` leaves a client that connects and says nothing alone for half a minute, and then its SYN-ACK
# comes once more, though the handshake was complete after its first.
#
# Seen with Apache 2.4.71 (Debian 12) on Linux.  By default (`AcceptFilter http data`) Apache asks for
# TCP_DEFER_ACCEPT, 30 seconds, so as not to wake up before there is a request.  Linux makes a number of SYN-ACKs of it,
# 1 + 2 + 4 + 8 + 16 seconds, ignores the client's acknowledgement, and sends the last of them, and only that; Apache's
# own limit begins with the answer to it.  A browser's spare connection, or a check of a port, looks in a capture as if
# the last step of the handshake had been lost; Apache's status and log know of no such client.  With
# `AcceptFilter http none` it is closed after two seconds.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install apache2-bin=2.4.71-1~deb12u1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import os
import select
import socket
import subprocess
import sys
import time

tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind(("lo", 0))
held = socket.create_server(("127.0.0.1", 0))
port = held.getsockname()[1]
held.close()
with open("apache.conf", "w") as file:
    file.write("""
ServerRoot {0}
ServerName web.example
Listen 127.0.0.1:{1}
PidFile {0}/pid
ErrorLog {0}/error.log
LoadModule mpm_event_module {0}/root/usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module {0}/root/usr/lib/apache2/modules/mod_authz_core.so
DocumentRoot {0}
User nobody
Group nogroup
Timeout 2
{2}
""".format(os.getcwd(), port, sys.argv[1]))
with subprocess.Popen(["root/usr/sbin/apache2", "-X", "-f", os.getcwd() + "/apache.conf"],
                      stderr=subprocess.DEVNULL) as process:
    time.sleep(2)
    start, syn_acks, client = time.monotonic(), [], socket.create_connection(("127.0.0.1", port))
    own = client.getsockname()[1]
    while True:
        ready, _, _ = select.select([tap, client], [], [], 60)
        if tap in ready:
            packet, (_, _, kind, _, _) = tap.recvfrom(100)
            if (kind != socket.PACKET_OUTGOING and packet[12:14] == b"\x08\0" and packet[23] == 6 and
                    packet[34:38] == port.to_bytes(2, "big") + own.to_bytes(2, "big") and packet[47] == 18):
                syn_acks.append("%d s" % (time.monotonic() - start))
        if client in ready or not ready:
            took = time.monotonic() - start
            break
    client.close()
    process.terminate()
ended = "2 to 4 s" if 2 <= took < 4 else "33 to 38 s" if 33 <= took < 38 else "%.1f s" % took
print("%s: SYN-ACKs at %s; closed after %s" % (sys.argv[1] or "default", ", ".join(syn_acks), ended))
END
export LD_LIBRARY_PATH="$lib"
seen="$(python3 try.py '')
$(python3 try.py 'AcceptFilter http none')"
echo "$seen"
[ "$seen" = "default: SYN-ACKs at 0 s, 31 s; closed after 33 to 38 s
AcceptFilter http none: SYN-ACKs at 0 s; closed after 2 to 4 s" ]
