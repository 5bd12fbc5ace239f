"""The process confines itself: whatever ran in it, it could not reach what lies outside the root, nor run or call anything.

probing.c is preloaded, so that one of the server's own workers tries what an intruder would; with --no-sandbox the same tries succeed.
"""

import errno
import mmap
import os
import re
import shutil
import socket
import struct
import subprocess

from wire import eq, ok, one_of, own_server, skip, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
TRIES = ("read inside", "make a file inside", "read outside", "write outside", "make a file outside", "move a file outside",
         "connect", "make a process", "make code of data")
SECRET = b"the secret that lies outside"


def lay_out(server):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        skip("no C compiler is installed")
    done = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", server.tmp + "/probing.so", HERE + "/probing.c", "-ldl"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    ok(done.returncode == 0, "probing.c compiles: %s" % done.stdout.decode()[:500])
    with open(server.tmp + "/probes", "wb") as out:
        out.write(bytes(4096))
    server.env = {"LD_PRELOAD": server.tmp + "/probing.so", "PROBES": server.tmp + "/probes"}
    os.mkdir(server.tmp + "/outside")
    with open(server.tmp + "/outside/secret.txt", "wb") as out:
        out.write(SECRET)
    server.write("inside.txt", b"inside")
    server.write("asked.txt", b"asked")


def probe(server):
    """{what was tried: errno's name, or None}."""
    with socket.socket() as listener, open(server.tmp + "/probes", "r+b") as file:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        page = mmap.mmap(file.fileno(), 4096)
        paths = [server.path("inside.txt"), server.tmp + "/outside/secret.txt", server.tmp + "/outside/fresh.txt"]
        page[44:46] = struct.pack("=H", listener.getsockname()[1])
        page[46:46 + 3 * 256] = b"".join(path.encode().ljust(256, b"\0") for path in paths)
        page[:8] = struct.pack("=ii", 1, 0)
        eq(server.get("/asked.txt").status, 200)
        wait_for(lambda: struct.unpack("=i", page[4:8])[0] == 1, "a worker has tried")
        got = struct.unpack("=9i", page[8:44])
    return {what: errno.errorcode.get(number) if number else None for what, number in zip(TRIES, got)}


def status_of(server, tid):
    with open("/proc/%d/task/%s/status" % (server.process.pid, tid), encoding="ascii", errors="replace") as file:
        return dict(re.findall(r"^(\w+):\s+(.*)$", file.read(), re.M))


def has_both(server):
    text = server.stdout() + server.stderr()
    if "Landlock ABI" not in text or "seccomp on" not in text:
        skip("this kernel or build lacks Landlock or seccomp: %s" % "; ".join(
            line for line in text.splitlines() if "sandbox" in line or "eccomp" in line))


@own_server(files={"a.txt": b"a"})
def test_every_thread_is_confined(server):
    has_both(server)
    eq(server.get("/a.txt").status, 200)
    eq(server.put("/b.txt", b"b").status, 201)
    for tid in os.listdir("/proc/%d/task" % server.process.pid):
        status = status_of(server, tid)
        eq((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"), "Seccomp and NoNewPrivs of %s" % status["Name"])


@own_server(before=lay_out)
def test_the_process_cannot_reach_what_lies_outside(server):
    has_both(server)
    got = probe(server)
    eq({what: got[what] for what in TRIES[:2]}, dict.fromkeys(TRIES[:2]), "what it must be able to do")
    for what in TRIES[2:]:
        one_of(got[what], ("EACCES", "EPERM", "EXDEV"), what)
    eq(os.listdir(server.tmp + "/outside"), ["secret.txt"], "the folder outside")


@own_server("--no-sandbox", before=lay_out)
def test_without_the_sandbox_the_same_tries_succeed(server):
    """The control."""
    eq(probe(server), dict.fromkeys(TRIES), "what failed")


@own_server(before=lay_out)
def test_a_link_to_the_outside_is_not_there(server):
    for number, text in enumerate((server.tmp + "/outside/secret.txt", "../outside/secret.txt", "folder/../../outside/secret.txt")):
        os.makedirs(server.path("folder"), exist_ok=True)
        os.symlink(text, server.path("link-%d" % number))
        ok(os.path.exists(server.path("link-%d" % number)), "the link leads somewhere")
        eq(server.get("/link-%d" % number).status, 404, "GET of a link to %s" % text)
        one_of(server.put("/link-%d" % number, b"x").status, (403, 404, 409), "PUT through it")
    os.symlink(server.tmp + "/outside", server.path("way"))
    eq(server.get("/way/secret.txt").status, 404)
    eq(server.get("/way/").status, 404)
    one_of(server.put("/way/new.txt", b"x").status, (403, 404, 409))
    one_of(server.delete("/way/secret.txt").status, (403, 404, 409))
    os.symlink("inside.txt", server.path("good"))
    eq(server.get("/good").body, b"inside")
    with open(server.tmp + "/outside/secret.txt", "rb") as file:
        eq(file.read(), SECRET)
    eq(os.listdir(server.tmp + "/outside"), ["secret.txt"])
