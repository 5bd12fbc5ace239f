"""samovar demo: each of the 22 codes is one line of the shell away, in any order and again, and one click."""

import concurrent.futures
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time

import wire
from client import needs
from devtools import Page
from wire import Failure, contains, eq, fail, ok, time_limit, wait_for

CODES = [102, 206, 207, 208, 226, 304, 308, 412, 416, 418, 422, 423, 424, 428, 429, 431, 451, 506, 507, 508, 510, 511]
INSIDE = (208, 424)  # told within a multistatus
WITNESSED = (102, 308, 511)  # a browser follows 308 by itself, shows no 102, and asks for one host at a time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """Use it in a `with`."""

    def __init__(self, **environment):
        self.environment = {**os.environ, **environment}

    def __enter__(self):
        self.address = "127.0.0.1:%d" % free_port()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen([wire.SAMOVAR, "demo", "--listen", self.address], stdout=self.output, stderr=self.output, env=self.environment)
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
        return re.search(r"in (/\S+), which", self.said()).group(1)

    def is_up(self):
        if self.process.poll() is not None:
            fail("it ended: %s" % self.said())
        return "listening on" in self.said()

    def lines(self):
        told = subprocess.run([wire.SAMOVAR, "demo", "--list", "--listen", self.address], capture_output=True, text=True, check=True).stdout
        return [(int(code), line) for code, line in (row.split("\t") for row in told.splitlines())]


def played(code, line, shell="sh"):
    needs("curl")
    got = subprocess.run([shell, "-c", line], capture_output=True, timeout=60, check=False)
    if b"HTTP/1.1 %d " % code not in got.stdout or got.returncode or got.stderr:
        raise Failure("%d in %s: %s gave %d, %r, %r" % (code, shell, line, got.returncode, got.stdout[:600], got.stderr[:300]))


@time_limit(180)
def test_each_line_gives_its_code(server):
    with Demo() as demo:
        lines = demo.lines()
        eq([code for code, _ in lines], CODES)
        for shell in ("sh", "bash", "zsh"):
            needs(shell)
            for code, line in random.Random(shell).sample(2 * lines, 2 * len(lines)):  # any order, and again
                played(code, line, shell)


@time_limit(120)
def test_two_shells_do_not_disturb_each_other(server):
    with Demo() as demo, concurrent.futures.ThreadPoolExecutor(2) as both:
        for done in [both.submit(played, code, line) for code, line in demo.lines() for _ in range(2)]:
            done.result()


@time_limit(90)
def test_however_it_is_ended_nothing_goes_on(server):
    with tempfile.TemporaryDirectory() as above:
        for after in (0, 0.01, 0.05, 0.2):  # while it makes its folder, too
            process = subprocess.Popen([wire.SAMOVAR, "demo", "--listen", "127.0.0.1:%d" % free_port()], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": above})
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            process.wait(60)
            wait_for(lambda: not os.listdir(above), "the folder is removed", 20)
    demo = Demo(TMPDIR=server.tmp)
    demo.__enter__()
    demo.process.kill()
    demo.process.wait(20)
    wait_for(lambda: not is_open(demo.address), "what served it has ended, too", 30)
    demo.output.close()


def is_open(address):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(address.split(":")[1]))) == 0


SECTIONS = "[...document.querySelectorAll('section')].map((one) => Number(one.id.slice(1)))"
SHOWN = "document.querySelector('#c%d div').textContent"
STATUSES = "[...document.querySelectorAll('#c%d .status')].map((one) => parseInt(one.textContent))"
REFERENCE = "fetch(document.querySelector('#c%d h2 a').href, { headers: { Accept: 'text/html' } }).then((answer) => answer.text())"


@time_limit(180)
def test_a_click_shows_each(server):
    with Demo() as demo, Page("http://%s/" % demo.address) as page:
        wait_for(lambda: page.value(SECTIONS) == CODES, "the page has all of them", 20)
        for code in CODES:
            page.value("document.querySelector('#c%d button').click()" % code)
            wait_for(lambda: code in page.value(STATUSES % code) or code in INSIDE and "HTTP/1.1 %d " % code in page.value(SHOWN % code),
                     "a click shows %d" % code, 25)
            contains(page.value(REFERENCE % code), "<title>%d " % code)
            ok(page.value("document.querySelectorAll('#c%d p').length >= 2" % code), "what %d is for" % code)


@time_limit(60)
def test_what_no_browser_shows_is_asked_for_it(server):
    with Demo() as demo:
        connection = http.client.HTTPConnection(demo.address, timeout=30)
        for code in WITNESSED * 2:
            before = asked(connection, "GET", "/witness/%d.txt" % code)[2]
            eq(asked(connection, "PUT", "/witness/%d" % code)[0], 201)
            wait_for(lambda: asked(connection, "GET", "/witness/%d.txt" % code)[2] not in (None, before), "%d was asked for" % code, 20)
            shown = asked(connection, "GET", "/witness/%d.txt" % code)[1]
            ok(re.match(r"(COPY|GET) /\S* HTTP/1.1\r\n", shown), "the request: %r" % shown[:200])
            contains(shown, "\r\n\r\nHTTP/1.1 %d " % code)
        eq(asked(connection, "PUT", "/witness/206")[0], 201)
        eq(asked(connection, "GET", "/witness/206.txt")[0], 404)  # what a browser shows is not asked for
        connection.close()


def asked(connection, method, path):
    connection.request(method, path, body=b"" if method == "PUT" else None)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers["ETag"]


@time_limit(180)
def test_the_surveyor_finds_all_of_them(server):
    with Demo() as demo:
        got = subprocess.run([wire.SAMOVAR, "survey", "--write", "http://%s/" % demo.address], capture_output=True, text=True, timeout=150, check=False)
        eq(re.findall(r"^  (\d+)  (\w+)", got.stdout, re.M), [(str(code), "earned") for code in CODES], got.stdout + got.stderr)
        contains(got.stdout, "22 of 22 codes found in 1 service")


@time_limit(60)
def test_its_folder_is_where_temporary_files_are(server):
    with Demo(TMPDIR=server.tmp) as demo:
        eq(os.path.dirname(demo.folder()), server.tmp)
    got = subprocess.run([wire.SAMOVAR, "demo"], capture_output=True, text=True, timeout=30, check=False, env={**os.environ, "TMPDIR": "/none"})
    eq(got.returncode, 1)
    contains(got.stderr, "No such file or directory")


@time_limit(60)
def test_what_it_does_not_take(server):
    for words, said in ((["--listen", "nothing"], "address of TCP with a port"), (["--listen", "unix:/tmp/x"], "address of TCP"),
                        (["--listen", "127.0.0.1:0"], "that you choose"), (["/tmp"], "no folder"), (["--quota", "1G"], "not --quota")):
        got = subprocess.run([wire.SAMOVAR, "demo", *words], capture_output=True, text=True, timeout=30, check=False)
        eq(got.returncode, 2)
        contains(got.stderr, said)
