"""samovar portal: vouchers made, listed and withdrawn, by a server that runs and without one; what status and metrics tell."""

import re

from fake_firewall import Kernel
from program import ended, refused
from wire import cases, contains, eq, lacks, ok, own_server, wait_for

PORTAL = """listen = { "127.0.0.1:0" }
site "s" { root = "{root}" }
portal {
  name = "login.example"
  login = { voucher, terms }
  intercept = { "127.0.0.1:0" }
  %s
}
"""
ALONE = PORTAL % "firewall = none"
GUARDED = PORTAL % 'firewall-program = "{tmp}/kernel/samovar-firewall"'
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}$")


def portal(server, *order, err=""):
    """What the command prints; err: it must fail, and say so."""
    status, out, said = ended("portal", server.root, *order)
    if err:
        eq((status, out), (1, ""))
        contains(said, err)
    else:
        eq((status, said), (0, ""))
    return out.splitlines()


def make_list_withdraw(server):
    eq(portal(server), [])
    codes = portal(server, "--make", "3", "--time", "90m", "--bytes", "2G", "--for-devices", "2")
    eq(len(codes), 3)
    ok(all(CODE.match(code) for code in codes), "codes to be typed: %r" % codes)
    ok(not set("".join(codes)) & set("01OIl"), "none with letters that look alike: %r" % codes)
    eq(portal(server, "--vouchers"), sorted("%s  time 1:30:00  0 of 2.0G  devices 2  unused" % code for code in codes))
    typed = codes[0].lower().replace("-", " ")
    contains(portal(server, "--withdraw", typed)[0], "withdrew")
    eq([line[:11] for line in portal(server, "--vouchers")], sorted(codes[1:]))
    portal(server, "--withdraw", codes[0], err="there is no voucher")
    return codes[1:]


@own_server(config=ALONE)
def test_a_server_that_runs_makes_vouchers(server):
    make_list_withdraw(server)
    told = lambda what: any("audit:" in line and what in line for line in server.lines)
    wait_for(lambda: told("made 3 vouchers") and told("withdrew"), "the audit log has both")


@own_server(config=ALONE)
def test_vouchers_are_made_without_a_server_and_are_there_with_one(server):
    server.stop()
    left = make_list_withdraw(server)
    server.start()
    eq([line[:11] for line in portal(server, "--vouchers")], sorted(left))


@own_server(config=ALONE)
def test_vouchers_outlive_a_killed_server(server):
    codes = portal(server, "--make", "5")
    server.kill()
    eq([line[:11] for line in portal(server, "--vouchers")], sorted(codes))
    server.start()
    eq([line[:11] for line in portal(server, "--vouchers")], sorted(codes))


@own_server(config=ALONE)
def test_codes_are_in_no_log(server):
    codes = portal(server, "--make", "2")
    portal(server, "--withdraw", codes[0])
    said = "\n".join(server.lines) + server.stderr()
    for code in codes:
        lacks(said, code)
        lacks(said, code.replace("-", ""))


@own_server(config=ALONE)
@cases(("address", "192.0.2.1"), ("hardware", "02:00:00:00:00:01"), ("user", "nobody"), ("code", "AAAAA-BBBBB"))
def test_whom_nobody_knows_is_not_disconnected(server, whom):
    portal(server, "--disconnect", whom, err="nobody who is let through")


@own_server(config=ALONE)
def test_what_was_typed_does_not_reach_the_terminal(server):
    _, _, err = ended("portal", server.root, "--withdraw", "a\x1b[2Jb")
    contains(err, "there is no voucher")
    lacks(err, "\x1b")


@own_server(config=ALONE)
def test_without_a_server_nobody_is_disconnected(server):
    server.stop()
    portal(server, "--disconnect", "192.0.2.1", err="no server runs")


@own_server()
def test_a_server_without_a_portal_says_so(server):
    eq(portal(server), [])
    portal(server, "--disconnect", "192.0.2.1", err="no captive portal")
    status, out, _ = ended("status", server.root)
    eq(status, 0)
    lacks(out, "portal-")


def test_orders_that_make_no_sense_are_refused(server):
    contains(refused("portal", server.root, "--make", "0"), "--make")
    contains(refused("portal", server.root, "--make", "1000000"), "--make")
    contains(refused("portal", server.root, "--time", "8h"), "--make")
    contains(refused("portal", server.root, "--vouchers", "--make", "1"), "one thing at a time")


# ---- the firewall's program ---------------------------------------------------------------------------


def prepare(server):
    server.kernel = Kernel(server.tmp + "/kernel")
    server.kernel.open("192.0.2.7")
    server.kernel.open("2001:db8::7")


def status_of(server):
    status, out, _ = ended("status", server.root)
    eq(status, 0)
    return dict(line.split(" ", 1) for line in out.splitlines() if line.startswith("portal-"))


@own_server(config=GUARDED, before=prepare)
def test_what_is_open_and_nobodys_is_closed(server):
    wait_for(lambda: not server.kernel.opened(), "what was open before is closed")
    eq(status_of(server), {"portal-sessions": "0", "portal-logins": "0", "portal-refused": "0", "portal-firewall": "well"})
    server.kernel.open("192.0.2.8")
    wait_for(lambda: not server.kernel.opened(), "what somebody else opened is closed")


@own_server(config=GUARDED, before=prepare)
def test_a_program_that_is_gone_is_told(server):
    server.kernel.dying("list")
    wait_for(lambda: status_of(server)["portal-firewall"] == "gone", "it is told")
    wait_for(lambda: any("program does not answer" in line for line in server.lines), "and once more in words")


@own_server(config=GUARDED, before=prepare)
def test_the_program_ends_with_the_server(server):
    pid = server.kernel.pids()[-1]
    server.kill()

    def is_gone():
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    wait_for(is_gone, "it ends when nobody asks any more")
