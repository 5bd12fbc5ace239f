"""Signals that come faster than they are worked off."""

import signal

from hot import HOT_LINE, loops
from wire import eq, head_of, ok, wait_for

FILES = {"a.txt": b"a"}


def test_reports_asked_for_faster_than_loops_give_them(server):
    with server.connect() as conn:
        for _ in range(100):
            conn.send(head_of("GET", "/a.txt") * 20)
            for _ in range(20):
                server.signal(signal.SIGUSR1)
            for _ in range(20):
                eq(conn.read().body, b"a")
    ok(len(wait_for(lambda: HOT_LINE.findall(server.stderr()), "a report")) >= loops(server), "a line of each loop")


def test_reloads_faster_than_loops_take_them(server):
    with server.connect() as conn:
        for _ in range(30):
            conn.send(head_of("GET", "/a.txt") * 5)
            for _ in range(5):
                server.signal(signal.SIGHUP)
            for _ in range(5):
                eq(conn.read().body, b"a")
