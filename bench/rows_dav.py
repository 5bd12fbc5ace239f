"""The rows of WebDAV: listing folders, locks, properties, and whole trees moved and deleted.

Each answer is judged once as the XML that it is, and then by status and length each time. Rounds are of a number of
requests, chosen from what the server did when it was warmed, so that none is cut off: a listing of 10 000 entries is
long, and a pair of LOCK and UNLOCK must be whole.
"""
import io
import json
import os
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as xml

import rows
import servers
from rows import Invalid, ask, load

PEERS = ["ours", "nginx", "apache", "lighttpd"]  # h2o and Caddy speak no WebDAV
NO_PROPPATCH = ["nginx"]
ROUNDS = 3
SECONDS_OF = 0.5  # of what is measured elsewhere
NAMES = 1000      # locked, and given properties, in turn
TREE_FOLDERS, TREE_FILES = 100, 999  # with the folders themselves: 100 000 entries
MADE_AT_MOST = 20000  # folders made in one round
STAMPS = 10000000  # numbers between two rounds
REMOVAL_S = 60  # for what a server does after its answer
QUIET_S = 0.25
QUIET_CPU_S = 0.002

D = "{DAV:}"
XML = {"Content-Type": "application/xml; charset=utf-8"}
PROLOG = '<?xml version="1.0" encoding="utf-8"?>'
FIVE = (PROLOG + '<D:propfind xmlns:D="DAV:"><D:prop><D:displayname/><D:getcontentlength/><D:getlastmodified/><D:getetag/>'
        '<D:resourcetype/></D:prop></D:propfind>')
ALL = PROLOG + '<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>'
LOCK = (PROLOG + '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
        '<D:owner><D:href>mailto:bench@example.com</D:href></D:owner></D:lockinfo>')
LOCK_FIELDS = XML | {"Timeout": "Second-600", "Depth": "0"}
DEAD = "{urn:bench}mark"
PROPPATCH = (PROLOG + '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><B:mark xmlns:B="urn:bench">########</B:mark>'
             '</D:prop></D:set></D:propertyupdate>')
ASK_DEAD = PROLOG + '<D:propfind xmlns:D="DAV:"><D:prop><B:mark xmlns:B="urn:bench"/></D:prop></D:propfind>'


# ---- what is listed -------------------------------------------------------------------------------------


def entry_name(i):
    """Every fifth has spaces, every tenth is a folder."""
    return f"album {i:05d}" if i % 10 == 9 else f"notes of {i:05d}.txt" if i % 5 == 4 else f"photo-{i:05d}.jpg"


def folder_make(path, count):
    """`count` entries; gives {name: size}, None of a folder."""
    made = {}
    os.mkdir(path, 0o755)
    for i in range(count):
        name = entry_name(i)
        made[name] = None if i % 10 == 9 else i % 7
        if made[name] is None:
            os.mkdir(f"{path}/{name}", 0o755)
        else:
            rows.file_write(f"{path}/{name}", made[name])
    return made


def tree_make(path):
    """100 000 entries: folders of 999 files. Gives {path below it: size}."""
    made = {}
    os.mkdir(path, 0o755)
    for i in range(TREE_FOLDERS):
        made[f"{i:03d}"] = None
        os.mkdir(f"{path}/{i:03d}", 0o755)
        folder = os.open(f"{path}/{i:03d}", os.O_RDONLY)
        for k in range(TREE_FILES):
            made[f"{i:03d}/{k:04d}.txt"] = 0
            os.close(os.open(f"{k:04d}.txt", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=folder))
        os.close(folder)
    return made


def age(path):
    """Everything was last changed long ago."""
    for at, folders, files in os.walk(path):
        for name in folders + files:
            os.utime(f"{at}/{name}", (rows.OLD, rows.OLD))
    os.utime(path, (rows.OLD, rows.OLD))


# ---- judging --------------------------------------------------------------------------------------------


def found_props(response):
    """{name: element} of what a DAV:response gives with 200."""
    props = {}
    for stat in response.findall(D + "propstat"):
        if (stat.findtext(D + "status") or "").split(" ")[1:2] == ["200"]:
            props.update((prop.tag, prop) for prop in stat.find(D + "prop"))
    return props


def listing_judge(body, at, wanted):
    """A multistatus of the folder `at` and of `wanted` below it ({path: size}), each once, with what all servers know."""
    left = {at: None} | {f"{at}/{path}": size for path, size in wanted.items()}
    count, whole = 0, len(left)
    try:
        for _, element in xml.iterparse(io.BytesIO(body)):
            if element.tag != D + "response":
                continue
            count += 1
            href = urllib.parse.urlsplit((element.findtext(D + "href") or "").strip()).path
            path = urllib.parse.unquote(href).rstrip("/")
            if path not in left:
                raise Invalid(f"{path} told twice, or not there")
            entry_judge(path, found_props(element), left.pop(path))
            element.clear()
    except xml.ParseError as e:
        raise Invalid(f"no XML: {e}") from None
    if left:
        raise Invalid(f"{count} of {whole} responses, {next(iter(left))} is missing")


def entry_judge(path, props, size):
    if D + "getlastmodified" not in props or D + "resourcetype" not in props:
        raise Invalid(f"{path}: no getlastmodified or resourcetype")
    is_folder = props[D + "resourcetype"].find(D + "collection") is not None
    if is_folder != (size is None):
        raise Invalid(f"{path}: a folder or not")
    if size is not None and props.get(D + "getcontentlength") is None or \
            size is not None and props[D + "getcontentlength"].text != str(size):
        raise Invalid(f"{path}: wrong getcontentlength")


def one_response(body):
    try:
        found = xml.fromstring(body).findall(D + "response")
    except xml.ParseError as e:
        raise Invalid(f"no XML: {e}") from None
    if len(found) != 1:
        raise Invalid(f"{len(found)} responses, wanted 1")
    return found[0]


def mark_judge(body, first, last):
    """The property that PROPPATCH set, from one of the requests of this round."""
    mark = found_props(one_response(body)).get(DEAD)
    if mark is None or not (mark.text or "").isdigit() or not first <= int(mark.text) <= last:
        raise Invalid(f"the property is {None if mark is None else mark.text}, wanted one of {first}-{last}")


# ---- measuring ------------------------------------------------------------------------------------------


def names_of(env, without=()):
    return [n for n in env.names if n in PEERS and n not in without]


def fields(headers):
    return [word for name, value in headers.items() for word in ("--field", f"{name}: {value}")]


def body_file(env, body):
    """The body as a file for `load`, one for each."""
    known = env.__dict__.setdefault("bodies", {})
    if body not in known:
        known[body] = f"{env.scratch_new('disk')}/body"
        with open(known[body], "w") as f:
            f.write(body)
    return known[body]


class Pace:
    """How many requests make a round for a server, from what it did when it was warmed."""

    def __init__(self, conns, at_most=5000000):
        self.conns, self.at_most, self.known = conns, at_most, {}

    def count(self, env, server, warm):
        """`warm(count)` runs so many, and is not measured."""
        if server.label not in self.known:
            count, got = self.conns, None
            while got is None or got["requests"] / got["rate"] < 0.1 * env.seconds and count < self.at_most:
                got = warm(count)
                if "error" in got:
                    return got
                count = min(count * 4, self.at_most)
            rounds = max(1, round(got["rate"] * env.seconds * SECONDS_OF / self.conns))
            self.known[server.label] = min(rounds * self.conns, self.at_most)
        return self.known[server.label]


def group_run(env, group, measure):
    return rows.rounds_run(env, group, measure, min(env.rounds, ROUNDS))


def listed_group(env):
    """The servers over the folders that are listed; they stay for the next row."""
    if not hasattr(env, "listed"):
        env.listed_root = env.scratch_new("disk") + "/root"
        os.mkdir(env.listed_root, 0o755)
        env.listed = {f"/{n}": folder_make(f"{env.listed_root}/{n}", n) for n in (10, 1000, 10000)}
        env.listed["/tree"] = tree_make(f"{env.listed_root}/tree")
        age(env.listed_root)
        wanted = sorted(names_of(env), key=lambda n: n == "ours")
        env.listed_group = env.start_all((n, n, env.listed_root, {}) for n in wanted)
        env.listed_group.sort(key=lambda server: env.names.index(server.name))
    return env.listed_group


class Walk:
    """Stands for the bare walk among the servers."""
    name = label = "walk"


class Find:
    """PROPFIND of one folder; depth infinity goes on below it."""

    def __init__(self, at, body=FIVE, depth="1", conns=1):
        self.at, self.body, self.depth, self.conns = at, body, depth, conns

    def run(self, env):
        group = list(listed_group(env))
        if "bare" in env.names:
            group.append(Walk())
        pace, known = Pace(self.conns), {}

        def measure(server, _):
            if server.name == "walk":
                return self.walk(env, pace)
            if server.label not in known:
                known[server.label] = self.prepare(env, server)
            args = known[server.label]
            count = pace.count(env, server, lambda n: load(env, server, *args, "--requests", n))
            return count if isinstance(count, dict) else load(env, server, *args, "--requests", count)
        return group_run(env, group, measure)

    def prepare(self, env, server):
        headers = XML | {"Depth": self.depth}
        status, _, body = ask(server, "PROPFIND", self.at + "/", headers, self.body)
        if status != 207:
            raise Invalid(f"status {status}, wanted 207")
        listing_judge(body, self.at, env.listed[self.at])
        return ["--method", "PROPFIND", "--path", self.at + "/", "--status", 207, "--length", len(body), "--chunked",
                "--conns", self.conns, "--body-file", body_file(env, self.body), *fields(headers)]

    def walk(self, env, pace):
        def once(count):
            told = subprocess.run([env.binaries["walk"], env.listed_root + self.at, str(count),
                                   *(["all"] if self.depth == "infinity" else [])],
                                  capture_output=True, text=True, check=True)
            got = json.loads(told.stdout)
            if got["entries"] != len(env.listed[self.at]):
                raise Invalid(f"{got['entries']} entries, wanted {len(env.listed[self.at])}")
            return {"rate": got["walks"] / got["seconds"], "cpu_us": got["cpu_us"], "requests": got["walks"]}
        return once(pace.count(env, Walk, once))


def changed_group(env):
    """Servers over folders of their own, ours with each durability; they stay for the next row."""
    if not hasattr(env, "changed"):
        parent, wanted = env.scratch_new("disk"), []
        for name in names_of(env):
            for durability in ["relaxed", "full"] if name == "ours" else [""]:
                root, label = f"{parent}/{name}{durability}", "ours, full" if durability == "full" else name
                options = {"durability": durability or "relaxed"}
                if durability == "full":
                    options["options"] = ["--locks", "durable"]
                changed_make(root, min(env.rounds, ROUNDS))
                wanted.append((name, label, root, options))
        os.sync()
        env.changed = env.start_all(wanted)
    return env.changed


def changed_make(root, trees):
    """With a tree for each round: ext4 passes over the inodes that were freed in the last minutes, one by one, whenever
    it makes a file. What is made after a tree was deleted costs its maker twenty times as much.
    """
    os.mkdir(root, 0o777)
    os.chmod(root, 0o777)
    for folder in ("lock", "prop"):
        os.mkdir(f"{root}/{folder}", 0o755)
        for i in range(NAMES):
            rows.file_write(f"{root}/{folder}/f{i:05d}", 100)
    for n in range(trees):
        tree_make(f"{root}/tree{n}")


class Lock:
    """LOCK and UNLOCK of files in turn; the pair counts as one."""

    def __init__(self, conns):
        self.conns = conns

    def run(self, env):
        pace = Pace(self.conns)
        args = ["--mode", "lock", "--path", "/lock/f", "--names", NAMES, "--conns", self.conns, "--body-file",
                body_file(env, LOCK), *fields(LOCK_FIELDS)]

        def measure(server, n):
            if n == 0:
                lock_holds(server)
            count = pace.count(env, server, lambda n: load(env, server, *args, "--requests", n))
            got = count if isinstance(count, dict) else load(env, server, *args, "--requests", count)
            if "error" not in got:
                lock_left(server, "/lock/f00003")
            return got
        return group_run(env, changed_group(env), measure)


def lock_holds(server):
    """A lock shuts others out, and its end lets them in."""
    path = "/lock/f00003"
    status, answer, _ = ask(server, "LOCK", path, LOCK_FIELDS, LOCK)
    if status != 200:
        raise Invalid(f"LOCK gives {status}, wanted 200")
    status = ask(server, "PUT", path, {}, b"x" * 100)[0]
    if status != 423:
        raise Invalid(f"PUT of what is locked gives {status}, wanted 423")
    status = ask(server, "UNLOCK", path, {"Lock-Token": answer.get("Lock-Token", "")})[0]
    if status != 204:
        raise Invalid(f"UNLOCK gives {status}, wanted 204")
    lock_left(server, path)


def lock_left(server, path):
    status = ask(server, "PUT", path, {}, b"x" * 100)[0]
    if status not in (200, 201, 204):
        raise Invalid(f"PUT after UNLOCK gives {status}")


class Proppatch:
    """One dead property of files in turn, with another value each time."""

    def __init__(self, conns):
        self.conns = conns

    def run(self, env):
        pace, known = Pace(self.conns), {}

        def measure(server, n):
            first = n * STAMPS
            if server.label not in known:
                known[server.label] = self.prepare(env, server)
            args = known[server.label]
            count = pace.count(env, server, lambda n: load(env, server, *args, "--requests", n))
            if isinstance(count, dict):
                return count
            got = load(env, server, *args, "--first", first, "--requests", count)
            if "error" not in got:
                body = ask(server, "PROPFIND", "/prop/f00000", XML | {"Depth": "0"}, ASK_DEAD)[2]
                mark_judge(body, first, first + count - 1)
            return got
        return group_run(env, [s for s in changed_group(env) if s.name not in NO_PROPPATCH], measure)

    def prepare(self, env, server):
        status, _, body = ask(server, "PROPPATCH", "/prop/f00000", XML, PROPPATCH.replace("########", "00000000"))
        if status == 207 and DEAD not in found_props(one_response(body)):
            raise Invalid("the property was not set")
        if status not in (204, 207):  # lighttpd tells success so; what it holds then is looked at after each round
            raise Invalid(f"status {status}, wanted 207")
        return ["--method", "PROPPATCH", "--path", "/prop/f", "--names", NAMES, "--status", status, "--length", len(body),
                "--chunked", "--conns", self.conns, "--body-file", body_file(env, PROPPATCH), *fields(XML)]


class Mkcol:
    """New folders, in a folder that is new each time. They stay: why, changed_make tells."""

    def __init__(self, conns):
        self.conns = conns

    def run(self, env):
        pace, turn = Pace(self.conns, MADE_AT_MOST), [0]

        def once(server, count):
            turn[0] += 1
            at = f"mk{self.conns}.{turn[0]}"
            if ask(server, "MKCOL", f"/{at}/")[0] != 201:
                raise Invalid("MKCOL of the folder above")
            got = load(env, server, "--method", "MKCOL", "--path", f"/{at}/d########/", "--status", 201, "--conns",
                       self.conns, "--requests", count)
            made = len(os.listdir(f"{server.root}/{at}"))
            if "error" not in got and made != count:
                raise Invalid(f"{made} folders were made, wanted {count}")
            return got

        def measure(server, _):
            count = pace.count(env, server, lambda n: once(server, n))
            return count if isinstance(count, dict) else once(server, count)
        return group_run(env, changed_group(env), measure)


class Tree:
    """MOVE or DELETE of 100 000 entries: time to the answer; CPU to the end of what the server does after it."""

    def __init__(self, method):
        self.method = method

    def run(self, env):
        return group_run(env, changed_group(env), self.measure)

    def measure(self, server, n):
        path = f"/tree{n}" if self.method == "DELETE" else "/tree0"
        there = server.root + path
        headers = {"Destination": f"http://127.0.0.1:{server.port}/moved/", "Overwrite": "F"}
        cpu, begin = servers.cpu_seconds(server.pid), time.monotonic()
        status, _, body = ask(server, self.method, path + "/", headers if self.method == "MOVE" else {})
        seconds = time.monotonic() - begin
        quiet_wait(server)
        cpu = servers.cpu_seconds(server.pid) - cpu
        if status not in (200, 201, 204):
            raise Invalid(f"status {status} {body[:60]!r}")
        if os.path.exists(there):
            raise Invalid("the folder is still there")
        if self.method == "MOVE":
            tree_judge(f"{server.root}/moved")
            os.rename(f"{server.root}/moved", there)
        return {"ms": seconds * 1e3, "cpu_us": cpu * 1e6}


def tree_judge(path):
    folders = sorted(os.listdir(path))
    if folders != [f"{i:03d}" for i in range(TREE_FOLDERS)]:
        raise Invalid(f"{len(folders)} folders came, wanted {TREE_FOLDERS}")
    for folder in folders:
        files = len(os.listdir(f"{path}/{folder}"))
        if files != TREE_FILES:
            raise Invalid(f"{files} files came in {folder}, wanted {TREE_FILES}")


def quiet_wait(server):
    """Until the server takes no CPU: some answer first and work then."""
    end, before = time.monotonic() + REMOVAL_S, servers.cpu_seconds(server.pid)
    while time.monotonic() < end:
        time.sleep(QUIET_S)
        now = servers.cpu_seconds(server.pid)
        if now - before < QUIET_CPU_S:
            return
        before = now
    raise Invalid(f"still at work {REMOVAL_S} s after its answer")


class Put4k(rows.Put):
    """As the other rows of PUT, with a smaller body and the rounds of these rows."""

    def run(self, env):
        rounds, seconds = env.rounds, env.seconds
        env.rounds, env.seconds = min(rounds, ROUNDS), seconds * SECONDS_OF
        try:
            return super().run(env)
        finally:
            env.rounds, env.seconds = rounds, seconds


ROWS = {
    "find10-1": ("PROPFIND of 10 entries, 1 connection", Find("/10")),
    "find10": ("PROPFIND of 10 entries, 16 connections", Find("/10", conns=16)),
    "find1k-1": ("PROPFIND of 1 000 entries, 1 connection", Find("/1000")),
    "find1k": ("PROPFIND of 1 000 entries, 16 connections", Find("/1000", conns=16)),
    "find10k-1": ("PROPFIND of 10 000 entries, 1 connection", Find("/10000")),
    "find10k": ("PROPFIND of 10 000 entries, 16 connections", Find("/10000", conns=16)),
    "findall1k": ("PROPFIND allprop of 1 000 entries, 16 connections", Find("/1000", ALL, conns=16)),
    "findtree": ("PROPFIND infinity of 100 000 entries, 1 connection", Find("/tree", depth="infinity")),
    "lockpair-1": ("LOCK and UNLOCK, 1 connection", Lock(1)),
    "lockpair": ("LOCK and UNLOCK, 16 connections", Lock(16)),
    "proppatch-1": ("PROPPATCH of one property, 1 connection", Proppatch(1)),
    "proppatch": ("PROPPATCH of one property, 16 connections", Proppatch(16)),
    "mkcol-1": ("MKCOL, 1 connection", Mkcol(1)),
    "mkcol": ("MKCOL, 16 connections", Mkcol(16)),
    "put4k-disk": ("4 KiB PUT on the disk, 16 connections", Put4k("disk", 4096)),
    "treemove": ("MOVE of 100 000 entries", Tree("MOVE")),
    "treedelete": ("DELETE of 100 000 entries", Tree("DELETE")),
}
rows.ROWS |= ROWS
rows.ALONE += list(ROWS)
rows.FAMILIES["dav"] = list(ROWS)
