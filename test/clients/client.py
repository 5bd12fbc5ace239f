"""client.py - running somebody else's program against the server of a wire test."""

import os
import shutil
import subprocess
import tempfile

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
