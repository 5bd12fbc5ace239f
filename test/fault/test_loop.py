"""No system call of a loop thread waits for the disk: strace watches a mixed load and every call of a loop is judged.

The list below is what a loop may do. On a regular file that is sendfile, right after cachestat found the stretch in memory,
preadv2 with RWF_NOWAIT, and fstat of an open inode. On anything else it never waits, as all its descriptors are sockets, pipes of its own and queues.
"""

import os
import re
import signal

from dav import XML, lock_of, unlock
from fault import Strace, make_cold, settle, thread_names
from wire import eq, fail, head_of, message_of, ok, one_of, own_server, time_limit, wait_for

MIB = 1 << 20

# What never waits for a disk whatever its arguments: sockets, waiting for events, memory, clocks, signals, threads.
FREE = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl", "recvfrom", "recvmsg", "sendto", "sendmsg", "accept4", "accept",
        "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername", "bind", "listen", "socket",
        "futex", "clone", "clone3", "mmap", "munmap", "mprotect", "madvise", "brk", "mremap", "rt_sigprocmask", "rt_sigaction",
        "sigaltstack", "rseq", "set_robust_list", "sched_yield", "sched_getaffinity", "getpid", "gettid", "getrandom",
        "clock_gettime", "clock_nanosleep", "gettimeofday", "prctl", "exit", "restart_syscall", "inotify_rm_watch",
        "membarrier", "tgkill", "rt_sigreturn", "cachestat", "syscall_0x1c3"}
# What is free on a socket or a queue of the kernel's, and on nothing else.
ON_NO_FILE = {"read", "write", "readv", "writev", "close", "fcntl", "ioctl", "fstat", "newfstatat", "statx"}
NO_FILE = re.compile(r"^\d+<(socket|pipe|anon_inode|TCP|UNIX|TCPv6|UNIX-STREAM|UDP):?\[?")
FD = re.compile(r"^(\d+)<")
CACHESTAT = ("cachestat", "syscall_0x1c3")


def judge(name, text, before):
    """None, or what is wrong with this call of a loop thread."""
    if name == "sendfile":
        into, file = text.split(", ")[:2]
        want = re.match(r"(\d+)<", file)
        have = before and before[0] in CACHESTAT and re.match(r"(0x[0-9a-f]+|\d+)", before[1])
        if not NO_FILE.match(into):
            return "sendfile into something that is no socket"
        if not want or not have or int(want.group(1)) != int(have.group(1), 0) or not before[1].rstrip().endswith("= 0"):
            return "sendfile without a look at the page cache just before"
        return None
    if name in FREE or (name == "preadv2" and "RWF_NOWAIT" in text):
        return None
    if name in ON_NO_FILE and NO_FILE.match(text):
        return None
    if name in ("fstat", "newfstatat") and FD.match(text):
        if name == "fstat" or text.split(", ")[1] == '""':
            return None  # an open inode's facts are in memory
    if name == "openat" and '"/proc/sys/vm/overcommit_memory"' in text or "</proc/sys/vm/overcommit_memory>" in text:
        return None  # the C library's allocator, once, when it gives memory back: no disk is behind it
    return "may wait for the disk"


def judged(trace, loops):
    wrong, before, seen = [], {}, {}
    for tid, name, text in trace.calls():
        if tid not in loops:
            continue
        seen[name] = seen.get(name, 0) + 1
        why = judge(name, text, before.get(tid))
        if why:
            wrong.append("%s: %s(%s: %s" % (loops[tid], name, text[:160], why))
        before[tid] = (name, text)
    return wrong, seen


def check_loops(server, load, must_have):
    names = thread_names(server)
    loops = {tid: name for tid, name in names.items() if name.startswith("loop-")}
    ok(loops, "there are loop threads among %s" % sorted(names.values()))
    with Strace(server, "-y", "-s", "40", "-e", "signal=none") as trace:
        load(server)
        settle(server)
    workers = [name for name in thread_names(server).values() if not name.startswith("loop-")]
    wrong, seen = judged(trace, loops)
    for call in must_have:
        ok(any(name in seen for name in call), "the load made a loop do %s (it did %s)" % ("/".join(call), seen))
    ok({"quick", "commit"} & set(workers), "workers were used: %s" % workers)
    if wrong:
        fail("%d calls of loop threads:\n%s" % (len(wrong), "\n".join(sorted(set(wrong))[:25])))


# ---- the load ---------------------------------------------------------------------------------------


def hot(server):
    with server.connect() as conn:
        for _ in range(12):
            eq(conn.ask("GET", "/hot.txt").status, 200)
        tag = conn.ask("GET", "/hot.txt").etag
        for _ in range(4):
            eq(conn.ask("GET", "/hot.txt", {"If-None-Match": tag}).status, 304)
            eq(conn.ask("HEAD", "/hot.txt").status, 200)
        for size in (1, 40):
            conn.send(message_of("GET", "/hot.txt") * size)
            for _ in range(size):
                eq(conn.read().status, 200)
    server.write("hot.txt", b"changed by others")
    eq(server.get("/hot.txt").body, b"changed by others")


def cold(server):
    for name in ("big.bin", "mid.bin", "small.bin"):
        make_cold(server.path(name))
        got = server.get("/" + name)
        eq((got.status, len(got.body)), (200, os.path.getsize(server.path(name))))
    for _ in range(4):  # now it is known, and its ranges are answered by the loop where they are in memory
        eq(server.get("/big.bin", {"Range": "bytes=100000-500000"}).status, 206)
        eq(len(server.get("/mid.bin").body), 500000)
    make_cold(server.path("big.bin"))
    for fields in ("bytes=1000000-4000000", "bytes=-100", "bytes=0-0", "bytes=0-99,5000000-5000099,9000000-9300000"):
        eq(server.get("/big.bin", {"Range": fields}).status, 206)
    eq(server.get("/big.bin", {"Range": "bytes=99999999999-"}).status, 416)
    eq(server.get("/missing").status, 404)


def leave(server):
    """Downloads and uploads that their clients give up, and one that is slow."""
    for name in ("/big.bin", "/mid.bin", "/", "/many/"):
        conn = server.connect()
        conn.send(head_of("GET", name))
        conn.fill()
        conn.reset()
    for fields in ({"Content-Length": "3000000"}, {"Transfer-Encoding": "chunked"}):
        conn = server.connect()
        conn.send(head_of("PUT", "/never.bin", fields))
        conn.send(b"20000\r\n" + b"x" * 0x20000 if "Transfer-Encoding" in fields else b"x" * 200000)
        conn.reset()
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.bin", {"Content-Length": "10", "Expect": "100-continue"}))
        conn.read_interim()
        conn.reset()
        conn.ended = True


def change(server):
    for name in ("new.txt", "new-chunked.bin"):
        for size in (0, 10, 300000):
            one_of(server.put("/" + name, b"v" * size).status, (201, 204))
            body = {"Transfer-Encoding": "chunked"}
            one_of(server.request("PUT", "/" + name, body, b"c" * size).status, (201, 204))
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expected.txt", {"Content-Length": "4", "Expect": "100-continue"}))
        conn.read_interim()
        conn.send("data")
        eq(conn.read("PUT").status, 201)
    with server.connect() as conn:
        conn.send(head_of("PUT", "/upload.bin", {"Content-Length": str(20 * MIB)}))
        for _ in range(20):
            conn.send(b"u" * MIB)
        eq(conn.read("PUT").status, 201)
    eq(server.put("/x.txt", b"x", {"If-Match": '"never"'}).status, 412)
    eq(server.put("/many", b"x").status, 405)
    eq(server.put("/no/such/folder", b"x").status, 409)
    for name in ("new.txt", "upload.bin", "expected.txt"):
        eq(server.delete("/" + name).status, 204)
    eq(server.delete("/new.txt").status, 404)


def list_all(server):
    for accept in ("text/html", "application/json"):
        for name in ("/", "/many/"):
            eq(server.get(name, {"Accept": accept}).status, 200)
    one_of(server.get("/many").status, (301, 307, 308))
    eq(server.head("/many/").status, 200)


def bad(server):
    for data in (b"GET / HTTP/3.7\r\n\r\n", b"\r\n\r\nNONSENSE\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
                 b"PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip\r\n\r\n"):
        conn = server.connect()
        conn.send(data)
        while conn.fill():
            pass
        conn.close()
    conn = server.connect()
    conn.send("GET /hot.txt HT")
    conn.reset()


def drive(server):
    """What WebDAV asks, the same twice, as the first time may leave something to be hot."""
    body = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z xmlns="urn:z">v</z></D:prop></D:set></D:propertyupdate>'
    for _ in range(2):
        for depth in ("0", "1", "infinity"):
            for _ in range(3):
                eq(server.request("PROPFIND", "/many/", {"Depth": depth}).status, 207)
        eq(server.request("MKCOL", "/made/").status, 201)
        eq(server.request("PROPPATCH", "/made/", XML, body).status, 207)
        token = lock_of(server, "/made/")
        eq(server.put("/made/locked", b"x").status, 423)
        unlock(server, "/made/", token)
        unlock(server, "/new-by-lock", lock_of(server, "/new-by-lock"))
        for method, target, into in (("COPY", "/many/", "/made/copy/"), ("COPY", "/big.bin", "/made/big"), ("MOVE", "/made/", "/went/"),
                                     ("COPY", "/went/", "/over/"), ("MOVE", "/went/", "/over/")):
            one_of(server.request(method, target, {"Destination": into}).status, (201, 204), method + target)
        conn = server.connect()
        conn.send(message_of("PROPFIND", "/", {"Depth": "infinity"}, b"") + message_of("COPY", "/many/", {"Destination": "/left/"}, b""))
        conn.reset()
        settle(server)
        for name in ("/over/", "/new-by-lock"):
            eq(server.delete(name).status, 204)
        one_of(server.delete("/left/").status, (204, 404))


def mixed(server):
    for part in (hot, cold, list_all, change, drive, leave, bad):
        part(server)
    hot(server)
    if server.config is None:
        return
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.get("/hot.txt").status == 200, "it serves after the reload")


def fill_folder(server):
    server.write("hot.txt", b"hot")
    server.write("small.bin", b"s" * 5000)
    server.write("mid.bin", b"m" * 500000)
    server.write("big.bin", os.urandom(MIB) * 12)
    for number in range(1200):
        server.write("many/file-%04d.txt" % number, b"")


@time_limit(60)
@own_server("--access-log", "{tmp}/access.log", "--loops", "2", before=fill_folder)
def test_a_loop_thread_never_waits_for_the_disk(server):
    check_loops(server, mixed, [("epoll_wait",), ("recvfrom",), ("sendmsg", "sendto"), ("sendfile",), CACHESTAT, ("accept4",)])


CONFIG = """
listen = { "127.0.0.1:0" }
access-log = "{tmp}/access.log"
site "one" {
    root = "{root}"
    symlinks = "inside"
    hidden = "deny"
    allow "*" { rights = { "read", "write", "lock" } }
}
"""


@time_limit(60)
@own_server(config=CONFIG, before=fill_folder)
def test_nor_does_it_with_a_configuration_that_is_reloaded(server):
    check_loops(server, mixed, [("epoll_wait",), ("sendfile",)])


@own_server(files={"gone.bin": b"g" * 3000, "over.bin": b"o" * 3000, "here.bin": b"h"})
def test_an_idle_loop_lets_go_of_files_that_are_gone(server):
    """What the hot cache holds open is not kept on the disk by it once others removed or replaced it."""
    with server.connect() as conn:
        for name in ("gone.bin", "over.bin"):
            wait_for(lambda: conn.ask("GET", "/" + name).status == 200 and server.path(name) in server.fds(), name + " is hot")
        os.unlink(server.path("gone.bin"))
        server.write("new.bin", b"n")
        os.rename(server.path("new.bin"), server.path("over.bin"))
        wait_for(lambda: not [fd for fd in server.fds() if server.tmp in fd and fd.endswith(" (deleted)")], "the idle loop has let go of them")
        eq(conn.ask("GET", "/gone.bin").status, 404)
        eq(conn.ask("GET", "/over.bin").body, b"n")
