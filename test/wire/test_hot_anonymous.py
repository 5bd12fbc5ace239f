"""Ready answers where a site has users: they are for those who did not log in, and nobody else's."""

from hot import heat, hits
from program import basic
from wire import eq, own_server, wait_for

USERS = "alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n"
ALICE = basic("alice", "secret")
FILES = {"open/f": b"for everybody", "closed/f": b"for users", "notes/f": b"which version", "f": b"at the top"}
CONFIG = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  users = "{tmp}/users"
  allow "users" { rights = { "read", "write" } }
  at "/open" { allow "*" { rights = { "read" } } allow "users" { rights = { "read", "write" } } }
  at "/notes" { require-match = conflict-copy allow "*" { rights = { "read" } } }
}
'''


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        out.write(USERS)


def is_hot(server, conn, target, fields=()):
    """Whether the next answer comes from memory."""
    before = hits(server)
    got = conn.ask("GET", target, fields)
    return got, hits(server) == before + 1


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_what_everybody_may_read_is_hot(server):
    with server.connect() as conn:
        cold = conn.ask("GET", "/open/f")
        heat(conn, "/open/f")
        got, from_memory = is_hot(server, conn, "/open/f")
        eq((got.status, got.body, from_memory), (200, b"for everybody", True))
        eq(got.fields.but_date(), cold.fields.but_date(), "fields")


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_who_logs_in_takes_the_long_way(server):
    with server.connect() as conn:
        heat(conn, "/open/f")
        eq(is_hot(server, conn, "/open/f", ALICE)[1], False)
        eq(conn.ask("GET", "/open/f", ALICE).body, b"for everybody")
        eq(conn.ask("GET", "/open/f", basic("alice", "wrong")).status, 401)
        eq(conn.ask("GET", "/open/f").status, 200)
        eq(conn.ask("PUT", "/open/f", ALICE, b"from alice").status, 204)
        eq(conn.ask("GET", "/open/f").body, b"from alice")


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_what_a_user_fetched_is_nobody_elses(server):
    with server.connect() as conn:
        for _ in range(6):
            eq(conn.ask("GET", "/closed/f", ALICE).status, 200)
        for _ in range(3):
            eq(conn.ask("GET", "/closed/f").status, 401)
            eq(conn.ask("HEAD", "/closed/f").status, 401)
            eq(conn.ask("GET", "/closed/f", {"If-None-Match": "*"}).status, 401)
        eq(is_hot(server, conn, "/closed/f", ALICE)[1], False)


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_a_reload_that_takes_the_right_away_takes_the_answer_away(server):
    with server.connect() as conn:
        heat(conn, "/open/f")
        with open(server.config_path, "w", encoding="utf-8") as out:
            out.write(server.fill_in(CONFIG.replace('allow "*" { rights = { "read" } } ', "")))
        server.signal(1)
        wait_for(lambda: conn.ask("GET", "/open/f").status == 401, "nobody in particular may read it")
        for _ in range(4):
            eq(conn.ask("GET", "/open/f").status, 401)
            eq(conn.ask("GET", "/open/f", ALICE).status, 200)


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_what_each_client_fetched_is_noted_where_that_counts(server):
    with server.connect() as conn:
        heat(conn, "/notes/f", 6)
        got, from_memory = is_hot(server, conn, "/notes/f")
        eq((got.status, from_memory), (200, False))
