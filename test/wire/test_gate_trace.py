"""docs/spec/README.md: what --trace gate prints is the one order of checks, with what each of them said."""

import re

from wire import eq, own_server, wait_for

ARRIVAL = ["limit", "host", "origin"]
BEFORE = ["public-demand", "public-moved"]
AFTER = ["rights", "user-limit", "hidden", "demand", "moved", "extension", "destination"]


def said(server):
    """[(gate, verdict)] of the last request."""
    lines = re.findall(r"gate +#(\d+) ([a-z-]+): (.*)", server.stderr())
    return [(gate, verdict.strip()) for request, gate, verdict in lines if request == lines[-1][0]]


@own_server("--trace", "gate", files={"a": b"a"})
def test_who_is_served_passed_all(server):
    eq(server.get("/a", {"If-None-Match": '"another"'}).status, 200)
    wait_for(lambda: said(server), "it is printed")
    eq(said(server), [(gate, "goes on") for gate in ARRIVAL + BEFORE + AFTER])


@own_server("--trace", "gate", "--user", "ann:secret", files={"a": b"a"})
def test_who_is_refused_passed_those_before(server):
    eq(server.get("/a").status, 401)
    gates = wait_for(lambda: said(server), "it is printed")
    eq([gate for gate, _ in gates], ARRIVAL + BEFORE + ["rights"])
    eq(gates[-1][1][:4], "401 ")
