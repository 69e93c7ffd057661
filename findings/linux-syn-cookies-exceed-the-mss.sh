#!/bin/sh
# While Linux answers with SYN cookies, it sends 536 bytes a segment to a client that asked for 500 at most, and 1,300
# to one whose tunnel has room for 1,400.
#
# Seen with Linux 6.18.  A cookie has room for one of four sizes, 536, 1300, 1440 and 1460: the server remembers the
# largest that is not above what the SYN asked for, and the smallest where all are.  So connections of a time of flood
# are slower for as long as they live: with 1,000 asked for, there are twice as many segments.  To 500, as of a small
# device, each full segment is larger than it may be (RFC 9293, 3.7.1).  Scaling and SACK fit into a cookie only beside
# timestamps, and both are gone without.  In a capture the SYN asks for one size, the SYN-ACK for its own, and the
# segments have a third, with no device on the way.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

cat >try.py <<'END'
import array
import fcntl
import select
import socket
import struct
import sys

tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind(("lo", 0))
# SIOCETHTOOL with ETHTOOL_STSO: the segments are to be seen one by one
off = array.array("I", [0x1F, 0])
fcntl.ioctl(tap, 0x8946, struct.pack("16sP16x", b"lo", off.buffer_info()[0]))
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1].to_bytes(2, "big")
sizes, agreed = [], set()
for asked in 1460, 1400, 1000, 500:
    with socket.socket() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, asked)
        client.connect(server.getsockname())
        ours, _ = server.accept()
        ours.sendall(bytes(4000))
        got = 0
        while got < 4000:
            got += len(client.recv(4000))
        ours.close()
    largest = 0
    while select.select([tap], [], [], 0.2)[0]:
        packet, (_, _, kind, _, _) = tap.recvfrom(3000)
        if kind != socket.PACKET_OUTGOING and packet[12:14] == b"\x08\0" and packet[23] == 6 and packet[34:36] == port:
            header = (packet[46] >> 4) * 4
            largest = max(largest, int.from_bytes(packet[16:18], "big") - 20 - header)
            if packet[47] == 18:
                options = packet[54:34 + header]
                agreed.add("with" if b"\4\2" in options and b"\3\3" in options else "without")
    sizes.append("%d for %d" % (largest, asked))
print("%s: %s, %s SACK and scaling" % (sys.argv[1], ", ".join(sizes), " and ".join(sorted(agreed))))
END
cat >within.sh <<'END'
ip link set lo mtu 1500 up
echo 0 >/proc/sys/net/ipv4/tcp_timestamps
echo 0 >/proc/sys/net/ipv4/tcp_syncookies
python3 try.py "no cookies"
echo 2 >/proc/sys/net/ipv4/tcp_syncookies
python3 try.py cookies
END
seen=$(unshare -n sh within.sh)
echo "$seen"
[ "$seen" = "no cookies: 1460 for 1460, 1400 for 1400, 1000 for 1000, 500 for 500, with SACK and scaling
cookies: 1460 for 1460, 1300 for 1400, 536 for 1000, 536 for 500, without SACK and scaling" ]
