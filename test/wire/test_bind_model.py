"""Bindings beside a model of RFC 5842 (test/model): random sequences of all methods by several clients.

SEQUENCES of them (10000; fewer where a sanitizer looks on), from FIRST on, played by two programs at once.
"""
import os
import subprocess
import sys

from wire import TOP, Server, eq, obliges, ok, only_over, time_limit

SEQUENCES = int(os.environ.get("SEQUENCES", "500" if os.environ.get("SANITIZER") else "10000"))
FIRST = int(os.environ.get("FIRST", "1"))
PLAYERS = 2
SECONDS = 120 + SEQUENCES // 20


def in_memory():
    """A folder that no disk has to be waited for, if there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def play(server, first, count):
    env = dict(os.environ, FOLDER=server.root)
    return subprocess.Popen([sys.executable, os.path.join(TOP, "test/model/play.py"), str(server.port), str(count), str(first)],
                            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@obliges("BND-02", "BND-09", "BND-11", "BND-28", "BND-39", "BND-40", "BND-43", "BND-45", "BND-46", "BND-47")
@only_over("h1", why="the players speak HTTP/1.1 by themselves")
@time_limit(SECONDS)
def test_the_server_is_what_the_model_is(_server):
    players = []
    try:
        for number in range(PLAYERS):
            server = Server(options=["--durability", "relaxed", "--allow-write", "anyone"], parent=in_memory())
            server.start()
            share = SEQUENCES // PLAYERS
            players.append((server, play(server, FIRST + number * share, share)))
        for server, player in players:
            said = player.communicate(timeout=SECONDS)[0]
            eq(player.returncode, 0, said)
            ok("%d sequences, 0 wrong" % (SEQUENCES // PLAYERS) in said, said)
    finally:
        for server, player in players:
            player.kill()
            player.wait()
            server.remove()
