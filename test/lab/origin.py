"""origin.py - what is in the lab's internet: HTTP on port 80, something that is not HTTP on 443 and 7, UDP on 7."""

import select
import socket
import threading

import wire

CHUNK = 1000


def answer_of(sock, method="GET"):
    """One answer to a request that asked for the connection's end."""
    data = b""
    while True:
        more = sock.recv(65536)
        if not more:
            break
        data += more
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        raise wire.Closed("no answer to %s: %r" % (method, data[:200]))
    answer = wire.parse_head(head)
    answer.body = body
    return answer


def listen(kind, address, port):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    if kind == socket.SOCK_STREAM:
        sock.listen(64)
    return sock


class Origin:
    """Serves from this process by sockets that stand in the internet. Ends with its `with`."""

    def __init__(self, net, addresses):
        self.net, self.addresses = net, addresses
        self.ending, self.threads = threading.Event(), []

    def __enter__(self):
        for address in self.addresses.values():
            for kind, port, serve in ((socket.SOCK_STREAM, 80, self.web), (socket.SOCK_STREAM, 443, self.echo),
                                      (socket.SOCK_STREAM, 7, self.echo), (socket.SOCK_DGRAM, 7, None)):
                sock = self.net.do(lambda: listen(kind, address, port))
                self.begin(self.accept if serve else self.datagrams, sock, serve)
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(5)

    def begin(self, act, *arguments):
        thread = threading.Thread(target=act, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def ready(self, sock):
        """Something came; False: it is over."""
        while not self.ending.is_set():
            if select.select([sock], [], [], 0.05)[0]:
                return True
        return False

    def accept(self, sock, serve):
        with sock:
            while self.ready(sock):
                conn, peer = sock.accept()
                self.begin(self.guarded, serve, conn, peer)

    def guarded(self, serve, conn, peer):
        with conn:
            try:
                conn.settimeout(20 * wire.STRETCH)
                serve(conn, peer)
            except OSError:
                pass

    def datagrams(self, sock, _serve):
        with sock:
            while self.ready(sock):
                data, peer = sock.recvfrom(2000)
                sock.sendto(data, peer)

    def echo(self, conn, _peer):
        while self.ready(conn):
            data = conn.recv(65536)
            if not data:
                return
            conn.sendall(data)

    def web(self, conn, peer):
        head = b""
        while b"\r\n\r\n" not in head and self.ready(conn):
            more = conn.recv(65536)
            if not more:
                return
            head += more
        target = head.split(b" ")[1].decode("ascii")
        if target == "/slow":
            self.slow(conn)
        else:
            self.page(conn, peer, target)

    def page(self, conn, peer, target):
        """/N is a page of N octets; all else says who asked."""
        body = b"x" * int(target[1:]) if target[1:].isdigit() else b"origin saw " + peer[0].encode("ascii")
        conn.sendall(b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: %d\r\n"
                     b"Connection: close\r\n\r\n" % len(body) + body)

    def slow(self, conn):
        """A download without an end, 20 pieces a second."""
        conn.sendall(b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n")
        while not self.ending.wait(0.05):
            conn.sendall(b"x" * CHUNK)
