"""Sockets that a service manager opened: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES (sd_listen_fds(3))."""

import os
import signal
import socket
import subprocess

import tls
import wire
from program import fresh_folder, refused
from wire import cases, contains, eq, lacks, ok, wait_for

ONLY_OVER = (("h1",), "it is of sockets, whatever is spoken over them")


class Manager:
    """Holds the sockets and starts the program with them, as often as it is asked to. Use it in a `with`."""

    def __init__(self, folder, *names):
        self.folder, self.names, self.process = folder, names, None
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        self.ports = [one.getsockname()[1] for one in self.sockets]
        with open(os.path.join(folder, "a"), "wb") as out:
            out.write(b"content")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        for one in self.sockets:
            one.close()

    def place(self):
        """In the child: the sockets at 3, 4, ..., whatever they are here."""
        for at, one in enumerate(self.sockets):
            os.dup2(one.fileno(), 100 + at, inheritable=False)
        for at in range(len(self.sockets)):
            os.dup2(100 + at, 3 + at)

    def start(self, *options, names=True):
        env = dict(os.environ, LISTEN_FDS=str(len(self.sockets)))
        if names:
            env["LISTEN_FDNAMES"] = ":".join(self.names)
        command = ["sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh", wire.SAMOVAR, self.folder, *options]
        self.told = os.path.join(self.folder, ".told")
        with open(self.told, "wb") as out:
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            preexec_fn=self.place, pass_fds=range(3, 3 + len(self.sockets)))
        wait_for(lambda: b"listening on" in self.words() or self.process.poll() is not None, "it listens")
        eq(self.process.poll(), None, self.words())

    def words(self):
        with open(self.told, "rb") as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        eq(self.process.wait(20 * wire.STRETCH), 0, self.words())
        self.process = None

    def ask(self, at, target="/a", tls_context=None):
        with socket.create_connection(("127.0.0.1", self.ports[at]), 10 * wire.STRETCH) as raw:
            conn = tls_context.wrap_socket(raw, server_hostname="localhost") if tls_context else raw
            conn.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target.encode())
            got = b""
            while True:
                more = conn.recv(65536)
                if not more:
                    return got
                got += more


def test_handed_sockets_are_served_without_any_option(server):
    with Manager(fresh_folder(server), "http", "other") as manager:
        manager.start()
        for at in range(2):
            contains(manager.ask(at), b"content")
        lacks(manager.words(), b":8080")
        manager.process.send_signal(signal.SIGHUP)
        contains(manager.ask(0), b"content", "after a reload")
        manager.stop()


def test_a_restart_refuses_nobody(server):
    """Who connects while nobody serves waits for the next server."""
    with Manager(fresh_folder(server), "http") as manager:
        manager.start()
        manager.stop()
        with socket.create_connection(("127.0.0.1", manager.ports[0]), 20 * wire.STRETCH) as early:
            early.sendall(b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            manager.start(names=False)
            contains(early.recv(65536), b"HTTP/1.1 200")
        manager.stop()


def test_a_socket_named_plain_stays_without_tls(server):
    with Manager(fresh_folder(server), "https", "plain") as manager:
        manager.start(*tls.usual().options)
        contains(manager.ask(0, tls_context=tls.context()), b"content")
        contains(manager.ask(0), b"HTTP/1.1 400", "plain HTTP where TLS is spoken")
        contains(manager.ask(1), b"content")
        manager.stop()


def test_an_explicit_address_comes_first(server):
    with Manager(fresh_folder(server), "http", "http") as manager:
        manager.start("--listen", "fd:4")
        contains(manager.ask(1), b"content")
        eq(manager.words().count(b"listening on"), 1)
        manager.stop()


def test_variables_for_another_process_are_none(server):
    folder = fresh_folder(server)
    line = refused(folder, "--listen", "fd:77", env={"LISTEN_PID": "1", "LISTEN_FDS": "rubbish"})
    contains(line, "fd:77")


@cases(("no number", "two", None, "LISTEN_FDS"), ("too many", "1000", None, "LISTEN_FDS"),
       ("names that do not match", "1", "a:b", "LISTEN_FDNAMES"))
def test_what_is_wrong_is_told(server, count, names, wanted):
    with Manager(fresh_folder(server), "x") as manager:
        env = dict(os.environ, LISTEN_FDS=count)
        if names:
            env["LISTEN_FDNAMES"] = names
        done = subprocess.run(["sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh", wire.SAMOVAR, manager.folder], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=20 * wire.STRETCH, check=False)
        eq(done.returncode, 2, done.stderr)
        contains(done.stderr.decode(), "samovar: %s" % wanted)


def test_a_descriptor_that_is_no_listening_socket_is_told(server):
    with open(os.devnull, "rb") as null, Manager(fresh_folder(server), "x") as manager:
        env = dict(os.environ, LISTEN_FDS="1")
        done = subprocess.run(["sh", "-c", 'export LISTEN_PID=$$; exec "$@" 3</dev/null', "sh", wire.SAMOVAR,
                               manager.folder], env=env, stdin=null, capture_output=True, timeout=20 * wire.STRETCH,
                              check=False)
        eq(done.returncode, 1, done.stderr)
        contains(done.stderr.decode(), "fd:3")
        ok(len(done.stderr.splitlines()) == 1, "one line: %r" % done.stderr)
