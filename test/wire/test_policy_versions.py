"""policy.md §8: 505 and 501, and in which order a head is judged."""

from wire import cases, contains, eq, head_of, obliges, ok, own_server

FILES = {"ten.txt": b"0123456789"}


def answer(server, data, status):
    with server.connect() as conn:
        conn.send(data)
        got = conn.read()
        eq(got.status, status)
        if got.closes:
            conn.expect_close()
    return got


@obliges("POL-96", "H1-58")
@cases(("2.0", "HTTP/2.0"), ("3.0", "HTTP/3.0"), ("0.9", "HTTP/0.9"), ("9.9", "HTTP/9.9"), ("2.1", "HTTP/2.1"),
       ("0.0", "HTTP/0.0"))
def test_another_major_version_is_505_and_says_which_is_spoken(server, version):
    got = answer(server, head_of("GET", "/ten.txt", version=version), 505)
    contains(got.text, "HTTP/1.1")
    ok(got.raw_head.startswith(b"HTTP/1.1 505"), "said in HTTP/1.1")


@obliges("POL-96")
@own_server("--no-http2", files=FILES)
def test_where_http2_is_off_its_preface_is_505(server):
    answer(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 505)


@obliges("POL-97")
@cases(("1.2", "HTTP/1.2"), ("1.9", "HTTP/1.9"))
def test_a_later_minor_version_is_11(server, version):
    with server.connect() as conn:
        conn.request("GET", "/ten.txt", version=version)
        got = conn.read()
        eq(got.status, 200)
        ok(got.raw_head.startswith(b"HTTP/1.1 200"), "HTTP/1.1")
        conn.expect_open()


@obliges("POL-98")
@cases(("lower case", "http/1.1"), ("mixed", "Http/1.1"), ("no minor", "HTTP/1"), ("two digits", "HTTP/1.10"),
       ("no slash", "HTTP1.1"), ("01", "HTTP/01.1"),
       ("space", "HTTP /1.1"), ("dot only", "HTTP/1."), ("letter", "HTTP/1.x"), ("11", "HTTP/11.1"),
       ("other", "HTCPCP/1.0"), ("comma", "HTTP/1,1"),
       ("sign", "HTTP/-1.1"))
def test_what_is_no_version_is_400(server, version):
    answer(server, head_of("GET", "/ten.txt", version=version), 400)


@obliges("POL-99")
@cases(("unknown", "FOO", 501), ("WebDAV's coffee", "BREW", 501), ("known", "POST", 405), ("TRACE", "TRACE", 405))
def test_501_or_405(server, method, status):
    got = server.request(method, "/ten.txt")
    eq(got.status, status)
    eq("Allow" in got.fields, status == 405)


LONG = b"X: " + b"y" * 40000 + b"\r\n"


@obliges("POL-100")
@cases(("505 before a bad field", b"GET / HTTP/2.0\r\nBad Name: x\r\n\r\n", 505),
       ("505 before no Host", b"GET / HTTP/2.0\r\n\r\n", 505),
       ("505 before a bad target", b"GET a b HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
       ("505 before 431", b"GET / HTTP/2.0\r\nHost: localhost\r\n" + LONG + b"\r\n", 505),
       ("505 before 501", b"FOO / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
       ("400 before 431", b"GET / HTTP/1.1\r\nBad Name: x\r\n" + LONG + b"\r\n", 400),
       ("400 before 501", b"FOO / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400),
       ("no Host before 501", b"FOO / HTTP/1.1\r\n\r\n", 400),
       ("framing before 501", b"FOO / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
       ("414 before 501", b"FOO /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
       ("431 before 501", b"FOO / HTTP/1.1\r\nHost: localhost\r\n" + LONG + b"\r\n", 431),
       ("501 before 404", b"FOO /missing HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
       ("501 before 403", b"FOO /ten.txt HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: none\r\n\r\n", 501),
       ("400 before 405", b"POST /ten.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400))
def test_the_order_of_judging(server, data, status):
    answer(server, data, status)
