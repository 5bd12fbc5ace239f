"""The lines by which samovar survey shows what is wrong: pasted into a shell, they show it once more."""

import json
import re
import subprocess

from peers import PEERS, peer
from program import ended
from wire import cases, eq, needs, ok, time_limit

ONLY_OVER = (("h1",), "the servers here are not ours")
FILES = {"text.txt": b"".join(b"row %04d of a text\n" % number for number in range(200))}


def faults_of(url):
    """(code, fault) of each, as JSON has it."""
    needs("jwt-keys")  # it is that library which writes JSON
    _, out, _ = ended("survey", "--json", "--write", "--wait", "4", url, seconds=120)
    return [(row["code"], fault) for row in json.loads(out)["services"][0]["codes"] for fault in row["faults"]]


def last_status(printed):
    """Of all answers whose heads were printed, but for interim ones."""
    found = [int(at) for at in re.findall(rb"^HTTP/[\d.]+ (\d+)", printed, re.MULTILINE)]
    ok(found, "an answer: %r" % printed[:300])
    return found[-1]


def names_in(url):
    """What the server's folder has in it, as it lists it."""
    done = subprocess.run(["curl", "-s", "-X", "PROPFIND", "-H", "Depth: 1", url], stdout=subprocess.PIPE, timeout=20, check=True)
    return sorted(set(re.findall(rb"href>([^<]*)<", done.stdout)))


@time_limit(240)
@cases(*((name, name) for name in PEERS))
def test_each_line_shows_what_the_verdict_says(server, name):
    with peer(name, FILES) as url:
        found = faults_of(url + "/")
        ok(found, "something is wrong with it")
        before = names_in(url + "/")
        for code, fault in found:
            for _ in range(2):
                done = subprocess.run(["sh", "-uc", fault["curl"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, cwd=server.tmp,
                                      check=False)
                eq(done.stderr, b"", "what %s says of %d: %s" % (name, code, fault["curl"]))
                eq(last_status(done.stdout), fault["status"], "%s, %d, %s: %s" % (name, code, fault["sentence"], fault["curl"]))
        eq(names_in(url + "/"), before, "what the lines made is gone")
