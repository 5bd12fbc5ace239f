"""A new process takes the place of the one that runs (--replace): nobody is refused, nothing is lost.

Clients work all the time, on connections that are kept and on new ones, while servers replace each other. What was
acknowledged must be there, a name that two processes were asked to create is created once, and transfers that span
several upgrades end whole.
"""

import copy
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import tls
import wire
from wire import SAMOVAR, cases, contains, eq, fail, head_of, ok, own_server, skip, time_limit, wait_for

BIG = bytes(range(256)) * (128 << 10)  # 32 MiB
UPLOAD = b"0123456789abcdef" * 256     # a piece of the slow upload
PIECES = 60


# ---- servers that follow each other -----------------------------------------------------------------


def replace(server, *options):
    """The next process; gives the one before, which is on its way out. server is the next one from here on."""
    old, usual = copy.copy(server), server.options
    server.options = tuple(usual) + ("--replace",) + options
    try:
        server.start()
    finally:
        server.options = usual
    return old


def expect_end(old, seconds=20):
    try:
        status = old.process.wait(seconds * wire.STRETCH)
    except subprocess.TimeoutExpired:
        old.process.kill()
        fail("process %d did not end after it was replaced; it said %r" % (old.process.pid, old.lines))
    eq(status, 0, "the exit status of the one that was replaced")
    old.pump.join(2)
    contains("\n".join(old.lines), "process", "it says who serves from now on")


def expect_alone(server):
    wait_for(lambda: any("no longer shared" in line for line in server.lines), "it has the folder for itself", 10)


def status_of(server):
    return subprocess.run([SAMOVAR, "status", server.root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
                          check=False).stdout.decode()


def expect_in_charge(server):
    contains(status_of(server), "process %d\n" % server.process.pid, "who answers the control socket")
    eq(server.read(".samovar/lock"), b"%d\n" % server.process.pid, "who holds the lock")


def expect_busy(server):
    """A third one, that does not ask for the place."""
    got = subprocess.run([SAMOVAR, "serve", server.root, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=20, check=False)
    eq(got.returncode, 1, "the exit status of a third server")
    contains(got.stdout.decode(), "already served")


# ---- clients ----------------------------------------------------------------------------------------


class Load:
    """Threads of clients, until stop(). errors: what went wrong, one line each."""

    def __init__(self, server):
        self.where = copy.copy(server)  # its addresses stay as they are while the server is started anew
        self.errors, self.threads, self.is_over, self.first = [], [], False, None
        self.requests, self.created = 0, {}
        self.lock = threading.Lock()

    def run(self, client, *args):
        thread = threading.Thread(target=self.guarded, args=(client,) + args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def guarded(self, client, *args):
        try:
            client(*args)
        except Exception as error:  # whatever it is, the test has to hear of it
            self.first = self.first or error
            self.errors.append("%s%r: %s: %s" % (client.__name__, args, type(error).__name__, error))

    def count(self):
        with self.lock:
            self.requests += 1

    def reader(self, is_kept):
        conn = None
        while not self.is_over:
            conn = conn or self.where.connect()
            got = conn.ask("GET", "/small")
            eq((got.status, got.body), (200, b"small"))
            self.count()
            if got.closes or not is_kept:
                conn.close()
                conn = None
            time.sleep(0.002)

    def writer(self, name, is_kept):
        conn, number, tag = None, 0, None
        while not self.is_over:
            conn = conn or self.where.connect()
            number += 1
            body = b"%s %d" % (name.encode(), number)
            fields = {"If-Match": tag} if tag else {}
            got = conn.ask("PUT", "/" + name, fields, body)
            wire.one_of(got.status, (201, 204), "PUT number %d of %s" % (number, name))
            tag = got.etag
            self.count()
            if got.closes or not is_kept:
                conn.close()
                conn = self.where.connect()
            got = conn.ask("GET", "/" + name)
            eq((got.status, got.body), (200, body), "what %s reads after its PUT" % name)
            if got.closes or not is_kept:
                conn.close()
                conn = None

    def creator(self, gate, mine, rounds):
        """Both creators ask for the same name at the same moment, one of them by a kept connection."""
        conn = None
        for number in range(rounds):
            if self.is_over:
                gate.abort()
                return
            try:
                gate.wait(30)
            except threading.BrokenBarrierError:
                return
            conn = conn or self.where.connect()
            got = conn.ask("PUT", "/new-%d" % number, {"If-None-Match": "*"}, mine)
            wire.one_of(got.status, (201, 412), "a PUT that creates")
            if got.status == 201:
                with self.lock:
                    self.created.setdefault(number, []).append(mine)
            else:
                with self.lock:
                    self.created.setdefault(number, [])
            self.count()
            if got.closes:
                conn.close()
                conn = None

    def slow_upload(self, pause):
        with self.where.connect() as conn:
            conn.send(head_of("PUT", "/upload", {"Content-Length": str(len(UPLOAD) * PIECES)}))
            for _ in range(PIECES):
                conn.send(UPLOAD)
                time.sleep(pause)
            eq(conn.read("PUT").status, 201)

    def slow_download(self, pause):
        with self.where.connect() as conn:
            conn.request("GET", "/big")
            got = conn.read_head()
            eq(got.status, 200)
            body = b""
            while len(body) < len(BIG):
                body += conn.take(min(1 << 19, len(BIG) - len(body)))
                time.sleep(pause)
            ok(body == BIG, "the slow download is whole")

    def stop(self):
        self.is_over = True
        for thread in self.threads:
            thread.join(60 * wire.STRETCH)
            ok(not thread.is_alive(), "a client came to its end")
        if isinstance(self.first, wire.NotOver):
            raise self.first
        if self.errors:
            fail("%d clients failed after %d requests: %s" % (len(self.errors), self.requests, "; ".join(self.errors)))


def load_of(server):
    load = Load(server)
    gate = threading.Barrier(2)
    for is_kept in (True, False):
        load.run(load.reader, is_kept)
        load.run(load.writer, "kept" if is_kept else "fresh", is_kept)
    load.run(load.creator, gate, b"one", 10000)
    load.run(load.creator, gate, b"other", 10000)
    return load


def expect_created_once(server, load):
    for number, winners in load.created.items():
        if number == max(load.created):
            continue  # it may have been asked for by one of the two only
        eq(len(winners), 1, "how often /new-%d was created" % number)
        eq(server.read("new-%d" % number), winners[0], "the content of /new-%d" % number)


# ---- under load -------------------------------------------------------------------------------------


@time_limit(180)
@own_server(files={"small": b"small", "big": BIG})
def test_five_upgrades_under_load_lose_nothing(server):
    load, olds = load_of(server), []
    load.run(load.slow_upload, 0.1)
    load.run(load.slow_download, 0.08)
    time.sleep(0.5)
    for loops in ("1", "3", "2", "4", "1"):
        before = load.requests
        olds.append(replace(server, "--loops", loops))
        if len(olds) == 3:
            expect_busy(server)
        wait_for(lambda: load.requests > before + 50 or load.errors, "clients go on", 20)
    load.stop()
    for old in olds:
        expect_end(old)
    ok(load.requests > 300, "there was a load: %d requests" % load.requests)
    expect_alone(server)
    expect_in_charge(server)
    expect_busy(server)
    eq(server.read("upload"), UPLOAD * PIECES)
    expect_created_once(server, load)
    eq(server.names(".samovar/up"), [])
    ok(server.exists(".samovar/running"), "it is known to run")
    server.stop()
    ok(not server.exists(".samovar/running"), "it is known to have stopped in order")
    server.start()


@own_server(files={"small": b"small", "big": b""})
def test_the_load_notices_a_server_that_was_away(server):
    """The control: a stop and a start in its place, as quick as they come, do cost requests."""
    load = load_of(server)
    time.sleep(0.2)
    where = server.addresses[0]
    server.stop()
    server.options = ("--listen", "%s:%d" % where)
    server.start()
    time.sleep(0.3)
    load.is_over = True
    for thread in load.threads:
        thread.join(60 * wire.STRETCH)
    ok(load.errors, "a client noticed")


@time_limit(120)
@own_server(files={"small": b"small"})
def test_http2_clients_are_led_over(server):
    """curl keeps one connection, is told by GOAWAY that it ends, and asks the rest on another one."""
    curl = shutil.which("curl")
    if not curl or b"HTTP2" not in subprocess.run([curl, "--version"], stdout=subprocess.PIPE, check=False).stdout:
        skip("this takes curl with HTTP/2")
    server.stop()
    server.options = tuple(tls.usual().options)  # and not by prior knowledge: this curl's second request fails there
    server.start()
    url = "https://127.0.0.1:%d/small?[1-4000]" % server.addresses[0][1]
    clients = [subprocess.Popen([curl, "-sS", "--noproxy", "*", "--http2", "--insecure", "-o", "/dev/null", "-w",
                                 "%{http_code} %{http_version} %{num_connects}\\n", url], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for _ in range(2)]
    outputs = [threading.Thread(target=lambda one=client: results.append(one.communicate())) for client in clients]
    results = []
    for thread in outputs:
        thread.start()
    olds = []
    for _ in range(3):
        time.sleep(0.3)
        olds.append(replace(server))
    for old in olds:
        expect_end(old)
    for thread in outputs:
        thread.join(60 * wire.STRETCH)
    for client in clients:
        eq(client.returncode, 0, "curl's exit status")
    for out, err in results:
        eq(err, b"", "what curl complains of")
        lines = out.decode().splitlines()
        eq(len(lines), 4000, "answers")
        eq({line.rsplit(" ", 1)[0] for line in lines}, {"200 2"}, "status and version")
    connects = sum(int(line.rsplit(" ", 1)[1]) for out, _ in results for line in out.decode().splitlines())
    ok(connects > len(clients), "connections were replaced: %d" % connects)


@own_server(files={"a": b"a"})
def test_tls_sessions_are_resumed_by_the_next_one(server):
    server.stop()
    server.options = tuple(tls.usual().options)
    server.start()
    context, sessions, reused = tls.context(), [None], []
    for number in range(3):
        sock = context.wrap_socket(socket.create_connection(server.addresses[0], wire.READ_SECONDS),
                                   server_hostname="127.0.0.1", session=sessions[-1])
        reused.append(sock.session_reused)
        with wire.Connection(sock, [], "127.0.0.1") as conn:
            eq(conn.ask("GET", "/a").body, b"a")
            sessions.append(sock.session)
        if number < 2:
            expect_end(replace(server))
    eq(reused, [False, True, True])


CONFIG_OF_LOAD = """listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/private" { allow "*" { rights = { "read" } } }
}
"""


@time_limit(120)
@own_server(config=CONFIG_OF_LOAD, files={"small": b"small", "big": BIG})
def test_reloads_under_load_lose_nothing(server):
    load = load_of(server)
    load.run(load.slow_upload, 0.05)
    load.run(load.slow_download, 0.04)
    for number in range(30):
        rights = ('"read"', '"read", "write", "create"')[number % 2]
        with open(server.config_path + ".new", "w", encoding="utf-8") as out:
            out.write(server.fill_in(CONFIG_OF_LOAD.replace('"read"', rights)))
        os.rename(server.config_path + ".new", server.config_path)
        server.signal(signal.SIGHUP)
        time.sleep(0.1)
    load.stop()
    wait_for(lambda: sum(line == "reloaded" for line in server.lines) >= 20, "it reloads")
    eq(server.read("upload"), UPLOAD * PIECES)
    expect_created_once(server, load)


# ---- one at a time ----------------------------------------------------------------------------------


@own_server(files={"a": b"a"})
def test_a_folder_that_was_only_read_stays_untouched(server):
    old = replace(server)
    eq(server.get("/a").body, b"a")
    expect_end(old)
    expect_alone(server)
    eq(server.names(), ["a"], "the folder's members")
    expect_end(replace(server))
    eq(server.names(), ["a"], "the folder's members")
    expect_busy(server)


@cases(("by the old one", True), ("by the new one", False))
@own_server(files={"a": b"a", "b": b"b"})
def test_the_state_folder_is_made_while_two_serve(server, is_old):
    """The old one is kept by an upload, which replaces a file and so needs the state folder."""
    with server.connect() as conn:
        conn.send(head_of("PUT", "/a", {"Content-Length": "4"}) + b"12")
        wait_for(lambda: len(os.listdir("/proc/%d/fd" % server.process.pid)) > 0, "it runs")
        conn.expect_silence(0.3)
        old = replace(server)
        ok(not server.exists(".samovar"), "nobody has made it yet")
        if not is_old:
            eq(server.put("/b", b"new").status, 204)
        conn.send(b"34")
        got = conn.read("PUT")
        eq(got.status, 204)
        ok(got.closes, "the old one says that this was the last answer")
        if is_old:
            eq(server.put("/b", b"new").status, 204)
    expect_end(old)
    expect_alone(server)
    eq((server.read("a"), server.read("b")), (b"1234", b"new"))
    wait_for(lambda: server.exists(".samovar/control"), "the control socket is made")
    eq(server.put("/b", b"newer").status, 204)  # if the old one has made the folder, it is taken when it is needed
    expect_in_charge(server)
    expect_busy(server)


@own_server("--listen", "unix:{tmp}/s.sock", "--listen", "127.0.0.1:0", files={"a": b"a"})
def test_a_unix_socket_keeps_its_place(server):
    for _ in range(2):
        old = replace(server)
        expect_end(old)
        with wire.Connection(server.tmp + "/s.sock", [], "localhost") as conn:
            eq(conn.ask("GET", "/a").body, b"a")
    server.stop()
    ok(not os.path.exists(server.tmp + "/s.sock"), "the last one removes it")
    server.start()


TWO_SITES = """listen = { "127.0.0.1:0" }
run-as = "%s"
site "one" { root = "{root}" host = { "one.test" } state = "{tmp}/state-one" }
site "two" { root = "{tmp}/two" host = { "two.test" } }
"""


def make_rooms(server):
    """Everything belongs to the user who will run it."""
    os.mkdir(server.tmp + "/two")
    for path in (server.tmp, server.root, server.tmp + "/two"):
        os.chown(path, 65534, -1)


@own_server(config=TWO_SITES % "nobody", before=make_rooms)
def test_several_sites_and_a_user_without_rights(server):
    """The new one is started by root as the first was, with its sites in another order."""
    if os.geteuid() != 0:
        skip("this takes root")
    for number in range(3):
        for host in ("one.test", "two.test"):
            eq(server.put("/a", b"%s %d" % (host.encode(), number), {"Host": host}).status, 204 if number else 201)
        lines = (TWO_SITES % "nobody").splitlines()
        if number % 2 == 0:
            lines[2], lines[3] = lines[3], lines[2]
        server.config = "\n".join(lines) + "\n"
        old = replace(server)
        eq(server.get("/a", {"Host": "one.test"}).body, b"one.test %d" % number)
        eq(server.get("/a", {"Host": "two.test"}).body, b"two.test %d" % number)
        expect_end(old)
        expect_alone(server)
    server.config = server.config.replace('site "two" { root = "{tmp}/two"', 'site "two" { root = "{tmp}/state-one"')
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(server.fill_in(server.config))
    got = subprocess.run([SAMOVAR, "--config", server.config_path, "--replace"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=20, check=False)
    ok(got.returncode != 0, "other folders: it does not start")
    contains(got.stdout.decode(), "restart")
    eq(server.get("/a", {"Host": "two.test"}).status, 200)


@own_server("--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", files={"a": b"a"})
def test_listeners_come_and_go(server):
    """What both listen on is handed on, also where it becomes the metrics' own; the others are made, or end."""
    metrics = [line for line in wait_for(lambda: [line for line in server.lines if "metrics on" in line], "metrics")]
    usual, where = server.options, server.addresses[0]
    path = server.tmp + "/new.sock"
    server.options = ("--listen", "%s:%d" % where, "--listen", "unix:" + path, "--metrics", "127.0.0.1:0")
    old = replace(server)
    expect_end(old)
    eq(server.addresses[0], where)
    with wire.Connection(path, [], "localhost") as conn:
        eq(conn.ask("GET", "/a").body, b"a")
    again = [line for line in wait_for(lambda: [line for line in server.lines if "metrics on" in line], "metrics")]
    eq(again, metrics, "where the metrics are")
    server.options = usual
    old = replace(server)
    expect_end(old)
    ok(server.addresses[0] != where, "a port that the system chose anew")
    again = [line for line in wait_for(lambda: [line for line in server.lines if "metrics on" in line], "metrics")]
    eq(again, metrics, "where the metrics are, whose address is written like the other one")
    try:
        wire.dial(where).close()
        fail("nobody asked for %r any more" % (where,))
    except ConnectionRefusedError:
        pass


@own_server(files={"a": b"a"})
def test_without_a_server_to_replace_it_is_an_ordinary_start(server):
    server.stop()
    server.options = ("--replace",)
    server.start()
    contains("\n".join(server.lines), "no server runs")
    eq(server.get("/a").body, b"a")


@cases(("replaced", True), ("stopped", False))
@own_server(files={"a": b"a"})
def test_an_idle_connection_may_send_one_more_request(server, is_replaced):
    """It may have been on its way already."""
    with server.connect() as conn:
        eq(conn.ask("GET", "/a").body, b"a")
        old = replace(server) if is_replaced else copy.copy(server)
        if not is_replaced:
            server.signal(signal.SIGTERM)
            wait_for(lambda: any("stopping" in line for line in old.lines), "it stops")
        got = conn.ask("GET", "/a")
        eq(got.body, b"a")
        ok(got.closes, "it is told that this was the last one")
        conn.expect_close()
    if is_replaced:
        expect_end(old)
    else:
        eq(server.process.wait(10 * wire.STRETCH), 0)
        server.start()


@own_server("--listen", "unix:{tmp}/s.sock", files={"a": b"a"})
def test_a_unix_socket_refuses_while_its_server_drains(server):
    """Nobody waits in it for an answer that will not come."""
    path = server.tmp + "/s.sock"
    with wire.Connection(path, [], "localhost") as conn:
        conn.send(head_of("PUT", "/slow", {"Content-Length": "4"}, host="localhost") + b"12")
        conn.expect_silence(0.2)
        server.signal(signal.SIGTERM)

        def is_refused():
            try:
                wire.dial(path).close()
                return False
            except (ConnectionRefusedError, FileNotFoundError):
                return True

        wait_for(is_refused, "new clients are refused")
        conn.send(b"34")
        eq(conn.read("PUT").status, 201)
    eq(server.process.wait(10 * wire.STRETCH), 0)
    server.start()


@own_server(files={"a": b"a"})
def test_other_folders_are_refused(server):
    other = server.tmp + "/other"
    os.mkdir(other)
    got = subprocess.run([SAMOVAR, "serve", server.root, "--state", other + "/state", "--replace", "--listen",
                          "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False)
    ok(got.returncode != 0, "it does not start")
    contains(got.stdout.decode(), "restart")
    eq(server.get("/a").body, b"a")
    eq(server.put("/a", b"b").status, 204)
    expect_busy(server)


@own_server(files={"a": b"a"})
def test_another_user_is_refused(server):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        skip("this takes root and setpriv")
    got = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", SAMOVAR, "serve", server.root, "--replace",
                          "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
                         check=False)
    ok(got.returncode != 0, "it does not start")
    contains(got.stdout.decode(), "another user")
    eq(server.get("/a").body, b"a")


# ---- a new one that does not come so far -------------------------------------------------------------


class Pretender:
    """Asks for the place, gets all of it, and never serves."""

    def __init__(self, server):
        self.sock, self.fds, self.lines = socket.socket(socket.AF_UNIX), [], []
        state = os.stat(server.root)
        self.sock.settimeout(10 * wire.STRETCH)
        self.sock.connect("\0samovar-%x-%x" % (state.st_dev, state.st_ino))
        self.sock.sendall(b"replace 1\n")
        while not self.lines or self.lines[-1].split(" ")[0] not in ("end", "refused"):
            data, fds, _, _ = socket.recv_fds(self.sock, 8192, 8)
            ok(data, "there is an answer up to its end; so far: %r" % self.lines)
            self.lines.append(data.decode().rstrip("\n"))
            self.fds += fds

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.sock.close()


@own_server(files={"a": b"a"})
def test_one_that_ends_before_it_serves_changes_nothing(server):
    eq(server.put("/a", b"one").status, 204)
    for _ in range(3):
        pretender = Pretender(server)
        eq(pretender.lines[-1].split(" ")[0], "end")
        contains(" ".join(pretender.lines), "listen 127.0.0.1:0")
        eq(server.put("/a", b"two").status, 204)
        second = Pretender(server)
        contains(second.lines[-1], "refused", "what a second one hears meanwhile")
        second.close()
        expect_busy(server)
        known = len(server.lines)
        pretender.close()
        wait_for(lambda: any("no longer shared" in line for line in server.lines[known:]), "it goes on alone")
        eq(server.put("/a", b"three").status, 204)
        wait_for(lambda: server.exists(".samovar/control"), "the control socket is made")
        expect_in_charge(server)
        expect_busy(server)
    expect_end(replace(server))
    eq(server.get("/a").body, b"three")


@own_server(files={"a": b"a"})
def test_one_that_finds_its_users_missing_changes_nothing(server):
    for _ in range(2):
        got = subprocess.run([SAMOVAR, "serve", server.root, "--listen", "127.0.0.1:0", "--replace", "--limit",
                              "drain=1s", "--access-log", "/nowhere/at/all"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=20, check=False)
        ok(got.returncode != 0, "it does not start")
        eq(server.get("/a").body, b"a")
    expect_end(replace(server))
    eq(server.get("/a").body, b"a")


@time_limit(120)
@own_server(files={"small": b"small", "big": b""})
def test_new_ones_that_are_killed_at_any_moment_cost_no_request(server):
    """Before it serves, that is: then the old one goes on as it was. After, there is no other server."""
    load = Load(server)
    load.run(load.reader, True)
    load.run(load.writer, "kept", True)
    survived = 0
    for number in range(40):
        new = subprocess.Popen(server.command() + ["--replace"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        time.sleep(0.0005 * number)
        new.send_signal(signal.SIGSTOP)
        time.sleep(0.1 * wire.STRETCH)
        if has_gone(server):
            follow(server, new)
            continue
        survived += 1
        new.kill()
        new.wait()
        new.stdout.close()
    load.stop()
    ok(survived > 2, "some were stopped before they served")
    ok(load.requests > 100, "there was a load: %d requests" % load.requests)


def has_gone(server):
    return any("serves from now" in line for line in server.lines)


def follow(server, new):
    """It came so far; it goes on as the server."""
    old = copy.copy(server)
    server.process, server.lines, server.addresses, server.secure = new, [], [], set()
    new.send_signal(signal.SIGCONT)
    server.pump = threading.Thread(target=server.pump_stdout, args=(new.stdout,), daemon=True)
    server.pump.start()
    expect_end(old)
    expect_alone(server)
