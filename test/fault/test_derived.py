"""What is made of contents and kept (226, dcz): power cuts, a full disk, a server that takes over, a folder that cannot be written."""

import os
import random
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../wire"))

import deltas
from powercut import cut_power, mount, plug_in, unplug
from wire import eq, ok, own_server, time_limit, wait_for

FIRST = b"".join(b"line %d of a text that is long enough: %s\n" % (i, b"abc"[:i % 4]) for i in range(5000))
SECOND = FIRST[:90000] + random.Random(5).randbytes(50000) + FIRST[100000:]


def put_both(server, path):
    """The tag of the first, which is an earlier content then."""
    tag = server.put(path, FIRST).etag
    eq(server.put(path, SECOND).status, 204)
    return tag


def is_right(server, path, tag, im="gdiff"):
    got = server.get(path, {"A-IM": im, "If-None-Match": tag})
    if got.status == 226:
        ok(getattr(deltas, im)(got.body, FIRST) == SECOND, "the delta of %d octets makes the content" % len(got.body))
    else:
        ok(got.status == 200 and got.body == SECOND, "or the whole comes: %d" % got.status)
    return got.status


def forms(server):
    return [name for name in server.names(".samovar/derived") if len(name) == 64]


def own_disk(server):
    plug_in(server, 1)


@time_limit(60)
@own_server("--history", "5", before=own_disk)
def test_a_power_cut_leaves_no_form_in_halves(server):
    try:
        tags = {}
        for i in range(3):
            tags["/d0/%d" % i] = put_both(server, "/d0/%d" % i)
            eq(is_right(server, "/d0/%d" % i, tags["/d0/%d" % i]), 226)
        server.put("/d0/last", b"what is waited for, so that the log is written up to here")
        eq(len(forms(server)), 3)
        cut_power(server)
        server.kill()
        unplug(server)
        eq(mount(server), (0, ""), "mounting after the cut")
        server.start()
        got = [is_right(server, path, tag) for path, tag in tags.items()]  # a newest earlier content may be lost: 200
        ok(226 in got, "there are deltas again")
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)
