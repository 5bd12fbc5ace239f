"""policy.md §3: limits on clients, and 429."""

import json
import re
import socket
import threading
import time

from hot import heat, hits, loops
from wire import (STRETCH, Connection, Server, cases, chunked, contains, eq, head_of, lacks, obliges, ok, only_over,
                  own_server, wait_for)

FILES = {"f": b"hello", "g": b"ciao", "kilo": b"k" * 1000, "d/e": b"in a folder"}
LISTEN = 'listen = { "127.0.0.1:0" }\n'
SITE = 'site "s" {\n  root = "{root}"\n%s}\n'
# An hour is longer than any test: what was used up stays so.
THREE = 'limit "guests" { rate = "5/h" burst = 3 }\n'
PROXY = 'trusted-proxies = { "127.0.0.1" }\n'

ITEM = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"((?:;[a-z*][a-z0-9_.*-]*=(?:-?\d{1,15}|"[ !#-\[\]-~]*"))*)')


def config(limits="", inside="", more=""):
    return LISTEN + more + limits + SITE % inside


def items(value):
    """A Structured Field: a List of Strings with parameters, as {name: {parameter: value}}."""
    out, at = {}, 0
    while at < len(value):
        found = ITEM.match(value, at)
        ok(found, "a List of Strings with parameters: %r" % value[at:])
        parameters = (pair.split("=", 1) for pair in found.group(2).split(";")[1:])
        out[re.sub(r"\\(.)", r"\1", found.group(1))] = {
            key: text.strip('"') if text[0] == '"' else int(text) for key, text in parameters}
        at = found.end()
        if at < len(value):
            comma = re.compile(r"[ \t]*,[ \t]*").match(value, at)
            ok(comma and comma.end() < len(value), "a comma: %r" % value[at:])
            at = comma.end()
    return out


def refused(got):
    """The answer is a whole refusal by a limit; its Retry-After."""
    eq(got.status, 429)
    eq(got.fields["Cache-Control"], "no-store")
    state, policy = items(got.fields["RateLimit"]), items(got.fields["RateLimit-Policy"])
    eq(list(state), list(policy), "both fields speak of the same limits")
    eq({entry["r"] for entry in state.values()}, {0}, "what is left")
    retry = int(got.fields["Retry-After"])
    ok(all(retry >= entry.get("t", 0) for entry in state.values()), "Retry-After is no sooner than t")
    return retry


# ---- what a refusal says ----------------------------------------------------------------------------


@obliges("POL-25", "POL-26", "POL-28", "POL-30", "POL-31")
@cases(("long way", "/nothing-%d"), ("short way", "/f"))
@own_server(config=config(THREE), files=FILES)
def test_what_is_more_than_the_limit_is_refused(server, target):
    with server.connect() as conn:
        said = [conn.ask("GET", target % n if "%" in target else target) for n in range(3)]
        ok(429 not in [got.status for got in said], "three at once")
        for _ in range(3):
            got = conn.ask("GET", target % 9 if "%" in target else target)
            retry = refused(got)
            ok(1 <= retry <= 720, "one comes every 720 s: %d" % retry)
            eq(items(got.fields["RateLimit-Policy"]), {"guests": {"q": 3, "w": 2160}})
            for word in ("guests", "one address", "5 requests in an hour", "Retry-After"):
                contains(got.text, word)
            head = conn.ask("HEAD", "/f")
            eq(refused(head), int(head.fields["Retry-After"]))
            ok(int(head.fields["Content-Length"]) > 0, "the length of what GET gets")


@obliges("POL-25")
@own_server(config=config(THREE), files=FILES)
def test_a_refused_request_has_no_effect(server):
    with server.connect() as conn:
        for n in range(3):
            eq(conn.ask("PUT", "/new-%d" % n, body=b"x").status, 201)
        for method, target, fields in (("PUT", "/more", {}), ("PUT", "/f", {}), ("DELETE", "/f", {}),
                                       ("MKCOL", "/m", {}), ("MOVE", "/f", {"Destination": "/n"})):
            refused(conn.ask(method, target, fields, body=b"x" if method == "PUT" else None))
    eq(server.names(), ["d", "f", "g", "kilo", "new-0", "new-1", "new-2"])
    eq(server.read("f"), b"hello")


@obliges("POL-27")
@own_server(config=config('limit "slow" { rate = "1/s" burst = 1 }\n'), files=FILES)
def test_after_the_seconds_of_retry_after_a_request_is_served(server):
    with server.connect() as conn:
        got = wait_for(lambda: (lambda got: got.status == 429 and got)(conn.ask("GET", "/f")), "too many", 20)
        time.sleep(refused(got))
        eq(conn.ask("GET", "/f").status, 200)


@obliges("POL-32", "POL-26")
@cases(("json", "application/json", "application/problem+json"), ("html", "text/html", "text/html; charset=utf-8"),
       ("text", "text/plain", "text/plain; charset=utf-8"))
@own_server(config=config('limit "a \\"b\\"" { rate = "1/h" }\n'), files=FILES)
def test_the_explanation_is_in_the_form_that_was_asked_for(server, wanted, given):
    with server.connect() as conn:
        conn.ask("GET", "/f", {"Accept": wanted})
        for method in ("GET", "PROPFIND"):  # without an exchange, and with one
            got = conn.ask(method, "/f", {"Accept": wanted})
            refused(got)
            eq(got.fields["Content-Type"], given)
            eq(list(items(got.fields["RateLimit"])), ['a "b"'])
            if "json" in given:
                said = json.loads(got.text)
                eq(said["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded")
                eq(said["violated-policies"], ['a "b"'])
                eq(said["status"], 429)


@obliges("POL-33")
@cases(("length", {"Content-Length": "5000"}, b"x" * 5000), ("chunks", {"Transfer-Encoding": "chunked"}, chunked(b"y" * 5000)))
@only_over("h1", "tls", why="framing of HTTP/1.1")
@own_server(config=config('limit "w" { rate = "1/h" methods = write }\n'), files=FILES)
def test_the_content_of_a_refused_request_is_read_and_dropped(server, fields, body):
    server.put("/one", b"1")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/two", fields) + body)
        got = conn.read("PUT")
        refused(got)
        if got.closes:
            conn.expect_close()
        else:
            eq(conn.ask("GET", "/f").body, b"hello", "the next request is found")
    ok(not server.exists("two"), "nothing was stored")


@obliges("POL-33")
@only_over("h1", "tls", why="framing of HTTP/1.1")
@cases(("awaits 100", {"Content-Length": "5", "Expect": "100-continue"}), ("long", {"Content-Length": "99999999999"}))
@own_server(config=config('limit "w" { rate = "1/h" methods = write }\n'), files=FILES)
def test_content_that_will_not_be_read_ends_the_connection(server, fields):
    server.put("/one", b"1")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/two", fields))
        got = conn.read("PUT")
        refused(got)
        eq(got.interim, [])
        ok(got.closes, "Connection: close")
        conn.expect_close()


@obliges("POL-34")
@own_server("--trace", "serve,gate", config=config(THREE), files=FILES)
def test_a_refusal_asks_no_worker_for_anything(server):
    """Workers alone open files; and nobody waits for a body."""

    def acting():
        return server.stderr().count("-> acting")

    with server.connect() as conn:
        for n in range(3):
            eq(conn.ask("PUT", "/new-%d" % n, body=b"x").status, 201)
            eq(acting(), n + 1, "requests that a worker was asked for")
        for method, target in (("GET", "/f"), ("PROPFIND", "/d/"), ("GET", "/nowhere"), ("DELETE", "/f")):
            refused(conn.ask(method, target))
    eq(acting(), 3, "requests that a worker was asked for")


# ---- whose requests are counted together ------------------------------------------------------------


def of(address, *more):
    return dict((("X-Forwarded-For", address),) + more)


@obliges("POL-29")
@own_server(config=config(THREE, more=PROXY), files=FILES)
def test_another_client_is_not_slowed(server):
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1"):
        eq([server.get("/f", of(address)).status for _ in range(4)], [200, 200, 200, 429], address)
    eq(server.get("/f", of("2001:db8:1:2:ffff::9")).status, 429, "an IPv6 client has 64 bits to choose from")
    eq(server.get("/f", of("::ffff:192.0.2.1")).status, 429, "an IPv4 address in the clothes of IPv6")


@obliges("POL-29")
@only_over("h1", why="it chooses its own address")
@own_server(config=config(THREE), files=FILES)
def test_another_address_is_not_slowed_on_the_short_way(server):
    def ask(address):
        sock = socket.create_connection(server.addresses[0], 10 * STRETCH, source_address=(address, 0))
        with Connection(sock, server.log, server.host) as conn:
            return [conn.ask("GET", "/f").status for _ in range(5)]

    for n in range(1, 6):
        eq(ask("127.0.0.%d" % (n + 10)), [200, 200, 200, 429, 429])
    ok(hits(server) >= 10, "most of it was answered on the short way")


ALICE = ("Authorization", "Basic YWxpY2U6c2VjcmV0")
BOB = ("Authorization", "Basic Ym9iOmh1bnRlcjI=")
USERS = "alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\nbob:$apr1$abcdefgh$ckT15POyCRlen.h6XtGAZ1\n"


@obliges("POL-29")
@own_server(config=config("", 'users = "{tmp}/users"\nallow "*" { rights = { "read", "write" } }\n'
                          'limit "each" { rate = "3/h" burst = 3 per = user }\n'), files=FILES,
            before=lambda server: open(server.tmp + "/users", "w", encoding="ascii").write(USERS))
def test_who_logged_in_is_known_by_his_name(server):
    three_and_no_more = [200, 200, 200, 429]
    eq([server.get("/f").status for _ in range(4)], three_and_no_more, "those without a name, by their address")
    for who in (ALICE, BOB):
        eq([server.get("/f", dict([who])).status for _ in range(4)], three_and_no_more)
    eq(server.get("/f", {"Authorization": ALICE[1] + "x"}).status, 401, "who he is comes before how much he may ask for")


@cases(("path", "per = path", ["/f", "/f", "/f", "/f", "/g"], [200, 200, 200, 429, 200]),
       ("paths", 'paths = { "/d", "/g" }', ["/f", "/f", "/f", "/f", "/d/e", "/g", "/d/e", "/d/e"],
        [200, 200, 200, 200, 200, 200, 200, 429]),
       ("method", "per = method", ["/f", "/f", "/f", "/f", "PROPFIND /f", "DELETE /no"], [200, 200, 200, 429, 207, 404]),
       ("methods", "methods = list", ["/f", "/f", "/f", "/f", "PROPFIND /f", "PROPFIND /g", "PROPFIND /d/e", "PROPFIND /f"],
        [200, 200, 200, 200, 207, 207, 207, 429]),
       ("names", "methods = { HEAD, DELETE }", ["/f", "HEAD /f", "HEAD /f", "DELETE /no", "HEAD /f", "/f"],
        [200, 200, 200, 404, 429, 200]),
       ("all", "per = all", ["/f", "/f", "/g", "/d/e"], [200, 200, 200, 429]))
def test_what_is_counted_together(server, how, asked, want):
    alone = Server(config=config("", 'limit "x" { rate = "3/h" burst = 3 %s }\n' % how), files=FILES)
    try:
        alone.start()
        with alone.connect() as conn:
            got = []
            for line in asked:
                method, target = line.split() if " " in line else ("GET", line)
                got.append(conn.ask(method, target, {"Depth": "0"} if method == "PROPFIND" else {}).status)
        eq(got, want)
    finally:
        alone.stop()
        alone.remove()


@own_server(config=config('limit "server" { rate = "9/h" burst = 4 }\n',
                          'limit "site" { rate = "9/h" burst = 9 }\n limit "d" { rate = "9/h" burst = 2 paths = "/d" }\n'),
            files=FILES)
def test_a_request_that_one_limit_refuses_is_not_counted_by_others(server):
    """Also not by those that were asked before it was known what the path is."""
    with server.connect() as conn:
        eq([conn.ask("GET", "/d/e").status for _ in range(8)], [200, 200] + [429] * 6)
        eq([conn.ask("GET", "/f").status for _ in range(3)], [200, 200, 429], "the server's own had two left")


@own_server(config=config(THREE), files=FILES)
def test_a_reload_forgets_nothing_and_takes_what_is_new(server):
    with server.connect() as conn:
        eq([conn.ask("GET", "/f").status for _ in range(4)], [200, 200, 200, 429])
        server.signal(1)
        wait_for(lambda: any("again" in line or "reload" in line for line in server.lines + server.stderr().split("\n")),
                 "the reload is told")
        refused(conn.ask("GET", "/f"))
        refused(server.get("/f"))
        with open(server.config_path, "w", encoding="utf-8") as out:
            out.write(server.fill_in(config('limit "guests" { rate = "5/h" burst = 3 methods = write }\n')))
        server.signal(1)
        wait_for(lambda: conn.ask("GET", "/f").status == 200, "the limit is another one")


# ---- several loops ----------------------------------------------------------------------------------


@cases(("long way", "/nothing"), ("short way", "/f"))
@own_server("--loops", "4", config=config('limit "guests" { rate = "40/h" burst = 40 }\n'), files=FILES)
def test_a_limit_holds_across_the_connections_of_all_loops(server, target):
    wait_for(lambda: loops(server) == 4, "all loops run")
    conns = [server.connect() for _ in range(24)]
    try:
        got = [conn.ask("GET", target).status for _ in range(4) for conn in conns]
    finally:
        for conn in conns:
            conn.close()
    eq(len([status for status in got if status != 429]), 40)


# ---- content, and requests at one time --------------------------------------------------------------


@cases(("fetched", "GET", "/kilo", 200), ("sent", "PUT", "/up", 201))
@own_server(config=config('limit "guests" { bytes = "1500/h" }\n'), files=FILES)
def test_content_is_counted_both_ways(server, method, target, status):
    with server.connect() as conn:
        body = b"u" * 1000 if method == "PUT" else None
        eq(conn.ask(method, target, body=body).status, status)
        got = conn.ask(method, target, body=body)
        ok(got.status < 300, "there was something left")
        got = conn.ask(method, target, body=body)
        ok(refused(got) > 1000, "500 too many take 1200 s")
        eq(items(got.fields["RateLimit-Policy"]), {"guests": {"q": 1500, "qu": "content-bytes", "w": 3600}})
        contains(got.text, "1500 bytes in an hour")


@own_server(config=config('limit "guests" { bytes = "10K/h" }\n'), files=FILES)
def test_content_of_hot_answers_is_counted(server):
    with server.connect() as conn:
        got = [conn.ask("GET", "/kilo").status for _ in range(14)]
    eq(got, [200] * 11 + [429] * 3, "the eleventh overdraws it")


def begin_upload(server, name):
    conn = server.connect()
    conn.send(head_of("PUT", name, {"Content-Length": "5"}))
    return conn


@only_over("h1", "tls", why="a request that does not end")
@cases(("finished", False), ("abandoned", True))
@own_server(config=config('limit "guests" { concurrent = 2 }\n'), files=FILES)
def test_requests_at_one_time_are_counted_until_they_are_over(server, is_left):
    with server.connect() as conn:
        heat(conn, "/f")
        one, two = begin_upload(server, "/one"), begin_upload(server, "/two")
        for method, target in (("GET", "/f"), ("GET", "/d/e"), ("PROPFIND", "/f")):
            got = wait_for(lambda: (lambda got: got.status == 429 and got)(conn.ask(method, target)), "both are counted")
            eq(refused(got), 1)
            eq(items(got.fields["RateLimit-Policy"]), {"guests": {"q": 2, "qu": "concurrent-requests"}})
            contains(got.text, "2 requests under way")
        if is_left:
            one.close()
        else:
            one.send(b"12345")
            eq(one.read("PUT").status, 201)
            one.close()
        wait_for(lambda: conn.ask("GET", "/f").status == 200, "one is over")
        two.close()
        wait_for(lambda: conn.ask("PROPFIND", "/f").status == 207, "both are over")


# ---- what is told before anything is refused --------------------------------------------------------


@obliges("POL-30", "POL-31")
@cases(("long way", "/nothing"), ("short way", "/f"))
@own_server(config=config('limit "guests" { rate = "36/h" burst = 10 }\n'), files=FILES)
def test_what_is_left_is_told_once_it_is_less_than_half(server, target):
    with server.connect() as conn:
        said = [conn.ask("GET", target) for _ in range(10)]
    for n, got in enumerate(said):
        left = 9 - n
        if left >= 5:
            lacks(got.fields.names(), "ratelimit")
            lacks(got.fields.names(), "ratelimit-policy")
            continue
        state = items(got.fields["RateLimit"])
        eq(state["guests"]["r"], left, "what is left")
        ok(1 <= state["guests"]["t"] <= 100, "one comes every 100 s")
        eq(items(got.fields["RateLimit-Policy"]), {"guests": {"q": 10, "w": 1000}})
        ok(got.status in (200, 404), "and it is the answer that it would be without")


@own_server(config=config('limit "guests" { rate = "36/h" burst = 8 per = address }\n', more=PROXY), files=FILES)
def test_nobody_is_told_what_is_left_to_another(server):
    for _ in range(6):
        got = server.get("/f", of("192.0.2.1"))
    eq(items(got.fields["RateLimit"])["guests"]["r"], 2)
    lacks(server.get("/f", of("192.0.2.2")).fields.names(), "ratelimit")


@own_server(config=config('limit "w" { rate = "1/h" methods = write }\n'), files=FILES)
def test_requests_behind_a_refused_one_are_answered(server):
    server.put("/x", b"1")
    with server.connect() as conn:
        for _ in range(3):
            refused(conn.ask("PUT", "/x", body=b"2"))
            eq(conn.ask("GET", "/f").body, b"hello")


@only_over("h1", why="requests behind each other on a socket of its own")
@own_server(config=config('limit "guests" { rate = "1/h" }\n'), files=FILES)
def test_refusals_that_a_slow_reader_does_not_take_at_once_are_whole(server):
    count = 12000  # more than the kernel keeps for it
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(20 * STRETCH)
    sock.connect(server.addresses[0])
    with Connection(sock, server.log, server.host) as conn:
        eq(conn.ask("GET", "/f").status, 200)
        sender = threading.Thread(target=sock.sendall, args=(head_of("GET", "/f") * count,), daemon=True)
        sender.start()
        for _ in range(count):
            refused(conn.read())
        sender.join()
