"""writers.py - clients that change files of their own and remember what was acknowledged, to be judged after a crash.

Each writer has a folder and a connection of its own, so what a file may hold is known exactly: what the last acknowledged change
left, or what the one change made that had no good answer when the server died. Contents say their name and number (fault.content).
"""

import os
import random
import struct
import threading

import fault
import wire

FILES_EACH, SIZE_MAX = 6, 60_000


class Writer(threading.Thread):
    """holds: {name: (serial, etag)} as acknowledged, None for gone; doubt: {name: serial or None}, the change without an answer."""

    def __init__(self, server, number, memory):
        super().__init__(daemon=True)
        self.server, self.number, self.memory = server, number, memory
        self.random = random.Random(memory.seed * 1000 + number)
        self.stopping, self.acknowledged, self.failure = False, 0, None

    def run(self):
        try:
            with wire.Connection(self.server.addresses[0], [], self.server.host) as conn:
                while not self.stopping and self.step(conn):
                    self.acknowledged += 1
        except (wire.Closed, OSError):
            pass  # the server is gone, in the midst of it
        except wire.Failure as why:
            self.failure = why

    def step(self, conn):
        holds = self.memory.holds
        choice = self.random.random()
        if choice < 0.25:
            name = "d%d/new-%d" % (self.number, self.memory.next_serial())
        else:
            name = "d%d/f%d" % (self.number, self.random.randrange(FILES_EACH))
        if choice > 0.8:
            name = self.random.choice([known for known in holds if known.startswith("d%d/" % self.number) and holds[known]] or [name])
            return self.delete(conn, name)
        return self.put(conn, name)

    def put(self, conn, name):
        serial = self.memory.next_serial()
        body = fault.content(name, serial, self.random.randrange(100, self.random.choice((300, 5000, SIZE_MAX))))
        self.memory.doubt[name] = serial
        got = self.edit(conn, name, body) if self.memory.holds.get(name) and self.random.random() < 0.4 else None
        if got is None or got.status == 412:  # the tag is a weak one, right after the start
            fields = {"Transfer-Encoding": "chunked"} if self.random.random() < 0.3 else {}
            got = conn.ask("PUT", "/" + name, fields, body)
        if self.memory.is_over and got.status in (403, 500, 503, 507):
            return False  # honest: the disk is gone, or the site reads only since
        wire.eq(got.status, 204 if self.memory.holds.get(name) else 201, "PUT %s" % name)
        self.memory.acknowledge(name, (serial, got.etag))
        return True

    def edit(self, conn, name, body):
        """By less than the whole content: what both have in common stays. None: it cannot be done so."""
        tag, same = self.memory.holds[name][1], len(name) + 1
        if self.random.random() < 0.5:
            delta = b"\xd1\xff\xd1\xff\x04" + struct.pack(">BiiBI", 254, 0, same, 248, len(body) - same) + body[same:] + b"\0"
            return conn.ask("PATCH", "/" + name, {"Content-Type": "application/gdiff", "If-Match": tag}, delta)
        if os.path.getsize(self.server.path(name)) > len(body):
            return None
        part = {"Content-Range": "bytes %d-%d/%d" % (same, len(body) - 1, len(body)), "If-Match": tag}
        return conn.ask("PUT", "/" + name, part, body[same:])

    def delete(self, conn, name):
        self.memory.doubt[name] = None
        got = conn.ask("DELETE", "/" + name)
        if self.memory.is_over and got.status in (403, 500, 503, 507):
            return False  # honest: the disk is gone, or the site reads only since
        wire.eq(got.status, 204 if self.memory.holds.get(name) else 404, "DELETE %s" % name)
        self.memory.acknowledge(name, None)
        return True


class Memory:
    """What all writers were told, kept over crashes. is_over: the crash has begun, so refusals are honest from now on."""

    def __init__(self, seed):
        self.seed, self.holds, self.doubt, self.serial = seed, {}, {}, 0
        self.lock, self.total, self.is_over = threading.Lock(), 0, False

    def writer(self, server, number):
        return Writer(server, number, self)

    def next_serial(self):
        with self.lock:
            self.serial += 1
            return self.serial

    def acknowledge(self, name, what):
        self.holds[name] = what
        del self.doubt[name]

    def found(self, server, name):
        """(serial or None of what lies there, or what is wrong with it)."""
        try:
            data = server.read(name)
        except FileNotFoundError:
            return None, None
        words = data.split(b" ", 2)
        if not fault.whole(data) or len(words) < 2 or words[0] != name.encode():
            return None, "%s is torn: %d octets, %r..." % (name, len(data), data[:60])
        return int(words[1]), None

    def judge(self, server):
        """What was lost or torn, as lines; afterwards the memory holds what is really there, for the next round."""
        wrong = []
        server.log.clear()
        for name in sorted(set(self.holds) | set(self.doubt)):
            serial, torn = self.found(server, name)
            known = self.holds.get(name)
            allowed = [known and known[0]] + ([self.doubt[name]] if name in self.doubt else [])
            if torn:
                wrong.append(torn)
            elif serial not in allowed:
                wrong.append("%s holds number %s, but of %s one was acknowledged or under way" % (name, serial, allowed))
            # weak at first: right after the start nobody knows who wrote it within the last tick
            tag = server.head("/" + name).etag.replace("W/", "") if serial else None
            if serial and known and serial == known[0] and tag != known[1]:
                wrong.append("%s had the tag %s and has now %s" % (name, known[1], tag))
            self.holds[name] = serial and (serial, tag)
        wrong += self.judge_names(server)
        self.doubt.clear()
        return wrong

    def judge_names(self, server):
        expected = {name for name, what in self.holds.items() if what}
        there = {"%s/%s" % (folder, name) for folder in server.names() if os.path.isdir(server.path(folder))
                 for name in server.names(folder)}
        return ["%s was put there by nobody" % name for name in sorted(there - expected)]

    def start_anew(self, server):
        """Forgets what is gone, and removes the files of one round, so that many rounds take no longer than few."""
        for name in [name for name, what in self.holds.items() if what and "/new-" in name]:
            os.unlink(server.path(name))
            self.holds[name] = None
        self.holds = {name: what for name, what in self.holds.items() if what}


def play(server, memory, count, crash):
    """Writers at work until crash() has happened; gives the number of acknowledged changes."""
    for number in range(count):
        os.makedirs(server.path("d%d" % number), exist_ok=True)
    memory.is_over = False
    writers = [memory.writer(server, number) for number in range(count)]
    for writer in writers:
        writer.start()
    crash()
    for writer in writers:
        writer.stopping = True
    if server.process is not None:
        server.kill()
    for writer in writers:
        writer.join(10)
        if writer.failure:
            raise writer.failure
    memory.total += sum(writer.acknowledged for writer in writers)
    return sum(writer.acknowledged for writer in writers)
