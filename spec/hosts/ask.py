"""Asks an HTTP server what curl cannot be asked for: the answers of others while one
request is at work, and clients that go away.

    ask.py during PORT PATH            GET PATH; meanwhile GET /health over and over
    ask.py abort PORT PATH BODY-FILE   POST the body, read a little, close
    ask.py leave PORT PATH             GET PATH, close at once
    ask.py flood PORT PATH N           N times GET PATH at the same time
"""
import http.client
import json
import socket
import sys
import threading
import time


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def during(port, path):
    """How often others were answered while the request was at work."""
    ended = []
    thread = threading.Thread(target=lambda: ended.append(get(port, path)))
    thread.start()
    answered, times = 0, []
    while not ended and thread.is_alive():
        begin = time.perf_counter()
        status, _ = get(port, "/health")
        if not ended:
            answered += status == 200
            times.append(time.perf_counter() - begin)
    thread.join()
    times.sort()
    print(json.dumps({
        "status": ended[0][0], "bytes": len(ended[0][1]), "answered": answered,
        "p99_ms": 1000 * times[int(len(times) * 0.99)] if times else None,
    }))


def abort(port, path, body_file):
    """Sends a request, reads what comes first, and goes away."""
    with open(body_file, "rb") as file:
        body = file.read()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, body, {"Content-Type": "application/json",
                                            "Accept": "application/json, text/event-stream"})
    response = connection.getresponse()
    first = response.readline()
    connection.sock.close()
    response.close()
    connection.close()
    print(json.dumps({"status": response.status, "first": first.decode()}))


def leave(port, path):
    """Asks and does not wait."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path).encode())
        time.sleep(0.01)
    print("{}")


def flood(port, path, count):
    """Statuses of many requests at once."""
    results = {}
    lock = threading.Lock()

    def one():
        try:
            status, _ = get(port, path)
        except OSError as problem:
            status = str(problem)
        with lock:
            results[str(status)] = results.get(str(status), 0) + 1

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


if __name__ == "__main__":
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "during":
        during(port, sys.argv[3])
    elif what == "abort":
        abort(port, sys.argv[3], sys.argv[4])
    elif what == "leave":
        leave(port, sys.argv[3])
    else:
        flood(port, sys.argv[3], int(sys.argv[4]))
