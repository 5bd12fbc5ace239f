"""Who was let in at the captive portal stays in, whatever fails or crashes in the midst of logins; and no voucher is spent for nothing.

Guests come in by vouchers, prolong their sessions and leave, all at once; the firewall is ../wire/fake_firewall.py, whose sets outlive
the server as the kernel's do. After a crash each guest is as he was told last, or as the one request would have it that was not
answered; what is open is just what sessions say; and vouchers that nobody handed in are unused.
"""

import errno
import http.client
import os
import random
import threading

import test_each_call as each
import test_upgrade as upgrade
from captive import LET_IN, NAME, Guest, command, config, let_in, prepare, sessions, voucher_line, vouchers
from powercut import kill_after, plug_in, power_cut, unplug
from wire import Closed, eq, fail, ok, one_of, own_server, time_limit, wait_for
from writers import Memory, play

ROUNDS = int(os.environ.get("ROUNDS", "0"))
ONLY_OVER = (("h1",), "guests have a client of their own")
GUESTS = 8
PORTAL = config()
REFUSED = (403, 500, 503, 507)


def by_code(session):
    """What a session's line says, as memory has it: the code, "terms", or None for no session."""
    return session and session.group("by").replace("voucher ", "")


def expect_agreement(server):
    """The gateway is open for those who have a session, and for nobody else."""
    wait_for(lambda: sorted(server.kernel.opened()) == sorted(sessions(server)), "open is what sessions say", 10)


# ---- crashes ----------------------------------------------------------------------------------------


class Visitor(threading.Thread):
    def __init__(self, server, number, memory):
        super().__init__(daemon=True)
        self.memory, self.guest = memory, Guest(server, number + 2)
        self.random = random.Random(memory.seed * 1000 + number)
        self.stopping, self.acknowledged, self.failure = False, 0, None

    def run(self):
        try:
            while not self.stopping and self.memory.codes and self.step():
                self.acknowledged += 1
        except (OSError, http.client.HTTPException, Closed):
            pass  # the server is gone, in the midst of it
        except Exception as why:  # pylint: disable=broad-except
            self.failure = why

    def step(self):
        memory, at = self.memory, self.guest.address
        code = None if self.random.random() < 0.2 else memory.take_code()
        with memory.lock:
            memory.doubt[at] = code
        status = self.guest.login(code) if code else self.guest.logout()
        if memory.is_over and status in REFUSED:
            return False  # honest: the disk is gone
        if code:
            eq(status, LET_IN, "a login from %s" % at)
        else:
            ok(status not in (500, 503), "a logout from %s: %d" % (at, status))
        with memory.lock:
            memory.holds[at] = memory.doubt.pop(at)
            memory.used += [code] if code else []
        return True


class Visitors(Memory):
    """holds: {address: code, None for nobody} as acknowledged; doubt: the same of what was under way. codes: those nobody has used."""

    def __init__(self, seed):
        super().__init__(seed)
        self.codes, self.used = [], []

    def take_code(self):
        with self.lock:
            return self.codes.pop()

    def writer(self, server, number):
        return Visitor(server, number, self)

    def judge(self, server):
        inside, wrong = sessions(server), []
        for at in sorted(set(self.holds) | set(self.doubt) | set(inside)):
            now, told = by_code(inside.get(at)), [self.holds.get(at)] + ([self.doubt[at]] if at in self.doubt else [])
            if now not in told:
                wrong.append("%s is in by %s, and was told %s" % (at, now, told))
            self.holds[at] = now
        lines = {line[:11]: line for line in command(server, "--vouchers")}
        wrong += ["%s was used and is told to be fresh" % code for code in self.used if lines[code].endswith("unused")]
        wrong += ["%s is told to be used and was not" % code for code in self.codes if not lines[code].endswith("unused")]
        self.doubt.clear()
        return wrong


def rounds(server, count, crash_of):
    memory = Visitors(random.randrange(1 << 30))
    chance = random.Random(memory.seed)
    done = 0
    for _ in range(count):
        memory.codes = vouchers(server, 400, "--time", "1h")
        memory.used = []
        done += play(server, memory, GUESTS, crash_of(server, memory, chance.uniform(0.05, 0.25)))
        server.start()
        wrong = memory.judge(server)
        if wrong:
            fail("%d changes, seed %d:\n%s" % (memory.total, memory.seed, "\n".join(wrong[:20])))
        expect_agreement(server)
    ok(done >= count * 3, "the guests got something done: %d changes in %d rounds" % (done, count))


@time_limit(60 + 3 * ROUNDS)
@own_server(config=PORTAL, before=prepare)
def test_kill_9_throws_nobody_out_and_spends_no_voucher(server):
    rounds(server, ROUNDS or 8, kill_after)


def own_disk(server):
    plug_in(server, GUESTS)
    prepare(server)


@time_limit(60 + 5 * ROUNDS)
@own_server(config=PORTAL, before=own_disk)
def test_a_power_cut_throws_nobody_out_and_spends_no_voucher(server):
    try:
        rounds(server, ROUNDS or 5, power_cut)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


# ---- each call --------------------------------------------------------------------------------------


def fragile(server):
    each.preload(server)
    prepare(server)


def expect_as_told(server, guest, code, status):
    """In and open, or neither and the voucher as it was."""
    inside = guest.address in sessions(server)
    if status == LET_IN:
        ok(inside and guest.is_let_through(), "who was told that he is in is in")
        ok(not voucher_line(server, code).endswith("unused"), "and his voucher is in use")
        return
    one_of(status, REFUSED, "a login")
    ok(not inside, "who was refused is not in")
    guest.await_closed("nor let through")
    ok(voucher_line(server, code).endswith("unused"), "and his voucher is not spent: %s" % voucher_line(server, code))


def is_frozen(server):
    return (server.stdout() + server.stderr()).count("read-only from now on")


def with_call(server, faults, guest, code, at, error):
    """The k-th call of a login fails; its name, None if there was no k-th one."""
    before = is_frozen(server)
    faults.arm(each.WORKERS, at, error)
    status = guest.login(code)
    call, _ = faults.disarm()
    try:
        if is_frozen(server) > before or server.put("/frozen", b"x").status not in (201, 204):
            server.stop()  # what the disk holds is not known: one or the other, but all of it
            server.start()
            expect_agreement(server)
            eq(guest.address in sessions(server), not voucher_line(server, code).endswith("unused"))
        else:
            expect_as_told(server, guest, code, status)
    except Exception as why:
        raise type(why)("call %d, %s, failed with %s, answer %d: %s" % (at, call, errno.errorcode[error], status, why))
    eq(guest.logout() not in REFUSED, True, "the logout after it")
    return call


@time_limit(120)
@own_server(config=PORTAL, before=fragile)
def test_a_failing_call_spends_no_voucher_and_lets_nobody_in_by_halves(server):
    faults, guest = each.Faults(server), Guest(server, 2)
    let_in(guest)
    guest.logout()
    for error in errno.EIO, errno.ENOSPC:
        calls = []
        for at in range(1, each.CALLS_MOST):
            call = with_call(server, faults, guest, vouchers(server)[0], at, error)
            if not call:
                break
            calls.append(call)
        ok(calls, "calls were made to fail")


# ---- two processes ----------------------------------------------------------------------------------


@time_limit(90)
@own_server(config=PORTAL, before=prepare)
def test_sessions_go_over_to_the_next_process(server):
    first, second = let_in(Guest(server, 2)), Guest(server, 3)
    for _ in range(2):
        old = upgrade.replace(server)
        upgrade.expect_end(old)
        ok(first.is_let_through(), "who is in stays in")
        eq(list(sessions(server)), [first.address])
    eq(server.kernel.asked("close"), [])
    let_in(second)
    first.logout()
    expect_agreement(server)


class Lingering(Guest):
    """Asks on one connection, which stays with the process that took it."""

    def __init__(self, server, number):
        super().__init__(server, number)
        host, port = server.addresses[0]
        self.conn = http.client.HTTPConnection(host, port, timeout=20, source_address=(self.address, 0))
        self.conn.request("GET", "/", headers={"Host": "%s:%d" % (host, port)})
        self.conn.getresponse().read()

    def ask(self, method, target, fields=None, body=None):
        self.conn.request(method, target, body, {"Host": NAME, **(fields or {})})
        got = self.conn.getresponse()
        return got.status, got.headers, got.read()


@time_limit(90)
@own_server(config=PORTAL, before=prepare)
def test_logins_that_still_come_to_the_former_process_count(server):
    new, more, out = [Lingering(server, number) for number in (2, 3, 4)]
    codes = vouchers(server, 2, "--time", "1h") + vouchers(server, 1, "--time", "9h")
    let_in(Guest(server, 3), codes[0])
    let_in(Guest(server, 4))
    old = upgrade.replace(server)
    eq(new.login(codes[1]), LET_IN)
    eq(more.login(codes[2]), LET_IN, "a longer time")
    ok(out.logout() not in REFUSED, "a logout")
    upgrade.expect_end(old)
    wait_for(lambda: sorted(sessions(server)) == [new.address, more.address], "the next one knows who is in")
    eq(by_code(sessions(server)[new.address]), codes[1])
    wait_for(lambda: by_code(sessions(server)[more.address]) == codes[2], "and by what")
    expect_agreement(server)
