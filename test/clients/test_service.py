"""As a service: what the manager is told, sockets that it hands over, fail2ban's filter, the log's rotation.

The units themselves are in test_units.sh.
"""

import os
import signal
import socket
import subprocess
import threading
import time

import wire
from client import Room, needs
from program import Elsewhere, basic
from wire import contains, eq, lacks, ok, own_server, wait_for

FILES = {"a.txt": b"hello"}
PACKAGING = os.path.join(wire.TOP, "packaging")


class Manager:
    """Plays the service manager: what is sent to its NOTIFY_SOCKET, as dictionaries in order."""

    def __init__(self, server):
        self.path = os.path.join(server.tmp, "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.heard = []

    def listen(self, seconds):
        """Takes in what comes within so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                text = self.sock.recv(4096).decode()
            except TimeoutError:
                return
            self.heard.append(dict(line.split("=", 1) for line in text.splitlines()))

    def expect(self, name, seconds=10):
        """The next message with this name; those before it are let go."""
        end = time.monotonic() + seconds * wire.STRETCH
        while time.monotonic() < end:
            while self.heard:
                message = self.heard.pop(0)
                if name in message:
                    return message
            self.listen(0.1)
        raise wire.Failure("%s was not told within %g s" % (name, seconds))

    def pulses(self, seconds):
        self.heard = []
        self.listen(seconds)
        return sum(1 for message in self.heard if "WATCHDOG" in message)


def managed(**more):
    """A server of the test's own with a manager: its environment names a socket that is made before the start."""

    def before(server):
        server.manager = Manager(server)
        server.env = dict(server.env or {}, NOTIFY_SOCKET=server.manager.path)

    return own_server(before=before, files=FILES, **more)


@managed()
def test_start_reload_and_stop_are_told(server):
    ready = server.manager.expect("READY")
    eq(ready["READY"], "1")
    eq(int(ready["MAINPID"]), server.process.pid)
    eq(server.request("GET", "/a.txt").body, b"hello")
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    server.signal(signal.SIGHUP)
    told = server.manager.expect("RELOADING")
    ok(before <= int(told["MONOTONIC_USEC"]) / 1e6 <= time.clock_gettime(time.CLOCK_MONOTONIC), "it is told when")
    eq(server.manager.expect("READY")["STATUS"], "reloaded")
    server.stop()
    told = server.manager.expect("STOPPING")
    ok(int(told["EXTEND_TIMEOUT_USEC"]) >= 30000000, "time to drain is asked for")


@own_server(config='listen = "127.0.0.1:0"\nsite "a" {\n root = "{root}"\n}\n', files=FILES,
            before=lambda server: setattr(server, "manager", Manager(server)) or
            server.__setattr__("env", {"NOTIFY_SOCKET": server.manager.path}))
def test_a_reload_that_is_refused_ends_too(server):
    server.manager.expect("READY")
    with open(server.config_path, "a", encoding="utf-8") as out:
        out.write("nonsense\n")
    server.signal(signal.SIGHUP)
    server.manager.expect("RELOADING")
    contains(server.manager.expect("READY")["STATUS"], "not reloaded")


@managed(env={"WATCHDOG_USEC": "400000"})
def test_the_watchdog_hears_us_as_long_as_we_go_round(server):
    server.manager.expect("READY")
    server.manager.expect("WATCHDOG")
    ok(server.manager.pulses(2) >= 4, "it is heard more often than each 400 ms: %r" % server.manager.heard)
    server.signal(signal.SIGSTOP)
    server.manager.pulses(0.3)
    eq(server.manager.pulses(1), 0, "from a process that stands still")
    server.signal(signal.SIGCONT)
    server.manager.expect("WATCHDOG")


def loop_threads(pid):
    out = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/comm" % (pid, task), encoding="ascii") as file:
            if file.read().startswith("loop-"):
                out.append(int(task))
    return out


@managed(env={"WATCHDOG_USEC": "400000"})
def test_one_loop_that_hangs_keeps_us_silent(server):
    """A tracer holds one thread; the main thread and the other loops go on."""
    strace = needs("strace")
    server.manager.expect("WATCHDOG")
    loop = loop_threads(server.process.pid)[0]
    # each wait of that thread begins with a sleep of a minute
    tracer = subprocess.Popen([strace, "-p", str(loop), "-e", "trace=epoll_wait,epoll_pwait,epoll_pwait2", "-e",
                               "inject=epoll_wait,epoll_pwait,epoll_pwait2:delay_enter=60000000", "-o", "/dev/null"],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        said = tracer.stderr.readline()
        if b"attached" not in said:
            wire.skip("no thread can be traced here: %r" % said)
        server.manager.pulses(1.5)
        eq(server.manager.pulses(1.5), 0, "while a loop hangs")
    finally:
        tracer.kill()
        tracer.wait()
        tracer.stderr.close()
    server.manager.expect("WATCHDOG", 20)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_sockets_that_the_manager_hands_over(server):
    """systemd-socket-activate is systemd's half of it: it waits for the first client and starts the server then."""
    activate = needs("systemd-socket-activate")
    port = free_port()
    given = Elsewhere([activate, "--listen=127.0.0.1:%d" % port, "--fdname=http", wire.SAMOVAR, "{root}"], files=FILES)
    try:
        given.start(wait=False)
        given.addresses = [("127.0.0.1", port)]
        wait_for(lambda: "Listening on 127.0.0.1" in given.stderr(), "the socket is bound")
        lacks(given.stdout(), "listening on", "before the first client")
        eq(given.request("GET", "/a.txt").body, b"hello")
        contains(given.stdout(), "listening on http://127.0.0.1:%d/" % port)
        given.addresses = given.addresses[:1]
        given.stop()
    finally:
        given.remove()


# ---- fail2ban ----------------------------------------------------------------------------------------


def three_kinds_of_visitors(server):
    """Without a name, with a wrong password under names that tempt the filter, and the right one."""
    for name in ("ann", "no body", 'a"b\\c', "é", "x - y [1] \"GET / HTTP/1.1\" 401 ", "-"):
        eq(server.request("GET", "/a.txt", basic(name, "wrong")).status, 401)
    for target in ("/a.txt", "/%22%20401%20", "/?%22,%22status%22:401,%22bytes%22:1,"):
        eq(server.request("GET", target).status, 401)
        one = server.request("GET", target, basic("ann", "secret"))
        ok(one.status in (200, 404), "logged in: %d" % one.status)


def check_filter(server, log, shape):
    regex = needs("fail2ban-regex")
    three_kinds_of_visitors(server)
    wait_for(lambda: os.path.exists(log) and open(log, "rb").read().count(b"\n") == 12, "12 lines are written")
    with Room(server) as room:
        told, _ = room.run(regex, "--print-all-matched", "--print-all-missed", log,
                           os.path.join(PACKAGING, "fail2ban/samovar.conf"))
    text = told.decode("utf-8", "replace")
    contains(text, "12 lines, 0 ignored, %d matched, %d missed" % shape, text[-3000:])


LOGGED = ("--user", "ann:secret", "--access-log", "{tmp}/access.log")


@own_server(*LOGGED, files=FILES)
def test_fail2ban_counts_wrong_passwords_alone(server):
    # the name "-" cannot be told from none
    check_filter(server, server.tmp + "/access.log", (5, 7))


@own_server(*LOGGED, "--log-format", "json", files=FILES)
def test_fail2ban_counts_them_in_json_too(server):
    check_filter(server, server.tmp + "/access.log", (6, 6))


# ---- rotation ----------------------------------------------------------------------------------------


@own_server("--access-log", "{tmp}/log/access.log", files=FILES, before=lambda server: os.mkdir(server.tmp + "/log"))
def test_logrotate_loses_no_line(server):
    logrotate = needs("logrotate")
    log = server.tmp + "/log/access.log"
    with open(os.path.join(PACKAGING, "logrotate/samovar"), encoding="utf-8") as file:
        text = file.read()
    for old, new in (("/var/log/samovar/*.log", log), ("\tsu samovar samovar\n", ""),
                     ("[ ! -d /run/systemd/system ] || systemctl kill --kill-who=main --signal=USR1 samovar.service || true",
                      "kill -USR1 %d" % server.process.pid)):
        contains(text, old, "the shipped snippet")
        text = text.replace(old, new)
    os.chmod(server.tmp + "/log", 0o755)
    asked, is_over = [0], threading.Event()

    def keep_asking():
        with server.connect() as conn:
            while not is_over.is_set():
                eq(conn.ask("GET", "/a.txt?%d" % asked[0]).status, 200)
                asked[0] += 1

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        with Room(server) as room:
            room.file("rotate.conf", text.encode())
            os.chmod(room.path + "/rotate.conf", 0o644)
            for turn in (1, 2):
                had = asked[0]
                wait_for(lambda: asked[0] > had + 50 and os.path.getsize(log) > 0, "requests go on")
                room.run(logrotate, "-f", "-s", room.path + "/state", room.path + "/rotate.conf")
                wait_for(lambda: os.path.exists(log) and os.path.getsize(log) > 0, "lines go into the new file")
                ok(os.path.exists(log + ".1"), "the old one was moved in turn %d" % turn)
    finally:
        is_over.set()
        asking.join()

    def lines():
        got = subprocess.run("cat access.log access.log.1 && zcat access.log.2.gz", shell=True, cwd=server.tmp + "/log",
                             capture_output=True, check=True).stdout.decode()
        return sorted(int(line.split("?")[1].split(" ")[0]) for line in got.splitlines())

    wait_for(lambda: len(lines()) >= asked[0], "all lines are written")
    eq(lines(), list(range(asked[0])), "each request once")
