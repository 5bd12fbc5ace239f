"""docs/spec/range.md, sections 1 to 3, 5 and 6: when Range counts, its arithmetic, the shape of 206 and 416."""

import random
import re
import time

from hot import both, but_date, heat
from wire import cases, contains, eq, lacks, message_of, ne, obliges, ok, one_of, own_server

KILO = random.Random(4).randbytes(5000)
FILES = {"ten.txt": b"0123456789", "kilo.bin": KILO, "empty.txt": b"", "folder/inner.txt": b"inner",
         "page.html": b"<!doctype html><title>t</title>" * 100, "odd": b"0123456789"}

BOUNDARY = re.compile(r"multipart/byteranges; ?boundary=([!#$%&'*+.^_`|~0-9A-Za-z-]{1,70})\Z", re.I)


def parts_of(answer):
    """Reads a multipart/byteranges body strictly: [(first, last, length, type, octets)]."""
    match = BOUNDARY.match(answer.fields["Content-Type"])
    ok(match, "an unquoted boundary of at most 70 characters: %r" % answer.fields["Content-Type"])
    dash, rest, found = b"--" + match.group(1).encode(), answer.body, []
    if rest.startswith(b"\r\n"):
        rest = rest[2:]
    while True:
        ok(rest.startswith(dash), "a boundary where one belongs: %r" % rest[:80])
        rest = rest[len(dash):]
        if rest.startswith(b"--"):
            one_of(rest[2:], (b"", b"\r\n"), "what follows the last boundary")
            return found
        ok(rest.startswith(b"\r\n"), "the boundary's line ends: %r" % rest[:20])
        head, _, rest = rest[2:].partition(b"\r\n\r\n")
        fields = [line.split(b": ", 1) for line in head.split(b"\r\n")]
        names = [name.lower() for name, _ in fields]
        eq(names.count(b"content-range"), 1, "Content-Range in a part: %r" % head)
        values = dict(zip(names, (value.decode() for _, value in fields)))
        first, last, length = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", values[b"content-range"]).groups())
        size = last - first + 1
        found.append((first, last, length, values.get(b"content-type"), rest[:size]))
        ok(rest[size:].startswith(b"\r\n"), "a line's end after a part's octets")
        rest = rest[size + 2:]


def single(answer, content, first, last):
    eq(answer.status, 206)
    eq(answer.fields["Content-Range"], "bytes %d-%d/%d" % (first, last, len(content)))
    eq(answer.fields["Content-Length"], str(last - first + 1))
    eq(answer.body, content[first:last + 1])


def as_if_absent(server, method, target, fields, status, body=None):
    """The answer is the one that the same request without these fields gets."""
    got = server.request(method, target, fields, body)
    eq(got.status, status)
    eq(but_date(got), but_date(server.request(method, target, (), body)), "%s %s, against without" % (method, target))
    lacks(got.fields.names(), "content-range")
    return got


# ---- 1. when Range applies


@obliges("RNG-01")
def test_head_knows_no_range(server):
    got = both(server, "HEAD", "/ten.txt", {"Range": "bytes=2-4"})
    eq(got.status, 200)
    eq(got.fields["Content-Length"], "10")
    as_if_absent(server, "HEAD", "/ten.txt", {"Range": "bytes=2-4"}, 200)
    as_if_absent(server, "HEAD", "/ten.txt", {"Range": "bytes=99-"}, 200)


@obliges("RNG-01", "RNG-56")
@cases(("OPTIONS", "OPTIONS", 200), ("POST", "POST", 405), ("TRACE", "TRACE", 405))
def test_other_methods_know_no_range(server, method, status):
    as_if_absent(server, method, "/ten.txt", {"Range": "bytes=2-4"}, status)
    as_if_absent(server, method, "/ten.txt", {"Range": "bytes=99-"}, status)


@obliges("RNG-01")
def test_put_and_delete_know_no_range(server):
    server.write("whole.txt", b"0123456789")
    eq(server.put("/whole.txt", b"abc", {"Range": "bytes=0-1"}).status, 204)
    eq(server.read("whole.txt"), b"abc")
    eq(server.delete("/whole.txt", {"Range": "bytes=99-"}).status, 204)
    ok(not server.exists("whole.txt"), "it is gone as a whole")


@obliges("RNG-02", "RNG-38")
@cases(("pages", "pages=1-2"), ("none", "none"), ("words", "1-2"), ("bytes-prefix", "bytesx=0-1"), ("no-unit", "=0-1"))
def test_an_unknown_unit_is_ignored(server, value):
    eq(both(server, "GET", "/ten.txt", {"Range": value}).status, 200)
    as_if_absent(server, "GET", "/ten.txt", {"Range": value}, 200)


@obliges("RNG-03", "RNG-06")
@cases(("lower", "bytes"), ("capital", "Bytes"), ("upper", "BYTES"))
def test_the_unit_is_compared_without_case(server, unit):
    single(both(server, "GET", "/ten.txt", {"Range": unit + "=0-0"}), b"0123456789", 0, 0)


@obliges("RNG-04")
def test_conditions_come_before_the_range(server):
    tag, date = server.get("/ten.txt").etag, server.get("/ten.txt").fields["Last-Modified"]
    for value in ("bytes=2-4", "bytes=99-"):
        eq(both(server, "GET", "/ten.txt", {"Range": value, "If-None-Match": tag}).status, 304)
        eq(both(server, "GET", "/ten.txt", {"Range": value, "If-Modified-Since": date}).status, 304)
        eq(both(server, "GET", "/ten.txt", {"Range": value, "If-Match": '"other"'}).status, 412)
        eq(both(server, "GET", "/ten.txt", {"Range": value,
                                            "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}).status, 412)
    both_true = {"Range": "bytes=2-4", "If-Match": tag, "If-None-Match": '"other"'}
    single(both(server, "GET", "/ten.txt", both_true), b"0123456789", 2, 4)


@obliges("RNG-05")
@cases(("missing", "/missing", 404), ("folder-without-slash", "/folder", 308), ("own", "/.samovar/x", 404))
def test_what_is_no_200_stays_what_it_is(server, target, status):
    for value in ("bytes=0-1", "bytes=99999-", "bytes=0-0,2-2"):
        as_if_absent(server, "GET", target, {"Range": value}, status)


@obliges("RNG-07")
def test_two_range_lines_are_one_value(server):
    as_if_absent(server, "GET", "/ten.txt", [("Range", "bytes=0-1"), ("Range", "bytes=5-6")], 200)
    got = server.get("/ten.txt", [("Range", "bytes=0-1"), ("Range", "8-9")])
    eq(got.status, 206, "`bytes=0-1` and `8-9` on two lines are one list")


# ---- 2. parsing and arithmetic


@obliges("RNG-10", "RNG-11", "RNG-12", "RNG-13", "RNG-17", "RNG-22", "RNG-23", "RNG-24")
@cases(("first", "0-0", 0, 0), ("middle", "2-4", 2, 4), ("last", "9-9", 9, 9), ("all", "0-9", 0, 9),
       ("clamped", "5-999999", 5, 9), ("clamped-by-one", "0-10", 0, 9), ("open", "4-", 4, 9),
       ("open-from-0", "0-", 0, 9),
       ("open-last", "9-", 9, 9), ("suffix", "-3", 7, 9), ("suffix-1", "-1", 9, 9), ("suffix-all", "-10", 0, 9),
       ("suffix-longer", "-11", 0, 9), ("zeros", "0000000000000000000000002-0000000000000000000000004", 2, 4),
       ("32-bits", "0-4294967296", 0, 9), ("32-bits-wrapped", "2-4294967298", 2, 9),
       ("63-bits", "0-9223372036854775808", 0, 9), ("64-bits", "0-18446744073709551615", 0, 9),
       ("64-bits-wrapped", "2-18446744073709551618", 2, 9), ("beyond", "0-99999999999999999999", 0, 9),
       ("huge-suffix", "-99999999999999999999", 0, 9), ("suffix-wrapped", "-18446744073709551617", 0, 9))
def test_one_range(server, spec, first, last):
    single(both(server, "GET", "/ten.txt", {"Range": "bytes=" + spec}), b"0123456789", first, last)


@obliges("RNG-14", "RNG-15", "RNG-17", "RNG-48", "RNG-49")
@cases(("no-suffix", "-0"), ("at-the-end", "10-"), ("behind", "11-12"), ("all-behind", "10-11,20-,-0"),
       ("huge", "99999999999999999999-"), ("huge-both", "99999999999999999999-99999999999999999999"),
       ("wrapped", "18446744073709551616-"), ("wrapped-32", "4294967296-4294967297"))
def test_nothing_to_satisfy_is_416(server, spec):
    got = both(server, "GET", "/ten.txt", {"Range": "bytes=" + spec})
    eq(got.status, 416)
    eq(got.fields["Content-Range"], "bytes */10")
    ok(got.body != b"0123456789" and len(got.body) > 0, "an explanation instead of the content")
    lacks(got.fields.names(), "last-modified")
    as_html = server.get("/odd", {"Range": "bytes=" + spec, "Accept": "text/html"})
    contains(as_html.fields["Content-Type"], "text/html", "its own type, not the file's")


@obliges("RNG-16")
@cases(("behind-second", "0-1,50-60"), ("behind-first", "50-60,0-1"), ("no-suffix", "-0,0-1"),
       ("many", "10-,0-1,11-,99-100"))
def test_only_what_can_be_satisfied_is_sent(server, spec):
    single(both(server, "GET", "/ten.txt", {"Range": "bytes=" + spec}), b"0123456789", 0, 1)


@obliges("RNG-16", "RNG-32")
def test_what_cannot_be_satisfied_leaves_the_others_in_order(server):
    got = both_parts(server, "4000-4009,9000-,0-9")
    eq([part[:2] for part in got], [(4000, 4009), (0, 9)])


@obliges("RNG-18")
@cases(("empty-member", "0-9, ,4000-4009"), ("commas", ",0-9,,,4000-4009,"), ("spaces", "0-9  ,\t 4000-4009"),
       ("after-equals", " 0-9,4000-4009"), ("at-the-end", "0-9,4000-4009 ,"))
def test_space_and_empty_members_change_nothing(server, spec):
    eq([part[:2] for part in both_parts(server, spec)], [(0, 9), (4000, 4009)])


@obliges("RNG-19", "RNG-38")
@cases(("alone", "5-3"), ("first", "5-3,0-1"), ("last", "0-1,8-9,5-3"), ("huge", "99999999999999999999-3"),
       ("both-huge", "99999999999999999999-99999999999999999998"), ("behind", "50-40,0-1"))
def test_a_range_that_ends_before_it_starts_spoils_all(server, spec):
    as_if_absent(server, "GET", "/ten.txt", {"Range": "bytes=" + spec}, 200)


@obliges("RNG-20", "RNG-21", "RNG-38")
@cases(("nothing", ""), ("letters", "a-b"), ("two-signs", "--5"), ("plus", "+1-2"), ("plus-last", "1-+2"),
       ("hexadecimal", "0x1-2"), ("space-inside", "1 0-20"), ("space-at-sign", "1 -2"), ("space-behind-sign", "1- 2"),
       ("decimal", "1.0-2"), ("dash", "-"), ("number", "5"), ("three", "1-2-3"), ("comma-only", ","),
       ("semicolon", "1-2;3-4"),
       ("good-then-bad", "0-1,x"), ("minus-zero-letters", "-0x1"), ("exponent", "1e0-2"), ("star", "*"))
def test_what_is_no_specifier_is_ignored(server, spec):
    as_if_absent(server, "GET", "/ten.txt", {"Range": "bytes=" + spec}, 200)


# ---- 3. the shape of a 206


@obliges("RNG-25", "RNG-26")
@cases(("text", "/ten.txt"), ("bytes", "/kilo.bin"), ("html", "/page.html"))
def test_a_206_has_the_fields_of_the_200(server, target):
    whole, part = server.get(target), server.get(target, {"Range": "bytes=2-4"})
    eq(part.status, 206)
    names = set(whole.fields.names()) - {"date", "content-length"}
    for name in sorted(names):
        eq(part.fields.get(name), whole.fields.get(name), name)
    several = server.get("/kilo.bin", {"Range": "bytes=0-1,2000-2001"})
    for name in ("etag", "last-modified", "cache-control"):
        eq(several.fields.get(name), server.get("/kilo.bin").fields.get(name), name)


@obliges("RNG-28")
@cases(("one", "0-0"), ("empty-members", ",0-0,,"), ("suffix", "-5"))
def test_one_range_is_never_multipart(server, spec):
    got = server.get("/kilo.bin", {"Range": "bytes=" + spec})
    eq(got.status, 206)
    lacks(got.fields["Content-Type"], "multipart")


def both_parts(server, spec, target="/kilo.bin", content=KILO):
    """Asks twice on one connection, after plain GETs (what one answer miscounts, the next one shows)."""
    with server.connect() as conn:
        first = conn.ask("GET", target, {"Range": "bytes=" + spec})
        eq(first.status, 206)
        heat(conn, target)
        second = conn.ask("GET", target, {"Range": "bytes=" + spec})
        eq(parts_of(second), parts_of(first), "the same parts")
        eq(conn.ask("GET", target).body, content)
    eq(first.fields["Content-Length"], str(len(first.body)))
    for low, high, length, _, octets in parts_of(first):
        eq(length, len(content), "complete length")
        eq(octets, content[low:high + 1], "octets %d-%d" % (low, high))
    return parts_of(first)


@obliges("RNG-24", "RNG-29", "RNG-30", "RNG-31", "RNG-35")
@cases(("bin", "/kilo.bin"), ("html", "/page.html"))
def test_two_parts(server, target):
    content = server.read(target[1:])
    found = both_parts(server, "0-9,2000-2009", target, content)
    eq([part[:2] for part in found], [(0, 9), (2000, 2009)])
    for part in found:
        eq(part[3], server.get(target).fields["Content-Type"], "the type in a part")


@obliges("RNG-29")
def test_multipart_has_no_content_range_of_its_own(server):
    got = server.get("/kilo.bin", {"Range": "bytes=0-9,2000-2009"})
    ok(got.fields["Content-Type"].startswith("multipart/byteranges"), "multipart/byteranges")
    lacks(got.fields.names(), "content-range")


@obliges("RNG-32")
@cases(("two", "4000-4009,0-9", [(4000, 4009), (0, 9)]), ("three", "2000-2001,4000-4001,100-101",
                                                          [(2000, 2001), (4000, 4001), (100, 101)]),
       ("suffix-first", "-10,0-9", [(4990, 4999), (0, 9)]))
def test_parts_come_as_they_were_asked_for(server, spec, want):
    eq([part[:2] for part in both_parts(server, spec)], want)


@cases(("touching", "0-9,10-19", 0, 19), ("overlapping", "0-99,50-149", 0, 149), ("small-gap", "0-9,50-59", 0, 59),
       ("backwards", "50-59,0-9", 0, 59), ("twice", "7-9,7-9", 7, 9), ("within", "0-99,10-20", 0, 99))
def test_near_ranges_become_one(server, spec, first, last):
    single(server.get("/kilo.bin", {"Range": "bytes=" + spec}), KILO, first, last)


@obliges("RNG-36")
def test_the_boundary_is_not_in_the_content(server):
    known = []
    server.write("sly.bin", b"x" * 4000)
    for _ in range(5):
        got = server.get("/sly.bin", {"Range": "bytes=0-999,2000-2999"})
        boundary = BOUNDARY.match(got.fields["Content-Type"]).group(1).encode()
        lacks(known, boundary, "a boundary that was used before")
        ok(len(boundary) >= 16, "a boundary of 96 bits or more")
        known.append(boundary)
        sly = (b"\r\n--" + boundary + b"--\r\n--" + boundary + b"\r\n\r\n").ljust(4000, b"y")
        server.write("sly.bin", sly)
        again = server.get("/sly.bin", {"Range": "bytes=0-999,2000-2999"})
        eq([part[4] for part in parts_of(again)], [sly[:1000], sly[2000:3000]])


@obliges("RNG-24", "RNG-35")
def test_large_multipart_from_the_file_itself(server):
    content = random.Random(5).randbytes(3 << 20)
    server.write("large.bin", content)
    spec = "0-1048575,1500000-2000000,2100000-2100000,-1000"
    eq(len(both_parts(server, spec, "/large.bin", content)), 4)


def test_http10_gets_one_part_or_the_whole(server):
    got = server.request("GET", "/kilo.bin", {"Range": "bytes=0-9"}, version="HTTP/1.0")
    single(got, KILO, 0, 9)
    eq(server.request("GET", "/kilo.bin", {"Range": "bytes=0-9,2000-2009"}, version="HTTP/1.0").status, 200)


# ---- 5. limits


@obliges("RNG-51")
@cases(("one-octet", ",".join("%d-%d" % (at * 3, at * 3) for at in range(1000))),
       ("all-of-it", ",".join(["0-"] * 1000)), ("suffixes", ",".join("-%d" % at for at in range(1, 1001))),
       ("backwards", ",".join("%d-%d" % (at * 3, at * 3) for at in range(999, -1, -1))))
def test_many_ranges_cost_no_more_than_the_whole(server, spec):
    rss = server.rss_kib()
    with server.connect() as conn:
        for _ in range(3):
            got = conn.ask("GET", "/kilo.bin", {"Range": "bytes=" + spec})
            one_of(got.status, (200, 206, 416, 431))
            ok(len(got.body) <= 2 * len(KILO), "a small multiple of the file: %d octets" % len(got.body))
    ok(server.rss_kib() - rss < 4096, "memory as before")


def test_more_than_two_overlaps_are_ignored(server):
    as_if_absent(server, "GET", "/kilo.bin", {"Range": "bytes=0-999,0-999,0-999,0-999"}, 200)


def test_sixteen_parts_but_not_seventeen(server):
    at = [number * 300 for number in range(17)]
    found = both_parts(server, ",".join("%d-%d" % (low, low) for low in at[:16]))
    eq(len(found), 16)
    as_if_absent(server, "GET", "/kilo.bin", {"Range": "bytes=" + ",".join("%d-%d" % (low, low) for low in at)}, 200)


@obliges("RNG-52")
def test_a_file_says_that_it_has_ranges(server):
    eq(both(server, "GET", "/ten.txt").fields["Accept-Ranges"], "bytes")
    eq(both(server, "HEAD", "/ten.txt").fields["Accept-Ranges"], "bytes")


@obliges("RNG-47", "RNG-53")
def test_a_listing_says_that_it_has_none(server):
    whole = server.get("/folder/")
    eq(whole.fields["Accept-Ranges"], "none")
    for fields in ({"Range": "bytes=0-9"}, {"Range": "bytes=0-9", "If-Range": '"x"'},
                   {"Range": "bytes=0-9", "If-Range": "Sun, 06 Nov 1994 08:49:37 GMT"}):
        as_if_absent(server, "GET", "/folder/", fields, 200)


@obliges("RNG-55")
@cases(("suffix", "-5", 200), ("open", "0-", 416), ("first", "0-0", 416), ("no-suffix", "-0", 416))
def test_an_empty_file(server, spec, status):
    got = both(server, "GET", "/empty.txt", {"Range": "bytes=" + spec})
    eq(got.status, status)
    eq(got.fields.get("Content-Range"), "bytes */0" if status == 416 else None)


# ---- 6. writing parts


@obliges("RNG-57")
@own_server("--no-partial-put")
@cases(("right", "bytes 0-1/10", b"xx"), ("unknown-length", "bytes 0-1/*", b"xx"), ("whole", "bytes 0-9/10", b"x" * 10),
       ("malformed", "bytes 0-1", b"xx"), ("empty", "", b"xx"), ("unit", "pages 0-1/10", b"xx"),
       ("star", "bytes */10", b""))
def test_a_part_is_never_stored_as_the_whole(server, value, body):
    server.write("parts.txt", b"0123456789", time.time() - 100)  # a fresh file's validators change as it ages
    before = server.get("/parts.txt")
    eq(server.put("/parts.txt", body, {"Content-Range": value}).status, 400)
    eq(but_date(server.get("/parts.txt")), but_date(before), "the file and its validators")
    eq(server.put("/parts-new.txt", body, {"Content-Range": value}).status, 400)
    ok(not server.exists("parts-new.txt"), "nothing was made")


@obliges("RNG-57")
@own_server("--no-partial-put", files={"ten.txt": b"0123456789"})
def test_a_part_is_refused_before_its_body_is_asked_for(server):
    with server.connect() as conn:
        conn.send(message_of("PUT", "/ten.txt", {"Content-Range": "bytes 0-1/10", "Expect": "100-continue",
                                                 "Content-Length": "2"}))
        got = conn.read("PUT")
        eq(got.status, 400)
        eq(got.interim, [])
    eq(server.read("ten.txt"), b"0123456789")


@obliges("RNG-58")
def test_content_range_elsewhere_is_ignored(server):
    as_if_absent(server, "GET", "/ten.txt", {"Content-Range": "bytes 0-1/10"}, 200)
    as_if_absent(server, "HEAD", "/ten.txt", {"Content-Range": "bytes 0-1/10"}, 200)
    as_if_absent(server, "OPTIONS", "/ten.txt", {"Content-Range": "bytes 0-1/10"}, 200)
    single(server.get("/ten.txt", {"Range": "bytes=2-4", "Content-Range": "bytes 0-1/10"}), b"0123456789", 2, 4)
    server.write("content-range.txt", b"x")
    eq(server.delete("/content-range.txt", {"Content-Range": "bytes 0-0/1"}).status, 204)


# ---- 4. If-Range


def settled(server, name, content):
    """A file whose time no clock tick can touch any more."""
    server.write(name, content, mtime=int(time.time()) - 1000)
    return server.get("/" + name)


@obliges("RNG-40")
@cases(("tag", '"other"'), ("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("nonsense", "x"))
def test_if_range_without_range_is_ignored(server, value):
    eq(both(server, "GET", "/ten.txt", {"If-Range": value}).status, 200)
    as_if_absent(server, "GET", "/ten.txt", {"If-Range": value}, 200)
    as_if_absent(server, "HEAD", "/ten.txt", {"If-Range": value}, 200)


@obliges("RNG-27", "RNG-41")
def test_the_right_tag_gets_the_part(server):
    whole = settled(server, "tag.txt", b"0123456789")
    got = both(server, "GET", "/tag.txt", {"Range": "bytes=2-4", "If-Range": whole.etag})
    single(got, b"0123456789", 2, 4)
    eq(got.etag, whole.etag)
    eq(got.fields.get("Last-Modified"), None, "left out: the client has it")


@obliges("RNG-41", "RNG-42", "RNG-45")
@cases(("other", '"other"'), ("empty", '""'), ("weak-same", "W/%s"), ("unquoted", "%.0sother"), ("list", '%s, "b"'),
       ("star", "%.0s*"), ("nothing", "%.0s"), ("lower-weak", "w/%s"), ("cut", '%.5s'))
def test_another_tag_gets_the_whole(server, value):
    whole = settled(server, "tag2.txt", b"0123456789")
    value = value % whole.etag if "%" in value else value
    for spec in ("2-4", "99-", "0-0,9-9"):
        got = both(server, "GET", "/tag2.txt", {"Range": "bytes=" + spec, "If-Range": value})
        eq(but_date(got), but_date(whole), "Range %s with If-Range: %s" % (spec, value))


@obliges("RNG-41")
def test_two_if_range_lines_match_nothing(server):
    whole = settled(server, "tag5.txt", b"0123456789")
    for values in ((whole.etag, '"other"'), ('"other"', whole.etag)):
        got = both(server, "GET", "/tag5.txt", [("Range", "bytes=2-4")] + [("If-Range", value) for value in values])
        eq(but_date(got), but_date(whole))


@obliges("RNG-41")
def test_an_old_tag_gets_the_new_whole(server):
    old = settled(server, "tag3.txt", b"0123456789").etag
    eq(server.put("/tag3.txt", b"abcdefghij").status, 204)
    got = both(server, "GET", "/tag3.txt", {"Range": "bytes=5-", "If-Range": old})
    eq((got.status, got.body), (200, b"abcdefghij"))
    ne(got.etag, old)


@obliges("RNG-43")
def test_a_date_must_be_the_very_same(server):
    mtime = int(time.time()) - 1000
    server.write("date.txt", b"0123456789", mtime=mtime)
    forms = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y")
    for form in forms:
        value = time.strftime(form, time.gmtime(mtime))
        got = both(server, "GET", "/date.txt", {"Range": "bytes=2-4", "If-Range": value})
        single(got, b"0123456789", 2, 4)
        for wrong in (-1, 1, 500, 10 ** 6):
            value = time.strftime(form, time.gmtime(mtime + wrong))
            eq(both(server, "GET", "/date.txt", {"Range": "bytes=2-4", "If-Range": value}).status, 200,
               "a date wrong by %d s" % wrong)


@obliges("RNG-44")
def test_a_date_of_just_now_proves_nothing(server):
    for content in (b"0123456789", b"9876543210"):
        eq(server.put("/now.txt", content).status // 100, 2)
        date = server.get("/now.txt").fields["Last-Modified"]
        eq(both(server, "GET", "/now.txt", {"Range": "bytes=2-4", "If-Range": date}).status, 200)
        server.write("now2.txt", content)
        date = server.get("/now2.txt").fields["Last-Modified"]
        eq(server.get("/now2.txt", {"Range": "bytes=2-4", "If-Range": date}).status, 200)


@obliges("RNG-45")
@cases(("behind", "99-"), ("no-suffix", "-0"))
def test_a_false_if_range_is_never_412_or_416(server, spec):
    for value in ('"other"', "Sun, 06 Nov 1994 08:49:37 GMT"):
        as_if_absent(server, "GET", "/ten.txt", {"Range": "bytes=" + spec, "If-Range": value}, 200)


@obliges("RNG-46")
def test_a_true_if_range_may_be_416(server):
    whole = settled(server, "tag4.txt", b"0123456789")
    for value in (whole.etag, whole.fields["Last-Modified"]):
        got = both(server, "GET", "/tag4.txt", {"Range": "bytes=10-", "If-Range": value})
        eq(got.status, 416)
        eq(got.fields["Content-Range"], "bytes */10")
