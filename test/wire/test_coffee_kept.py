"""A brew in progress outlives the server that began it: a stop, a kill, and a successor."""

import concurrent.futures
import copy
import os
import socket

from pots import brew, config, state, steep
from wire import eq, ok, only_over, own_server, time_limit, wait_for

POTS = """
    pot "pot" { additions = { Cream, Sugar }
        heating = 1h }
    pot "pourer" { additions = { Skim }
        heating = 0s  brewing = 0s  pouring = 1h }
    pot "tea" { brews = tea
        tea "assam" { steeping = 1h } }
"""


def order(server):
    eq(brew(server, "/pots/pot", fields={"Accept-Additions": "Cream;2, Sugar"}).status, 202)
    eq(brew(server, "/pots/pourer", fields={"Accept-Additions": "Skim"}).status, 202)
    eq(steep(server, "/pots/assam").status, 202)
    eq(steep(server, "/pots/assam", "stop").status, 200)
    return [state(server, "/pots/" + name) for name in ("pot", "pourer", "tea")]


def check_same(server, before):
    for was in before:
        now = state(server, was["address"])
        for name in ("state", "began", "additions", "beverage", "strength", "milk_ml"):
            eq(now[name], was[name], "%s of %s" % (name, was["name"]))
        ok(now["remaining_ms"] <= was["remaining_ms"], "the time went on")
        ok(now["poured_ml"] >= was["poured_ml"], "and nothing flowed back")
    eq(brew(server, "/pots/pot").status, 409, "it brews")
    eq(server.request("WHEN", "/pots/pourer").status, 200, "it pours")
    eq(brew(server, "/pots/pot", "stop").status, 200)


@own_server(config=config(POTS))
def test_after_a_stop(server):
    before = order(server)
    server.stop()
    server.start()
    check_same(server, before)


@own_server(config=config(POTS))
def test_after_a_kill(server):
    before = order(server)
    server.kill()
    server.start()
    check_same(server, before)
    server.kill()
    server.start()
    eq(state(server, "/pots/pot")["state"], "stopped", "what was answered is kept, too")
    eq(state(server, "/pots/pourer")["state"], "done")


@only_over("h1", why="it is sent as it is")
@own_server(config=config(POTS))
def test_a_kill_at_any_moment_leaves_it_as_it_was_or_as_it_is(server):
    for attempt in range(6):
        with socket.create_connection(("127.0.0.1", server.port)) as conn:  # whose answer may or may not come
            conn.sendall(b"BREW /pots/pot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: message/coffeepot\r\nContent-Length: 5\r\n\r\nstart")
            if attempt % 2:
                wait_for(lambda: state(server, "/pots/pot")["state"] == "heating", "it was begun")
        server.kill()
        server.start()
        now = state(server, "/pots/pot")["state"]
        ok(now in ("heating",) if attempt % 2 else now in ("idle", "stopped", "heating"), now)
        brew(server, "/pots/pot", "stop")


@own_server(config=config(POTS))
def test_the_successor_knows_and_so_does_who_is_replaced(server):
    before = order(server)
    old = copy.copy(server)
    with old.connect() as conn:  # it stays with the old one
        usual = server.options
        server.options = tuple(usual) + ("--replace",)
        server.start()
        server.options = usual
        check_same(server, before)
        conn.send(b"GET /pots/pot HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        ok("state: stopped" in conn.read().text, "what the new one did the old one tells")
    eq(old.process.wait(20), 0)
    old.pump.join(2)
    eq(state(server, "/pots/pot")["state"], "stopped")


# It notes each order, and takes what lies beside it for its answer: the first "start" waits for that.
SLOW = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo "$1" >> calls
[ -e first ] && exit 0
: > first
while [ ! -e answer ]; do sleep 0.05; done
exit "$(cat answer)"
"""
DRIVEN = 'pot "pot" { driver = command\n command = { "{tmp}/pot" }\n answer-time = 30s\n heating = 1h }'


def slow_program(server):
    with open(server.tmp + "/pot", "w", encoding="utf-8") as out:
        out.write(SLOW)
    os.chmod(server.tmp + "/pot", 0o755)


def calls(server):
    try:
        with open(server.tmp + "/calls", encoding="utf-8") as given:
            return given.read().split()
    except FileNotFoundError:
        return []


ORDER = b"BREW /pots/pot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: message/coffeepot\r\nContent-Length: 5\r\n\r\nstart"


@time_limit(90)
@own_server(config=config(DRIVEN), before=slow_program)
def test_two_servers_give_a_pot_one_order_after_another(server):
    """What the old one is told the program refuses in the end: until then the new one does not take it for done."""
    old = copy.copy(server)
    with old.connect() as conn:  # it stays with the old one
        conn.send(b"GET /pots/pot HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        conn.read()
        usual = server.options
        server.options = tuple(usual) + ("--replace",)
        server.start()
        server.options = usual
        conn.send(ORDER)
        wait_for(lambda: calls(server) == ["start"], "the old one's order reached the program")
        with concurrent.futures.ThreadPoolExecutor(2) as crowd:
            asked = [crowd.submit(brew, server, "/pots/pot") for _ in range(2)]
            ok(not concurrent.futures.wait(asked, 0.5).done, "they wait for their turn")
            with open(server.tmp + "/answer.new", "w", encoding="utf-8") as out:
                out.write("1")
            os.rename(server.tmp + "/answer.new", server.tmp + "/answer")
            eq(conn.read("BREW").status, 503)
            eq(sorted(one.result().status for one in asked), [202, 409])
    eq(calls(server), ["start", "start"])
    eq(old.process.wait(20), 0)
    old.pump.join(2)


@time_limit(90)
@own_server(config=config(DRIVEN), before=slow_program)
def test_a_kill_in_the_middle_of_an_order_leaves_a_pot_that_can_be_stopped(server):
    """The program was told and may do it: so the pot counts as brewing, and the next stop reaches the program."""
    with server.connect() as conn:
        conn.send(ORDER)
        wait_for(lambda: calls(server) == ["start"], "the order reached the program")
        server.kill()
    server.start()
    eq(state(server, "/pots/pot")["state"], "heating")
    eq(brew(server, "/pots/pot").status, 409)
    eq(brew(server, "/pots/pot", "stop").status, 200)
    eq(calls(server), ["start", "stop"])
    eq(state(server, "/pots/pot")["state"], "stopped")
    with open(server.tmp + "/answer", "w", encoding="utf-8") as out:
        out.write("1")  # what the killed one had started ends
    eq(brew(server, "/pots/pot").status, 202, "and what it says no longer counts")
