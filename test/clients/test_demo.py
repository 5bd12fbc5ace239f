"""samovar demo: each of the 22 codes is one line of the shell away, in any order and again; most are one click away."""

import os
import re
import signal
import socket
import subprocess
import tempfile

import wire
from client import needs
from wire import Failure, contains, eq, fail, ok, time_limit, wait_for

CODES = [102, 206, 207, 208, 226, 304, 308, 412, 416, 418, 422, 423, 424, 428, 429, 431, 451, 506, 507, 508, 510, 511]
NO_CLICK = {102, 308, 511}  # a browser follows 308 by itself, shows no 102, and asks for one host at a time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """Use it in a `with`."""

    def __enter__(self):
        self.address = "127.0.0.1:%d" % free_port()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen([wire.SAMOVAR, "demo", "--listen", self.address], stdout=self.output, stderr=self.output)
        wait_for(self.is_up, "it listens", 60)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        eq(self.process.wait(60), 0, "its end: %s" % self.said())
        ok(not os.path.exists(self.folder()), "the folder is removed")
        self.output.close()

    def said(self):
        self.output.seek(0)
        return self.output.read().decode()

    def folder(self):
        return re.search(r"in (/tmp/\S+), which", self.said()).group(1)

    def is_up(self):
        if self.process.poll() is not None:
            fail("it ended: %s" % self.said())
        return "listening on" in self.said()

    def lines(self):
        told = subprocess.run([wire.SAMOVAR, "demo", "--list", "--listen", self.address], capture_output=True, text=True, check=True).stdout
        return [(int(code), line) for code, line in (row.split("\t") for row in told.splitlines())]


def played(code, line):
    needs("curl")
    out = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False).stdout
    if b"HTTP/1.1 %d " % code not in out:
        raise Failure("%d: %s gave %r" % (code, line, out[:600]))


@time_limit(180)
def test_each_line_gives_its_code(server):
    with Demo() as demo:
        lines = demo.lines()
        eq([code for code, _ in lines], CODES)
        for code, line in lines:
            played(code, line)
        for code, line in reversed(lines):  # in another order, and again
            played(code, line)


@time_limit(180)
def test_the_front_page_plays_them(server):
    with Demo() as demo:
        with tempfile.TemporaryDirectory() as home:
            got = subprocess.run([needs("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                                  "--user-data-dir=" + home, "--virtual-time-budget=20000", "--timeout=30000", "--dump-dom",
                                  "http://%s/#all" % demo.address], capture_output=True, timeout=120, check=False)
        page = got.stdout.decode("utf-8", "replace")
        if "<html" not in page:
            wire.skip("chromium does not run here: %r" % got.stderr[-300:])
        eq([int(code) for code in re.findall(r'<section id="c(\d+)"', page)], CODES)
        found = {int(code) for code in re.findall(r'<span class="status">(\d+)', page)} | ({208, 424} & within(page))
        eq(sorted(set(CODES) - NO_CLICK - found), [], "shown by a click")
        contains(page, "samovar/codes/418")


def within(page):
    """Codes that are told inside of a multistatus."""
    return {int(code) for code in re.findall(r"&lt;D:status&gt;HTTP/1.1 (\d+)", page)}


@time_limit(180)
def test_the_surveyor_finds_all_of_them(server):
    with Demo() as demo:
        got = subprocess.run([wire.SAMOVAR, "survey", "--write", "http://%s/" % demo.address], capture_output=True, text=True, timeout=150, check=False)
        eq(re.findall(r"^  (\d+)  (\w+)", got.stdout, re.M), [(str(code), "earned") for code in CODES], got.stdout + got.stderr)
        contains(got.stdout, "22 of 22 codes found in 1 service")


@time_limit(60)
def test_what_it_does_not_take(server):
    for words, said in ((["--listen", "nothing"], "address with its port"), (["/tmp"], "no folder"), (["--quota", "1G"], "not --quota")):
        got = subprocess.run([wire.SAMOVAR, "demo", *words], capture_output=True, text=True, timeout=30, check=False)
        eq(got.returncode, 2)
        contains(got.stderr, said)
