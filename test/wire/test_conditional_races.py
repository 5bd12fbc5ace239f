"""Check and act are one step (CND-23): of several changes under one condition, exactly one is done."""

import os
import threading
import time

from wire import cases, eq, head_of, message_of, obliges, ok, one_of

ROUNDS = 150


class Racers:
    """Sends one request on each connection at the same moment, round after round."""

    def __init__(self, server, count):
        self.conns = [server.connect() for _ in range(count)]

    def race(self, messages, methods):
        """messages: one a connection; gives the answers in their order."""
        answers, failures = [None] * len(messages), []
        barrier = threading.Barrier(len(messages))

        def run(at):
            try:
                barrier.wait(10)
                self.conns[at].send(messages[at])
                answers[at] = self.conns[at].read(methods[at])
            except BaseException as why:
                failures.append(why)

        threads = [threading.Thread(target=run, args=(at,), daemon=True) for at in range(len(messages))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        if failures:
            raise failures[0]
        return answers

    def end(self):
        for conn in self.conns:
            conn.close()


def put(target, body, fields):
    return message_of("PUT", target, fields, body)


@obliges("CND-23")
@cases(("two-small", 2, 100), ("four-small", 4, 100), ("two-large", 2, 200000))
def test_one_of_several_puts_with_one_tag(server, count, size):
    tag = server.put("/race.bin", b"start").etag
    racers = Racers(server, count)
    for number in range(ROUNDS if size < 1000 else ROUNDS // 3):
        bodies = [b"%d %d " % (number, at) * (size // 5) for at in range(count)]
        got = racers.race([put("/race.bin", body, {"If-Match": tag}) for body in bodies], ["PUT"] * count)
        eq(sorted(one.status for one in got), [204] + [412] * (count - 1), "round %d" % number)
        winner = [one.status for one in got].index(204)
        ok(server.read("race.bin") == bodies[winner], "the content is the winner's")
        tag = got[winner].etag
        eq(server.get("/race.bin").etag, tag)
    racers.end()


@obliges("CND-23", "CND-38")
@cases(("two", 2), ("four", 4))
def test_one_of_several_creators(server, count):
    racers = Racers(server, count)
    for number in range(ROUNDS):
        target = "/new-%d-%d" % (count, number)
        bodies = [b"%d" % at for at in range(count)]
        got = racers.race([put(target, body, {"If-None-Match": "*"}) for body in bodies], ["PUT"] * count)
        eq(sorted(one.status for one in got), [201] + [412] * (count - 1))
        eq(server.read(target[1:]), bodies[[one.status for one in got].index(201)])
    racers.end()


@obliges("CND-23")
def test_put_or_delete(server):
    racers = Racers(server, 2)
    for number in range(ROUNDS):
        tag = server.put("/either.txt", b"start").etag
        got = racers.race([put("/either.txt", b"new", {"If-Match": tag}),
                           head_of("DELETE", "/either.txt", {"If-Match": tag})],
                          ["PUT", "DELETE"])
        if got[0].status == 204:
            one_of(got[1].status, (412,), "DELETE after the PUT")
            eq(server.read("either.txt"), b"new")
        else:
            eq((got[0].status, got[1].status), (412, 204))
            ok(not server.exists("either.txt"), "it is gone")
    racers.end()


@obliges("CND-23")
def test_one_of_several_deletes(server):
    racers = Racers(server, 3)
    for number in range(ROUNDS // 2):
        tag = server.put("/gone.txt", b"start").etag
        got = racers.race([head_of("DELETE", "/gone.txt", {"If-Match": tag})] * 3, ["DELETE"] * 3)
        eq(sorted(one.status for one in got), [204, 404, 404])
    racers.end()


@obliges("CND-23")
def test_through_two_names_of_one_folder(server):
    os.makedirs(server.path("real"))
    os.symlink("real", server.path("other"))
    tag = server.put("/real/a.txt", b"start").etag
    racers = Racers(server, 2)
    for number in range(ROUNDS // 2):
        got = racers.race([put("/real/a.txt", b"one %d" % number, {"If-Match": tag}),
                           put("/other/a.txt", b"two %d" % number, {"If-Match": tag})], ["PUT", "PUT"])
        eq(sorted(one.status for one in got), [204, 412])
        tag = got[0].etag if got[0].status == 204 else got[1].etag
    racers.end()


@obliges("CND-22", "CND-23")
def test_what_others_rename_there_is_never_lost(server):
    """Before the PUT it makes it fail, after the PUT it stands: so afterwards it is always there."""
    statuses = set()
    with server.connect() as conn:
        for number in range(2 * ROUNDS):
            tag = conn.ask("PUT", "/theirs.txt", body=b"start").etag
            server.write("theirs.tmp", b"theirs %d" % number)
            conn.send(put("/theirs.txt", b"ours", {"If-Match": tag}))
            until = time.perf_counter() + number % 40 * 0.00003
            while time.perf_counter() < until:
                pass
            os.rename(server.path("theirs.tmp"), server.path("theirs.txt"))
            statuses.add(conn.read("PUT").status)
            eq(server.read("theirs.txt"), b"theirs %d" % number, "round %d" % number)
    ok(statuses <= {204, 412}, "answers: %r" % statuses)


@obliges("CND-23", "CND-38")
def test_what_others_make_is_never_replaced(server):
    with server.connect() as conn:
        for number in range(ROUNDS):
            name = "exclusive-%d" % number
            conn.send(put("/" + name, b"ours", {"If-None-Match": "*"}))
            until = time.perf_counter() + number % 40 * 0.00003
            while time.perf_counter() < until:
                pass
            try:
                file = os.open(server.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                eq(conn.read("PUT").status, 201)
                eq(server.read(name), b"ours")
                continue
            os.write(file, b"theirs")
            os.close(file)
            eq(conn.read("PUT").status, 412)
            eq(server.read(name), b"theirs")


@obliges("CND-07", "CND-11")
def test_unconditional_puts_each_get_a_tag_of_their_own(server):
    """Whoever wins, the tag that a PUT was told stands for its own content or for nothing."""
    racers = Racers(server, 3)
    known = {}
    for number in range(ROUNDS // 2):
        bodies = [b"%d-%d" % (number, at) for at in range(3)]
        got = racers.race([put("/free.txt", body, {}) for body in bodies], ["PUT"] * 3)
        for one, body in zip(got, bodies):
            one_of(one.status, (201, 204))
            eq(known.setdefault(one.etag, body), body, "a tag of one content")
        now = server.get("/free.txt")
        eq(known.get(now.etag), now.body, "the tag of the GET")
    racers.end()
