"""Who gets through the gateway, from when on and until when; all of it real but for the machines (README.md)."""

import os
import signal
import time

import wire
from lab import INSIDE, NAME, ORIGINS, PASSWORD, USER, await_captive, gateway
from wire import cases, contains, eq, fail, obliges, ok, wait_for

ONLY_OVER = (("h1",), "devices of the lab have a client of their own")
LONG = "session-time = 1h"


def refused(act):
    """What the attempt failed with; fails if it did not."""
    try:
        act().close()
    except OSError as why:
        return why
    return fail("it got through")


# ---- before a login ---------------------------------------------------------------------------------


@gateway()
@cases(("v4", 4), ("v6", 6))
def test_before_login_a_page_of_anybody_is_511_by_the_gateway(server, way):
    one = server.device()
    for host in ("www.example.com", "[2001:db8:2::80]", "no-such-name.example"):
        got = one.get("/page", host, way, fields={"Accept": "text/html"})
        eq(got.status, 511, host)
        contains(got.text, "https://%s/" % NAME)


PROBES = (("connectivitycheck.gstatic.com", "/generate_204"), ("captive.apple.com", "/hotspot-detect.html"),
          ("www.msftconnecttest.com", "/connecttest.txt"), ("detectportal.firefox.com", "/success.txt"))


@gateway()
@cases(("v4", 4), ("v6", 6))
def test_before_login_the_probes_of_systems_lead_to_the_login_page(server, way):
    one = server.device()
    for host, path in PROBES:
        got = one.get(path, host, way)
        ok(got.status == 511 or (got.status == 302 and got.fields["Location"].startswith("https://%s/" % NAME)),
           "%s%s: %d %r" % (host, path, got.status, got.fields))
    eq(one.get("/generate_204", PROBES[0][0], way).status, 302, "Android takes no 511 for a portal")


@gateway()
@cases(("v4", 4), ("v6", 6))
def test_before_login_nothing_gets_through(server, way):
    one = server.device()
    for port in (443, 7):
        ok(isinstance(refused(lambda: one.dial(ORIGINS[way], port)), ConnectionRefusedError), "port %d is refused at once" % port)
    ok(not one.is_answered(way), "no datagram comes back")
    ok(not one.is_echoed(way), "nor a ping")
    server.net.script("nft add element inet samovar guests%d '{ %s }'" % (way, one.address[way]))
    ok(one.is_through(way) and one.is_answered(way) and one.is_echoed(way), "all of that works for who is in")
    one.dial(ORIGINS[way], 443).close()


# ---- logging in -------------------------------------------------------------------------------------


@gateway(LONG)
@obliges("POL-62")
@cases(("v4", 4), ("v6", 6))
def test_who_logged_in_gets_the_origin_itself_and_others_are_captive(server, way):
    one, other = server.device(), server.device()
    one.greet()
    other.greet()
    eq(one.get(way=way).status, 511)
    ok(one.api(way)["captive"] is True, "the API says so")
    one.login(way)
    wait_for(lambda: one.is_through(4) and one.is_through(6), "by both of its addresses, whichever it logged in from")
    eq(one.get("/seen", way=6).text, "origin saw " + one.address[6])
    ok(one.api(way)["captive"] is False, "the API says so")
    for each in (4, 6):
        eq(other.get(way=each).status, 511, "another device")
        ok(isinstance(refused(lambda: other.dial(ORIGINS[each], 443)), ConnectionRefusedError), "nothing else either")


def check_kept_out(device, **form):
    device.post("/login", **form)
    ok(device.api()["captive"] is True, "the API says captive after %r" % form)
    eq(device.get().status, 511)


def is_in_by(server, device, how):
    """samovar portal tells of this device, and how it came in."""
    return any(device.address[4] in line and how in line for line in server.portal())


@gateway(LONG)
def test_a_login_by_a_voucher_that_samovar_portal_made(server):
    one = server.device()
    code = server.portal("--make", "1")[0]
    check_kept_out(one, voucher="22222-22222")
    one.login(voucher=code)
    ok(one.is_through(), "it is let through")
    ok(is_in_by(server, one, "voucher " + code), "by its voucher: %r" % server.portal())


@gateway(LONG)
def test_a_login_as_a_user(server):
    one = server.device()
    check_kept_out(one, user=USER, password="wrong")
    one.login(user=USER, password=PASSWORD)
    ok(one.is_through(), "it is let through")
    ok(is_in_by(server, one, "user " + USER), "by its name: %r" % server.portal())


@gateway(LONG)
def test_samovar_portal_disconnects(server):
    one = server.device()
    one.login()
    ok(one.is_through(), "it is let through")
    server.portal("--disconnect", one.address[4])
    await_captive(one)


@gateway(LONG, is_service=True)
def test_a_service_that_never_was_root_opens_the_gateway(server):
    one = server.device()
    eq(one.get().status, 511)
    for pid, rights in ((server.process.pid, 0), (server.helper(), 1 << 12)):
        with open("/proc/%d/status" % pid, encoding="ascii") as file:
            said = dict(line.split(":", 1) for line in file if ":" in line)
        for kind in ("CapEff", "CapPrm"):
            eq(int(said[kind], 16), rights, "%s of %d" % (kind, pid))
    one.login()
    ok(one.is_through(), "it is let through")


# ---- the end ----------------------------------------------------------------------------------------


def open_flows(device):
    """A download that never ends, and a connection on which nothing moves."""
    flow, idle = device.dial(ORIGINS[4], 80), device.dial(ORIGINS[4], 7)
    flow.sendall(wire.head_of("GET", "/slow", host="www.example.com"))
    ok(flow.recv(100), "it begins")
    idle.sendall(b"here")
    eq(idle.recv(100), b"here")
    return flow, idle


def is_dry(sock, seconds):
    """Nothing comes any more."""
    sock.settimeout(seconds)
    end = time.monotonic() + 20 * wire.STRETCH
    while time.monotonic() < end:
        try:
            if not sock.recv(65536):
                return True
        except OSError:
            return True
    return False


def check_cut(flow, idle):
    with flow, idle:
        ok(is_dry(flow, 1), "the download is cut")
        try:
            idle.settimeout(2)
            idle.sendall(b"there?")
            ok(not idle.recv(100), "what lay idle is cut, too")
        except OSError:
            pass


@gateway("session-time = 4s")
@obliges("POL-65")
def test_when_its_time_is_over_a_device_is_captive_and_its_flows_are_cut(server):
    one = server.device()
    one.login()
    first = one.api()["seconds-remaining"]
    ok(0 < first <= 4, "seconds: %r" % first)
    flows = open_flows(one)
    wait_for(lambda: one.api().get("seconds-remaining", 0) < first, "they fall")
    await_captive(one, seconds=10)
    check_cut(*flows)
    state = one.api()
    ok(state["captive"] is True and "seconds-remaining" not in state, "the API says so: %r" % state)


@gateway(LONG)
def test_after_a_logout_a_device_is_captive_and_its_flows_are_cut(server):
    one, other = server.device(), server.device()
    one.login()
    other.login()
    flows = open_flows(one)
    ok(server.flows(one, 7), "its flow is tracked")
    one.logout()
    eq(one.get().status, 511)
    wait_for(lambda: not server.flows(one, 7), "its flow is tracked no more")
    check_cut(*flows)
    ok(other.is_through(), "others stay in")


@gateway(LONG + "\n  session-bytes = 200K")
@obliges("POL-65")
def test_when_its_bytes_are_used_up_a_device_is_captive(server):
    one = server.device()
    one.login()
    before = one.api()["bytes-remaining"]
    eq(len(one.get("/50000").body), 50000)
    wait_for(lambda: one.api()["bytes-remaining"] <= before - 50000, "they are counted")
    ok(before - one.api()["bytes-remaining"] < 65000, "with headers, but once: %r" % one.api())
    try:
        one.get("/300000")
    except (OSError, wire.Failure):
        pass # it was cut in the middle
    await_captive(one)


# ---- what breaks ------------------------------------------------------------------------------------


@gateway(LONG)
@cases(("term", signal.SIGTERM), ("kill", signal.SIGKILL))
def test_a_restart_cuts_nobody_off(server, number):
    one = server.device()
    one.greet()
    one.login()
    flow, idle = open_flows(one)
    left = one.api()["seconds-remaining"]
    if number == signal.SIGKILL:
        server.kill()
    else:
        server.stop()
    ok(one.is_through() and one.is_through(6), "while no server runs")
    server.start()
    ok(one.is_through(), "afterwards")
    state = one.api()
    ok(state["captive"] is False and state["seconds-remaining"] <= left, "its time goes on: %r" % state)
    with flow, idle:
        flow.settimeout(5 * wire.STRETCH)
        flow.recv(1 << 20)
        ok(flow.recv(100), "the download goes on")
        idle.sendall(b"there?")
        eq(idle.recv(100), b"there?")


@gateway("session-time = 3s")
def test_time_is_over_also_where_no_server_runs(server):
    one = server.device()
    one.login()
    flows = open_flows(one)
    server.kill()
    ok(server.guests(), "it is in")
    wait_for(lambda: not server.guests(), "the kernel ends it", 10)
    refused(lambda: one.dial(ORIGINS[4], 443))
    check_cut(*flows)


@gateway(LONG)
def test_without_its_helper_logins_are_503_and_who_is_in_stays(server):
    one, other = server.device(), server.device()
    one.login()
    os.kill(server.helper(), signal.SIGKILL)
    got = other.post("/login", terms="yes")
    eq(got.status, 503, got.text[:500])
    ok(one.is_through(), "who is in stays in")
    eq(other.get().status, 511)


@gateway(LONG)
def test_loading_the_rules_again_throws_nobody_out(server):
    one = server.device()
    one.login()
    server.load_rules()
    ok(one.is_through(), "it stays in")
    eq(server.device().get().status, 511)


@gateway(LONG)
def test_after_all_rules_were_flushed_who_is_in_is_let_through_again(server):
    one = server.device()
    one.login()
    server.net.run("nft", "flush", "ruleset")
    server.load_rules()
    wait_for(one.is_through, "the server opens what it knows", 10)
    eq(server.device().get().status, 511)


# ---- addresses --------------------------------------------------------------------------------------


@gateway(LONG)
def test_an_address_that_another_device_took_is_captive(server):
    one, thief = server.device(), server.device()
    one.greet()
    one.login()
    ok(one.is_through(), "it is let through")
    one.leave(one.address[4])
    thief.leave(thief.address[4])
    thief.take(one.address[4])
    thief.net.run("ip", "neigh", "flush", "all")
    server.net.run("ip", "neigh", "del", one.address[4], "dev", "lan0", check=False)
    thief.greet(one.address[4])
    wait_for(thief.is_captive, "whoever has its address now is captive", 10)
    ok(one.is_through(6), "the device goes on by its other address")


@gateway(LONG)
def test_a_new_address_of_a_device_is_let_through(server):
    one = server.device()
    one.greet()
    one.login()
    one.take("2001:db8:1::abcd")
    one.greet("2001:db8:1::abcd")
    wait_for(lambda: one.is_through(6, source="2001:db8:1::abcd"), "it is let through by it", 10)
