"""The access log: both formats, escaping, what never stands in it; and whose address it is behind trusted proxies."""

import json
import os
import re
import signal
import stat

from program import basic, fresh_folder, refused
from wire import VERSION, Server, cases, contains, eq, head_of, lacks, ok, one_of, own_server, wait_for

COMBINED = re.compile(r'\A(?P<address>\S+) - (?P<user>\S+) \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] '
                      r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<bytes>\d+|-) '
                      r'"(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"\Z')


def raw_lines(server, name="log"):
    path = os.path.join(server.tmp, name)
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        data = file.read()
    return data[:data.rindex(b"\n")].split(b"\n") if b"\n" in data else []


def lines(server, count, name="log"):
    """So many lines, once they are there, each parsed as what its format is."""
    got = wait_for(lambda: len(raw_lines(server, name)) >= count and raw_lines(server, name), "%d lines" % count)
    eq(len(got), count, "lines in the log: %r" % got)
    return [parsed(line) for line in got]


def parsed(line):
    ok(re.fullmatch(rb"[\x20-\x7e\x80-\xff]*", line), "control bytes in %r" % line)
    if line.startswith(b"{"):
        return json.loads(line.decode("utf-8"))
    ok(re.fullmatch(rb"[\x20-\x7e]*", line), "only ASCII in %r" % line)
    match = COMBINED.match(line.decode("ascii"))
    ok(match, "a line in combined format: %r" % line)
    return match.groupdict()


# One loop: two would write their lines in either order.
LOG = ("--access-log", "{tmp}/log", "--loops", "1")
JSON = LOG + ("--log-format", "json")


@own_server(files={"a": b"a"})
def test_it_is_off_by_default(server):
    server.get("/a")
    server.get("/missing")
    server.stop()
    lacks(server.stdout(), "GET")
    lacks(server.stderr(), "GET")
    server.start()


@own_server(*LOG, files={"a.txt": b"0123456789"})
def test_combined(server):
    server.get("/a.txt?q=1", {"User-Agent": "Probe/1.0", "Referer": "http://example.org/"})
    server.get("/a.txt", {"Range": "bytes=0-3"})
    server.head("/a.txt")
    server.get("/missing")
    server.put("/b", b"b")
    server.delete("/b")
    server.request("FROB", "/")
    got = lines(server, 7)
    eq(got[0], {"address": "127.0.0.1", "user": "-", "request": "GET /a.txt?q=1 " + VERSION, "status": "200",
                "bytes": "10",
                "referer": "http://example.org/", "agent": "Probe/1.0"})
    eq([(line["request"], line["status"]) for line in got[1:]],
       [("GET /a.txt " + VERSION, "206"), ("HEAD /a.txt " + VERSION, "200"), ("GET /missing " + VERSION, "404"),
        ("PUT /b " + VERSION, "201"), ("DELETE /b " + VERSION, "204"), ("FROB / " + VERSION, "501")])
    eq([line["bytes"] for line in got[1:3]], ["4", "-"])
    eq((got[1]["referer"], got[1]["agent"]), ("-", "-"))
    eq(stat.S_IMODE(os.stat(server.tmp + "/log").st_mode) & 0o007, 0, "nobody else reads who read what")


@own_server(*JSON, files={"a.txt": b"0123456789"})
def test_json(server):
    server.get("/a.txt?q=1", {"User-Agent": "Probe/1.0", "Referer": "http://example.org/"})
    server.request("GET", "/a.txt", (), None, "HTTP/1.0")
    first, second = lines(server, 2)
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time")), "the time")
    ok(first.pop("duration_us") >= 0, "the duration")
    first_id = first.pop("id")
    eq(first, {"address": "127.0.0.1", "method": "GET", "target": "/a.txt?q=1", "version": VERSION,
               "host": server.host, "status": 200, "bytes": 10, "referer": "http://example.org/", "agent": "Probe/1.0"})
    eq((second["version"], second["status"]), ("HTTP/1.0", 200))
    ok(second["id"] != first_id, "each exchange has its id")


@own_server("--access-log", "-", files={"a": b"a"})
def test_a_dash_is_standard_output(server):
    server.get("/a", {"User-Agent": "Probe"})
    wait_for(lambda: any('"GET /a %s" 200 1 "-" "Probe"' % VERSION in line for line in server.lines),
             "the line: %r" % server.lines)


@own_server(*LOG, files={"a": b"a"})
def test_every_request_is_one_line(server):
    """Hot or not, pipelined or alone, refused or served."""
    with server.connect() as conn:
        for _ in range(10):
            conn.ask("GET", "/a")
        conn.send(head_of("GET", "/a") * 5)
        for _ in range(5):
            conn.read()
    for _ in range(5):
        server.raw(b"GET / HTTP/1.1\r\nbroken\r\n\r\n")
    got = lines(server, 20)
    eq([line["status"] for line in got], ["200"] * 15 + ["400"] * 5)


@own_server(*LOG, files={"a": b"a"})
def test_control_bytes_and_quotes_are_escaped(server):
    """A line stays one line, and a quote ends no field."""
    server.get("/a", {"User-Agent": 'a"b\\c\xff\xc3\xa9\td'})
    server.get('/a%0Ab%22?x="y"', {"Referer": '" 200 9 "-" "forged'})
    server.get("/\xc3\xa9")
    server.raw(b"GET /\x01\x1b[31m HTTP/1.1\r\nHost: x\r\n\r\n")
    server.raw(b"G\x7fT / HTTP/1.1\r\nHost: x\r\n\r\n")
    got = lines(server, 5)
    eq(got[0]["agent"], 'a\\"b\\\\c\\xff\\xc3\\xa9\\x09d')
    eq(got[1]["referer"], '\\" 200 9 \\"-\\" \\"forged')
    contains(got[1]["request"], "/a%0Ab%22")
    lacks(str(got), "\x1b")


@own_server(*JSON, files={"a": b"a"})
def test_control_bytes_and_quotes_are_escaped_in_json(server):
    agent = 'a"b\\c\xff\td'
    server.get("/a", {"User-Agent": agent})
    server.get("/a", {"User-Agent": "caf\xc3\xa9 \xc2\x85 \xed\xa0\x80"})
    server.raw(b"GET /\x01\x1b[31m HTTP/1.1\r\nHost: x\r\n\r\n")
    got = lines(server, 3)
    eq(got[0]["agent"], 'a"b\\c\\xff\td')
    ok(got[1]["agent"].startswith("caf\xe9 "), "good UTF-8 stays readable: %r" % got[1]["agent"])
    lacks(got[1]["agent"], "\x85")


SECRETS = ("hunter2", "aHVudGVy", "cookie-4711", "opaquelocktoken", "bearer-0815")


def send_secrets(server):
    server.get("/a", dict(basic("ann", "hunter2"), Cookie="session=cookie-4711"))
    server.get("/a", dict(basic("ann", "hunter2!"), **{"Lock-Token": "<opaquelocktoken:1>"}))
    server.get("/a", {"Authorization": "Bearer bearer-0815", "If": "(<opaquelocktoken:1>)"})
    server.get("/a", {"Proxy-Authorization": "Bearer bearer-0815", "Cookie": "a=cookie-4711"})


@cases(("combined", "combined"), ("json", "json"))
def test_secrets_never_stand_in_it(server, form):
    one = Server(["--user", "ann:hunter2", "--access-log", "{tmp}/log", "--loops", "1", "--log-format", form],
                 files={"a": b"a"})
    try:
        one.start()
        send_secrets(one)
        got = lines(one, 4)
        text = b"\n".join(raw_lines(one)).decode("latin-1")
        for secret in SECRETS:
            lacks(text, secret, "the log")
        eq(got[0]["user"], "ann", "who it was")
        eq((got[1]["user"], str(got[1]["status"])), ("ann", "401"), "whom a refused one said to be")
        for line in got[2:]:
            one_of(line.get("user", "-"), ("-",), "nobody")
        one.stop()
        lacks(one.stdout() + one.stderr(), "hunter2")
    finally:
        one.stop(check=False)
        one.remove()


@own_server("--access-log", "{tmp}/root/log", files={"a": b"a"})
def test_the_log_is_refused_inside_the_root(server):
    server.get("/a")
    wait_for(lambda: os.path.getsize(server.path("log")), "the line")
    one_of(server.get("/log").status, (403, 404))
    one_of(server.put("/log", b"x").status, (403, 404, 409))
    one_of(server.delete("/log").status, (403, 404))


@own_server(*LOG, files={"a": b"a"})
def test_usr1_opens_it_anew(server):
    """As logrotate asks."""
    server.get("/a?before")
    lines(server, 1)
    os.rename(server.tmp + "/log", server.tmp + "/log.1")
    server.signal(signal.SIGUSR1)
    wait_for(lambda: os.path.exists(server.tmp + "/log") or not server.get("/a?while"), "the new file is there", 5)
    server.get("/a?after")
    wait_for(lambda: any(b"after" in line for line in raw_lines(server)), "the line in the new file")
    for line in raw_lines(server) + raw_lines(server, "log.1"):
        parsed(line)
    lacks(str(raw_lines(server, "log.1")), "after")


def test_a_log_that_cannot_be_written_is_told_at_the_start(server):
    contains(refused(fresh_folder(server), "--listen", "127.0.0.1:0", "--access-log", "/nonexistent/log", status=1),
             "/nonexistent/log")


@own_server("--access-log", "/dev/full", files={"a": b"a"})
def test_a_full_disk_under_the_log_holds_nothing_up(server):
    for _ in range(50):
        eq(server.get("/a").body, b"a")


@own_server(*LOG)
def test_a_line_is_written_before_the_end(server):
    server.get("/last")
    server.stop()
    eq(len(raw_lines(server)), 1)
    server.start()


# ---- trusted proxies --------------------------------------------------------------------------------

FORWARDED = {"Forwarded": 'for=192.0.2.60;proto=http;by=203.0.113.43'}
X_FORWARDED = {"X-Forwarded-For": "192.0.2.61"}


@own_server(*JSON, files={"a": b"a"})
def test_nobody_is_trusted_by_default(server):
    for fields in (FORWARDED, X_FORWARDED) * 3:
        server.get("/a", fields)
    eq([line["address"] for line in lines(server, 6)], ["127.0.0.1"] * 6)


@own_server("--trusted-proxies", "127.0.0.1, 10.0.0.0/8, 2001:db8::/32", *JSON, files={"a": b"a"})
def test_a_trusted_proxy_is_believed(server):
    """The last address that no trusted proxy has; also when the file is hot."""
    asked = (
        (FORWARDED, "192.0.2.60"), (X_FORWARDED, "192.0.2.61"),
        ({"X-Forwarded-For": "6.6.6.6, 192.0.2.62, 10.1.2.3"}, "192.0.2.62"),
        ({"Forwarded": 'for=6.6.6.6, for="192.0.2.63:8080", for=10.9.9.9'}, "192.0.2.63"),
        ({"Forwarded": 'for="[2001:db9::1]:4711"'}, "2001:db9::1"),
        ({"Forwarded": 'for=192.0.2.64, for="[2001:db8::7]"'}, "192.0.2.64"),
        ({}, "127.0.0.1"), ({"X-Forwarded-For": "nonsense\"\\"}, "127.0.0.1"),
        (dict(FORWARDED, **X_FORWARDED), "127.0.0.1"), ({"X-Forwarded-For": "10.1.1.1"}, "10.1.1.1"))
    for _ in range(2):
        for fields, _ in asked:
            eq(server.get("/a", fields).body, b"a")
    got = [line["address"] for line in lines(server, 2 * len(asked))]
    eq(got, [address for _, address in asked] * 2)


@own_server("--trusted-proxies", "10.0.0.0/8", *JSON, files={"a": b"a"})
def test_another_address_than_the_proxys_is_not_believed(server):
    for fields in (FORWARDED, X_FORWARDED) * 2:
        server.get("/a", fields)
    eq([line["address"] for line in lines(server, 4)], ["127.0.0.1"] * 4)


@own_server(config='listen = { "127.0.0.1:0" }\naccess-log = "{tmp}/log"\nlog-format = json\n'
            'trusted-proxies = { "127.0.0.0/8" }\nsite "s" { root = "{root}" }\n', files={"a": b"a"})
def test_proxies_may_change_with_a_reload(server):
    server.get("/a", FORWARDED)
    with open(server.config_path, encoding="utf-8") as file:
        text = file.read()
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(text.replace("127.0.0.0/8", "10.0.0.0/8"))
    server.signal(signal.SIGHUP)
    wait_for(lambda: "reloaded" in server.lines, "it is reloaded")
    eq(lines(server, 1)[0]["address"], "192.0.2.60")

    def last_address():
        server.get("/a", FORWARDED)
        wait_for(lambda: raw_lines(server), "lines")
        return parsed(raw_lines(server)[-1])["address"]

    wait_for(lambda: last_address() == "127.0.0.1", "the proxy is trusted no more")


@cases(("x", {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Host": "files.example.org", "X-Forwarded-Proto": "https"}),
       ("standard", {"Forwarded": "for=192.0.2.9;host=files.example.org;proto=https"}))
@own_server("--trusted-proxies", "127.0.0.1", "--allow-write", "anyone", files={"a": b"a"})
def test_a_page_behind_a_trusted_proxy_is_our_own(server, fields):
    """The proxy asks us as 127.0.0.1; the browser's page has the proxy's name."""
    eq(server.put("/b", b"b", dict(fields, Origin="https://files.example.org")).status, 201)
    eq(server.put("/c", b"c", dict(fields, Origin="https://evil.example")).status, 403)
    eq(server.put("/c", b"c", dict(fields, **{"Sec-Fetch-Site": "cross-site"})).status, 403)
    eq(server.put("/c", b"c", {"Origin": "https://files.example.org"}).status, 403, "without the proxy's word")


@own_server(files={"a": b"a"})
def test_a_name_that_nobody_trusted_wrote_is_not_believed(server):
    for fields in ({"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        eq(server.put("/c", b"c", dict(fields, Origin="http://evil.example")).status, 403)
