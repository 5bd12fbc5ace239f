"""policy.md §7: the extension *reason*: who wants something says why, and that is in the audit log before he gets it."""

from wire import VERSION, cases, contains, eq, head_of, obliges, ok, only_over, wait_for

FILES = {"a b": b"1", "free": b"2"}
CONFIG = '''listen = { "127.0.0.1:0" }
access-log = "{tmp}/access.log"
site "s" {
  root = "{root}"
  allow-write = anyone
  extensions = on
  require-extension = "reason"
  at "/never" { allow "*" { rights = { "list" } } }
}
'''
MAN = '"urn:samovar:ext:reason"; ns=16'


def told(server, text):
    """The lines of the audit log that have this text."""
    return [line for line in server.lines if " audit: " in line and text in line]


def one_told(server, text):
    [line] = wait_for(lambda: told(server, text), "a line of the audit log with %r" % text)
    return line


@obliges("POL-70", "POL-76", "POL-86")
def test_the_reason_is_written_down(server):
    got = server.request("M-GET", "/a%20b", {"Man": MAN, "16-reason": "case 4711, asked by the board"})
    eq(got.status, 200)
    line = one_told(server, "4711")
    contains(line, "somebody (127.0.0.1) gave a reason for M-GET /a%20b: case 4711, asked by the board")


@cases(("missing", {}), ("empty", {"16-reason": ""}), ("blank", {"16-reason": "  \t "}),
       ("under another prefix", {"17-reason": "x"}), ("too long", {"16-reason": "x" * 1025}))
def test_it_has_to_be_there(server, fields):
    got = server.request("M-PUT", "/new", {"Man": MAN, **fields}, b"x")
    eq(got.status, 400)
    contains(got.text, "reason")
    ok(not server.exists("new"), "nothing was stored")


def test_without_a_prefix_there_is_no_place_for_it(server):
    got = server.request("M-GET", "/free", {"Man": '"urn:samovar:ext:reason"', "16-reason": "x", "reason": "x"})
    eq(got.status, 400)
    contains(got.text, "ns=16")


def test_who_may_not_is_written_down_too(server):
    got = server.request("M-PUT", "/never/x", {"Man": MAN, "16-reason": "curiosity"}, b"x")
    eq(got.status, 403)
    contains(one_told(server, "curiosity"), "gave a reason for M-PUT /never/x and was refused (403): curiosity")


def test_what_failed_later_stands_there_once(server):
    eq(server.request("M-GET", "/missing", {"Man": MAN, "16-reason": "looking around"}).status, 404)
    one_told(server, "looking around")


def test_each_declaration_has_its_own(server):
    both = MAN + ', "urn:samovar:ext:reason"; ns=17'
    eq(server.request("M-GET", "/free", {"Man": both, "16-reason": "first of two"}).status, 400)
    got = server.request("M-GET", "/free", {"Man": both, "16-reason": "first of two", "17-reason": "second of two"})
    eq(got.status, 200)
    one_told(server, "first of two")
    one_told(server, "second of two")


def test_several_lines_are_one_reason(server):
    got = server.request("M-GET", "/free", [("Man", MAN), ("16-reason", "half one"), ("16-reason", "half two")])
    eq(got.status, 200)
    one_told(server, "half one, half two")


@only_over("h1", "tls", why="HTTP/2 has no such octets")
def test_nothing_in_it_begins_another_line(server):
    data = head_of("M-GET", "/free", {"Man": MAN, "16-reason": "tabs\there \xc2\x9b7m end"})
    with server.connect() as conn:
        eq(conn.send(data).read().status, 200)
    line = one_told(server, "tabs")
    contains(line, "tabs?here ?7m end")


@obliges("POL-70")
def test_the_access_log_has_the_method_as_sent(server):
    eq(server.request("M-GET", "/free?logged", {"Man": MAN, "16-reason": "x"}).status, 200)
    text = wait_for(lambda: [line for line in open(server.tmp + "/access.log") if "logged" in line], "the access line")
    contains(text[0], '"M-GET /free?logged %s"' % VERSION)
