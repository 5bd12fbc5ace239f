"""Where the command listens, what it says of that, and what the address decides: who may write, which names count."""

import os
import socket
import subprocess

import wire
from program import Elsewhere, Namespace, all_listening, as_someone_else, fresh_folder, refused, with_socket
from wire import Connection, Server, cases, contains, eq, ok, one_of, only_over, own_server, skip, wait_for



def has_v6():
    """This machine has ::1."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            return "0" * 31 + "1 " in file.read()
    except FileNotFoundError:
        return False


HAS_V6 = has_v6()


def started(server):
    """For a `with`-less server of the test's own: started, and given back by stop_and_remove()."""
    try:
        return server.start()
    except BaseException:
        server.remove()
        raise


def ended_well(server):
    try:
        server.stop()
    finally:
        server.remove()


# ---- the defaults -----------------------------------------------------------------------------------


def test_without_options_both_loopback_addresses_at_8080(server):
    """Alone, the command serves the current folder to this machine, reading and writing."""
    with Namespace() as net:
        alone = Elsewhere(net.command(wire.SAMOVAR), files={})
        try:
            alone.start()
            eq(all_listening(alone, 2 if HAS_V6 else 1), [("127.0.0.1", 8080), ("::1", 8080)][:2 if HAS_V6 else 1])
            contains(alone.stdout(), "serving %s" % alone.tmp, "what the start says")
            eq(alone.stdout().count("reading and writing, for everybody"), 2 if HAS_V6 else 1)
            for address in list(alone.addresses):
                with net.do(lambda: alone.connect(address)) as conn:
                    one_of(conn.ask("PUT", "/hello.txt", (), b"hello").status, (201, 204))
                    eq(conn.ask("GET", "/hello.txt").body, b"hello")
            ok(os.path.exists(os.path.join(alone.tmp, "hello.txt")), "it lies in the current folder")
        finally:
            ended_well(alone)


def test_a_port_alone_is_loopback_only(server):
    with Namespace() as net:
        alone = Elsewhere(net.command(wire.SAMOVAR, "{root}", "--listen", "8123"))
        try:
            alone.start()
            eq(all_listening(alone, 2 if HAS_V6 else 1), [("127.0.0.1", 8123), ("::1", 8123)][:2 if HAS_V6 else 1])
        finally:
            ended_well(alone)


@cases(("serve", ["serve", "{root}"], "{root}"), ("dir alone", ["{root}"], "{root}"), ("nothing", [], "{tmp}"),
       ("named like a command", ["./status"], "{tmp}/status"), ("serve and that", ["serve", "./serve"], "{tmp}/serve"))
def test_the_folder_is_named_or_the_current_one(server, words, folder):
    one = Elsewhere([wire.SAMOVAR] + words + ["--listen", "127.0.0.1:0"])
    for name in ("status", "serve"):
        os.mkdir(os.path.join(one.tmp, name))
    with open(os.path.join(one.fill_in(folder), "here.txt"), "wb") as out:
        out.write(b"here")
    started(one)
    try:
        eq(one.get("/here.txt").body, b"here")
        contains(one.stdout(), "serving " + one.fill_in(folder))
    finally:
        ended_well(one)


# ---- kinds of addresses -----------------------------------------------------------------------------


def test_port_0_is_one_that_is_free_and_is_told(server):
    ne_zero = [port for _, port in server.addresses]
    ok(all(ne_zero), "the told ports: %r" % ne_zero)
    eq(server.get("/").status, 200)


@own_server("--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--listen", "unix:{tmp}/sock", files={"a": b"a"})
def test_many_addresses_at_once(server):
    eq(len(server.addresses), 3)
    for address in server.addresses:
        with server.connect(address) as conn:
            eq(conn.ask("GET", "/a").body, b"a")


@own_server("--listen", "127.0.0.1:0", files={"a": b"a"})
def test_every_loop_listens(server):
    """Many connections, however the kernel spreads them."""
    for _ in range(40):
        eq(server.get("/a").status, 200)


@only_over("h1", "h2", why="it reads http:// where the server says https://")
def test_version_6(server):
    if not HAS_V6:
        skip("this machine has no ::1")
    one = started(Server(["--listen", "[::1]:0"], files={"a": b"a"}))
    try:
        eq(one.addresses[0][0], "::1")
        contains(one.stdout(), "listening on http://[::1]:%d/" % one.port)
        eq(one.get("/a").body, b"a")
        eq(one.put("/b", b"b").status, 201)
    finally:
        ended_well(one)


@own_server("--listen", "unix:{tmp}/sock", files={"a": b"a"})
def test_a_unix_socket_reads_and_writes(server):
    eq(server.addresses, [server.tmp + "/sock"])
    contains(server.stdout(), "reading and writing, for everybody")
    eq(server.get("/a").body, b"a")
    eq(server.put("/b", b"b").status, 201)
    server.stop()
    ok(not os.path.exists(server.tmp + "/sock"), "the socket file is gone with the server")
    server.start()
    eq(server.get("/a").body, b"a")
    server.kill()
    ok(os.path.exists(server.tmp + "/sock"), "a crash leaves the socket file behind")
    server.start()
    eq(server.get("/a").body, b"a", "after the crash")


def test_a_unix_socket_in_use_or_another_file_is_left_alone(server):
    one = started(Server(["--listen", "unix:{tmp}/sock"], files={"a": b"a"}))
    try:
        contains(refused(fresh_folder(server), "--listen", "unix:%s/sock" % one.tmp), "is listening")
        eq(one.get("/a").body, b"a")
        path = os.path.join(one.tmp, "notes")
        with open(path, "w", encoding="ascii") as out:
            out.write("mine")
        refused(fresh_folder(server), "--listen", "unix:" + path)
        with open(path, encoding="ascii") as file:
            eq(file.read(), "mine")
    finally:
        ended_well(one)


@cases(("tcp", socket.AF_INET, ("127.0.0.1", 0), 3, 201), ("everywhere", socket.AF_INET, ("0.0.0.0", 0), 3, 403),
       ("another number", socket.AF_INET, ("127.0.0.1", 0), 7, 201))
def test_an_inherited_socket(server, family, address, number, put):
    """Socket activation; whether others can reach it is asked of the socket itself."""
    one = started(Elsewhere(with_socket([wire.SAMOVAR, "{root}", "--listen", "fd:%d" % number], family, address,
                                        number),
                            files={"a": b"a"}))
    try:
        with one.connect(("127.0.0.1", one.port)) as conn:
            eq(conn.ask("GET", "/a").body, b"a")
            eq(conn.ask("PUT", "/b", (), b"b").status, put)
    finally:
        ended_well(one)


def test_an_inherited_unix_socket(server):
    path = os.path.join(server.tmp, "activated")
    one = Elsewhere(with_socket([wire.SAMOVAR, "{root}", "--listen", "fd:3"], socket.AF_UNIX, path), files={"a": b"a"})
    try:
        one.start(wait=False)
        wait_for(lambda: "listening on" in one.stdout(), "it listens")
        with Connection(path, one.log, "localhost") as conn:
            eq(conn.ask("GET", "/a").body, b"a")
            eq(conn.ask("PUT", "/b", (), b"b").status, 201)
        one.stop()
        ok(os.path.exists(path), "whoever made the socket file removes it, not the server")
    finally:
        one.remove()


# ---- what cannot be listened on ---------------------------------------------------------------------


@cases(("a server", "samovar"), ("one that would share", "shared"), ("one that would not", "plain"))
def test_a_taken_port_is_an_error(server, who):
    """Also where SO_REUSEPORT would let the kernel give half of the connections to each."""
    if who == "samovar":
        port, other = server.port, None
    else:
        other = socket.socket()
        if who == "shared":
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
    line = refused(fresh_folder(server), "--listen", "127.0.0.1:%d" % port, status=1)
    contains(line, "127.0.0.1:%d" % port)
    contains(line, "another program is listening there")
    if other:
        other.close()


def test_an_address_of_another_machine_is_an_error(server):
    contains(refused(fresh_folder(server), "--listen", "192.0.2.1:0"), "192.0.2.1:0")


@cases(("word", "nonsense"), ("port too large", "127.0.0.1:65536"), ("no port", "127.0.0.1"), ("empty path", "unix:"),
       ("no number", "fd:x"), ("name", "example.org:80"), ("unclosed", "[::1:80"), ("negative", "-1"),
       ("long path", "unix:/" + "x" * 200), ("empty", ""))
def test_an_address_that_is_none_is_a_wrong_option(server, text):
    refused(server.root, "--listen", text, status=2)


@cases(("closed", "fd:77"), ("standard error", "fd:2"))
def test_a_descriptor_that_does_not_listen_is_an_error(server, text):
    contains(refused(fresh_folder(server), "--listen", text), text)


def test_a_privileged_port_says_what_would_help(server):
    with Namespace() as net:
        command = net.command(*as_someone_else([wire.SAMOVAR, "/", "--listen", "127.0.0.1:80"]))
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        if done.returncode == 0:
            skip("here anybody may listen on port 80")
        eq(done.returncode, 1)
        contains(done.stderr, "--run-as")


# ---- who may write ----------------------------------------------------------------------------------


def reads_only(server, port):
    with server.connect(("127.0.0.1", port)) as conn:
        eq(conn.ask("GET", "/a").body, b"a")
        refusal = conn.ask("PUT", "/b", (), b"b")
        eq(refusal.status, 403)
        contains(refusal.text, "--allow-write anyone")
        eq(conn.ask("PUT", "/a", (), b"b").status, 403)
        eq(conn.ask("DELETE", "/a").status, 403)
        eq(conn.ask("OPTIONS", "/a").status in (200, 204), True)
    eq(server.names(), ["a"])
    eq(server.read("a"), b"a")


@own_server("--listen", "0.0.0.0:0", "--listen", "127.0.0.1:0", files={"a": b"a"})
def test_where_others_can_reach_it_reading_only(server):
    """Without users; the address listened on counts, not the one that a client has."""
    reads_only(server, server.addresses[0][1])
    lines = [line for line in server.lines if line.startswith("listening")]
    contains(lines[0], "reading only")
    contains(lines[1], "reading and writing")
    with server.connect(server.addresses[1]) as conn:
        eq(conn.ask("PUT", "/c", (), b"c").status, 201)


@own_server("--listen", "0.0.0.0:0", "--allow-write", "anyone", files={"a": b"a"})
def test_allow_write_anyone(server):
    contains(server.stdout(), "reading and writing, for everybody who can reach it")
    with server.connect(("127.0.0.1", server.port)) as conn:
        eq(conn.ask("PUT", "/b", (), b"b").status, 201)
        eq(conn.ask("DELETE", "/a").status, 204)


@own_server(config='listen = { "0.0.0.0:0", "127.0.0.1:0" }\nsite "s" { root = "{root}" }\n', files={"a": b"a"})
def test_a_site_without_allow_behaves_the_same(server):
    wait_for(lambda: len(server.addresses) == 2, "both addresses are told")
    reads_only(server, server.addresses[0][1])
    with server.connect(server.addresses[1]) as conn:
        eq(conn.ask("PUT", "/c", (), b"c").status, 201)


@own_server(config='listen = { "0.0.0.0:0" }\nsite "s" { root = "{root}"\n allow-write = anyone }\n', files={"a": b"a"})
def test_allow_write_of_a_site(server):
    with server.connect(("127.0.0.1", server.port)) as conn:
        eq(conn.ask("PUT", "/b", (), b"b").status, 201)


def test_a_true_address_of_the_machine_reads_only(server):
    """Not through 0.0.0.0: an address of a network that is no loopback."""
    with Namespace() as net:
        if subprocess.run(net.command("ip", "addr", "add", "192.0.2.7/32", "dev", "lo"), check=False,
                          capture_output=True).returncode:
            skip("no address can be added in a namespace here")
        one = started(Elsewhere(net.command(wire.SAMOVAR, "{root}", "--listen", "192.0.2.7:0"), files={"a": b"a"}))
        try:
            contains(one.stdout(), "reading only")
            with net.do(one.connect) as conn:
                eq(conn.ask("GET", "/a").body, b"a")
                eq(conn.ask("PUT", "/b", (), b"b").status, 403)
        finally:
            ended_well(one)


# ---- names: DNS rebinding ---------------------------------------------------------------------------


@cases(("localhost", "localhost"), ("with a port", "localhost:8080"), ("case", "LocalHost"), ("dot", "localhost."),
       ("below", "files.localhost"), ("v4", "127.0.0.1:1"), ("another v4", "10.1.2.3"), ("v6", "[::1]:8080"),
       ("another v6", "[2001:db8::1]"), ("the machine's", socket.gethostname()))
def test_on_loopback_these_names_are_served(server, name):
    eq(server.get("/", {"Host": name}).status, 200)


@cases(("foreign", "evil.example"), ("with a port", "evil.example:8080"), ("begins", "localhost.evil.example"),
       ("ends", "notlocalhost"), ("like an address", "127.0.0.1.evil.example"), ("hidden", "127.0.0.1.nip.io"))
def test_on_loopback_other_names_are_misdirected(server, name):
    eq(server.get("/", {"Host": name}).status, 421)
    eq(server.put("/rebound", b"x", {"Host": name}).status, 421)
    eq(server.request("GET", "http://%s/" % name, {"Host": name}).status, 421)
    ok(not server.exists("rebound"), "nothing was stored")


@own_server("--listen", "127.0.0.1:0", "--host", "files.example.org")
def test_a_configured_name_is_served(server):
    eq(server.get("/", {"Host": "Files.Example.Org:8080"}).status, 200)
    eq(server.get("/", {"Host": "localhost"}).status, 200)
    eq(server.get("/", {"Host": "other.example.org"}).status, 421)


@own_server("--listen", "127.0.0.1:0", "--user", "ann:secret")
def test_with_users_any_name_is_served(server):
    """A page that rebinds its name has no password to send."""
    eq(server.get("/", {"Host": "evil.example"}).status, 401)


@cases(("cross-site", {"Sec-Fetch-Site": "cross-site"}), ("origin", {"Origin": "http://evil.example"}),
       ("null", {"Origin": "null"}), ("another port", {"Origin": "http://127.0.0.1:1"}),
       ("another scheme", {"Origin": "https://127.0.0.1"}))
def test_a_change_from_a_foreign_page_is_403(server, fields):
    server.write("origin.txt", b"old")
    eq(server.put("/origin.txt", b"new", fields).status, 403)
    eq(server.put("/origin-new.txt", b"new", fields).status, 403)
    eq(server.delete("/origin.txt", fields).status, 403)
    eq(server.read("origin.txt"), b"old")
    ok(not server.exists("origin-new.txt"), "nothing was stored")
    eq(server.get("/origin.txt", fields).body, b"old", "reading")


def test_a_change_from_our_own_page_passes(server):
    own = {"Origin": "http://%s" % server.host, "Sec-Fetch-Site": "same-origin"}
    one_of(server.put("/own.txt", b"1", own).status, (201, 204))
    one_of(server.put("/own.txt", b"2", {"Sec-Fetch-Site": "none"}).status, (201, 204))
