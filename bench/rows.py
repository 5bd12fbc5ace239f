"""The rows: what is asked, of whom, and how an answer is judged.

A row gives for each server a list of rounds; a round is a dict with `rate` and what else it measured, or an
`error`. Servers take turns within a round, so that a slow minute of the machine hits all alike.
"""
import functools
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile
import time

import servers

MIB = 1 << 20
GIB = 1 << 30
OLD = 1735689600  # mtime of what is served: long past, or Apache and others give weak ETags
COLD_SIZES_KIB = [16, 24, 32, 48, 64]
COLD_FILES_A_ROUND = 1200
PUT_BYTES = 16384
PUT_NAMES = 1000
IDLE_CONNS = 10000
STARTS = 11
SHAKING = 16  # connections at once in the rows of handshakes
SUITE = "TLS_AES_128_GCM_SHA256"
AGREED = {"ec": f"TLSv1.3 {SUITE} X25519 EC 256", "rsa": f"TLSv1.3 {SUITE} X25519 RSA 2048"}
RANGE = (GIB // 2 + 77, GIB // 2 + 77 + 4095)
RANGES = [(0, 1023), (GIB // 3, GIB // 3 + 1023), (GIB - 1024, GIB - 1)]


class Invalid(Exception):
    """An answer that is not the right one: the row does not count for this server."""


# ---- what is served -------------------------------------------------------------------------------------


@functools.lru_cache
def block_of(seed):
    return bytes((i * seed + (i >> 8)) & 0xFF for i in range(65536))


def file_write(path, size, seed=7):
    block = block_of(seed)
    with open(path, "wb") as f:
        for at in range(0, size, len(block)):
            f.write(block[:size - at])
    os.utime(path, (OLD, OLD))


def content(path, first, last):
    with open(path, "rb") as f:
        f.seek(first)
        return f.read(last - first + 1)


def docroot_make(root, rows, rounds):
    os.makedirs(root, mode=0o755)
    file_write(f"{root}/1k.bin", 1024)
    if {"hot100k", "tls100k"} & set(rows):
        file_write(f"{root}/100k.bin", 102400)
    if {"range4k", "multirange", "big", "tls-big"} & set(rows):
        file_write(f"{root}/1g.bin", GIB)
    if "cold" in rows:
        for i in range(COLD_FILES_A_ROUND * rounds):
            if i % 1000 == 0:
                os.mkdir(f"{root}/cold{i // 1000}")
            file_write(cold_path(root, i), cold_size(i), seed=1)
    os.sync()  # fadvise drops clean pages only


def cold_size(i):
    return COLD_SIZES_KIB[i % len(COLD_SIZES_KIB)] * 1024


def cold_path(root, i):
    return f"{root}/cold{i // 1000}/{i:05d}.bin"


# ---- asking once, and looking closely -------------------------------------------------------------------


def ask(server, method, path, headers=None, body=None, tls=False):
    if tls:
        connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, timeout=30,
                                                 context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def probe(server, path, headers, status, right, tls=False):
    """Asks once; `right` judges the body. Returns the body's length, which load then expects every time."""
    got, fields, body = ask(server, "GET", path, headers, tls=tls)
    if got != status:
        raise Invalid(f"status {got}, wanted {status}")
    if not right(body, fields):
        raise Invalid(f"wrong content ({len(body)} bytes)")
    return len(body)


def multipart_right(root):
    parts = [content(f"{root}/1g.bin", first, last) for first, last in RANGES]

    def right(body, fields):
        at = 0
        if not fields.get("Content-Type", "").startswith("multipart/byteranges"):
            return False
        for part, (first, last) in zip(parts, RANGES):
            at = body.find(f"bytes {first}-{last}/{GIB}".encode(), at)
            at = body.find(b"\r\n\r\n" + part + b"\r\n--", at) if at >= 0 else -1
            if at < 0:
                return False
            at += len(part)
        return True
    return right


# ---- measuring ------------------------------------------------------------------------------------------


def wire_args(server, tls):
    return ["--port", str(server.tls_port), "--tls"] if tls else ["--port", str(server.port)]


def load(env, server, *args, tls=None):
    """One run of load against one server; CPU of the server over that time. tls: None, or whose key it shows."""
    before = servers.cpu_seconds(server.pid)
    done = subprocess.run([env.binaries["load"], *wire_args(server, tls), *map(str, args)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    cpu = servers.cpu_seconds(server.pid) - before
    if not done.stdout:
        return {"error": done.stderr.strip() or f"load ended with {done.returncode}"}
    got = json.loads(done.stdout)
    if got["errors"]:
        return {"error": f"{got['errors']} errors, first: {got['first_error']}"}
    if not got["requests"]:
        return {"error": "nothing answered"}
    if tls and got["agreed"] != AGREED[tls]:
        return {"error": f"agreed on {got['agreed']}"}
    if "--resume" in args and got["resumed"] < got["handshakes"] - SHAKING:
        return {"error": f"{got['resumed']} of {got['handshakes']} handshakes resumed"}
    return {"rate": got["rate"], "cpu_us": cpu * 1e6 / got["requests"], "p50_us": got["p50_us"],
            "p99_us": got["p99_us"], "mb_s": got["bytes"] / 1e6 / got["seconds"], "requests": got["requests"]}


def rounds_run(env, group, measure, rounds):
    """measure(server, round) for each server in turn, `rounds` times over; one that erred drops out.

    Each round begins with another server: none always follows the same neighbour or finds the disk asleep.
    """
    results = {server.label: [] for server in group}
    for n in range(rounds):
        first = n % len(group) if group else 0
        for server in group[first:] + group[:first]:
            if results[server.label] and "error" in results[server.label][-1]:
                continue
            try:
                results[server.label].append(measure(server, n))
            except (Invalid, OSError, http.client.HTTPException, RuntimeError, subprocess.SubprocessError) as e:
                results[server.label].append({"error": (str(e) or type(e).__name__).splitlines()[0]})
    return results


class Get:
    """Requests of one kind for some seconds. Fields: path, status, headers(server), right(body, fields)."""

    def __init__(self, path, status=200, headers=None, right=None, bare_bytes=None, conns=64, tls=None):
        self.path, self.status, self.headers, self.conns = path, status, headers, conns
        self.right, self.bare_bytes, self.tls = right, bare_bytes, tls

    def run(self, env):
        group = env.get_group(self.tls)
        bare = None
        if self.bare_bytes is not None and "bare" in env.names:
            bare = env.start("bare", "bare", bare_answer=(self.bare_bytes, self.status))
            group = group + [bare]
        known = {}

        def measure(server, _):
            if server.label not in known:
                known[server.label] = self.prepare(env, server)
                load(env, server, *known[server.label], "--seconds", "0.3", tls=self.tls)
            return load(env, server, *known[server.label], "--seconds", env.seconds, tls=self.tls)
        try:
            return rounds_run(env, group, measure, env.rounds)
        finally:
            if bare:
                bare.stop()

    def prepare(self, env, server):
        if server.name == "bare":
            headers, length = {}, 0 if self.status == 304 else self.bare_bytes
        else:
            headers = self.headers(server, self.path) if self.headers else {}
            whole = f"{env.root}{self.path}"
            right = self.right(env.root) if self.right else lambda body, _: body == content(whole, 0, GIB)
            length = probe(server, self.path, headers, self.status, right, self.tls)
        fields = [word for name, value in headers.items() for word in ("--field", f"{name}: {value}")]
        return ["--path", self.path, "--conns", self.conns, "--status", self.status, "--length", length, *fields]


def etag_headers(server, path):
    etag = ask(server, "GET", path)[1].get("ETag")
    if not etag:
        raise Invalid("no ETag")
    return {"If-None-Match": etag}


def range_headers(_server, _path):
    return {"Range": "bytes=%d-%d" % RANGE}


def ranges_headers(_server, _path):
    return {"Range": "bytes=" + ",".join("%d-%d" % r for r in RANGES)}


def cold(env):
    """Each round has files of its own, dropped from the page cache before each server's turn."""
    def measure(server, n):
        wanted = range(n * COLD_FILES_A_ROUND, (n + 1) * COLD_FILES_A_ROUND)
        with tempfile.NamedTemporaryFile("w", prefix="bench-cold.") as targets:
            for i in wanted:
                path = cold_path(env.root, i)
                fd = os.open(path, os.O_RDONLY)
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(fd)
                targets.write(f"{path[len(env.root):]} {cold_size(i)}\n")
            targets.flush()
            return load(env, server, "--targets", targets.name, "--conns", 16, "--requests", len(wanted))
    return rounds_run(env, env.get_group(), measure, env.rounds)


class Big:
    """The whole GiB over one connection, some times a round; the first of all is not counted."""

    def __init__(self, times, tls=None):
        self.times, self.tls = times, tls

    def run(self, env):
        warm = set()

        def measure(server, _):
            args = ["--path", "/1g.bin", "--length", GIB]
            if server.label not in warm:
                warm.add(server.label)
                load(env, server, *args, "--requests", 1, tls=self.tls)
            return load(env, server, *args, "--requests", self.times, tls=self.tls)
        return rounds_run(env, env.get_group(self.tls), measure, env.rounds)


class Shake:
    """Connections with one GET of 1 KiB each. A key other than the common one has servers of its own."""

    def __init__(self, resume=False, key="ec"):
        self.resume, self.key = resume, key

    def run(self, env):
        if self.key == "ec":
            return rounds_run(env, env.get_group(tls=True), lambda server, n: self.measure(env, server, n), env.rounds)
        wanted = [(n, n, env.root, {"key": self.key}) for n in env.names_of(tls=True)]
        group = env.start_all(sorted(wanted, key=lambda w: w[0] == "ours"))
        group.sort(key=lambda server: env.names.index(server.name))
        try:
            return rounds_run(env, group, lambda server, n: self.measure(env, server, n), env.rounds)
        finally:
            for server in group:
                server.stop()

    def measure(self, env, server, n):
        args = ["--path", "/1k.bin", "--length", 1024, "--conns", SHAKING, "--fresh"] + ["--resume"] * self.resume
        if n == 0:
            probe(server, "/1k.bin", {}, 200, lambda body, _: body == content(f"{env.root}/1k.bin", 0, GIB), tls=True)
            load(env, server, *args, "--seconds", "0.3", tls=self.key)
        return load(env, server, *args, "--seconds", env.seconds, tls=self.key)


class H2:
    """h2load: GET of 1 KiB, some connections with some streams at once on each, by ALPN or by prior knowledge."""

    def __init__(self, conns, streams, tls):
        self.conns, self.streams, self.tls = conns, streams, tls

    def run(self, env):
        return rounds_run(env, env.get_group(tls=True), lambda server, n: self.measure(env, server, n), env.rounds)

    def measure(self, env, server, n):
        url = f"https://127.0.0.1:{server.tls_port}" if self.tls else f"http://127.0.0.1:{server.h2c_port}"
        if n == 0:
            done = subprocess.run(["nghttp", "--no-verify-peer", f"{url}/1k.bin"], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=30)
            if done.stdout != content(f"{env.root}/1k.bin", 0, GIB):
                raise Invalid(f"wrong content ({len(done.stdout)} bytes) {done.stderr.decode(errors='replace')[:80]}")
            self.load(server, f"{url}/1k.bin", 0.3)
        return self.load(server, f"{url}/1k.bin", env.seconds)

    def load(self, server, url, seconds):
        before = servers.cpu_seconds(server.pid)
        done = subprocess.run(["h2load", "--tls13-ciphers", SUITE, "--groups", "X25519", "-t1", "-c", str(self.conns),
                               "-m", str(self.streams), "-D", f"{seconds * 1000:.0f}ms", url],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 30)
        cpu = servers.cpu_seconds(server.pid) - before
        done_count = h2load_judge(done.stdout, self.conns * self.streams, 1024, self.tls)
        return {"rate": done_count / seconds, "cpu_us": cpu * 1e6 / done_count}


def h2load_judge(told, in_flight, length, tls):
    """How many right answers h2load counted. Those in flight at the end are in some of its counts and not in others."""
    def figures(pattern):
        found = re.search(pattern, told)
        if not found:
            raise Invalid("h2load did not tell all: " + " ".join(told.split())[-80:])
        return [int(n) for n in found.groups()]
    done, good, failed, errored, timeout = figures(
        r"started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")
    ok, *other = figures(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")
    data, = figures(r"headers \([^)]*\), \S+ \((\d+)\) data")
    if failed or errored or timeout or any(other) or not done == good <= ok <= done + in_flight:
        raise Invalid(f"{done} answers: {good} succeeded, {ok} of 2xx, {sum(other)} of others, "
                      f"{failed + errored + timeout} failed")
    if not done or not done * length <= data <= (done + in_flight) * length:
        raise Invalid(f"{data} bytes in {done} answers of {length}")
    for line in ["Application protocol: h2", "TLS Protocol: TLSv1.3", f"Cipher: {SUITE}"] if tls else []:
        if line + "\n" not in told:
            raise Invalid("not agreed: " + line)
    return done


class Put:
    """Bodies to rotating names: new ones at first, replaced later. Each server has a folder of its own."""

    def __init__(self, where, size=PUT_BYTES):
        self.where, self.size = where, size

    def run(self, env):
        parent = env.scratch_new(self.where)
        wanted = []
        for name in [n for n in env.names if n not in servers.CANNOT_PUT]:
            for durability in ["relaxed", "full"] if name == "ours" else [""]:
                root = f"{parent}/{name}{durability}"
                os.mkdir(root, 0o755)
                os.mkdir(f"{root}/put", 0o777)
                label = "ours, full" if durability == "full" else name
                wanted.append((name, label, root, {"durability": durability or "relaxed"}))
        group = env.start_all(wanted)
        try:
            return rounds_run(env, group, lambda server, n: self.measure(env, server, n), env.rounds)
        finally:
            for server in group:
                server.stop()
            env.scratch_drop(parent)

    def measure(self, env, server, n):
        args = ["--mode", "put", "--path", "/put/f", "--names", PUT_NAMES, "--body", self.size, "--conns", 16,
                "--status", "200,201,204"]
        if n == 0:
            load(env, server, *args, "--seconds", "0.5")
        got = load(env, server, *args, "--seconds", env.seconds)
        status, _, body = ask(server, "GET", "/put/f00003")
        if status != 200 or body != bytes(ord("a") + i % 23 for i in range(self.size)):
            raise Invalid(f"what was put is not there: {status}, {len(body)} bytes")
        return got


class Idle:
    """Memory of a fresh server's process tree, before and with connections that were answered once."""

    def __init__(self, tls=None):
        self.tls = tls

    def run(self, env):
        parent = env.scratch_new("disk")
        root = f"{parent}/root"
        docroot_make(root, [], 0)

        def measure(place, _):
            server = env.start(place.name, place.label, root=root)
            try:
                probe(server, "/1k.bin", {}, 200, lambda body, _: len(body) == 1024, self.tls)
                load(env, server, "--path", "/1k.bin", "--conns", 64, "--requests", 2000, "--length", 1024, tls=self.tls)
                return idle_hold(env, server, self.tls)
            finally:
                server.stop()
        try:
            return rounds_run(env, [Place(n) for n in env.names_of(self.tls)], measure, min(env.rounds, 3))
        finally:
            env.scratch_drop(parent)


def idle_hold(env, server, tls):
    time.sleep(0.3)
    before = servers.memory_bytes(server.pid)
    held = subprocess.Popen([env.binaries["load"], *wire_args(server, tls), "--mode", "idle", "--conns",
                             str(IDLE_CONNS), "--path", "/1k.bin", "--length", "1024", "--seconds", "30"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = held.stdout.readline()
    time.sleep(1)
    after = servers.memory_bytes(server.pid)
    rest = held.communicate("")[0]
    if "ready" not in ready:
        raise Invalid(json.loads(ready)["first_error"] if ready else "load ended")
    if json.loads(rest)["errors"]:
        raise Invalid(json.loads(rest)["first_error"])
    return {"bytes_each": (after - before) / IDLE_CONNS, "base_mb": before / 1e6}


class Place:
    """Stands for a server that each measurement starts anew."""

    def __init__(self, name):
        self.name = self.label = name


def start(env):
    """From spawning the process to the end of its first answer of 200."""
    parent = env.scratch_new("disk")
    root = f"{parent}/root"
    docroot_make(root, [], 0)
    commands = {n: servers.start_command(n, root, env.binaries, env.pairs["ec"]) for n in env.names_of(tls=False)}
    try:
        return rounds_run(env, [Place(n) for n in commands], lambda p, _: start_once(*commands[p.name][:2]), STARTS)
    finally:
        for _, _, drop in commands.values():
            drop()
        env.scratch_drop(parent)


def start_once(command, port):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        while not answers(port):
            if time.monotonic() - begin > 5 or process.poll() is not None:
                raise Invalid("did not start")
            time.sleep(0.0005)
        return {"ms": (time.monotonic() - begin) * 1e3}
    finally:
        servers.process_end(process)


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            s.sendall(b"GET /1k.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            got = b""
            while piece := s.recv(65536):
                got += piece
    except OSError:
        return False
    return got.startswith(b"HTTP/1.1 200") and len(got.partition(b"\r\n\r\n")[2]) == 1024


def run_of(row):
    return row.run if hasattr(row, "run") else row


ROWS = {
    "hot1k": ("1 KiB GET, in memory, 64 connections", Get("/1k.bin", bare_bytes=1024)),
    "hot100k": ("100 KiB GET, in memory, 64 connections", Get("/100k.bin", bare_bytes=102400)),
    "cold": ("16-64 KiB GET, not in the page cache, 16 connections", cold),
    "cond304": ("304 by If-None-Match, 64 connections",
                Get("/1k.bin", 304, etag_headers, lambda _: lambda body, _f: body == b"", bare_bytes=0)),
    "range4k": ("4 KiB range of 1 GiB, 64 connections",
                Get("/1g.bin", 206, range_headers,
                    lambda root: lambda body, _: body == content(f"{root}/1g.bin", *RANGE), bare_bytes=4096)),
    "multirange": ("three ranges of 1 KiB of 1 GiB, 64 connections",
                   Get("/1g.bin", 206, ranges_headers, multipart_right, bare_bytes=3400)),
    "big": ("1 GiB GET, one connection", Big(4)),
    "put-disk": ("16 KiB PUT on the disk, 16 connections", Put("disk")),
    "put-tmpfs": ("16 KiB PUT on tmpfs, 16 connections", Put("tmpfs")),
    "idle": ("10 000 idle connections", Idle()),
    "start": ("start to first answer", start),
    "tls1k": ("1 KiB GET over TLS, 64 connections", Get("/1k.bin", tls="ec")),
    "tls100k": ("100 KiB GET over TLS, 64 connections", Get("/100k.bin", tls="ec")),
    "tls-big": ("1 GiB GET over TLS, one connection", Big(2, tls="ec")),
    "shake": ("handshakes, full, P-256", Shake()),
    "shake-resumed": ("handshakes, resumed by ticket", Shake(resume=True)),
    "shake-rsa": ("handshakes, full, RSA 2048", Shake(key="rsa")),
    "h2-1": ("HTTP/2 over TLS, 1 KiB GET, 64 connections with 1 stream", H2(64, 1, tls=True)),
    "h2-64": ("HTTP/2 over TLS, 1 KiB GET, 16 connections with 64 streams", H2(16, 64, tls=True)),
    "h2c-1": ("HTTP/2 without TLS, 1 KiB GET, 64 connections with 1 stream", H2(64, 1, tls=False)),
    "h2c-64": ("HTTP/2 without TLS, 1 KiB GET, 16 connections with 64 streams", H2(16, 64, tls=False)),
    "tls-idle": ("10 000 idle TLS connections", Idle("ec")),
}
ALONE = ["put-disk", "put-tmpfs", "idle", "start", "shake-rsa", "tls-idle"]  # the common servers are stopped for these
_at = list(ROWS).index("tls1k")
FAMILIES = {"plain": list(ROWS)[:_at], "tls": list(ROWS)[_at:]}
