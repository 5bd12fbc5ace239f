"""Who is asking: --user, --users, Basic, the rights of named users and of the anonymous one."""

import base64
import os
import select
import signal

import wire
from program import basic, ended, fresh_folder, refused
from wire import cases, contains, eq, head_of, lacks, ok, one_of, own_server, wait_for

# Made by htpasswd and crypt(3); the passwords stand in PASSWORDS.
HASHES = """# everybody
yves:$y$j75$abcdefghijklmnop$x/JIJfBxc228YsQGnCA010.EWDDsrYvWeSOcdXX0919
bea:$2y$05$VY.S3t2h83LTDYIABiIpPOdpwCoq/uSkGzkZIBz/QOg9ojz/evvuC
ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/

umlaut:$y$j75$abcdefghijklmnop$mNkFGen/nFc28DvdLBTtKHtT/D2zKMEWDTNQHdM9HZ7
slow:$2y$12$MSKGs7a2HkbooMuKUnuId.It16ixFzYHhP/gme7wku/0KkZiXKaki
"""
PASSWORDS = {"yves": "yes secret", "bea": "bea:secret", "ada": "ada secret", "umlaut": "pässwörd",
             "slow": "slow secret"}


def write_users(server, text=HASHES, name="users"):
    path = os.path.join(server.tmp, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, 0o644)
    return path


def changed(server):
    """Sends SIGHUP and waits for what comes of it: the line."""
    known = len(server.lines)
    server.signal(signal.SIGHUP)
    return wait_for(lambda: [line for line in server.lines[known:] if "reloaded" in line], "it tells of the reload")[0]


def log_in(server, name, password, target="/a"):
    return server.get(target, basic(name, password)).status


# ---- --user -----------------------------------------------------------------------------------------


@own_server("--user", "ann:open sesame", "--user=ben:with:colons", "--user", "cid:", files={"a": b"a"})
def test_users_of_the_command_line(server):
    eq(log_in(server, "ann", "open sesame"), 200)
    eq(log_in(server, "ben", "with:colons"), 200)
    eq(log_in(server, "ann", "with:colons"), 401)
    eq(server.put("/b", b"b", basic("ben", "with:colons")).status, 201)
    eq(server.get("/a").status, 401)
    eq(server.put("/c", b"c").status, 401)
    eq(server.delete("/a").status, 401)
    ok(server.exists("a") and not server.exists("c"), "nothing was changed without a password")
    contains(server.stdout(), "users only")


@own_server("--user", "ann:open-sesame-4711", "--user=ben:tell-nobody-0815", files={"a": b"a"})
def test_passwords_are_wiped_from_the_process_list(server):
    eq(log_in(server, "ann", "open-sesame-4711"), 200)
    with open(server.proc("cmdline"), "rb") as file:
        shown = file.read()
    contains(shown, b"--user", "the process list")
    for secret in (b"sesame", b"4711", b"nobody", b"0815"):
        lacks(shown, secret, "the process list")
    with open(server.proc("environ"), "rb") as file:
        lacks(file.read(), b"sesame")
    lacks(server.stdout() + server.stderr(), "sesame")


@own_server("--user", "ann:one", files={"a": b"a"})
def test_reloading_keeps_the_users_of_the_command_line(server):
    eq(changed(server), "reloaded")
    eq(log_in(server, "ann", "one"), 200)
    eq(server.get("/a").status, 401)


@cases(("no colon", "ann"), ("no name", ":secret"), ("control", "a\tb:c"))
def test_a_user_that_is_none_is_refused_without_telling_the_password(server, text):
    lacks(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--user", text), "secret")


# ---- Basic ------------------------------------------------------------------------------------------


@own_server("--user", "ann:secret", files={"a": b"a"})
def test_the_challenge(server):
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        got = server.request(method, "/a", (), b"x" if method == "PUT" else None)
        eq(got.status, 401)
        challenges = got.fields.all("WWW-Authenticate")
        basic = [challenge for challenge in challenges if challenge.startswith("Basic realm=\"")]
        eq(len(basic), 1, challenges)
        contains(basic[0], 'charset="UTF-8"')
        # whoever was named on the command line can come by Digest where the password could be read on its way
        eq(any(challenge.startswith("Digest ") for challenge in challenges), wire.OVER != "tls", challenges)
    eq(server.get("/no-such-file").status, 401, "what is not there looks the same")


def encoded(data):
    return "Basic " + base64.b64encode(data).decode("ascii")


@cases(("wrong password", encoded(b"ann:secreT")), ("prefix", encoded(b"ann:secre")),
       ("longer", encoded(b"ann:secret ")),
       ("unknown user", encoded(b"nobody:secret")), ("case of the name", encoded(b"Ann:secret")),
       ("no colon", encoded(b"ann")), ("empty", "Basic "), ("only the scheme", "Basic"), ("no base64", "Basic %%%%"),
       ("cut", encoded(b"ann:secret")[:-3]), ("other scheme", "Bearer YW5uOnNlY3JldA=="),
       ("NUL", encoded(b"ann:secret\0")),
       ("empty name", encoded(b":secret")), ("empty password", encoded(b"ann:")), ("no utf-8", encoded(b"ann:\xff")),
       ("long", encoded(b"ann:" + b"x" * 5000)), ("trailing", encoded(b"ann:secret") + " x"), ("nothing", ""))
@own_server("--user", "ann:secret", files={"a": b"a"})
def test_whatever_is_not_right_is_401(server, value):
    eq(server.get("/a", {"Authorization": value}).status, 401)
    eq(server.get("/a", basic("ann", "secret")).status, 200, "the right one afterwards")
    eq(server.get("/a", {"Authorization": value}).status, 401, "again, after the right one was cached")


@own_server("--user", "ann:secret", files={"a": b"a"})
def test_no_content_is_asked_for_before_the_password(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/new", {"Content-Length": 5, "Expect": "100-continue"}))
        got = conn.read("PUT")
        eq((got.status, got.interim), (401, []))
    with server.connect() as conn:
        conn.send(head_of("PUT", "/new", dict(basic("ann", "secret"), **{"Content-Length": "5",
                                                                         "Expect": "100-continue"})))
        conn.read_interim(100)
        conn.send("hello")
        eq(conn.read("PUT").status, 201)


@own_server("--user", "ann:secret", files={"a": b"a"})
def test_the_scheme_has_no_case_and_two_fields_are_none(server):
    eq(server.get("/a", {"Authorization": "bAsIc YW5uOnNlY3JldA=="}).status, 200)
    twice = [("Authorization", "Basic YW5uOnNlY3JldA==")] * 2
    one_of(server.get("/a", twice).status, (400, 401))


@own_server("--user", "ann:secret", files={"a": b"a"})
def test_each_request_of_a_connection_is_judged_by_itself(server):
    with server.connect() as conn:
        eq(conn.ask("GET", "/a", basic("ann", "secret")).status, 200)
        eq(conn.ask("GET", "/a").status, 401)
        eq(conn.ask("GET", "/a", basic("ann", "wrong")).status, 401)
        eq(conn.ask("GET", "/a", basic("ann", "secret")).body, b"a")


@own_server("--user", "ann:secret", files={"hot.txt": b"hot"})
def test_what_is_hot_is_not_given_to_the_anonymous_one(server):
    for _ in range(5):
        eq(server.get("/hot.txt", basic("ann", "secret")).body, b"hot")
        eq(server.get("/hot.txt").status, 401)
        eq(server.head("/hot.txt", basic("ann", "wrong")).status, 401)


# ---- htpasswd files ---------------------------------------------------------------------------------


@cases(*((name, name) for name in ("yves", "bea", "ada", "umlaut")))
@own_server("--users", "{tmp}/users", before=write_users, files={"a": b"a"})
def test_the_forms_of_htpasswd(server, name):
    """yescrypt, bcrypt, apr1, and a password beyond ASCII."""
    eq(log_in(server, name, PASSWORDS[name]), 200)
    for other in PASSWORDS:
        if other != "slow" and PASSWORDS[other] != PASSWORDS[name]:
            eq(log_in(server, name, PASSWORDS[other]), 401)
    eq(log_in(server, name, PASSWORDS[name]), 200)
    eq(server.get("/a").status, 401)


@own_server("--users", "{tmp}/users", "--user", "bea:another", before=write_users, files={"a": b"a"})
def test_a_user_of_the_command_line_hides_the_files(server):
    eq(log_in(server, "bea", "another"), 200)
    eq(log_in(server, "bea", PASSWORDS["bea"]), 401)
    eq(log_in(server, "ada", PASSWORDS["ada"]), 200)


@own_server("--users", "{tmp}/users", before=write_users, files={"a": b"a"})
def test_a_right_password_is_hashed_once(server):
    """A cost of 2^12 rounds is paid by the first request and by none after it; a wrong one pays every time."""

    def cost(password):
        """The processor's time that the server took; nobody else's counts."""
        before = ticks(server)
        status = log_in(server, "slow", password)
        return status, ticks(server) - before

    status, first = cost(PASSWORDS["slow"])
    eq(status, 200)
    later = [cost(PASSWORDS["slow"]) for _ in range(5)]
    eq([status for status, _ in later], [200] * 5)
    ok(sum(took for _, took in later) * 2 < first,
       "five later ones cost less than half of the first: %r after %r" % (later, first))
    for _ in range(2):
        status, wrong = cost("wrong")
        eq(status, 401)
        ok(wrong * 2 > first, "a wrong password is hashed each time: %r, %r" % (wrong, first))


def ticks(server):
    with open(server.proc("stat"), "rb") as file:
        words = file.read().rsplit(b")", 1)[1].split()
    return int(words[11]) + int(words[12])


@own_server("--users", "{tmp}/users", "--loops", "1", before=write_users, files={"a": b"a"})
def test_hashing_holds_up_nobody_else(server):
    """One loop; while eight logins are hashed by workers, another client's request is answered before them."""
    eq(log_in(server, "bea", PASSWORDS["bea"]), 200)
    waiting = [server.connect() for _ in range(8)]
    try:
        for conn in waiting:
            conn.request("GET", "/a", basic("slow", "wrong"))
        eq(log_in(server, "bea", PASSWORDS["bea"]), 200)
        eq(server.get("/a").status, 401)
        ok(sum(1 for conn in waiting if not has_data(conn)) >= 2, "some logins are still being hashed")
        for conn in waiting:
            eq(conn.read().status, 401)
    finally:
        for conn in waiting:
            conn.close()


def has_data(conn):
    return bool(select.select([conn.sock], [], [], 0)[0])


@cases(("plain text", "ann:secret\n", 1), ("sha", "# x\nann:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n", 2),
       ("no hash", "ann\n", 1), ("twice", "ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\nada:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n", 2),
       ("empty hash", "ann:\n", 1))
def test_a_users_file_that_is_wrong_is_told_with_its_line(server, text, line):
    path = write_users(server, text, "wrong-users")
    told = refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--users", path)
    contains(told, "%s:%d: " % (path, line))
    lacks(told, "secret")


def test_a_users_file_that_everybody_may_write_is_refused(server):
    path = write_users(server, HASHES, "open-users")
    os.chmod(path, 0o666)
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--users", path), path)
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--users", path + "-missing"), path + "-missing")


@own_server("--users", "{tmp}/root/users", files={"a": b"a", "users": HASHES.encode()})
def test_the_users_file_itself_is_refused_even_inside_the_root(server):
    who = basic("ada", PASSWORDS["ada"])
    os.symlink("users", server.path("linked"))
    os.link(server.path("users"), server.path("hard"))
    one_of(server.get("/hard", who).status, (403, 404), "GET /hard")
    server.put("/hard", b"eve:x", who)
    for name in ("/users", "/linked"):
        one_of(server.get(name, who).status, (403, 404), "GET " + name)
        one_of(server.put(name, b"eve:x", who).status, (403, 404, 409), "PUT " + name)
        one_of(server.delete(name, who).status, (403, 404), "DELETE " + name)
    eq(server.read("users"), HASHES.encode())


@own_server("--users", "{tmp}/users", before=write_users, files={"a": b"a"})
def test_reloading_takes_new_users_and_drops_old_ones_at_once(server):
    """Also where the old one's password had been cached, and on a connection that stood open."""
    with server.connect() as conn:
        eq(conn.ask("GET", "/a", basic("bea", PASSWORDS["bea"])).status, 200)
        write_users(server, "new:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")
        eq(changed(server), "reloaded")
        wait_for(lambda: log_in(server, "new", "ada secret") == 200, "the new user is known")
        wait_for(lambda: conn.ask("GET", "/a", basic("bea", PASSWORDS["bea"])).status == 401, "the old one is gone")
    write_users(server, "new:plain\n")
    contains(changed(server), "not reloaded")
    eq(log_in(server, "new", "ada secret"), 200, "the users before the wrong file")
    os.chmod(os.path.join(server.tmp, "users"), 0o600)
    write_users(server, HASHES)
    eq(changed(server), "reloaded")
    wait_for(lambda: log_in(server, "bea", PASSWORDS["bea"]) == 200, "the old users are back")


@own_server("--users", "{tmp}/users", before=write_users, files={"a": b"a"})
def test_a_users_file_renamed_into_place_is_read(server):
    """As htpasswd and editors save; the process has confined itself by then."""
    os.rename(write_users(server, "new:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n", "users.new"), server.tmp + "/users")
    eq(changed(server), "reloaded")
    wait_for(lambda: log_in(server, "new", "ada secret") == 200, "the new user is known")
    eq(log_in(server, "bea", PASSWORDS["bea"]), 401)


# ---- rights -----------------------------------------------------------------------------------------

RIGHTS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read" } }  allow "bea" { rights = { "read", "write" } } }
    at "/inbox" { allow "*" { rights = { "list", "create" } }  allow "bea" { rights = { "read", "write" } } }
    at "/members" { allow "users" { rights = { "read", "create" } } }
    at "/ada" { allow "ada" { rights = { "read", "write" } } }
    at "/blind" { allow "*" { rights = { "create" } } }
    at "/fixed" { allow "users" { rights = { "read", "delete" } } }
}
"""
RIGHTS_FILES = {"a": b"a", "inbox/x": b"x", "members/x": b"x", "ada/x": b"x", "blind/x": b"x", "fixed/x": b"x"}


def rights_server(test):
    return own_server(config=RIGHTS, files=RIGHTS_FILES, before=write_users)(test)


BEA, ADA, YVES = (basic(name, PASSWORDS[name]) for name in ("bea", "ada", "yves"))


@rights_server
def test_the_anonymous_one_is_a_principal_with_rights(server):
    eq(server.get("/a").body, b"a")
    eq(server.get("/").status, 200)
    eq(server.put("/b", b"b").status, 401, "logging in could help")
    eq(server.put("/b", b"b", ADA).status, 403, "logging in did not")
    eq(server.put("/b", b"b", BEA).status, 201)
    eq(server.delete("/b", ADA).status, 403)
    eq(server.delete("/b", BEA).status, 204)
    contains(server.stdout(), "everybody reads")


@rights_server
def test_a_wrong_password_is_not_the_anonymous_one(server):
    eq(server.get("/a", basic("bea", "wrong")).status, 401)


@rights_server
def test_everybody_may_put_into_an_inbox_and_not_read_it(server):
    eq(server.put("/inbox/new", b"n").status, 201)
    contains(server.get("/inbox/").text, "new", "the listing")
    one_of(server.get("/inbox/new").status, (401, 403), "reading")
    one_of(server.put("/inbox/x", b"other").status, (401, 403), "replacing")
    one_of(server.delete("/inbox/x").status, (401, 403), "deleting")
    eq(server.read("inbox/x"), b"x")
    eq(server.get("/inbox/new", BEA).body, b"n")
    eq(server.put("/inbox/new", b"m", BEA).status, 204)


@rights_server
def test_users_are_whoever_logged_in(server):
    eq(server.get("/members/x").status, 401)
    eq(server.get("/members/x", ADA).body, b"x")
    eq(server.put("/members/y", b"y", YVES).status, 201)
    eq(server.put("/members/x", b"z", YVES).status, 403, "create is not write")
    eq(server.get("/members/", YVES).status, 200)


@rights_server
def test_the_longest_at_alone_says_who_may(server):
    """bea may write at /, which counts for nothing at /ada."""
    eq(server.get("/ada/x").status, 401)
    eq(server.get("/ada/x", BEA).status, 403)
    eq(server.put("/ada/y", b"y", ADA).status, 201)
    eq(server.get("/adas", ADA).status, 404, "a name that only begins so")
    eq(server.get("/ada", BEA).status, 403, "the folder itself")


@rights_server
def test_create_alone_shows_nothing(server):
    eq(server.put("/blind/new", b"n").status, 201)
    for target in ("/blind/", "/blind/x", "/blind/new", "/blind/missing"):
        one_of(server.get(target).status, (401, 403), target)
    one_of(server.put("/blind/x", b"other").status, (401, 403))
    eq(server.read("blind/x"), b"x")


@rights_server
def test_delete_alone(server):
    eq(server.put("/fixed/x", b"other", ADA).status, 403)
    eq(server.put("/fixed/new", b"other", ADA).status, 403)
    eq(server.read("fixed/x"), b"x")
    eq(server.delete("/fixed/x", ADA).status, 204)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}"\n users = "{tmp}/users" }\n',
            files={"a": b"a"},
            before=write_users)
def test_users_without_allow_lock_the_door(server):
    """Whoever logged in may do everything, the anonymous one nothing."""
    eq(server.get("/a").status, 401)
    eq(server.put("/b", b"b", ADA).status, 201)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}"\n '
            'at "/" { allow "*" { rights = { "read" } } } }\n',
            files={"a": b"a"})
def test_allow_without_users(server):
    """Nobody can log in: 403 and no challenge."""
    eq(server.get("/a").body, b"a")
    eq(server.put("/b", b"b").status, 403)
    eq(server.delete("/a").status, 403)
    ok(server.exists("a"), "it is still there")


STRANGERS = """site "s" { root = "%s"
 users = "%s"
%s
 at "/" { allow "ada" { rights = { "read" } } allow "users" { rights = { "list" } } }
 at "/a" { allow "adda" { rights = { "read" } } }
 at "/b" { allow "adda" { rights = { "read" } } allow "@staf" { rights = { "read" } } } }
"""


@own_server(before=write_users)
def test_an_allow_for_nobody_is_told(server):
    """Once for each name; it is no mistake, since the user may come tomorrow."""
    config, groups = server.tmp + "/strangers.conf", server.tmp + "/groups"
    with open(groups, "w", encoding="utf-8") as out:
        out.write("staff: ada\n")
    for more, told in (("", "groups come from a file"), (' groups = "%s"' % groups, "no group has that name")):
        with open(config, "w", encoding="utf-8") as out:
            out.write(STRANGERS % (server.root, server.tmp + "/users", more))
        status, out, _ = ended("--config", config, "--check-config")
        eq(status, 0)
        lines = out.splitlines()
        eq(len(lines), 3, out)
        eq(lines[0], 'site "s": allow "adda" is for nobody: no user has that name')
        contains(lines[1], 'site "s": allow "@staf" is for nobody: ' + told)
