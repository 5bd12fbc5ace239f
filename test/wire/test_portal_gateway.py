"""Who logs in at the captive portal is let through the gateway, and for how long; the firewall is fake_firewall.py's.

A guest is one device: its addresses come and go together, and an address that another device has by now is not its own any more.
"""

import os
import re
import signal
import threading

from captive import LET_IN, Guest, command, config, let_in, prepare, sessions, voucher_line, vouchers
from program import ended
from wire import contains, eq, lacks, ne, ok, own_server, wait_for

ONLY_OVER = (("h1",), "guests have a client of their own; the portal's pages are played over all three")
TERMS = config()
SHORT = config("session-time = 3s")
SMALL = config("session-bytes = 10K")


@own_server(config=TERMS, before=prepare)
def test_a_guest_is_let_through_and_others_are_not(server):
    first, second = Guest(server, 2), Guest(server, 3)
    let_in(first)
    ok(not second.is_let_through(), "another one is not")
    eq(list(sessions(server)), [first.address])
    eq(sessions(server)[first.address].group("mac"), first.mac)
    eq(first.logout() // 100, 3)
    ok(not first.is_let_through(), "it is closed when the logout is answered")
    eq(sessions(server), {})


@own_server(config=TERMS, before=prepare)
def test_all_addresses_of_a_device_are_let_through_together(server):
    guest = Guest(server, 2)
    server.kernel.neighbour("2001:db8::2", guest.mac)
    server.kernel.neighbour("2001:db8::3", "02:00:00:00:00:03")
    let_in(guest)
    eq(sorted(server.kernel.opened()), ["127.0.0.2", "2001:db8::2"])
    server.kernel.neighbour("2001:db8::22", guest.mac)
    wait_for(lambda: "2001:db8::22" in server.kernel.opened(), "an address that it takes later is let through")
    eq(guest.logout() // 100, 3)
    eq(server.kernel.opened(), {})


@own_server(config=TERMS, before=prepare)
def test_a_ninth_address_of_a_device_takes_the_place_of_another(server):
    guest = let_in(Guest(server, 2))
    for number in range(1, 12):
        server.kernel.neighbour("2001:db8::%x" % number, guest.mac)
    wait_for(lambda: len(server.kernel.opened()) == 8, "as many as one device may have")
    ok(guest.is_let_through() or len(server.kernel.opened()) <= 8, "no more than that")


@own_server(config=TERMS, before=prepare)
def test_without_a_hardware_address_a_guest_is_his_address(server):
    guest = let_in(Guest(server, 2, has_mac=False))
    eq(sessions(server)[guest.address].group("mac"), "-")


@own_server(config=TERMS, before=prepare)
def test_an_address_that_changes_its_owner_is_closed(server):
    guest, other = let_in(Guest(server, 2)), let_in(Guest(server, 3))
    server.kernel.neighbour(guest.address, "02:00:00:00:00:99")
    guest.await_closed("the address has another owner")
    ok(other.is_let_through(), "others stay in")
    eq(list(sessions(server)), [other.address])


@own_server(config=TERMS, before=prepare)
def test_a_new_owner_who_logs_in_does_not_inherit(server):
    code = vouchers(server, 1, "--for-devices", "1")[0]
    guest = let_in(Guest(server, 2), code)
    server.kernel.neighbour(guest.address, "02:00:00:00:00:99")
    let_in(guest)
    session = sessions(server)[guest.address]
    eq((session.group("mac"), session.group("by")), ("02:00:00:00:00:99", "terms"))


@own_server(config=SHORT, before=prepare)
def test_a_session_ends_when_its_time_is_over(server):
    guest = let_in(Guest(server, 2))
    left = server.kernel.opened()[guest.address]
    ok(left is not None and left <= 3, "the kernel ends it by itself: %r" % left)
    wait_for(lambda: not sessions(server), "it ends")
    ok(not guest.is_let_through(), "and is closed")
    let_in(guest)


@own_server(config=SHORT, before=prepare)
def test_what_ended_while_no_server_ran_is_ended(server):
    guest = let_in(Guest(server, 2))
    server.kill()
    guest.await_closed("the kernel ends it where no server runs")
    server.kernel.open(guest.address)  # as an element without a time would be
    server.start()
    guest.await_closed("it is closed at the start")
    eq(sessions(server), {})


@own_server(config=SMALL, before=prepare)
def test_who_has_used_his_octets_is_not_let_through(server):
    guest, other = let_in(Guest(server, 2)), let_in(Guest(server, 3))
    server.kernel.passes(guest.address, 9000)
    wait_for(lambda: sessions(server)[guest.address].group("octets").startswith("8.8K"), "they are counted")
    ok(guest.is_let_through(), "there is something left")
    server.kernel.passes(guest.address, 2000)
    guest.await_closed("they are used up")
    ok(other.is_let_through(), "another one has his own")
    server.stop()
    server.start()
    ne(guest.login(), LET_IN, "another tick does not make them anew")
    ok(not guest.is_let_through(), "not after a restart either")


@own_server(config=TERMS, before=prepare)
def test_a_vouchers_octets_are_shared_by_its_devices(server):
    code = vouchers(server, 1, "--bytes", "10K", "--for-devices", "2")[0]
    first, second = let_in(Guest(server, 2), code), let_in(Guest(server, 3), code)
    server.kernel.passes(first.address, 6000)
    server.kernel.passes(second.address, 6000)
    first.await_closed()
    second.await_closed()
    contains(voucher_line(server, code), "used up")
    ne(Guest(server, 4).login(code), LET_IN)


@own_server(config=TERMS, before=prepare)
def test_counters_that_begin_anew_are_counted_on(server):
    guest = let_in(Guest(server, 2))
    server.kernel.passes(guest.address, 5000)
    wait_for(lambda: sessions(server)[guest.address].group("octets") == "4.9K", "they are counted")
    let_in(guest)  # opened anew
    server.kernel.passes(guest.address, 1000)
    wait_for(lambda: sessions(server)[guest.address].group("octets") == "5.9K", "and go on from there")


@own_server(config=TERMS, before=prepare)
def test_a_voucher_is_for_so_many_devices_at_a_time(server):
    code = vouchers(server, 1, "--time", "1h", "--for-devices", "1")[0]
    guests = [Guest(server, number) for number in range(2, 10)]
    said = {}

    def login(guest):
        said[guest.address] = guest.login(code)

    threads = [threading.Thread(target=login, args=(guest,)) for guest in guests]
    guests[0].logout()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eq(len(said), len(guests))
    inside = [guest for guest in guests if said[guest.address] == LET_IN]
    eq([guest.address for guest in inside], list(server.kernel.opened()))
    eq(len(inside), 1, "they all tried at once")
    inside[0].logout()
    outside = next(guest for guest in guests if guest is not inside[0])
    let_in(outside, code)


@own_server(config=TERMS, before=prepare)
def test_a_withdrawn_voucher_throws_out(server):
    code = vouchers(server)[0]
    guest, other = let_in(Guest(server, 2), code), let_in(Guest(server, 3))
    command(server, "--withdraw", code)
    ok(not guest.is_let_through(), "at once")
    ok(other.is_let_through(), "and nobody else")
    ne(guest.login(code), LET_IN)


@own_server(config=TERMS, before=prepare)
def test_the_administrator_disconnects_by_any_name(server):
    code = vouchers(server)[0]
    for whom in "127.0.0.2", "02:00:00:00:00:02", "02:00:00:00:00:02".upper(), code, code.lower():
        guest, other = let_in(Guest(server, 2), code), let_in(Guest(server, 3))
        contains(command(server, "--disconnect", whom)[0], "disconnected 1 device")
        ok(not guest.is_let_through() and other.is_let_through(), "%s is thrown out alone" % whom)


@own_server(config=TERMS, before=prepare)
def test_a_firewall_that_refuses_lets_nobody_in_and_spends_nothing(server):
    code = vouchers(server)[0]
    guest = Guest(server, 2)
    server.kernel.failing("open", "no such set")
    eq(guest.login(code), 503)
    eq(sessions(server), {})
    contains(voucher_line(server, code), "unused")
    wait_for(lambda: any("no such set" in line for line in server.lines), "the log says why")
    server.kernel.failing("open", None)
    let_in(guest, code)


@own_server(config=TERMS, before=prepare)
def test_a_firewall_that_is_gone_lets_nobody_in_until_a_restart(server):
    code = vouchers(server)[0]
    guest, inside = Guest(server, 2), let_in(Guest(server, 3))
    server.kernel.dying("open", after=True)  # it opened, and nobody heard of it
    eq(guest.login(code), 503)
    eq(list(sessions(server)), [inside.address])
    contains(voucher_line(server, code), "unused")
    eq(Guest(server, 4).login(), 503)
    ok(inside.is_let_through(), "who is in stays in")
    server.stop()
    server.start()
    guest.await_closed("what nobody was told of is closed")
    ok(inside.is_let_through(), "who is in stays in")
    let_in(guest, code)


@own_server(config=TERMS, before=prepare)
def test_sessions_outlive_stop_and_kill(server):
    guests = [let_in(Guest(server, number)) for number in (2, 3, 4)]
    began = {address: match.group("mac") for address, match in sessions(server).items()}
    for end in server.stop, server.kill:
        end()
        ok(all(guest.is_let_through() for guest in guests), "the gateway stays as it is")
        server.start()
        eq({address: match.group("mac") for address, match in sessions(server).items()}, began)
        asked = server.kernel.asked("close")
        eq(asked, [], "nobody was closed in between")


@own_server(config=TERMS, before=prepare)
def test_after_a_reboot_only_the_known_device_is_let_through(server):
    same, other = let_in(Guest(server, 2)), let_in(Guest(server, 3))
    server.stop()
    server.kernel.reboot()
    server.start()
    looks = len(server.kernel.asked("list"))
    wait_for(lambda: len(server.kernel.asked("list")) > looks + 1, "the gateway was looked at")
    eq(server.kernel.opened(), {}, "nobody is there yet")
    server.kernel.neighbour(same.address, same.mac)
    server.kernel.neighbour(other.address, "02:00:00:00:00:99")
    same.await_open("the device is there again")
    lacks(str(server.kernel.opened()), other.address)


def requests(server):
    return int(re.search(r"^requests (\d+)$", ended("status", server.root)[1], re.M).group(1))


@own_server(config=TERMS, before=prepare)
def test_a_firewall_that_hangs_holds_up_nobody_but_who_logs_in(server):
    """More logins wait for it than there are threads for writes; the first one gives up after five seconds."""
    answered = []
    guests = [Guest(server, number) for number in range(2, 42)]
    threads = [threading.Thread(target=lambda guest=guest: answered.append(guest.login())) for guest in guests]
    os.kill(server.kernel.pids()[-1], signal.SIGSTOP)
    try:
        for thread in threads:
            thread.start()
        wait_for(lambda: requests(server) >= len(guests), "all of them ask")
        for number in range(3):
            ok(server.request("PUT", "/file%d" % number, body=b"x").status == 201, "somebody else writes")
        eq(answered, [], "nobody was let in or refused by then")
    finally:
        os.kill(server.kernel.pids()[-1], signal.SIGCONT)
        for thread in threads:
            thread.join()
