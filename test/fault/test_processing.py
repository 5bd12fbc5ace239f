"""102: a client whose request takes long is told so, over both protocols, before the answer and never after it.

strace keeps a rename waiting, by which a folder goes to the trash: DELETE of a folder then takes as long as we like.
"""

from fault import Strace
from wire import cases, eq, head_of, obliges, ok, own_server

SLOW = ("-e", "trace=renameat,renameat2", "-e", "inject=renameat,renameat2:delay_enter=2700000")  # microseconds
FILES = {"%s/%d/a.txt" % (name, number): b"a" for name in ("h1", "h2", "rest") for number in range(6)}


def delete(target, fields=(), version="HTTP/1.1"):
    return head_of("DELETE", target, dict(fields), version=version)


@obliges("DAV-194", "DAV-195", "DAV-196")
@own_server("--limit", "processing=1s", files=FILES)
def test_a_long_request_is_told_of_over_http_1(server):
    with server.connect() as conn:
        conn.send(delete("/h1/0/"))  # at once: nothing is said
        eq([interim.status for interim in conn.read("DELETE").interim], [])
        with Strace(server, *SLOW):
            conn.send(delete("/h1/1/") + head_of("GET", "/h1/2/a.txt"))
            got = conn.read("DELETE")
            eq(got.status, 204)
            eq([interim.status for interim in got.interim], [102, 102])
            for interim in got.interim:
                eq(interim.fields.names(), [], "a 102 has no fields, least of all a length")
            got = conn.read()
            eq((got.status, got.body, got.interim), (200, b"a", []), "the next answer on the connection")


@obliges("DAV-194", "DAV-195", "DAV-196")
@own_server("--limit", "processing=1s", files=FILES)
def test_a_long_request_is_told_of_over_http_2(server):
    with server.h2() as conn, Strace(server, *SLOW):
        slow, quick = conn.open("DELETE", "/h2/0/"), conn.open("GET", "/h2/1/a.txt")
        eq(quick.read().interim, [], "its neighbour")
        got = slow.read()
        eq(got.status, 204)
        eq([interim.status for interim in got.interim], [102, 102])
        for interim in got.interim:
            ok("content-length" not in interim.fields, "a 102 has no length")


@obliges("DAV-194")
@own_server("--limit", "processing=1s", files=FILES)
@cases(("HTTP/1.0", "HTTP/1.0", {"Connection": "keep-alive"}),
       ("requests", "HTTP/1.1", {"User-Agent": "python-requests/2.28.1"}),
       ("urllib", "HTTP/1.1", {"User-Agent": "Python-urllib/3.11"}), ("wget2", "HTTP/1.1", {"User-Agent": "wget2/1.99.1"}))
def test_who_would_take_it_for_the_answer_is_not_told(server, version, fields):
    with server.connect() as conn, Strace(server, *SLOW):
        conn.send(delete("/rest/0/", fields, version))
        got = conn.read("DELETE", version)
        eq((got.status, got.interim), (204, []))


@own_server("--limit", "processing=0", files=FILES)
def test_it_can_be_switched_off(server):
    with server.connect() as conn, Strace(server, *SLOW):
        conn.send(delete("/rest/1/"))
        got = conn.read("DELETE")
        eq((got.status, got.interim), (204, []))


@own_server("--limit", "processing=1s", files=FILES)
def test_a_client_that_leaves_meanwhile_takes_nothing_with_it(server):
    with Strace(server, *SLOW):
        conn = server.connect()
        conn.send(delete("/rest/2/"))
        conn.read_interim(102)
        conn.reset()
        eq(server.get("/rest/3/a.txt").status, 200)
    ok(server.get("/rest/3/a.txt").status == 200, "it lives")
