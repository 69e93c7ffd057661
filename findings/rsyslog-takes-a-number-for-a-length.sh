#!/bin/sh
# A line of log that begins with a number loses it on its way to rsyslog over TCP, and takes the lines behind it along:
# "3 packets lost" becomes "pac" and "kets lost", and after "200 OK" nothing comes any more.
#
# Seen with rsyslog 8.2302.0 (Debian 12).  Syslog over TCP has two framings (RFC 6587, 3.4): a line ends with a line
# feed, or the length stands in front.  rsyslog takes both on one port, and goes by the first character of each
# message: a digit is a length.  Syslog's own messages begin with "<", but what `nc`, a device or a pipe sends need
# not.  An address at the beginning loses its first part and falls in two, and 200 bytes that do not come are
# waited for until the connection ends, and then dropped.  In a capture all lines arrive and are acknowledged.  With
# `SupportOctetCountedFraming="off"` they are all there.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 \
  liblognorm5=2.0.6-4 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
modules=$(find "$PWD/root" -name imtcp.so -printf '%h')

# shellcheck disable=SC2046
set -- $(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in "12"]
print(*(one.getsockname()[1] for one in held))')
cat >rsyslog.conf <<END
module(load="imtcp")
template(name="line" type="string" string="%rawmsg%\n")
ruleset(name="both") { action(type="omfile" file="$PWD/both" template="line") }
ruleset(name="lines") { action(type="omfile" file="$PWD/lines" template="line") }
input(type="imtcp" address="127.0.0.1" port="$1" ruleset="both")
input(type="imtcp" address="127.0.0.1" port="$2" ruleset="lines" SupportOctetCountedFraming="off")
END
LD_LIBRARY_PATH="$lib" root/usr/sbin/rsyslogd -n -f rsyslog.conf -i "$PWD/pid" -M "$modules" >rsyslog.log 2>&1 &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
sleep 2
for port; do
  python3 - "$port" <<'END'
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as client:
    client.sendall(b"a line\n3 packets lost\n10.0.0.1 has gone\n200 OK\nanother line\n")
    client.shutdown(socket.SHUT_WR)
    client.recv(1)
END
done
sleep 2
seen="default: $(paste -s -d '|' both)
off: $(paste -s -d '|' lines)"
echo "$seen"
[ "$seen" = "default: a line|pac|kets lost|0.0.1 has |gone
off: a line|3 packets lost|10.0.0.1 has gone|200 OK|another line" ]
