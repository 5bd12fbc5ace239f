#!/usr/bin/env python3
"""pages.py - pages with sessions that run: what a page shows is typed, and what comes out has to be what it shows.

    PYTHONPATH=test/wire SAMOVAR=build/samovar test/clients/pages.py docs/codes/*.md     writes what comes out into the pages

A page has blocks of two kinds, anywhere in its text. ```conf is the file samovar.conf. ```console is typed: lines with
"$ " into one shell, which stands in an empty folder, lines with "> " go on with the one before, all else is what comes
out. `$ samovar ... &` starts the server with just these options. It gets a port of its own, which is written 8080 in
the page (and 8511 for what is intercepted); curl is the real one, told to say nothing of progress, and
not to ask before it sends (older ones do, and show the 100).

Compared is all that comes out. What must differ from run to run is named and numbered as it comes up, in the page and
in the output alike: dates, times, entity tags, ids. So a tag that stands twice in the page has to come twice.
"""

import os
import re
import select
import shutil
import subprocess
import sys
import time

import wire
from wire import Failure, wait_for

MARK = "=== %d ==="
SERVER = re.compile(r"samovar (.*) &$")
STEP_SECONDS = 60
VARYING = re.compile(r"(?P<date>\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
                     r"|(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|(?P<tag>\b[0-9a-v]{26}\b)"
                     r"|(?P<boundary>\b[0-9a-f]{32}\b)|(?P<seconds>(?<=Retry-After: )\d+|(?<=;t=)\d+)")
SAME_WHENEVER = ("date", "time", "seconds")  # two of them may be the same or not, as the clock will have it


class Step:
    """A command and what it prints. first, last: the lines of the page that show the output."""

    def __init__(self, command, first):
        self.command, self.first, self.last, self.shown = command, first, first, []


class Page:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        self.path, self.conf, self.steps = path, None, []
        kind, conf = None, []
        for number, line in enumerate(self.lines):
            if line.startswith("```"):
                kind = None if kind is not None else line[3:].strip()
            elif kind == "conf":
                conf.append(line)
            elif kind == "console":
                self.take(number, line)
        if conf:
            self.conf = "\n".join(conf) + "\n"

    def take(self, number, line):
        if line.startswith("$ "):
            self.steps.append(Step(line[2:], number + 1))
            return
        step = self.steps[-1]
        if (line == ">" or line.startswith("> ")) and not step.shown:
            step.command += "\n" + line[2:]
            step.first = step.last = number + 1
            return
        step.shown.append(line)
        step.last = number + 1

    def filled(self, outputs):
        """The page with these outputs, as one text."""
        lines = list(self.lines)
        for step, output in reversed(list(zip(self.steps, outputs))):
            lines[step.first:step.last] = output
        return "\n".join(lines)


class Names:
    """Puts a name where something stands that differs from run to run."""

    def __init__(self):
        self.known = {}

    def of(self, match):
        kind = match.lastgroup
        if kind in SAME_WHENEVER:
            return "<%s>" % kind
        group = self.known.setdefault(kind, {})
        return "<%s %d>" % (kind, group.setdefault(match.group(), len(group) + 1))

    def put(self, line):
        return VARYING.sub(self.of, line)


class PageServer(wire.Server):
    """Started by the page's own command line."""

    def __init__(self, conf):
        super().__init__()
        shutil.rmtree(self.root)
        self.words = []
        if conf is not None:
            self.config_path = os.path.join(self.tmp, "samovar.conf")
            with open(self.config_path, "w", encoding="utf-8") as out:
                out.write(conf.replace("127.0.0.1:8511", "127.0.0.1:0"))

    def command(self):
        return [wire.SAMOVAR, *self.words, "--listen", "127.0.0.1:0"]

    def ports(self):
        """[(as in the page, as it is)]"""
        out = [("8080", str(self.port))] if self.addresses else []
        told = re.search(r"intercepted requests on http://[0-9.]+:(\d+)/", self.stdout())
        return out + ([("8511", told.group(1))] if told else [])

    def remove(self):
        shutil.rmtree(self.tmp + "/home", ignore_errors=True)
        super().remove()


class Shell:
    """Commands are typed into it, one after the other."""

    def __init__(self, folder):
        home = folder + "-home"
        os.makedirs(home + "/bin")
        with open(home + "/.curlrc", "w", encoding="utf-8") as out:
            out.write("silent\nshow-error\nmax-time = %d\nnoproxy = *\nheader = \"Expect:\"\n" % STEP_SECONDS)
        os.symlink(os.path.abspath(wire.SAMOVAR), home + "/bin/samovar")
        env = {"HOME": home, "PATH": home + "/bin:" + os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self.home, self.count, self.seen = home, 0, b""
        self.process = subprocess.Popen(["sh"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def typed(self, command):
        """What it prints, in lines."""
        self.count += 1
        mark = MARK % self.count
        text = "{\n%s\n} </dev/null\necho\necho '%s'\n" % (command, mark)
        self.process.stdin.write(text.encode("utf-8"))
        self.process.stdin.flush()
        end, until = ("\n%s\n" % mark).encode("utf-8"), time.monotonic() + STEP_SECONDS * wire.STRETCH
        while end not in self.seen:
            more = b""
            if select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise Failure("%s\ndid not end; it printed %r" % (command, self.seen[-2000:]))
            self.seen += more
        out, self.seen = self.seen.split(end, 1)
        return out.decode("utf-8", "replace").replace("\r", "").rstrip("\n").split("\n") if out.strip() else []

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)


def started(server, words):
    """Starts the server with these options; nothing is printed in the page."""
    server.words = words.split()
    server.start()
    if "portal {" in wire_text(server.config_path):
        wait_for(lambda: len(server.ports()) > 1, "the server says where intercepted requests arrive")


def wire_text(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def swapped(text, pairs):
    for old, new in pairs:
        text = re.sub(r"(?<=[a-z1.]:)%s\b" % old, new, text)
    return text


def played(page, before=None):
    """What came out of each step, as lines, with the page's ports. before(server): once the folder is there."""
    server, outputs = PageServer(page.conf), []
    shell = Shell(server.tmp)
    try:
        if before:
            before(server)
        for step in page.steps:
            start = SERVER.match(step.command)
            if start:
                started(server, start.group(1))
                outputs.append([])
                continue
            lines = shell.typed(swapped(step.command, server.ports()))
            back = [(real, shown) for shown, real in server.ports()]
            outputs.append([swapped(line, back) for line in lines])
        server.stop()
    finally:
        shell.close()
        server.remove()
    return outputs


def differences(page, outputs):
    """A text for each step whose output is not what the page shows."""
    shown_names, real_names, out = Names(), Names(), []
    for step, output in zip(page.steps, outputs):
        shown, real = [shown_names.put(line) for line in step.shown], [real_names.put(line) for line in output]
        if shown != real:
            out.append("$ %s\nthe page shows:\n%s\nit is:\n%s" % (step.command, "\n".join(shown), "\n".join(output)))
    return out


def head_of_page(path):
    """What a page about a status code begins with: `samovar codes` prints it."""
    code = os.path.basename(path).split(".")[0]
    done = subprocess.run([wire.SAMOVAR, "codes", "--markdown", code], capture_output=True, text=True, check=True)
    return done.stdout


def main():
    for path in sys.argv[1:]:
        page = Page(path)
        text = page.filled(played(page))
        with open(path, "w", encoding="utf-8") as out:
            out.write(head_of_page(path) + text[text.index("\n## "):])


if __name__ == "__main__":
    main()
