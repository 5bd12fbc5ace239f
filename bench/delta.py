#!/usr/bin/env python3
"""Our deltas beside xdelta3's and zstd's: octets, time, memory, and how fast they are undone. A command of its own.

    bench/delta.py                                to the terminal; some minutes
    bench/delta.py --write                        the same, into bench/RESULTS-delta.md
    bench/delta.py --pairs text,feed --rounds 3   some of: text, feed, source, binary
    bench/delta.py --keep DIR                     pairs are made once, in DIR

Text and feed are made from a seed. Source and binary are the headers and the modules of two Linux kernels that apt knows,
as tar; without apt or a network they are left out.

Every delta is decoded, by its own program, and compared. What counts is the least of the rounds' times, user and system
together: the machine is shared, and the programs have one thread each. xdelta3 writes plain RFC 3284, as ours does, and is
given the whole source as its window, or it would lose far copies; its memory is what that takes.
"""
import argparse
import datetime
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOL = os.environ.get("DELTA_TOOL", os.path.join(TOP, "build/bench/delta_tool"))
BINARY_MAX = 250 << 20
SIZE_TARGET, TIME_TARGET = 1.05, 1.0


# ---- pairs ----------------------------------------------------------------------------------------------


def write(path, content):
    with open(path, "wb") as out:
        out.write(content)


def make_text(old, new):
    """1 MiB of words; 60 edits of some octets, and 40 kB from the front third to the back."""
    chance = random.Random(7)
    known = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(2, 9))) for _ in range(6000)]
    text = bytearray()
    while len(text) < 1 << 20:
        text += (" ".join(chance.choices(known, k=chance.randint(5, 12))) + "\n").encode()
    text = text[:1 << 20]
    write(old, text)
    block = text[300_000:340_000]
    del text[300_000:340_000]
    text[700_000:700_000] = block
    for number in range(60):
        at, size = chance.randrange(len(text) - 100), chance.randint(1, 30)
        put = " ".join(chance.choices(known, k=chance.randint(1, 6))).encode()
        if number % 3 == 0:
            text[at:at + size] = put
        elif number % 3 == 1:
            text[at:at] = put
        else:
            del text[at:at + size]
    write(new, text)


def entry(chance, known, number):
    body = " ".join(chance.choices(known, k=chance.randint(80, 500)))
    return ('<entry><title>Note %d</title><id>tag:example.com,2026:%d</id><link href="https://example.com/notes/%d"/>'
            "<updated>2026-11-%02dT%02d:00:00Z</updated><content>%s</content></entry>\n"
            % (number, number, number, 1 + number // 24 % 28, number % 24, body))


def make_feed(old, new):
    """Fifty entries; three newer ones in front, the last three gone, one edited."""
    chance = random.Random(11)
    known = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(2, 9))) for _ in range(3000)]
    entries = [entry(chance, known, 200 - number) for number in range(50)]
    newer = [entry(chance, known, 203 - number) for number in range(3)]
    head = '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title><updated>%s</updated>\n'
    write(old, (head % "2026-11-09T08:00:00Z" + "".join(entries) + "</feed>\n").encode())
    entries[10] = entries[10].replace("<content>", "<content>Corrected: ")
    write(new, (head % "2026-11-10T09:30:00Z" + "".join(newer + entries[:-3]) + "</feed>\n").encode())


def versions_of(pattern):
    """The newest package apt knows by this pattern, and that of two releases before: those in a row may be alike."""
    known = subprocess.run(["apt-cache", "search", "--names-only", pattern], capture_output=True, text=True, check=True).stdout
    names = sorted(set(re.findall(r"^\S+", known, re.M)), key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
    return names[-3::2]


def fetch(package, keep):
    subprocess.run(["apt-get", "download", "-q", package], cwd=keep, check=True, capture_output=True)
    return os.path.join(keep, [name for name in os.listdir(keep) if name.startswith(package + "_")][0])


def package_tar(package, path, wanted, size_max):
    """The package's files whose names have `wanted` in them, as a tar without the times of that build."""
    deb = fetch(package, os.path.dirname(path))
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as unpack:
        with tarfile.open(fileobj=unpack.stdout, mode="r|") as source, tarfile.open(path, "w") as out:
            for member in source:
                if wanted in member.name and out.offset + member.size < size_max:
                    # the version is in the folders' names: as a site's releases would be, they are without
                    member.name = re.sub(r"6\.\d+\.\d+-\d+", "N", member.name)
                    member.mtime = 0
                    out.addfile(member, source.extractfile(member) if member.isreg() else None)
    os.unlink(deb)


def make_packages(pattern, wanted, size_max=1 << 40):
    def make(old, new):
        packages = versions_of(pattern)
        if len(packages) < 2:
            raise RuntimeError("apt knows no three versions of " + pattern)
        for package, path in zip(packages, (old, new)):
            package_tar(package, path, wanted, size_max)
        return " and ".join(packages)
    return make


PAIRS = {
    "text": ("1 MiB of text, 60 edits and a moved block", make_text),
    "feed": ("two versions of a feed of 50 entries", make_feed),
    "source": ("two versions of a source tree, tar", make_packages(r"^linux-headers-6[.][0-9.]+-[0-9]+-common$", "usr/src")),
    "binary": ("two versions of programs, tar", make_packages(r"^linux-image-6[.][0-9.]+-[0-9]+-amd64-unsigned$", "kernel/",
                                                             BINARY_MAX)),
}


def make_pair(name, keep):
    """(old, new, what they are), made if they are not there yet."""
    old, new, what = (os.path.join(keep, "%s.%s" % (name, end)) for end in ("old", "new", "what"))
    if not os.path.exists(what):
        made_of = PAIRS[name][1](old, new)
        write(what, (PAIRS[name][0] + (": " + made_of if made_of else "")).encode())
    with open(what, encoding="utf-8") as file:
        return old, new, file.read()


# ---- programs -------------------------------------------------------------------------------------------


def ours(effort):
    return ("ours, effort %d" % effort,
            lambda old, new, delta: [TOOL, "encode", "vcdiff:%d" % effort, old, new, delta],
            lambda old, delta, back: [TOOL, "decode", "vcdiff", old, delta, back])


def xdelta(level, window):
    start = ["xdelta3", "-f", "-B", str(window)]
    return ("xdelta3 -%d" % level,
            lambda old, new, delta: start + ["-e", "-n", "-A", "-S", "none", "-%d" % level, "-s", old, new, delta],
            lambda old, delta, back: start + ["-d", "-s", old, delta, back])


def zstd(level):
    start = ["zstd", "-q", "-f", "--long=31", "--single-thread"]
    return ("zstd -%d --patch-from" % level,
            lambda old, new, delta: start + ["-%d" % level, "--patch-from=" + old, new, "-o", delta],
            lambda old, delta, back: start + ["-d", "--memory=2048MB", "--patch-from=" + old, delta, "-o", back])


def cpu(command):
    """User and system seconds."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError("%s ended with %d" % (" ".join(command), child.returncode))
    return used.ru_utime + used.ru_stime


def peak(command):
    """MiB. By time(1), since what the system tells of a child begins with the size of the program that forked it."""
    with tempfile.NamedTemporaryFile("r") as told:
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", told.name] + command, check=True, capture_output=True)
        return int(told.read().split()[-1]) / 1024


def best(command, rounds):
    return min(cpu(command) for _ in range(rounds)), peak(command)


def same(one, two):
    return subprocess.run(["cmp", "-s", one, two], check=False).returncode == 0


def measure_program(program, old, new, folder, rounds):
    name, encode, decode = program
    delta, back = os.path.join(folder, "delta"), os.path.join(folder, "back")
    seconds, memory = best(encode(old, new, delta), rounds)
    undo, undo_memory = best(decode(old, delta, back), rounds)
    row = {"name": name, "octets": os.path.getsize(delta), "seconds": seconds, "memory": memory, "undo": undo,
           "undo_memory": undo_memory, "right": same(new, back)}
    os.unlink(delta)
    os.unlink(back)
    return row


# ---- the table ------------------------------------------------------------------------------------------


def line(row, base, size):
    speed = "%d" % (size / row["undo"] / 1e6) if row["undo"] > 0.02 else ""
    against = verdict = ""
    if base:
        smaller, faster = row["octets"] / base["octets"], row["seconds"] / max(base["seconds"], 1e-3)
        against = "%.3f, %.2f" % (smaller, faster)
        verdict = "met" if smaller <= SIZE_TARGET and (faster <= TIME_TARGET or row["seconds"] < 0.02) else "**missed**"
    return "| %s | %s | %.3f | %d | %s | %s | %s | %s |" % (
        row["name"] + ("" if row["right"] else " **WRONG**"), format(row["octets"], ","), row["seconds"], row["memory"], speed,
        "%d" % row["undo_memory"], against, verdict)


def measure_pair(name, keep, rounds, say):
    old, new, what = make_pair(name, keep)
    size = os.path.getsize(new)
    window = 1 << max(20, os.path.getsize(old).bit_length())
    rounds = rounds * 5 if size < 4 << 20 else rounds
    say("## %s\n\n%s octets, then %s octets.\n" % (what[0].upper() + what[1:], format(os.path.getsize(old), ","), format(size, ",")))
    say("| program | delta | encode, s | MiB | decode, MB/s | MiB | size, time of xdelta3's | |")
    say("| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="delta-", dir=keep) as folder:
        for level in (1, 3, 9):
            base = measure_program(xdelta(level, window), old, new, folder, rounds)
            say(line(measure_program(ours(level), old, new, folder, rounds), base, size))
            say(line(base, None, size))
        for level in (1, 3):
            say(line(measure_program(zstd(level), old, new, folder, rounds), None, size))
    say("")


HEAD = """# Our deltas beside others

{date}, Linux {kernel}, {cores} cores, shared with other work. `bench/delta.py {arguments}`

{versions}. User and system time, the least of {rounds} rounds (five times as many for the small pairs); the memory is the
most the program had, where zstd's has the files in it, as it maps them. Ours may take 192 MiB, whatever the sizes; xdelta3 is
given the whole source as its window (`-B`), and writes strict RFC 3284 (`-n -A -S none`). zstd compresses what is left, which
the others do not: its deltas are to be held against ours with a content coding on top.
Targets: {size} of xdelta3's octets at the same effort at most, and its time, where that is more than the start of a program (20 ms).

"""


def version(command):
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.search(r"\d+\.\d+\.\d+", told.stdout + told.stderr).group()


def main():
    parse = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parse.add_argument("--pairs", default="text,feed,source,binary")
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--keep", help="where the pairs are, and stay")
    parse.add_argument("--write", action="store_true")
    args = parse.parse_args()
    missing = [program for program in ("xdelta3", "zstd", "/usr/bin/time") if not shutil.which(program)]
    if missing or not os.path.exists(TOOL):
        sys.exit("missing: %s (tools/setup test installs programs, tools/build plain builds ours)" % ", ".join(missing or [TOOL]))
    lines = []

    def say(text):
        lines.append(text)
        print(text, flush=True)

    with tempfile.TemporaryDirectory(prefix="delta-") as scratch:
        keep = args.keep or scratch
        os.makedirs(keep, exist_ok=True)
        for name in args.pairs.split(","):
            try:
                measure_pair(name, keep, args.rounds, say)
            except (RuntimeError, OSError, subprocess.CalledProcessError) as why:
                say("## %s\n\nLeft out: %s\n" % (PAIRS[name][0], why))
    if args.write:
        head = HEAD.format(date=datetime.date.today(), kernel=platform.release(), cores=os.cpu_count(), rounds=args.rounds,
                           arguments=" ".join(arg for arg in sys.argv[1:] if arg not in ("--keep", args.keep)), size=SIZE_TARGET,
                           versions="xdelta3 %s, zstd %s" % (version(["xdelta3", "-V"]), version(["zstd", "--version"])))
        with open(os.path.join(TOP, "bench/explanations-delta.md"), encoding="utf-8") as by_hand:
            lines.append(by_hand.read())
        write(os.path.join(TOP, "bench/RESULTS-delta.md"), (head + "\n".join(lines)).rstrip("\n").encode() + b"\n")


if __name__ == "__main__":
    main()
