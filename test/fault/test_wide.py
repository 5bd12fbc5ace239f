"""Folders that are wide, deep or large: what they cost in memory and time, and clients that leave in the midst of them.

PROPFIND of 100 000 entries keeps within 8 MiB (`make soak`: of a million); DELETE and MOVE are one rename whatever is below; who leaves
stops the work for it, and a COPY that was left has made nothing.
"""

import http.client
import os
import time

import fault
from dav import D, multistatus, prop_body, propfind
from wire import STRETCH, eq, head_of, ok, only_over, own_server, time_limit, wait_for

COUNT = int(os.environ.get("ENTRIES", "100000"))
GROWTH_KIB = 8 << 10
FOLDERS = 100
BODY = prop_body(D + "getetag", D + "getcontentlength", D + "resourcetype", D + "getlastmodified")


def fill(server):
    """COUNT empty files in /wide/, and as many in the folders of /many/."""
    for folder, names in [("wide", COUNT)] + [("many/%d" % number, COUNT // FOLDERS) for number in range(FOLDERS)]:
        os.makedirs(server.path(folder))
        fd = os.open(server.path(folder), os.O_RDONLY)
        for number in range(names):
            os.mknod("entry-%07d" % number, 0o644, dir_fd=fd)
        os.close(fd)


def walked(server, target, depth):
    """How many responses came, counted piece by piece: the strict reader would take minutes for so much."""
    conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    conn.request("PROPFIND", target, BODY, {"Depth": depth, "Content-Type": "application/xml"})
    got, count, tail = conn.getresponse(), 0, b""
    eq(got.status, 207)
    while piece := got.read(1 << 16):
        count += (tail[-11:] + piece).count(b"<D:response>")
        tail = tail[-40:] + piece
    conn.close()
    ok(tail.rstrip().endswith(b"</D:multistatus>"), "it came whole: %r" % tail[-40:])
    return count


def peak_kib(server):
    with open(server.proc("status"), encoding="ascii", errors="replace") as file:
        return int([line for line in file if line.startswith("VmHWM:")][0].split()[1])


def forget_peak(server):
    with open(server.proc("clear_refs"), "w", encoding="ascii") as file:
        file.write("5")


@only_over("h1", why="a reader of its own")
@time_limit(120 + COUNT // 2000)
@own_server(before=fill)
def test_wide_and_deep_propfinds_take_no_memory_and_trees_go_at_once(server):
    eq(propfind(server, "/", depth="1").status, 207)
    eq(propfind(server, "/many/0/", BODY, depth="1").status, 207)
    is_measured = not os.environ.get("SANITIZER")
    for target, depth, want in (("/wide/", "1", COUNT + 1), ("/many/", "infinity", COUNT + FOLDERS + 1), ("/wide/", "1", COUNT + 1)):
        before = server.rss_kib()
        forget_peak(server)
        eq(walked(server, target, depth), want, "responses of %s" % target)
        ok(not is_measured or peak_kib(server) - before <= GROWTH_KIB,
           "%s with depth %s took %d KiB" % (target, depth, peak_kib(server) - before))
    for method, target, fields in (("MOVE", "/many/", {"Destination": "/moved/"}), ("MOVE", "/wide/", {"Destination": "/moved/wide/"}),
                                   ("DELETE", "/moved/", {})):
        begun = time.monotonic()
        got = server.request(method, target, fields)
        ok(got.status in (201, 204), "%s %s: %s" % (method, target, got))
        ok(time.monotonic() - begun < 2 * STRETCH, "%s of %d files took %.1f s" % (method, COUNT, time.monotonic() - begun))
    eq(server.names(), [])


@time_limit(120)
@own_server(before=lambda server: [server.write("tree/%d/%d" % (one, two), b"x" * 20000) for one in range(8) for two in range(40)])
def test_clients_that_leave_a_walk_or_a_copy_take_nothing_with_them(server):
    eq(server.put("/warm", b"w").status, 201)
    eq(server.delete("/warm").status, 204)
    for status in (201, 204):  # over something: then there are records, which stay open
        eq(server.request("COPY", "/tree/", {"Destination": "/copy-0/"}).status, status)

    def leave(count):
        for number in range(count):
            conn = server.connect()
            if number % 2:
                conn.send(head_of("PROPFIND", "/", {"Depth": "infinity"}))
            else:
                conn.send(head_of("COPY", "/tree/", {"Destination": "/copy-%d/" % number}))
            if number % 4 == 1:
                conn.fill()
            conn.reset()
            if number % 10 == 9:
                fault.settle(server)

    def files():
        """Descriptors of files and folders; the control sockets come when they come."""
        return len([one for one in server.fds() if server.root in one])

    def is_settled():
        return server.connections() == 0 and files() <= held and not fault.left_in(server, "up") and not fault.left_in(server, "trash")

    leave(8)
    fault.settle(server)
    wait_for(lambda: server.connections() == 0, "all have left", 20)
    held, memory = files(), server.rss_kib()
    leave(32)
    wait_for(is_settled, "nothing is open and nothing is left in up/ or trash/", 30)
    ok(server.rss_kib() <= memory + 8192, "memory: %d KiB, then %d" % (memory, server.rss_kib()))
    for name in server.names():  # a copy appears whole or not at all
        eq(len(server.names(name)), 8, name)
        eq({len(server.names("%s/%s" % (name, folder))) for folder in server.names(name)}, {40}, name)


DEPTH_MOST = 600


def deepen(server):
    fd = os.open(server.root, os.O_RDONLY)
    for _ in range(DEPTH_MOST):
        os.mkdir("d", dir_fd=fd)
        below = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


@time_limit(90)
@own_server(before=deepen)
def test_a_tree_of_600_levels_is_walked_copied_moved_and_deleted(server):
    found = multistatus(propfind(server, "/", BODY, depth="infinity"))
    ok("/" + "d/" * DEPTH_MOST + "leaf" in found, "the leaf is told: %d responses" % len(found))
    eq(server.request("COPY", "/d/", {"Destination": "/copy/"}).status, 201)
    eq(server.request("MOVE", "/copy/", {"Destination": "/moved/"}).status, 201)
    eq(len(multistatus(propfind(server, "/moved/", BODY, depth="infinity"))), DEPTH_MOST + 1)
    for name in ("/moved/", "/d/"):
        eq(server.delete(name).status, 204)
    eq(server.names(), [])
    wait_for(lambda: not fault.left_in(server, "trash"), "the trash is emptied", 30)
