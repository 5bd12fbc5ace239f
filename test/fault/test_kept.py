"""`require-match = conflict-copy`: no version that a stranger overwrites is ever lost, whatever fails or crashes in the midst of it.

Strangers write the same few files, each PUT under a User-Agent that nobody saw before, so each version that is replaced has to be
kept. After a crash every acknowledged version is there, whole, as the file or as one of its copies; the file has the property that
was set before, and no copy has it. A failing call leaves the old version where it was, or the new one with the old one beside it;
at worst there is a name too many for one of them.
"""

import errno
import os
import random
import threading
import urllib.parse

import fault
import test_each_call as each
import wire
from dav import XML
from powercut import kill_after, plug_in, power_cut, unplug
from wire import eq, fail, ok, one_of, own_server, time_limit, wait_for
from writers import Memory, play

ROUNDS = int(os.environ.get("ROUNDS", "0"))
WRITERS = 6
FILES = ["d0/f0.txt", "d0/f1.txt"]
PROPERTY = (b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x xmlns="urn:x">%s</x></D:prop></D:set></D:propertyupdate>')


def versions(server, name):
    """{number: [names]} of what lies at the name and beside it; None for what is torn."""
    folder, leaf = os.path.split(name)
    stem, extension = os.path.splitext(leaf)
    found = {}
    for at in sorted(os.listdir(server.path(folder))):
        if at == leaf or (at.startswith(stem + " (conflict ") and at.endswith(extension)):
            data = server.read(os.path.join(folder, at))
            number = int(data.split(b" ", 2)[1]) if fault.whole(data) else None
            found.setdefault(number, []).append(at)
    return found


# ---- crashes ----------------------------------------------------------------------------------------


class Stranger(threading.Thread):
    def __init__(self, server, number, memory):
        super().__init__(daemon=True)
        self.server, self.memory = server, memory
        self.random = random.Random(memory.seed * 1000 + number)
        self.stopping, self.acknowledged, self.failure = False, 0, None

    def run(self):
        try:
            with wire.Connection(self.server.addresses[0], [], self.server.host) as conn:
                while not self.stopping and self.put(conn, self.random.choice(FILES)):
                    self.acknowledged += 1
        except (wire.Closed, OSError):
            pass  # the server is gone, in the midst of it
        except wire.Failure as why:
            self.failure = why

    def put(self, conn, name):
        number = self.memory.next_serial()
        with self.memory.lock:
            self.memory.doubt[number] = name
        got = conn.ask("PUT", "/" + name, {"User-Agent": "stranger %d" % number}, fault.content(name, number, self.random.randrange(100, 9000)))
        if self.memory.is_over and got.status in (403, 500, 503, 507):
            return False
        eq(got.status, 204, "PUT %s" % name)
        ok("Link" in got.fields, "the version before is named")
        with self.memory.lock:
            self.memory.holds[number] = self.memory.doubt.pop(number)
        return True


class Versions(Memory):
    """holds: {number: name} of all that was acknowledged, doubt: of what was under way."""

    def writer(self, server, number):
        return Stranger(server, number, self)

    def judge(self, server):
        wrong = []
        for name in FILES:
            found = versions(server, name)
            if None in found:
                wrong.append("torn: %s" % found[None])
            for number in sorted(number for number, of in self.holds.items() if of == name and number not in found):
                wrong.append("%s number %d was acknowledged and is lost" % (name, number))
            for number, names in found.items():
                if number is not None and number not in self.holds and number not in self.doubt:
                    wrong.append("%s number %d was put there by nobody" % (name, number))
                if len(names) > 1 and os.path.basename(name) not in names:
                    wrong.append("%s number %d is there as %s" % (name, number, names))
            wrong += self.judge_property(server, name, found)
        return wrong

    def judge_property(self, server, name, found):
        got = server.request("PROPFIND", os.path.dirname("/" + name) + "/", {"Depth": "1"}).body
        wrong = []
        for part in got.split(b"<D:response>")[1:]:
            at = urllib.parse.unquote(part.split(b"<D:href>/")[1].split(b"<")[0].decode())
            has = os.path.samefile(server.path(at), server.path(name))  # a name too many is the same file
            if (b">%s<" % name.encode() in part) != has:
                wrong.append("of all versions of %s the file alone has its property, not: %r" % (name, part))
        return wrong

    def start_anew(self, server):
        """The copies of one round are removed, or numbers run out."""
        self.holds, self.doubt = {}, {}
        prepare(server, self)


def prepare(server, memory):
    os.makedirs(server.path("d0"), exist_ok=True)
    for at in os.listdir(server.path("d0")):
        if "(conflict" in at:
            os.unlink(server.path("d0/" + at))
    for name in FILES:
        number = memory.next_serial()
        one_of(server.put("/" + name, fault.content(name, number, 200)).status, (201, 204), "PUT before a round")
        for at in os.listdir(server.path("d0")):
            if "(conflict" in at:
                os.unlink(server.path("d0/" + at))
        eq(server.request("PROPPATCH", "/" + name, XML, PROPERTY % name.encode()).status, 207)
        memory.holds[number] = name


def rounds(server, count, crash_of):
    memory = Versions(random.randrange(1 << 30))
    chance = random.Random(memory.seed)
    done = 0
    prepare(server, memory)
    for _ in range(count):
        done += play(server, memory, WRITERS, crash_of(server, memory, chance.uniform(0.05, 0.25)))
        server.start()
        eq(fault.left_in(server, "up"), [], "what is left in .samovar/up after the start")
        wrong = memory.judge(server)
        if wrong:
            fail("%d changes, seed %d:\n%s" % (memory.total, memory.seed, "\n".join(wrong[:20])))
        memory.start_anew(server)
    ok(done >= count * 3, "the strangers got something done: %d changes in %d rounds" % (done, count))


@time_limit(60 + 3 * ROUNDS)
@own_server("--require-match", "conflict-copy")
def test_kill_9_loses_no_version(server):
    rounds(server, ROUNDS or 20, kill_after)


def own_disk(server):
    plug_in(server, WRITERS)


@time_limit(60 + 5 * ROUNDS)
@own_server("--require-match", "conflict-copy", before=own_disk)
def test_a_power_cut_loses_no_version(server):
    try:
        rounds(server, ROUNDS or 5, power_cut)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


# ---- calls that fail --------------------------------------------------------------------------------


def one(server, faults, at, error):
    """One PUT over what others wrote, its k-th call failing. False when there was no k-th call."""
    name = "k%d-%d.txt" % (error, at)
    server.write(name, fault.content(name, 1, 400))
    frozen = read_only(server)
    conn = server.connect()
    server.log.clear()
    faults.arm(each.WORKERS, at, error)
    try:
        got = conn.ask("PUT", "/" + name, {"User-Agent": name}, fault.content(name, 2, 500))
    except (wire.Closed, BrokenPipeError, ConnectionResetError):
        got = None
    call, _ = faults.disarm()
    conn.close()
    server.check_alive()
    found = versions(server, name)
    where = "call %d, %s, failed with %s, answer %s: %s" % (at, call, errno.errorcode[error], got, found)
    ok(1 in found, "the old version is there: %s" % where)
    ok(name in found[1] or name in found.get(2, []), "the file is there: %s" % where)
    ok(set(found) <= {1, 2}, "nothing is torn: %s" % where)
    if got is not None and got.status == 204:
        eq((found[2], len(found[1])), ([name], 1), where)
        eq(server.get(got.fields["Link"].split(">")[0][1:]).body, fault.content(name, 1, 400), where)
    elif got is not None:
        one_of(got.status, each.HONEST, where)
        if got.status != 500:
            ok(2 not in found, "a refusal stored nothing: %s" % where)
    if got is None or got.status == 500:
        thaw(server, frozen)
    else:
        ok(len(found[1]) == 1, "no name too many: %s" % where)
    for names in found.values():
        for left in names:
            if server.exists(left):
                os.unlink(server.path(left))
    return call is not None


def read_only(server):
    return (server.stdout() + server.stderr()).count("read-only from now on")


def thaw(server, before):
    """After a folder could not be synced nothing is changed any more; a restart mends it."""
    if server.put("/frozen", b"x").status not in (201, 204):
        wait_for(lambda: read_only(server) > before, "the site says that it is read-only")
        server.stop()
        server.start()


@time_limit(90)
@own_server("--require-match", "conflict-copy", before=each.preload)
def test_a_failing_call_loses_no_version(server):
    eq(server.put("/warm", b"1").status, 201)
    faults = each.Faults(server)
    for error in each.FOR_WORKERS:
        at = 1
        while one(server, faults, at, error):
            at += 1
            ok(at < each.CALLS_MOST, "calls come to an end")
        ok(at > 5, "calls were made to fail")
    server.stop()
    server.start()
    eq(fault.left_in(server, "up"), [], ".samovar/up after a restart")
