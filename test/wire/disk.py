"""Small file systems to fill up, for tests of what a server does then."""

import contextlib
import os
import shutil
import subprocess
import xml.etree.ElementTree

from program import needs_root
from wire import Server, eq, ok, skip

KIB = 1024


def mount(server, kind, size):
    if kind == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", "size=%s,mode=755" % size, "none", server.root]
    else:
        image = os.path.join(server.tmp, "image")
        with open(image, "wb") as out:
            out.truncate(4 << 20)
        if not shutil.which("mkfs." + kind):
            skip("mkfs.%s is not installed" % kind)
        subprocess.run(["mkfs." + kind, "-q", "-m", "0", image], check=True, capture_output=True)
        command = ["mount", "-o", "loop", image, server.root]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        skip("nothing can be mounted here: %s" % done.stderr.strip())


@contextlib.contextmanager
def small_disk(kind="tmpfs", size="1m"):
    """A server whose root is a small file system: in memory, or in a file of 4 MiB."""
    needs_root()
    server = Server()
    try:
        mount(server, kind, size)
        try:
            shutil.rmtree(server.path("lost+found"), ignore_errors=True)
            yield server.start()
            server.stop()
        finally:
            if server.process is not None:
                server.kill()
            subprocess.run(["umount", server.root], check=True)
    finally:
        server.remove()


def free(server):
    facts = os.statvfs(server.root)
    return facts.f_bavail * facts.f_frsize


def is_507(answer):
    eq(answer.status, 507)
    eq(answer.fields["Content-Type"].split(";")[0], "application/xml")
    root = xml.etree.ElementTree.fromstring(answer.body)
    eq(root.tag, "{DAV:}error")
    eq([child.tag for child in root], ["{DAV:}sufficient-disk-space"])


def fill(one):
    """Puts files until the disk is full; gives their names."""
    made = []
    for number in range(200):
        got = one.put("/fill-%d" % number, os.urandom(32 * KIB))
        if got.status == 507:
            is_507(got)
            break
        eq(got.status, 201)
        made.append("fill-%d" % number)
    ok(made and len(made) < 200, "it was full after %d files" % len(made))
    return made
