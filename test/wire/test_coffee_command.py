"""Pots that a program works: the driver `command`, its process, and what it may not do."""

import concurrent.futures
import os
import signal
import subprocess
import time

import wire
from pots import brew, config, state, steep
from program import needs_root
from wire import contains, eq, ok, own_server, time_limit, wait_for

# It notes how it was called, and does what the file beside it says.
PROGRAM = """#!/usr/bin/python3
import os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
with open(here + "/calls", "a") as out:
    out.write(repr([sys.argv[1:], os.environ.get("POT"), sorted(os.environ), os.getuid(), sorted(os.listdir("/proc/self/fd"))]) + "\\n")
exec(open(here + "/does").read())
"""
POTS = """
    pot "pot" { driver = command
        command = { "{tmp}/pot", kitchen, "two words" }
        answer-time = 4s
        additions = { Cream, Half-and-half, Sugar }
        heating = 1h }
    pot "tea" { brews = tea
        driver = command
        command = { "{tmp}/pot" }
        heating = 1h
        tea "earl-grey" { } }
    pot "simple" { heating = 1h }
"""


LOCK = '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>'


def does(server, what):
    with open(server.tmp + "/does.new", "w", encoding="utf-8") as out:
        out.write(what)
    os.rename(server.tmp + "/does.new", server.tmp + "/does")


def program(server):
    with open(server.tmp + "/pot", "w", encoding="utf-8") as out:
        out.write(PROGRAM)
    os.chmod(server.tmp + "/pot", 0o755)
    does(server, "pass")


def calls(server):
    try:
        with open(server.tmp + "/calls", encoding="utf-8") as given:
            return [eval(line) for line in given]
    except FileNotFoundError:
        return []


def children(server):
    """The pots' processes, and what they started."""
    rows = subprocess.run(["ps", "-eo", "pid,ppid,comm"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")[1:]
    parents = {int(row.split()[0]): int(row.split()[1]) for row in rows if row.strip()}
    found = {server.process.pid}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found - {server.process.pid}
        found |= more


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as given:
            return given.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@own_server(config=config(POTS), before=program)
def test_the_program_is_run_with_the_order(server):
    eq(brew(server, "/pots/pot", fields={"Accept-Additions": "Half-and-half;2, Sugar"}).status, 202)
    eq(state(server, "/pots/pot")["state"], "heating")
    eq(brew(server, "/pots/pot").status, 409)
    eq(brew(server, "/pots/pot", "stop").status, 200)
    eq(steep(server, "/pots/earl-grey").status, 202)
    eq([call[0] for call in calls(server)],
       [["kitchen", "two words", "start", "coffee", "Half-and-half=2", "Sugar=1"], ["kitchen", "two words", "stop"], ["start", "tea", "earl-grey"]])
    eq(calls(server)[0][1], "pot")
    ok(set(calls(server)[0][2]) <= {"PATH", "POT", "LC_CTYPE", "PWD", "SHLVL", "_"}, "nothing of our environment: %r" % (calls(server)[0][2],))
    eq(calls(server)[0][4], ["0", "1", "2", "3", "4"], "no descriptor of ours: it opened two itself to tell")


def for_nobody(server):
    program(server)
    for path in (server.tmp, server.root):
        os.chown(path, 65534, 65534)
        os.chmod(path, 0o755)


def test_it_runs_as_the_user_to_run_as(_):
    needs_root()
    server = wire.Server(config="run-as = \"65534:65534\"\n" + config(POTS), before=for_nobody)
    try:
        server.start()
        eq(brew(server, "/pots/pot").status, 202)
        eq(calls(server)[0][3], 65534)
        server.stop()
    finally:
        server.remove()


@own_server(config=config(POTS), before=program)
def test_what_fails_is_503_and_changes_nothing(server):
    does(server, 'sys.exit("the water is out")')
    got = brew(server, "/pots/pot")
    eq(got.status, 503)
    ok(int(got.fields["Retry-After"]) > 0, "Retry-After")
    eq(state(server, "/pots/pot")["state"], "idle")
    wait_for(lambda: "the water is out" in server.stdout(), "the log says why")
    contains(server.stdout(), "pot pot: its program ended with 1: the water is out")
    before = len(calls(server))
    eq(brew(server, "/pots/pot").status, 503, "for a while it is not asked")
    eq(len(calls(server)), before)
    eq(brew(server, "/pots/simple").status, 202, "others are as ever")


@own_server(config=config(POTS), before=program)
def test_a_stop_that_fails_leaves_it_brewing(server):
    eq(brew(server, "/pots/pot").status, 202)
    does(server, "os.kill(os.getpid(), 9)")
    eq(brew(server, "/pots/pot", "stop").status, 503)
    eq(state(server, "/pots/pot")["state"], "heating")
    wait_for(lambda: "ended by signal 9" in server.stdout(), "the log says why")


@time_limit(90)
@own_server(config=config(POTS), before=program)
def test_one_that_hangs_is_ended_in_time(server):
    does(server, "import subprocess\nleft = subprocess.Popen(['sleep', '1000'])\nopen(here + '/left', 'w').write(str(left.pid))\ntime.sleep(1000)")
    began = time.monotonic()
    eq(brew(server, "/pots/pot").status, 503)
    ok(time.monotonic() - began < 12 * wire.STRETCH, "it took %g s" % (time.monotonic() - began))
    wait_for(lambda: "took too long" in server.stdout() or "does not answer" in server.stdout(), "the log says why")  # by who notices first
    eq(state(server, "/pots/pot")["state"], "idle")
    eq(len(children(server)), 2, "the pots' own processes")
    with open(server.tmp + "/left", encoding="utf-8") as given:
        left = int(given.read())
    wait_for(lambda: not is_alive(left), "nothing of what it started is left")
    eq(server.get("/pots/pot").status, 200)


@time_limit(120)
@own_server(config=config(POTS.replace("answer-time = 4s", "answer-time = 20s")), before=program)
def test_a_crowd_before_a_pot_that_hangs_holds_up_nobody_else(server):
    does(server, "while not os.path.exists(here + '/go'):\n    time.sleep(0.05)")
    with concurrent.futures.ThreadPoolExecutor(120) as crowd:
        asked = [crowd.submit(brew, server, "/pots/pot") for _ in range(120)]
        wait_for(lambda: sum(one.done() for one in asked) == 118, "all but the first two are told to come again")
        does(server, "pass")
        eq(steep(server, "/pots/earl-grey").status, 202, "another pot with a program")
        eq(brew(server, "/pots/simple").status, 202, "one without")
        began = time.monotonic()
        for _ in range(20):
            locked = server.request("LOCK", "/", {"Depth": "infinity", "Timeout": "Second-60"}, LOCK)
            eq(server.request("UNLOCK", "/", {"Lock-Token": locked.fields["Lock-Token"]}).status, 204)
        ok(time.monotonic() - began < 15, "nor do files wait for it")
        eq(server.get("/pots/pot").status, 200)
        ok(not any(one.result().status != 503 or int(one.result().fields["Retry-After"]) > 5 for one in asked if one.done()), "they are told when")
        eq(sum(one.done() for one in asked), 118, "the two wait")
        with open(server.tmp + "/go", "w", encoding="utf-8"):
            pass
        got = sorted(one.result().status for one in asked)
    eq(got, [202, 409] + [503] * 118)
    eq(len(calls(server)), 2, "each pot was told once")


@own_server(config=config(POTS), before=program)
def test_what_a_program_leaves_behind_is_not_waited_for(server):
    """It went to a session of its own and holds on to what its parent said things to."""
    does(server, "import subprocess\nsubprocess.Popen(['sleep', '30'], start_new_session=True)\nprint('it heats')")
    began = time.monotonic()
    eq(brew(server, "/pots/pot").status, 202)
    does(server, "import subprocess\nsubprocess.Popen(['sleep', '30'], start_new_session=True)\nsys.exit('no')")
    eq(brew(server, "/pots/pot", "stop").status, 503)
    wait_for(lambda: "its program ended with 1: no" in server.stdout(), "what it said is heard all the same")
    ok(time.monotonic() - began < 30, "nobody waited for the sleepers")


@own_server(config=config(POTS), before=program)
def test_one_that_does_not_listen_to_signals_or_never_stops_talking(server):
    does(server, "import signal\nfor number in range(1, 32):\n    try: signal.signal(number, signal.SIG_IGN)\n    except OSError: pass\nwhile True: sys.stdout.write('x' * 65536)")
    eq(brew(server, "/pots/pot").status, 503)
    wait_for(lambda: "took too long" in server.stdout(), "the log says why")
    eq(len(children(server)), 2, "it is gone")


@own_server(config=config(POTS), before=program)
def test_one_that_was_taken_away_is_503_until_it_is_back(server):
    for how in (lambda: os.rename(server.tmp + "/pot", server.tmp + "/away"), lambda: os.chmod(server.tmp + "/away", 0o644)):
        how()
        eq(brew(server, "/pots/pot").status, 503)
        eq(state(server, "/pots/pot")["state"], "idle")
    wait_for(lambda: "ended with 127: " in server.stdout(), "the log says why")
    os.chmod(server.tmp + "/away", 0o755)
    os.rename(server.tmp + "/away", server.tmp + "/pot")
    wait_for(lambda: brew(server, "/pots/pot").status == 202, "it obeys again", 20)


@own_server(config=config(POTS), before=program)
def test_what_it_says_has_an_end(server):
    does(server, "sys.stdout.write('x' * 10_000_000)\nsys.exit(3)")
    eq(brew(server, "/pots/pot").status, 503)
    wait_for(lambda: "its program ended with 3" in server.stdout(), "the log says why")
    ok(len(server.stdout()) < 5000, "and no more")


@own_server(config=config(POTS), before=program)
def test_the_processes_end_with_the_server(server):
    made = children(server)
    eq(len(made), 2)
    server.stop()
    wait_for(lambda: not any(is_alive(pid) for pid in made), "they are gone")


@own_server(config=config(POTS), before=program)
def test_a_process_that_was_killed_is_503(server):
    for pid in children(server):
        os.kill(pid, signal.SIGKILL)
    got = brew(server, "/pots/pot")
    eq(got.status, 503)
    eq(state(server, "/pots/pot")["state"], "idle")
    eq(brew(server, "/pots/simple").status, 202)


@own_server(config=config(POTS), before=program)
def test_another_program_needs_a_restart(server):
    with open(server.config_path, encoding="utf-8") as given:
        text = given.read()
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(text.replace("kitchen", "cellar"))
    server.signal(signal.SIGHUP)
    wait_for(lambda: "needs a restart" in server.stdout() + server.stderr(), "it says so")
    eq(brew(server, "/pots/pot").status, 202)
    contains(calls(server)[0][0], "kitchen")


def test_no_program_is_said_at_the_start(_):
    server = wire.Server(config=config(POTS.replace("{tmp}/pot", "{tmp}/nothing")))
    try:
        server.start(wait=False)
        eq(server.process.wait(20), 1)
        wait_for(lambda: "cannot be run" in server.stderr(), "why")
    finally:
        server.remove()
