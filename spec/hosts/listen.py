"""Listens on a free port of 127.0.0.1 and prints it; accepts and closes."""
import socket

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.close()
