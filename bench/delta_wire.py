#!/usr/bin/env python3
"""Whole requests: a 226 beside the whole, plain and with zstd on the way. A command of its own.

    bench/delta_wire.py                                to the terminal; some minutes
    bench/delta_wire.py --write                        the same, into bench/RESULTS-delta-wire.md
    bench/delta_wire.py --pairs text,feed --keep DIR   as bench/delta.py, whose pairs it takes

A file is replaced by a PUT; a client that has what it was asks for it. Octets are those of heads and body, as curl counts
them. Times are the medians of the rounds, to the last octet: over loopback, and over one that tc(8) holds down to the rate
of a line. All runs in a network namespace of its own, which takes root.
zstd is Caddy's (`encode zstd`), which compresses anew for each request. `first`: nobody has asked before, so the delta is
made meanwhile; `again`: it is on disk. Each answer is undone and compared.
"""
import argparse
import ctypes
import datetime
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import delta

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAMOVAR = os.environ.get("SAMOVAR", os.path.join(TOP, "build/samovar"))
LINE_MBIT = 50

CONFIG = 'listen = { "127.0.0.1:0" }\nsite "s" { root = "%s" history = 3 cache-space = 4G }\n'
CADDY = "{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:%d {\n bind 127.0.0.1\n root * %s\n encode zstd\n file_server\n}\n"


class Ours:
    def __init__(self, folder):
        self.root = os.path.join(folder, "root")
        os.mkdir(self.root)
        config = os.path.join(folder, "samovar.conf")
        delta.write(config, (CONFIG % self.root).encode())
        self.process = subprocess.Popen([SAMOVAR, "--config", config], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.search(r"listening on http://(\S+)/", line)
            if found:
                self.url = "http://%s/" % found[1]
                return
        sys.exit("%s does not start" % SAMOVAR)

    def put(self, name, path):
        told = subprocess.run(["curl", "-sSf", "-T", path, "-D", "-", "-o", "/dev/null", self.url + name], capture_output=True,
                              text=True, check=True)
        return re.search(r'^etag: (".*")', told.stdout, re.M | re.I)[1]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Caddy:
    def __init__(self, folder, root):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = os.path.join(folder, "Caddyfile")
        delta.write(config, (CADDY % (port, root)).encode())
        self.url = "http://127.0.0.1:%d/" % port
        self.process = subprocess.Popen(["caddy", "run", "--config", config, "--adapter", "caddyfile"],
                                        env=dict(os.environ, HOME=folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if subprocess.run(["curl", "-s", "-o", "/dev/null", self.url], check=False).returncode == 0:
                return
            time.sleep(0.05)
        sys.exit("caddy does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def alone():
    """From now on nothing but a loopback of our own."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:  # CLONE_NEWNET
        sys.exit("a network namespace takes root: %s" % os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def narrow(rate):
    """The loopback carries so many Mbit/s; None: as many as it can."""
    subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], check=False, capture_output=True)
    subprocess.run(["ip", "link", "set", "lo", "mtu", "1500" if rate else "65536"], check=True)
    if rate:
        subprocess.run(["tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "%dmbit" % rate, "burst", "16k", "latency", "200ms"],
                       check=True)


def get(url, fields, out):
    """(status, octets, seconds)"""
    command = ["curl", "-sS", "-o", out, "-w", "%{http_code} %{size_header} %{size_download} %{time_total}"]
    for field in fields:
        command += ["-H", field]
    told = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout.split()
    return int(told[0]), int(told[1]) + int(told[2]), float(told[3])


def undo(way, old, got, back):
    if way == "vcdiff":
        subprocess.run([delta.TOOL, "decode", "vcdiff", old, got, back], check=True, capture_output=True)
    elif way == "zstd":
        subprocess.run(["zstd", "-q", "-f", "-d", "--long=31", got, "-o", back], check=True)
    elif way == "gzip":
        with open(back, "wb") as out:
            subprocess.run(["gzip", "-dc", got], stdout=out, check=True)
    else:
        shutil.copyfile(got, back)


def ways(ours, zstd, tag, name):
    """What is asked: (what it is called, url, fields, expected status, how to undo it, whether each time is the first)."""
    im = ["A-IM: vcdiff, gzip;q=0", "If-None-Match: " + tag]
    return [("200, as it is", ours.url + name, [], 200, "", False),
            ("226, gzip alone, first", ours.url + name, ["A-IM: gzip"], 226, "gzip", True),
            ("226, gzip alone, again", ours.url + name, ["A-IM: gzip"], 226, "gzip", False),
            ("200 with zstd (Caddy)", zstd.url + name, ["Accept-Encoding: zstd"], 200, "zstd", False),
            ("226, vcdiff, first", ours.url + name, im, 226, "vcdiff", True),
            ("226, vcdiff, again", ours.url + name, im, 226, "vcdiff", False)]


def forget(ours):
    """Forgets what was made: the files go, the folder stays the one that the server has open."""
    folder = os.path.join(ours.root, ".samovar/derived")
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))


def measure(way, ours, old, new, folder, rounds):
    name, url, fields, expected, how, is_first = way
    out, back = os.path.join(folder, "out"), os.path.join(folder, "back")
    seconds, slow, octets = [], [], 0
    for rate, times, count in ((None, seconds, rounds), (LINE_MBIT, slow, 1)):
        narrow(rate)
        for _ in range(count):
            if is_first:
                forget(ours)
            status, octets, took = get(url, fields, out)
            if status != expected:
                raise RuntimeError("%s: %d instead of %d" % (name, status, expected))
            times.append(took)
    undo(how, old, out, back)
    return {"name": name, "octets": octets, "seconds": statistics.median(seconds), "slow": slow[0], "right": delta.same(new, back)}


def measure_pair(name, keep, folder, rounds, say):
    old, new, what = delta.make_pair(name, keep)
    ours, name = Ours(folder), name + ".txt"  # a type that Caddy compresses
    zstd = Caddy(folder, ours.root)
    try:
        tag = ours.put(name, old)
        ours.put(name, new)
        rows = [measure(way, ours, old, new, folder, rounds) for way in ways(ours, zstd, tag, name)]
    finally:
        ours.stop()
        zstd.stop()
    base = next(row for row in rows if "zstd" in row["name"])
    say("## %s\n\n%s octets.\n" % (what[0].upper() + what[1:], format(os.path.getsize(new), ",")))
    say("| answer | octets | ÷ zstd's | loopback, ms | ÷ zstd's | %d Mbit/s, ms | ÷ zstd's |" % LINE_MBIT)
    say("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        say("| %s%s | %s | %.4f | %.1f | %.2f | %.0f | %.2f |" % (
            row["name"], "" if row["right"] else " **WRONG**", format(row["octets"], ","), row["octets"] / base["octets"],
            row["seconds"] * 1e3, row["seconds"] / base["seconds"], row["slow"] * 1e3, row["slow"] / base["slow"]))
    say("")


HEAD = """# Whole requests: a 226 beside a 200 with zstd

{date}, Linux {kernel}, {cores} cores, shared with other work and with the client. `bench/delta_wire.py {arguments}`

Medians of {rounds} rounds over loopback, one round over a loopback of {rate} Mbit/s (tbf of tc(8)). Octets of heads and body. A 226 can be
sent only to who has an earlier content; zstd here knows nothing of it, and compresses on the fly.

"""


def main():
    parse = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parse.add_argument("--pairs", default="text,feed,source,binary")
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--keep", help="where the pairs are, and stay")
    parse.add_argument("--write", action="store_true")
    args = parse.parse_args()
    missing = [program for program in ("curl", "caddy", "zstd", "tc", "ip", SAMOVAR, delta.TOOL) if not shutil.which(program)]
    if missing:
        sys.exit("missing: " + ", ".join(missing))
    lines = []

    def say(text):
        lines.append(text)
        print(text, flush=True)

    with tempfile.TemporaryDirectory(prefix="delta-wire-") as scratch:
        keep = args.keep or os.path.join(scratch, "pairs")
        os.makedirs(keep, exist_ok=True)
        for name in args.pairs.split(","):
            delta.make_pair(name, keep)
        alone()
        for name in args.pairs.split(","):
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                measure_pair(name, keep, folder, args.rounds, say)
    if args.write:
        head = HEAD.format(date=datetime.date.today(), kernel=platform.release(), cores=os.cpu_count(), rounds=args.rounds,
                           arguments=" ".join(arg for arg in sys.argv[1:] if arg not in ("--keep", args.keep)), rate=LINE_MBIT)
        delta.write(os.path.join(TOP, "bench/RESULTS-delta-wire.md"), (head + "\n".join(lines)).rstrip("\n").encode() + b"\n")


if __name__ == "__main__":
    main()
