"""Destination: which URLs lead to this server, and what becomes of the others (RFC 4918 §10.3)."""

import os

from wire import cases, eq, obliges, ok, one_of, own_server

FILES = {"src.txt": b"source", "dir/in.txt": b"in", ".hidden/x": b"x"}


def both(server, destination, fields=(), want=201, lands=None):
    """COPY and MOVE of a file of their own there; lands: where it must be then."""
    for method in ("COPY", "MOVE"):
        server.write("from.txt", b"from")
        before = server.names()
        got = server.request(method, "/from.txt", [("Destination", destination)] + list(fields))
        eq(got.status, want, f"{method} to {destination}")
        if want != 201:
            eq(server.names(), before, "nothing was changed")
            eq(server.read("from.txt"), b"from")
            continue
        eq(server.read(lands), b"from", f"{method} to {destination}")
        eq(server.exists("from.txt"), method == "COPY")
        eq(server.delete(got.fields["Location"]).status, 204, "Location is where it is")


@obliges("DAV-087")
@cases(("path", "/new.txt", "new.txt"), ("with port", "http://{host}/new.txt", "new.txt"),
       ("https", "https://{host}/new.txt", "new.txt"), ("capitals", "HTTP://{host}/new.txt", "new.txt"),
       ("without port", "http://{name}/new.txt", "new.txt"), ("usual port", "http://{name}:80/new.txt", "new.txt"),
       ("usual of https", "https://{name}:443/new.txt", "new.txt"), ("encoded", "/n%65w%20%C3%A9.txt", "new é.txt"),
       ("absolute encoded", "http://{host}/n%65w%20%C3%A9.txt", "new é.txt"), ("percent", "/100%25.txt", "100%.txt"),
       ("small hex", "/%c3%a9.txt", "é.txt"), ("in a folder", "/dir/new.txt", "dir/new.txt"),
       ("plus", "/a+b.txt", "a+b.txt"),
       ("sub-delims", "/a!$&'()*,;=:@b.txt", "a!$&'()*,;=:@b.txt"), ("blanks around", "  /new.txt  ", "new.txt"),
       ("blank", "/new file.txt", "new file.txt"), ("utf-8", "/é.txt".encode().decode("latin-1"), "é.txt"),
       ("absolute blank", "http://{host}/new file.txt", "new file.txt"), ("with a slash", "/new.txt/", "new.txt"))
def test_where_it_leads(server, destination, lands):
    both(server, destination.format(host=server.host, name=server.host.rsplit(":", 1)[0]), lands=lands)


@obliges("DAV-089", "DAV-086")
@cases(("empty", ""), ("blank", " "), ("relative", "new.txt"), ("dots", "/dir/../new.txt"), ("dot", "/./new.txt"),
       ("encoded dots", "/dir/%2e%2e/new.txt"), ("absolute dots", "http://{host}/dir/../new.txt"),
       ("last dots", "/dir/.."),
       ("two slashes", "//{host}/new.txt"), ("slashes inside", "/dir//new.txt"), ("no authority", "http:///new.txt"),
       ("fragment", "/new.txt#f"), ("query", "/new.txt?q"), ("absolute query", "http://{host}/new.txt?q"),
       ("cut percent", "/new%2"), ("no hex", "/new%xy"), ("encoded slash", "/dir%2fnew.txt"),
       ("encoded nul", "/new%00.txt"),
       ("encoded slash dots", "/dir%2f..%2fnew.txt"), ("userinfo", "http://me:secret@{host}/new.txt"),
       ("asterisk", "*"),
       ("bad port", "http://{name}:port/new.txt"), ("high port", "http://{name}:65536/new.txt"),
       ("quoted", '"/new.txt"'), ("brackets", "</new.txt>"), ("backslash", "\\new.txt"), ("long", "/" + 9000 * "x"))
def test_what_leads_nowhere(server, destination):
    both(server, destination.format(host=server.host, name=server.host.rsplit(":", 1)[0]), want=400)


@obliges("DAV-086")
def test_none_and_two_are_400(server):
    for method in ("COPY", "MOVE"):
        eq(server.request(method, "/src.txt").status, 400, method)
        got = server.request(method, "/src.txt", [("Destination", "/one.txt"), ("Destination", "/two.txt")])
        eq(got.status, 400, method)
    eq(server.read("src.txt"), b"source")
    ok(not server.exists("one.txt") and not server.exists("two.txt"), "nothing was made")


@obliges("DAV-088")
@cases(("name", "http://elsewhere.example/new.txt"), ("port", "http://{name}:1/new.txt"),
       ("scheme", "ftp://{host}/new.txt"),
       ("file", "file:///tmp/new.txt"), ("longer", "http://{name}.example/new.txt"),
       ("address", "http://192.0.2.1/new.txt"),
       ("v6", "http://[2001:db8::1]/new.txt"))
def test_what_is_on_another_server_is_502(server, destination):
    destination = destination.format(host=server.host, name=server.host.rsplit(":", 1)[0])
    if destination.startswith("file:"):
        got = server.request("COPY", "/src.txt", {"Destination": destination})
        one_of(got.status, (400, 502))  # no authority: malformed for http, foreign as a scheme
        return
    both(server, destination, want=502)


@obliges("DAV-088")
def test_what_others_forwarded_says_nothing_without_trust(server):
    both(server, "http://public.example/new.txt", [("X-Forwarded-Host", "public.example")], want=502)
    both(server, "http://public.example/new.txt", [("Forwarded", "host=public.example")], want=502)


PROXY = ("--trusted-proxies", "127.0.0.1", "--allow-write", "anyone")


@obliges("DAV-087", "DAV-088")
@own_server(*PROXY, files={})
def test_behind_a_proxy_its_name_is_ours(server):
    client = ("X-Forwarded-For", "192.0.2.7")
    host, proto = ("X-Forwarded-Host", "public.example"), ("X-Forwarded-Proto", "https")
    for fields, url in (([host], "http://public.example/new.txt"), ([host, proto], "https://public.example/new.txt"),
                        ([host, proto], "https://public.example:443/new.txt"), ([host, proto], "/new.txt"),
                        ([("X-Forwarded-Host", "public.example:8443"), proto], "https://public.example:8443/new.txt"),
                        ([("X-Forwarded-Host", "PUBLIC.example"), proto], "https://public.EXAMPLE/new.txt"),
                        ([host, proto], "http://public.example/new.txt")):
        both(server, url, fields + [client], lands="new.txt")
    both(server, "https://other.example/new.txt", [host, proto, client], want=502)
    both(server, "https://public.example.org/new.txt", [host, proto, client], want=502)
    both(server, "https://public.example/new.txt", [client], want=502)


SITES = """
listen = { "127.0.0.1:0" }
site "one" {
    root = "{root}"
    host = { "one.example", "uno.example" }
    allow-write = anyone
}
site "two" {
    root = "{tmp}/two"
    host = { "two.example" }
    allow-write = anyone
}
"""


def make_two(server):
    os.mkdir(server.tmp + "/two")


@obliges("DAV-087", "DAV-088")
@own_server(config=SITES, files={}, before=make_two)
def test_a_sites_names_are_all_its_own_and_no_others(server):
    host = ("Host", "one.example")
    both(server, "http://one.example/new.txt", [host], lands="new.txt")
    both(server, "http://uno.example/new.txt", [host], lands="new.txt")
    both(server, "http://two.example/new.txt", [host], want=502)
    both(server, "http://three.example/new.txt", [host], want=502)


RIGHTS = """
listen = { "127.0.0.1:0" }
site "box" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" {
        allow "alice" { rights = { "read", "write" } }
        allow "*" { rights = { "read" } }
    }
    at "/drop" { allow "*" { rights = { "create" } } }
    at "/deny" {
        hidden = deny
        allow "*" { rights = { "read", "write" } }
    }
}
"""


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        out.write("alice:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


ALICE = {"Authorization": "Basic YWxpY2U6YWRhIHNlY3JldA=="}


@own_server(config=RIGHTS, before=write_users, files={"a.txt": b"a", "drop/there.txt": b"t", "deny/x": b"x"})
def test_rights_are_those_of_the_destination(server):
    def ask(method, destination, **fields):
        return server.request(method, "/a.txt", {"Destination": destination, **fields}).status

    eq(ask("COPY", "/b.txt"), 401, "logging in would help")
    eq(ask("COPY", "/drop/new.txt"), 201, "it may be created there")
    eq(server.read("drop/new.txt"), b"a")
    eq(ask("COPY", "/drop/there.txt"), 403, "and not replaced")
    eq(server.read("drop/there.txt"), b"t")
    one_of(ask("MOVE", "/drop/moved.txt"), (401, 403))
    ok(server.exists("a.txt") and not server.exists("drop/moved.txt"), "the source may not go")
    eq(ask("COPY", "/.samovar/x", **ALICE), 403)
    eq(ask("COPY", "/.samovar", **ALICE), 403)
    eq(ask("COPY", "/deny/.hidden", **ALICE), 403)
    eq(ask("COPY", "/deny/seen", **ALICE), 201)
    eq(server.names("deny"), ["seen", "x"])


@own_server("--hidden", "deny", files={"a.txt": b"a", ".secret": b"s", "dir/.secret": b"s", "dir/seen": b"s"})
def test_what_is_hidden_is_neither_source_nor_destination(server):
    one_of(server.request("COPY", "/.secret", {"Destination": "/open.txt"}).status, (403, 404))
    one_of(server.request("MOVE", "/.secret", {"Destination": "/open.txt"}).status, (403, 404))
    one_of(server.request("COPY", "/a.txt", {"Destination": "/.secret"}).status, (403, 404))
    one_of(server.request("MOVE", "/a.txt", {"Destination": "/.other"}).status, (403, 404))
    eq(server.names(), [".secret", "a.txt", "dir"])
    eq(server.read(".secret"), b"s")
