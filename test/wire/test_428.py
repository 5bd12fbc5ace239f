"""policy.md §2: where changes need a condition, and 428."""

from dav import XML, lock_of, multistatus, prop_body, unlock
from wire import cases, contains, eq, head_of, lacks, obliges, ok, one_of, only_over, own_server, wait_for

SITE = 'site "s" {\n  root = "{root}"\n  require-match = on\n  at "/free" { require-match = off }\n%s}\n'
CONFIG = 'listen = { "127.0.0.1:0" }\n' + SITE % ""
FILES = {"f": b"first", "free/f": b"first", "folder/member": b"m"}
PATCH = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x xmlns="urn:x">1</x></D:prop></D:set></D:propertyupdate>'
LATE = "Fri, 01 Jan 2100 00:00:00 GMT"

CHANGES = (
    ("put", "PUT", {}, b"second"),
    ("delete", "DELETE", {}, b""),
    ("proppatch", "PROPPATCH", XML, PATCH),
    ("move", "MOVE", {"Destination": "/moved"}, b""),
)


def required(server, got, file="f"):
    """A whole 428, which names the current version and says what to do."""
    eq(got.status, 428)
    eq(got.fields["Cache-Control"], "no-store")
    eq(got.etag, server.get("/" + file).etag, "the version that it should have named")
    contains(got.body, b"If-Match")


@obliges("POL-17", "POL-18", "POL-19", "POL-24")
@own_server(config=CONFIG, files=FILES)
@cases(*CHANGES)
def test_without_a_condition_nothing_is_changed(server, method, fields, body):
    required(server, server.request(method, "/f", fields, body))
    eq(server.read("f"), b"first")
    ok(not server.exists("moved"), "nothing was moved")
    lacks(server.request("PROPFIND", "/f", {"Depth": "0"}).body, b"urn:x")


@obliges("POL-17", "POL-C1")
@own_server(config=CONFIG, files=FILES)
@cases(("star", {"If-Match": "*"}), ("no-date", {"If-Unmodified-Since": "yesterday"}),
       ("not-locked", {"If": "(Not <DAV:no-lock>)"}), ("either", {"If": '(["x"]) (Not <DAV:no-lock>)'}),
       ("another", {"If": '</free/f> (Not <DAV:no-lock>)'}),
       ("star-and-date", {"If-Match": "*", "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}),
       ("none-match", {"If-None-Match": '"x"'}))
def test_what_guards_nothing_is_no_condition(server, fields):
    for method, own, body in [change[1:] for change in CHANGES]:
        required(server, server.request(method, "/f", {**own, **fields}, body))
    eq(server.read("f"), b"first")


@obliges("POL-20", "POL-C1")
@own_server(config=CONFIG, files=FILES)
@cases(*CHANGES)
def test_a_true_condition_lets_it_pass(server, method, fields, body):
    for condition in {"If-Match": "%s"}, {"If": "([%s])"}, {"If-Unmodified-Since": LATE}:
        server.write("f", b"first")
        wait_for(lambda: not server.get("/f").etag.startswith("W/"), "the tag is strong")
        tag = server.get("/f").etag
        said = {name: value.replace("%s", tag) for name, value in condition.items()}
        one_of(server.request(method, "/f", {**fields, **said}, body).status, (201, 204, 207))


@obliges("POL-20")
@own_server(config=CONFIG, files=FILES)
@cases(*CHANGES)
def test_a_false_condition_is_412(server, method, fields, body):
    for condition in {"If-Match": '"other"'}, {"If": '(["other"])'}, {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}:
        eq(server.request(method, "/f", {**fields, **condition}, body).status, 412)
    eq(server.read("f"), b"first")


@obliges("POL-C2")
@own_server(config=CONFIG, files=FILES)
def test_what_is_new_needs_none(server):
    eq(server.put("/new", b"n").status, 201)
    eq(server.put("/new2", b"n", {"If-None-Match": "*"}).status, 201)
    eq(server.request("MKCOL", "/made/").status, 201)
    eq(server.request("COPY", "/f", {"Destination": "/copied"}).status, 201)
    token = lock_of(server, "/locked")
    unlock(server, "/locked", token)


@obliges("POL-21")
@own_server(config=CONFIG, files=FILES)
@cases(("get", "GET", {}, b""), ("head", "HEAD", {}, b""), ("options", "OPTIONS", {}, b""),
       ("propfind", "PROPFIND", {"Depth": "0"}, b""),
       ("report", "REPORT", XML, b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level>'
                                 b'<D:prop><D:getetag/></D:prop></D:sync-collection>'))
def test_who_only_reads_is_never_asked(server, method, fields, body):
    ok(server.request(method, "/" if method == "REPORT" else "/f", fields, body).status in (200, 207), method)


@obliges("POL-C1")
@own_server(config=CONFIG, files=FILES)
def test_a_held_lock_is_enough(server):
    token = lock_of(server, "/f")[1:-1]
    eq(server.put("/f", b"second", {"If": "(<%s>)" % token}).status, 204)
    eq(server.request("PROPPATCH", "/f", {**XML, "If": "(<%s>)" % token}, PATCH).status, 207)
    unlock(server, "/f", "<%s>" % token)
    eq(server.put("/f", b"third").status, 428)


@obliges("POL-17", "POL-18")
@own_server(config=CONFIG, files=FILES)
def test_a_folder_is_changed_by_who_holds_its_lock_or_knows_its_state(server):
    for method, fields, body in ("DELETE", {}, b""), ("MOVE", {"Destination": "/moved"}, b""), ("PROPPATCH", XML, PATCH):
        got = server.request(method, "/folder/", fields, body)
        eq(got.status, 428)
        contains(got.body, b"sync-token")
        lacks(got.fields, "ETag")
        eq(server.request(method, "/folder/", {**fields, "If-Unmodified-Since": LATE}, body).status, 428, "it has no date")
    token = multistatus(server.request("PROPFIND", "/folder/", {"Depth": "0", **XML},
                                       prop_body("{DAV:}sync-token")))["/folder/"].text("{DAV:}sync-token")
    eq(server.request("PROPPATCH", "/folder/", {**XML, "If": "(<%s>)" % token}, PATCH).status, 207)
    token = lock_of(server, "/folder/")[1:-1]
    eq(server.request("DELETE", "/folder/", {"If": "(<%s>)" % token}).status, 204)


@obliges("POL-22")
@own_server("--user", "alice:secret", "--require-match", "on", files=FILES)
def test_who_may_not_is_told_that_first(server):
    eq(server.put("/f", b"x").status, 401)


RIGHTS = 'listen = { "127.0.0.1:0" }\n' + SITE % (
    '  allow "*" { rights = { "read", "lock" } }\n  at "/box" { allow "*" { rights = { "read", "write" } } }\n')


@obliges("POL-22")
@own_server(config=RIGHTS, files={"f": b"first", "box/f": b"first", "box/sub/x": b"x"})
def test_other_errors_come_first(server):
    eq(server.put("/f", b"x").status, 403)
    eq(server.delete("/box/missing").status, 404)
    eq(server.put("/box/sub", b"x").status, 405)
    eq(server.put("/box/f", b"x", {"Content-Encoding": "gzip"}).status, 415)
    lock_of(server, "/box/f")
    eq(server.put("/box/f", b"x").status, 423)


@obliges("POL-23")
@only_over("h1", why="bytes of HTTP/1.1")
@own_server(config=CONFIG, files=FILES)
def test_it_comes_before_the_body_is_asked_for(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/f", {"Content-Length": "5", "Expect": "100-continue"}))
        eq(conn.read("PUT").status, 428)


@obliges("POL-17")
@own_server(config=CONFIG, files=FILES)
def test_it_holds_where_it_is_configured(server):
    eq(server.put("/free/f", b"second").status, 204)
    eq(server.put("/f", b"second").status, 428)


@obliges("POL-24")
@own_server(config='listen = { "127.0.0.1:0" }\n' + SITE % '  allow "*" { rights = { "write" } }\n', files=FILES)
def test_who_may_not_read_learns_no_tag(server):
    got = server.put("/f", b"second")
    eq(got.status, 428)
    lacks(got.fields, "ETag")
