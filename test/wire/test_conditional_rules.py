"""docs/spec/conditional.md, sections 1 to 5: validators, the order of conditions, each of them, 304 and 412."""

import os
import re
import time

from hot import both, but_date, heat
from wire import (cases, contains, date_seconds, eq, head_of, lacks, message_of, ne, obliges, ok, one_of, own_server,
                  wait_for)

FILES = {"a.txt": b"the content", "empty.txt": b"", "folder/inner.txt": b"inner", "with-index/index.html": b"<p>index",
         "page.html": b"<!doctype html><title>t</title>"}

LONG_AGO, FAR = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 2100 23:59:59 GMT"
FORMS = (("imf-fixdate", "%a, %d %b %Y %H:%M:%S GMT"), ("rfc850", "%A, %d-%b-%y %H:%M:%S GMT"),
         ("asctime", "%a %b %e %H:%M:%S %Y"))


def aged(server, name, content=b"the content", age=1000):
    """A file that was changed so many seconds ago: (its 200, its time)."""
    mtime = int(time.time()) - age
    server.write(name, content, mtime=mtime)
    return server.get("/" + name), mtime


def state(server, name):
    """All that a refused change must leave as it was."""
    entry, folder = os.stat(server.path(name)), os.stat(server.path())
    return (server.read(name), entry.st_ino, entry.st_mtime_ns, entry.st_ctime_ns, entry.st_mode,
            [one for one in server.names() if one != ".samovar"], but_date(server.get("/" + name)))


# ---- 1. validators


@obliges("CND-01", "CND-02")
@cases(("text", "/a.txt"), ("empty", "/empty.txt"), ("index", "/with-index/"), ("html", "/page.html"))
def test_every_file_has_both_validators(server, target):
    for method in ("GET", "HEAD"):
        got = both(server, method, target)
        eq(got.status, 200)
        ok(got.etag, "a tag")
        date_seconds(got.fields["Last-Modified"])


@obliges("CND-02")
def test_last_modified_is_the_time_of_the_file(server):
    got, mtime = aged(server, "dated.txt")
    eq(date_seconds(got.fields["Last-Modified"]), mtime)


@obliges("CND-03", "CND-05")
def test_a_rewrite_of_equal_length_gets_a_new_tag_or_a_weak_one(server):
    path, known = server.write("tick.txt", b"x" * 20), {}
    with server.connect() as conn, open(path, "r+b", buffering=0) as file:
        for number in range(300):
            content = b"%020d" % number
            os.pwrite(file.fileno(), content, 0)
            got = conn.ask(("GET", "HEAD")[number % 5 == 4], "/tick.txt")
            if number % 20 == 0:  # at rest it gets a strong one
                got = wait_for(lambda: (lambda at: not at.etag.startswith("W/") and at)(conn.ask("GET", "/tick.txt")),
                               "a strong tag")
            if got.etag.startswith("W/"):
                continue
            lacks(known, got.etag, "the strong tag of an older content")
            known[got.etag] = content
    ok(len(known) >= 15, "%d strong tags" % len(known))


@obliges("CND-03", "CND-11")
def test_a_put_of_equal_length_gets_a_new_tag(server):
    known = set()
    with server.connect() as conn:
        for number in range(50):
            stored = conn.ask("PUT", "/put-tick.txt", body=b"%020d" % number)
            ok(not stored.etag.startswith("W/"), "what we stored ourselves has a strong tag")
            lacks(known, stored.etag)
            known.add(stored.etag)
            for _ in range(1 if number % 2 else 4):
                eq(conn.ask("GET", "/put-tick.txt").etag, stored.etag)
            eq(conn.ask("HEAD", "/put-tick.txt").etag, stored.etag)


@obliges("CND-05")
def test_a_tag_does_not_stay_weak(server):
    for number in range(20):
        server.write("weak.txt", b"%020d" % number)
        with server.connect() as conn:
            heat(conn, "/weak.txt", 6)
            time.sleep(0.05)
            got = heat(conn, "/weak.txt", 4)
            ok(not got.etag.startswith("W/"), "a file at rest has a strong tag: %s" % got.etag)
            eq(conn.ask("HEAD", "/weak.txt").etag, got.etag)
            eq(conn.ask("PUT", "/weak.txt", {"If-Match": got.etag}, b"x").status, 204, "a PUT with the tag of the GET")


@obliges("CND-06")
def test_the_characters_of_a_tag(server):
    for number in range(30):
        stored = server.put("/chars-%d.txt" % number, b"x" * number)
        ok(re.fullmatch(r'(W/)?"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+"', stored.etag), stored.etag)


@obliges("CND-07")
def test_a_tag_never_comes_back(server):
    known = set()
    with server.connect() as conn:
        for number in range(40):
            content = b"AB"[number % 2:][:1]
            stored = conn.ask("PUT", "/again.txt", body=content)
            lacks(known, stored.etag, "a tag after DELETE and PUT")
            known.add(stored.etag)
            heat(conn, "/again.txt", 1 + number % 5)
            if number % 3:
                eq(conn.ask("DELETE", "/again.txt").status, 204)


@obliges("CND-10")
def test_a_time_in_the_future_is_the_time_of_the_answer(server):
    server.write("future.txt", b"x", mtime=int(time.time()) + 100000)
    with server.connect() as one, server.connect() as other:
        end = time.time() + 1.2
        while time.time() < end:
            for conn, method in ((one, "GET"), (other, "HEAD"), (other, "GET")):
                got = conn.ask(method, "/future.txt")
                late = date_seconds(got.fields["Last-Modified"]) - date_seconds(got.fields["Date"])
                ok(late <= 0, "Last-Modified %d s after Date" % late)


@obliges("CND-10")
def test_what_was_written_just_now_is_not_in_the_future(server):
    with server.connect() as conn:
        end, number = time.time() + 1.2, 0
        while time.time() < end:
            number += 1
            stored = conn.ask("PUT", "/just.txt", body=b"%d" % number)
            got = conn.ask("GET", "/just.txt")
            for answer in (stored, got):
                ok(answer.fields.get("Last-Modified", LONG_AGO) and
                   date_seconds(answer.fields.get("Last-Modified", LONG_AGO)) <= date_seconds(answer.fields["Date"]),
                   "Last-Modified %s, Date %s" % (answer.fields.get("Last-Modified"), answer.fields["Date"]))


@obliges("CND-09", "CND-11", "CND-12")
def test_put_says_the_validators_of_what_it_stored(server):
    for body in (b"first", b"second", b""):
        stored = server.put("/said.txt", body)
        for method in ("GET", "HEAD"):
            got = both(server, method, "/said.txt")
            eq(got.etag, stored.etag)
            eq(got.fields["Last-Modified"], stored.fields["Last-Modified"])
    stored = server.request("PUT", "/said.txt", {"Transfer-Encoding": "chunked"}, b"third")
    eq(server.get("/said.txt").etag, stored.etag)
    eq(server.read("said.txt"), b"third")


@obliges("CND-09")
def test_last_modified_grows_with_each_put(server):
    old, _ = aged(server, "grows.txt")
    eq(server.put("/grows.txt", b"new").status, 204)
    ok(date_seconds(server.get("/grows.txt").fields["Last-Modified"]) > date_seconds(old.fields["Last-Modified"]),
       "grown")
    eq(server.delete("/grows.txt").status, 204)
    eq(server.put("/grows.txt", b"newer").status, 201)
    ok(date_seconds(server.get("/grows.txt").fields["Last-Modified"]) > date_seconds(old.fields["Last-Modified"]),
       "grown")


@obliges("CND-13")
@cases(*FORMS)
def test_every_form_of_a_date_counts(server, form):
    _, mtime = aged(server, "forms.txt")
    for off, since, unmodified in ((-1, 200, 412), (0, 304, 200), (1, 304, 200), (500, 304, 200)):
        value = time.strftime(form, time.gmtime(mtime + off))
        eq(both(server, "GET", "/forms.txt", {"If-Modified-Since": value}).status, since, "If-Modified-Since: " + value)
        eq(both(server, "HEAD", "/forms.txt", {"If-Modified-Since": value}).status, since,
           "If-Modified-Since: " + value)
        eq(both(server, "GET", "/forms.txt", {"If-Unmodified-Since": value}).status, unmodified, "If-Unmodified-Since")


@obliges("CND-13")
@cases(("one-digit-day", (2016, 2, 3, 4, 5, 6)), ("leap-day", (2016, 2, 29, 23, 59, 59)),
       ("new-year", (2017, 1, 1, 0, 0, 0)),
       ("december", (2015, 12, 31, 12, 0, 0)))
def test_each_form_means_the_same_moment(server, when):
    import calendar
    mtime = calendar.timegm(when)
    server.write("moment.txt", b"x", mtime=mtime)
    for _, form in FORMS:
        for off, status in ((-1, 200), (0, 304)):
            value = time.strftime(form, time.gmtime(mtime + off))
            eq(both(server, "GET", "/moment.txt", {"If-Modified-Since": value}).status, status, value)


@obliges("CND-14")
def test_two_digits_of_a_year_mean_the_past_rather_than_far_ahead(server):
    aged(server, "century.txt")
    now = time.gmtime()
    for ahead, status in ((45, 304), (49, 304), (51, 200), (60, 200), (98, 200)):
        value = "Sunday, 06-%s-%02d 08:49:37 GMT" % (time.strftime("%b", now), (now.tm_year + ahead) % 100)
        eq(both(server, "GET", "/century.txt", {"If-Modified-Since": value}).status, status, value)


# ---- 2. order and scope


@obliges("CND-15", "CND-20", "CND-33", "CND-41")
def test_the_order_of_conditions(server):
    whole, mtime = aged(server, "order.txt")
    tag, other = whole.etag, '"other"'
    old = time.strftime(FORMS[0][1], time.gmtime(mtime - 10))
    new = time.strftime(FORMS[0][1], time.gmtime(mtime + 10))
    table = (({"If-Match": tag, "If-None-Match": tag}, 304), ({"If-Match": other, "If-None-Match": tag}, 412),
             ({"If-Match": tag, "If-None-Match": other}, 200), ({"If-Match": other, "If-None-Match": other}, 412),
             ({"If-Match": tag, "If-Unmodified-Since": old}, 200),
             ({"If-Match": other, "If-Unmodified-Since": new}, 412),
             ({"If-None-Match": other, "If-Modified-Since": new}, 200),
             ({"If-None-Match": tag, "If-Modified-Since": old}, 304),
             ({"If-None-Match": other, "If-Modified-Since": FAR}, 200),
             ({"If-Unmodified-Since": old, "If-None-Match": tag}, 412),
             ({"If-Unmodified-Since": new, "If-None-Match": tag}, 304),
             ({"If-Unmodified-Since": old, "If-Modified-Since": new}, 412),
             ({"If-Unmodified-Since": new, "If-Modified-Since": new}, 304),
             ({"If-Match": tag, "If-Modified-Since": new}, 304), ({"If-Match": tag, "If-Modified-Since": old}, 200))
    for fields, status in table:
        for method in ("GET", "HEAD"):
            eq(both(server, method, "/order.txt", fields).status, status, "%s with %r" % (method, fields))


@obliges("CND-16", "CND-30", "CND-39")
@cases(("missing", "GET", "/missing", 404), ("missing-head", "HEAD", "/missing", 404), ("slash", "GET", "/folder", 308),
       ("below-a-file", "GET", "/a.txt/x", 404), ("delete-missing", "DELETE", "/missing", 404),
       ("post", "POST", "/a.txt", 405),
       ("unknown", "FROB", "/a.txt", 501), ("delete-root", "DELETE", "/", 403), ("put-folder", "PUT", "/folder", 405),
       ("no-parent", "PUT", "/none/x", 409), ("put-slash", "PUT", "/new/", 409),
       ("reserved", "GET", "/.samovar/x", 404))
def test_another_refusal_wins(server, method, target, status):
    for fields in ({"If-Match": '"x"'}, {"If-Match": "*"}, {"If-None-Match": "*"}, {"If-Unmodified-Since": LONG_AGO},
                   {"If-None-Match": '"x"', "If-Modified-Since": FAR}, {"If-Match": "*", "If-None-Match": "*"}):
        got = server.request(method, target, fields, b"x" if method in ("PUT", "POST") else None)
        eq(got.status, status, "%s %s with %r" % (method, target, fields))


@obliges("CND-16")
def test_a_refusal_of_the_content_wins(server):
    got = server.put("/a.txt", b"x", {"If-Match": '"x"', "Content-Encoding": "gzip"})
    eq(got.status, 415)
    got = server.put("/a.txt", b"x", {"If-Match": '"x"', "Content-Range": "bytes 0-1/11"})
    eq(got.status, 400)
    got = server.get("/a.txt", {"If-None-Match": "*", "X": "y" * 40000})
    eq(got.status, 431)


@obliges("CND-16")
@own_server("--read-only", files={"a.txt": b"a"})
def test_read_only_wins(server):
    for fields in ({"If-Match": '"x"'}, {"If-None-Match": "*"}):
        eq(server.put("/a.txt", b"b", fields).status, 403)
        eq(server.delete("/a.txt", fields).status, 403)


@obliges("CND-17")
@own_server("--user", "anna:secret", files={"a.txt": b"a"})
def test_who_asks_is_judged_first(server):
    right = {"Authorization": "Basic YW5uYTpzZWNyZXQ="}
    eq(server.get("/a.txt", right).status, 200)  # known from now on, whoever guesses from the same address
    for fields in ({"If-Match": '"x"'}, {"If-None-Match": "*"}, {"If-Unmodified-Since": LONG_AGO}):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            body = b"x" if method == "PUT" else None
            eq(server.request(method, "/a.txt", fields, body).status, 401, method)
            wrong = dict(fields, Authorization="Basic YW5uYTp3cm9uZw==")
            one_of(server.request(method, "/a.txt", wrong, body).status, (401, 429), method)  # 429: so many guesses
    eq(server.get("/a.txt", dict(right, **{"If-None-Match": "*"})).status, 304)
    eq(server.put("/a.txt", b"x", dict(right, **{"If-Match": '"x"'})).status, 412)


@obliges("CND-18")
@cases(("tag", {"If-Match": '"x"'}), ("none", {"If-None-Match": "*"}), ("date", {"If-Unmodified-Since": LONG_AGO}))
def test_a_false_condition_is_told_before_the_body_is_asked_for(server, fields):
    before = state(server, "a.txt")
    for length in ({"Content-Length": "1000000"}, {"Transfer-Encoding": "chunked"}):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/a.txt", dict(fields, Expect="100-continue", **length)))
            got = conn.read("PUT")
            eq(got.status, 412)
            eq(got.interim, [])
    eq(state(server, "a.txt"), before)


@obliges("CND-18")
def test_a_true_condition_gets_the_100(server):
    tag = server.put("/expect.txt", b"old").etag
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expect.txt", {"If-Match": tag, "Expect": "100-continue", "Content-Length": "3"}))
        conn.read_interim(100)
        conn.send("new")
        eq(conn.read("PUT").status, 204)
    eq(server.read("expect.txt"), b"new")


@obliges("CND-23")
def test_a_condition_is_judged_again_beside_the_commit(server):
    tag = server.put("/twice.txt", b"old").etag
    with server.connect() as conn:
        conn.send(head_of("PUT", "/twice.txt", {"If-Match": tag, "Expect": "100-continue", "Content-Length": "3"}))
        conn.read_interim(100)
        eq(server.put("/twice.txt", b"between").status, 204)
        conn.send("new")
        eq(conn.read("PUT").status, 412)
    eq(server.read("twice.txt"), b"between")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/twice-new.txt",
                          {"If-None-Match": "*", "Expect": "100-continue", "Content-Length": "3"}))
        conn.read_interim(100)
        server.write("twice-new.txt", b"between")
        conn.send("new")
        eq(conn.read("PUT").status, 412)
    eq(server.read("twice-new.txt"), b"between")


@obliges("CND-19")
@cases(("options", "OPTIONS", "/a.txt"), ("server", "OPTIONS", "*"), ("missing", "OPTIONS", "/missing"),
       ("trace", "TRACE", "/a.txt"), ("connect", "CONNECT", "example.com:443"))
def test_some_methods_know_no_condition(server, method, target):
    plain = server.request(method, target)
    for fields in ({"If-Match": '"x"'}, {"If-None-Match": "*"}, {"If-Unmodified-Since": LONG_AGO},
                   {"If-Modified-Since": FAR}):
        eq(but_date(server.request(method, target, fields)), but_date(plain), "%s with %r" % (method, fields))


@obliges("CND-22", "CND-27", "CND-31", "CND-37")
@cases(("tag", {"If-Match": '"x"'}), ("none", {"If-None-Match": "*"}), ("date", {"If-Unmodified-Since": LONG_AGO}),
       ("weak", {"If-Match": "W/{tag}"}), ("known", {"If-None-Match": "{tag}"}),
       ("known-weak", {"If-None-Match": "W/{tag}"}),
       ("both", {"If-Match": "{tag}", "If-None-Match": "{tag}"}), ("malformed", {"If-Match": "x"}),
       ("empty", {"If-Match": ""}))
def test_a_false_condition_leaves_no_trace(server, fields):
    aged(server, "trace.txt")
    before = state(server, "trace.txt")
    tag = server.get("/trace.txt").etag
    fields = {name: value.replace("{tag}", tag) for name, value in fields.items()}
    for body in (b"", b"x", b"y" * 300000):
        eq(server.put("/trace.txt", body, fields).status, 412)
        eq(server.request("PUT", "/trace.txt", dict(fields, **{"Transfer-Encoding": "chunked"}), body).status, 412)
    eq(server.delete("/trace.txt", fields).status, 412)
    eq(state(server, "trace.txt"), before)


@obliges("CND-24")
def test_several_lines_are_one_list(server):
    tag = aged(server, "lines.txt")[0].etag
    for name, status in (("If-Match", 200), ("If-None-Match", 304)):
        for values in (('"a"', tag), (tag, '"a"'), ('"a"', '"b", ' + tag, '"c"'), ("", tag)):
            got = both(server, "GET", "/lines.txt", [(name, value) for value in values])
            eq(got.status, status, "%s: %r" % (name, values))
    eq(server.put("/lines.txt", b"x", [("If-Match", '"a"'), ("If-Match", tag)]).status, 204)


@obliges("CND-25")
def test_a_list_is_read_by_its_quotes(server):
    tag = aged(server, "list.txt")[0].etag
    inner = tag.strip('"')
    for name, hit, miss in (("If-Match", 200, 412), ("If-None-Match", 304, 200)):
        for value, matches in (('"a,b", %s' % tag, True), (', ,%s,,' % tag, True), ('"a" ,\t%s' % tag, True),
                               (tag + ",", True),
                               ('"a","b",%s,"c"' % tag, True), ('"a,%s"' % inner, False), ('"a, ,b"', False),
                               ('"%s,"' % inner, False), ('"x%s"' % inner, False), ('"%sx"' % inner, False),
                               ('""', False),
                               ('"%s"' % inner.upper(), False), ('"%s"' % inner[:-1], False)):
            got = both(server, "GET", "/list.txt", {name: value})
            eq(got.status, hit if matches else miss, "%s: %s" % (name, value))


# ---- 3. If-Match and If-Unmodified-Since


@obliges("CND-26", "CND-34")
def test_if_match_compares_strongly(server):
    tag = aged(server, "strong.txt")[0].etag
    ok(tag.startswith('"'), "a strong tag to begin with")
    eq(both(server, "GET", "/strong.txt", {"If-Match": "W/" + tag}).status, 412)
    eq(both(server, "HEAD", "/strong.txt", {"If-Match": "W/" + tag}).status, 412)
    eq(both(server, "GET", "/strong.txt", {"If-Match": "W/%s, %s" % (tag, tag)}).status, 200)
    eq(server.put("/strong.txt", b"x", {"If-Match": "W/" + tag}).status, 412)
    eq(server.put("/strong.txt", b"x", {"If-Match": tag}).status, 204)


@obliges("CND-29")
def test_if_match_star_wants_something_there(server):
    eq(server.put("/star.txt", b"x", {"If-Match": "*"}).status, 412)
    ok(not server.exists("star.txt"), "nothing was made")
    eq(server.get("/star.txt").status, 404)
    server.write("star.txt", b"old")
    eq(both(server, "GET", "/star.txt", {"If-Match": "*"}).status, 200)
    eq(server.put("/star.txt", b"x", {"If-Match": " * "}).status, 204)
    eq(server.delete("/star.txt", {"If-Match": "*"}).status, 204)
    eq(server.put("/star.txt", b"x", {"If-Match": '"x"'}).status, 412)
    ok(not server.exists("star.txt"), "nothing was made")


@obliges("CND-30")
def test_delete_of_nothing_is_404_whatever_the_condition(server):
    for target in ("/nothing", "/folder/nothing", "/nothing/below", "/a.txt/below"):
        for fields in ({"If-Match": '"x"'}, {"If-Match": "*"}, {"If-None-Match": "*"}):
            eq(server.delete(target, fields).status, 404)


@obliges("CND-31")
def test_if_match_guards_put_and_delete(server):
    tag = server.put("/guard.txt", b"one").etag
    again = server.put("/guard.txt", b"two", {"If-Match": tag})
    eq(again.status, 204)
    eq(server.put("/guard.txt", b"three", {"If-Match": tag}).status, 412)
    eq(server.delete("/guard.txt", {"If-Match": tag}).status, 412)
    eq(server.read("guard.txt"), b"two")
    eq(server.delete("/guard.txt", {"If-Match": again.etag}).status, 204)
    ok(not server.exists("guard.txt"), "it is gone")


@obliges("CND-31")
def test_if_match_sees_what_others_write(server):
    tag = server.put("/others.txt", b"one").etag
    server.write("others.txt", b"two")
    eq(server.put("/others.txt", b"three", {"If-Match": tag}).status, 412)
    eq(server.delete("/others.txt", {"If-Match": tag}).status, 412)
    eq(server.read("others.txt"), b"two")


@obliges("CND-32")
def test_if_unmodified_since(server):
    _, mtime = aged(server, "unmodified.txt")
    date = [time.strftime(FORMS[0][1], time.gmtime(mtime + off)) for off in (-1, 0, 1)]
    for value, status in zip(date, (412, 200, 200)):
        eq(both(server, "GET", "/unmodified.txt", {"If-Unmodified-Since": value}).status, status)
    eq(server.put("/unmodified.txt", b"x", {"If-Unmodified-Since": date[0]}).status, 412)
    eq(server.delete("/unmodified.txt", {"If-Unmodified-Since": date[0]}).status, 412)
    eq(server.put("/unmodified.txt", b"x", {"If-Unmodified-Since": date[1]}).status, 204)
    eq(server.delete("/unmodified.txt", {"If-Unmodified-Since": date[2]}).status, 412, "it is modified now")
    eq(server.delete("/unmodified.txt", {"If-Unmodified-Since": FAR}).status, 204)


BAD_DATES = (("word", "yesterday"), ("iso", "1994-11-06T08:49:37Z"), ("number", "0"), ("empty", ""),
             ("zone", LONG_AGO[:-3] + "CET"),
             ("offset", LONG_AGO[:-3] + "+0000"), ("month", "Sun, 06 Nox 1994 08:49:37 GMT"),
             ("day", "Sun, 31 Feb 1994 08:49:37 GMT"),
             ("hour", "Sun, 06 Nov 1994 24:49:37 GMT"), ("cut", LONG_AGO[:20]), ("longer", LONG_AGO + " x"),
             ("no-day", LONG_AGO[5:]),
             ("two", LONG_AGO + ", " + LONG_AGO), ("case", LONG_AGO.lower()), ("star", "*"), ("tag", '"x"'))


@obliges("CND-33")
@cases(*BAD_DATES)
def test_if_unmodified_since_without_a_date_is_ignored(server, value):
    eq(both(server, "GET", "/a.txt", {"If-Unmodified-Since": value}).status, 200)
    eq(server.put("/bad-date.txt", b"x", {"If-Unmodified-Since": value}).status // 100, 2)


@obliges("CND-33")
def test_if_unmodified_since_on_what_has_no_date_is_ignored(server):
    eq(server.get("/folder/", {"If-Unmodified-Since": LONG_AGO}).status, 200)
    eq(server.put("/no-date.txt", b"x", {"If-Unmodified-Since": LONG_AGO}).status, 201)


# ---- 4. If-None-Match and If-Modified-Since


@obliges("CND-35", "CND-36")
def test_if_none_match_compares_weakly(server):
    for target in ("/a.txt", "/empty.txt", "/with-index/"):
        tag = server.get(target).etag
        for value in (tag, "W/" + tag, '"a", W/' + tag):
            for method in ("GET", "HEAD"):
                got = both(server, method, target, {"If-None-Match": value})
                eq(got.status, 304)
                eq(got.body, b"")
        eq(both(server, "GET", target, {"If-None-Match": '"a", W/"b"'}).status, 200)


@obliges("CND-37")
def test_a_known_tag_stops_every_change(server):
    tag = server.put("/known.txt", b"one").etag
    for value in (tag, "W/" + tag, '"a", ' + tag, "*"):
        eq(server.put("/known.txt", b"two", {"If-None-Match": value}).status, 412)
        eq(server.delete("/known.txt", {"If-None-Match": value}).status, 412)
    eq(server.read("known.txt"), b"one")
    eq(server.put("/known.txt", b"two", {"If-None-Match": '"other"'}).status, 204)
    eq(server.delete("/known.txt", {"If-None-Match": tag}).status, 204)


@obliges("CND-38")
def test_create_only(server):
    eq(server.put("/create.txt", b"one", {"If-None-Match": "*"}).status, 201)
    eq(server.put("/create.txt", b"two", {"If-None-Match": "*"}).status, 412)
    eq(server.read("create.txt"), b"one")
    eq(server.delete("/create.txt").status, 204)
    eq(server.put("/create.txt", b"three", {"If-None-Match": "*"}).status, 201)
    server.write("by-others.txt", b"x")
    eq(server.put("/by-others.txt", b"two", {"If-None-Match": "*"}).status, 412)
    eq(server.read("by-others.txt"), b"x")


@obliges("CND-39")
def test_star_on_get(server):
    for target in ("/a.txt", "/with-index/"):
        for method in ("GET", "HEAD"):
            eq(both(server, method, target, {"If-None-Match": "*"}).status, 304)
    eq(server.get("/folder/", {"If-None-Match": "*"}).status, 304)
    eq(server.get("/nothing", {"If-None-Match": "*"}).status, 404)


@cases(("unquoted", "{inner}"), ("star-first", "*, {tag}"), ("star-last", "{tag}, *"), ("open", '"{inner}'),
       ("single", "'{inner}'"),
       ("random", "dGhpcyBpcyByYW5kb20"), ("lower-weak", "w/{tag}"), ("space", 'W/ {tag}'),
       ("two-together", "{tag}{tag}"))
def test_a_malformed_list_matches_nothing(server, value):
    whole = aged(server, "malformed.txt")[0]
    value = value.replace("{tag}", whole.etag).replace("{inner}", whole.etag.strip('"'))
    eq(both(server, "GET", "/malformed.txt", {"If-None-Match": value}).status, 200)
    eq(both(server, "GET", "/malformed.txt", {"If-Match": value}).status, 412)
    eq(server.put("/malformed.txt", b"x", {"If-Match": value}).status, 412)
    eq(server.put("/malformed.txt", b"x", {"If-None-Match": value}).status, 204,
       "a change with a malformed If-None-Match")


@obliges("CND-41")
@cases(("tag", '"other"'), ("malformed", "other"), ("empty", ""))
def test_if_none_match_silences_if_modified_since(server, value):
    for method in ("GET", "HEAD"):
        eq(both(server, method, "/a.txt", {"If-None-Match": value, "If-Modified-Since": FAR}).status, 200)


@obliges("CND-42")
def test_if_modified_since_is_for_reading_only(server):
    server.write("since.txt", b"x", mtime=int(time.time()) - 1000)
    eq(server.put("/since.txt", b"y", {"If-Modified-Since": FAR}).status, 204)
    eq(server.read("since.txt"), b"y")
    eq(server.delete("/since.txt", {"If-Modified-Since": FAR}).status, 204)


@obliges("CND-43")
@cases(*[case for case in BAD_DATES if case[0] != "two"])
def test_if_modified_since_without_a_date_is_ignored(server, value):
    value = value.replace("1994", "2090")
    for method in ("GET", "HEAD"):
        eq(both(server, method, "/a.txt", {"If-Modified-Since": value}).status, 200)


@obliges("CND-43")
def test_two_dates_are_none(server):
    eq(both(server, "GET", "/a.txt", {"If-Modified-Since": FAR + ", " + FAR}).status, 200)
    eq(both(server, "GET", "/a.txt", [("If-Modified-Since", FAR), ("If-Modified-Since", FAR)]).status, 200)


@obliges("CND-44")
def test_if_modified_since(server):
    whole, _ = aged(server, "since2.txt")
    for method in ("GET", "HEAD"):
        eq(both(server, method, "/since2.txt", {"If-Modified-Since": whole.fields["Last-Modified"]}).status, 304)
        eq(both(server, method, "/since2.txt", {"If-Modified-Since": FAR}).status, 304, "a date to come is a date")
        eq(both(server, method, "/since2.txt", {"If-Modified-Since": LONG_AGO}).status, 200)
    eq(server.get("/folder/", {"If-Modified-Since": FAR}).status, 200, "a listing has no date")


# ---- 5. the shape of 304 and 412


@obliges("CND-45")
def test_behind_a_304_comes_the_next_answer(server):
    tag = server.get("/a.txt").etag
    known = head_of("GET", "/a.txt", {"If-None-Match": tag})
    for method in ("GET", "HEAD"):
        with server.connect() as conn:
            for _ in range(3):
                conn.send(head_of(method, "/a.txt", {"If-None-Match": tag}) + head_of("GET", "/a.txt") + known + known +
                          head_of("GET", "/missing"))
                got = conn.read(method)
                eq((got.status, got.trailers.lines, got.fields.get("Transfer-Encoding")), (304, [], None))
                eq(conn.read().body, b"the content")
                eq([conn.read().status for _ in range(3)], [304, 304, 404])


@obliges("CND-46", "CND-47", "CND-48")
@cases(("text", "/a.txt"), ("html", "/page.html"), ("index", "/with-index/"), ("empty", "/empty.txt"))
def test_the_fields_of_a_304(server, target):
    whole = server.get(target)
    for fields in ({"If-None-Match": whole.etag}, {"If-None-Match": "*"}, {"If-Modified-Since": FAR}):
        got = both(server, "GET", target, fields)
        eq(got.status, 304)
        for name in ("ETag", "Cache-Control", "Vary", "Content-Location", "Expires"):
            eq(got.fields.get(name), whole.fields.get(name), name)
        for name in ("content-type", "content-encoding", "content-language", "content-range", "last-modified"):
            lacks(got.fields.names(), name)
        one_of(got.fields.get("Content-Length"), (None, str(len(whole.body))))


@obliges("CND-46")
def test_the_304_of_a_listing_has_its_vary(server):
    whole, got = server.get("/folder/"), server.get("/folder/", {"If-None-Match": "*"})
    eq(got.status, 304)
    for name in ("Cache-Control", "Vary"):
        eq(got.fields.get(name), whole.fields.get(name), name)


@obliges("CND-49")
def test_304_is_only_for_who_asked_for_it(server):
    tag = server.get("/a.txt").etag
    with server.connect() as conn:
        for _ in range(5):
            eq(conn.ask("GET", "/a.txt", {"If-None-Match": tag}).status, 304)
            eq(conn.ask("GET", "/a.txt").status, 200)
            eq(conn.ask("HEAD", "/a.txt").status, 200)
            eq(conn.ask("GET", "/a.txt", {"If-Match": tag}).status, 200)
            ne(conn.ask("OPTIONS", "/a.txt", {"If-None-Match": tag}).status, 304)
            eq(conn.ask("PUT", "/a.txt", {"If-None-Match": tag}, b"x").status, 412)


@obliges("CND-50")
def test_412_is_only_for_who_set_a_condition(server):
    for fields in ({}, {"If-Modified-Since": FAR}, {"If-Range": '"x"'}, {"If-Range": '"x"', "Range": "bytes=0-0"}):
        eq(server.put("/412.txt", b"x", fields).status // 100, 2)
        eq(server.get("/412.txt", fields).status // 100, 2 if "If-Modified-Since" not in fields else 3)
        eq(server.delete("/412.txt", fields).status, 204)


@obliges("CND-51")
@cases(("plain", "return=representation"), ("more", "respond-async, return=representation"),
       ("case", "RETURN=representation"),
       ("parameter", "return=representation; x=y"))
def test_a_412_brings_the_current_representation_to_who_prefers_it(server, prefer):
    whole = aged(server, "prefer.txt", b"now")[0]
    for method, body in (("PUT", b"new"), ("DELETE", None)):
        for fields in ({"If-Match": '"x"'}, {"If-None-Match": "*"}, {"If-Unmodified-Since": LONG_AGO}):
            got = server.request(method, "/prefer.txt", dict(fields, Prefer=prefer), body)
            eq(got.status, 412)
            eq(got.body, b"now")
            for name in ("ETag", "Content-Type"):
                eq(got.fields[name], whole.fields[name], name)
            eq(got.fields["Content-Location"], "/prefer.txt")
            contains(got.fields["Preference-Applied"], "return=representation")
    eq(server.read("prefer.txt"), b"now")


@obliges("CND-51")
def test_the_current_representation_is_whole_whatever_its_size(server):
    content = os.urandom(300000)
    server.write("prefer-large.bin", content)
    with server.connect() as conn:
        for _ in range(2):
            conn.send(head_of("PUT", "/prefer-large.bin",
                              {"If-Match": '"x"', "Expect": "100-continue", "Content-Length": "9",
                                                           "Prefer": "return=representation", "Range": "bytes=0-1"}))
            got = conn.read("PUT")
            eq((got.status, got.interim), (412, []))
            ok(got.body == content, "all of it")
            if got.closes:
                break


@obliges("CND-29", "CND-51")
def test_of_nothing_there_is_no_current_representation(server):
    for fields in ({"If-Match": "*"}, {"If-Match": '"x"'}):
        got = server.put("/prefer-none.txt", b"x", dict(fields, Prefer="return=representation"))
        eq(got.status, 412)
        lacks(got.fields.names(), "content-location")
    ok(not server.exists("prefer-none.txt"), "nothing was made")


def test_without_the_preference_a_412_explains_itself(server):
    for fields in ({}, {"Prefer": "return=minimal"}, {"Prefer": "x=\"return=representation\""}):
        got = server.put("/a.txt", b"x", dict(fields, **{"If-Match": '"x"'}))
        eq(got.status, 412)
        ne(got.body, b"the content")
        lacks(got.fields.names(), "last-modified")


def test_a_body_behind_a_412_is_not_taken_for_a_request(server):
    inner = head_of("DELETE", "/a.txt")
    with server.connect() as conn:
        conn.send(message_of("PUT", "/a.txt", {"If-Match": '"x"'}, inner))
        got = conn.read("PUT")
        eq(got.status, 412)
        if not got.closes:
            eq(conn.ask("GET", "/a.txt").body, b"the content")
    ok(server.exists("a.txt"), "it is there")
