"""policy.md §5: 451, what a legal demand keeps from whom, and what it says."""

import json

from wire import cases, contains, eq, head_of, lacks, obliges, ok, one_of, own_server
from dav import conflicts, multistatus, propfind

REGISTER = """
demand "order-17" {
    paths = { "/books/banned", "/**/banned-*.pdf", "/f%C3%BCr%20alle" }
    authority = "District Court of Exampleton"
    reference = "Order 17/2026, section 4 of the Books Act"
    date = 2026-01-31
    blocked-by = "https://www.example.org/legal?a=1&b=2"
    text = { "en: A court forbids us to show this book.", "de: Ein Gericht untersagt, dieses Buch zu zeigen." }
}
demand "plain" { paths = { "/plain" } }
"""
CONFIG = """
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" demands = "{tmp}/register" }
"""
FILES = {"books/banned/a.txt": b"secret-a", "books/banned/b/c.txt": b"secret-c", "books/free.txt": b"free",
         "books/banned-1.pdf": b"secret-p", "plain/x": b"secret-x", "index/index.html": b"hello",
         "tree/sub/banned-2.pdf": b"secret-t", "tree/sub/ok": b"ok", "flat/ok": b"ok"}


def write_register(server, text=REGISTER):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(text)


BEFORE = write_register
LINK = '<https://www.example.org/legal?a=1&b=2>; rel="blocked-by"'


def blocked(got, link=LINK):
    eq(got.status, 451)
    eq(got.fields.all("Link"), [link])
    return got


@obliges("POL-45")
@cases(("GET", "GET"), ("HEAD", "HEAD"), ("PUT", "PUT", b"new"), ("DELETE", "DELETE"), ("OPTIONS", "OPTIONS"),
       ("PROPFIND", "PROPFIND", b""), ("PROPPATCH", "PROPPATCH", b"<x/>"), ("MKCOL", "MKCOL"),
       ("LOCK", "LOCK", b"<x/>"), ("UNLOCK", "UNLOCK"), ("COPY", "COPY"), ("MOVE", "MOVE"),
       ("REPORT", "REPORT", b"<x/>"), ("PATCH", "PATCH", b"x"))
def test_every_method_is_answered_451(server, method, body=None):
    for target in ("/books/banned/a.txt", "/books/banned", "/books/banned/", "/books/banned-1.pdf"):
        blocked(server.request(method, target, {"Destination": "/books/elsewhere"}, body))
    eq(server.read("books/banned/a.txt"), b"secret-a")
    ok(not server.exists("books/elsewhere"), "nothing was made")


@obliges("POL-45")
@cases(("encoded", "/books/b%61nned/a.txt"), ("encoded name", "/f%c3%bcr%20alle/x"),
       ("below", "/books/banned/no/such/x"),
       ("query", "/books/banned?x=1"), ("below a fitting name", "/q/banned-9.pdf/part"))
def test_no_spelling_leads_around_it(server, target):
    blocked(server.get(target))


@cases(("beside", "/books/free.txt", 200), ("longer name", "/books/banned2", 404), ("above", "/books/", 200))
def test_what_is_beside_it_is_not_touched(server, target, status):
    eq(server.get(target).status, status)


@obliges("POL-46", "POL-47")
def test_the_link_says_who_blocks_and_not_who_demands(server):
    link = blocked(server.get("/books/banned/a.txt")).fields["Link"]
    lacks(link, "Court")
    eq(link.count("rel="), 1)


@obliges("POL-46")
def test_without_a_page_of_the_operator_the_link_leads_to_the_server_itself(server):
    blocked(server.get("/plain/x"), '</>; rel="blocked-by"')


@obliges("POL-48")
@cases(("text", "text/plain", "text/plain; charset=utf-8"), ("html", "text/html", "text/html; charset=utf-8"),
       ("json", "application/json", "application/problem+json"))
def test_the_body_explains(server, accept, content_type):
    got = blocked(server.get("/books/banned/a.txt", {"Accept": accept}))
    eq(got.fields["Content-Type"], content_type)
    for part in ("District Court of Exampleton", "Order 17/2026, section 4 of the Books Act", "2026-01-31",
                 "everywhere", "A court forbids us to show this book."):
        contains(got.text, part)
    contains(got.fields.words("Vary"), "accept")
    if accept == "application/json":
        told = json.loads(got.body)
        eq((told["status"], told["authority"], told["date"]), (451, "District Court of Exampleton", "2026-01-31"))


@cases(("none", None, "en"), ("de", "de", "de"), ("region", "de-CH, en;q=0.5", "de"),
       ("weights", "de;q=0.3, en;q=0.8", "en"), ("unknown", "fr", "en"), ("refused", "en;q=0, *;q=0.1", "de"),
       ("order", "de, en", "de"))
def test_the_explanation_is_in_the_readers_language(server, wanted, given):
    got = blocked(server.get("/books/banned/a.txt", {"Accept-Language": wanted} if wanted else {}))
    eq(got.fields["Content-Language"], given)
    contains(got.fields.words("Vary"), "accept-language")
    contains(got.text, "Ein Gericht" if given == "de" else "A court")


def same(server, fields_of, method, *targets):
    answers = [server.request(method, target, fields_of) for target in targets]
    first = answers[0]
    for got in answers:
        blocked(got)
        eq(got.body, first.body)
        eq(sorted(set(got.fields.names()) - {"Date"}), sorted(set(first.fields.names()) - {"Date"}))


@obliges("POL-49")
def test_it_is_the_same_whether_or_not_something_is_there(server):
    same(server, {}, "GET", "/books/banned/a.txt", "/books/banned/nothing", "/books/banned/b",
         "/books/banned/a.txt/below")
    same(server, {}, "PROPFIND", "/books/banned/a.txt", "/books/banned/nothing", "/books/banned/b")
    same(server, {"Destination": "/d"}, "COPY", "/books/banned/a.txt", "/books/banned/nothing", "/books/banned/b")


@obliges("POL-50")
def test_it_may_be_cached_where_it_is_the_same_for_all(server):
    got = blocked(server.get("/books/banned/a.txt"))
    lacks(got.fields, "Cache-Control")
    lacks(got.fields, "Expires")


@obliges("POL-52")
@cases(("none match", {"If-None-Match": "*"}), ("match", {"If-Match": '"x"'}),
       ("since", {"If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"}),
       ("range", {"Range": "bytes=0-0"}), ("wrong range", {"Range": "bytes=999-"}),
       ("delta", {"A-IM": "vcdiff", "If-None-Match": '"x"'}), ("if", {"If": "(<urn:x>)"}),
       ("prefer", {"Prefer": "return=representation"}))
def test_conditions_and_ranges_change_nothing(server, fields):
    got = blocked(server.get("/books/banned/a.txt", fields))
    lacks(got.text, "secret")
    lacks(got.fields, "Content-Range")
    lacks(got.fields, "ETag")


@obliges("POL-53")
def test_head_says_the_same_without_the_body(server):
    got, head = server.get("/books/banned/a.txt"), blocked(server.head("/books/banned/a.txt"))
    eq(head.fields["Content-Length"], got.fields["Content-Length"])
    eq(head.body, b"")


def test_a_body_is_not_waited_for(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/books/banned/new", {"Content-Length": "1000000", "Expect": "100-continue"}))
        eq(conn.read("PUT").status, 451)


def test_options_of_the_server_are_not_blocked(server):
    eq(server.request("OPTIONS", "*").status, 200)


# ---- what leads there otherwise ----------------------------------------------------------------------


@obliges("POL-51")
@cases(("1", "1"), ("infinity", "infinity"))
def test_propfind_leaves_them_out(server, depth):
    for _ in range(4):  # by then the folder is remembered
        got = propfind(server, "/books/", depth=depth)
        eq(set(multistatus(got)), {"/books/", "/books/free.txt"})
        lacks(got.text, "banned")


@obliges("POL-51")
def test_a_propfind_of_a_tree_leaves_them_out_at_every_depth(server):
    eq(set(multistatus(propfind(server, "/tree/", depth="infinity"))), {"/tree/", "/tree/sub/", "/tree/sub/ok"})


@obliges("POL-51")
@cases(("html", "text/html"), ("json", "application/json"))
def test_listings_leave_them_out(server, accept):
    got = server.get("/books/", {"Accept": accept})
    eq(got.status, 200)
    contains(got.text, "free.txt")
    lacks(got.text, "banned")


SYNC = (b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>infinite</D:sync-level>'
        b"<D:prop><D:getetag/></D:prop></D:sync-collection>")


@obliges("POL-51")
def test_reports_of_changes_leave_them_out(server):
    server.write("books/banned/new.txt", b"n")
    got = server.request("REPORT", "/books/", {"Depth": "0", "Content-Type": "application/xml"}, SYNC)
    eq(got.status, 207)
    contains(got.text, "free.txt")
    lacks(got.text, "banned")


@obliges("POL-51")
def test_a_copy_leaves_them_out(server):
    one_of(server.request("COPY", "/books/", {"Destination": "/copied/", "Depth": "infinity"}).status, (201,))
    eq(server.names("copied"), ["free.txt"])


@obliges("POL-51")
@own_server(config=CONFIG, files=FILES, before=write_register)
def test_a_folder_is_neither_moved_nor_deleted_with_them(server):
    for method, folder, told in (("MOVE", "/books/", "/books/banned"), ("DELETE", "/books/", "/books/banned"),
                                 ("MOVE", "/tree/", "/tree/sub/banned-2.pdf"),
                                 ("DELETE", "/tree/", "/tree/sub/banned-2.pdf")):
        got = conflicts(server.request(method, folder, {"Destination": "/moved/"}))
        eq(got[told], 451, f"{method} {folder}")
    eq(server.read("books/banned/a.txt"), b"secret-a")
    eq(server.read("tree/sub/banned-2.pdf"), b"secret-t")
    ok(not server.exists("moved"), "nothing was moved")
    eq(server.request("MOVE", "/flat/", {"Destination": "/moved/"}).status, 201)
    eq(server.delete("/moved/").status, 204)


@obliges("POL-51")
@own_server(config=CONFIG, files={"books/free.txt": b"free", "empty/x": b"x"}, before=write_register)
def test_a_folder_is_not_moved_whether_or_not_they_are_there(server):
    eq(conflicts(server.request("MOVE", "/books/", {"Destination": "/moved/"})), {"/books/banned": 451})
    eq(conflicts(server.delete("/books/")), {"/books/banned": 451})


@obliges("POL-45")
@own_server(config=CONFIG, files={"a": b"a", "from/banned": b"b"}, before=write_register)
def test_nothing_comes_there(server):
    for method in ("COPY", "MOVE"):
        blocked(server.request(method, "/a", {"Destination": "/books/banned/a"}))
        eq(conflicts(server.request(method, "/from/", {"Destination": "/books/"})), {"/books/banned": 451})
    ok(server.exists("a") and server.exists("from/banned"), "all is where it was")
    eq(server.names(), ["a", "from"])


@own_server(config=CONFIG, files={"index/index.html": b"hello", "index/x": b"x"},
            before=lambda server: write_register(server, 'demand "i" { paths = { "/index/index.html" } }'))
def test_a_blocked_index_does_not_stand_for_its_folder(server):
    for _ in range(4):
        got = server.get("/index/", {"Accept": "text/html"})
        eq(got.status, 200)
        lacks(got.text, "hello")
        lacks(got.text, "index.html")
