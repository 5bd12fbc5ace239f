"""Wrong passwords slow the guesser, not others: 429 before anything is hashed, by address, and by address and name."""

import concurrent.futures
import itertools
import threading

import wire
from digest import Client
from program import basic
from wire import contains, eq, lacks, ok, only_over, own_server, time_limit, wait_for

# A cost of 2^12 rounds: each guess takes a good part of a second of somebody's processor.
SLOW = "slow:$2y$12$B/VfLlMqZYkYa3vVB0qcJeI1NLSLPg2cHpMhAbIFHf9q5ZBwWYMhe\n"
MOST = 200  # guesses until they are refused, at the latest: some time passes meanwhile
numbers = itertools.count()


def from_(address, fields=()):
    """A request of this client: we are a proxy that is trusted."""
    return dict(fields, **{"X-Forwarded-For": address})


def guess(server, name, address, target="/a"):
    """A password that nobody has, another one each time."""
    return server.get(target, from_(address, basic(name, "wrong %d" % next(numbers))))


def exhaust(server, name, address):
    """Guesses until it is refused; gives the refusal and how many were judged."""
    for judged in range(MOST):
        got = guess(server, name, address)
        if got.status == 429:
            return got, judged
        eq(got.status, 401)
    return wire.fail("%d guesses were judged" % MOST)


def with_ann(*options):
    return own_server("--trusted-proxies", "127.0.0.1", "--user", "ann:secret", "--user", "bob:other", *options,
                      files={"a": b"a"})


@with_ann()
def test_after_some_wrong_passwords_further_ones_have_to_wait(server):
    got, judged = exhaust(server, "ann", "192.0.2.1")
    ok(judged >= 10, "somebody who tries all his passwords is not slowed down: %d" % judged)
    ok(1 <= int(got.fields["Retry-After"]) <= 6, got.fields)
    contains(got.fields.words("Cache-Control"), "no-store")
    contains(got.text, "Wait for")
    eq(server.put("/b", b"b", from_("192.0.2.1", basic("ann", "wrong"))).status, 429)
    ok(not server.exists("b"), "it had no effect")


@with_ann()
def test_even_the_right_password_has_to_wait_there_or_it_would_be_known_to_be_right(server):
    exhaust(server, "ann", "192.0.2.1")
    eq(server.get("/a", from_("192.0.2.1", basic("ann", "secret"))).status, 429)


@with_ann()
def test_others_are_not_slowed_down(server):
    exhaust(server, "ann", "192.0.2.1")
    eq(server.get("/a", from_("192.0.2.2", basic("ann", "secret"))).status, 200, "the same user elsewhere")
    eq(server.get("/a", from_("192.0.2.1", basic("bob", "other"))).status, 200, "another user there")
    eq(server.get("/a", basic("ann", "secret")).status, 200, "the proxy itself")
    eq(server.get("/a", from_("192.0.2.1")).status, 401, "who claims nothing guesses nothing")
    eq(server.request("OPTIONS", "/", from_("192.0.2.1")).status, 401)


@with_ann()
def test_what_was_found_right_passes_always(server):
    right = from_("192.0.2.1", basic("ann", "secret"))
    eq(server.get("/a", right).status, 200)
    exhaust(server, "ann", "192.0.2.1")
    for _ in range(3):
        eq(server.get("/a", right).status, 200)
        eq(guess(server, "ann", "192.0.2.1").status, 429)


@with_ann()
def test_many_names_of_one_address_are_slowed_down_too(server):
    for number in range(MOST):
        got = guess(server, "user%d" % number, "2001:db8:1:2::%x" % (number + 1))
        if got.status == 429:
            break
        eq(got.status, 401)
    eq(got.status, 429, "a network of 64 bits is one client")
    ok(number >= 50, "a house full of people is not: %d" % number)
    eq(guess(server, "ann", "2001:db8:1:2:ffff::1").status, 429)
    eq(guess(server, "ann", "2001:db8:1:3::1").status, 401)


@with_ann("--access-log", "{tmp}/log", "--loops", "1")
def test_the_log_says_who_was_claimed(server):
    _, judged = exhaust(server, "ann", "192.0.2.1")

    def lines():
        with open(server.tmp + "/log", encoding="utf-8") as file:
            return [line for line in file.read().splitlines() if line.startswith("192.0.2.1 - ann [")]

    wait_for(lambda: len(lines()) == judged + 1, "all of them are in the log")
    eq([line.split('" ')[1].split()[0] for line in lines()], ["401"] * judged + ["429"])


@only_over("h1", "h2", why="over TLS it is not offered to users of the command line")
def test_digest_is_guessed_no_faster(server):
    """Its hashes are cheap, but a right response must not be told from a wrong one while the guesser waits."""
    known = Client(server, "ann", "secret", fields=from_("192.0.2.1"))
    eq(server.get("/a", from_("192.0.2.1", known.fields("GET", "/a"))).status, 200)
    for _ in range(MOST):
        wrong = Client(server, "ann", "wrong", fields=from_("192.0.2.1"))
        got = server.get("/a", from_("192.0.2.1", wrong.fields("GET", "/a")))
        if got.status == 429:
            break
        eq(got.status, 401)
    eq(got.status, 429)
    right = Client(server, "ann", "secret", fields=from_("192.0.2.1"))
    for _ in range(3):
        got = server.get("/a", from_("192.0.2.1", right.fields("GET", "/a")))
        eq(got.status, 429, "a nonce that he did not use before, and has not by asking again")
    eq(server.get("/a", from_("192.0.2.1", known.fields("GET", "/a"))).status, 200, "one that he did")
    right = Client(server, "ann", "secret", fields=from_("192.0.2.2"))
    eq(server.get("/a", from_("192.0.2.2", right.fields("GET", "/a"))).status, 200, "from elsewhere")


OPTIONS = ["--trusted-proxies", "127.0.0.1", "--user", "ann:secret"]
FILES = {"a": b"a"}


def write_slow(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as file:
        file.write(SLOW + "eve:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n")


def ticks(server):
    """The processor's time that the server took so far."""
    with open(server.proc("stat"), "rb") as file:
        words = file.read().rsplit(b")", 1)[1].split()
    return int(words[11]) + int(words[12])


@time_limit(120)
@own_server("--trusted-proxies", "127.0.0.1", "--users", "{tmp}/users", before=write_slow, files={"a": b"a"})
def test_what_is_refused_was_not_hashed(server):
    before = ticks(server)
    _, judged = exhaust(server, "slow", "192.0.2.1")
    hashed = ticks(server) - before
    before = ticks(server)
    refused = [guess(server, "slow", "192.0.2.1").status for _ in range(judged)]
    took = ticks(server) - before
    ok(refused.count(429) >= judged - judged // 4, "most are refused: %r" % refused)
    ok(took * 2 < hashed, "that took %d ticks after %d" % (took, hashed))


@time_limit(120)
@own_server("--trusted-proxies", "127.0.0.1", "--users", "{tmp}/users", before=write_slow, files={"a": b"a"})
def test_a_flood_of_guesses_does_not_starve_the_others(server):
    """Thirty-two connections guess as fast as they can; somebody else logs in meanwhile, for the first time."""
    done, seen = threading.Event(), set()

    def flood(number):
        with server.connect() as conn:
            while not done.is_set():
                seen.add(conn.ask("GET", "/a", from_("192.0.2.1", basic("slow", "wrong %d" % next(numbers)))).status)

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        guessers = [pool.submit(flood, number) for number in range(32)]
        try:
            wait_for(lambda: 429 in seen, "the flood is felt", 30)
            for _ in range(3):
                eq(server.get("/a", from_("192.0.2.9", basic("eve", "secret"))).status, 200)
                eq(server.get("/a", from_("192.0.2.9")).status, 401)
        finally:
            done.set()
        for guesser in guessers:
            guesser.result()
    ok(seen <= {401, 429}, seen)
    lacks(seen, 200)
