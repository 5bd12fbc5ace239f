"""powercut.py - a served folder on a disk of its own, that can lose its power: xfs on a loop device, shut down without writing its log.

xfs shows a missing fsync where ext4 hides it.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import time

from wire import eq, fail, skip

SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2  # _IOR('X', 125, u32), and "the log is not written"


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


def plug_in(server, folders):
    """The served folder becomes an xfs of its own, with folders d0, d1, ... in it."""
    if os.geteuid() != 0:
        skip("a loop device needs root")
    for tool in ("mkfs.xfs", "mount"):
        if not shutil.which(tool):
            skip("%s is not installed" % tool)
    image = server.tmp + "/disk.img"
    with open(image, "wb") as out:
        out.truncate(320 << 20)
    status, text = run("mkfs.xfs", "-q", "-f", image)
    if status != 0:
        skip("mkfs.xfs: %s" % text)
    status, text = mount(server)
    if status != 0:
        skip("no loop mount here: %s" % text)
    for number in range(folders):
        os.mkdir(server.path("d%d" % number))
    os.sync()


def mount(server):
    return run("mount", "-t", "xfs", "-o", "loop", server.tmp + "/disk.img", server.root)


def unplug(server):
    with open("/proc/mounts", encoding="utf-8") as mounts:  # after a cut the folder itself cannot even be asked
        if " %s " % server.root not in mounts.read():
            return
    status, text = run("umount", server.root)
    if status != 0:
        run("umount", "-l", server.root)
        fail("umount: %s" % text)


def cut_power(server):
    fd = os.open(server.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", WITHOUT_LOG))
    except OSError as why:
        skip("no shutdown of this file system: %s" % why)
    finally:
        os.close(fd)


# ---- crashes, for play() of writers.py --------------------------------------------------------------


def power_cut(server, memory, seconds):
    def crash():
        time.sleep(seconds)
        memory.is_over = True
        cut_power(server)
        time.sleep(0.02)  # what is acknowledged after the cut counts as well
        server.kill()
        unplug(server)
        eq(mount(server), (0, ""), "mounting after the cut")

    return crash


def kill_after(server, memory, seconds):
    def crash():
        time.sleep(seconds)
        memory.is_over = True
        server.kill()

    return crash
