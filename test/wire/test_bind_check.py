"""`samovar check` on bindings: what other tools did to the links is found, and mended if asked (docs/bindings.md)."""

import os
import re
import shutil
import subprocess
import threading

import wire
from wire import cases, contains, eq, lacks, ok, only_over, own_server, time_limit, wait_for

FILES = {"a/f": b"file", "a/d/in": b"inside", "b/keep": b"", "c/keep": b""}
KEEPING = 'listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  trash = 3\n  allow "*" { rights = { "read", "write" } }\n}\n'
FOUND = re.compile(r"^(\S.*?): (.*?) \([0-9a-f]{32}\)( \(mended\))?$")
UNRECORDED = "nobody has recorded this name of a bound resource"
STALE = "recorded as a name of a bound resource, but not there"
ASTRAY = "its link does not lead other programs to the bound resource"
DANGLING = "leads to a bound resource that is not there"


def body(kind, segment, href=None):
    inner = f"<D:segment>{segment}</D:segment>" + (f"<D:href>{href}</D:href>" if href else "")
    return f'<D:{kind} xmlns:D="DAV:">{inner}</D:{kind}>'.encode()


def bind(server, folder, segment, href):
    eq(server.request("BIND", folder, {"Content-Type": "application/xml"}, body("bind", segment, href)).status, 201)


def bind_both(server):
    """File and folder, each with a second name; and the folder below itself."""
    bind(server, "/b/", "f2", "/a/f")
    bind(server, "/b/", "d2", "/a/d")
    bind(server, "/a/d/", "loop", "/a/d")


def check(server, *words):
    made = subprocess.run([wire.SAMOVAR, "check", server.root, *words], capture_output=True, text=True,
                          timeout=60 * wire.STRETCH, check=False)
    eq(made.stderr, "")
    return made.returncode, made.stdout


def found(text):
    return sorted(match.group(1, 2) for match in map(FOUND.match, text.splitlines()) if match)


def bound(server):
    return sorted(os.listdir(server.path(".samovar/bound")))


def mended(server, things):
    """First they are told, and nothing changes; then they are mended; then there is nothing."""
    before = bound(server)
    code, text = check(server)
    eq((code, found(text), bound(server)), (1, sorted(things), before))
    lacks(text, "mended)")
    code, text = check(server, "--mend")
    eq((code, found(text)), (0, sorted(things)))
    is_good(server)


def is_good(server):
    code, text = check(server)
    eq((code, found(text)), (0, []), text)
    contains(text, "0 things wrong")


def is_alone(server, stopped):
    """The same whether a server is asked or none runs."""
    if stopped:
        server.stop()


BOTH = cases(("asked", False), ("alone", True))


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_what_the_server_made_is_right(server, stopped):
    eq(check(server), (0, "no folder has a quota: nothing is counted\n"))
    bind_both(server)
    is_alone(server, stopped)
    code, text = check(server)
    eq((code, found(text)), (0, []))
    contains(text, "5 names of 2 bound resources; 0 things wrong")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_name_that_was_removed_is_dropped(server, stopped):
    bind_both(server)
    os.unlink(server.path("a/f"))
    is_alone(server, stopped)
    mended(server, [("/a/f", STALE)])
    if stopped:
        server.start()
    eq(server.get("/b/f2").body, b"file")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_name_that_was_copied_is_entered(server, stopped):
    bind_both(server)
    os.symlink(os.readlink(server.path("b/f2")), server.path("c/f3"))
    os.mkdir(server.path("c/new"))
    os.symlink(os.readlink(server.path("b/d2")), server.path("c/new/d3"))
    is_alone(server, stopped)
    mended(server, [("/c/f3", UNRECORDED), ("/c/new/d3", ASTRAY), ("/c/new/d3", UNRECORDED)])
    eq(open(server.path("c/new/d3/in"), "rb").read(), b"inside")
    if stopped:
        server.start()
    for name in ("/a/f", "/b/f2"):  # the copied name holds the file
        eq(server.delete(name).status, 204)
    eq(server.get("/c/f3").body, b"file")
    is_good(server)


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_folder_that_others_moved_takes_its_names_along(server, stopped):
    bind_both(server)
    os.mkdir(server.path("c/deep"))
    os.rename(server.path("b"), server.path("c/deep/b"))
    is_alone(server, stopped)
    code, text = check(server, "--mend")
    eq(code, 0, text)
    is_good(server)
    eq(open(server.path("c/deep/b/d2/in"), "rb").read(), b"inside")
    if stopped:
        server.start()
    eq(server.delete("/a/").status, 204)
    eq(server.get("/c/deep/b/d2/in").body, b"inside")
    eq(server.get("/c/deep/b/f2").body, b"file")


@only_over("h1", why="of commands")
@own_server(files=FILES)
def test_names_in_a_folder_lead_other_programs_on_when_it_becomes_bound(server):
    bind(server, "/a/d/", "f2", "/a/f")
    bind(server, "/b/", "d2", "/a/d")
    wait_for(lambda: os.path.exists(server.path("a/d/f2")), "the link is right for where it lies now")
    eq(open(server.path("b/d2/f2"), "rb").read(), b"file")
    is_good(server)


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_what_nothing_leads_to_is_collected(server, stopped):
    """A file without a name, and a folder that only leads to itself."""
    bind_both(server)
    for name in ("a/f", "b/f2", "a/d", "b/d2"):
        os.unlink(server.path(name))
    is_alone(server, stopped)
    code, text = check(server)
    eq((code, len(bound(server))), (1, 2))
    for line in ("a file of 4 bytes that no name leads to, last /", "a folder of 6 bytes that no name leads to, last "):
        contains(text, line)
    code, text = check(server, "--mend")
    eq((code, bound(server)), (0, []), text)
    is_good_or_silent(server)


def is_good_or_silent(server):
    code, text = check(server)
    eq((code, found(text)), (0, []), text)
    lacks(text, "no name leads to")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_cycle_of_two_is_collected(server, stopped):
    bind(server, "/a/d/", "to-b", "/b")
    bind(server, "/b/", "to-d", "/a/d")
    is_alone(server, stopped)
    os.unlink(server.path("a/d"))
    os.unlink(server.path("b"))
    eq(len(bound(server)), 2)
    code, text = check(server, "--mend")
    eq((code, bound(server)), (0, []), text)
    is_good_or_silent(server)


@only_over("h1", why="of commands")
@own_server(config=KEEPING, files=FILES)
def test_what_is_collected_waits_in_the_trash(server):
    bind_both(server)
    for name in ("a/f", "b/f2"):
        os.unlink(server.path(name))
    [name] = [name for name in bound(server) if os.path.isfile(server.path(".samovar/bound/" + name))]
    eq(check(server, "--mend")[0], 0)
    ok(any(at.startswith(name) for at in os.listdir(server.path(".samovar/trash"))), "it is in the trash")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_name_of_nothing_is_told_and_stays(server, stopped):
    bind_both(server)
    is_alone(server, stopped)
    [name] = [name for name in bound(server) if os.path.isfile(server.path(".samovar/bound/" + name))]
    os.unlink(server.path(".samovar/bound/" + name))
    for words in ((), ("--mend",)):
        code, text = check(server, *words)
        eq((code, found(text)), (1, [("/a/f", DANGLING), ("/b/f2", DANGLING)]))
    ok(os.path.islink(server.path("b/f2")), "the link is there")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_restored_folder_without_records_is_entered(server, stopped):
    """All the records gone: each link is entered again, and nothing is collected."""
    bind_both(server)
    server.stop()
    for name in os.listdir(server.path(".samovar")):
        if name.startswith(("meta", "records")):
            path = server.path(".samovar/" + name)
            (shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
    if not stopped:
        server.start()
    code, text = check(server, "--mend")
    eq((code, len(bound(server)), len(found(text))), (0, 2, 5), text)
    is_good(server)
    if stopped:
        server.start()
    eq(server.get("/b/d2/loop/in").body, b"inside")


@only_over("h1", why="of commands")
@own_server(files=FILES)
@BOTH
def test_a_folder_that_cannot_be_read_keeps_everything(server, stopped):
    """Deeper than any path of a request can be: what is in there nobody knows, and in doubt nothing is collected."""
    bind_both(server)
    for name in ("a/f", "b/f2"):
        os.unlink(server.path(name))
    at = os.open(server.path("c"), os.O_RDONLY)
    for _ in range(18):
        os.mkdir("x" * 250, dir_fd=at)
        below = os.open("x" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    is_alone(server, stopped)
    code, text = check(server, "--mend")
    eq((code, len(bound(server))), (1, 2))
    contains(text, "what was not found stays")
    shutil.rmtree(server.path("c"))
    eq(check(server, "--mend")[0], 0)
    eq(len(bound(server)), 1)


@only_over("h1", why="of commands")
@time_limit(60)
@own_server(files=FILES)
def test_while_names_move_nothing_is_lost(server):
    """Names and the folders that they are in go to and fro while it is mended again and again."""
    bind_both(server)
    over, wrong = threading.Event(), []

    def move():
        with server.connect() as conn:
            for one, other in 1000 * [("/b/f2", "/c/f2"), ("/b/d2", "/c/deep"), ("/a/", "/c/a/")]:
                if over.is_set():
                    return
                for source, target in ((one, other), (other, one)):
                    got = conn.ask("MOVE", source, {"Destination": target})
                    if got.status != 201:
                        wrong.append((source, target, got.status))

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(15):
            check(server, "--mend")
    finally:
        over.set()
        mover.join()
    eq(wrong, [])
    eq(len(bound(server)), 2)
    wait_for(lambda: check(server, "--mend")[0] == 0, "all is as recorded")
    is_good(server)
    for name, content in (("/a/f", b"file"), ("/b/f2", b"file"), ("/a/d/in", b"inside"), ("/b/d2/in", b"inside")):
        eq(server.get(name).body, content)
