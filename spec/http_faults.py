#!/usr/bin/env python3
"""A web server that misbehaves: one fault an endpoint, for the tests of URLs.

Prints one line, "PORT TLS_PORT BADNAME_PORT CA_FILE EXPIRED_PORT EARLY_PORT MUTE_PORT FULL_PORT CLOSING_PORT PORT6"
(zeros and "-" without openssl, PORT6 0 without IPv6), and serves until its standard input ends.  Needs nothing but the standard library.
"""
import gzip
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib


def record(number, length=60):
    data = bytes((number + i) & 255 for i in range(length))
    return struct.pack("<IIII", 1000 + number, number, length, length) + data


HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
RECORD = len(record(0))
CAPTURE = HEADER + b"".join(record(i) for i in range(5))
LONG = HEADER + b"".join(record(i, 1000) for i in range(2000))
TWO = len(HEADER) + 2 * RECORD
ZIPPED = gzip.compress(CAPTURE)


def bomb(mebibytes):
    """A gzip stream of a capture header and zeros; its last bytes are never reached."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = deflate.compress(HEADER) + deflate.flush(zlib.Z_FULL_FLUSH)
    piece = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + start + piece * mebibytes


class Connection:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.request, self.headers = "", {}

    def send(self, data):
        self.sock.sendall(data)

    def head(self, status="200 OK", *lines):
        self.send(("HTTP/1.1 %s\r\n%sConnection: close\r\n\r\n"
                   % (status, "".join(line + "\r\n" for line in lines))).encode("latin-1"))

    def body(self, data, length=None, *lines):
        self.head("200 OK", "Content-Length: %d" % (len(data) if length is None else length),
                  *lines)
        self.send(data)

    def chunks(self, *pieces, last=True):
        self.head("200 OK", "Transfer-Encoding: chunked")
        for piece in pieces:
            self.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
        if last:
            self.send(b"0\r\n\r\n")

    def stall(self):
        """Holds the connection until the other side goes away."""
        self.sock.settimeout(20)
        try:
            while self.sock.recv(4096):
                pass
        except OSError:
            pass

    def trickle(self, data, pause):
        for i in range(len(data)):
            self.send(data[i:i + 1])
            time.sleep(pause)

    def reset(self):
        """Closes with RST and not FIN."""
        time.sleep(0.05)                        # so that what was sent has been taken
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def redirect(self, target, status="302 Found"):
        self.head(status, "Location: " + target, "Content-Length: 0")

    def here(self, path, host="127.0.0.1", user=""):
        return "http://%s%s:%d%s" % (user, host, self.server.port, path)

    def endless(self):
        block = b"".join(record(i, 1000) for i in range(1000))
        while True:
            yield block

    # ------------------------------------------------------------ endpoints

    def ok(self):
        self.body(CAPTURE)

    def ok_long(self):
        self.body(LONG)

    def ok_chunked(self):
        self.chunks(CAPTURE[:7], CAPTURE[7:100], CAPTURE[100:])

    def ok_close(self):
        self.head()
        self.send(CAPTURE)

    def ok_gzip(self):
        self.body(ZIPPED)

    def ok_gzip_encoded(self):
        self.body(ZIPPED, None, "Content-Encoding: gzip")

    def ok_twice(self):
        self.body(gzip.compress(ZIPPED), None, "Content-Encoding: gzip")

    def ok_interim(self):
        self.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        self.body(CAPTURE)

    def ok_pieces(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        for i in range(0, len(CAPTURE), 40):
            self.send(CAPTURE[i:i + 40])
            time.sleep(0.005)

    def ok_lines(self):
        """Lines that end by LF alone, and no reason behind the status."""
        self.send(b"HTTP/1.1 200\nContent-Length: %d\nConnection: close\n\n" % len(CAPTURE) + CAPTURE)

    def ok_http_10(self):
        self.send(b"HTTP/1.0 200 OK\r\n\r\n" + CAPTURE)

    def ok_trailer(self):
        """Chunks with extensions, and a field behind the last one."""
        self.head("200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum")
        self.send(b"%x;name=value\r\n" % len(CAPTURE) + CAPTURE + b"\r\n0\r\nX-Sum: 1\r\n\r\n")

    def ok_upper(self):
        self.head("200 OK", "CONTENT-LENGTH: %d" % len(CAPTURE), "X-Empty:", "X-Many: a", "X-Many: b")
        self.send(CAPTURE)

    def chunks_and_length(self):
        """Chunks win (RFC 9112, 6.3)."""
        self.head("200 OK", "Content-Length: %d" % TWO, "Transfer-Encoding: chunked")
        self.send(b"%x\r\n" % len(CAPTURE) + CAPTURE + b"\r\n0\r\n\r\n")

    def chunk_trailer_cut(self):
        self.chunks(CAPTURE, last=False)
        self.send(b"0\r\nX-Su")

    def chunk_reset(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.reset()

    def chunk_drip(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.trickle(b"%x\r\n" % (len(LONG) - len(HEADER)) + LONG[len(HEADER):], 0.02)

    def reset_end(self):
        """All of the body, and then a reset instead of the end that tells its length."""
        self.head()
        self.send(CAPTURE)
        self.reset()

    def stall_close(self):
        """All of the body; its length is told by an end that never comes."""
        self.head()
        self.send(CAPTURE)
        self.stall()

    def range_unasked(self):
        self.head("206 Partial Content", "Content-Range: bytes 0-%d/%d" % (TWO - 1, len(CAPTURE)),
                  "Content-Length: %d" % TWO)
        self.send(CAPTURE[:TWO])

    def encoding_none(self):
        """Said to be packed, and is not."""
        self.body(CAPTURE, None, "Content-Encoding: gzip")

    def encoding_deflate(self):
        self.body(zlib.compress(CAPTURE), None, "Content-Encoding: deflate")

    def encoding_changed(self):
        packed = bytearray(gzip.compress(LONG))
        packed[len(packed) // 2] ^= 0x55
        self.body(bytes(packed), None, "Content-Encoding: gzip")

    def gzip_behind(self):
        self.body(ZIPPED + b"what is no gzip")

    def status_text(self):
        self.send(b"HTTP/1.1 abc OK\r\n\r\n" + CAPTURE)

    def version_9(self):
        self.send(b"HTTP/9.9 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CAPTURE) + CAPTURE)

    def header_nul(self):
        self.head("200 OK", "X: a\0b", "Content-Length: %d" % len(CAPTURE))
        self.send(CAPTURE)

    def switch(self):
        self.head("101 Switching Protocols", "Upgrade: h2c", "Connection: Upgrade")
        self.send(CAPTURE)

    def redirect_pair(self):
        self.redirect("/redirect_pair_back")

    def redirect_pair_back(self):
        self.redirect("/redirect_pair")

    def redirect_stall(self):
        self.redirect("/stall_answer?token=hidden3")

    def redirect_closed(self):
        self.redirect("http://hidden1:hidden2@127.0.0.1:1/ok?token=hidden3")

    def redirect_unknown(self):
        self.redirect("http://hidden1:hidden2@no-such-host.invalid/ok?token=hidden3")

    def redirect_file(self):
        self.redirect("file:///etc/passwd")

    def redirect_empty(self):
        self.redirect("http:///ok")

    def redirect_long(self):
        self.redirect("/" + "x" * 70000)

    def redirect_truncated(self):
        self.redirect("/short_boundary?token=hidden3")

    def stall_answer(self):
        self.stall()

    def stall_status(self):
        self.send(b"HTTP/1.1 2")
        self.stall()

    def stall_headers(self):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        self.stall()

    def stall_body(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        self.stall()

    def stall_record(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        self.send(CAPTURE[:TWO + 20])
        self.stall()

    def stall_boundary(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        self.send(CAPTURE[:TWO])
        self.stall()

    def stall_chunk(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.stall()

    def stall_end(self):
        self.head("200 OK", "Content-Length: %d" % (len(CAPTURE) + 1))
        self.send(CAPTURE)
        self.stall()

    def trickle_headers(self):
        self.send(b"HTTP/1.1 200 OK\r\nX: ")
        self.trickle(b"y" * 1000, 0.02)

    def trickle_body(self):
        self.head("200 OK", "Content-Length: %d" % len(LONG))
        self.trickle(LONG, 0.02)

    def reset_answer(self):
        self.reset()

    def reset_headers(self):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        self.reset()

    def reset_record(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        self.send(CAPTURE[:TWO + 20])
        self.reset()

    def reset_boundary(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE))
        self.send(CAPTURE[:TWO])
        self.reset()

    def close_answer(self):
        pass

    def close_headers(self):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Le")

    def close_interim(self):
        """More was promised, and nothing comes."""
        self.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")

    def short_record(self):
        self.body(CAPTURE[:TWO + 20], len(CAPTURE))

    def short_boundary(self):
        self.body(CAPTURE[:TWO], len(CAPTURE))

    def short_header(self):
        self.body(CAPTURE[:10], len(CAPTURE))

    def short_one(self):
        self.body(CAPTURE, len(CAPTURE) + 1)

    def long_boundary(self):
        self.body(CAPTURE, TWO)

    def long_record(self):
        self.body(CAPTURE, TWO + 20)

    def chunk_no_last(self):
        self.chunks(CAPTURE, last=False)

    def chunk_cut(self):
        self.head("200 OK", "Transfer-Encoding: chunked")
        self.send(b"%x\r\n" % len(CAPTURE) + CAPTURE[:TWO])

    def chunk_bad_size(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.send(b"zz\r\n" + CAPTURE[TWO:] + b"\r\n0\r\n\r\n")

    def chunk_huge_size(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.send(b"fffffffffffffffffff\r\n" + CAPTURE[TWO:])

    def chunk_no_newline(self):
        self.chunks(CAPTURE[:TWO], last=False)
        self.send(b"10\r\n" + b"x" * 16 + b"yy10\r\n")

    def length_two(self):
        self.head("200 OK", "Content-Length: %d" % len(CAPTURE), "Content-Length: %d" % TWO)
        self.send(CAPTURE)

    def length_negative(self):
        self.head("200 OK", "Content-Length: -5")
        self.send(CAPTURE)

    def length_text(self):
        self.head("200 OK", "Content-Length: many")
        self.send(CAPTURE)

    def length_4gib(self):
        self.head("200 OK", "Content-Length: %d" % (1 << 32))
        self.send(CAPTURE)

    def no_http(self):
        self.send(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.stall()

    def http_09(self):
        self.send(CAPTURE)

    def endless_headers(self):
        self.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.send(b"X-More: " + b"x" * 1000 + b"\r\n")

    def endless_line(self):
        self.send(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            self.send(b"x" * 4096)

    def endless_interim(self):
        while True:
            self.send(b"HTTP/1.1 100 Continue\r\nX: %s\r\n\r\n" % (b"x" * 1000))

    def endless_body(self):
        self.head()
        self.send(HEADER)
        for block in self.endless():
            self.send(block)

    def endless_chunks(self):
        self.head("200 OK", "Transfer-Encoding: chunked")
        self.send(b"%x\r\n" % len(HEADER) + HEADER + b"\r\n")
        for block in self.endless():
            self.send(b"%x\r\n" % len(block) + block + b"\r\n")

    def endless_redirect(self):
        self.head("302 Found", "Location: /ok")
        while True:
            self.send(b"x" * 4096)

    def html(self):
        self.body(b"<!DOCTYPE html><html><body>Please log in</body></html>")

    def empty(self):
        self.body(b"")

    def bomb_gzip(self):
        self.body(bomb(4096))

    def gzip_cut(self):
        whole = gzip.compress(LONG)
        self.body(whole[:len(whole) * 2 // 3])

    def gzip_cut_encoded(self):
        whole = gzip.compress(LONG)
        self.body(whole[:len(whole) * 2 // 3], None, "Content-Encoding: gzip")

    def gzip_no_trailer(self):
        self.body(ZIPPED[:-8])

    def gzip_bad_check(self):
        self.body(ZIPPED[:-8] + b"\1\2\3\4" + ZIPPED[-4:])

    def encoding_br(self):
        self.body(b"\x8b\x02\x80whatever", None, "Content-Encoding: br\x07")

    def redirect_relative(self):
        self.redirect("ok")

    def redirect_301(self):
        self.redirect(self.here("/ok"), "301 Moved")

    def redirect_308(self):
        self.redirect("/ok", "308 Permanent Redirect")

    def redirect_loop(self):
        self.redirect("/redirect_loop")

    def redirect_nowhere(self):
        self.head("302 Found", "Content-Length: 0")

    def redirect_host(self):
        self.redirect(self.here("/ok", "localhost"))

    def redirect_private(self):
        self.redirect("http://10.255.255.1/ok")

    def redirect_metadata(self):
        self.redirect("http://169.254.169.254/latest/meta-data/")

    def redirect_quiet(self):
        self.redirect(self.here("/status_404?token=hidden3", user="hidden1:hidden2@"))

    def redirect_404(self):
        self.redirect("/status_404")

    def redirect_crlf(self):
        self.redirect("/ok\r\nX-Injected: yes")

    def redirect_blank(self):
        self.redirect("/o k\x01\x02")

    def redirect_tls(self):
        self.redirect("https://127.0.0.1:%d/ok" % self.server.tls_port)

    def auth(self):
        # user:secret
        if self.headers.get("authorization") == "Basic dXNlcjpzZWNyZXQ=":
            self.ok()
        else:
            self.head("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"', "Content-Length: 0")

    def cookie(self):
        self.head("302 Found", "Set-Cookie: a=b; Path=/", "Location: /no_cookie",
                  "Content-Length: 0")

    def no_cookie(self):
        if "cookie" in self.headers:
            self.head("400 Bad Request", "Content-Length: 0")
        else:
            self.ok()

    def echo(self):
        """A 200 only for a request that shows nothing but what it should."""
        known = {"host", "user-agent", "accept"}
        if set(self.headers) <= known and self.headers["user-agent"].startswith("mcpcap/"):
            self.ok()
        else:
            self.head("400 Bad Request", "Content-Length: 0")

    def serve(self):
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.sock.recv(65536)
            if not more:
                return
            data += more
        lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        self.request = lines[0].split(" ")[1]
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        name = self.request.split("?")[0][1:]
        if name.startswith("status_"):
            self.head(name[7:] + " Said So", "Content-Length: %d" % len(CAPTURE))
            self.send(CAPTURE)
        elif name.startswith("hop_"):
            left = int(name[4:])
            self.redirect("/hop_%d" % (left - 1) if left > 0 else "/ok")
        elif name.startswith("redirect_to_"):
            self.redirect(name[12:] + "://127.0.0.1:%d/ok" % self.server.port)
        elif name in ENDPOINTS:
            getattr(self, name)()
        else:
            self.head("404 Not Found", "Content-Length: 0")


ENDPOINTS = {name for name, value in vars(Connection).items()
             if callable(value) and not name.startswith("_")
             and name not in ("send", "head", "body", "chunks", "stall", "trickle", "reset",
                              "redirect", "here", "endless", "serve")}


class Server:
    port = tls_port = badname_port = 0
    kept = []

    def listen(self, context=None, host="127.0.0.1", family=socket.AF_INET):
        listener = socket.create_server((host, 0), family=family, backlog=64)
        threading.Thread(target=self.accept, args=(listener, context), daemon=True).start()
        return listener.getsockname()[1]

    def listen_mute(self):
        """The kernel takes connections, and nobody says a word."""
        self.kept.append(socket.create_server(("127.0.0.1", 0), backlog=64))
        return self.kept[-1].getsockname()[1]

    def listen_full(self):
        """No connection is taken any more: SYNs stay without answer."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.kept.append(listener)
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            self.kept.append(client)
        time.sleep(0.1)
        return listener.getsockname()[1]

    def listen_closing(self):
        """Hears the first words, and goes."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)

        def run():
            while True:
                sock, _ = listener.accept()
                sock.recv(65536)
                sock.close()
        threading.Thread(target=run, daemon=True).start()
        return listener.getsockname()[1]

    def accept(self, listener, context):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.handle, args=(sock, context), daemon=True).start()

    def handle(self, sock, context):
        try:
            if context is not None:
                sock = context.wrap_socket(sock, server_side=True)
            Connection(self, sock).serve()
            sock.shutdown(socket.SHUT_WR)
            Connection(self, sock).stall()
        except (OSError, ValueError, IndexError, KeyError):
            pass
        finally:
            sock.close()


def certificate(folder, name, names):
    """A self-signed certificate; returns (context, file)."""
    path = os.path.join(folder, name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=" + names, "-keyout", path + ".key", "-out", path],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, path + ".key")
    return context, path


def certificate_of(folder, name, begin, end):
    """The same with dates, YYYYMMDD; returns (context, file)."""
    path = os.path.join(folder, name)
    os.mkdir(path)
    for empty in ("index.txt", "index.txt.attr"):
        with open(os.path.join(path, empty), "w", encoding="ascii"):
            pass
    config = os.path.join(path, "ca.conf")
    with open(config, "w", encoding="ascii") as out:
        out.write("[ca]\ndefault_ca=own\n[own]\ndatabase=%s/index.txt\nserial=%s/serial\nnew_certs_dir=%s\n"
                  "default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n"
                  "[names]\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n[req]\ndistinguished_name=dn\n[dn]\n"
                  % (path, path, path))
    key, request, made = (os.path.join(path, leaf) for leaf in ("key.pem", "request.pem", "cert.pem"))
    for words in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", config,
                   "-subj", "/CN=" + name, "-keyout", key, "-out", request],
                  ["ca", "-batch", "-selfsign", "-create_serial", "-notext", "-config", config, "-keyfile", key,
                   "-in", request, "-out", made, "-startdate", begin + "000000Z", "-enddate", end + "000000Z"]):
        subprocess.run(["openssl"] + words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context, made


def main():
    server = Server()
    server.port = server.listen()
    folder = tempfile.mkdtemp(prefix="http_faults")
    authority = "-"
    expired_port = early_port = port6 = 0
    mute_port, full_port, closing_port = server.listen_mute(), server.listen_full(), server.listen_closing()
    try:
        port6 = server.listen(None, "::1", socket.AF_INET6)
    except OSError:
        pass                                    # no IPv6 here
    try:
        if shutil.which("openssl"):
            good, first = certificate(folder, "good", "IP:127.0.0.1,DNS:localhost")
            bad, second = certificate(folder, "bad", "DNS:wrong.example")
            expired, third = certificate_of(folder, "expired", "20200101", "20200201")
            early, fourth = certificate_of(folder, "early", "20900101", "20900201")
            server.tls_port = server.listen(good)
            server.badname_port = server.listen(bad)
            expired_port, early_port = server.listen(expired), server.listen(early)
            authority = os.path.join(folder, "both.pem")
            with open(authority, "w", encoding="ascii") as both:
                for path in (first, second, third, fourth):
                    with open(path, encoding="ascii") as one:
                        both.write(one.read())
        print(server.port, server.tls_port, server.badname_port, authority, expired_port, early_port, mute_port, full_port,
              closing_port, port6, flush=True)
        sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
