"""Bases obey the rights and the legal demands of their resource; hostile requests stay within bounds."""

import os
import random
import signal

import deltas
from test_im import CONTENTS, ask, is_226, is_whole, put, put_all
from wire import cases, eq, lacks, obliges, own_server, wait_for

DEMAND = 'demand "order" { paths = { "/doc.txt" } }\n'


def demand(server, text):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(text)


KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  demands = "{tmp}/register"
  at "/drop" { allow "*" { rights = { "write", "create" } } }
  at "/ahead" { delta-ahead = on }
}
"""


def open_register(server):
    demand(server, "")
    for name in ("drop", "ahead"):
        os.mkdir(server.path(name))


@own_server(config=KEEPS, before=open_register)
def test_who_may_not_read_gets_no_difference(server):
    tags = [server.put("/drop/doc.txt", content).fields.get("ETag") for content in CONTENTS]
    got = ask(server, tags[0] or '"x"', "vcdiff", path="/drop/doc.txt")
    eq(got.status, 403)
    lacks(got.fields, "Delta-Base")


@own_server(config=KEEPS, before=open_register)
def test_a_legal_demand_closes_the_bases_too(server):
    tags = put_all(server)
    is_226(ask(server, tags[0], "vcdiff"))
    demand(server, DEMAND)
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.get("/doc.txt").status == 451, "the register is read")
    for tag in tags:
        got = ask(server, tag, "vcdiff, gzip, feed")
        eq(got.status, 451)
        lacks(got.fields, "IM")
    demand(server, "")
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.get("/doc.txt").status == 200, "and again")
    is_226(ask(server, tags[0], "vcdiff"))


@own_server(config=KEEPS, before=open_register)
@obliges("DLT-33")
def test_what_takes_a_deleted_file_s_place_shows_nothing_of_it(server):
    tags = put_all(server)
    eq(server.delete("/doc.txt").status, 204)
    put(server, "/new.txt", CONTENTS[0])
    eq(server.request("MOVE", "/new.txt", {"Destination": "/doc.txt"}).status, 201)
    for tag in tags:
        is_whole(ask(server, tag, "vcdiff, gdiff"), CONTENTS[0])


@own_server(config=KEEPS, before=open_register)
def test_very_many_tags_and_manipulations(server):
    tags = put_all(server)
    many = ", ".join('"no-such-tag-%d"' % i for i in range(200))
    is_whole(ask(server, many, "vcdiff"), CONTENTS[2])
    got = ask(server, tags[0], ", ".join("x-%d;a=b" % i for i in range(500)) + ", vcdiff")
    eq(deltas.vcdiff(is_226(got, "vcdiff").body, CONTENTS[0]), CONTENTS[2])


@own_server(config=KEEPS, before=open_register)
def test_nothing_stays_open_after_them(server):
    pick = random.Random(3)
    large = [pick.randbytes(300000) for _ in range(2)]
    tags = put_all(server) + put_all(server, "/large", [large[0], large[1] + large[0]])
    is_226(ask(server, tags[3], "gdiff", path="/large"))
    before = len(server.fds())
    for i in range(20):
        is_226(ask(server, [tags[1], tags[0]], "vcdiff, gdiff;q=0.%d, gzip" % (i % 9 + 1)))
        is_226(ask(server, tags[3], "vcdiff, range", path="/large", Range="bytes=%d-%d" % (i, 90000 + i)))
        is_226(ask(server, tags[0], "range, gdiff", Range="bytes=1000-30999"))
        ask(server, tags[3], "vcdiff, gzip, identity;q=0, range", path="/large", Range="bytes=900000-")
    wait_for(lambda: len(server.fds()) <= before + 1, "no descriptor stays open: %s" % server.fds())


@own_server(config=KEEPS, before=open_register)
def test_a_delta_may_be_made_before_it_is_asked_for(server):
    tags = put_all(server, "/ahead/a.txt", CONTENTS[:2])
    wait_for(lambda: len(server.names(".samovar/derived")) == 1, "the delta was made")
    name = server.names(".samovar/derived")
    got = is_226(ask(server, tags[0], "vcdiff", path="/ahead/a.txt"), "vcdiff")
    eq(deltas.vcdiff(got.body, CONTENTS[0]), CONTENTS[1])
    eq(server.names(".samovar/derived"), name)
    put_all(server, "/plain.txt", CONTENTS[:2])
    eq(server.names(".samovar/derived"), name)


@own_server(config=KEEPS, before=open_register)
def test_what_is_made_of_a_stretch_is_not_kept(server):
    tags = put_all(server)
    for i in range(5):
        is_226(ask(server, tags[0], "range, gzip, vcdiff;q=0", Range="bytes=%d-20000" % i), "range, gzip")
        is_226(ask(server, tags[0], "range, gdiff", Range="bytes=%d-30999" % i), "range, gdiff")
    eq(server.names(".samovar/derived"), [])


@own_server(config=KEEPS, before=open_register)
@cases(("emptied", b""), ("torn", None), ("longer", b"\xd6\xc3\xc4\0\0" * 1000))
def test_a_cache_that_somebody_spoilt(server, content):
    """Nothing is promised of what others write there; the server goes on, and removing it mends it."""
    tags = put_all(server)
    whole = is_226(ask(server, tags[0], "vcdiff")).body
    [name] = server.names(".samovar/derived")
    path = server.path(".samovar/derived/" + name)
    with open(path, "wb") as out:
        out.write(whole[:len(whole) // 2] if content is None else content)
    eq(ask(server, tags[0], "vcdiff").status, 226)
    os.unlink(path)
    eq(is_226(ask(server, tags[0], "vcdiff")).body, whole)
