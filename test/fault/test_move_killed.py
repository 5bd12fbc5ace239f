"""kill -9 at each rename of a MOVE over something: whatever stands where, each content has the properties that it had.

strace kills the server as it enters the k-th rename, which is not made then; so what lies between the records and the names is met
every time, and not once in a thousand kills.
"""

import os

from dav import props_of, proppatch, set_of
from fault import Strace, left_in
from wire import Closed, cases, eq, fail, ok, one_of, own_server, time_limit, wait_for

P = '<z xmlns="urn:z">%s</z>'
RENAMES = 6  # more than a MOVE makes


def killed_at(server, number, source, target):
    """The answer if there was one: the MOVE makes fewer renames than that."""
    kill = ("-e", "trace=renameat,renameat2,rename", "-e", "inject=renameat,renameat2,rename:error=EIO:signal=KILL:when=%d" % number)
    with Strace(server, *kill), server.connect() as conn:
        try:
            return conn.ask("MOVE", source, {"Destination": target, "Overwrite": "T"})
        except (Closed, ConnectionError):
            return None


def give(server, path, value):
    eq(proppatch(server, path, set_of(P % value)).status, 207)


def prop_of(server, path):
    answer = props_of(server, path, "{urn:z}z")
    return answer.text("{urn:z}z") if answer.names() else None


def mark_of(server, path):
    """Which of the two stands there: its content, or of a folder its member's."""
    for name in (path[1:], path[1:] + "/member"):
        if os.path.isfile(server.path(name)):
            return server.read(name).decode()
    return None


def lay(server, path, kind, by, value):
    content, name = value.encode(), path[1:] + ("/member" if kind == "folder" else "")
    if by == "others":
        server.write(name, content)
    else:
        if kind == "folder":
            eq(server.request("MKCOL", path + "/").status, 201)
        eq(server.put("/" + name, content).status, 201)
    if by == "with properties":
        give(server, path, value)


@time_limit(240)
@own_server()
@cases(*((kind + ", " + by, kind, by) for kind in ("file", "folder") for by in ("others", "ours", "with properties")))
def test_a_kill_amid_a_move_leaves_each_with_its_own(server, kind, by):
    for number in range(1, RENAMES + 1):
        name = "%s-%s-%d" % (kind[:2], by[:2], number)
        source, target = "/%s-from" % name, "/%s-to" % name
        lay(server, source, kind, "with properties", "winner")
        lay(server, target, kind, by, "loser")
        got = killed_at(server, number, source, target)
        if got is None:
            wait_for(lambda: not server.is_running(), "the server is gone")
            server.kill()
            server.start()
        has = {"winner": "winner", "loser": "loser" if by == "with properties" else None, None: None}
        there = mark_of(server, source), mark_of(server, target)
        one_of(there, [("winner", "loser"), (None, "winner")], "after rename %d: what stands at both names" % number)
        for path, mark in ((target, there[1]), (source, there[0])):  # the other way round the look at the source would mend it
            if mark:
                eq(prop_of(server, path), has[mark], "rename %d: the property of %s, where %s stands" % (number, path, mark))
        wait_for(lambda: not left_in(server, "up") and not left_in(server, "trash"), "nothing is left")
        if got is not None:
            eq(got.status, 204)
            ok(number > 1, "the first rename was met")
            return
    fail("a MOVE makes more renames than %d" % RENAMES)
