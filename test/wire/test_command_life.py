"""The command from its options to its end: help, wrong options, where it runs and as whom, draining.

Also: one server a folder, and how that one is asked for its status.
"""

import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import time

import wire
from program import Elsewhere, Namespace, as_someone_else, ended, fresh_folder, needs_root, refused
from wire import Server, cases, contains, eq, head_of, lacks, ok, one_of, own_server, skip, wait_for

OPTIONS_OF_THE_ISSUE = (
    "listen", "allow-write", "user", "users", "config", "check-config", "state", "read-only", "durability", "workers",
    "loops", "run-as", "access-log", "log-format", "trusted-proxies", "help", "version", "no-index", "hidden",
    "untrusted",
    "symlinks", "names")


# ---- help, version, wrong options -------------------------------------------------------------------


def test_help_names_every_option(server):
    status, out, err = ended("--help")
    eq((status, err), (0, ""))
    ok(out.startswith("Usage: samovar [serve] [DIR]"), out[:80])
    for option in OPTIONS_OF_THE_ISSUE:
        ok(re.search(r"^  --%s\b" % option, out, re.M), "--%s is told" % option)
    ok(max(len(line) for line in out.splitlines()) <= 100, "no line is longer than a terminal is wide")
    eq(ended("serve", "/nonexistent", "--help")[:2], (0, out), "wherever it stands")


def test_version_names_features_and_libraries(server):
    status, out, err = ended("--version")
    eq((status, err), (0, ""))
    ok(re.match(r"samovar \d+\.\d+", out), out)
    ok(re.search(r"^features: .*Landlock", out, re.M), out)
    for library in ("libconfuse", "LMDB", "OpenSSL", "libxcrypt"):
        ok(re.search(r"^libraries: .*%s \d" % library, out, re.M), "%s in %r" % (library, out))


@cases(("unknown", ["--lisen", "8080"], "--listen"), ("short", ["-p", "8080"], "-p"),
       ("no value", ["--listen"], "--listen"),
       ("empty value", ["--state="], "--state"), ("value for a flag", ["--read-only=yes"], "--read-only"),
       ("word", ["--durability", "none"], "none"), ("number", ["--workers", "x"], "x"),
       ("negative", ["--loops", "-1"], "-1"),
       ("twice", ["--durability", "full", "--durability", "full"], "--durability"), ("two folders", ["a", "b"], "b"),
       ("limit", ["--limit", "bodi=3"], "bodi"), ("limit value", ["--limit", "body=much"], "much"),
       ("proxy", ["--trusted-proxies", "here"], "here"), ("format", ["--log-format", "apache"], "apache"),
       ("trace", ["--trace", "nothing"], "nothing"), ("hidden", ["--hidden", "maybe"], "maybe"),
       ("host", ["--host", "a/b"], "a/b"), ("newline", ["--durability", "fu\nll"], ""),
       ("empty folder", [""], ""), ("missing folder", ["/nonexistent/folder"], "/nonexistent/folder"),
       ("a file", ["/dev/null"], "/dev/null"), ("serve and missing", ["serve", "/nonexistent"], "/nonexistent"))
def test_a_wrong_option_is_one_clear_line_and_status_2(server, words, part):
    contains(refused(*words, status=2, cwd=fresh_folder(server)), part)


# ---- threads, durability, confinement ---------------------------------------------------------------


@cases(("one", 1, 1), ("three", 3, 2))
def test_loops_and_workers_are_as_many_as_asked(server, loops, workers):
    """Workers are made as they are needed: these are needed at once."""
    one = Server(["--loops", str(loops), "--workers", str(workers)],
                 files={"f%d" % number: b"f" for number in range(64)})
    try:
        one.start()
        conns = [one.connect() for _ in range(64)]
        for number, conn in enumerate(conns):
            conn.request("GET", "/f%d" % number)
        for conn in conns:
            eq(conn.read().body, b"f")
            conn.close()
        # a worker that was just made has its maker's name for a moment
        wait_for(lambda: sum(1 for name in one.threads() if name.startswith("loop")) == loops, "%d loops" % loops)
        names = one.threads()
        ok(1 <= sum(1 for name in names if "quick" in name) <= workers, "quick workers among %r" % names)
    finally:
        one.stop()
        one.remove()


@cases(("full", "full"), ("relaxed", "relaxed"))
def test_durability_is_what_it_says(server, how):
    """The system calls of the server from before a PUT to its answer: full waits for the disk, relaxed does not."""
    one = Server(["--durability", how])
    try:
        one.start()
        one.put("/first", b"makes the state folder")
        trace = os.path.join(one.tmp, "trace")
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs,sync_file_range,sync",
                                   "-p", str(one.process.pid), "-o", trace], stderr=subprocess.PIPE)
        try:
            wait_for(lambda: tracer.poll() is not None or is_traced(one), "strace has attached")
            if tracer.poll() is not None:
                skip("strace cannot attach: %s" % tracer.stderr.read().decode()[:100])
            eq(one.put("/second", b"x" * 1000).status, 201)
        finally:
            if tracer.poll() is None:
                tracer.send_signal(signal.SIGINT)
            tracer.wait(10)
            tracer.stderr.close()
        with open(trace, encoding="utf-8", errors="replace") as file:
            calls = [line for line in file if "sync" in line]
        eq(bool(calls), how == "full", "calls that wait for the disk: %r" % calls)
        eq(one.read("second"), b"x" * 1000)
    finally:
        one.stop()
        one.remove()


def is_traced(server):
    """All threads are."""
    folder = server.proc("task")
    for task in os.listdir(folder):
        with open(os.path.join(folder, task, "status"), encoding="ascii", errors="replace") as file:
            if "TracerPid:\t0\n" in file.read():
                return False
    return True


def proc_status(server):
    with open(server.proc("status"), encoding="ascii", errors="replace") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def test_the_process_confines_itself(server):
    eq(proc_status(server)["NoNewPrivs"], "1")
    if os.environ.get("SANITIZER"):
        return  # whose own system calls are not in the list
    for task in os.listdir(server.proc("task")):
        with open(server.proc("task/%s/status" % task), encoding="ascii", errors="replace") as file:
            contains(file.read(), "Seccomp:\t2\n", "thread %s" % task)


# ---- where it writes, and as whom -------------------------------------------------------------------


@own_server("--state", "{tmp}/state")
def test_state_may_be_elsewhere(server):
    eq(server.put("/a", b"a").status, 201)
    eq(os.listdir(server.root), ["a"], "nothing but the file lies in the root")
    state = os.path.join(server.tmp, "state")
    ok(os.listdir(state), "the state lies where it was asked for")
    eq(stat.S_IMODE(os.stat(state).st_mode) & 0o077, 0, "it is nobody else's")
    eq(server.get("/.samovar/").status, 404)


@own_server(files={"a": b"a"})
def test_state_is_made_at_the_first_need(server):
    eq(server.get("/a").body, b"a")
    eq(os.listdir(server.root), ["a"], "who only reads leaves nothing behind")
    eq(server.put("/a", b"b").status, 204)
    eq(sorted(os.listdir(server.root)), [".samovar", "a"])
    eq(stat.S_IMODE(os.stat(server.path(".samovar")).st_mode) & 0o077, 0)


@own_server("--read-only", files={"a": b"a", "folder/b": b"b"})
def test_read_only_is_for_everybody_and_writes_nothing(server):
    contains(server.stdout(), "read-only as asked")
    for target in ("/a", "/new", "/folder/b"):
        eq(server.put(target, b"x").status, 403)
        eq(server.delete(target).status, 403)
    allowed = server.request("OPTIONS", "/a").fields["Allow"]
    lacks(allowed, "PUT")
    lacks(allowed, "DELETE")
    eq(sorted(os.listdir(server.root)), ["a", "folder"], "not even a state folder was made")
    lacks(server.get("/", {"Accept": "text/html"}).text, "curl -T", "what the listing offers")


def reads_but_refuses(one):
    contains(one.stdout(), "read-only")
    eq(one.get("/a").body, b"a")
    eq(one.put("/b", b"b").status, 403)
    eq(one.delete("/a").status, 403)
    contains(one.get("/").text, "a")
    contains(one.stdout(), "(reading only")


def test_a_root_that_cannot_be_written_is_served_read_only(server):
    one = Elsewhere(as_someone_else([wire.SAMOVAR, "{root}", "--listen", "127.0.0.1:0"]), files={"a": b"a"})
    try:
        os.chmod(one.root, 0o755)
        one.start()
        contains(one.stdout(), "serving %s, read-only: the folder cannot be written" % one.root)
        reads_but_refuses(one)
    finally:
        one.stop()
        one.remove()


def test_a_root_on_a_read_only_file_system_is_served_read_only(server):
    needs_root()
    one = Server(files={})
    mounted = False
    try:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", one.root], capture_output=True,
                          check=False).returncode:
            skip("nothing can be mounted here")
        mounted = True
        one.write("a", b"a")
        subprocess.run(["mount", "-o", "remount,ro", one.root], check=True)
        one.start()
        reads_but_refuses(one)
    finally:
        one.stop(check=False)
        if mounted:
            subprocess.run(["umount", one.root], check=False)
        one.remove()


@own_server("--run-as", "nobody", before=lambda server: (needs_root(), os.chown(server.root, 65534, 65534)),
            files={"a": b"a"})
def test_run_as_becomes_that_user_for_good(server):
    got = proc_status(server)
    nobody = pwd.getpwnam("nobody")
    eq(got["Uid"].split(), [str(nobody.pw_uid)] * 4)
    eq(got["Gid"].split(), [str(nobody.pw_gid)] * 4)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        eq(int(got[kind], 16), 0, kind)
    eq([group for group in got["Groups"].split() if group == "0"], [], "root's groups")
    eq(server.put("/b", b"b").status, 201)
    eq(server.put("/b", b"c").status, 204)
    eq(os.stat(server.path("b")).st_uid, nobody.pw_uid)
    eq(os.stat(server.path(".samovar")).st_uid, nobody.pw_uid)


def test_run_as_comes_after_the_privileged_port_and_the_log(server):
    with Namespace() as net:
        one = Elsewhere(net.command(wire.SAMOVAR, "{root}", "--listen", "127.0.0.1:80", "--run-as", "nobody:nogroup",
                                    "--access-log", "{tmp}/private/log"), files={"a": b"a"})
        try:
            os.mkdir(one.tmp + "/private", 0o700)
            one.start()
            eq(one.addresses[0][1], 80)
            with net.do(one.connect) as conn:
                eq(conn.ask("GET", "/a").body, b"a")
            eq(proc_status(one)["Uid"].split()[0], "65534")
            wait_for(lambda: os.path.getsize(one.tmp + "/private/log"), "a line in the log")
        finally:
            one.stop()
            one.remove()


@cases(("unknown", "no-such-user"), ("unknown group", "nobody:no-such-group"), ("root", "root"), ("number 0", "0"))
def test_run_as_somebody_that_will_not_do(server, who):
    needs_root()
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--run-as", who), who)


def test_run_as_needs_root(server):
    folder = fresh_folder(server)
    os.chmod(folder, 0o777)
    done = subprocess.run(as_someone_else([wire.SAMOVAR, folder, "--listen", "127.0.0.1:0", "--run-as", "daemon"]),
                          capture_output=True, text=True, timeout=20, check=False)
    eq(done.returncode, 1)
    contains(done.stderr, "only root can become somebody else")


# ---- the end ----------------------------------------------------------------------------------------


def begun_put(server, name, length=10):
    """A connection whose PUT waits for its body."""
    conn = server.connect()
    conn.send(head_of("PUT", name, {"Content-Length": length, "Expect": "100-continue"}))
    conn.read_interim(100)
    return conn


def is_refused(server):
    try:
        socket.create_connection(server.addresses[0], 1).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it was in the queue of the socket that closed
        return True
    except TimeoutError:  # a busy machine
        return False


@cases(("SIGTERM", signal.SIGTERM), ("SIGINT", signal.SIGINT))
@own_server(files={"a": b"a"})
def test_draining_finishes_what_is_under_way_and_takes_nothing_new(server, number):
    idle = server.connect()
    eq(idle.ask("GET", "/a").body, b"a")
    conn = begun_put(server, "/slow")
    server.signal(number)
    wait_for(lambda: is_refused(server), "new connections are refused")
    idle.expect_close()
    ok(server.is_running(), "it still runs")
    conn.send("01234")
    conn.expect_silence()
    conn.send("56789")
    got = conn.read("PUT")
    eq(got.status, 201)
    ok(got.closes, "it says that it closes")
    conn.expect_close()
    eq(server.process.wait(10 * wire.STRETCH), 0)
    server.start()
    eq(server.get("/slow").body, b"0123456789")


@own_server(files={"big": b"0123456789abcdef" * (1 << 20)})
def test_draining_lets_a_download_finish(server):
    with server.connect() as conn:
        conn.request("GET", "/big")
        conn.fill()
        server.signal(signal.SIGTERM)
        wait_for(lambda: is_refused(server), "new connections are refused")
        eq(len(conn.read().body), 16 << 20)
        conn.expect_close()
    eq(server.process.wait(10 * wire.STRETCH), 0)
    server.start()


@cases(("TERM twice", signal.SIGTERM, signal.SIGTERM), ("INT twice", signal.SIGINT, signal.SIGINT),
       ("TERM, INT", signal.SIGTERM, signal.SIGINT))
@own_server(files={"slow": b"old"})
def test_the_second_signal_ends_at_once(server, first, second):
    """Long before the 30 s of draining; what was not finished leaves nothing behind."""
    conn = begun_put(server, "/slow")
    conn.send("01234")
    server.signal(first)
    wait_for(lambda: is_refused(server), "new connections are refused")
    ok(server.is_running(), "it waits for the PUT")
    began = time.monotonic()
    server.signal(second)
    eq(server.process.wait(10 * wire.STRETCH), 0)
    ok(time.monotonic() - began < 5 * wire.STRETCH, "it ended at once")
    conn.close()
    eq(server.names(), ["slow"])
    eq(server.read("slow"), b"old")
    server.start()
    eq(server.get("/slow").body, b"old")


@own_server("--limit", "drain=1s")
def test_draining_ends_when_its_time_is_over(server):
    conn = begun_put(server, "/slow")
    server.signal(signal.SIGTERM)
    eq(server.process.wait(10 * wire.STRETCH), 0)
    conn.close()
    eq(server.names(), [])
    server.start()


@own_server()
def test_without_anything_under_way_it_ends_at_once(server):
    with server.connect():
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        eq(server.process.wait(10 * wire.STRETCH), 0)
        ok(time.monotonic() - began < 5 * wire.STRETCH, "an idle connection holds nothing up")
    server.start()


@own_server(files={"a": b"a"})
def test_usr1_and_hup_end_nothing(server):
    for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGPIPE):
        server.signal(number)
        eq(server.get("/a").body, b"a")


# ---- one server a folder, and its control socket ----------------------------------------------------


@own_server(files={"a": b"a"})
def test_a_second_server_says_who_holds_the_folder(server):
    for stage in ("before", "after"):
        told = refused(server.root, "--listen", "127.0.0.1:0", status=1)
        contains(told, server.root)
        contains(told, str(server.process.pid), "%s the state was made" % stage)
        eq(server.get("/a").body, b"a")
        server.put("/a", b"a")
    told = refused(server.root, "--listen", "127.0.0.1:0", "--state", server.tmp + "/elsewhere", status=1)
    contains(told, str(server.process.pid), "also with a state of its own")


@own_server(files={"a": b"a"})
def test_the_folder_is_known_by_itself_and_not_by_its_name(server):
    os.symlink(server.root, server.tmp + "/other-name")
    contains(refused(server.tmp + "/other-name", "--listen", "127.0.0.1:0", status=1), str(server.process.pid))
    contains(refused(server.tmp + "/root/../root/.", "--listen", "127.0.0.1:0", status=1), str(server.process.pid))


@own_server(files={"a": b"a"})
def test_a_killed_server_holds_nothing(server):
    server.put("/a", b"b")
    server.kill()
    server.start()
    eq(server.put("/c", b"c").status, 201)
    eq(server.get("/a").body, b"b")


@own_server(files={"a": b"a"})
def test_status_asks_the_running_server(server):
    server.put("/a", b"b")
    control = server.path(".samovar/control")
    wait_for(lambda: os.path.exists(control), "the control socket is made")
    eq(stat.S_IMODE(os.stat(control).st_mode), 0o600)
    server.get("/a")
    status, out, err = ended("status", server.root)
    eq((status, err), (0, ""))
    contains(out, server.root)
    eq(ended("status", cwd=server.root)[0], 0, "of the current folder")
    one_of(server.get("/.samovar/control").status, (403, 404))
    server.stop()
    ok(not os.path.exists(control), "it is gone with the server")
    contains(refused("status", server.root, status=1), "no server runs for " + server.root)
    server.start()


@own_server(files={"a": b"a"})
def test_status_before_there_is_a_state_folder(server):
    """A server that was only read leaves nothing behind; it is found by the socket that has no file."""
    status, out, err = ended("status", server.root)
    eq((status, err), (0, ""))
    contains(out, "not made yet")
    ok(not os.path.exists(server.path(".samovar")), "asking makes none")
    asked = subprocess.run(as_someone_else([wire.SAMOVAR, "status", server.root]), capture_output=True, text=True,
                           timeout=20, check=False)
    eq((asked.returncode, asked.stdout), (1, ""))
    one_of(asked.stderr.split(" ")[1:3], (["the", "server"], ["no", "server"]))


@own_server("--state", "{tmp}/state", files={"a": b"a"})
def test_status_with_a_state_elsewhere(server):
    wait_for(lambda: os.path.exists(server.tmp + "/state/control"), "the control socket is made")
    status, out, err = ended("status", server.root, "--state", server.tmp + "/state")
    eq((status, err), (0, ""))
    contains(out, server.root)


@own_server(files={"a": b"a"})
def test_the_control_socket_is_hard_of_hearing(server):
    """Nonsense, silence and many at once hold nothing up."""
    server.put("/a", b"b")
    control = server.path(".samovar/control")
    wait_for(lambda: os.path.exists(control), "the control socket is made")
    waiting = []
    for words in (b"", b"nonsense\n", b"x" * 5000, b"\0\n") + (b"",) * 20:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(control)
        try:
            sock.sendall(words)
        except BrokenPipeError:
            pass
        waiting.append(sock)
    eq(server.get("/a").body, b"b")
    for sock in waiting:
        sock.close()
    wait_for(lambda: ended("status", server.root)[0] == 0, "it answers again")


# ---- the table feeds all ----------------------------------------------------------------------------


def test_the_manual_page_has_what_help_has(server):
    """One table feeds both."""
    text = manual(1)
    for option in re.findall(r"^  --([a-z-]+)", ended("--help")[1], re.M):
        contains(text, "--" + option, "samovar(1)")
    text = manual(5)
    for directive in ("listen", "site", "root", "at", "allow", "rights", "limits", "run-as", "trusted-proxies",
                      "head-time"):
        contains(text, directive, "samovar(5)")


def manual(section):
    name = "samovar.%d" % section
    for folder, _, names in os.walk(os.path.dirname(wire.SAMOVAR)):
        if name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                return file.read().replace("\\-", "-")
    return skip("no %s was built beside the program" % name)
