"""A crash in the midst of changes: nothing acknowledged is lost, nothing is torn, nothing is left over.

PUT and DELETE of files by writers.py; all that WebDAV changes, on trees with properties and locks, by trees.py. ROUNDS in the
environment: how many cuts and kills, instead of a handful.
"""

import os
import random

import fault
from powercut import kill_after, plug_in, power_cut, unplug
from trees import Forest
from wire import Failure, eq, fail, ok, own_server, time_limit, wait_for
from writers import Memory, play

ROUNDS = int(os.environ.get("ROUNDS", "0"))
WRITERS = 8


# ---- rounds -----------------------------------------------------------------------------------------


def check_after(server, memory):
    server.start()
    eq(fault.left_in(server, "up"), [], "what is left in .samovar/up after the start")
    wrong = memory.judge(server)
    if wrong:
        fail("%d changes, seed %d:\n%s" % (memory.total, memory.seed, "\n".join(wrong[:20])))
    wait_for(lambda: not fault.left_in(server, "trash"), "the trash is emptied after the start")
    memory.start_anew(server)


def own_disk(server):
    plug_in(server, WRITERS)


def rounds(server, count, crash_of, kind=Memory):
    memory = kind(random.randrange(1 << 30))
    chance = random.Random(memory.seed)
    done = 0
    for _ in range(count):
        done += play(server, memory, WRITERS, crash_of(server, memory, chance.uniform(0.05, 0.25)))
        check_after(server, memory)
    ok(done >= count * 5, "the writers got something done: %d changes in %d rounds" % (done, count))
    return done


@time_limit(60 + 5 * ROUNDS)
@own_server(before=own_disk)
def test_a_power_cut_loses_nothing_acknowledged_and_tears_nothing(server):
    try:
        rounds(server, ROUNDS or 6, power_cut)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


@time_limit(60)
@own_server("--durability", "relaxed", before=own_disk)
def test_the_power_cut_would_show_a_promise_that_is_not_kept(server):
    """The control: without full durability the same cut does lose and empty what was acknowledged."""
    try:
        try:
            rounds(server, 3, power_cut)
        except Failure as why:
            ok("was acknowledged" in str(why) or "is torn" in str(why), "acknowledged changes are lost, not: %s" % why)
        else:
            fail("no cut lost anything although nothing was synced: the cut is none")
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


@time_limit(60 + 2 * ROUNDS)
@own_server()
def test_kill_9_loses_nothing_acknowledged_and_tears_nothing(server):
    rounds(server, ROUNDS or 24, kill_after)


@time_limit(90 + 5 * ROUNDS)
@own_server("--locks", "durable", before=own_disk)
def test_a_power_cut_leaves_trees_properties_and_locks_as_they_were_or_were_to_be(server):
    try:
        rounds(server, ROUNDS or 8, power_cut, Forest)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


@time_limit(60)
@own_server("--durability", "relaxed", "--locks", "durable", before=own_disk)
def test_a_power_cut_would_show_trees_that_are_not_kept(server):
    """The control: without full durability the same cut does lose or tear what was acknowledged."""
    try:
        try:
            rounds(server, 4, power_cut, Forest)
        except Failure as why:
            ok("was acknowledged" in str(why), "acknowledged changes are lost, not: %s" % why)
        else:
            fail("no cut lost anything although nothing was synced: the cut is none")
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


@time_limit(90 + 2 * ROUNDS)
@own_server()
def test_kill_9_leaves_trees_properties_and_locks_as_they_were_or_were_to_be(server):
    rounds(server, ROUNDS or 24, kill_after, Forest)
