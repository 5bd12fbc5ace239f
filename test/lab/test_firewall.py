"""samovar-firewall alone: what it does to real packets, what it refuses, and what it may do itself.

The gateway's server has `firewall = none` here, so the sets are the test's.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time

import wire
from fake_firewall import ANSWER, CLOSE, FIND, HELLO, LIST, NEIGHBOURS, OPEN, REQUEST, address_of, error_numbers, octets_of
from lab import AS_SERVICE, NOBODY, ORIGINS, firewall_program, gateway
from wire import cases, contains, eq, ok, wait_for

ONLY_OVER = (("h1",), "requests are messages of its own")
ERRORS = {number: name for name, number in error_numbers().items()}
NET_ADMIN = 1 << 12
SECONDS_MAX = 366 * 24 * 3600
WAYS = cases(("v4", 4), ("v6", 6))


class Answer:
    def __init__(self, message):
        eq(len(message), ANSWER.size, "octets of an answer")
        (self.number, err, self.is_last, has_mac, mac, family, octets, self.octets, self.seconds_left, text) = ANSWER.unpack(message)
        self.error, self.text = ERRORS[err], text.rstrip(b"\0").decode("ascii")
        self.address = address_of(family, octets)
        self.mac = mac.hex(":") if has_mac else None


class Helper:
    """samovar-firewall in the gateway's network, asked by the test. before: words in front of its command."""

    def __init__(self, net, before=()):
        self.number = 0
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(10 * wire.STRETCH)
        with theirs:
            self.process = subprocess.Popen(net.command(*before, firewall_program(), "--serve"), stdin=theirs,
                                            stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()
        try:
            eq(self.process.wait(10 * wire.STRETCH) in (0, -signal.SIGKILL), True, "it ends when nobody asks any more")
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()

    def say(self, what, address="", seconds=0):
        self.number += 1
        family, octets = octets_of(address) if address else (0, b"")
        self.sock.send(REQUEST.pack(what, self.number, seconds, family, octets))

    def hear(self):
        """All answers to what was said last."""
        got = []
        while not got or not got[-1].is_last:
            got.append(Answer(self.sock.recv(4096)))
            eq(got[-1].number, self.number)
        return got

    def ask(self, what, address="", seconds=0):
        """The last answer; it must be a good one."""
        return self.asked(what, address, seconds)[-1]

    def asked(self, what, address="", seconds=0):
        self.say(what, address, seconds)
        got = self.hear()
        eq((got[-1].error, got[-1].text), ("ERR_NONE", ""))
        return got

    def refused(self, what, address="", seconds=0):
        """The last answer; it must be an error."""
        self.say(what, address, seconds)
        got = self.hear()[-1]
        ok(got.error != "ERR_NONE", "it is refused")
        return got

    def open_now(self):
        """{address: answer} of what is let through."""
        got = self.asked(LIST)
        eq(got[-1].address, "", "the last answer has no address")
        return {one.address: one for one in got[:-1]}


bench = gateway("firewall = none")


def is_shut(device, way=4):
    """No way through: refused at once."""
    try:
        device.dial(ORIGINS[way], 7).close()
    except ConnectionRefusedError:
        return True
    return False


# ---- requests ---------------------------------------------------------------------------------------


@bench
@WAYS
def test_open_lets_one_address_through_and_close_ends_it(server, way):
    one, other = server.device(), server.device()
    with Helper(server.net) as helper:
        helper.ask(HELLO)
        ok(is_shut(one, way), "before")
        helper.ask(OPEN, one.address[way], 60)
        ok(one.is_through(way), "open")
        ok(is_shut(other, way), "another device")
        ok(is_shut(one, 10 - way), "its other address")
        helper.ask(CLOSE, one.address[way])
        ok(is_shut(one, way), "closed")
        eq(helper.open_now(), {})


@bench
@WAYS
def test_octets_are_counted_both_ways(server, way):
    one = server.device()
    with Helper(server.net) as helper:
        helper.ask(OPEN, one.address[way], 60)
        eq(helper.open_now()[one.address[way]].octets, 0)
        eq(len(one.get("/100000", way=way).body), 100000)
        down = helper.open_now()[one.address[way]].octets
        ok(100000 < down < 130000, "octets of a download: %d" % down)
        with one.dial(ORIGINS[way], 7) as sock:
            sock.sendall(b"x" * 50000)
            wait_for(lambda: sock.recv(65536) and helper.open_now()[one.address[way]].octets > down + 100000,
                     "an echo of 50000 octets counts twice")
        ok(helper.ask(CLOSE, one.address[way]).octets > down + 100000, "the end tells them")
        eq(helper.ask(CLOSE, one.address[way]).octets, 0, "and forgets them")


@bench
def test_what_is_captive_is_not_counted(server):
    one, other = server.device(), server.device()
    with Helper(server.net) as helper:
        helper.ask(OPEN, other.address[4], 60)
        ok(is_shut(one), "captive")
        eq(one.get().status, 511)
        eq({at: element.octets for at, element in helper.open_now().items()}, {other.address[4]: 0})


@bench
@WAYS
def test_opened_twice_is_open_once_with_the_new_time_and_the_old_octets_told(server, way):
    one = server.device()
    at = one.address[way]
    with Helper(server.net) as helper:
        eq(helper.ask(OPEN, at, 60).octets, 0)
        ok(one.is_through(way), "open")
        octets = helper.open_now()[at].octets
        ok(octets > 0, "counted")
        eq(helper.ask(OPEN, at, 7200).octets, octets, "what is forgotten")
        now = helper.open_now()
        eq(list(now), [at])
        eq(now[at].octets, 0)
        ok(7000 < now[at].seconds_left <= 7200, "seconds: %d" % now[at].seconds_left)
        helper.ask(OPEN, at, 0)
        eq(helper.open_now()[at].seconds_left, 0, "without end")
        helper.ask(OPEN, at, 60)
        ok(0 < helper.open_now()[at].seconds_left <= 60, "with an end again")
        ok(one.is_through(way), "still open")


@bench
def test_the_longest_time_is_kept(server):
    with Helper(server.net) as helper:
        helper.ask(OPEN, "192.0.2.9", SECONDS_MAX)
        left = helper.open_now()["192.0.2.9"].seconds_left
        ok(SECONDS_MAX - 100 < left <= SECONDS_MAX, "seconds: %d" % left)


@bench
def test_to_close_what_is_not_open_is_fine(server):
    with Helper(server.net) as helper:
        eq(helper.ask(CLOSE, "192.0.2.9").octets, 0)
        helper.ask(OPEN, "192.0.2.9", 1)
        wait_for(lambda: not helper.open_now(), "its time is over", 10)
        helper.ask(CLOSE, "192.0.2.9")
        helper.ask(OPEN, "192.0.2.9", 60)
        eq(list(helper.open_now()), ["192.0.2.9"])


@bench
def test_neighbours_are_told_with_their_hardware_addresses(server):
    one, other = server.device(), server.device()
    one.greet()
    other.greet()
    with Helper(server.net) as helper:
        known = {answer.address: answer.mac for answer in helper.asked(NEIGHBOURS)}
        for device in (one, other):
            for at in device.address.values():
                eq(known[at], device.mac)
                found = helper.ask(FIND, at)
                eq((found.address, found.mac), (at, device.mac))
        nobody = helper.refused(FIND, "192.0.2.77")
        eq((nobody.error, nobody.mac), ("ERR_MISSING", None))


# ---- flows ------------------------------------------------------------------------------------------


def open_flow(device, way):
    """A connection to the echo that works."""
    sock = device.dial(ORIGINS[way], 7)
    sock.sendall(b"here")
    eq(sock.recv(100), b"here")
    return sock


def is_dead(sock):
    """Nothing that is said now is answered."""
    try:
        sock.settimeout(2)
        sock.sendall(b"there?")
        return not sock.recv(100)
    except OSError:
        return True


def tracked(server, at):
    """Connections that the kernel keeps in mind for this address."""
    return server.net.run("conntrack", "-L", "-f", "ipv6" if ":" in at else "ipv4", "-s", at).stdout.splitlines()


@bench
@cases(("v4", 4, False), ("v6", 6, False), ("as_the_last_word", 4, True))
def test_close_cuts_established_flows_and_forgets_them(server, way, is_last_word):
    one, other = server.device(), server.device()
    with Helper(server.net) as helper:
        for device in (one, other):
            helper.ask(OPEN, device.address[way], 60)
        with open_flow(one, way) as flow, open_flow(other, way) as kept:
            ok(tracked(server, one.address[way]), "its flow is tracked")
            helper.say(CLOSE, one.address[way])
            if is_last_word:
                helper.sock.close()
            wait_for(lambda: one.address[way] not in server.guests(way), "closed")
            ok(is_dead(flow), "cut")
            wait_for(lambda: not tracked(server, one.address[way]), "forgotten")
            ok(tracked(server, other.address[way]), "that of another is not")
            kept.sendall(b"there?")
            eq(kept.recv(100), b"there?")


@bench
def test_many_closed_at_once_are_all_cut(server):
    devices = [server.device() for _ in range(4)]
    with Helper(server.net) as helper, contextlib.ExitStack() as flows:
        for device in devices:
            for way in (4, 6):
                helper.ask(OPEN, device.address[way], 60)
                flows.enter_context(open_flow(device, way))
        for device in devices[1:]:
            for way in (4, 6):
                helper.ask(CLOSE, device.address[way])
        for device in devices[1:]:
            for way in (4, 6):
                wait_for(lambda: not tracked(server, device.address[way]), "those of %s are forgotten" % device.address[way])
        for way in (4, 6):
            ok(tracked(server, devices[0].address[way]), "who stays keeps his")


@bench
@WAYS
def test_the_kernel_ends_flows_when_time_is_over(server, way):
    one = server.device()
    with Helper(server.net) as helper:
        helper.ask(OPEN, one.address[way], 2)
        flow = open_flow(one, way)
        helper.process.kill()
    with flow:
        wait_for(lambda: not server.guests(way), "the kernel removes it", 10)
        ok(is_dead(flow), "cut")
        ok(is_shut(one, way), "captive")


# ---- what outlives what -----------------------------------------------------------------------------


@bench
def test_what_is_open_outlives_the_program(server):
    one = server.device()
    with Helper(server.net) as helper:
        helper.ask(OPEN, one.address[4], 60)
        ok(one.is_through(), "open")
        octets = helper.open_now()[one.address[4]].octets
        helper.process.kill()
    ok(one.is_through(), "while none runs")
    with Helper(server.net) as helper:
        ok(helper.open_now()[one.address[4]].octets > octets, "counted on")


@bench
def test_rules_loaded_again_keep_time_and_octets(server):
    one = server.device()
    with Helper(server.net) as helper:
        helper.ask(OPEN, one.address[4], 7200)
        ok(one.is_through(), "open")
        before = helper.open_now()[one.address[4]]
        server.load_rules()
        after = helper.open_now()[one.address[4]]
        eq(after.octets, before.octets)
        ok(0 < after.seconds_left <= before.seconds_left, "seconds: %d" % after.seconds_left)
        flat = server.net.run("nft", "list", "table", "inet", "samovar").stdout
        eq(flat.count("redirect to"), 2, "no rule stands there twice")


@bench
def test_a_list_is_whole_while_rules_are_loaded(server):
    count = 3000
    fill(server, count)
    loads = server.net.spawn("sh", "-c", "for i in $(seq 20000); do nft add rule inet samovar outward counter; done")
    try:
        with Helper(server.net) as helper:
            wait_for(lambda: len(helper.open_now()) == count, "the kernel has put them in order")
            for _ in range(50):
                eq(len(helper.open_now()), count)
    finally:
        loads.kill()
        loads.wait()
    # Only now: nft begins its own list anew at each change, and would do so for ever while they go on.
    contains(server.net.run("nft", "list", "chain", "inet", "samovar", "outward").stdout, "counter packets")


@bench
def test_the_server_s_signals_are_not_its_own(server):
    with Helper(server.net) as helper:
        helper.ask(HELLO)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            helper.process.send_signal(number)
        helper.ask(HELLO)


# ---- many -------------------------------------------------------------------------------------------


def fill(server, count):
    """So many guests, of both families."""
    server.net.run("nft", "-f", "-", feed="".join(
        "add element inet samovar guests%d { %s timeout 1h }\n" % (
            (4, "10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255)) if i % 2 else (6, "2001:db8:7::%x" % (i + 1)))
        for i in range(count)))


@bench
def test_ten_thousand_are_listed_and_one_more_is_let_in_at_once(server):
    fill(server, 10000)
    with Helper(server.net) as helper:
        wait_for(lambda: len(helper.open_now()) == 10000, "the kernel has put them in order")
        began = time.monotonic()
        eq(len(helper.open_now()), 10000)
        took = time.monotonic() - began
        ok(took < 1 * wire.STRETCH, "seconds for a list, mostly this test's own: %.3f" % took)
        began = time.monotonic()
        for _ in range(100):
            helper.ask(OPEN, "192.0.2.9", 60)
            helper.ask(CLOSE, "192.0.2.9")
        took = time.monotonic() - began
        ok(took < 2 * wire.STRETCH, "seconds for a hundred logins and logouts: %.3f" % took)


# ---- refused ----------------------------------------------------------------------------------------


TAIL = b"\xc0\0\2\1" + b"\0" * 11 + b"\1"


@bench
@cases(("what_0", 0, 60, socket.AF_INET, TAIL[:4]), ("what_7", 7, 60, socket.AF_INET, TAIL[:4]),
       ("what_large", 0xffffffff, 60, socket.AF_INET, TAIL[:4]), ("no_address", OPEN, 60, 0, b""),
       ("no_address_closed", CLOSE, 0, 0, b""), ("no_address_found", FIND, 0, 0, b""),
       ("other_family", OPEN, 60, socket.AF_UNIX, TAIL[:4]), ("family_255", CLOSE, 0, 255, TAIL[:4]),
       ("octets_behind_v4", OPEN, 60, socket.AF_INET, TAIL), ("octets_behind_v4_found", FIND, 0, socket.AF_INET, TAIL),
       ("too_long", OPEN, SECONDS_MAX + 1, socket.AF_INET, TAIL[:4]), ("far_too_long", OPEN, 0xffffffff, socket.AF_INET6, TAIL))
def test_a_request_without_sense_is_refused_and_changes_nothing(server, what, seconds, family, octets):
    with Helper(server.net) as helper:
        helper.ask(OPEN, "192.0.2.9", 60)
        helper.number += 1
        helper.sock.send(REQUEST.pack(what, helper.number, seconds, family, octets))
        got = helper.hear()
        eq([(one.error, one.address) for one in got], [("ERR_INVALID", "")])
        ok(got[0].text, "in words")
        eq(list(helper.open_now()), ["192.0.2.9"])


@bench
@cases(("one", 1), ("short", REQUEST.size - 1), ("long", REQUEST.size + 1), ("twice", 2 * REQUEST.size), ("large", 4096))
def test_a_message_of_another_size_is_its_end(server, size):
    with Helper(server.net) as helper:
        helper.ask(HELLO)
        helper.sock.send((REQUEST.pack(OPEN, 1, 60, *octets_of("192.0.2.9")) * 200)[:size])
        try:
            eq(helper.sock.recv(4096), b"")
        except ConnectionError:
            pass
        eq(helper.process.wait(10 * wire.STRETCH), 0)
    eq(server.guests(), [])


@bench
def test_without_rules_it_says_which_command_makes_them(server):
    server.net.run("nft", "flush", "ruleset")
    with Helper(server.net) as helper:
        for what in (HELLO, LIST):
            contains(helper.refused(what).text, "samovar portal --print-nft")
        eq(helper.refused(OPEN, "192.0.2.9", 60).error, "ERR_MISSING")
        server.load_rules()
        helper.ask(HELLO)
        helper.ask(OPEN, "192.0.2.9", 60)


@bench
@cases(("no_timeouts", "type ipv4_addr; size 16;"), ("ports", "type inet_service; flags timeout;"))
def test_sets_of_that_name_that_are_not_the_portal_s_are_told(server, kind):
    server.net.run("nft", "-f", "-", feed="flush ruleset\ntable inet samovar { set guests4 { %s }\n"
                   "set guests6 { type ipv6_addr; flags timeout; }\n}\n" % kind)
    with Helper(server.net) as helper:
        contains(helper.refused(HELLO).text, "guests4")


@bench
def test_where_a_set_is_full_the_next_one_is_refused_and_who_is_in_stays(server):
    server.net.run("nft", "-f", "-", feed="flush ruleset\ntable inet samovar { set guests4 { type ipv4_addr; size 2; flags timeout; }\n"
                   "set guests6 { type ipv6_addr; size 2; flags timeout; }\n}\n")
    with Helper(server.net) as helper:
        helper.ask(OPEN, "192.0.2.8", 60)
        helper.ask(OPEN, "192.0.2.9", 60)
        ok(helper.refused(OPEN, "192.0.2.10", 60).text, "in words")
        eq(sorted(helper.open_now()), ["192.0.2.8", "192.0.2.9"])
        helper.ask(OPEN, "192.0.2.9", 120)
        eq(sorted(helper.open_now()), ["192.0.2.8", "192.0.2.9"])


# ---- what it may do ---------------------------------------------------------------------------------


def said(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


@bench
@cases(("root", ()), ("service", AS_SERVICE))
def test_it_keeps_one_right_and_nobody_s_name(server, before):
    with Helper(server.net, before) as helper:
        helper.ask(OPEN, "192.0.2.9", 60)
        status = said(helper.process.pid)
        for kind in ("CapEff", "CapPrm"):
            eq(int(status[kind], 16), NET_ADMIN, kind)
        for kind in ("CapInh", "CapAmb"):
            eq(int(status[kind], 16), 0, kind)
        eq(status["NoNewPrivs"], "1")
        for kind in ("Uid", "Gid"):
            eq(status[kind].split(), [str(NOBODY)] * 4, kind)
        eq(status["Groups"].split(), [])


@bench
def test_it_keeps_no_descriptor_that_it_was_born_with(server):
    with open("/etc/hostname", "rb") as file:
        os.set_inheritable(file.fileno(), True)
        sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with sock, theirs:
            sock.settimeout(10 * wire.STRETCH)
            process = subprocess.Popen(server.net.command(firewall_program(), "--serve"), stdin=theirs, close_fds=False)
            try:
                sock.send(REQUEST.pack(HELLO, 1, 0, 0, b""))
                eq(Answer(sock.recv(4096)).error, "ERR_NONE")
                folder = "/proc/%d/fd" % process.pid
                kinds = [os.readlink("%s/%s" % (folder, fd)).split(":")[0] for fd in os.listdir(folder) if int(fd) > 2]
                eq(kinds, ["socket"], "netlink's")
            finally:
                sock.close()
                theirs.close()
                process.wait()


@bench
def test_without_the_right_it_says_which_one_it_lacks(server):
    without = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--bounding-set", "-all"]
    with Helper(server.net, without) as helper:
        contains(helper.refused(HELLO).text, "CAP_NET_ADMIN")
        contains(helper.refused(OPEN, "192.0.2.9", 60).text, "CAP_NET_ADMIN")
        ok(not server.guests(), "nothing is open")


@bench
@cases(("none", [], 2), ("help", ["--help"], 0), ("version", ["--version"], 0), ("serve", ["--serve"], 2), ("noise", ["x", "y"], 2))
def test_started_by_a_person_it_says_what_it_is(server, arguments, status):
    done = subprocess.run([firewall_program(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=10 * wire.STRETCH, check=False)
    eq(done.returncode, status)
    contains(done.stdout if status == 0 else done.stderr, "Samovar's captive portal")
