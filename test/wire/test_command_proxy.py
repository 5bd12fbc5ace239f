"""A proxy on this machine, named in trusted-proxies: what counts is whom it speaks for, not where it runs."""

from test_demands_who import CONFIG as COUNTRIES, FRENCH, GERMAN, write_here
from wire import cases, eq, own_server

OPTIONS = ["--trusted-proxies", "127.0.0.1"]
FILES = {"a.txt": b"a"}


@cases(("stranger", "192.0.2.7", 403), ("stranger6", "2001:db8::7", 403), ("local", "127.0.0.1", 204))
def test_writing_is_for_whom_the_proxy_speaks(server, client, status):
    eq(server.put("/a.txt", b"a", {"X-Forwarded-For": client}).status, status)
    eq(server.get("/a.txt", {"X-Forwarded-For": client}).status, 200)


@cases(("who says it otherwise", {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=127.0.0.1"}),
       ("who says nonsense otherwise", {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=x"}),
       ("whom the proxy does not know", {"X-Forwarded-For": "unknown"}),
       ("whom one behind it does not know", {"X-Forwarded-For": "unknown, 127.0.0.1"}),
       ("whom it hides", {"Forwarded": "for=_hidden"}))
def test_who_is_not_known_is_not_from_here(server, fields):
    eq(server.put("/a.txt", b"a", fields).status, 403)
    eq(server.get("/a.txt", fields).status, 200)


def test_without_a_proxy_between_nothing_changes(server):
    eq(server.put("/a.txt", b"a").status, 204)


@own_server("--trusted-proxies", "127.0.0.1", "--allow-write", "anyone", files={"a.txt": b"a"})
def test_anyone_is_anyone(server):
    eq(server.put("/a.txt", b"b", {"X-Forwarded-For": "192.0.2.7"}).status, 204)


@own_server(files={"a.txt": b"a"})
def test_who_is_no_trusted_proxy_cannot_say_it_is_another(server):
    eq(server.put("/a.txt", b"b", {"X-Forwarded-For": "192.0.2.7"}).status, 204)


@own_server(config=COUNTRIES, files={"books/banned/a.txt": b"secret"}, before=write_here)
def test_who_hides_where_he_is_is_kept_from_what_others_are(server):
    eq(server.get("/books/banned/a.txt", FRENCH).status, 200)
    for fields in (GERMAN, {**GERMAN, "Forwarded": "for=198.51.100.7"}, {**GERMAN, "Forwarded": "for=x"},
                   {"X-Forwarded-For": "unknown"}):
        eq(server.get("/books/banned/a.txt", fields).status, 451, fields)
