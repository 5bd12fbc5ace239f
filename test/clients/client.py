"""client.py - running somebody else's program against the server of a wire test."""

import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time

import tls
import wire
from wire import Failure, skip

PLAIN_AND_TLS = (("plain", False), ("tls", True))  # for @cases: test(server, is_secure), which then begins a serving()


def needs(program):
    """Where it is; skips where it is not installed."""
    found = shutil.which(program)
    if not found:
        skip("%s is not installed" % program)
    return found


def serving(is_secure, *options, config=None, files=None):
    """A server of the test's own, plain or with the usual certificate. Use it in a `with`."""
    return tls.Serving(*(tls.usual().options if is_secure else ()), *options, config=config, files=files)


class Room:
    """A folder of the client's own, where its programs run. Use it in a `with`."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="client-", dir=self.server.tmp)
        secure = self.server.is_secure(self.server.addresses[0])
        self.url = "%s://%s" % ("https" if secure else "http", self.server.host)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, content=None):
        """Writes the file, or reads it where no content is given."""
        path = os.path.join(self.path, name)
        if content is None:
            with open(path, "rb") as file:
                return file.read()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content)
        return path

    def names(self):
        """All files below, relative."""
        return sorted(os.path.relpath(os.path.join(folder, name), self.path)
                      for folder, _, names in os.walk(self.path) for name in names)

    def run(self, *command, feed=None, status=0, seconds=60, **more):
        """Gives (standard output, error output) as bytes; fails unless it ends with this status (None: any)."""
        env = dict(os.environ, HOME=self.path, XDG_CONFIG_HOME=self.path + "/.config", LC_ALL="C.UTF-8", no_proxy="*",
                   **more)
        done = subprocess.run(command, cwd=self.path, env=env, input=feed,
                              stdin=None if feed is not None else subprocess.DEVNULL,
                              capture_output=True, timeout=seconds * wire.STRETCH, check=False)
        if status is not None and done.returncode != status:
            raise Failure("%s\nended with %d: %r %r" % (" ".join(command), done.returncode, done.stdout[-800:],
                                                        done.stderr[-1500:]))
        return done.stdout, done.stderr

    def talk(self, command, lines, prompt, seconds=60):
        """Types the lines on a terminal, each after the prompt (a pattern). Gives what was seen there, as text."""
        ours, theirs = pty.openpty()
        env = dict(os.environ, HOME=self.path, LC_ALL="C.UTF-8", TERM="dumb", no_proxy="*")
        process = subprocess.Popen(command, cwd=self.path, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
                                   start_new_session=True)
        os.close(theirs)
        seen, until, lines = "", time.monotonic() + seconds * wire.STRETCH, list(lines)
        fresh = 0  # what came before was answered
        try:
            while time.monotonic() < until:
                if lines and re.search(prompt, seen[fresh:]):
                    fresh = len(seen)
                    os.write(ours, (lines.pop(0) + "\n").encode("utf-8"))
                if not select.select([ours], [], [], 0.1)[0]:
                    continue
                try:
                    more = os.read(ours, 65536)
                except OSError:  # the other side was closed
                    return seen
                seen += more.decode("utf-8", "replace").replace("\r", "")
            raise Failure("%s did not end: %s" % (command[0], seen[-1500:]))
        finally:
            os.close(ours)
            process.kill()
            process.wait()
