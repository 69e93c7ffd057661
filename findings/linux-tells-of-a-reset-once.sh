#!/bin/sh
# A reset takes nothing away from its receiver on Linux, and whoever sends before he reads hears of it then, and never
# again: what he reads is the answer, and behind it an end as by a FIN.
#
# Seen with Linux 6.18 and Python 3.11.  By RFC 9293 (3.10.7.4) a reset flushes all queues, so that one thinks an answer
# that was not read yet is lost with it.  Linux leaves it: the program reads it, then the error, then an end.  But the
# error is told once, to whatever asks first: to a send(), which is how a client of many requests meets it, or to a
# look at SO_ERROR.  After that an answer that was cut off by the reset, and that has no length in it, is whole to its
# reader.  In a capture such a connection ends with a reset each time.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
cat >try.py <<'END'
import socket
import time

def reset_behind_an_answer():
    """A client that has an answer and a reset in its queue, as the server closed with bytes unread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    client.sendall(b"unread")
    server.sendall(b"answer")
    time.sleep(0.2)
    server.close()
    time.sleep(0.2)
    return client

def told(call, *args):
    try:
        return call(*args)
    except ConnectionResetError:
        return "reset"

with reset_behind_an_answer() as client:
    print("read:", *(told(client.recv, 100) for _ in range(3)))
with reset_behind_an_answer() as client:
    print("send, read:", told(client.send, b"more"), *(told(client.recv, 100) for _ in range(2)))
with reset_behind_an_answer() as client:
    print("SO_ERROR, read:", client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
          *(told(client.recv, 100) for _ in range(2)))
END
seen=$(python3 try.py)
echo "$seen"
[ "$seen" = "read: b'answer' reset b''
send, read: reset b'answer' b''
SO_ERROR, read: 104 b'answer' b''" ]
