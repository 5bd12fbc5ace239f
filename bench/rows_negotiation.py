"""The rows of negotiation: a page in five languages beside Apache's mod_negotiation, and compressed texts beside nginx,
Apache and h2o.

What a row's first answer is worth is judged once: the right variant, its very octets, and what is compressed decodes to
the file. After that status and length of each answer, and of files that are asked for once each the octets on average.
"""
import functools
import itertools
import os
import random
import subprocess
import threading
import zlib

import report
import rows
import servers
from rows import Invalid, ask, load

ROUNDS = 5
LANGUAGES = ["en", "de", "fr", "es", "zh-cn"]
PAGE_BYTES = 1024
OTHERS = 200      # files beside the variants that are none
TOUCH_S = 0.01    # in the rows with "changing", a file of the folder is touched so often
TEXT_BYTES = 102400
FRESH = 400       # files that a round asks for once each
FRESH_CONNS = 2   # one for each core: this is about an encoder's work, not about who waits for one
TIMES = 5         # the target, x Apache
WANTS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
         "Accept-Language": "fr, en;q=0.5"}
PLAIN_SHARE = 0.02  # as much may be chance: more, and not all answers are compressed


def about():
    """What results of these rows alone say of themselves, behind the number of rounds."""
    return (f"take turns. `÷ ours` is that server's number by ours. The load runs on the same cores, which others may use, too (load "
            f"average {os.getloadavg()[0]:.1f} when it began): CPU of the whole server a request is steadier than rates. The first answer of "
            "each server in each row was judged: the right variant and its octets, what is compressed decodes to the file; then status "
            "and length of every answer; of files asked for once the octets on average. Variants: five of 1 KiB, asked for as a "
            "browser does, French before English, 64 connections. In memory: what was asked for lately. A folder that changes: one of "
            f"its other files is touched every {TOUCH_S * 1000:.0f} ms. Never from memory: with a request field for which we look for the "
            f"variants each time. Texts: {TEXT_BYTES // 1024} KiB of HTML that gzip makes 2.7 times smaller, gzip at level 6 in all servers; ours also "
            "by brotli (quality 5) and zstd (level 6). One file: ours compresses it at the first request and keeps it; nginx "
            "(gzip_static), Apache (mod_rewrite) and h2o (file.send-compressed) have it beside the file. Their settings are in `bench/peers`.")


# ---- what is served -------------------------------------------------------------------------------------


@functools.lru_cache
def vocabulary():
    """Words of syllables, and how often they come up to each (Zipf's law)."""
    chance, syllables = random.Random(8), [c + v + e for c in "bcdfglmnprst" for v in "aeiou" for e in ("", "", "n", "r", "s")]
    words = ["".join(chance.choices(syllables, k=1 + (i > 60) + (i > 900) + chance.randint(0, 1))) for i in range(6000)]
    return words, list(itertools.accumulate(1 / (i + 2.7) ** 1.07 for i in range(len(words))))


def text_make(seed, size=TEXT_BYTES):
    """HTML whose paragraphs compress as prose does: to some 37 % by gzip."""
    chance, (words, often) = random.Random(seed), vocabulary()
    out, length = ["<!DOCTYPE html>\n<meta charset=utf-8>\n<title>Text</title>\n"], 0
    while length < size:
        out.append("<p>" + " ".join(chance.choices(words, cum_weights=often, k=chance.randint(40, 110))) + ".</p>\n")
        length += len(out[-1])
    return "".join(out).encode()[:size]


def write(path, content):
    with open(path, "wb") as out:
        out.write(content)
    os.utime(path, (rows.OLD, rows.OLD))


def variants_make(folder):
    for number, language in enumerate(LANGUAGES):
        write(f"{folder}/page.{language}.html", text_make(number, PAGE_BYTES))


def pages_make(root):
    """/views, /crowd (with files beside it), and /map, whose list says what the names say elsewhere."""
    for name in ("", "views", "crowd", "map"):
        os.mkdir(f"{root}/{name}", 0o755)
    for name in ("views", "crowd", "map"):
        variants_make(f"{root}/{name}")
        write(f"{root}/{name}/aside.txt", b"touched\n")
    for number in range(OTHERS):
        write(f"{root}/crowd/other-{number:03d}.txt", b"x" * 100)
    records = ["URI: page\n"] + [f"URI: page.{tag}.html\nContent-Type: text/html\nContent-Language: {tag}\n" for tag in LANGUAGES]
    write(f"{root}/map/page.var", "\n".join(records).encode())


def fresh_path(at, number, turn):
    return f"/{at}{turn}/{number:05d}.html"


def texts_make(root, rounds):
    """/text.html, with its form for those who take that from beside it in /stored; and for each round files of its own."""
    for name in ("", "stored", *(f"{at}{turn}" for at in ("fresh", "busy") for turn in range(-1, rounds))):
        os.mkdir(f"{root}/{name}", 0o755)
    write(f"{root}/text.html", text_make(0))
    write(f"{root}/stored/text.html", text_make(0))
    coder = zlib.compressobj(6, zlib.DEFLATED, 31)
    write(f"{root}/stored/text.html.gz", coder.compress(text_make(0)) + coder.flush())
    for turn in range(-1, rounds):
        for number in range(FRESH):
            write(root + fresh_path("fresh", number, turn), text_make(1 + (turn + 1) * FRESH + number))
            write(root + fresh_path("busy", number, turn), text_make(1 + (turn + 1) * FRESH + number))


# ---- judging --------------------------------------------------------------------------------------------


def decode(coding, body):
    """The content; what is not coded so, or is cut short, is invalid."""
    if coding == "gzip":
        coder = zlib.decompressobj(31)
        try:
            plain = coder.decompress(body)
        except zlib.error as e:
            raise Invalid(f"no gzip: {e}") from None
        if not coder.eof or coder.unused_data:
            raise Invalid("gzip that is cut short, or goes on behind its end")
        return plain
    if coding == "identity":
        return body
    tool = {"br": ["brotli", "-dc"], "zstd": ["zstd", "-dc"]}.get(coding)
    try:
        done = subprocess.run(tool, input=body, capture_output=True, check=False)
    except (OSError, TypeError):
        raise Invalid(f"nothing here decodes {coding}") from None
    if done.returncode:
        raise Invalid(f"no {coding}: {done.stderr[:60]!r}")
    return done.stdout


def coded_judge(coding, answer, content):
    """The answer decodes to the content, and says by what."""
    status, fields, body = answer
    if status != 200:
        raise Invalid(f"status {status}, wanted 200")
    if fields.get("Content-Encoding", "identity") != coding:
        raise Invalid(f"Content-Encoding {fields.get('Content-Encoding')}, wanted {coding}")
    if decode(coding, body) != content:
        raise Invalid("it decodes to another content")
    return len(body)


def variant_judge(answer, language, content):
    status, fields, body = answer
    if status != 200:
        raise Invalid(f"status {status}, wanted 200")
    if not fields.get("Content-Location", "").endswith(f"page.{language}.html") or fields.get("Content-Language") != language:
        raise Invalid(f"the variant {fields.get('Content-Location')} in {fields.get('Content-Language')}, wanted {language}")
    if "accept-language" not in fields.get("Vary", "").lower() and "negotiate" not in fields.get("Vary", "").lower():
        raise Invalid(f"Vary: {fields.get('Vary')}")
    if body != content:
        raise Invalid(f"wrong content ({len(body)} bytes)")


# ---- measuring ------------------------------------------------------------------------------------------


def fields(headers):
    return [word for name, value in headers.items() for word in ("--field", f"{name}: {value}")]


def content_of(root, path):
    with open(root + path, "rb") as f:
        return f.read()


def extra(name):
    return os.path.join(servers.HERE, "peers", name + ".conf")


def group_of(env, key, make, wanted):
    """Servers that stay for the next row of the same kind. wanted: [(name, label, options)]"""
    groups = env.__dict__.setdefault("negotiation", {})
    if key not in groups:
        root = env.__dict__.setdefault("roots", {}).get(make)
        if root is None:
            root = env.roots[make] = env.scratch_new("disk") + "/root"
            make(root) if make is pages_make else make(root, env.rounds)
            os.sync()
        there = [(n, label, root, options) for n, label, options in wanted if n in env.names]
        groups[key] = env.start_all(sorted(there, key=lambda w: w[0] == "ours"))  # peers.sh gives the folder away
        groups[key].sort(key=lambda server: [label for _, label, _ in wanted].index(server.label))
    return groups[key]


class Touching:
    """Touches a file every so often while it is entered."""

    def __init__(self, path):
        self.path, self.over = path, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.over.wait(TOUCH_S):
            os.utime(self.path)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Negotiated:
    """GET of a page in five languages by a browser that wants French; changing: of a folder in which a file changes;
    anew: with a field for which our server looks for the variants each time, and which says nothing to Apache.
    """

    def __init__(self, folder, leaf="page", how=""):
        self.folder, self.path, self.is_changing = folder, f"/{folder}/{leaf}", how == "changing"
        self.wants = WANTS | ({"Translate": "t"} if how == "anew" else {})

    def run(self, env):
        group = group_of(env, "pages", pages_make, [("ours", "ours", {"options": ["--negotiate"]}),
                                                    ("apache", "apache", {"extra": extra("apache-negotiation")})])
        known = set()

        def measure(server, _):
            if server.label not in known:
                known.add(server.label)
                self.judge(server)
                self.once(env, server, 0.3)
            return self.once(env, server, env.seconds)
        return rows.rounds_run(env, group, measure, env.rounds)

    def judge(self, server):
        for language in ("fr", "de"):
            answer = ask(server, "GET", self.path, self.wants | {"Accept-Language": f"{language}, en;q=0.5"})
            variant_judge(answer, language, content_of(server.root, f"/{self.folder}/page.{language}.html"))

    def once(self, env, server, seconds):
        args = ["--path", self.path, "--length", PAGE_BYTES, "--conns", 64, "--seconds", seconds, *fields(self.wants)]
        if not self.is_changing:
            return load(env, server, *args)
        with Touching(f"{server.root}/{self.folder}/aside.txt"):
            return load(env, server, *args)


class View:
    """One of our server's codings, as if it was a server for itself."""

    def __init__(self, server, coding):
        self.server, self.coding = server, coding
        self.label = server.label if coding == "gzip" else f"{server.label}, {coding}"

    def __getattr__(self, name):
        return getattr(self.server, name)


def views(env, key):
    """Ours by each of its codings, and peers with the settings `key`."""
    peers = [(name, name, {"extra": extra(f"{name}-{key}")}) for name in ("nginx", "apache", "h2o")]
    theirs = group_of(env, key, texts_make, peers)
    ours = group_of(env, "texts", texts_make, [("ours", "ours", {"options": ["--compress", "on"]})])
    return [View(s, coding) for s in ours for coding in ("gzip", "br", "zstd")] + [View(s, "gzip") for s in theirs]


def octets_judge(got, coded):
    """Of the answers on average; `coded` is what one that is compressed takes."""
    got["octets"] = got["mb_s"] * 1e6 / got["rate"]
    share = (got["octets"] - coded) / (TEXT_BYTES - coded)
    if share > PLAIN_SHARE:
        raise Invalid(f"{100 * share:.0f} % of the answers were not compressed")
    return got


class Fresh:
    """Compressed GET of files that nobody asked for before; a file for each request."""

    def __init__(self, at, conns):
        self.at, self.conns = at, conns

    def run(self, env):
        known = {}

        def measure(view, turn):
            wants = {"Accept-Encoding": view.coding}
            if view.label not in known:  # of some of these files, as no two are of the same length
                known[view.label] = sum(fresh_judge(view, wants, n) for n in range(20)) / 20
            path = f"{env.scratch[0]}/targets"
            with open(path, "w", encoding="ascii") as out:
                out.writelines(f"{fresh_path(self.at, n, turn)} -1\n" for n in range(FRESH))
            got = load(env, view, "--targets", path, "--conns", self.conns, "--requests", FRESH, "--chunked", *fields(wants))
            return got if "error" in got else octets_judge(got, known[view.label])
        return rows.rounds_run(env, views(env, "gzip"), measure, env.rounds)


def fresh_judge(view, wants, number):
    path = fresh_path("fresh", number, -1)
    return coded_judge(view.coding, ask(view, "GET", path, wants), content_of(view.root, path))


def kept(env):
    """Compressed GET of one file again and again; peers have it compressed beside the file."""
    known = {}

    def measure(view, _):
        if view.label not in known:
            known[view.label] = kept_prepare(view)
            load(env, view, *known[view.label], "--seconds", 0.3)
        got = load(env, view, *known[view.label], "--seconds", env.seconds)
        return got if "error" in got else octets_judge(got, TEXT_BYTES / 2)
    return rows.rounds_run(env, views(env, "stored"), measure, env.rounds)


def kept_prepare(view):
    path, wants = "/text.html" if view.name == "ours" else "/stored/text.html", {"Accept-Encoding": view.coding}
    length = coded_judge(view.coding, ask(view, "GET", path, wants), content_of(view.root, path))
    return ["--path", path, "--conns", 64, "--length", length, "--chunked", *fields(wants)]


def negotiated_missed(table, row):
    mine, theirs = table[row]["ours"]["rate"], report.value(table, row, "apache", "rate")
    cpu, cpu_theirs = table[row]["ours"]["cpu_us"], report.value(table, row, "apache", "cpu_us")
    if theirs and mine < TIMES * theirs:
        yield f"{mine / theirs:.2f} x Apache's rate, {cpu_theirs / cpu:.2f} x less CPU (target {TIMES})"


def coded_missed(table, row):
    """Beside the others at equal level: behind none."""
    mine = table[row]["ours"]
    for server in ("nginx", "apache", "h2o"):
        got = table[row].get(server, {"error": "not run"})
        if "error" in got:
            continue
        if got["rate"] > mine["rate"]:
            yield f"{server} answers {got['rate'] / mine['rate']:.2f} times as many requests a second"


NEGOTIATED = {}
for _name, _title, _leaf in (("views", "negotiated GET, five variants by name", "page"),
                             ("crowd", f"negotiated GET, by name, {OTHERS} other files beside them", "page"),
                             ("map", "negotiated GET, five variants by type map", "page.var")):
    NEGOTIATED |= {_name: (_title, Negotiated(_name, _leaf)),
                   f"{_name}-changing": ("the same, in a folder that changes", Negotiated(_name, _leaf, "changing")),
                   f"{_name}-anew": ("the same, never from memory", Negotiated(_name, _leaf, "anew"))}
CODED = {
    "gzip-fresh": ("100 KiB text compressed, each file asked for once, 2 connections", Fresh("fresh", FRESH_CONNS)),
    "gzip-busy": ("the same, 16 connections", Fresh("busy", 16)),
    "gzip-kept": ("100 KiB text compressed, one file, 64 connections", kept),
}
ROWS = NEGOTIATED | CODED
rows.ROWS |= ROWS
rows.ALONE += list(ROWS)
rows.FAMILIES["negotiation"] = list(ROWS)
report.TARGETS |= dict.fromkeys(NEGOTIATED, negotiated_missed) | dict.fromkeys(CODED, coded_missed)
