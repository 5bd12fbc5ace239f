"""A-IM: feed: a newsreader gets what is new in a feed (docs/spec/delta.md section 6)."""

import xml.etree.ElementTree as ET

import deltas
from test_im import KEEPS, ask, is_226, is_whole, put
from wire import cases, contains, eq, lacks, obliges, ok, own_server

ATOM = "{http://www.w3.org/2005/Atom}"
ROLLING = KEEPS.replace("  history = 5\n", "  history = 5\n  feeds = rolling\n")


def atom(entries, title="News", updated="2026-11-22T10:00:00Z"):
    text = "".join("<entry><id>urn:e:%s</id><title>%s</title><updated>2026-11-22T10:00:00Z</updated>"
                   "<content>%s</content></entry>\n" % (key, value, "words " * 40) for key, value in entries)
    return ('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id>'
            "<title>%s</title><updated>%s</updated>\n%s</feed>\n" % (title, updated, text)).encode()


def rss(entries):
    text = "".join("<item><guid>%s</guid><title>%s</title><description>%s</description></item>\n"
                   % (key, value, "words " * 40) for key, value in entries)
    return ('<?xml version="1.0"?>\n<rss version="2.0"><channel><title>News</title><link>http://h/</link>'
            "<description>d</description>\n%s</channel></rss>\n" % text).encode()


def entries_of(body):
    """(id, title) of each, and the head's elements."""
    root = ET.fromstring(body)
    if root.tag == ATOM + "feed":
        found = [(entry.find(ATOM + "id").text.split(":")[-1], entry.find(ATOM + "title").text)
                 for entry in root.findall(ATOM + "entry")]
        return found, [ET.tostring(part) for part in root if part.tag != ATOM + "entry"]
    channel = root.find("channel")
    found = [(item.find("guid").text, item.find("title").text) for item in channel.findall("item")]
    return found, [ET.tostring(part) for part in channel if part.tag != "item"]


OLD = [(str(i), "Entry %d" % i) for i in range(9, 0, -1)]
NEW = [("11", "Entry 11"), ("10", "Entry 10")] + [OLD[0]] + [("8", "Entry 8, corrected")] + OLD[2:]


@own_server(config=KEEPS)
@obliges("DLT-61", "DLT-62")
@cases(("atom", atom, "/feed.atom"), ("rss", rss, "/feed.rss"))
def test_a_reader_gets_what_is_new_or_changed(server, make, path):
    tag = put(server, path, make(OLD))
    now = put(server, path, make(NEW))
    got = is_226(ask(server, tag, "feed", path=path), "feed")
    found, head = entries_of(got.body)
    eq(found, [("11", "Entry 11"), ("10", "Entry 10"), ("8", "Entry 8, corrected")])
    eq(head, entries_of(make(NEW))[1])
    eq(got.etag, now)
    eq(got.fields["Content-Type"], server.get(path).fields["Content-Type"])
    ok({"a-im", "if-none-match"} <= set(got.fields.words("Vary")), got.fields["Vary"])


@own_server(config=KEEPS)
@obliges("DLT-61")
def test_it_may_be_compressed(server):
    tag = put(server, "/feed.atom", atom(OLD))
    put(server, "/feed.atom", atom(NEW))
    got = is_226(ask(server, tag, "feed, gzip", path="/feed.atom"), "feed, gzip")
    eq(len(entries_of(deltas.undo("gzip", got.body))[0]), 3)


@own_server(config=KEEPS)
@obliges("DLT-63")
def test_nothing_new_but_the_head(server):
    tag = put(server, "/feed.atom", atom(OLD))
    put(server, "/feed.atom", atom(OLD, updated="2026-11-22T11:00:00Z"))
    got = is_226(ask(server, tag, "feed", path="/feed.atom"), "feed")
    eq(entries_of(got.body)[0], [])
    contains(got.body, b"11:00:00Z")
    eq(ask(server, got.etag, "feed", path="/feed.atom").status, 304)


@own_server(config=KEEPS)
@obliges("DLT-64")
@cases(("text", b"line\n" * 500, b"line\n" * 501), ("html", b"<html><body>" + b"<p>x</p>" * 200, b"<html><body>"),
       ("broken", b"<rss><channel>", b"<rss><channel><item>" + b"x" * 500))
def test_what_is_no_feed_is_sent_whole(server, old, new):
    tag = put(server, "/feed.xml", old)
    put(server, "/feed.xml", new)
    is_whole(ask(server, tag, "feed", path="/feed.xml"), new)


@own_server(config=KEEPS)
@obliges("DLT-65")
@cases(("one_in_the_middle", OLD[:4] + OLD[5:]), ("the_last_one", [("10", "Entry 10")] + OLD[:-1]),
       ("all_but_one", OLD[:1]))
def test_a_feed_that_lost_entries_is_sent_whole(server, now):
    tag = put(server, "/feed.atom", atom(OLD))
    put(server, "/feed.atom", atom(now))
    is_whole(ask(server, tag, "feed", path="/feed.atom"), atom(now))


@own_server(config=ROLLING)
def test_a_rolling_feed_may_lose_its_oldest(server):
    tag = put(server, "/feed.atom", atom(OLD))
    put(server, "/feed.atom", atom([("10", "Entry 10")] + OLD[:-1]))
    eq(entries_of(is_226(ask(server, tag, "feed", path="/feed.atom"), "feed").body)[0], [("10", "Entry 10")])
    put(server, "/feed.atom", atom([("10", "Entry 10")] + OLD[:3] + OLD[4:]))
    eq(ask(server, tag, "feed", path="/feed.atom").status, 200)


@own_server(config=KEEPS)
@cases(("newsboat", "feed"), ("two_kinds", "feed, vcdiff"), ("weights", "vcdiff;q=0.5, feed"))
def test_as_newsreaders_ask(server, im):
    tag = put(server, "/feed.rss", rss(OLD))
    put(server, "/feed.rss", rss(NEW))
    got = is_226(ask(server, tag, im, path="/feed.rss", If_Modified_Since="Sun, 22 Nov 2026 10:00:00 GMT"), "feed")
    eq(len(entries_of(got.body)[0]), 3)
    lacks(ask(server, None, im, path="/feed.rss").fields, "IM")
