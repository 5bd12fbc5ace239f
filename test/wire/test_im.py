"""226 IM Used: deltas, compression and ranges by A-IM (RFC 3229; docs/spec/delta.md sections 1 to 5)."""

import random
import re

import deltas
from wire import cases, contains, eq, http_date, lacks, ok, obliges, only_over, own_server

KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  at "/aged" { history = "30d" }
  at "/bare" { history = 0 }
  at "/closed" { allow "*" { rights = { "create" } } }
  at "/gone" { moved-to = "/doc.txt" }
}
"""
ALL = "vcdiff, gdiff, diffe, gzip, deflate, range"


def words(seed, count=3000):
    pick = random.Random(seed)
    return [b"line %d of %d: %s\n" % (i, seed, b"abcdefghij"[:pick.randrange(10)] * pick.randrange(4))
            for i in range(count)]


def edited(lines, seed):
    pick, lines = random.Random(seed), list(lines)
    for _ in range(10):
        lines[pick.randrange(len(lines))] = b"changed %d\n" % pick.randrange(1000)
    moved = lines[100:200]
    del lines[100:200]
    return lines[:2000] + moved + lines[2000:]


FIRST = words(1)
CONTENTS = [b"".join(FIRST), b"".join(edited(FIRST, 2)), b"".join(edited(edited(FIRST, 2), 3))]


def put_all(server, path="/doc.txt", contents=CONTENTS):
    """The tags of the contents, one after the other at one address."""
    return [put(server, path, content) for content in contents]


def put(server, path, content):
    got = server.put(path, content)
    ok(got.status in (201, 204), "PUT: %d" % got.status)
    return got.etag


def ask(server, tags, im=ALL, path="/doc.txt", **fields):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    if tags:
        named["If-None-Match"] = ", ".join(tags) if isinstance(tags, list) else tags
    if im is not None:
        named["A-IM"] = im
    return server.get(path, named)


def is_226(got, im=None):
    eq(got.status, 226)
    ok(im is None or got.fields["IM"] == im, "IM: %s, not %s" % (got.fields.get("IM"), im))
    return got


def is_whole(got, content):
    eq((got.status, got.body == content), (200, True))
    lacks(got.fields, "IM")
    return got


# ---- when ----

@own_server(config=KEEPS)
@obliges("DLT-01")
def test_without_a_im_nothing_is_done(server):
    tags = put_all(server)
    is_whole(ask(server, tags[0], None), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-03", "DLT-14", "DLT-18", "DLT-24")
@cases(("vcdiff", "vcdiff"), ("gdiff", "gdiff"), ("diffe", "diffe"))
def test_a_known_base_gives_the_difference(server, kind):
    tags = put_all(server)
    for base in (0, 1):
        got = is_226(ask(server, tags[base], kind), kind)
        eq(deltas.undo(kind, got.body, CONTENTS[base]), CONTENTS[2])
        ok(len(got.body) < len(CONTENTS[2]) / 10, "it is much shorter: %d" % len(got.body))
        eq(got.etag, tags[2])
        eq(got.etag, server.get("/doc.txt").etag)


@own_server(config=KEEPS)
@obliges("DLT-02")
@cases(("not_listed", "gdiff"), ("q_0", "vcdiff;q=0, gdiff"), ("q_0_after", "gdiff, vcdiff, vcdiff;q=0"),
       ("q_0_point", "vcdiff;q=0.000, gdiff"))
def test_what_is_not_accepted_is_not_used(server, im):
    tags = put_all(server)
    is_226(ask(server, tags[0], im), "gdiff")


@own_server(config=KEEPS)
@obliges("DLT-04")
@cases(("current", "{2}"), ("among_others", '{0}, {2}, "other"'), ("weak", "W/{2}"))
def test_the_current_tag_gives_304(server, form):
    tags = put_all(server)
    got = ask(server, form.replace("{0}", tags[0]).replace("{2}", tags[2]))
    eq(got.status, 304)
    lacks(got.fields, "IM")


@own_server(config=KEEPS)
def test_any_content_that_is_there_matches_a_star(server):
    """DLT-C9."""
    put_all(server)
    eq(ask(server, "*").status, 304)


@own_server(config=KEEPS)
@obliges("DLT-05")
def test_an_unknown_base_gives_the_whole(server):
    put_all(server)
    is_whole(ask(server, '"nobody-knows"', "vcdiff"), CONTENTS[2])
    got = is_226(ask(server, '"nobody-knows"', "vcdiff, gzip"), "gzip")
    eq(deltas.undo("gzip", got.body), CONTENTS[2])
    lacks(got.fields, "Delta-Base")


@own_server(config=KEEPS)
@obliges("DLT-06")
def test_a_delta_without_a_base_is_no_error(server):
    put_all(server)
    is_whole(ask(server, None, "vcdiff, gdiff, diffe"), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-07")
@cases(("unknown", "x-other, vcdiff"), ("with_parameters", "gdiff;level=3, vcdiff"),
       ("no_token", "<<>>, vcdiff, ;;"), ("bad_weight", "gdiff;q=9, vcdiff"))
def test_what_is_unknown_is_read_over(server, im):
    tags = put_all(server)
    is_226(ask(server, tags[0], im), "vcdiff")


@own_server(config=KEEPS)
@obliges("DLT-08")
def test_the_content_as_it_is_will_do_unless_refused(server):
    tags = put_all(server)
    is_whole(ask(server, tags[0], "x-other"), CONTENTS[2])
    is_whole(ask(server, tags[0], "identity;q=0.1, x-other"), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-09")
@cases(("nothing_known", "x-other, identity;q=0"), ("no_base", "vcdiff, identity;q=0"))
def test_where_nothing_is_acceptable_it_is_406(server, im):
    put_all(server)
    got = ask(server, '"nobody-knows"', im)
    eq(got.status, 406)
    contains(got.text, "identity")


@own_server(config=KEEPS)
def test_what_refuses_the_whole_gets_a_delta_that_is_longer(server):
    """DLT-C8."""
    tags = [put(server, "/short", b"abc\n"), put(server, "/short", b"xyz\n")]
    is_whole(ask(server, tags[0], "vcdiff, gdiff", path="/short"), b"xyz\n")
    got = is_226(ask(server, tags[0], "vcdiff, identity;q=0", path="/short"), "vcdiff")
    eq(deltas.vcdiff(got.body, b"abc\n"), b"xyz\n")


@own_server(config=KEEPS)
@obliges("DLT-10")
@cases(("in_the_middle", "vcdiff;q=0.5, gdiff;q=0.9, diffe;q=0.7", "gdiff"),
       ("first", "vcdiff;q=0.2, gdiff;q=0.1", "vcdiff"), ("without_one", "gdiff;q=0.5, vcdiff", "vcdiff"))
def test_the_highest_weight_wins(server, im, kind):
    tags = put_all(server)
    is_226(ask(server, tags[0], im), kind)


@own_server(config=KEEPS)
@obliges("DLT-11")
def test_only_get_is_answered_so(server):
    tags = put_all(server)
    fields = {"A-IM": ALL, "If-None-Match": tags[0]}
    head, plain = server.head("/doc.txt", fields), server.get("/doc.txt")
    eq((head.status, head.fields["Content-Length"]), (200, plain.fields["Content-Length"]))
    lacks(head.fields, "IM")
    eq(server.request("PROPFIND", "/doc.txt", {"Depth": "0", "A-IM": ALL}).status, 207)
    eq(server.put("/doc.txt", b"new", {"A-IM": ALL}).status, 204)
    eq(server.get("/doc.txt").body, b"new")


@own_server(config=KEEPS)
@obliges("DLT-12")
def test_what_would_not_be_shorter_is_not_sent(server):
    noise = [random.Random(seed).randbytes(5000) for seed in (1, 2)]
    tags = put_all(server, "/noise", noise)
    is_whole(ask(server, tags[0], "vcdiff, gdiff, gzip", path="/noise"), noise[1])


@own_server(config=KEEPS)
@obliges("DLT-13")
def test_what_comes_first_is_unchanged(server):
    tags = put_all(server)
    server.write("closed/doc.txt", CONTENTS[0])
    eq(ask(server, tags[0], If_Match='"other"').status, 412)
    eq(ask(server, tags[0], path="/missing").status, 404)
    eq(ask(server, tags[0], If_Unmodified_Since=http_date(1000)).status, 412)
    eq(ask(server, tags[0], path="/closed/doc.txt").status, 403)
    eq(ask(server, tags[0], path="/gone").status, 308)


# ---- fields ----

@own_server(config=KEEPS)
@obliges("DLT-15", "DLT-16", "DLT-17")
@cases(("delta", "vcdiff", "vcdiff"), ("compressed", "diffe, gzip", "diffe, gzip"), ("before", "gzip, diffe", "diffe"),
       ("with_identity", "identity, diffe, deflate, gzip;q=0.5", "diffe, deflate"), ("alone", "gzip, identity", "gzip"))
def test_im_lists_what_was_done_in_its_order(server, im, done):
    lines = [b"%d %s\n" % (i, random.Random(i).randbytes(8).hex().encode()) for i in range(3000)]
    old, new = b"".join(lines), b"".join(b"common prefix of many lines %d\n" % i if i % 3 == 0 else line
                                         for i, line in enumerate(lines))
    tags = put_all(server, contents=[old, new])
    got = is_226(ask(server, tags[0], im))
    eq(got.fields.words("IM"), done.split(", "))
    lacks(got.fields.words("IM"), "identity")
    eq(deltas.undo(got.fields["IM"], got.body, old), new)


@own_server(config=KEEPS)
@obliges("DLT-19", "DLT-20", "DLT-21")
def test_the_base_is_named(server):
    tags = put_all(server)
    got = is_226(ask(server, [tags[0], '"other"', tags[1]], "vcdiff"), "vcdiff")
    base = [tags[0], tags[1]].index(got.fields["Delta-Base"])
    eq(deltas.vcdiff(got.body, CONTENTS[base]), CONTENTS[2])
    eq(is_226(ask(server, tags[0], "vcdiff")).fields["Delta-Base"], tags[0])


@own_server(config=KEEPS)
def test_of_several_bases_the_one_with_the_shortest_delta(server):
    """DLT-C7."""
    far = bytes(reversed(CONTENTS[0]))
    tags = put_all(server, contents=[CONTENTS[0], far, CONTENTS[1]])
    for order in ([tags[0], tags[1]], [tags[1], tags[0]]):
        eq(is_226(ask(server, order, "vcdiff")).fields["Delta-Base"], tags[0])


@own_server(config=KEEPS)
@obliges("DLT-22")
def test_the_length_is_that_of_what_is_sent(server):
    tags = put_all(server)
    got = is_226(ask(server, tags[0], "vcdiff"))
    eq(int(got.fields["Content-Length"]), len(got.body))


@own_server(config=KEEPS)
@obliges("DLT-23")
def test_the_fields_are_those_of_the_whole(server):
    tags = put_all(server)
    whole, got = server.get("/doc.txt"), is_226(ask(server, tags[0], "vcdiff"))
    for name in ("Content-Type", "Last-Modified", "ETag", "X-Content-Type-Options"):
        eq(got.fields[name], whole.fields[name], name)


@own_server(config=KEEPS)
@obliges("DLT-25", "DLT-26")
def test_no_cache_may_take_it_for_the_whole(server):
    tags = put_all(server)
    got = is_226(ask(server, tags[0], "vcdiff"))
    ok({"a-im", "if-none-match"} <= set(got.fields.words("Vary")), "Vary: %s" % got.fields["Vary"])
    ok({"no-store", "im", "must-understand"} <= set(got.fields.words("Cache-Control")), got.fields["Cache-Control"])


# ---- bases ----

@own_server(config=KEEPS)
@obliges("DLT-27", "DLT-34")
def test_retain_is_said_where_contents_are_kept(server):
    for path, said in (("/doc.txt", "retain"), ("/aged/a.txt", "retain=2592000"), ("/bare/a.txt", None)):
        if path.count("/") > 1:
            server.request("MKCOL", path.rsplit("/", 1)[0] + "/")
        tags = put_all(server, path)
        for tag in ("", tags[0]):
            got = ask(server, tag, "vcdiff", path=path)
            told = [word for word in got.fields.words("Cache-Control") if word.startswith("retain")]
            eq(told, [said] if said else [], path)
            ok(not said or "max-age" not in got.fields["Cache-Control"], "of its own, whatever is fresh")


@own_server(config=KEEPS)
@obliges("DLT-28")
def test_retain_0_is_never_sent(server):
    tags = put_all(server)
    for im in (None, "gzip", "vcdiff"):
        lacks(ask(server, tags[0], im).fields.get("Cache-Control", ""), "retain=0")


@own_server(config=KEEPS)
@obliges("DLT-29")
def test_a_base_that_was_announced_is_one(server):
    server.request("MKCOL", "/aged/")
    tag = put(server, "/aged/a.txt", CONTENTS[0])
    contains(ask(server, None, "vcdiff", path="/aged/a.txt").fields["Cache-Control"], "retain=")
    for content in [CONTENTS[1]] * 12 + [CONTENTS[2]]:
        put(server, "/aged/a.txt", content)
    got = is_226(ask(server, tag, "vcdiff", path="/aged/a.txt"))
    eq(deltas.vcdiff(got.body, CONTENTS[0]), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-30")
def test_the_oldest_base_goes_first(server):
    tags = put_all(server, contents=[b"%d\n%s" % (i, CONTENTS[0]) for i in range(7)])
    is_whole(ask(server, tags[0], "vcdiff"), b"6\n" + CONTENTS[0])
    for tag in tags[1:6]:
        is_226(ask(server, tag, "vcdiff"))


@own_server(config=KEEPS)
@obliges("DLT-31")
def test_a_weak_tag_selects_no_base(server):
    tags = put_all(server)
    is_whole(ask(server, "W/" + tags[0], "vcdiff"), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-32")
def test_the_tag_of_another_resource_selects_no_base(server):
    tags = put_all(server)
    put_all(server, "/other.txt")
    is_whole(ask(server, tags[0], "vcdiff", path="/other.txt"), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-33")
def test_nothing_of_a_deleted_file_comes_back(server):
    tags = put_all(server)
    eq(server.delete("/doc.txt").status, 204)
    eq(ask(server, tags[0], "vcdiff").status, 404)
    put(server, "/doc.txt", CONTENTS[2])
    is_whole(ask(server, tags[0], "vcdiff"), CONTENTS[2])
    is_whole(ask(server, tags[1], "vcdiff"), CONTENTS[2])


@own_server(config=KEEPS)
def test_a_base_goes_along_with_a_move(server):
    tags = put_all(server)
    eq(server.request("MOVE", "/doc.txt", {"Destination": "/moved.txt"}).status, 201)
    is_226(ask(server, tags[0], "vcdiff", path="/moved.txt"))


# ---- ranges ----

@own_server(config=KEEPS)
@obliges("DLT-35")
def test_a_range_alone_is_206(server):
    put_all(server)
    for im in ("range", "x-other, range", ALL):
        got = ask(server, None, im.replace("gzip, deflate, ", ""), Range="bytes=10-19")
        eq((got.status, got.body), (206, CONTENTS[2][10:20]))
        lacks(got.fields, "IM")


@own_server(config=KEEPS)
@obliges("DLT-36", "DLT-37", "DLT-40")
def test_a_range_after_the_delta_cuts_the_delta(server):
    tags = put_all(server)
    whole = is_226(ask(server, tags[0], "vcdiff, range"), "vcdiff").body
    length = len(whole)
    for spec, part in (("0-9", whole[:10]), ("20-", whole[20:]), ("-7", whole[-7:])):
        got = is_226(ask(server, tags[0], "vcdiff, range", Range="bytes=" + spec), "vcdiff, range")
        eq(got.body, part)
        first = whole.index(part) if spec != "-7" else length - 7
        eq(got.fields["Content-Range"], "bytes %d-%d/%d" % (first, first + len(part) - 1, length))
        eq(got.etag, tags[2])


@own_server(config=KEEPS)
@obliges("DLT-38")
@cases(("vcdiff", "vcdiff"), ("gdiff", "gdiff"))
def test_a_range_before_the_delta_cuts_both(server, kind):
    tags = put_all(server)
    got = is_226(ask(server, tags[0], "range, " + kind, Range="bytes=1000-30999"), "range, " + kind)
    eq(deltas.undo(kind, got.body, CONTENTS[0][1000:31000]), CONTENTS[2][1000:31000])
    eq(got.fields["Content-Range"], "bytes 1000-30999/%d" % len(CONTENTS[2]))


@own_server(config=KEEPS)
def test_a_range_beyond_a_shorter_base(server):
    tags = put_all(server, contents=[b"ab" * 20, CONTENTS[0]])
    got = ask(server, tags[0], "range, gzip, vcdiff", Range="bytes=100-30099")
    is_226(got, "range, gzip" if "gzip" in got.fields["IM"] else "range, vcdiff")


@own_server(config=KEEPS)
@obliges("DLT-39")
def test_resuming_a_delta(server):
    tags = put_all(server)
    fields = {"Range": "bytes=30-"}
    whole = is_226(ask(server, tags[0], "vcdiff")).body
    eq(ask(server, tags[2], "vcdiff, range", If_Range=tags[1], **fields).status, 304)
    got = is_226(ask(server, tags[0], "vcdiff, range", If_Range=tags[2], **fields), "vcdiff, range")
    eq(got.body, whole[30:])
    got = is_226(ask(server, tags[0], "vcdiff, range", If_Range=tags[1], **fields), "vcdiff")
    eq(got.body, whole)


@own_server(config=KEEPS)
@obliges("DLT-41")
def test_several_ranges_of_one_delta(server):
    tags = put_all(server)
    whole = is_226(ask(server, tags[0], "vcdiff")).body
    half = len(whole) // 2
    got = is_226(ask(server, tags[0], "vcdiff, range", Range="bytes=0-3,%d-" % half), "vcdiff, range")
    contains(got.fields["Content-Type"], "multipart/byteranges")
    lacks(got.fields, "Content-Range")
    boundary = re.search(r"boundary=(\S+)", got.fields["Content-Type"])[1].encode()
    parts = got.body.split(b"--" + boundary)[1:-1]
    eq(len(parts), 2)
    for part, content in zip(parts, (whole[:4], whole[half:])):
        head, body = part.split(b"\r\n\r\n", 1)
        eq(body[:-2], content)
        contains(head, b"Content-Range: bytes ")
        ok(b"IM:" not in head and b"Delta-Base" not in head, "the delta's fields are outside")


@own_server(config=KEEPS)
def test_several_ranges_before_a_delta_are_sent_plain(server):
    tags = put_all(server)
    got = ask(server, tags[0], "range, vcdiff", Range="bytes=0-9,1000-1009")
    eq(got.status, 206)
    lacks(got.fields, "IM")


@own_server(config=KEEPS)
@obliges("DLT-42")
def test_a_range_that_a_im_does_not_list(server):
    """DLT-C4."""
    tags = put_all(server)
    got = ask(server, tags[0], "vcdiff, gzip", Range="bytes=10-19")
    eq((got.status, got.body), (206, CONTENTS[2][10:20]))
    lacks(got.fields, "IM")


@own_server(config=KEEPS)
def test_a_range_beyond_the_delta_is_416(server):
    tags = put_all(server)
    length = len(is_226(ask(server, tags[0], "vcdiff")).body)
    got = ask(server, tags[0], "vcdiff, range", Range="bytes=%d-" % length)
    eq((got.status, got.fields["Content-Range"]), (416, "bytes */%d" % length))


# ---- compression ----

@own_server(config=KEEPS)
@obliges("DLT-43", "DLT-45")
def test_a_delta_is_made_of_contents_as_they_are(server):
    tags = put_all(server)
    for im in ("gzip, vcdiff", "gzip, deflate, gdiff"):
        got = is_226(ask(server, tags[0], im, Accept_Encoding="gzip"), im.split(", ")[-1])
        lacks(got.fields, "Content-Encoding")
        eq(deltas.undo(got.fields["IM"], got.body, CONTENTS[0]), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-46")
@cases(("gzip", "gzip"), ("deflate", "deflate"))
def test_a_delta_may_be_compressed(server, coding):
    old = b"".join(b"%d\n" % i for i in range(5000))
    new = b"".join(b"%d is another line\n" % i if i % 9 == 0 else b"%d\n" % i for i in range(5000))
    tags = put_all(server, contents=[old, new])
    got = is_226(ask(server, tags[0], "diffe, " + coding), "diffe, " + coding)
    eq(deltas.undo("diffe, " + coding, got.body, old), new)
    part = is_226(ask(server, tags[0], "diffe, %s, range" % coding, Range="bytes=5-"), "diffe, %s, range" % coding)
    eq(part.body, got.body[5:])


@own_server(config=KEEPS)
@cases(("gzip", "gzip", "gzip"), ("deflate", "deflate", "deflate"), ("case", "GZip", "gzip"),
       ("weights", "deflate;q=0.5, gzip", "gzip"))
def test_compression_alone(server, im, done):
    """DLT-C6: the case of names does not count."""
    put_all(server)
    got = is_226(ask(server, None, im), done)
    eq(deltas.undo(done, got.body), CONTENTS[2])


@own_server(config=KEEPS)
def test_a_content_coding_is_better_than_compression_by_a_im(server):
    """DLT-C5."""
    put_all(server)
    eq(ask(server, None, "gzip", Accept_Encoding="br, gzip").status, 200)
    eq(ask(server, None, "gzip", Accept_Encoding="gzip;q=0").status, 226)


@own_server(config=KEEPS)
@obliges("DLT-52")
def test_deflate_is_that_of_zlib(server):
    put_all(server)
    body = is_226(ask(server, None, "deflate"), "deflate").body
    eq((body[0] & 15, (body[0] << 8 | body[1]) % 31), (8, 0))
    eq(is_226(ask(server, None, "gzip"), "gzip").body[:3], b"\x1f\x8b\x08")


@own_server(config=KEEPS)
def test_compression_of_a_range(server):
    put_all(server)
    got = is_226(ask(server, None, "range, gzip", Range="bytes=100-9099"), "range, gzip")
    eq(deltas.undo("gzip", got.body), CONTENTS[2][100:9100])
    eq(got.fields["Content-Range"], "bytes 100-9099/%d" % len(CONTENTS[2]))


# ---- formats ----

@own_server(config=KEEPS)
@obliges("DLT-51")
@cases(("nul", b"a\0b\n" * 100), ("no_final_newline", b"ab\n" * 100 + b"c"))
def test_what_a_script_for_ed_cannot_say_is_not_sent_as_one(server, other):
    plain = b"line\n" * 100
    for contents in ([plain, other], [other, plain]):
        tags = put_all(server, contents=contents)
        is_whole(ask(server, tags[-2], "diffe"), contents[1])


@own_server(config=KEEPS)
@obliges("DLT-50")
def test_a_line_of_one_dot(server):
    old, new = b"first\nlast\n" + b"x\n" * 99, b"first\n.\n..\nlast\n" + b"x\n" * 99
    tags = put_all(server, contents=[old, new])
    got = is_226(ask(server, tags[0], "diffe"), "diffe")
    eq(deltas.diffe(got.body, old), new)
    ok(not [line for line in got.body.split(b"\n") if re.match(rb"[0-9,]*[!wqer]", line)], "a, c, d and s only")


@own_server(config=KEEPS)
@obliges("DLT-48", "DLT-49", "DLT-53", "DLT-54", "DLT-55", "DLT-56", "DLT-57", "DLT-58", "DLT-59", "DLT-60")
@cases(("vcdiff", "vcdiff"), ("gdiff", "gdiff"))
def test_a_strict_decoder_reads_them(server, kind):
    pick = random.Random(kind)
    for round in range(6):
        base = pick.randbytes(200 * round * round + 10) * (round + 1)
        cuts = sorted(pick.randrange(len(base)) for _ in range(6))
        target = base[cuts[1]:cuts[4]] + b"z" * 300 + base[:cuts[2]] + pick.randbytes(20) + base[cuts[3]:] * 2
        tags = put_all(server, contents=[base, target])
        got = ask(server, tags[0], kind + ", identity;q=0")
        eq(deltas.undo(kind, is_226(got, kind).body, base), target)


# ---- who may not ----

@own_server(config=KEEPS)
@only_over("h1", why="HTTP/2 has no such version")
def test_http_1_0_gets_the_whole(server):
    """DLT-C3."""
    tags = put_all(server)
    got = server.request("GET", "/doc.txt", {"A-IM": ALL, "If-None-Match": tags[0]}, version="HTTP/1.0")
    is_whole(got, CONTENTS[2])


@own_server(config=KEEPS)
def test_a_date_names_no_base(server):
    """DLT-C10."""
    put_all(server)
    is_whole(ask(server, None, "vcdiff", If_Modified_Since=http_date(1000000000)), CONTENTS[2])


@own_server(config=KEEPS)
@obliges("DLT-24")
def test_random_edits_come_back(server):
    pick = random.Random(4)
    content, tags, kept = pick.randbytes(20000), [], []
    for _ in range(12):
        at, size = pick.randrange(len(content)), pick.randrange(300)
        content = content[:at] + pick.choice([pick.randbytes(size), b"", content[:size]]) + content[at + size // 2:]
        tags.append(put(server, "/random", content))
        kept.append(content)
        for back in range(2, min(6, len(tags) + 1)):
            got = ask(server, tags[-back], "vcdiff, gdiff;q=0.9, gzip", path="/random")
            eq(deltas.undo(got.fields["IM"], got.body, kept[-back]) if got.status == 226 else got.body, content)


@own_server(config=KEEPS)
def test_a_delta_is_made_once(server):
    tags = put_all(server)
    first, again = (is_226(ask(server, tags[0], "vcdiff")) for _ in range(2))
    eq(first.body, again.body)
    eq(len(server.names(".samovar/derived")), 1)


@own_server(config=KEEPS)
def test_a_large_delta_is_sent_from_the_disk(server):
    pick = random.Random(9)
    old = pick.randbytes(3 << 20)
    new = old[:1 << 20] + pick.randbytes(400000) + old[1 << 20:]
    tags = put_all(server, "/large", [old, new])
    got = is_226(ask(server, tags[0], "vcdiff", path="/large"), "vcdiff")
    ok(400000 < len(got.body) < 410000, "its length: %d" % len(got.body))
    eq(deltas.vcdiff(got.body, old), new)
    part = is_226(ask(server, tags[0], "vcdiff, range", path="/large", Range="bytes=100000-399999"), "vcdiff, range")
    eq(part.body, got.body[100000:400000])
