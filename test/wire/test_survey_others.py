"""samovar survey against servers that say what they are told: canned ones earn nothing, wicked ones neither hang nor flood it."""

import json
import os
import resource
import subprocess
import threading
import time

import tls
import wire
from odd_http import Odd, answer
from surveyed import CODES, hints, rules, survey, verdicts
from wire import STRETCH, cases, contains, eq, lacks, ok

ONLY_OVER = (("h1",), "the servers here are not ours")


# ---- canned -----------------------------------------------------------------------------------------

# What makes an answer look right, where nobody looks closer.
DRESSED = ["Cache-Control: no-store", 'Link: <https://h.example/>; rel="blocked-by"', "Retry-After: 1", "Location: /new", 'ETag: "v"',
           "Content-Range: bytes 0-4/5", "IM: vcdiff", 'Alternates: {"meta" 1}', "Lock-Token: <urn:uuid:1>", "DAV: 1, 2, 3, bind",
           "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Allow: GET, BREW, M-GET", "Content-Type: application/xml"]
MULTISTATUS = (b'<D:multistatus xmlns:D="DAV:"><D:response><D:href>/</D:href><D:propstat><D:prop><D:resourcetype/></D:prop>'
               b"<D:status>HTTP/1.1 208 Already Reported</D:status></D:propstat></D:response></D:multistatus>")
WORDS = b'<a href="/login">this is what If-Match, quotas, courts and extensions are about</a>'


# What these two say is all that there is to them: where each method and condition gets the right fields, they are right.
SAID = [308, 451]


def canned_by(pick, fields=()):
    """A server for which pick(method, target) gives a code, with these fields."""

    def reply(request):
        method, target = request[0], request[1]
        code = pick(method, target)
        body = MULTISTATUS if code == 207 else WORDS
        got = answer("%d Canned" % code, b"" if code in (204, 304) else body, *fields)
        return got.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else got

    return reply


def hinted_code(target, list_of):
    for rule in list_of:
        if target.startswith(rule["path"]):
            return rule["code"]
    return None


def every_rule(portal="/portal"):
    """A place for each of the 22, as a server with all of them would say."""
    named = {rule["code"]: rule for rule in rules(portal)}
    return [named.get(code, {"code": code, "path": "/code-%d/" % code}) for code in CODES if code != 102]


@wire.time_limit(120)
@cases(("bare", (), []), ("dressed", DRESSED, SAID))
def test_statuses_at_hinted_places_earn_nothing(server, fields, most):
    """As an ordinary server with every hint, whose rules are nothing but numbers."""
    list_of = every_rule()
    reply = canned_by(lambda method, target: hinted_code(target, list_of) or (201 if method in ("MKCOL", "PUT") else 200), fields)
    with Odd(reply, goes_on=b"") as odd:
        found = survey("--write", "--wait", "2", "--hints", hints(server.tmp, *list_of), odd.url + "/", seconds=100)
    eq(verdicts(found, "earned"), most, found)
    ok(len(odd.asked) > 50, "it was asked")


@wire.time_limit(120)
def test_what_the_server_says_of_its_rules_earns_nothing_either(server):
    list_of = every_rule()

    def reply(request):
        if request[1] == "/.well-known/http-codes":
            return answer("200 OK", json.dumps({"codes": list_of}).encode())
        return canned_by(lambda method, target: hinted_code(target, list_of) or 200)(request)

    with Odd(reply, goes_on=b"") as odd:
        found = survey("--wait", "2", odd.url + "/", seconds=100)
    eq(verdicts(found, "earned"), [], found)
    ok(any(request[1].startswith("/blocked/") for request in odd.asked), "its hints were followed")


@wire.time_limit(240)
@cases(*((str(code), code) for code in CODES if code != 102), ("200", 200), ("404", 404), ("500", 500), ("401", 401), ("403", 403))
def test_one_code_for_everything_earns_nothing(server, code):
    with Odd(canned_by(lambda method, target: code, DRESSED), goes_on=b"") as odd:
        found = survey("--write", "--wait", "2", odd.url + "/", seconds=100)
    eq(verdicts(found, "earned"), [], found)


def test_a_hint_of_the_server_leads_to_no_other_server(server):
    with Odd(answer("200 OK", b"mine")) as other:
        for path in (other.url + "/", "//127.0.0.1:1/"):
            told = json.dumps({"codes": [{"code": 451, "path": path}, {"code": 511, "path": path}]}).encode()
            with Odd(lambda request, told=told: answer("200 OK", told if "well-known" in request[1] else b"hello")) as odd:
                survey("--only", "451,511", "--user", "bob:secret", odd.url + "/")
        eq(other.asked, [])


def test_a_password_goes_to_the_surveyed_server_alone(server):
    with Odd(answer("511 Network Authentication Required", b'<a href="/login">')) as other, Odd(answer("200 OK", b"hello")) as odd:
        survey("--only", "511", "--user", "bob:secret", "--hints", hints(server.tmp, {"code": 511, "path": other.url + "/"}), odd.url + "/")
        ok(other.asked and not any("authorization" in request[2] for request in other.asked), "none went there")
        ok(any("authorization" in request[2] for request in odd.asked), "it went here")


# ---- where the address leads ------------------------------------------------------------------------


CHALLENGED = (("no-login", (), ('WWW-Authenticate: Basic realm="r"',), "--user NAME:PASSWORD"),
              ("wrong", ("--user", "a:b"), ('WWW-Authenticate: Digest realm="r", nonce="n"', 'WWW-Authenticate: Basic realm="r"'), "does not take this name"),
              ("digest", ("--user", "a:b"), ('WWW-Authenticate: Digest realm="r", nonce="n"',), "a login by Digest, and only Basic"))


@cases(*CHALLENGED)
def test_why_it_was_not_let_in_is_said(server, words, fields, told):
    with Odd(lambda request: answer("401 Unauthorized", b"", *fields), goes_on=b"") as odd:
        found = survey("--only", "206", *words, odd.url + "/", seconds=30)
    eq(found[206][0], "cannot tell")
    contains(found[206][2], told)


def test_a_redirect_on_the_server_is_followed(server):
    def reply(request):
        if request[1] == "/":
            return answer("301 M", b"", "Location: here/")
        if request[1] == "/here/":
            return answer("200 OK", b'<a href="file.txt">', "Content-Type: text/html")
        got = answer("200 OK", b"0123456789abcdef", 'ETag: "v"')
        if "range" in request[2] and request[0] == "GET" and request[2]["range"] == "bytes=16-":
            got = answer("416 R", b"", "Content-Range: bytes */16")
        return got.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if request[0] == "HEAD" else got

    with Odd(reply) as odd:
        found = survey("--only", "416", odd.url + "/")
    eq(found[416][:2], ("wrong", ["RNG-45"]), odd.asked)
    ok(any(request[1] == "/here/file.txt" for request in odd.asked), "the page's file was found")


def test_one_to_another_server_is_told_and_may_be_a_308(server):
    def reply(request):
        got = answer("308 Permanent Redirect", b'<a href="https://h.example/">', "Location: https://h.example" + request[1])
        return got.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if request[0] == "HEAD" else got

    with Odd(reply) as odd:
        found = survey("--only", "206,308", odd.url + "/x", status=0)
    eq(found[308][0], "earned", found)
    contains(found[206][2], "survey https://h.example/x")


# ---- a small pot ------------------------------------------------------------------------------------


def pot(request):
    method, _, fields, _ = request
    kind = fields.get("content-type")
    if method == "OPTIONS":
        return answer("204 No Content", b"", "Allow: GET, BREW, POST, OPTIONS")
    if method not in ("BREW", "POST"):
        return answer("200 OK", b"a teapot")
    if kind == "message/coffeepot":
        return answer("418 I'm a teapot", b"short and stout")
    if kind == "message/teapot":
        return answer("300 Multiple Choices", b"", 'Alternates: {"mint" 1 {type message/teapot}}')
    return answer("415 Unsupported Media Type", b"")


def test_a_teapot_earns_418(server):
    with Odd(pot) as odd:
        path = hints(server.tmp, {"code": 418, "path": "/pot"})
        eq(survey("--only", "418", "--write", "--hints", path, odd.url + "/", status=0)[418][0], "earned")
        eq(survey("--only", "418", "--hints", path, odd.url + "/", status=0)[418][0], "cannot tell")


# ---- wicked -----------------------------------------------------------------------------------------


class Wicked:
    """Says the same to whoever connects: serve(conn), in a thread of its own, as often as it is asked."""

    def __init__(self, serve):
        self.serve, self.is_over = serve, False
        self.listener = wire.socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.listener.close()
        for conn in self.open:
            conn.close()

    def accept(self):
        while not self.is_over:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(conn)
            threading.Thread(target=self.answer, args=(conn,), daemon=True).start()

    def answer(self, conn):
        try:
            while not self.is_over and conn.recv(65536):
                if self.serve(self, conn) is False:
                    break
        except OSError:
            pass
        conn.close()


def silent(wicked, conn):
    time.sleep(60)


def dripping(*pieces):
    def serve(wicked, conn):
        while not wicked.is_over:
            for piece in pieces:
                conn.sendall(piece)
                time.sleep(0.05)
    return serve


def first(start, *pieces):
    def serve(wicked, conn):
        conn.sendall(start)
        dripping(*pieces)(wicked, conn)
    return serve


def flooding(start, piece):
    def serve(wicked, conn):
        conn.sendall(start)
        while not wicked.is_over:
            conn.sendall(piece)
    return serve


def saying(octets, stays=False):
    def serve(wicked, conn):
        conn.sendall(octets)
        return stays
    return serve


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DEEP = b'<D:multistatus xmlns:D="DAV:">' + b"<a>" * 100000
LAUGHS = (b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
          b'<D:multistatus xmlns:D="DAV:">&c;</D:multistatus>')


def told(status, body, *fields):
    """To every request, on a connection that goes on."""
    return saying(answer(status, body, *fields), True)


WICKED = {
    "silent": silent,
    "closes at once": saying(b""),
    "closes in the head": saying(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "closes in the content": saying(answer("200 OK", b"half", length=1000)),
    "closes in a chunk": saying(CHUNKED + b"ff\r\nhalf"),
    "no HTTP": saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "garbage": saying(os.urandom(5000)),
    "drips a head": dripping(b"H", b"T"),
    "drips fields": first(OK, b"A: b\r\n"),
    "drips one field": first(OK + b"A: ", b"b"),
    "drips content": first(OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "drips chunks": first(CHUNKED, b"1\r\nx\r\n"),
    "drips a chunk's size": first(CHUNKED, b"0"),
    "drips interim answers": dripping(b"HTTP/1.1 102 Processing\r\n\r\n"),
    "endless fields": flooding(OK, b"A: b\r\n" * 10000),
    "endless field": flooding(OK + b"A: ", b"b" * 65536),
    "endless content": flooding(OK + b"\r\n", b"x" * 65536),
    "endless length": flooding(OK + b"Content-Length: 9223372036854775807\r\n\r\n", b"x" * 65536),
    "endless chunks": flooding(CHUNKED, b"ffff\r\n" + b"x" * 65535 + b"\r\n"),
    "endless small chunks": flooding(CHUNKED, b"1\r\nx\r\n" * 10000),
    "endless chunk size": flooding(CHUNKED, b"0" * 65536),
    "endless chunk extension": flooding(CHUNKED + b"1;", b"x" * 65536),
    "endless trailers": flooding(CHUNKED + b"0\r\n", b"A: b\r\n" * 10000),
    "endless interim answers": flooding(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
    "stray octets": flooding(b"HTTP/1.1 304 Not Modified\r\n\r\n", b"x" * 65536),
    "two lengths": told("200 OK", b"hello", "Content-Length: 7"),
    "a length that is none": saying(OK + b"Content-Length: -1\r\n\r\n", True),
    "a length and chunks": saying(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", True),
    "a chunk too large": saying(CHUNKED + b"fffffffffffffffff\r\n", True),
    "endless parts": flooding(b"HTTP/1.1 206 P\r\nContent-Type: multipart/byteranges; boundary=B\r\n\r\n",
                              b"\r\n--B\r\nContent-Range: bytes 0-0/1\r\n\r\nx" * 1000),
    "wrong parts": told("206 P", b"--B\r\nContent-Range: bytes 0-18446744073709551615/1\r\n\r\n", "Content-Type: multipart/byteranges; boundary=B"),
    "deep XML": told("207 M", DEEP, "Content-Type: application/xml", "DAV: 1, 2"),
    "entities": told("207 M", LAUGHS, "Content-Type: application/xml", "DAV: 1, 2"),
    "a redirect to itself": told("308 P", b"", "Location: /"),
    "a wait for ever": told("429 T", b"later, later, later, later", "Retry-After: 999999999", "Cache-Control: no-store"),
    "a wait that is none": told("429 T", b"later, later, later, later", "Retry-After: -1"),
    "an end of the terminal": told("200 OK", b"\x1b]0;owned\x07", "Server: \x1b[2J\x9b31m", "DAV: 1, 2"),
    "bad hints": told("200 OK", b'{"codes": [' * 30000),
}
MEMORY = 600 << 20  # of addresses; what is kept of answers is far less


@wire.time_limit(100)
@cases(*((name, name) for name in WICKED))
def test_a_wicked_server_is_left_in_time(server, name):
    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    sanitized = bool(os.environ.get("ASAN_OPTIONS")) or STRETCH > 3
    with Wicked(WICKED[name]) as wicked:
        done = subprocess.run([wire.SAMOVAR, "survey", "--write", "--wait", "1", wicked.url], capture_output=True, timeout=80,
                              preexec_fn=None if sanitized else bounded, check=False)
    ok(done.returncode in (0, 1, 3), "it ended by itself: %d %r" % (done.returncode, done.stderr[-2000:]))
    text = done.stdout.decode()
    eq(text.count("earned"), 0, text)
    lacks(text, "\x1b")
    contains(text, "0 of 22 codes found in 1 service")


def test_what_happened_is_said(server):
    for name, part in (("silent", "nothing came for too long"), ("no HTTP", "does not begin as one of HTTP/1"),
                       ("closes in the content", "ended before the whole content had come"), ("endless fields", "too many fields"),
                       ("endless interim answers", "interim answers and no final one"), ("endless content", "past what a surveyor reads")):
        with Wicked(WICKED[name]) as wicked:
            done = subprocess.run([wire.SAMOVAR, "survey", "--only", "206", "--wait", "1", wicked.url], capture_output=True, timeout=60,
                                  check=False)
        contains(done.stdout.decode(), part)


def drip_record(conn):
    """TLS, and then one octet after the other of a single record: whoever reads it gets nothing until it is whole."""
    context = tls.ssl.SSLContext(tls.ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*(tls.usual().options[at] for at in (1, 3)))
    incoming, outgoing = tls.ssl.MemoryBIO(), tls.ssl.MemoryBIO()
    talk = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            talk.do_handshake()
            break
        except tls.ssl.SSLWantReadError:
            conn.sendall(outgoing.read())
            incoming.write(conn.recv(65536))
    conn.sendall(outgoing.read())
    conn.recv(65536)
    talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 15000\r\n\r\n" + b"x" * 15000)
    for octet in outgoing.read():
        conn.sendall(bytes([octet]))
        time.sleep(0.1)


def test_a_record_that_drips_is_left_in_time(server):
    listener = wire.socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                threading.Thread(target=drip_quietly, args=(listener.accept()[0],), daemon=True).start()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    with listener:
        began = time.monotonic()
        done = subprocess.run([wire.SAMOVAR, "survey", "--only", "206", "--wait", "1", "--insecure",
                               "https://127.0.0.1:%d/" % listener.getsockname()[1]], capture_output=True, timeout=50, check=False)
        took = time.monotonic() - began
    contains(done.stdout.decode(), "nothing came for too long")
    ok(took < 20 * STRETCH, "it took %g s" % took)


def drip_quietly(conn):
    try:
        drip_record(conn)
    except OSError:
        pass
    conn.close()
