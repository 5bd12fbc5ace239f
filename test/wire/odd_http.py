"""A server that answers as it is told, also as none should: for tests of our client."""

import socket
import threading


class Odd:
    """answers: octets, one for each request that comes (the last one again and again). Keeps what was asked.

    An answer may be (octets, "close"): the connection ends then; (octets, "cut"): so, without a word.
    A callable gets the request and gives one of these. goes_on: what is sent where 100 is expected; or a list of such, one each.
    """

    def __init__(self, *answers, goes_on=b"HTTP/1.1 100 Continue\r\n\r\n"):
        self.goes_on = goes_on
        self.answers, self.asked, self.open = list(answers), [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for conn in self.open:
            conn.close()

    def accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(conn)
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def read(self, conn):
        """One request: (method, target, {field: value}, body), names in lower case; None at the end."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = conn.recv(65536)
            if not more:
                return None
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        if "expect" in fields:
            conn.sendall(self.goes_on.pop(0) if isinstance(self.goes_on, list) else self.goes_on)
        while len(body) < int(fields.get("content-length", 0)):
            more = conn.recv(65536)
            if not more:
                return None
            body += more
        return (*lines[0].split(" ")[:2], fields, body)

    def serve(self, conn):
        try:
            while (request := self.read(conn)):
                self.asked.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    answer = answer(request)
                octets, then = answer if isinstance(answer, tuple) else (answer, "")
                conn.sendall(octets)
                if then:
                    break
        except OSError:
            pass
        conn.close()


def answer(status, body=b"", *fields, length=None):
    """An answer in good form; length: what it says of itself."""
    lines = ["HTTP/1.1 %s" % status, "Content-Length: %d" % (len(body) if length is None else length), *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
