"""Content codings (RFC 9110 §8.4, §12.5.3; docs/spec/negotiation.md NEG-67, NEG-C6; docs/compress.md)."""

import base64
import hashlib
import os
import threading

from codings import BROWSERS, ENDINGS, make, text, undo
from hot import hits
from wire import cases, contains, eq, lacks, ne, obliges, ok, one_of, only_over, own_server, wait_for

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  compress = on
  at "/stored" { compress = stored }
  at "/off" { compress = off }
  at "/mine/a.txt.gz" { allow "*" { rights = { "list" } } }
  at "/past" { history = 5 }
  at "/chosen" { negotiate = on }
  at "/kept" { require-match = conflict-copy }
  at "/dict" { dictionary = "self"  history = 5  fresh = 1h }
}
"""
PAGE = text(40000)
MARK = {"br": "-br-", "gzip": "-gzip-", "zstd": "-zstd-"}
ALL = "gzip, br, zstd"


def prepare(server):
    for name in ("stored", "off", "mine", "past", "chosen", "kept", "dict"):
        os.mkdir(server.path(name))


BEFORE = prepare


def put(server, path, content=PAGE, **fields):
    got = server.put(path, content, {name.replace("_", "-"): value for name, value in fields.items()})
    ok(got.status in (201, 204), "PUT %s: %d" % (path, got.status))
    return got.etag


def ask(server, path, coding=ALL, **fields):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    if coding is not None:
        named["Accept-Encoding"] = coding
    return server.get(path, named)


def coding_of(got):
    return got.fields.get("Content-Encoding")


def is_coded(got, coding, content=PAGE, status=200):
    eq((got.status, coding_of(got)), (status, coding))
    eq(undo(coding, got.body), content)
    eq(int(got.fields["Content-Length"]), len(got.body))
    contains(vary(got), "accept-encoding")
    if coding:
        contains(got.etag, MARK[coding])


def vary(got):
    return [word.strip().lower() for value in got.fields.all("Vary") for word in value.split(",")]


# ---- which coding ----


@cases(("gzip", "gzip", "gzip"), ("x-gzip", "x-gzip", "gzip"), ("brotli", "br", "br"), ("zstd", "zstd", "zstd"),
       ("weights", "gzip;q=0.5, zstd;q=0.7, br;q=0.6", "zstd"), ("ties", "zstd, gzip, br", "br"), ("any", "*", "br"),
       ("any-but", "br;q=0, *", "zstd"), ("absent", None, None), ("empty", "", None), ("identity", "identity", None),
       ("none-of-ours", "deflate, compress", None), ("identity-first", "identity, gzip;q=0.9", None),
       ("refused", "gzip;q=0", None), ("upper-case", "GZIP", "gzip"), ("malformed", "gzip;q=x", None),
       ("only-coded", "identity;q=0, gzip", "gzip"), ("only-coded-any", "*;q=0, gzip;q=0.1", "gzip"))
@obliges("NEG-65", "NEG-67")
def test_the_coding_that_is_liked_best(server, field, coding):
    tag = put(server, "/best.txt")
    for _ in range(3):  # made, kept, and perhaps from memory
        got = ask(server, "/best.txt", field)
        is_coded(got, coding)
        eq(got.etag.startswith(tag[:-1]), True)
    head = server.head("/best.txt", {"Accept-Encoding": field} if field is not None else {})
    eq((head.etag, coding_of(head), head.fields["Content-Length"]), (got.etag, coding, got.fields["Content-Length"]))


@cases(*BROWSERS)
def test_what_browsers_send(server, field):
    put(server, "/browser.js")
    for _ in range(2):
        got = ask(server, "/browser.js", field)
        is_coded(got, "br" if "br" in field else "gzip")


def test_several_lines_are_one_field(server):
    put(server, "/lines.txt")
    is_coded(server.get("/lines.txt", [("Accept-Encoding", "gzip;q=0.5"), ("Accept-Encoding", "zstd")]), "zstd")


@cases(("page", "a.html", True), ("style", "a.css", True), ("data", "a.json", True), ("picture", "a.svg", True),
       ("font", "a.ttf", True), ("wasm", "a.wasm", True), ("photo", "a.jpg", False), ("archive", "a.zip", False),
       ("coded", "a.txt.gz", False), ("woff", "a.woff2", False), ("unknown", "a.bin", False))
def test_what_gains_by_it(server, name, gains):
    put(server, "/" + name)
    got = ask(server, "/" + name, "gzip")
    eq(coding_of(got), "gzip" if gains else None)
    eq(undo(coding_of(got), got.body), PAGE)


def test_a_type_that_was_given_counts(server):
    put(server, "/given.bin", Content_Type="text/plain")
    is_coded(ask(server, "/given.bin", "gzip"), "gzip")


@cases(("0", 0, False), ("255", 255, False), ("256", 256, True), ("65536", 65536, True), ("300000", 300000, True))
def test_sizes(server, size, is_made):
    content = text(size, 3)
    put(server, "/size%d.txt" % size, content)
    for _ in range(2):
        is_coded(ask(server, "/size%d.txt" % size, "br"), "br" if is_made else None, content)


def test_what_would_not_be_smaller_is_sent_as_it_is(server):
    content = os.urandom(5000)
    put(server, "/random.txt", content)
    for _ in range(2):
        got = ask(server, "/random.txt")
        is_coded(got, None, content)


def test_where_it_is_off(server):
    put(server, "/off/a.txt")
    put(server, "/off/a.txt.gz", make("gzip", PAGE))
    got = ask(server, "/off/a.txt")
    eq((coding_of(got), got.body), (None, PAGE))
    lacks(vary(got), "accept-encoding")


def test_http_1_0(server):
    put(server, "/old.txt")
    is_coded(server.request("GET", "/old.txt", {"Accept-Encoding": "gzip"}, version="HTTP/1.0"), "gzip")


# ---- neighbours ----


@cases(("br", "br"), ("zstd", "zstd"), ("gzip", "gzip"))
def test_a_file_beside_it(server, coding):
    for folder in ("", "/stored"):
        path = "%s/beside-%s.txt" % (folder, coding)
        put(server, path)
        form = make(coding, PAGE)
        put(server, path + ENDINGS[coding], form)
        got = ask(server, path, coding)
        is_coded(got, coding)
        eq(got.body, form)
        eq(ask(server, path, None).body, PAGE)
        eq(got.fields["Content-Type"].split(";")[0], "text/plain")


def test_stored_makes_none(server):
    put(server, "/stored/alone.txt")
    got = ask(server, "/stored/alone.txt")
    is_coded(got, None)


def test_of_those_beside_it_the_one_that_is_liked_then_the_shortest(server):
    put(server, "/stored/many.txt")
    for coding in ("br", "zstd", "gzip"):
        put(server, "/stored/many.txt" + ENDINGS[coding], make(coding, PAGE))
    shortest = min(("br", "zstd", "gzip"), key=lambda coding: len(make(coding, PAGE)))
    is_coded(ask(server, "/stored/many.txt"), shortest)
    is_coded(ask(server, "/stored/many.txt", "gzip, br;q=0.9, zstd;q=0.9"), "gzip")
    is_coded(ask(server, "/stored/many.txt", "identity, gzip;q=0.9"), None)


def test_one_beside_it_of_a_lesser_coding_does_not_replace_a_better_one(server):
    put(server, "/lesser.txt")
    put(server, "/lesser.txt.gz", make("gzip", PAGE))
    is_coded(ask(server, "/lesser.txt", "br, gzip;q=0.5"), "br")
    is_coded(ask(server, "/lesser.txt", "br, gzip"), "gzip")  # it costs nothing


def test_one_that_is_older_is_none(server):
    put(server, "/stored/older.txt.gz", make("gzip", text(2000, 9)))
    put(server, "/stored/older.txt")
    is_coded(ask(server, "/stored/older.txt", "gzip"), None)


def test_its_change_is_another_tag_and_its_end_the_end_of_it(server):
    put(server, "/stored/change.txt")
    put(server, "/stored/change.txt.gz", make("gzip", PAGE))
    first = ask(server, "/stored/change.txt", "gzip")
    put(server, "/stored/change.txt.gz", make("gzip", PAGE) + make("gzip", b""))
    second = ask(server, "/stored/change.txt", "gzip")
    ne(first.etag, second.etag)
    is_coded(second, "gzip")
    eq(ask(server, "/stored/change.txt", "gzip", If_None_Match=first.etag).status, 200)
    eq(ask(server, "/stored/change.txt", "gzip", If_None_Match=second.etag).status, 304)
    server.delete("/stored/change.txt.gz")
    is_coded(ask(server, "/stored/change.txt", "gzip"), None)


@cases(("no-magic", b"just a text"), ("empty", b""))
def test_what_is_no_such_form_is_none(server, content):
    put(server, "/stored/wrong.txt")
    put(server, "/stored/wrong.txt.gz", content)
    put(server, "/stored/wrong.txt.zst", content)
    is_coded(ask(server, "/stored/wrong.txt", "gzip, zstd"), None)


def test_zstd_that_wants_more_memory_than_clients_give(server):
    """RFC 9659: a window of 8 MiB at most."""
    big = bytes.fromhex("28b52ffd0478") + b"\x01\0\0" + b"0" * 100  # 32 MiB
    put(server, "/stored/window.txt")
    put(server, "/stored/window.txt.zst", big)
    is_coded(ask(server, "/stored/window.txt", "zstd"), None)


def test_a_folder_beside_it(server):
    put(server, "/stored/folder.txt")
    server.request("MKCOL", "/stored/folder.txt.gz")
    is_coded(ask(server, "/stored/folder.txt", "gzip"), None)


def test_one_that_is_said_to_be_of_another_type(server):
    put(server, "/stored/typed.txt")
    put(server, "/stored/typed.txt.gz", make("gzip", PAGE), Content_Type="image/x-own")
    is_coded(ask(server, "/stored/typed.txt", "gzip"), None)


def test_one_that_the_asker_may_not_read(server):
    server.write("mine/a.txt", PAGE)
    server.write("mine/a.txt.gz", make("gzip", b"somebody else's"))
    wait_for(lambda: ask(server, "/mine/a.txt", None).etag.startswith('"'), "a strong tag")
    eq(ask(server, "/mine/a.txt.gz", None).status in (401, 403, 404), True)
    got = ask(server, "/mine/a.txt", "gzip")
    is_coded(got, "gzip")  # made, of what he may read


def register(server):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write('demand "order" { paths = { "/a.txt.gz", "/b.txt" } }\n')


@own_server(config="""listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  compress = stored
  demands = "{tmp}/register"
}
""", before=register)
def test_demands_hold_for_forms(server):
    for name in ("a.txt", "b.txt"):
        server.write(name, PAGE)
        server.write(name + ".gz", make("gzip", PAGE))
    wait_for(lambda: ask(server, "/a.txt", None).etag.startswith('"'), "a strong tag")
    is_coded(ask(server, "/a.txt", "gzip"), None)
    eq(ask(server, "/b.txt", "gzip").status, 451)
    eq(ask(server, "/a.txt.gz", None).status, 451)
    tag = ask(server, "/a.txt", None).etag
    is_coded(ask(server, "/a.txt", "gzip", If_None_Match=tag[:-1] + '-gzip-01234567"'), None)


def test_forms_are_files_for_themselves(server):
    form = make("gzip", PAGE)
    put(server, "/self.txt.gz", form)
    got = ask(server, "/self.txt.gz", "gzip, br")
    eq((got.status, coding_of(got), got.body), (200, None, form))


# ---- tags and conditions ----


@obliges("CND-04")
def test_each_form_has_a_tag_of_its_own(server):
    plain = put(server, "/tags.txt")
    tags = [ask(server, "/tags.txt", coding).etag for coding in (None, "br", "zstd", "gzip")]
    eq(len(set(tags)), 4)
    eq(tags[0], plain)
    for tag in tags:
        ok(tag.startswith(plain[:-1]), tag)


def test_equal_tags_are_equal_octets_over_a_restart(server):
    put(server, "/restart.txt")
    before = [ask(server, "/restart.txt", coding) for coding in ("br", "zstd", "gzip")]
    server.stop()
    for folder, _, names in os.walk(server.path(".samovar/derived")):
        for name in names:
            os.unlink(os.path.join(folder, name))
    server.start()
    wait_for(lambda: ask(server, "/restart.txt", None).etag.startswith('"'), "a strong tag")
    after = [ask(server, "/restart.txt", coding) for coding in ("br", "zstd", "gzip")]
    eq([(got.etag, got.body) for got in before], [(got.etag, got.body) for got in after])


@cases(("br", "br"), ("zstd", "zstd"), ("gzip", "gzip"), ("plain", None))
def test_a_form_that_the_client_has(server, coding):
    put(server, "/has.txt")
    tag = ask(server, "/has.txt", coding).etag
    for method in ("GET", "HEAD"):
        got = server.request(method, "/has.txt", {"Accept-Encoding": coding or "identity", "If-None-Match": tag})
        eq((got.status, got.etag), (304, tag))
        contains(vary(got), "accept-encoding")
        lacks(got.fields, "Content-Encoding")
    got = ask(server, "/has.txt", ALL, If_None_Match='"x", W/%s' % tag)
    eq((got.status, got.etag), (304, tag))


def test_a_form_that_the_client_takes_no_more(server):
    put(server, "/nomore.txt")
    tag = ask(server, "/nomore.txt", "br").etag
    got = ask(server, "/nomore.txt", "gzip", If_None_Match=tag)
    is_coded(got, "gzip")
    got = ask(server, "/nomore.txt", None, If_None_Match=tag)
    is_coded(got, None)


def test_a_form_of_another_maker_or_content(server):
    plain = put(server, "/maker.txt")
    is_coded(ask(server, "/maker.txt", "br", If_None_Match=plain[:-1] + '-br-01234567"'), "br")
    tag = ask(server, "/maker.txt", "br").etag
    put(server, "/maker.txt", PAGE + b"more")
    is_coded(ask(server, "/maker.txt", "br", If_None_Match=tag), "br", PAGE + b"more")


def test_a_date_gives_the_tag_of_what_would_be_sent(server):
    put(server, "/date.txt")
    got = ask(server, "/date.txt", "br")
    again = ask(server, "/date.txt", "br", If_Modified_Since=got.fields["Last-Modified"])
    eq((again.status, again.etag), (304, got.etag))


def test_if_match_names_a_form(server):
    plain = put(server, "/match.txt")
    tag = ask(server, "/match.txt", "br").etag
    got = ask(server, "/match.txt", ALL, If_Match=tag)
    is_coded(got, "br")
    part = ask(server, "/match.txt", ALL, If_Match=tag, Range="bytes=5-99")
    eq((part.status, part.etag, part.body), (206, tag, got.body[5:100]))
    eq(ask(server, "/match.txt", "gzip", If_Match=tag).status, 412)
    eq(ask(server, "/match.txt", "gzip", If_Match=plain).status, 200)
    eq(ask(server, "/match.txt", ALL, If_Match="W/" + tag).status, 412)
    put(server, "/match.txt", b"newer")
    eq(ask(server, "/match.txt", ALL, If_Match=tag).status, 412)


# ---- ranges: never a part of one form with one of another ----


def test_a_part_without_a_tag_is_of_the_plain_content(server):
    plain = put(server, "/part.txt")
    got = ask(server, "/part.txt", ALL, Range="bytes=100-199")
    eq((got.status, coding_of(got), got.body, got.etag), (206, None, PAGE[100:200], plain))
    contains(vary(got), "accept-encoding")
    eq(got.fields["Content-Range"], "bytes 100-199/%d" % len(PAGE))


@cases(("br", "br"), ("zstd", "zstd"), ("gzip", "gzip"))
@obliges("RNG-08")
def test_a_part_by_the_tag_of_a_form_is_of_that_form(server, coding):
    for beside in (False, True):
        path = "/part%s%d.txt" % (coding, beside)
        put(server, path)
        if beside:
            put(server, path + ENDINGS[coding], make(coding, PAGE))
        whole = ask(server, path, coding)
        got = ask(server, path, ALL, Range="bytes=100-", If_Range=whole.etag)
        eq((got.status, coding_of(got), got.etag), (206, coding, whole.etag))
        eq(whole.body[:100] + got.body, whole.body)
        eq(got.fields["Content-Range"], "bytes 100-%d/%d" % (len(whole.body) - 1, len(whole.body)))
        contains(vary(got), "accept-encoding")
        got = ask(server, path, ALL, Range="bytes=-10", If_Range=whole.etag)
        eq((got.status, got.body), (206, whole.body[-10:]))


def test_a_part_by_the_plain_tag_is_of_the_plain_content(server):
    plain = put(server, "/partplain.txt")
    got = ask(server, "/partplain.txt", ALL, Range="bytes=100-199", If_Range=plain)
    eq((got.status, coding_of(got), got.body), (206, None, PAGE[100:200]))


@obliges("RNG-09")
def test_a_form_that_is_no_more_is_sent_whole(server):
    plain = put(server, "/partgone.txt")
    for tag in (plain[:-1] + '-br-01234567"', plain[:-1] + '-lzma-01234567"', '"x"', "W/" + plain):
        got = ask(server, "/partgone.txt", "br", Range="bytes=100-199", If_Range=tag)
        is_coded(got, "br")
    tag = ask(server, "/partgone.txt", "br").etag
    is_coded(ask(server, "/partgone.txt", "gzip", Range="bytes=100-199", If_Range=tag), "gzip")
    is_coded(ask(server, "/partgone.txt", None, Range="bytes=100-199", If_Range=tag), None)


def test_a_date_is_that_of_all_forms(server):
    server.write("partdate.txt", PAGE)
    os.utime(server.path("partdate.txt"), (1e9, 1e9))
    wait_for(lambda: ask(server, "/partdate.txt", None).etag.startswith('"'), "a strong tag")
    date = ask(server, "/partdate.txt", "gzip").fields["Last-Modified"]
    for coding in ("gzip", None):
        is_coded(ask(server, "/partdate.txt", coding, Range="bytes=100-199", If_Range=date), coding)


def test_a_date_is_good_where_there_are_no_forms(server):
    server.write("partdate.bin", PAGE)
    os.utime(server.path("partdate.bin"), (1e9, 1e9))
    wait_for(lambda: ask(server, "/partdate.bin", None).etag.startswith('"'), "a strong tag")
    date = ask(server, "/partdate.bin", "gzip").fields["Last-Modified"]
    got = ask(server, "/partdate.bin", "gzip", Range="bytes=100-199", If_Range=date)
    eq((got.status, got.body), (206, PAGE[100:200]))


def test_a_part_where_the_plain_content_is_refused(server):
    put(server, "/partonly.txt")
    whole = ask(server, "/partonly.txt", "identity;q=0, zstd")
    got = ask(server, "/partonly.txt", "identity;q=0, zstd", Range="bytes=7-70")
    eq((got.status, coding_of(got), got.body, got.etag), (206, "zstd", whole.body[7:71], whole.etag))


def test_a_part_behind_the_end_of_a_form(server):
    put(server, "/partend.txt")
    whole = ask(server, "/partend.txt", "br")
    got = ask(server, "/partend.txt", "br", Range="bytes=%d-" % len(whole.body), If_Range=whole.etag)
    eq(got.status, 416)
    eq(got.fields["Content-Range"], "bytes */%d" % len(whole.body))
    contains(vary(got), "accept-encoding")


def test_several_parts_of_a_form(server):
    put(server, "/parts.txt")
    whole = ask(server, "/parts.txt", "gzip")
    got = ask(server, "/parts.txt", "gzip", Range="bytes=0-3,20-29", If_Range=whole.etag)
    eq((got.status, coding_of(got)), (206, "gzip"))
    contains(got.body, whole.body[20:30])


# ---- forms of variants ----


@obliges("CND-52")
def test_a_form_of_a_variant(server):
    put(server, "/chosen/a.en.html")
    put(server, "/chosen/a.fr.html", PAGE + b"fr")
    english = {"Accept-Language": "en", "Accept-Encoding": "gzip"}
    got = server.get("/chosen/a", english)
    is_coded(got, "gzip")
    contains(got.etag, ";")
    contains(vary(got), "accept-language")
    for tag, status in ((got.etag, 304), (got.etag.split(";")[0] + '"', 200), (got.etag[:-1] + 'x"', 200)):
        again = server.get("/chosen/a", {**english, "If-None-Match": tag})
        eq(again.status, status, tag)
    for condition in ({"If-None-Match": got.etag}, {"If-Modified-Since": got.fields["Last-Modified"]}):
        known = server.get("/chosen/a", {**english, **condition})
        eq((known.status, known.etag, known.fields["Content-Location"]), (304, got.etag, "a.en.html"))
        eq(sorted(vary(known)), sorted(vary(got)))
    part = server.get("/chosen/a", {**english, "If-Range": got.etag, "Range": "bytes=9-20"})
    eq((part.status, part.body, part.etag), (206, got.body[9:21], got.etag))
    part = server.get("/chosen/a", {**english, "If-Match": got.etag, "Range": "bytes=9-20"})
    eq((part.status, part.body), (206, got.body[9:21]))
    plain = server.get("/chosen/a", {**english, "Range": "bytes=9-20"})
    eq((plain.status, plain.body), (206, PAGE[9:21]))
    put(server, "/chosen/a.de.html")  # another list, other tags
    eq(server.get("/chosen/a", {**english, "If-None-Match": got.etag}).status, 200)
    eq(server.get("/chosen/a", {**english, "If-Match": got.etag}).status, 412)
    eq(server.get("/chosen/a", {**english, "If-Range": got.etag, "Range": "bytes=9-20"}).status, 200)
    own = ask(server, "/chosen/a.en.html", "gzip")
    eq(own.etag, got.etag.split(";")[0] + '"')
    is_coded(own, "gzip")


def test_a_dictionary_comes_before_codings(server):
    first = PAGE
    put(server, "/dict/a.js", first)
    put(server, "/dict/a.js", PAGE + b"more")
    has = ":%s:" % base64.b64encode(hashlib.sha256(first).digest()).decode()
    got = ask(server, "/dict/a.js", "gzip, br, dcz", Available_Dictionary=has)
    eq(coding_of(got), "dcz")
    is_coded(ask(server, "/dict/a.js", "gzip, br", Available_Dictionary=has), "br", PAGE + b"more")
    is_coded(ask(server, "/dict/a.js", "gzip, br, dcz", Available_Dictionary=has[:5] + "A" * 39 + "=:"), "br", PAGE + b"more")
    eq(ask(server, "/dict/a.js", "gzip, br, dcz", If_None_Match=got.etag).status, 304)


def test_who_fetched_a_form_has_seen_the_content(server):
    put(server, "/kept/seen.txt")
    server.write("kept/seen.txt", PAGE + b"others")
    wait_for(lambda: server.head("/kept/seen.txt").etag.startswith('"'), "a strong tag")
    is_coded(ask(server, "/kept/seen.txt", "br"), "br", PAGE + b"others")
    put(server, "/kept/seen.txt", b"newer")
    eq([name for name in server.names("kept") if "seen" in name], ["seen.txt"])


# ---- the same from memory ----


class SameLoop:
    """One connection: what is in memory is so for each loop apart."""

    def __init__(self, conn):
        self.conn = conn

    def get(self, target, fields=()):
        return self.conn.ask("GET", target, fields)


def hot(server, loop, path, coding=ALL):
    """What changed within the last tick of the clock is not kept in memory yet."""
    before = hits(server)

    def is_so():
        warm(loop, path, coding)
        return hits(server) > before

    wait_for(is_so, "%s to be in memory" % path)
    return ask(loop, path, coding)


def warm(loop, path, coding=ALL):
    for _ in range(6):
        got = ask(loop, path, coding)
    return got


def test_what_is_known_in_one_form_is_known_in_the_others(server):
    with server.connect() as conn:
        loop = SameLoop(conn)
        plain = put(server, "/hot.txt")
        forms = {coding: hot(server, loop, "/hot.txt", coding) for coding in (None, "gzip", ALL)}
        is_coded(forms[ALL], "br")
        is_coded(warm(loop, "/hot.txt", "gzip"), "gzip")
        is_coded(warm(loop, "/hot.txt", None), None)
        for tag in (forms[ALL].etag, forms["gzip"].etag, plain):
            got = ask(loop, "/hot.txt", ALL, If_None_Match=tag)
            eq((got.status, got.etag), (304, tag))
        is_coded(ask(loop, "/hot.txt", "gzip", If_None_Match=forms[ALL].etag), "gzip")
        is_coded(ask(loop, "/hot.txt", None, If_None_Match=forms[ALL].etag), None)
        is_coded(ask(loop, "/hot.txt", ALL, If_Match=forms["gzip"].etag), "gzip")
        eq(ask(loop, "/hot.txt", ALL, If_Match=plain).status, 200)
        eq(ask(loop, "/hot.txt", ALL, If_Match='"x"').status, 412)
        got = ask(loop, "/hot.txt", ALL, If_Modified_Since=forms[ALL].fields["Last-Modified"])
        eq((got.status, got.etag), (304, forms[ALL].etag))


def test_parts_of_what_is_in_memory(server):
    with server.connect() as conn:
        loop = SameLoop(conn)
        plain = put(server, "/hotpart.txt")
        forms = {coding: hot(server, loop, "/hotpart.txt", coding) for coding in (None, "gzip", ALL)}
        got = ask(loop, "/hotpart.txt", ALL, Range="bytes=5-9")
        eq((got.status, got.etag, got.body), (206, plain, PAGE[5:10]))
        got = ask(loop, "/hotpart.txt", ALL, Range="bytes=5-9", If_Range=forms["gzip"].etag)
        eq((got.status, got.etag, got.body), (206, forms["gzip"].etag, forms["gzip"].body[5:10]))
        got = ask(loop, "/hotpart.txt", ALL, Range="bytes=5-9", If_Range=forms[ALL].etag)
        eq((got.status, got.etag, got.body), (206, forms[ALL].etag, forms[ALL].body[5:10]))
        got = ask(loop, "/hotpart.txt", ALL, Range="bytes=5-9", If_Range=plain)
        eq((got.status, got.etag, got.body), (206, plain, PAGE[5:10]))
        got = ask(loop, "/hotpart.txt", ALL, Range="bytes=5-9", If_Range=plain[:-1] + '-br-01234567"')
        is_coded(got, "br")


def test_files_beside_it_that_come_change_and_go(server):
    with server.connect() as conn:
        loop = SameLoop(conn)
        put(server, "/stored/hotbeside.txt")
        is_coded(warm(loop, "/stored/hotbeside.txt"), None)
        for content in (PAGE, PAGE + b" "):
            put(server, "/stored/hotbeside.txt.gz", make("gzip", content))
            is_coded(ask(loop, "/stored/hotbeside.txt"), "gzip", content)
            is_coded(warm(loop, "/stored/hotbeside.txt"), "gzip", content)
        put(server, "/stored/hotbeside.txt", PAGE + b"more")
        is_coded(ask(loop, "/stored/hotbeside.txt"), None, PAGE + b"more")
        put(server, "/stored/hotbeside.txt.br", make("br", PAGE + b"more"))
        is_coded(warm(loop, "/stored/hotbeside.txt"), "br", PAGE + b"more")
        server.delete("/stored/hotbeside.txt.br")
        is_coded(ask(loop, "/stored/hotbeside.txt"), None, PAGE + b"more")


def test_a_rename_beside_it(server):
    with server.connect() as conn:
        loop = SameLoop(conn)
        server.request("MKCOL", "/aside")
        put(server, "/stored/moved.txt")
        put(server, "/aside/x", make("gzip", PAGE))
        is_coded(warm(loop, "/stored/moved.txt"), None)
        eq(server.request("MOVE", "/aside/x", {"Destination": "/stored/moved.txt.gz"}).status, 201)
        is_coded(ask(loop, "/stored/moved.txt"), "gzip")


def test_refusals_are_not_taken_for_it(server):
    with server.connect() as conn:
        loop = SameLoop(conn)
        put(server, "/hotnone.txt")
        warm(loop, "/hotnone.txt")
        warm(loop, "/hotnone.txt", "identity")
        for _ in range(3):
            eq(ask(loop, "/hotnone.txt", "identity;q=0").status, 406)


# ---- no coding that is taken ----


@cases(("made", "/none.txt", "identity;q=0", ("br", "zstd", "gzip")),
       ("all", "/none.txt", "*;q=0", ("br", "zstd", "gzip")),
       ("beside", "/stored/none.txt", "identity;q=0, br", ("gzip",)),
       ("picture", "/none.png", "identity;q=0, gzip", ()), ("small", "/none-small.txt", "identity;q=0, gzip", ()))
@obliges("NEG-C6")
def test_nothing_that_is_taken(server, path, field, named):
    put(server, path, b"short" if "small" in path else PAGE)
    if path.startswith("/stored"):
        put(server, path + ".gz", make("gzip", PAGE))
    got = ask(server, path, field)
    eq(got.status, 406)
    for coding in ("identity", *named):
        contains(got.body, coding.encode())
    for coding in {"br", "zstd", "gzip"} - set(named):
        lacks(got.body.split(b"Accept-Encoding")[0].split(), (coding + ".").encode())
    if named:
        contains(vary(got), "accept-encoding")
    eq(server.head(path, {"Accept-Encoding": field}).status, 406)


def test_where_it_is_off_the_field_is_disregarded(server):
    put(server, "/off/none.txt")
    eq(ask(server, "/off/none.txt", "identity;q=0").status, 200)


# ---- beside other fields ----


def sha256(data):
    return "sha-256=:%s:" % base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_digests_are_of_what_is_sent(server):
    put(server, "/digest.txt")
    for coding in ("br", "gzip", None):
        got = ask(server, "/digest.txt", coding, Want_Repr_Digest="sha-256=1", Want_Content_Digest="sha-256=1")
        is_coded(got, coding)
        eq(got.fields["Repr-Digest"], sha256(got.body))
        eq(got.fields["Content-Digest"], sha256(got.body))
        head = server.head("/digest.txt", {"Accept-Encoding": coding or "identity", "Want-Repr-Digest": "sha-256=1"})
        eq(head.fields["Repr-Digest"], sha256(got.body))
    whole = ask(server, "/digest.txt", "gzip")
    part = ask(server, "/digest.txt", "gzip", Want_Repr_Digest="sha-256=1", Want_Content_Digest="sha-256=1",
               Range="bytes=10-99", If_Range=whole.etag)
    eq((part.status, part.body), (206, whole.body[10:100]))
    eq((part.fields["Repr-Digest"], part.fields["Content-Digest"]), (sha256(whole.body), sha256(part.body)))


def test_a_form_beside_it_has_the_digest_of_that_file(server):
    form = make("gzip", PAGE)
    put(server, "/digest2.txt")
    put(server, "/digest2.txt.gz", form)
    got = ask(server, "/digest2.txt", "gzip", Want_Repr_Digest="sha-256=1")
    eq((got.body, got.fields["Repr-Digest"]), (form, sha256(form)))


@obliges("DLT-C5")
def test_compression_is_better_as_a_coding(server):
    put(server, "/im.txt")
    got = ask(server, "/im.txt", "gzip", A_IM="gzip")
    is_coded(got, "gzip")
    got = ask(server, "/im.txt", None, A_IM="gzip")
    eq(got.status, 226)


def test_who_takes_deltas_gets_what_they_are_made_of(server):
    first = put(server, "/past/im.txt")
    got = ask(server, "/past/im.txt", "gzip", A_IM="vcdiff")
    eq((coding_of(got), got.etag), (None, first))
    put(server, "/past/im.txt", PAGE + b"more")
    got = ask(server, "/past/im.txt", "gzip", A_IM="vcdiff", If_None_Match=first)
    eq((got.status, coding_of(got)), (226, None))
    is_coded(ask(server, "/past/im.txt", "gzip, identity;q=0", A_IM="diffe"), "gzip", PAGE + b"more")


def test_folders_and_refusals_are_not_coded(server):
    for path in ("/", "/missing.txt"):
        lacks(ask(server, path, ALL).fields, "Content-Encoding")


def test_the_index_of_a_folder(server):
    server.request("MKCOL", "/indexed")
    put(server, "/indexed/index.html")
    is_coded(ask(server, "/indexed/", "gzip"), "gzip")
    put(server, "/indexed/index.html.br", make("br", PAGE))
    is_coded(ask(server, "/indexed/", "gzip, br"), "br")


# ---- changes, load, what goes wrong ----


def test_a_change_is_seen_at_once(server):
    for i in range(5):
        content = text(20000, i)
        tag = put(server, "/change.txt", content)
        for coding in ("gzip", "br"):
            got = ask(server, "/change.txt", coding)
            is_coded(got, coding, content)
            ok(got.etag.startswith(tag[:-1]), got.etag)


def test_a_file_that_others_write_to(server):
    """Whenever it is asked for, head and octets speak of one content."""
    contents = [text(30000, i) for i in range(4)]
    server.write("busy.txt", contents[0])
    stop = threading.Event()

    def write():
        i = 0
        while not stop.is_set():
            i += 1
            with open(server.path("busy.new"), "wb") as out:
                out.write(contents[i % 4])
            os.rename(server.path("busy.new"), server.path("busy.txt"))

    writer = threading.Thread(target=write)
    writer.start()
    seen = {}
    try:
        for _ in range(60):
            got = ask(server, "/busy.txt", "gzip")
            eq(got.status, 200)
            content = undo(coding_of(got), got.body)
            one_of(content, contents)
            if not got.etag.startswith("W/"):
                eq(seen.setdefault(got.etag, content), content)
    finally:
        stop.set()
        writer.join()


def test_many_at_once_get_the_same(server):
    content = text(200000, 5)
    put(server, "/crowd.txt", content)
    got = []

    def fetch():
        got.append(ask(server, "/crowd.txt", "br"))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eq(len(got), 8)
    for one in got:
        is_coded(one, coding_of(one), content)  # who finds the encoders busy gets it as it is
    is_coded(ask(server, "/crowd.txt", "br"), "br", content)


def test_a_large_text(server):
    content = text(3 << 20, 6)
    put(server, "/large.txt", content)
    for coding in ("br", "zstd", "gzip"):
        got = ask(server, "/large.txt", coding)
        is_coded(got, coding, content)
        part = ask(server, "/large.txt", coding, Range="bytes=1000-", If_Range=got.etag)
        eq((part.status, part.body), (206, got.body[1000:]))


def test_what_is_too_large_is_sent_as_it_is(server):
    with open(server.path("huge.txt"), "wb") as out:
        out.truncate((64 << 20) + 1)
    wait_for(lambda: server.head("/huge.txt").etag.startswith('"'), "a strong tag")
    got = server.head("/huge.txt", {"Accept-Encoding": "gzip"})
    eq((got.status, coding_of(got), got.fields["Content-Length"]), (200, None, str((64 << 20) + 1)))
    contains(vary(got), "accept-encoding")


def test_nothing_is_left_open(server):
    put(server, "/fds.txt")
    put(server, "/stored/fds.txt")
    put(server, "/stored/fds.txt.gz", make("gzip", PAGE))
    def all_of_it():
        for path in ("/fds.txt", "/stored/fds.txt"):
            tag = ask(server, path, "gzip").etag
            ask(server, path, "gzip", If_None_Match=tag)
            ask(server, path, "gzip", If_Range=tag, Range="bytes=1-2")
            ask(server, path, "gzip", If_Range=tag, Range="bytes=99999999-")
            ask(server, path, "gzip", If_Match=tag)
            ask(server, path, "identity;q=0")
            ask(server, path, "gzip", If_Modified_Since="Sun, 01 Jan 2090 00:00:00 GMT")
            server.head(path, {"Accept-Encoding": "br, zstd"})
    all_of_it()
    before = len(server.fds())
    for _ in range(20):
        all_of_it()
    wait_for(lambda: len(server.fds()) <= before + 4, "descriptors to be closed")
