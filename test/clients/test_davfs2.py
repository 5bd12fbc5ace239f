"""davfs2: the drive as a folder of this machine, in which any program works."""

import os
import shutil
import subprocess
import tempfile

import tls
from client import PLAIN_AND_TLS, Room, needs, serving
from wire import Failure, cases, contains, eq, ok, skip, time_limit, wait_for

BIG = os.urandom(3 << 20)
FILES = {"docs/a.txt": b"first", "docs/b b.txt": b"second", "docs/100%.txt": b"percent", "docs/sub/deep.txt": b"deep"}

# Some kernels ask for directories in larger pieces than davfs2's usual buffer; nothing waits before it is sent.
SETTINGS = """ask_auth 0
buf_size 128
delay_upload 0
gui_optimize 0
use_locks 1
cache_dir %s
"""


class Drive:
    """The server's root, mounted in the room. Use it in a `with`; afterwards all is on the server and nothing stays."""

    def __init__(self, room):
        self.room, self.path = room, room.path + "/drive"

    def __enter__(self):
        program = needs("mount.davfs")
        if os.geteuid() or not os.access("/dev/fuse", os.R_OK | os.W_OK):
            skip("mounting wants root and /dev/fuse")
        self.cache = tempfile.mkdtemp(prefix="davfs2-")
        os.chmod(self.cache, 0o777)  # it works as a user of its own, which the folders of the test keep out
        settings = SETTINGS % self.cache
        if self.room.url.startswith("https:"):
            settings += "trust_ca_cert %s\n" % tls.authority().ca
        conf = self.room.file("davfs2.conf", settings.encode())
        os.chmod(conf, 0o600)
        os.makedirs(self.path)
        with open(self.room.path + "/said", "wb") as said:  # the process that stays has these open, too
            done = subprocess.run([program, self.room.url + "/", self.path, "-o", "conf=" + conf], stdin=subprocess.DEVNULL,
                                  stdout=said, stderr=said, timeout=30, check=False)
        told = self.room.file("said").decode("utf-8", "replace")
        if done.returncode:
            shutil.rmtree(self.cache, ignore_errors=True)
        if done.returncode and ("fuse" in told.lower() or "permission" in told.lower() or "permitted" in told.lower()):
            skip("nothing can be mounted here: %s" % told.strip()[-200:])
        if done.returncode:
            raise Failure("mount.davfs: %s" % told)
        return self

    def __exit__(self, *_):
        done = subprocess.run(["umount", self.path], capture_output=True, timeout=60, check=False)
        if done.returncode:
            subprocess.run(["umount", "-l", self.path], capture_output=True, timeout=60, check=False)
        shutil.rmtree(self.cache, ignore_errors=True)
        if done.returncode:
            raise Failure("umount: %r" % done.stderr)

    def at(self, name):
        return os.path.join(self.path, name)

    def read(self, name):
        with open(self.at(name), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.at(name), "wb") as file:
            file.write(content)


@cases(*PLAIN_AND_TLS)
@time_limit(120)
def test_reading(server, is_secure):
    with serving(is_secure, files=FILES) as one, Room(one) as room, Drive(room) as drive:
        eq(sorted(os.listdir(drive.at("docs"))), ["100%.txt", "a.txt", "b b.txt", "sub"])
        for name, content in FILES.items():
            eq(drive.read(name), content)
            eq(os.stat(drive.at(name)).st_size, len(content))
            eq(int(os.stat(drive.at(name)).st_mtime), int(os.stat(one.path(name)).st_mtime))


@cases(*PLAIN_AND_TLS)
@time_limit(120)
def test_writing(server, is_secure):
    """Files are locked while they are open, and are on the server when they were closed."""
    with serving(is_secure, files=FILES) as one, Room(one) as room:
        with Drive(room) as drive:
            drive.write("docs/new.txt", b"by davfs2")
            drive.write("big.bin", BIG)
            with open(drive.at("docs/a.txt"), "ab") as file:
                file.write(b", and more")
            wait_for(lambda: one.exists("big.bin") and one.read("big.bin") == BIG, "the upload")
            os.mkdir(drive.at("made"))
            os.rename(drive.at("docs/b b.txt"), drive.at("made/moved.txt"))
            os.rename(drive.at("docs/sub"), drive.at("made/sub"))
            os.unlink(drive.at("docs/100%.txt"))
        eq(one.read("docs/new.txt"), b"by davfs2")
        eq(one.read("docs/a.txt"), b"first, and more")
        eq(one.read("made/moved.txt"), b"second")
        eq(one.read("made/sub/deep.txt"), b"deep")
        ok(not one.exists("docs/100%.txt"), "what was removed")
        eq(sorted(os.listdir(room.path + "/drive")), [], "it is not mounted any more")


@time_limit(120)
def test_free_space_is_the_quotas(server):
    with serving(False, "--quota", "10M", files={"one.bin": b"x" * 1000000}) as one, Room(one) as room:
        with Drive(room) as drive:
            free = os.statvfs(drive.path)
            ok(8 << 20 < free.f_bavail * free.f_bsize < 10 << 20, "free: %d" % (free.f_bavail * free.f_bsize))


@time_limit(120)
def test_other_programs_work_in_it(server):
    with serving(False, files={}) as one, Room(one) as room:
        with Drive(room) as drive:
            room.run("sh", "-ec", "cd drive && mkdir src && seq 1000 > src/a && cp src/a src/b && tar -cf all.tar src && "
                     "gzip all.tar && gzip -t all.tar.gz && mv src/a src/c && rm src/b && sort -rn src/c > src/sorted")
        eq(sorted(os.listdir(one.path("src"))), ["c", "sorted"])
        contains(one.read("src/sorted"), b"1000\n999\n")
