"""samovar survey against other servers of Debian: the table of README.md, as survey_peers.txt has it."""

import os

from peers import PEERS, peer
from surveyed import CODES, hints, survey
from wire import cases, eq, time_limit

ONLY_OVER = (("h1",), "the servers here are not ours")
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "survey_peers.txt")
FILES = {"text.txt": b"".join(b"row %04d of a text\n" % number for number in range(200))}
MARKS = {"earned": "+", "wrong": "x", "not offered": "-", "cannot tell": "?"}


def expected():
    """{(peer, code): mark} of the table."""
    with open(TABLE, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    names = lines[0][1:]
    return {(name, int(line[0])): mark for line in lines[1:] for name, mark in zip(names, line[1:])}


@time_limit(180)
@cases(*((name, name) for name in PEERS))
def test_the_table_is_what_is_found(server, name):
    wanted = expected()
    with peer(name, FILES) as url:
        found = survey("--write", "--wait", "4", url + "/", seconds=120)
    got = {code: MARKS[found[code][0]] for code in CODES}
    eq({code: (got[code], found[code]) for code in CODES if got[code] != wanted[name, code]}, {}, "other than in survey_peers.txt")


@time_limit(60)
def test_a_rule_of_nginx_is_found_by_a_hint(server):
    with peer("nginx", FILES) as url:
        found = survey("--only", "308", "--hints", hints(server.tmp, {"code": 308, "path": "/moved/text.txt"}), url + "/", seconds=40)
    eq(found[308][:2], ("wrong", ["POL-07"]), "all methods get it, and the page has no link")
