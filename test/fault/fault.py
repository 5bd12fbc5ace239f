"""fault.py - what the fault tests share: strace beside a running server, page caches made cold, contents that say what they are.

strace attaches from outside, so the server is the one that users run, its sandbox included.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time

import wire

CALL = re.compile(r"^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))$")


class Strace:
    """strace on all threads of a server, or on some. `with Strace(server, "-e", "trace=...") as trace: ...; trace.lines()`"""

    def __init__(self, server, *options, threads=None, output="strace.out"):
        if not shutil.which("strace"):
            wire.skip("strace is not installed")
        self.server, self.path = server, os.path.join(server.tmp, output)
        self.errors = self.path + ".err"
        self.threads = threads
        self.options = list(options)
        self.process = None

    def __enter__(self):
        pids = [str(tid) for tid in self.threads] if self.threads else [str(self.server.process.pid)]
        command = ["strace", "-qq", "-o", self.path] + ([] if self.threads else ["-f"]) + self.options
        for pid in pids:
            command += ["-p", pid]
        with open(self.errors, "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        wire.wait_for(self.is_attached, "strace is attached to the server")
        return self

    def is_attached(self):
        if self.process.poll() is not None:
            with open(self.errors, encoding="utf-8", errors="replace") as file:
                text = file.read()
            if "not permitted" in text:
                wire.skip("strace may not attach here: %s" % text.strip()[:200])
            wire.fail("strace ended: %s" % text[:500])
        return all(self.is_traced(tid) for tid in self.threads or tids(self.server))

    def is_traced(self, tid):
        try:
            with open("/proc/%d/task/%d/status" % (self.server.process.pid, int(tid)), encoding="ascii",
                      errors="replace") as file:
                return "TracerPid:\t%d\n" % self.process.pid in file.read()
        except (FileNotFoundError, ProcessLookupError):
            return True

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20 * wire.STRETCH)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def lines(self):
        with open(self.path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()

    def calls(self):
        """(tid, name, text) of each call that was begun, in order; an unfinished call's result is joined to its text."""
        out, open_calls = [], {}
        for line in self.lines():
            match = CALL.match(line)
            if not match:
                continue
            tid = int(match.group(1))
            if match.group(4):
                at = open_calls.pop(tid, None)
                if at is not None:
                    out[at] = (tid, out[at][1], out[at][2] + match.group(5))
                continue
            text = match.group(3)
            if text.endswith("<unfinished ...>"):
                text = text[:-len("<unfinished ...>")]
                open_calls[tid] = len(out)
            out.append((tid, match.group(2), text))
        return out


def tids(server):
    return [int(name) for name in os.listdir("/proc/%d/task" % server.process.pid)]


def thread_names(server):
    """{tid: name} of the server's threads."""
    out = {}
    for tid in tids(server):
        try:
            with open("/proc/%d/task/%d/comm" % (server.process.pid, tid), encoding="utf-8", errors="replace") as file:
                out[tid] = file.read().strip()
        except (FileNotFoundError, ProcessLookupError):
            pass
    return out


def make_cold(path):
    """Writes the file back and drops its pages; the next read comes from the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def content(name, serial, size):
    """Bytes that say which file and version they are, of any size from 96 on; whole() tells whether they are all there."""
    seed = ("%s %d " % (name, serial)).encode()
    body = (seed * (size // len(seed) + 1))[:max(0, size - 64)]
    return body + hashlib.sha256(body).hexdigest().encode()


def whole(data):
    return len(data) >= 64 and hashlib.sha256(data[:-64]).hexdigest().encode() == data[-64:]


def left_in(server, folder):
    """What lies in .samovar/FOLDER."""
    path = server.path(".samovar/" + folder)
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def settle(server, seconds=5):
    """Waits until the server has nothing under way any more: its descriptors hold still for a while."""
    last, since = None, time.monotonic()
    end = since + seconds * wire.STRETCH
    while time.monotonic() < end:
        now = server.fds()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.1:
            break
        time.sleep(0.02)
    return last
