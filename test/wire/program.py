"""program.py - the program itself, for tests of the command: run to its end, started in other surroundings.

Beside wire.py, which talks to a running server.
"""

import atexit
import base64
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import threading

import wire
from wire import Server, eq, ok, skip, wait_for

CLONE_NEWNET = 0x40000000


def ended(*arguments, cwd=None, env=None, seconds=20):
    """Runs the program, which must end by itself; gives (status, standard output, error output)."""
    done = subprocess.run([wire.SAMOVAR, *arguments], cwd=cwd, env=dict(os.environ, **(env or {})),
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds * wire.STRETCH, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def refused(*arguments, status=None, **more):
    """The program ends with an error, and that error is one line; gives the line."""
    got, _, err = ended(*arguments, **more)
    if status is None:
        ok(got in (1, 2), "it ended with an error: %r, %r" % (got, err))
    else:
        eq(got, status, "the exit status, with %r" % err)
    lines = err.splitlines()
    eq(len(lines), 1, "lines of error output: %r" % err)
    ok(lines[0].startswith("samovar: "), "the line says who speaks: %r" % err)
    return lines[0]


def fresh_folder(server):
    """An empty folder that no server serves."""
    return tempfile.mkdtemp(dir=server.tmp)


def basic(name, password):
    """The fields of a request by this user."""
    text = ("%s:%s" % (name, password)).encode("utf-8")
    return {"Authorization": "Basic " + base64.b64encode(text).decode("ascii")}


def needs_root():
    if os.geteuid() != 0:
        skip("only root may do this")


def as_someone_else(command, uid=65534):
    """The command run by a user without privileges; skips where that is impossible."""
    needs_root()
    if not shutil.which("setpriv"):
        skip("setpriv is not installed")
    become = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--"]
    if command[0] == wire.SAMOVAR and subprocess.run(become + ["test", "-x", wire.SAMOVAR], check=False).returncode:
        command = [copy_for_all(), *command[1:]]  # it lies below a folder that is closed to others, such as /root
    return become + command


def copy_for_all():
    folder = tempfile.mkdtemp(prefix="samovar-program-")
    atexit.register(shutil.rmtree, folder, True)
    os.chmod(folder, 0o755)
    return shutil.copy(wire.SAMOVAR, folder)


def with_socket(command, family, address, at=3):
    """The command run with a listening socket at descriptor `at`, as socket activation does."""
    code = ("import os, socket, sys\n"
            "s = socket.socket(%d)\n"
            "s.bind(%r)\n"
            "s.listen()\n"
            "os.dup2(s.fileno(), %d)\n"
            "os.set_inheritable(%d, True)\n"
            "os.execv(sys.argv[1], sys.argv[1:])\n" % (family, address, at, at))
    return [sys.executable, "-c", code] + command


class Elsewhere(Server):
    """A server started by a command line of the test's own: command is what it gives, or a function of the server."""

    def __init__(self, command, **more):
        super().__init__(**more)
        self.given = command

    def command(self):
        super().command()
        return [self.fill_in(word) for word in self.given]


class Namespace:
    """A network of its own, with loopback alone: its ports are free. Use it in a `with`."""

    def __enter__(self):
        needs_root()
        if not shutil.which("unshare") or not shutil.which("ip"):
            skip("unshare or ip is not installed")
        self.keeper = subprocess.Popen(["unshare", "-n", "sh", "-c", "ip link set lo up && echo up && exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self.keeper.stdout.readline() != b"up\n":
            self.__exit__()
            skip("no network namespace can be made here")
        return self

    def __exit__(self, *_):
        self.keeper.stdin.close()
        self.keeper.wait()
        self.keeper.stdout.close()

    def command(self, *command):
        """The command, run there; the process is the program itself."""
        return ["nsenter", "-t", str(self.keeper.pid), "-n", "--"] + list(command)

    def do(self, act):
        """Runs act() on a thread that stands in this network and gives its result; sockets it made remain there."""
        result = []

        def run():
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                with open("/proc/%d/ns/net" % self.keeper.pid, "rb") as there:
                    if libc.setns(there.fileno(), CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns")
                result.append((True, act()))
            except BaseException as why:
                result.append((False, why))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        is_good, value = result[0]
        if not is_good:
            raise value
        return value


def all_listening(server, count):
    """Waits until so many addresses were told; gives them."""
    wait_for(lambda: len(server.addresses) >= count, "%d addresses are told: %s" % (count, server.stdout()))
    return server.addresses
