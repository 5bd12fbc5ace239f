"""policy.md §7: mandatory requests (RFC 2774): declarations, 510, Ext and C-Ext. The extension itself is mostly *reason*."""

from dav import multistatus
from wire import cases, contains, date_seconds, eq, head_of, obliges, ok, only_over, own_server

FILES = {"doc": b"a document", "audited/a": b"of somebody", "audited/sub/b": b"too", "audited/free/c": b"c",
         "open/c": b"c", "shut/d": b"d"}
CONFIG = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  allow-write = anyone
  extensions = on
  at "/audited" { require-extension = "reason" }
  at "/audited/free" { require-extension = "none" }
  at "/exact" { require-extension = "urn:samovar:ext:integrity" }
  at "/shut" { allow "*" { rights = { "list" } } }
}
'''
OFF = 'listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n}\n'

REASON = '"urn:samovar:ext:reason"; ns=16'
BECAUSE = {"Man": REASON, "16-reason": "review"}
UNKNOWN = '"http://other.example/unknown"'


def fulfilled(got, status=200):
    eq(got.status, status)
    eq(got.fields.all("Ext"), [""], "Ext")
    return got


def refused(got, status, *texts):
    eq(got.status, status)
    ok("Ext" not in got.fields and "C-Ext" not in got.fields, "no Ext in a refusal: %r" % got.fields)
    for text in texts:
        contains(got.text, text)
    return got


# ---- mandatory requests -----------------------------------------------------------------------------


@obliges("POL-70", "POL-77", "POL-78")
def test_a_mandatory_get_is_a_get_and_says_ext(server):
    plain, got = server.get("/doc"), server.request("M-GET", "/doc", BECAUSE)
    fulfilled(got)
    eq(got.body, b"a document")
    eq(got.etag, plain.etag)
    contains(got.fields["Cache-Control"], "no-cache")
    ok("Ext" not in plain.fields, "a plain answer has no Ext")


@obliges("POL-70", "POL-77")
@cases(("not modified", {"If-None-Match": "*"}, 304), ("a range", {"Range": "bytes=0-0"}, 206))
def test_its_final_status_is_as_usual(server, fields, status):
    fulfilled(server.request("M-GET", "/doc", {**BECAUSE, **fields}), status)


@obliges("POL-78")
def test_what_caches_may_keep_is_narrowed_to_ext(server):
    got = fulfilled(server.request("M-OPTIONS", "/doc", BECAUSE))
    contains(got.fields["Cache-Control"], 'no-cache="Ext"')


@obliges("POL-71", "POL-74")
@cases(("Man", {"Man": UNKNOWN}), ("with a prefix", {"Man": UNKNOWN + "; ns=21", "21-x": "y"}),
       ("an unknown field's name", {"Man": '"Range"'}))
def test_an_unknown_extension_is_510_without_effect(server, fields):
    refused(server.request("M-PUT", "/never", fields, b"x"), 510, "not known", "urn:samovar:ext:reason")
    ok(not server.exists("never"), "nothing was stored")


@obliges("POL-71", "POL-90")
@only_over("h1", "tls", why="HTTP/2 has no Connection")
def test_an_unknown_extension_of_this_hop_is_510(server):
    refused(server.request("M-DELETE", "/doc", {"C-Man": UNKNOWN, "Connection": "C-Man"}), 510, "other.example")
    ok(server.exists("doc"), "it is still there")


@obliges("POL-72")
@cases(("one line", [("Man", REASON + ", " + UNKNOWN)]), ("two lines", [("Man", REASON), ("Man", UNKNOWN)]),
       ("the unknown first", [("Man", UNKNOWN), ("Man", REASON)]))
def test_all_declarations_must_be_known(server, fields):
    refused(server.request("M-GET", "/doc", fields + [("16-reason", "x")]), 510, "other.example/unknown")


@obliges("POL-73", "POL-C10")
@cases(("nothing", {}), ("optional ones only", {"Opt": REASON, "16-reason": "x"}))
def test_without_a_declaration_it_is_510(server, fields):
    refused(server.request("M-GET", "/doc", fields), 510, "Man")


@obliges("POL-74", "POL-C8")
def test_a_plain_method_with_man_is_never_fulfilled(server):
    refused(server.put("/plain", b"x", {"Man": UNKNOWN}), 510)
    refused(server.put("/plain", b"x", BECAUSE), 400, "M-PUT")
    refused(server.get("/doc", BECAUSE), 400, "M-GET")
    refused(server.get("/doc", {"Man": UNKNOWN}), 510)
    ok(not server.exists("plain"), "nothing was stored")


@obliges("POL-74", "POL-C8")
def test_also_not_by_an_answer_from_memory(server):
    for _ in range(6):
        eq(server.get("/open/c").status, 200)
    refused(server.get("/open/c", {"Man": UNKNOWN}), 510)
    refused(server.request("M-GET", "/open/c", {"Man": UNKNOWN}), 510)
    fulfilled(server.request("M-GET", "/open/c", BECAUSE))
    for _ in range(6):
        ok("Ext" not in server.get("/open/c").fields, "what others get knows nothing of it")


@obliges("POL-75", "POL-81")
def test_optional_declarations_are_never_510(server):
    got = server.get("/doc", {"Opt": UNKNOWN + "; ns=33", "33-x": "y"})
    eq(got.status, 200)
    ok("Ext" not in got.fields, "no Ext without a mandatory request")
    fulfilled(server.request("M-GET", "/doc", {**BECAUSE, "Opt": UNKNOWN}))


@obliges("POL-93")
def test_mandatory_put_and_delete_act_as_the_bare_methods(server):
    fulfilled(server.request("M-PUT", "/new", BECAUSE, b"1"), 201)
    eq(server.read("new"), b"1")
    refused(server.request("M-PUT", "/new", {**BECAUSE, "If-None-Match": "*"}, b"2"), 412)
    eq(server.read("new"), b"1")
    fulfilled(server.request("M-DELETE", "/new", BECAUSE), 204)
    ok(not server.exists("new"), "it is gone")


@obliges("POL-93")
def test_mandatory_propfind(server):
    got = fulfilled(server.request("M-PROPFIND", "/doc", {**BECAUSE, "Depth": "0"}), 207)
    eq(list(multistatus(got)), ["/doc"])


@obliges("POL-93")
def test_mandatory_head_has_no_content(server):
    got = server.raw(head_of("M-HEAD", "/doc", BECAUSE), method="HEAD")
    fulfilled(got)
    eq(got.fields.get("Content-Length", "10"), "10")
    refused(server.raw(head_of("M-HEAD", "/doc", {"Man": UNKNOWN}), method="HEAD"), 510)
    refused(server.raw(head_of("M-HEAD", "/doc"), method="HEAD"), 510)
    refused(server.raw(head_of("M-HEAD", "/missing", BECAUSE), method="HEAD"), 404)


@obliges("POL-93")
def test_locks_and_rights_apply(server):
    server.write("locked", b"1")
    info = (b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>')
    token = fulfilled(server.request("M-LOCK", "/locked", BECAUSE, info)).fields["Lock-Token"]
    refused(server.request("M-PUT", "/locked", BECAUSE, b"2"), 423)
    fulfilled(server.request("M-PUT", "/locked", {**BECAUSE, "If": "(%s)" % token}, b"2"), 204)
    fulfilled(server.request("M-UNLOCK", "/locked", {**BECAUSE, "Lock-Token": token}), 204)
    refused(server.request("M-GET", "/shut/d", BECAUSE), 403)


@obliges("POL-93")
@only_over("h1", "tls", why="nghttp2 lets only OPTIONS have the target *")
def test_mandatory_options_of_the_server(server):
    fulfilled(server.request("M-OPTIONS", "*", BECAUSE))


# ---- declarations -----------------------------------------------------------------------------------


@obliges("POL-83", "POL-84", "POL-85", "POL-86")
@cases(("a list", 'Man: "urn:samovar:ext:reason"; ns=16,"urn:samovar:ext:reason" ;ns=17', "x"),
       ("unknown parameters", 'Man: "urn:samovar:ext:reason"; ns=16; more="a, b"; flag', "x"),
       ("before ns, too", 'Man: "urn:samovar:ext:reason"; flag; ns=16', "x"),
       ("three digits", 'Man: "urn:samovar:ext:reason"; ns=160', None),
       ("a scheme in capitals", 'Man: "URN:samovar:ext:reason"; ns=16', "x"))
def test_a_well_formed_declaration(server, line, reason):
    name, value = line.split(": ", 1)
    fields = {name: value, "16-reason": "x", "17-reason": "y"}
    if reason is None:
        fields = {name: value, "160-reason": "x"}
    fulfilled(server.request("M-GET", "/doc", fields))


@obliges("POL-84")
@cases(("as registered", '"Repr-Digest"'), ("small", '"repr-digest"'), ("capitals", '"CONTENT-DIGEST"'))
def test_a_field_name_declares_without_case(server, value):
    got = fulfilled(server.request("M-GET", "/doc", {"Man": value}))
    ok("Repr-Digest" in got.fields, "the extension that the field stands for")


@obliges("POL-83", "POL-87")
@cases(("no quotes", "urn:samovar:ext:reason"), ("empty", '""'), ("no end", '"urn:samovar:ext:reason'),
       ("relative", '"/reason"'), ("a blank", '"urn:a b"'), ("junk behind", '"urn:samovar:ext:reason" ns=16'),
       ("one digit", '"urn:samovar:ext:reason"; ns=1'), ("letters", '"urn:samovar:ext:reason"; ns=1a'),
       ("no digits", '"urn:samovar:ext:reason"; ns='), ("quoted", '"urn:samovar:ext:reason"; ns="16"'),
       ("ns twice", '"urn:samovar:ext:reason"; ns=16; ns=17'), ("no declaration", ","),
       ("one prefix twice", '"urn:samovar:ext:reason"; ns=16, "urn:samovar:ext:reason"; ns=16'),
       ("too many", ", ".join('"urn:samovar:ext:reason"; ns=%d' % n for n in range(16, 49))))
def test_a_malformed_declaration_is_400(server, value):
    refused(server.request("M-GET", "/doc", {"Man": value, "16-reason": "x"}), 400)


@obliges("POL-87")
def test_one_prefix_of_two_fields_is_400(server):
    refused(server.request("M-GET", "/doc", {**BECAUSE, "Opt": UNKNOWN + "; ns=16"}), 400, "prefix")


@obliges("POL-86", "POL-88")
def test_prefixed_fields_belong_to_their_declaration_alone(server):
    refused(server.request("M-GET", "/doc", {"Man": REASON, "17-reason": "x"}), 400, "16-reason")
    refused(server.request("M-GET", "/doc", {"Man": REASON, "160-reason": "x"}), 400)
    refused(server.request("M-GET", "/doc", {"Man": REASON, "reason": "x"}), 400)
    fulfilled(server.request("M-GET", "/doc", {"Man": REASON, "16-REASON": "x", "17-reason": ""}))
    eq(server.get("/doc", {"16-reason": "x"}).status, 200)


# ---- one hop ----------------------------------------------------------------------------------------


HOP = {"C-Man": REASON, "16-reason": "x", "Connection": "C-Man, 16-reason"}


@obliges("POL-79", "POL-81")
@only_over("h1", "tls", why="HTTP/2 has no Connection")
def test_hop_by_hop_declarations_are_answered_by_c_ext(server):
    with server.connect() as conn:
        got = conn.ask("M-GET", "/doc", HOP)
        eq(got.status, 200)
        eq(got.fields.all("C-Ext"), [""])
        eq(got.fields.all("Connection"), ["C-Ext"])
        ok("Ext" not in got.fields, "nothing end-to-end was declared")
        conn.expect_open()
        got = conn.ask("M-GET", "/doc", {**HOP, "Connection": "close, C-Man, 16-reason"})
        eq(got.fields.all("Connection"), ["close, C-Ext"])
        conn.expect_close()


@obliges("POL-80")
@only_over("h1", "tls", why="HTTP/2 has no Connection")
def test_both_kinds_are_answered_by_both_fields(server):
    got = fulfilled(server.request("M-GET", "/doc", {**HOP, "Man": '"urn:samovar:ext:integrity"'}))
    eq(got.fields.all("C-Ext"), [""])
    contains(got.fields["Connection"], "C-Ext")


@obliges("POL-90")
@only_over("h1", "tls", why="HTTP/2 has no Connection")
@cases(("nothing listed", {}, 510), ("another", {"Connection": "C-Opt"}, 510),
       ("its field is not listed", {"Connection": "C-Man"}, 400))
def test_what_connection_does_not_list_does_not_count(server, connection, status):
    fields = {**{name: HOP[name] for name in ("C-Man", "16-reason")}, **connection}
    refused(server.request("M-GET", "/doc", fields), status)


@obliges("POL-90")
def test_c_man_that_is_not_listed_is_no_declaration(server):
    got = server.get("/doc", {"C-Man": UNKNOWN, "C-Opt": UNKNOWN})
    eq(got.status, 200)
    refused(server.request("M-GET", "/doc", {"C-Man": REASON, "16-reason": "x"}), 510)


# ---- older hops -------------------------------------------------------------------------------------


@obliges("POL-91", "POL-C10")
@only_over("h1", "tls", why="HTTP/1.0")
@cases(("C-Man", {"C-Man": REASON, "16-reason": "x", "Connection": "C-Man"}, 510),
       ("Man", {**BECAUSE, "Connection": "Man"}, 510),
       ("the reason", {**BECAUSE, "Connection": "16-reason"}, 400),
       ("nothing of it", {**BECAUSE, "Connection": "keep-alive"}, 200))
def test_what_connection_names_is_taken_out_of_http10(server, fields, status):
    eq(server.request("M-GET", "/doc", fields, version="HTTP/1.0").status, status)


@obliges("POL-91")
@only_over("h1", "tls", why="HTTP/1.0")
def test_a_plain_method_is_left_by_it(server):
    got = server.request("GET", "/doc", {"Man": UNKNOWN, "Connection": "Man"}, version="HTTP/1.0")
    eq(got.status, 200)


def is_over(got):
    ok(date_seconds(got.fields["Expires"]) <= date_seconds(got.fields["Date"]), "Expires is not later than Date")


@obliges("POL-82")
@only_over("h1", "tls", why="HTTP/1.0")
def test_an_answer_to_http10_has_expired(server):
    is_over(fulfilled(server.request("M-GET", "/doc", BECAUSE, version="HTTP/1.0")))


@obliges("POL-82")
@cases(("Via", "1.0 fred", True), ("with its name", "HTTP/1.0 fred", True), ("behind another", "1.1 a, 1.0 b (x, y)", True),
       ("HTTP/1.1", "1.1 p.example", False))
def test_an_answer_through_http10_has_expired(server, via, expires):
    got = fulfilled(server.request("M-GET", "/doc", {**BECAUSE, "Via": via}))
    eq("Expires" in got.fields, expires)
    if expires:
        is_over(got)


# ---- what answers say -------------------------------------------------------------------------------


@obliges("POL-89")
def test_vary_names_the_declaring_field_and_the_prefixed_one(server):
    got = fulfilled(server.request("M-GET", "/doc", BECAUSE))
    words = [word.lower() for word in got.fields.words("Vary")]
    ok("man" in words and "16-reason" in words, "Vary: %r" % words)


@obliges("POL-92")
@cases(("M-GET", "M-GET", BECAUSE), ("GET", "GET", {}), ("510", "M-GET", {"Man": UNKNOWN}))
def test_an_answer_declares_nothing_mandatory(server, method, fields):
    got = server.request(method, "/doc", fields)
    ok(not any(name.lower() in ("man", "c-man") for name in got.fields.names()), "no Man in an answer")


@obliges("POL-81")
@cases(("missing", "/missing", {}, 404), ("a condition", "/doc", {"If-Match": '"other"'}, 412))
def test_what_was_not_fulfilled_has_no_ext(server, path, fields, status):
    refused(server.request("M-GET", path, {**BECAUSE, **fields}), status)


# ---- what paths demand ------------------------------------------------------------------------------


@obliges("POL-76")
@cases(("GET", "GET"), ("PUT", "PUT"), ("PROPFIND", "PROPFIND"), ("OPTIONS", "OPTIONS"), ("DELETE", "DELETE"))
def test_a_path_that_demands_an_extension_names_it(server, method):
    got = refused(server.request(method, "/audited/a", {"Depth": "0"} if method == "PROPFIND" else {}), 510)
    contains(got.text, 'Man: "urn:samovar:ext:reason"; ns=16')
    contains(got.text, "16-reason")
    contains(got.text, "M-" + method)
    eq(server.read("audited/a"), b"of somebody")


@obliges("POL-76")
def test_with_the_extension_the_path_is_open(server):
    eq(fulfilled(server.request("M-GET", "/audited/a", BECAUSE)).body, b"of somebody")
    refused(server.request("M-GET", "/audited/a", {"Man": '"urn:samovar:ext:integrity"'}), 510, "reason")
    refused(server.get("/audited/missing"), 510)


@obliges("POL-76")
def test_a_place_below_may_lift_it_or_want_another(server):
    eq(server.get("/audited/free/c").status, 200)
    refused(server.put("/exact", b"x"), 510, "urn:samovar:ext:integrity", "Content-Digest")


@obliges("POL-76")
@cases(("a copy of the folder above", "COPY", "/", {"Destination": "/copy"}),
       ("a move of it", "MOVE", "/audited", {"Destination": "/elsewhere"}),
       ("a way into it", "COPY", "/doc", {"Destination": "/audited/doc"}),
       ("all that is below", "PROPFIND", "/", {"Depth": "infinity"}),
       ("DELETE", "DELETE", "/audited", {}))
def test_nobody_gets_around_it(server, method, path, fields):
    refused(server.request(method, path, fields), 510, "urn:samovar:ext:reason")
    ok(not server.exists("copy") and not server.exists("audited/doc") and server.exists("audited/a"), "nothing was done")


# ---- the order, and the switch ----------------------------------------------------------------------


@obliges("POL-94", "POL-C9")
@cases(("unknown", "M-FOO"), ("twice", "M-M-GET"), ("empty", "M-"), ("small", "m-get"), ("CONNECT", "M-CONNECT"))
def test_an_unknown_base_method_is_501(server, method):
    refused(server.request(method, "/doc", BECAUSE), 501)
    refused(server.request(method, "/doc", {"Man": UNKNOWN}), 501)


@obliges("POL-95")
@only_over("h1", "tls", why="100-continue is read from raw bytes")
@cases(("unknown", {"Man": UNKNOWN}, "/new"), ("none", {}, "/new"), ("the path's", {}, "/audited/new"))
def test_510_comes_before_the_content(server, fields, path):
    method = "PUT" if path == "/audited/new" else "M-PUT"
    with server.connect() as conn:
        conn.send(head_of(method, path, {**fields, "Content-Length": "5", "Expect": "100-continue"}))
        got = conn.read()
        refused(got, 510)
        eq(got.interim, [], "no 100")
    ok(not server.exists(path[1:]), "nothing was stored")


@obliges("POL-100")
@only_over("h1", "tls", why="bytes of HTTP/1.1")
@cases(("505 before 510", b"M-GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
       ("400 before 510", b"M-GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", 400),
       ("414 before 510", b"M-GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
       ("431 before 510", b"M-GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 60000 + b"\r\n\r\n", 431),
       ("501 before 510", b"M-FOO / HTTP/1.1\r\nHost: localhost\r\nMan: \"http://e/x\"\r\n\r\n", 501),
       ("510 before 400 of the path", b"M-GET /%zz HTTP/1.1\r\nHost: localhost\r\nMan: \"http://e/x\"\r\n\r\n", 510),
       ("510 before 404", b"M-GET /missing HTTP/1.1\r\nHost: localhost\r\nMan: \"http://e/x\"\r\n\r\n", 510),
       ("510 before 403", b"M-GET /shut/d HTTP/1.1\r\nHost: localhost\r\nMan: \"http://e/x\"\r\n\r\n", 510),
       ("403 before the path's 510", b"PUT /shut/d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 403))
def test_the_order_of_judging(server, data, status):
    with server.connect() as conn:
        eq(conn.send(data).read().status, status)


@obliges("POL-C11")
@own_server(config=OFF, files=FILES)
def test_where_the_switch_is_off(server):
    for fields in (BECAUSE, {"Man": UNKNOWN}, {}):
        refused(server.request("M-GET", "/doc", fields), 501)
    eq(server.get("/doc", {"Man": UNKNOWN, "Opt": "nonsense"}).status, 200)


def test_no_page_of_another_origin_asks_by_a_mandatory_method(server):
    refused(server.request("M-OPTIONS", "/doc", {"Origin": "https://app.example",
                                                 "Access-Control-Request-Method": "PUT"}), 510)
