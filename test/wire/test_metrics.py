"""--metrics: figures rise by what was asked, in a format that others read; /health; nothing else is there."""

import os
import re
import signal
import socket
import subprocess

import tls
from openmetrics import Figures
from program import basic, refused
from wire import (OVER, TOP, VERSION, Connection, Failure, cases, contains, eq, fail, lacks, ok, own_server, skip,
                  wait_for)

METRICS = ("--metrics", "127.0.0.1:0")
HTTP = VERSION[5:].replace("2.0", "2")
METRICS_LINE = re.compile(r"^metrics on http://(127\.0\.0\.1):(\d+)/metrics$", re.M)


def place(server):
    match = wait_for(lambda: METRICS_LINE.search(server.stdout()), "the line that says where metrics are")
    return match.group(1), int(match.group(2))


def ask(server, target, method="GET", fields=(), body=None):
    """Of the metrics' listener, which speaks plain HTTP/1.1 always."""
    where = place(server)
    with Connection(where, server.log, "%s:%d" % where) as conn:
        return conn.ask(method, target, fields, body)


def figures(server):
    got = ask(server, "/metrics")
    eq(got.status, 200)
    eq(got.fields["Content-Type"], "application/openmetrics-text; version=1.0.0; charset=utf-8")
    return Figures(got.text)


def rises(server, before, **wants):
    """Each figure comes to what it was and so much more: (name, labels, more). Counting may follow the answer by a moment."""
    left = []

    def are_there():
        now = figures(server)
        left[:] = [(key, now(name, **labels) - before(name, **labels), more)
                   for key, (name, labels, more) in wants.items()
                   if now(name, **labels) - before(name, **labels) != more]
        return not left
    try:
        wait_for(are_there, "figures")
    except Failure:
        fail("figures that rose, by how much, and by how much they should have: %r" % left)


def requests(method, code, count):
    return "samovar_http_requests_total", {"method": method, "code": str(code), "version": HTTP}, count


@own_server(*METRICS, files={"ten.txt": b"0123456789"})
def test_figures_rise_by_what_was_asked(server):
    before = figures(server)
    eq(server.get("/ten.txt").status, 200)
    eq(server.get("/ten.txt", {"Range": "bytes=2-4"}).status, 206)
    eq(server.head("/ten.txt").status, 200)
    missing = server.get("/missing")
    eq(missing.status, 404)
    eq(server.put("/new", b"x" * 5000).status, 201)
    eq(server.put("/new", b"y" * 70000).status, 204)
    eq(server.delete("/new").status, 204)
    eq(server.request("BREW", "/pot").status, 501)
    rises(server, before,
          get=requests("GET", 200, 1), part=requests("GET", 206, 1), head=requests("HEAD", 200, 1),
          missing=requests("GET", 404, 1), made=requests("PUT", 201, 1), replaced=requests("PUT", 204, 1),
          gone=requests("DELETE", 204, 1), other=requests("other", 501, 1),
          all=("samovar_http_requests_total", {}, 8),
          ok=("samovar_http_request_duration_seconds_count", {"class": "2xx"}, 6),
          bad=("samovar_http_request_duration_seconds_count", {"class": "4xx"}, 1),
          none=("samovar_http_request_duration_seconds_count", {"class": "5xx"}, 1),
          received=("samovar_http_request_body_bytes_total", {}, 75000),
          connections=("samovar_connections_accepted_total", {}, 8),
          open=("samovar_connections_open", {}, 0),
          flight=("samovar_http_requests_in_flight", {}, 0),
          refused=("samovar_connections_refused_total", {}, 0))
    now = figures(server)
    ok(now("samovar_sync_duration_seconds_count") - before("samovar_sync_duration_seconds_count") >= 4, "syncs of two PUTs")
    ok(now("samovar_worker_jobs_total", lane="commit") > before("samovar_worker_jobs_total", lane="commit"), "commit jobs")
    eq(now("samovar_http2_connections_total"), 8 if OVER == "h2" else 0)
    eq(now("samovar_tls_handshakes_total", result="full"), 8 if OVER == "tls" else 0)
    eq(now("samovar_store_read_only", site="default"), 0)


@own_server(*METRICS, files={"ten.txt": b"0123456789"})
def test_content_is_counted_to_the_octet(server):
    before = figures(server)
    eq(server.get("/ten.txt").body, b"0123456789")
    eq(server.get("/ten.txt", {"Range": "bytes=2-4"}).body, b"234")
    eq(server.head("/ten.txt").status, 200)
    missing = server.get("/missing")
    eq(server.put("/new", b"x" * 123456).status, 201)
    made = server.get("/new", {"If-None-Match": "*"})
    eq(made.status, 304)
    rises(server, before, sent=("samovar_http_response_body_bytes_total", {}, 13 + len(missing.body)),
          received=("samovar_http_request_body_bytes_total", {}, 123456))


@own_server(*METRICS, "--loops", "1", files={"hot.txt": b"h" * 500})
def test_hot_answers_count_like_others(server):
    with server.connect() as conn:
        tag = conn.ask("GET", "/hot.txt").etag
        wait_for(lambda: conn.ask("GET", "/hot.txt").status == 200 and figures(server)("samovar_hot_entries") == 1,
                 "an entry of the hot cache")
        conn.ask("GET", "/hot.txt")
        before = figures(server)
        for _ in range(7):
            eq(len(conn.ask("GET", "/hot.txt").body), 500)
        eq(conn.ask("HEAD", "/hot.txt").status, 200)
        eq(conn.ask("GET", "/hot.txt", {"If-None-Match": tag}).status, 304)
        rises(server, before, hits=("samovar_hot_hits_total", {}, 9), get=requests("GET", 200, 7),
              head=requests("HEAD", 200, 1), same=requests("GET", 304, 1),
              bytes=("samovar_http_response_body_bytes_total", {}, 3500),
              timed=("samovar_http_request_duration_seconds_count", {"class": "2xx"}, 8),
              timed304=("samovar_http_request_duration_seconds_count", {"class": "3xx"}, 1),
              open=("samovar_connections_open", {}, 0))
        eq(figures(server)("samovar_connections_open"), 1)
        ok(figures(server)("samovar_hot_bytes") > 500, "bytes of the hot cache")


@own_server(*METRICS)
def test_asking_for_figures_is_not_counted(server):
    before = figures(server)
    for _ in range(5):
        ask(server, "/health")
        figures(server)
    now = figures(server)
    for name in ("samovar_http_requests_total", "samovar_connections_accepted_total", "samovar_connections_open",
                 "samovar_http_request_duration_seconds_count", "samovar_http_requests_in_flight"):
        eq(now(name), before(name), name)


@own_server(*METRICS)
def test_the_process(server):
    now = figures(server)
    ok(now("process_resident_memory_bytes") > 1 << 20, "resident memory")
    ok(now("process_virtual_memory_bytes") >= now("process_resident_memory_bytes"), "virtual memory")
    ok(now("process_cpu_seconds_total") >= 0, "processor time")
    ok(abs(now("process_open_fds") - len(server.fds())) <= 3, "open descriptors: %r against %d"
       % (now("process_open_fds"), len(server.fds())))
    ok(now("process_max_fds") >= now("process_open_fds"), "room for descriptors")
    started = os.stat("/proc/%d" % server.process.pid).st_ctime
    ok(abs(now("process_start_time_seconds") - started) < 30, "the start")
    contains(ask(server, "/metrics").text, 'samovar_build_info{version="')


def table_of_the_manual():
    with open(os.path.join(TOP, "docs", "metrics.md"), encoding="utf-8") as file:
        return re.findall(r"^\| `([a-z0-9_]+)` \| ([a-z]+) \|", file.read(), re.M)


@own_server(*METRICS)
def test_the_manual_has_each_figure_and_no_other(server):
    have = sorted((family.name, family.type) for family in figures(server).families.values())
    eq(sorted(table_of_the_manual()), have)


@own_server(*METRICS)
def test_a_reader_of_others_accepts_it(server):
    code = "from prometheus_client.openmetrics.parser import text_string_to_metric_families as read; import sys; " \
           "print(sum(1 for _ in read(sys.stdin.read())))"
    python = "/usr/bin/python3"  # the system's, which has what the system installs
    if not os.path.exists(python) or subprocess.run([python, "-c", "import prometheus_client"], capture_output=True,
                                                    check=False).returncode:
        skip("python3-prometheus-client is not installed")
    server.get("/")
    text = ask(server, "/metrics").body
    done = subprocess.run([python, "-c", code], input=text, capture_output=True, check=False, timeout=60)
    eq(done.returncode, 0, "the reader's status, with %r" % done.stderr[-500:])
    eq(int(done.stdout), len(figures(server).families))


@own_server(*METRICS)
@cases(("text", "text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"),
       ("both", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; charset=utf-8"),
       ("any", "*/*", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
       ("excluded", "application/openmetrics-text;q=0, text/plain", "text/plain; version=0.0.4; charset=utf-8"),
       ("browser", "text/html,application/xml;q=0.9,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8"))
def test_the_form_follows_accept(server, accept, media_type):
    got = ask(server, "/metrics", fields={"Accept": accept})
    eq(got.status, 200)
    eq(got.fields["Content-Type"], media_type)
    eq(got.fields["Cache-Control"], "no-store")
    if media_type.startswith("text/plain"):
        contains(got.text, "# TYPE samovar_connections_accepted_total counter\n")
        contains(got.text, "# TYPE samovar_build_info gauge\n")
        lacks(got.text, "# UNIT")
        lacks(got.text, "# EOF")


@own_server(*METRICS, files={"secret.txt": b"s"})
def test_nothing_else_is_there(server):
    for target in ("/", "/secret.txt", "/metrics/", "/metricsx", "/health/../secret.txt", "/.samovar/style.css", "*"):
        got = ask(server, target, "OPTIONS" if target == "*" else "GET")
        eq(got.status, 404, target)
        contains(got.text, "/metrics and /health")
    for method in ("PUT", "DELETE", "POST", "OPTIONS", "BREW"):
        got = ask(server, "/metrics", method)
        eq(got.status, 405, method)
        eq(got.fields["Allow"], "GET, HEAD")
    eq(ask(server, "/secret.txt", "PUT", body=b"mine").status, 404)
    eq(server.read("secret.txt"), b"s")
    eq(ask(server, "/metrics", "HEAD").body, b"")
    eq(ask(server, "/metrics?x=1").status, 200)
    eq(ask(server, "/metrics", fields={"Host": "evil.example"}).status, 421)


@own_server(*METRICS)
def test_it_speaks_plain_http1_alone(server):
    where = place(server)
    with Connection(where, server.log, "127.0.0.1") as conn:
        conn.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        ok(conn.read().status in (400, 501, 505), "HTTP/2 is refused")


@own_server(*METRICS, "--user", "alice:wonderland", files={"diary/secret-name.txt": b"s"})
def test_no_names_of_files_and_people(server):
    eq(server.get("/diary/secret-name.txt", basic("alice", "wonderland")).status, 200)
    eq(server.get("/diary/secret-name.txt?token=abc").status, 401)
    text = ask(server, "/metrics").text + ask(server, "/health").text
    for word in ("alice", "secret", "diary", "token", server.root, "127.0.0.1"):
        lacks(text, word)


@own_server(*METRICS)
def test_health(server):
    got = ask(server, "/health")
    eq((got.status, got.body), (200, b"ok\nsite default: reads and writes\n"))
    eq(got.fields["Cache-Control"], "no-store")
    eq(got.fields["Content-Type"], "text/plain; charset=utf-8")
    eq(ask(server, "/health", "HEAD").status, 200)


@own_server(config='''listen = { "127.0.0.1:0" }
metrics = "127.0.0.1:0"
site one { root = "{root}" }
site two { root = "{tmp}/two" read-only = on host = { "two.example" } }
''', before=lambda server: os.mkdir(server.tmp + "/two"))
def test_health_of_two_sites(server):
    eq(ask(server, "/health").body, b"ok\nsite one: reads and writes\nsite two: reads, is not written\n")
    now = figures(server)
    eq(now("samovar_store_read_only", site="one"), 0)
    eq(now("samovar_store_read_only", site="two"), 1)


@own_server(*METRICS, "--limit", "connections=1", "--loops", "1")
def test_it_answers_when_the_house_is_full(server):
    with server.connect() as conn:
        eq(conn.ask("GET", "/").status, 200)
        refused_one = socket.create_connection(server.addresses[0], 5)
        eq(refused_one.recv(1), b"")
        refused_one.close()
        eq(ask(server, "/health").status, 200)
        eq(figures(server)("samovar_connections_refused_total"), 1)
        eq(figures(server)("samovar_connections_open"), 1)


@own_server(*METRICS, "--loops", "1", files={"big": b"b" * (64 << 20)})
def test_health_says_that_the_server_stops(server):
    where = place(server)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    slow.settimeout(20)
    slow.connect(server.addresses[0])
    if server.is_secure(server.addresses[0]):
        slow = tls.wrap(slow, None, "127.0.0.1")
    with slow:
        slow.sendall(b"GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        eq(slow.recv(5), b"HTTP/")
        eq(figures(server)("samovar_http_requests_in_flight"), 1)
        server.signal(signal.SIGTERM)

        def stopping():
            got = ask(server, "/health")
            return got.status == 503 and got
        got = wait_for(stopping, "503 at /health")
        ok(got.text.startswith("not ok\nstopping: "), got.text)
        ok(figures(server)("samovar_http_requests_in_flight") == 1, "figures are there to the last")
    eq(server.process.wait(10), 0)
    server.process = None
    try:
        socket.create_connection(where, 5).close()
        raise AssertionError("somebody still listens for metrics")
    except ConnectionRefusedError:
        pass


@own_server(files={"a": b"a"})
def test_without_the_option_there_is_none(server):
    lacks(server.stdout(), "metrics on")


def test_a_taken_address_is_said(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        folder = os.path.join(server.tmp, "other")
        os.makedirs(folder, exist_ok=True)
        line = refused("serve", folder, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:%d" % port)
        contains(line, "cannot listen on 127.0.0.1:%d: " % port)
        contains(line, "choose another with --metrics")
