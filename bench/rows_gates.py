#!/usr/bin/env python3
"""What the gates cost: hot answers beside rules of every kind, and refused ones beside hot ones. A command of its own.

    bench/rows_gates.py --base OLD/samovar           with a program from before the gates, to the terminal
    bench/rows_gates.py --base OLD/samovar --write   the same, into bench/RESULTS-gates.md
    bench/rows_gates.py --rounds 3 --seconds 0.5     without one

All servers are ours, of one loop, over the same folder, and serve at the same time. In each round each of them has its
turn, and each round begins with another. What counts is the CPU of the server's process for a request, user and system
together: the median of the rounds of what it took against what the line's reference took in the same round.
"""
import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import servers

FILE, SIZE = "f.bin", 1024
OLD = 1700000000  # when it was last changed
MANY_MOVED, MANY_DEMANDS, MANY_LIMITS, MANY_RIGHTS = 1000, 1000, 10, 100
PAGE = "/" + FILE


# ---- configurations -------------------------------------------------------------------------------------


def moved():
    return "".join(f'  moved "/old/{i:04d}/**" {{ to = "/new/{i:04d}/$1" }}\n' for i in range(MANY_MOVED))


def rights():
    return "".join(f'  at "/team/{i:03d}" {{ allow "u{i}" {{ rights = {{ read, write }} }} }}\n' for i in range(MANY_RIGHTS)) + \
        '  allow "*" { rights = { read } }\n'


def limits():
    """All of them hold for every request, none is ever used up."""
    kinds = ["rate = \"1000000/s\" burst = 1000000", "rate = \"900000/s\" burst = 1000000 per = user",
             "rate = \"800000/s\" burst = 1000000 per = all", "rate = \"700000/s\" burst = 1000000 per = method",
             "rate = \"600000/s\" burst = 1000000 per = { address, path }", "bytes = \"900G/s\"", "concurrent = 1000000",
             "rate = \"500000/s\" burst = 1000000 methods = read", "rate = \"400000/s\" burst = 1000000 paths = \"/\"",
             "bytes = \"800G/s\" per = all"]
    return "".join(f'  limit "l{i}" {{ {kind} }}\n' for i, kind in enumerate(kinds[:MANY_LIMITS]))


def register(path):
    with open(path, "w", encoding="ascii") as out:
        for i in range(MANY_DEMANDS):
            out.write(f'demand "d{i}" {{\n  paths = {{ "/blocked/{i:04d}", "/some/{i:04d}/*.txt" }}\n'
                      f'  authority = "a court"\n  reference = "{i}"\n  date = "2026-01-31"\n'
                      f'  blocked-by = "https://example.org/"\n  text = "en: Blocked."\n}}\n')
    return f'  demands = "{path}"\n'


def lines(folder):
    """(name, program, inside of the site's block, outside of it, status), the name of the line it is compared with."""
    demands = register(f"{folder}/register")
    every = moved() + demands + limits() + rights()
    used_up = '  limit "g" { rate = "1/d" }\n'
    return [
        ("hot GET before the gates", "base", "", 200, None),
        ("hot GET, no gate configured", "ours", "", 200, "hot GET before the gates"),
        (f"... {MANY_MOVED} redirects", "ours", moved(), 200, "hot GET, no gate configured"),
        (f"... {MANY_DEMANDS} demands", "ours", demands, 200, "hot GET, no gate configured"),
        (f"... {MANY_RIGHTS} paths with rights", "ours", rights(), 200, "hot GET, no gate configured"),
        (f"... {MANY_LIMITS} limits", "ours", limits(), 200, "hot GET, no gate configured"),
        ("... all of these", "ours", every, 200, "hot GET before the gates"),
        ("refused (429), hot file", "ours", used_up, 429, "hot GET, no gate configured"),
        ("refused (429), other address", "ours", used_up + "  # other\n", 429, "hot GET, no gate configured"),
        ("HTTP/2: hot GET", "ours", "  # h2\n", 200, None),
        ("HTTP/2: refused (429)", "ours", used_up + "  # h2\n", 429, "HTTP/2: hot GET"),
    ]


TARGETS = {"hot GET, no gate configured": 1.03, "... all of these": 1.10, "refused (429), hot file": 1.0,
           "refused (429), other address": 1.0, "HTTP/2: refused (429)": 1.0}


# ---- measuring ------------------------------------------------------------------------------------------


class Serving:
    def __init__(self, program, root, folder, number, inside):
        self.port = servers.port_free()
        path = f"{folder}/{number}.conf"
        with open(path, "w", encoding="ascii") as out:
            out.write(f'site "s" {{\n  root = "{root}"\n  state = "{folder}/state-{number}"\n{inside}}}\n')
        os.mkdir(f"{folder}/state-{number}")
        command = [program, "--config", path, "--listen", f"127.0.0.1:{self.port}", "--loops", "1", "--workers", "2"]
        fd, log = tempfile.mkstemp(prefix="bench-log.", dir=folder)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=fd, stderr=fd)
        os.close(fd)
        self.process.log = log
        servers.wait_answering(self.port, self.process)

    def load(self, load, path, status, length, requests=0, seconds=0.0, conns=64, fields=()):
        before = servers.cpu_seconds(self.process.pid)
        done = subprocess.run([load, "--port", str(self.port), "--path", path, "--conns", str(conns), "--status", str(status),
                               *(["--length", str(length)] if length else []), *fields,
                               *(["--requests", str(requests)] if requests else ["--seconds", str(seconds)])],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        cpu = servers.cpu_seconds(self.process.pid) - before
        got = json.loads(done.stdout) if done.stdout else {"errors": 1, "first_error": done.stderr.strip()}
        if got["errors"] or not got["requests"]:
            raise SystemExit(f"port {self.port} {path}: {got['first_error']}")
        return cpu * 1e6 / got["requests"], got["rate"]


    def load_h2(self, path, status, seconds):
        before = servers.cpu_seconds(self.process.pid)
        done = subprocess.run(["h2load", "-t1", "-c8", "-m16", "-D", f"{seconds * 1000:.0f}ms",
                               f"http://127.0.0.1:{self.port}{path}"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        cpu = servers.cpu_seconds(self.process.pid) - before
        count = re.search(r"started, (\d+) done", done.stdout)
        codes = re.search(r"status codes: (\d+) 2xx, \d+ 3xx, (\d+) 4xx", done.stdout)
        if not count or not codes or not int(count[1]) or int(codes[2 if status == 429 else 1]) < int(count[1]):
            raise SystemExit(f"h2load: {done.stdout[-300:]} {done.stderr[-300:]}")
        return cpu * 1e6 / int(count[1]), int(count[1]) / seconds


def serving_all(args, folder):
    root = f"{folder}/root"
    os.mkdir(root)
    with open(f"{root}/{FILE}", "wb") as out:
        out.write(b"x" * SIZE)
    os.utime(f"{root}/{FILE}", (OLD, OLD))
    programs = {"ours": args.program, "base": args.base}
    found = {}
    for number, (name, program, inside, status, against) in enumerate(lines(folder)):
        if not programs[program]:
            continue
        own = f"{folder}/root-{number}"  # a state folder and a lock for each
        os.mkdir(own)
        copy(f"{root}/{FILE}", f"{own}/{FILE}")
        try:
            found[name] = (Serving(programs[program], own, folder, number, inside), status, against)
        except RuntimeError as e:
            print(f"{name}: {e}", file=sys.stderr)
    return found


def copy(source, target):
    with open(source, "rb") as a, open(target, "wb") as b:
        b.write(a.read())
    os.utime(target, (OLD, OLD))


def measure(args, folder):
    """{name: [(CPU of a request in us, rate) a round]}"""
    serving = serving_all(args, folder)
    names, got = list(serving), {name: [] for name in serving}
    try:
        for number in range(-1, args.rounds):  # the first one warms
            for name in names[number % len(names):] + names[:number % len(names)]:
                server, status, _ = serving[name]
                path = "/nowhere" if "other" in name else PAGE
                if number < 0 and status == 429:
                    server.load(args.load, PAGE, "200,404,429", 0, requests=50, conns=1)
                seconds = args.seconds / 4 if number < 0 else args.seconds
                if name.startswith("HTTP/2"):
                    result = server.load_h2(path, status, seconds)
                else:
                    result = server.load(args.load, path, status, SIZE if status == 200 else 0, seconds=seconds)
                if number >= 0:
                    got[name].append(result)
            print(f"round {number + 1} of {args.rounds}", file=sys.stderr, flush=True)
    finally:
        for server, _, _ in serving.values():
            servers.process_end(server.process)
    return got, {name: against for name, (_, _, against) in serving.items()}


# ---- the report -----------------------------------------------------------------------------------------


def ratio_of(got, name, against):
    """The median of the rounds' ratios: what disturbs a round disturbs neighbours alike."""
    return statistics.median(a[0] / b[0] for a, b in zip(got[name], got[against]))


def report(args, got, against):
    cores = os.cpu_count()
    out = ["# What the gates cost", "",
           f"{datetime.date.today()}, Linux {platform.release().split('-')[0]}, {cores} cores, shared with the load; HTTP/1.1, "
           f"{SIZE} bytes, 64 connections, one loop; HTTP/2 of 8 connections with 16 streams, by h2load. `bench/rows_gates.py --base OLD/samovar --rounds {args.rounds} "
           f"--seconds {args.seconds:g} --write`; the old program is the one of commit {args.base_name}.", "",
           "CPU is user and system time of the server's process for a request, the median of the rounds; the ratio is the median of "
           "the rounds' ratios to the line named last; min and max are those of the ratios.", "",
           "| line | CPU, us | ratio | min - max | target | compared with |", "| --- | ---: | ---: | --- | --- | --- |"]
    for name, rounds in got.items():
        cpu = statistics.median(r[0] for r in rounds)
        ref = against[name]
        row = [name, f"{cpu:.2f}", "", "", "", ""]
        if ref in got:
            ratios = [a[0] / b[0] for a, b in zip(rounds, got[ref])]
            ratio = statistics.median(ratios)
            target = TARGETS.get(name)
            row[2:] = [f"{ratio:.3f}", f"{min(ratios):.2f} - {max(ratios):.2f}",
                       f"{target:g}: {'met' if ratio <= target else '**missed**'}" if target else "", ref]
        out.append("| " + " | ".join(row) + " |")
    return "\n".join(out) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--base", help="samovar from before the gates")
    p.add_argument("--base-name", default="2831e34")
    p.add_argument("--build", default=os.path.join(servers.TOP, "build"))
    p.add_argument("--rounds", type=int, default=9)
    p.add_argument("--seconds", type=float, default=1.0)
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    args.program = servers.binary_find("samovar", args.build)
    args.load = servers.binary_find("load", args.build)
    if not args.program:
        p.error("no samovar: build it, or set SAMOVAR")
    servers.descriptors_raise()
    with tempfile.TemporaryDirectory(prefix="bench.", dir="/dev/shm") as folder:
        text = report(args, *measure(args, folder))
    print(text, end="")
    if args.write:
        notes = os.path.join(servers.HERE, "explanations-gates.md")
        if os.path.exists(notes):
            with open(notes, encoding="utf-8") as more:
                text += "\n" + more.read()
        with open(os.path.join(servers.HERE, "RESULTS-gates.md"), "w", encoding="utf-8") as out:
            out.write(text)


if __name__ == "__main__":
    main()
