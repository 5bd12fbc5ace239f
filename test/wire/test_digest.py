"""Digest (RFC 7616), for clients that send no password in the clear: users of the command line and of an htdigest file."""

import concurrent.futures
import os
import signal

import wire
from digest import Client, challenges, params, secret
from program import basic, fresh_folder, refused
from wire import cases, contains, eq, lacks, ok, one_of, only_over, own_server, wait_for

HOME = """
listen = { "127.0.0.1:0" }
site "home" { root = "{root}" digest-users = "{tmp}/digest"
    at "/" { allow "users" { rights = { "read", "write" } } } }
"""
BOTH = ("MD5", "SHA-256")


def line_of(algorithm, name, password, realm="home"):
    return "%s:%s:%s\n" % (name, realm, secret(algorithm, name, realm, password))


def write_users(server, text=None, name="digest"):
    path = os.path.join(server.tmp, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text or "".join(line_of(algorithm, who, "pw of " + who) for algorithm in BOTH
                                   for who in ("ann", "bob", "j\u00e4s\u00f8n doe")))
    os.chmod(path, 0o640)
    return path


def with_users(test):
    return own_server(config=HOME, before=write_users, files={"a.txt": b"a", "dir/b c.txt": b"b"})(test)


# ---- what is offered --------------------------------------------------------------------------------


@own_server("--user", "ann:secret", files={"a": b"a"})
def test_users_of_the_command_line_may_come_by_digest_where_there_is_no_tls(server):
    asked = challenges(server.get("/a"))
    if wire.OVER == "tls":
        eq(asked, {}, "Basic is as good there, and needs no second request")
        return
    eq(list(asked), ["SHA-256", "MD5"], "the strongest first")
    for algorithm in BOTH:
        eq(server.get("/a", Client(server, "ann", "secret", algorithm).fields("GET", "/a")).body, b"a")
        eq(server.get("/a", Client(server, "ann", "wrong", algorithm).fields("GET", "/a")).status, 401)


@own_server("--user", "ann:secret", "--users", "{tmp}/users", files={"a": b"a"},
            before=lambda server: open(server.tmp + "/users", "w").write(
                "eve:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n"))
def test_who_can_come_by_basic_alone_is_not_led_to_digest(server):
    eq(challenges(server.get("/a")), {})
    eq(server.get("/a", basic("eve", "secret")).status, 200)


@with_users
def test_the_challenge(server):
    lines = server.get("/a.txt").fields.all("WWW-Authenticate")
    eq(len(lines), 2, lines)
    for line, algorithm in zip(lines, ("SHA-256", "MD5")):
        contains(line, 'Digest realm="home", qop="auth", algorithm=%s, nonce="' % algorithm)
        contains(line, "charset=UTF-8")
        lacks(line, "stale")
        lacks(line, "auth-int")
    eq(server.get("/no-such-file").status, 401, "what is not there looks the same")
    first, second = (challenges(server.get("/a.txt"))["MD5"]["nonce"] for _ in range(2))
    ok(first != second, "each nonce is a new one")


@only_over("h1", why="what is told at the start of a plain listener")
@own_server(config=HOME.replace("127.0.0.1:0", "0.0.0.0:0"), before=write_users)
def test_nobody_is_warned_of_passwords_that_are_not_sent(server):
    contains(server.stdout(), "users only")
    lacks(server.stdout() + server.stderr(), "clear text")


# ---- who gets in ------------------------------------------------------------------------------------


@cases(*((algorithm, algorithm) for algorithm in BOTH))
@with_users
def test_a_session(server, algorithm):
    ann = Client(server, "ann", "pw of ann", algorithm)
    eq(server.get("/a.txt", ann.fields("GET", "/a.txt")).body, b"a")
    eq(server.put("/new.txt", b"new", ann.fields("PUT", "/new.txt")).status, 201)
    eq(server.head("/new.txt", ann.fields("HEAD", "/new.txt")).status, 200)
    eq(server.get("/dir/b%20c.txt?x=%2F", ann.fields("GET", "/dir/b%20c.txt?x=%2F")).body, b"b")
    eq(server.request("OPTIONS", "*", ann.fields("OPTIONS", "*")).status, 200)
    eq(server.request("PROPFIND", "/dir", dict(ann.fields("PROPFIND", "/dir"), Depth="1")).status, 207)
    eq(server.delete("/new.txt", ann.fields("DELETE", "/new.txt")).status, 204)
    eq(server.get("/a.txt").status, 401, "each request by itself")


@with_users
def test_the_server_proves_that_it_knows_the_password(server):
    ann = Client(server, "ann", "pw of ann")
    for _ in range(2):
        info = params(server.get("/a.txt", ann.fields("GET", "/a.txt")).fields["Authentication-Info"])
        eq(info["rspauth"], ann.proof("/a.txt", ann.count))
        eq((info["cnonce"], info["nc"], info["qop"]), ("c%d" % ann.count, "%08x" % ann.count, "auth"))
    lacks(server.get("/a.txt", ann.fields("GET", "/a.txt", response="0" * 64)).fields.names(), "authentication-info")


@with_users
def test_who_does_not_know_the_password_stays_out(server):
    for client in (Client(server, "ann", "pw of bob"), Client(server, "nobody", "pw of ann"), Client(server, "ann", "")):
        got = server.get("/a.txt", client.fields("GET", "/a.txt"))
        eq(got.status, 401)
        lacks(got.fields["WWW-Authenticate"], "stale", "he is to be asked for another password")
    ann = Client(server, "ann", "pw of ann")
    eq(server.put("/a.txt", b"x", ann.fields("GET", "/a.txt")).status, 401, "made for another method")
    eq(server.get("/a.txt", ann.fields("GET", "/a.txt", realm="elsewhere")).status, 401)
    eq(server.get("/a.txt", ann.fields("GET", "/a.txt", response="")).status, 401)
    eq(server.get("/a.txt", basic("ann", "pw of ann")).status, 401, "nothing here is checked by Basic")
    eq(server.read("a.txt"), b"a")


@with_users
def test_a_name_beyond_ascii(server):
    jason = Client(server, "j\u00e4s\u00f8n doe", "pw of j\u00e4s\u00f8n doe")
    extended = "username*=UTF-8''j%C3%A4s%C3%B8n%20doe"
    eq(server.get("/a.txt", jason.fields("GET", "/a.txt", who=extended)).status, 200)
    plain = 'username="%s"' % "j\u00e4s\u00f8n doe".encode("utf-8").decode("latin-1")
    eq(server.get("/a.txt", jason.fields("GET", "/a.txt", who=plain)).status, 200)
    both = extended + ", " + plain
    eq(server.get("/a.txt", jason.fields("GET", "/a.txt", who=both)).status, 401)
    hashed = 'username="%s", userhash=true' % secret("SHA-256", "j\u00e4s\u00f8n doe", "home", "")
    eq(server.get("/a.txt", jason.fields("GET", "/a.txt", who=hashed)).status, 401, "hashed names are not offered")


@own_server(config=HOME.replace('root = "{root}"', 'root = "{root}" extensions = on'), before=write_users,
            files={"a.txt": b"a"})
def test_the_method_is_hashed_as_it_was_sent(server):
    """RFC 2774 writes M- before it, and the server takes that away before it judges anything."""
    ann = Client(server, "ann", "pw of ann")
    man = {"Man": '"urn:samovar:ext:reason"; ns=16', "16-reason": "review"}
    eq(server.request("M-GET", "/a.txt", dict(ann.fields("M-GET", "/a.txt"), **man)).status, 200)
    eq(server.request("M-GET", "/a.txt", dict(ann.fields("GET", "/a.txt"), **man)).status, 401)
    eq(server.request("GET", "/a.txt", ann.fields("M-GET", "/a.txt")).status, 401)


# ---- nonces -----------------------------------------------------------------------------------------


def stale(got):
    eq(got.status, 401)
    return [asked.get("stale") for asked in challenges(got).values()] == ["true", "true"]


@with_users
def test_a_replay_is_refused_and_the_client_told_to_begin_anew(server):
    ann = Client(server, "ann", "pw of ann")
    eq(server.put("/a.txt", b"1", ann.fields("PUT", "/a.txt", 1)).status, 204)
    eq(server.put("/a.txt", b"2", ann.fields("PUT", "/a.txt", 2)).status, 204)
    for count in (1, 2):
        got = server.put("/a.txt", b"replayed", ann.fields("PUT", "/a.txt", count))
        ok(stale(got), got.fields)
    eq(server.read("a.txt"), b"2")
    ann.nonce = challenges(got)["SHA-256"]["nonce"]
    eq(server.put("/a.txt", b"3", ann.fields("PUT", "/a.txt", 1)).status, 204)


@with_users
def test_a_nonce_of_another_server_is_stale_and_not_a_wrong_password(server):
    ann = Client(server, "ann", "pw of ann")
    ann.nonce = "0" * len(ann.nonce)
    ok(stale(server.get("/a.txt", ann.fields("GET", "/a.txt"))), "the password was right")
    ann.password = "wrong"
    ok(not stale(server.get("/a.txt", ann.fields("GET", "/a.txt"))), "the password was wrong")


@with_users
def test_requests_may_overtake_each_other(server):
    """Twenty requests under one nonce over five connections: none is taken for a replay."""
    ann = Client(server, "ann", "pw of ann")
    jobs = [ann.fields("GET", "/a.txt") for _ in range(20)]

    def ask(part):
        with server.connect() as conn:
            return [conn.ask("GET", "/a.txt", fields).status for fields in part]

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        got = list(pool.map(ask, [jobs[at::5] for at in range(5)]))
    eq(got, [[200] * 4] * 5)


# ---- the uri ----------------------------------------------------------------------------------------


@with_users
def test_a_response_is_for_one_resource(server):
    ann = Client(server, "ann", "pw of ann")
    got = server.get("/dir/b%20c.txt", ann.fields("GET", "/a.txt"))
    eq(got.status, 400)
    contains(got.text, "uri")
    for target, uri in (("/a.txt?x", "/a.txt"), ("/a.txt", "/"), ("/a.txt", "")):
        eq(server.get(target, ann.fields("GET", uri)).status, 400, "%s for %s" % (uri, target))


@with_users
def test_the_uri_may_be_spelled_in_another_way(server):
    ann = Client(server, "ann", "pw of ann")
    for target, uri in (("/a.txt", "http://127.0.0.1/a.txt"), ("/%61.txt", "/a.txt"), ("/dir/", "/dir")):
        one_of(server.get(target, ann.fields("GET", uri)).status, (200,), "%s for %s" % (uri, target))


# ---- the file ---------------------------------------------------------------------------------------


@cases(("no hash", "ann:home\n", 1), ("short", "# x\n\nann:home:abc\n", 3), ("no hex", "ann:home:%s\n" % ("x" * 32), 1),
       ("twice", "ann:default:%s\n" % ("0" * 32) * 2, 2), ("control", "a\x01:home:%s\n" % ("0" * 32), 1))
def test_a_file_that_is_wrong_is_told_with_its_line(server, text, line):
    path = write_users(server, text, "wrong-digest")
    told = refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--digest-users", path)
    contains(told, "%s:%d: " % (path, line))
    lacks(told, "000000")


def test_a_file_for_another_realm_or_that_everybody_may_write_is_refused(server):
    path = write_users(server, line_of("MD5", "ann", "pw", "elsewhere"), "other-digest")
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--digest-users", path), "realm")
    path = write_users(server, None, "open-digest")
    os.chmod(path, 0o666)
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--digest-users", path), path)
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--digest-users", path + "-no"), path + "-no")


@own_server(config=HOME.replace("{tmp}/digest", "{root}/digest"), files={"a.txt": b"a"},
            before=lambda server: write_users(server, None, os.path.join(server.path(), "digest")))
def test_the_file_itself_is_refused_even_inside_the_root(server):
    ann = Client(server, "ann", "pw of ann")
    one_of(server.get("/digest", ann.fields("GET", "/digest")).status, (403, 404))
    one_of(server.put("/digest", b"x", ann.fields("PUT", "/digest")).status, (403, 404))
    one_of(server.delete("/digest", ann.fields("DELETE", "/digest")).status, (403, 404))


@with_users
def test_a_reload_reads_it_anew(server):
    ann = Client(server, "ann", "pw of ann")
    eq(server.get("/a.txt", ann.fields("GET", "/a.txt")).status, 200)
    write_users(server, line_of("MD5", "ann", "another") + line_of("MD5", "eve", "new"))
    server.signal(signal.SIGHUP)
    eve = Client(server, "eve", "new", "MD5")
    wait_for(lambda: server.get("/a.txt", eve.fields("GET", "/a.txt")).status == 200, "eve is known")
    eq(server.get("/a.txt", ann.fields("GET", "/a.txt")).status, 401)
    eq(list(challenges(server.get("/a.txt"))), ["MD5"], "nobody has a hash for the other")
