"""No answer is older than the last change that had returned before it was asked for: no octet, no tag, no 304.

Each way of changing a file, some hundred times, with the answers kept in memory on every loop in between.
"""

import mmap
import os
import shutil
import threading
import time

from hot import heat, hits, version_of, versions
from wire import Closed, cases, eq, head_of, message_of, ne, obliges, ok, one_of, wait_for

ROUNDS, CONNECTIONS = 120, 4
REST = 0.022  # seconds until what others wrote is taken for finished


class Watcher:
    """Asks on several connections, so on every loop, and knows which content each strong tag stands for."""

    def __init__(self, server, target):
        self.server, self.target, self.tags, self.known, self.last = server, target, {}, None, None
        self.conns = [server.connect() for _ in range(CONNECTIONS)]
        self.hits, self.turn = hits(server), 0

    def check(self, got, want, fields):
        if want is None:
            eq(got.status, 404)
            return
        if got.status == 412:
            ne(self.tags.get(fields["If-Match"]), want, "what the tag of a 412 stands for")
            return
        if got.status == 304:
            eq(self.tags.get(fields["If-None-Match"]), want, "what the tag of a 304 stands for")
            return
        eq(got.status, 206 if "Range" in fields and want else 200)
        eq(got.body, want, "the content after the change")
        if not got.etag.startswith("W/"):
            eq(self.tags.setdefault(got.etag, want), want, "what this strong tag stood for")
            self.known = got.etag

    def questions(self, known):
        whole = {"Range": "bytes=0-"}
        if not known:
            return {}, whole, {}, whole
        self.turn += 1
        return {"If-None-Match": known}, {}, dict(whole, **{"If-None-Match": known}), ({"If-Match": known},
                                                                                       whole)[self.turn % 2]

    def sees(self, want, warm):
        """Right after a change; then so many rounds of warming up."""
        known, self.last = self.known, want
        for at, conn in enumerate(self.conns):
            fields = self.questions(known)[at % 4]
            self.check(conn.ask("GET", self.target, fields), want, fields)
        for _ in range(warm):
            for conn in self.conns:
                self.check(conn.ask("GET", self.target), want, {})
        if want is not None and self.known and warm > 2:
            self.check(self.conns[0].ask("GET", self.target, {"If-None-Match": self.known}), want,
                       {"If-None-Match": self.known})

    def end(self, least):
        for conn in self.conns:
            conn.close()
        ok(hits(self.server) - self.hits >= least, "answers came from memory: %d" % (hits(self.server) - self.hits))


def follow(server, target, change, least=ROUNDS // 2, rounds=ROUNDS):
    """
    change(number) does the change and gives the content that is to be seen, or None for nothing. least: so many
    ready answers at least; of a large file only the 304 is one.
    """
    watcher = Watcher(server, target)
    for number in range(rounds):
        watcher.sees(change(number), number % 4)
        if number % 9 == 8:  # an odd one, then an even one
            time.sleep(REST)
            watcher.sees(watcher.last, 5)
    watcher.end(least)


@obliges("CND-03")
@cases(("same-length", 1), ("page", 5), ("pages", 1000), ("large", 20000))
def test_in_place(server, lines):
    name = "in-place-%d.txt" % lines
    path = server.write(name, versions(0, 13 * lines))
    with open(path, "r+b", buffering=0) as file:
        def change(number):
            os.pwrite(file.fileno(), versions(number, 13 * lines), 0)
            return versions(number, 13 * lines)

        follow(server, "/" + name, change, ROUNDS // 2 if lines < 10000 else 1)


def test_shorter_and_longer(server):
    path = server.write("length.txt", b"")

    def change(number):
        content = versions(number, 20 + number * 37 % 3000)
        with open(path, "wb") as file:
            file.write(content)
        return content

    follow(server, "/length.txt", change)


def test_appended_and_cut(server):
    path = server.write("append.txt", b"")

    def change(number):
        with open(path, "ab") as file:
            if number % 10 == 9:
                file.truncate(number % 50)
            else:
                file.write(b"line %d\n" % number)
        return server.read("append.txt")

    follow(server, "/append.txt", change)


@obliges("CND-07")
@cases(("same-folder", "renamed.tmp", 1000), ("another-folder", "elsewhere/renamed.tmp", 1000),
       ("outside", "../renamed.tmp", 1000),
       ("large", "renamed.tmp", 200000))
def test_by_rename(server, source, size):
    os.makedirs(server.path("elsewhere"), exist_ok=True)

    def change(number):
        with open(server.path(source), "wb") as file:
            file.write(versions(number, size))
        os.rename(server.path(source), server.path("renamed.txt"))
        return versions(number, size)

    follow(server, "/renamed.txt", change, ROUNDS // 2 if size < 100000 else 1)


def test_renamed_away_and_back(server):
    server.write("away/a.txt", b"always the same")

    def change(number):
        here, there = server.path("away/a.txt"), server.path("away-%d" % (number // 2))
        os.rename(*((there, here) if number % 2 else (here, there)))
        return b"always the same" if number % 2 else None

    follow(server, "/away/a.txt", change)


@obliges("CND-03")
def test_through_a_hard_link_from_another_folder(server):
    server.write("linked.txt", versions(0))
    os.makedirs(server.path("link-folder"), exist_ok=True)
    link = server.path("link-folder/link.txt")

    def change(number):
        if number % 3 == 0:
            os.link(server.path("linked.txt"), link)
        elif number % 3 == 1:
            with open(link, "r+b", buffering=0) as file:
                file.write(versions(number))
        else:
            os.unlink(link)
        return server.read("linked.txt")

    follow(server, "/linked.txt", change)


@obliges("CND-03")
def test_through_a_descriptor_of_a_link_that_is_gone(server):
    server.write("descriptor.txt", versions(0))
    os.link(server.path("descriptor.txt"), server.tmp + "/link")
    with open(server.tmp + "/link", "r+b", buffering=0) as file:
        os.unlink(server.tmp + "/link")

        def change(number):
            os.pwrite(file.fileno(), versions(number), 0)
            return versions(number)

        follow(server, "/descriptor.txt", change)


@cases(("parent", "up/over/mid", "up/over/mid"), ("grandparent", "up2/over/mid", "up2/over"),
       ("top", "up3/over/mid", "up3"))
def test_an_ancestor_moves(server, folder, moves):
    server.write(folder + "/a.txt", b"first")
    other = os.path.join("spare-" + moves.replace("/", "-"), os.path.relpath(folder, moves))
    server.write(other + "/a.txt", b"other")
    spare, parked = server.path("spare-" + moves.replace("/", "-")), server.path("parked-" + moves.replace("/", "-"))

    def change(number):
        at = number % 4
        if at == 0:
            os.rename(server.path(moves), parked)
        elif at == 1:
            os.rename(spare, server.path(moves))
        elif at == 2:
            os.rename(server.path(moves), spare)
        else:
            os.rename(parked, server.path(moves))
        return (None, b"other", None, b"first")[at]

    follow(server, "/" + folder + "/a.txt", change)


def test_a_folder_becomes_a_link(server):
    server.write("real/a.txt", b"real")
    server.write("target/a.txt", b"target")

    def change(number):
        if number % 2 == 0:
            os.rename(server.path("real"), server.path("real-parked"))
            os.symlink("target", server.path("real"))
            return b"target"
        os.unlink(server.path("real"))
        os.rename(server.path("real-parked"), server.path("real"))
        return b"real"

    follow(server, "/real/a.txt", change)


def test_what_a_link_shows_changes(server):
    server.write("shown-0.txt", b"zero")
    server.write("shown-1.txt", b"one")
    os.symlink("shown-0.txt", server.path("shown.txt"))
    watcher = Watcher(server, "/shown.txt")
    for number in range(ROUNDS):
        os.symlink("shown-%d.txt" % (number % 2), server.path("shown.new"))
        os.rename(server.path("shown.new"), server.path("shown.txt"))
        watcher.sees((b"zero", b"one")[number % 2], number % 4)
    watcher.end(0)


def test_removed_and_made_again(server):
    def change(number):
        if number % 2:
            os.unlink(server.path("made.txt"))
            return None
        server.write("made.txt", versions(number))
        return versions(number)

    follow(server, "/made.txt", change)


def test_its_folder_removed_and_made_again(server):
    def change(number):
        if number % 2:
            shutil.rmtree(server.path("whole"))
            return None
        server.write("whole/folder/a.txt", versions(number))
        return versions(number)

    follow(server, "/whole/folder/a.txt", change)


def test_index_html(server):
    os.makedirs(server.path("site"))
    server.write("site/index.html", versions(0))

    def change(number):
        server.write("site/index.html", versions(number))
        if number % 10 == 9:
            os.unlink(server.path("site/index.html"))
            listing = server.get("/site/")
            ok(listing.status == 200 and "ETag" not in listing.fields, "a listing without index.html")
            server.write("site/index.html", versions(number))
        return versions(number)

    follow(server, "/site/", change)


@obliges("CND-03", "CND-07")
def test_by_put(server):
    with server.connect() as conn:
        def change(number):
            one_of(conn.ask("PUT", "/put.txt", body=versions(number)).status, (201, 204))
            return versions(number)

        follow(server, "/put.txt", change)


@obliges("CND-07")
def test_by_put_and_delete(server):
    with server.connect() as conn:
        def change(number):
            if number % 2:
                eq(conn.ask("DELETE", "/delete.txt").status, 204)
                return None
            eq(conn.ask("PUT", "/delete.txt", body=versions(number)).status, 201)
            return versions(number)

        follow(server, "/delete.txt", change)


def test_put_and_get_in_one_send(server):
    """Pipelined behind its PUT, a GET sees it; the GETs before do not."""
    server.write("pipe.txt", versions(0))
    with server.connect() as conn:
        heat(conn, "/pipe.txt", 5)
        for number in range(1, 100):
            get = head_of("GET", "/pipe.txt")
            conn.send(get * 4 + message_of("PUT", "/pipe.txt", body=versions(number)) + get * 4)
            for _ in range(4):
                eq(conn.read().body, versions(number - 1))
            eq(conn.read("PUT").status, 204)
            for _ in range(4):
                eq(conn.read().body, versions(number))


def test_through_a_mapping(server):
    """A store into a mapping makes no notification; it shows within some seconds all the same."""
    path = server.write("mapped.txt", versions(0))
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapping, server.connect() as conn:
        for number in range(1, 3):
            time.sleep(REST)
            heat(conn, "/mapped.txt", 6)
            mapping[:] = versions(number)
            mapping.flush()
            wait_for(lambda: conn.ask("GET", "/mapped.txt").body == versions(number), "the new content is seen")


# ---- while readers never stop


class Reader(threading.Thread):
    """Asks all the time; what it gets must be at least as new as what was done before it asked."""

    def __init__(self, run, number):
        super().__init__(daemon=True)
        self.run_of, self.number, self.seen, self.failure = run, number, 0, None

    def run(self):
        try:
            while not self.run_of.is_over:
                self.talk()
        except BaseException as why:
            self.failure = why

    def talk(self):
        conn = self.run_of.server.connect()
        known = None
        try:
            while not self.run_of.is_over:
                known = self.ask(conn, known)
        except Closed:
            if not self.run_of.may_break:
                raise
        finally:
            conn.close()

    def ask(self, conn, known):
        run = self.run_of
        least = run.published
        fields = {"If-None-Match": known[0]} if known and self.seen % 3 == self.number % 3 else {}
        got = conn.ask("GET", run.target, fields)
        self.seen += 1
        if got.status == 404 and run.may_miss:
            return None
        if got.status == 304:
            ok(known[1] >= least, "304 for version %d when %d was there" % (known[1], least))
            return known
        eq(got.status, 200)
        version = version_of(got.body)
        if version is None and run.may_break and got.etag.startswith("W/"):
            return None  # looked while it was being written
        ok(version is not None, "one version in one answer, not %r" % got.body[:60])
        ok(version >= least, "version %d when %d was there already" % (version, least))
        if got.etag.startswith("W/"):
            return None
        eq(run.tags.setdefault(got.etag, version), version, "the version of the strong tag %s" % got.etag)
        return got.etag, version


class Run:
    def __init__(self, server, target="/race.txt", may_break=False, may_miss=False):
        self.server, self.target, self.may_break, self.may_miss = server, target, may_break, may_miss
        self.published, self.is_over, self.tags = 0, False, {}

    def go(self, change, seconds=1, least=20):
        self.server.write(self.target[1:], versions(0))
        readers = [Reader(self, number) for number in range(4)]
        for reader in readers:
            reader.start()
        number, end = 0, time.monotonic() + seconds
        try:
            while ((time.monotonic() < end or number < least or any(reader.seen < least for reader in readers)) and
                   not any(reader.failure for reader in readers)):
                number += 1
                change(number)
                self.published = number
                time.sleep(number % 7 * 0.001 + (REST if number % 8 == 0 else 0))
        finally:
            self.is_over = True
            for reader in readers:
                reader.join(20)
        for reader in readers:
            if reader.failure:
                raise reader.failure


@obliges("CND-03", "CND-36")
def test_readers_while_it_is_put(server):
    with server.connect() as conn:
        Run(server).go(lambda number: eq(conn.ask("PUT", "/race.txt", body=versions(number)).status, 204))


@obliges("CND-03", "CND-36")
def test_readers_while_it_is_renamed_over(server):
    def change(number):
        server.write("race.tmp", versions(number))
        os.rename(server.path("race.tmp"), server.path("race.txt"))

    Run(server).go(change)


@obliges("CND-03", "CND-36")
@cases(("short", 1000), ("longer", 50000))
def test_readers_while_it_is_rewritten_in_place(server, size):
    run = Run(server, may_break=True)
    file = None

    def change(number):
        nonlocal file
        file = file or open(server.path("race.txt"), "r+b", buffering=0)
        os.pwrite(file.fileno(), versions(number, size), 0)

    try:
        run.go(change)
    finally:
        file and file.close()


@obliges("CND-07")
def test_readers_while_it_is_deleted_and_put(server):
    with server.connect() as conn:
        def change(number):
            conn.ask("DELETE", "/race.txt")
            eq(conn.ask("PUT", "/race.txt", body=versions(number)).status, 201)

        Run(server, may_miss=True).go(change)


def test_readers_while_its_folders_change_places(server):
    """Two folders change places; the one outside is brought up to date first."""
    def change(number):
        server.write("place-new/race.txt", versions(number))
        os.rename(server.path("place"), server.path("place-old"))
        os.rename(server.path("place-new"), server.path("place"))
        shutil.rmtree(server.path("place-old"))

    Run(server, "/place/race.txt", may_miss=True).go(change)
