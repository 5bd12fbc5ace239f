"""A crowd of bad clients takes nothing from a good one, and leaves nothing behind.

SLACK_KIB is what the server's memory may have grown by: the C library keeps freed pieces, the caches fill.
"""

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter

from fault import settle
from wire import Connection, STRETCH, eq, ok, own_server, time_limit, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
STREAMS, READERS, WRITERS, GETS = 10000, 1000, 1000, 1000
SLACK_KIB = 6 * 1024
LANES = {"quick": 8, "slow": 4, "commit": 32}  # as the server has them by default


class Crowd:
    def __init__(self, server, kind, count):
        command = [sys.executable, os.path.join(HERE, "crowd.py"), kind, str(server.port), str(count),
                   str(random.randrange(1 << 30))]
        self.what = "%s of seed %s" % (kind, command[-1])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_ready(self):
        eq(self.process.stdout.readline(), "ready\n", self.what)

    def is_done(self):
        return self.process.poll() is not None

    def end(self):
        """Tells it to stop; gives how many were still there, or how many streams were sent."""
        said = self.process.communicate(input="\n", timeout=60 * STRETCH)[0]
        match = re.match(r"done (\d+)", said)
        ok(match, "%s came to its end: %r" % (self.what, said))
        return int(match.group(1))

    def kill(self):
        self.process.kill()
        self.process.wait()


def lay_out(server):
    server.write("small.txt", b"small " * 50)
    server.write("mid.bin", os.urandom(90000))
    server.write("big.bin", os.urandom(1 << 20) * 8)
    for number in range(20):
        server.write("file-%d.txt" % number, b"%d " % number * 300)


def good_client(server, count):
    """GETs, each judged by status, length and content, some on a new connection."""
    holds = {name: server.read(name) for name in server.names() if is_asked_for(name)}
    chance, slowest = random.Random(1), 0.0
    conn = Connection(server.addresses[0], [], server.host)
    for number in range(count):
        if number % 10 == 9:
            conn.close()
            conn = Connection(server.addresses[0], [], server.host)
        name = chance.choice(sorted(holds))
        began = time.monotonic()
        got = conn.ask("GET", "/" + name)
        slowest = max(slowest, time.monotonic() - began)
        eq(got.status, 200, "GET %s, the %d. of the good client" % (name, number))
        eq(int(got.fields["Content-Length"]), len(holds[name]), "its length")
        ok(got.body == holds[name], "its content is right")
    conn.close()
    return slowest


def threads_by_lane(server):
    out = {}
    for name in server.threads():
        out[name] = out.get(name, 0) + 1
    return out


def check_threads(server, before):
    """No more threads than a lane may have; and none of a kind that was not there."""
    for name, count in threads_by_lane(server).items():
        most = LANES.get(name, before.get(name, 1))
        ok(count <= most, "%d threads %s, at most %d: %s" % (count, name, most, threads_by_lane(server)))


def play(server, streams, readers, writers, gets):
    crowds = []
    try:
        for kind, count in (("readers", readers), ("writers", writers)):
            crowds.append(Crowd(server, kind, count))
            crowds[-1].wait_ready()
        crowds.append(Crowd(server, "noise", streams))
        crowds[-1].wait_ready()
        done = 0
        while done < gets or not crowds[-1].is_done():
            good_client(server, 100)
            done += 100
        check_threads(server, threads_by_lane(server))
        held = len(server.fds())
        alive = [crowd.end() for crowd in crowds]
    finally:
        for crowd in crowds:
            crowd.kill()
    return alive, held


@time_limit(90)
@own_server(before=lay_out)
def test_bad_clients_take_nothing_from_a_good_one_and_leave_nothing_behind(server):
    play(server, 300, 60, 60, 200)
    good_client(server, 60)
    fds, rss, threads = rest(server), server.rss_kib(), threads_by_lane(server)
    alive, held = play(server, STREAMS, READERS, WRITERS, GETS)
    ok(held >= READERS, "slow clients were connected: the server had %d descriptors" % held)
    ok(alive[0] >= READERS * 0.9 and alive[1] >= WRITERS * 0.9, "slow clients were served to the end: %s" % alive)
    eq(alive[2], STREAMS, "streams of noise")
    eq(list((Counter(rest(server)) - Counter(fds)).elements()), [], "descriptors that were not there before")
    wait_for(lambda: server.rss_kib() <= rss + SLACK_KIB or STRETCH > 1,  # a sanitizer keeps what was freed
             "the memory of before, %d KiB, and %d" % (rss, SLACK_KIB))
    check_threads(server, threads)
    good_client(server, 100)


def kept(server):
    """Open descriptors but for those of the hot cache, which holds one of each file that the good client asks for in each loop."""
    hot = [server.path(name) for name in server.names() if is_asked_for(name)]
    loops = sum(name.startswith("loop-") for name in server.threads())
    fds = server.fds()
    for name in hot:
        ok(fds.count(name) <= 2 * loops, "%d descriptors of %s for %d loops" % (fds.count(name), name, loops))
    return [re.sub(r"\d+", "N", fd) for fd in fds if fd not in hot]


def is_asked_for(name):
    return name.startswith(("small", "mid", "file-"))


def rest(server):
    """Waits until no connection is left; gives the descriptors."""
    wait_for(lambda: server.exists(".samovar/control"), "the control socket, which is made after the first need of a state folder", 15)
    wait_for(lambda: sum(fd.startswith("socket:") for fd in server.fds()) <= len(server.addresses) * 4, "all connections are closed")
    return settle(server) and kept(server)
