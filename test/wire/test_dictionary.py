"""Compression dictionaries (RFC 9842; docs/spec/delta.md section 8)."""

import base64
import hashlib
import os
import random
import signal
import subprocess

import deltas
from wire import cases, contains, eq, lacks, obliges, ok, only_over, own_server, skip, wait_for

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  demands = "{tmp}/register"
  at "/app" { dictionary = { "/app/*.js", "app-1" }  fresh = 1h }
  at "/self" { dictionary = "self"  fresh = 5m }
  at "/off" { dictionary = "off" }
  at "/drop" { dictionary = "/*"  fresh = 1h  allow "*" { rights = { "create", "write" } } }
}
"""
MAGIC = bytes.fromhex("5e2a4d1820000000")


def prepare(server):
    for name in ("app", "self", "off", "drop", "plain"):
        os.mkdir(server.path(name))
    demand(server, "")


def demand(server, text):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(text)


def script(seed, count=400):
    pick = random.Random(7)
    lines = ["function f%d(x) { return x * %d + %s; }" % (i, pick.randrange(10**6), pick.random()) for i in range(count)]
    for i in range(5):
        lines[(seed * 37 + i * 61) % count] = "const changed%d = %d;" % (i, seed)
    return "\n".join(lines).encode()


FIRST, SECOND = script(1), script(2)


def available(content):
    return ":%s:" % base64.b64encode(hashlib.sha256(content).digest()).decode()


def put(server, path, content):
    got = server.put(path, content)
    ok(got.status in (201, 204), "PUT: %d" % got.status)
    return got.etag


def ask(server, path, content=None, coding="gzip, br, zstd, dcb, dcz", **fields):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    if content is not None:
        named["Available-Dictionary"] = available(content)
    return server.get(path, {**named, "Accept-Encoding": coding})


def undo(server, body, dictionary):
    if not os.path.exists("/usr/bin/zstd"):
        skip("zstd is missing")
    paths = [os.path.join(server.tmp, name) for name in ("dictionary", "coded", "content")]
    for path, content in zip(paths, (dictionary, body[40:])):
        with open(path, "wb") as out:
            out.write(content)
    subprocess.run(["zstd", "-q", "-f", "-d", "--patch-from=" + paths[0], paths[1], "-o", paths[2]], check=True)
    with open(paths[2], "rb") as file:
        return file.read()


def is_coded(server, got, dictionary, content):
    eq((got.status, got.fields.get("Content-Encoding")), (200, "dcz"))
    eq(got.body[:40], MAGIC + hashlib.sha256(dictionary).digest())
    eq(undo(server, got.body, dictionary), content)
    ok(len(got.body) < len(content) / 10, "it is much shorter: %d" % len(got.body))
    return got


def is_plain(got, content):
    eq((got.status, got.body == content), (200, True))
    lacks(got.fields, "Content-Encoding")
    return got


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-01", "DCT-11")
def test_a_file_is_told_to_be_a_dictionary(server):
    put(server, "/app/a.js", FIRST)
    for method in ("GET", "HEAD"):
        got = server.request(method, "/app/a.js")
        eq(got.fields["Use-As-Dictionary"], 'match="/app/*.js", id="app-1"')
        eq(got.fields["Cache-Control"], "max-age=3600")
    put(server, "/self/b%20c", FIRST)
    eq(server.get("/self/b%20c").fields["Use-As-Dictionary"], 'match="/self/b%20c"')
    put(server, "/self/d(1).js", FIRST)
    eq(server.get("/self/d(1).js").fields["Use-As-Dictionary"], r'match="/self/d\\(1\\).js"')
    eq(server.get("/self/d%281%29.js").fields["Use-As-Dictionary"], 'match="/self/d%281%29.js"')
    for path in ("/off/a", "/plain/a"):
        put(server, path, FIRST)
        got = server.get(path)
        lacks(got.fields, "Use-As-Dictionary")
        eq(got.fields["Cache-Control"], "no-cache")


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-04", "DCT-06", "DCT-07", "DCT-09")
def test_an_earlier_content_is_a_dictionary_for_the_next(server):
    put(server, "/self/a", FIRST)
    plain = put(server, "/self/a", SECOND)
    got = is_coded(server, ask(server, "/self/a", FIRST), FIRST, SECOND)
    ok({"accept-encoding", "available-dictionary"} <= set(got.fields.words("Vary")), got.fields["Vary"])
    ok(got.etag != plain and got.etag.startswith(plain[:-1] + "-dcz-"), "a tag of its own: " + got.etag)
    eq(got.fields["Content-Type"], server.get("/self/a").fields["Content-Type"])
    head = server.head("/self/a", {"Available-Dictionary": available(FIRST), "Accept-Encoding": "dcz"})
    eq((head.etag, head.fields["Content-Length"]), (got.etag, got.fields["Content-Length"]))
    put(server, "/self/a", script(3))
    other = is_coded(server, ask(server, "/self/a", SECOND), SECOND, script(3))
    ok(other.etag != is_coded(server, ask(server, "/self/a", FIRST), FIRST, script(3)).etag, "one for each dictionary")


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-04", "DCT-05")
@cases(("gzip", "gzip, br"), ("dcb", "dcb, br"), ("refused", "dcz;q=0, gzip"), ("none", ""), ("star", "*"))
def test_without_dcz_the_content_comes_as_it_is(server, coding):
    """dcb is never sent (docs/limits.md): nothing here begins as it would."""
    put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    is_plain(ask(server, "/self/a", FIRST, coding), SECOND)


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-02", "DCT-03")
@cases(("no_bytes", '"app-1"'), ("short", ":AAAA:"), ("long", ":%s:" % base64.b64encode(b"x" * 33).decode()), ("token", "abc"),
       ("unknown", ":%s:" % base64.b64encode(b"x" * 32).decode()), ("unclosed", ":AAAA"), ("two", "{0}, {0}"))
def test_what_is_no_known_hash_selects_nothing(server, value):
    put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    got = ask(server, "/self/a", Available_Dictionary=value.replace("{0}", available(FIRST)), Dictionary_ID='"app-1"')
    is_plain(got, SECOND)
    is_coded(server, ask(server, "/self/a", FIRST, Dictionary_ID='"other"'), FIRST, SECOND)


@own_server(config=CONFIG, before=prepare)
def test_another_file_is_a_dictionary_once_it_was_sent_as_one(server):
    put(server, "/app/1.js", FIRST)
    put(server, "/app/2.js", SECOND)
    put(server, "/plain/3", SECOND)
    is_plain(ask(server, "/app/2.js", FIRST), SECOND)
    server.get("/app/1.js")
    is_coded(server, ask(server, "/app/2.js", FIRST), FIRST, SECOND)
    is_coded(server, ask(server, "/plain/3", FIRST), FIRST, SECOND)
    put(server, "/app/1.js", script(5))
    is_coded(server, ask(server, "/app/2.js", FIRST), FIRST, SECOND)
    server.stop()
    server.start()
    is_coded(server, ask(server, "/app/2.js", FIRST), FIRST, SECOND)
    server.delete("/app/1.js")
    is_plain(ask(server, "/app/2.js", FIRST), SECOND)


@own_server(config=CONFIG, before=prepare)
def test_a_file_of_others_is_one_too(server):
    server.write("app/1.js", FIRST, 1000000000)
    server.write("app/2.js", SECOND, 1000000000)
    contains(server.get("/app/1.js").fields["Use-As-Dictionary"], "match=")
    is_coded(server, ask(server, "/app/2.js", FIRST), FIRST, SECOND)


@own_server(config=CONFIG, before=prepare)
def test_the_tag_of_a_coded_form_is_good_for_304(server):
    put(server, "/self/a", FIRST)
    plain = put(server, "/self/a", SECOND)
    tag = ask(server, "/self/a", FIRST).etag
    for more in ({}, {"Available-Dictionary": available(FIRST)}, {"Available-Dictionary": available(SECOND)}):
        got = server.get("/self/a", {"If-None-Match": tag, "Accept-Encoding": "dcz", **more})
        eq((got.status, got.etag), (304, tag))
        contains(got.fields["Cache-Control"], "max-age=300")
        contains(got.fields["Vary"], "available-dictionary")
    eq(server.get("/self/a", {"If-None-Match": plain}).status, 304)
    put(server, "/self/a", FIRST)
    eq(server.get("/self/a", {"If-None-Match": tag}).status, 200)


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-10")
@cases(("same_origin", {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}, True),
       ("navigate", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, True),
       ("no_mode", {"Sec_Fetch_Site": "cross-site"}, True),
       ("no_cors", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}, False),
       ("same_site", {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "no-cors"}, False),
       ("cors", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors", "Origin": "https://other.example"}, False))
def test_pages_of_other_origins_measure_nothing(server, fields, is_used):
    put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    got = ask(server, "/self/a", FIRST, **fields)
    if is_used:
        is_coded(server, got, FIRST, SECOND)
    else:
        is_plain(got, SECOND)


@own_server("--trusted-proxies", "127.0.0.1", config=CONFIG, before=prepare)
@only_over("h1", "h2", why="a connection by TLS is not one of those")
@obliges("DCT-08")
def test_over_a_connection_that_may_be_read_there_is_none(server):
    put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    got = ask(server, "/self/a", FIRST, X_Forwarded_For="192.0.2.7")
    is_plain(got, SECOND)
    lacks(got.fields, "Use-As-Dictionary")
    is_coded(server, ask(server, "/self/a", FIRST), FIRST, SECOND)


@own_server(config=CONFIG, before=prepare)
@obliges("DCT-13")
def test_one_mechanism_alone(server):
    tag = put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    got = ask(server, "/self/a", FIRST, A_IM="vcdiff", If_None_Match=tag)
    eq((got.status, got.fields["IM"]), (226, "vcdiff"))
    lacks(got.fields, "Content-Encoding")
    eq(deltas.vcdiff(got.body, FIRST), SECOND)
    is_coded(server, ask(server, "/self/a", FIRST, A_IM="x-other"), FIRST, SECOND)


@own_server(config=CONFIG, before=prepare)
def test_a_range_is_one_of_the_content_as_it_is(server):
    put(server, "/self/a", FIRST)
    tag = put(server, "/self/a", SECOND)
    got = ask(server, "/self/a", FIRST, Range="bytes=10-99")
    eq((got.status, got.body, got.etag), (206, SECOND[10:100], tag))
    lacks(got.fields, "Content-Encoding")


@own_server(config=CONFIG, before=prepare)
def test_what_would_not_be_shorter_is_not_coded(server):
    noise = [random.Random(seed).randbytes(3000) for seed in (1, 2)]
    for content in noise:
        put(server, "/self/noise", content)
    is_plain(ask(server, "/self/noise", noise[0]), noise[1])


@own_server(config=CONFIG, before=prepare)
def test_who_may_not_read_a_dictionary_gets_nothing_coded_with_it(server):
    """A hash is no key: of a file that nobody may read it opens nothing."""
    put(server, "/drop/secret", FIRST)
    put(server, "/self/a", SECOND)
    eq(server.get("/drop/secret").status, 403)
    is_plain(ask(server, "/self/a", FIRST), SECOND)


@own_server(config=CONFIG, before=prepare)
def test_a_legal_demand_closes_a_dictionary(server):
    put(server, "/app/1.js", FIRST)
    put(server, "/app/2.js", SECOND)
    server.get("/app/1.js")
    is_coded(server, ask(server, "/app/2.js", FIRST), FIRST, SECOND)
    server.stop()
    demand(server, 'demand "order" { paths = { "/app/1.js" } }\n')
    server.start()
    is_plain(ask(server, "/app/2.js", FIRST), SECOND)
    eq(ask(server, "/app/1.js", SECOND).status, 451)


@own_server(config=CONFIG, before=prepare)
def test_other_clients_get_what_is_theirs(server):
    """Whatever was answered last, and however often."""
    put(server, "/self/a", FIRST)
    tag = put(server, "/self/a", SECOND)
    for _ in range(4):
        is_coded(server, ask(server, "/self/a", FIRST), FIRST, SECOND)
        got = is_plain(server.get("/self/a"), SECOND)
        eq(got.etag, tag)
        contains(got.fields["Vary"], "available-dictionary")
        eq(server.get("/self/a", {"Want-Repr-Digest": "sha-256=1"}).fields["Repr-Digest"], "sha-256=" + available(SECOND))
        lacks(server.get("/self/a").fields, "Repr-Digest")


@own_server(config=CONFIG, before=prepare)
def test_what_a_place_is_fresh_for(server):
    put(server, "/app/x.css", b"a { }")
    for _ in range(3):
        eq(server.get("/app/x.css").fields["Cache-Control"], "max-age=3600")
    eq(server.get("/app/x.css", {"If-None-Match": server.get("/app/x.css").etag}).fields["Cache-Control"], "max-age=3600")


@own_server(config=CONFIG, before=prepare)
@obliges("DLT-44")
def test_the_tag_of_a_coded_form_is_no_base(server):
    """What it names is not the content that a delta would be made to."""
    put(server, "/self/a", FIRST)
    plain = put(server, "/self/a", SECOND)
    coded = ask(server, "/self/a", FIRST).etag
    put(server, "/self/a", script(3))
    eq(server.get("/self/a", {"A-IM": "vcdiff", "If-None-Match": plain}).status, 226)
    is_plain(server.get("/self/a", {"A-IM": "vcdiff", "If-None-Match": coded}), script(3))


@own_server(config=CONFIG, before=prepare)
def test_a_dictionary_that_is_not_what_it_was_is_not_used(server):
    """Its digest is recorded; the client has what that says, and would put something wrong together."""
    put(server, "/self/a", FIRST)
    put(server, "/self/a", SECOND)
    folder = server.path(".samovar/history")
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.path.getsize(path) == len(FIRST):
            facts = os.stat(path)
            with open(path, "r+b") as file:
                file.write(b"X")
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    is_plain(ask(server, "/self/a", FIRST), SECOND)


@own_server(config=CONFIG, before=prepare)
def test_what_a_reload_changes_holds_for_what_is_in_memory_too(server):
    put(server, "/plain/a", FIRST)
    for _ in range(4):
        eq(server.get("/plain/a").fields["Cache-Control"], "no-cache")
    with open(server.tmp + "/samovar.conf", encoding="utf-8") as file:
        text = file.read()
    with open(server.tmp + "/samovar.conf", "w", encoding="utf-8") as out:
        out.write(text.replace('at "/off"', 'at "/plain" { dictionary = self  fresh = 7s }\n  at "/off"'))
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.get("/plain/a").fields["Cache-Control"] == "max-age=7", "the new rule holds")
    eq(server.get("/plain/a").fields["Use-As-Dictionary"], 'match="/plain/a"')
    put(server, "/plain/a", SECOND)
    is_coded(server, ask(server, "/plain/a", FIRST), FIRST, SECOND)
