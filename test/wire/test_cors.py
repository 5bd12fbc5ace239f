"""Pages of other origins (docs/policy/cors.md): preflights, what they may read, and what caches are told."""

import hot
from program import basic, refused
from test_command_users import PASSWORDS, write_users
from wire import cases, contains, eq, lacks, ok, own_server

APP = {"Origin": "https://app.example"}
OTHER = {"Origin": "https://other.example"}
CORS_FIELDS = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
               "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age")
CONFIG = """
listen = { "127.0.0.1:0" }
site "listed" {
    root = "{root}"
    users = "{tmp}/users"
    cors = { "https://App.Example:443", "http://[::1]:3000" }
    cors-credentials = on
    at "/" { allow "*" { rights = { "read" } } allow "users" { rights = { "read", "write" } } }
    at "/closed" { allow "users" { rights = { "read", "write" } } }
}
"""
FILES = {"a.txt": b"0123456789", "closed/c.txt": b"c", "folder/x": b"x"}
BEFORE = write_users
ADA = basic("ada", PASSWORDS["ada"])
EVERY_METHOD = ("GET HEAD OPTIONS PUT PATCH DELETE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT BIND UNBIND REBIND").split()


def preflight(server, target, method, origin=APP, fields=None):
    asked = {"Access-Control-Request-Headers": fields} if fields else {}
    return server.request("OPTIONS", target, {**origin, "Access-Control-Request-Method": method, **asked})


def told_nothing(got):
    eq([name for name in CORS_FIELDS if name in got.fields], [])


# What Fetch lets every page read, and what is the browser's own or the connection's.
TOLD_ANYWAY = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
               "content-security-policy", "x-content-type-options", "connection", "keep-alive", "transfer-encoding"}


def allowed(got, origin="https://app.example", credentials=True):
    """The page may read the answer, and every field in it."""
    exposed = got.fields.words("Access-Control-Expose-Headers")
    eq([name for name in got.fields.names() if name not in TOLD_ANYWAY and name not in exposed and
        not name.startswith("access-control-")], [], "fields that are kept from the page")
    eq(got.fields["Access-Control-Allow-Origin"], origin)
    eq(got.fields.get("Access-Control-Allow-Credentials"), "true" if credentials else None)
    contains(got.fields.words("Vary"), "origin")


# ---- preflights ----------------------------------------------------------------------------------------


@cases(("of a file", "/a.txt"), ("of what only users see", "/closed/c.txt"), ("of nothing", "/closed/none"))
def test_a_preflight_is_answered_before_anybody_logs_in(server, target):
    got = preflight(server, target, "PROPFIND", fields="authorization,depth, content-type")
    eq(got.status, 204)
    eq(got.body, b"")
    allowed(got)
    eq(got.fields.words("Access-Control-Allow-Headers"), ["authorization", "depth", "content-type"])
    eq(got.fields["Access-Control-Max-Age"], "7200")
    for name in ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"):
        contains(got.fields.words("Vary"), name.lower())


def test_a_preflight_names_every_method(server):
    eq(sorted(preflight(server, "/a.txt", "PUT").fields.words("Access-Control-Allow-Methods")), sorted(name.lower() for name in EVERY_METHOD))


def test_an_origin_is_compared_as_browsers_write_it(server):
    allowed(preflight(server, "/a.txt", "PUT", {"Origin": "http://[::1]:3000"}), "http://[::1]:3000")
    for origin in ("https://app.example:8443", "http://app.example", "https://app.example.evil.example", "null",
                   "https://app.example, https://app.example", "*", "https://app.example/"):
        got = preflight(server, "/a.txt", "PUT", {"Origin": origin})
        told_nothing(got)
        contains(got.fields.words("Vary"), "origin")


def test_fields_that_are_no_names_are_not_told_back(server):
    got = preflight(server, "/a.txt", "PUT", fields='x-one, bad name, "quoted", , x@y, if')
    eq(got.fields.words("Access-Control-Allow-Headers"), ["x-one", "if"])
    lacks(preflight(server, "/a.txt", "PUT", fields="a b").fields.names(), "access-control-allow-headers")


def test_options_without_the_question_are_options(server):
    got = server.request("OPTIONS", "/a.txt", APP)
    eq(got.status, 200)
    contains(got.fields["DAV"], "1")
    allowed(got)
    eq(server.request("OPTIONS", "/closed/c.txt", APP).status, 401)


# ---- what follows --------------------------------------------------------------------------------------


def test_answers_may_be_read_by_pages_of_a_listed_origin(server):
    got = server.get("/a.txt", {**APP, "Range": "bytes=0-3"})
    eq(got.status, 206)
    allowed(got)
    for name in ("ETag", "DAV", "Lock-Token", "Location", "Content-Range", "Accept-Ranges", "Allow", "Link", "Retry-After",
                 "RateLimit", "RateLimit-Policy", "Preference-Applied", "WWW-Authenticate", "Ext", "Date", "IM", "Delta-Base"):
        contains(got.fields.words("Access-Control-Expose-Headers"), name.lower())
    got = server.request("PROPFIND", "/folder/", {**APP, "Depth": "1"})
    eq(got.status, 207)
    allowed(got)


@cases(("401", "GET", "/closed/c.txt", {}, 401), ("wrong password", "GET", "/a.txt", basic("ada", "x"), 401),
       ("404", "GET", "/none", {}, 404), ("405", "MKCOL", "/a.txt", ADA, 405), ("412", "GET", "/a.txt", {"If-Match": '"x"'}, 412),
       ("416", "GET", "/a.txt", {"Range": "bytes=90-"}, 416), ("501", "BREW", "/a.txt", {}, 501),
       ("400", "GET", "/%zz", {}, 400), ("308", "GET", "//a.txt", {}, 308), ("417", "GET", "/a.txt", {"Expect": "x"}, 417),
       ("the style", "GET", "/.samovar/style.css", {}, None))
def test_refusals_may_be_read_as_well(server, method, target, more, status):
    got = server.request(method, target, {**APP, **more})
    if status:
        eq(got.status, status)
    allowed(got)
    contains(server.request(method, target, more).fields.words("Vary"), "origin")


def test_answers_to_changes_may_be_read_too(server):
    def ask(method, target, body=b"", **fields):
        got = server.request(method, target, {**APP, **ADA, **{name.replace("_", "-"): value for name, value in fields.items()}},
                             body)
        allowed(got)
        return got

    eq(ask("MKCOL", "/made/").status, 201)
    got = ask("PUT", "/made/f.txt", b"f", Prefer="return=representation", X_OC_Mtime="1700000000")
    eq(got.status, 201)
    token = ask("LOCK", "/made/f.txt", b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
                b"<D:locktype><D:write/></D:locktype></D:lockinfo>").fields["Lock-Token"]
    eq(ask("PUT", "/made/f.txt", b"x").status, 423)
    eq(ask("UNLOCK", "/made/f.txt", Lock_Token=token).status, 204)
    eq(ask("PROPPATCH", "/made/f.txt", b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z xmlns="urn:z">1</z></D:prop></D:set>'
           b"</D:propertyupdate>").status, 207)
    eq(ask("COPY", "/made/f.txt", Destination="/made/g.txt").status, 201)
    eq(ask("MOVE", "/made/g.txt", Destination="/made/h.txt").status, 201)
    eq(ask("DELETE", "/made/h.txt").status, 204)
    eq(ask("OPTIONS", "/made/f.txt").status, 200)
    eq(ask("GET", "/made/", Accept="application/json").status, 200)
    eq(ask("GET", "/made").status, 308)


def test_a_listed_origin_may_change_what_its_user_may(server):
    eq(server.put("/new.txt", b"new", {**APP, **ADA, "Sec-Fetch-Site": "cross-site"}).status, 201)
    eq(server.put("/other.txt", b"new", {**APP}).status, 401)
    got = server.put("/new.txt", b"changed", {**OTHER, **ADA})
    eq(got.status, 403)
    told_nothing(got)
    eq(server.read("new.txt"), b"new")


@cases(("nobody's", {}), ("an unlisted one's", OTHER), ("no origin's", {"Origin": "null"}))
def test_others_are_told_nothing_but_that_it_depends(server, origin):
    for target in ("/a.txt", "/folder/", "/none"):
        got = server.get(target, origin)
        told_nothing(got)
        contains(got.fields.words("Vary"), "origin")


# ---- answers from memory --------------------------------------------------------------------------------


HOT_CONFIG = """
listen = { "127.0.0.1:0" }
site "listed" { root = "{root}" cors = { "https://app.example" } }
"""


@own_server(config=HOT_CONFIG, files={"a.txt": b"0123456789"})
def test_answers_from_memory_are_the_same(server):
    got = hot.both(server, "GET", "/a.txt")
    told_nothing(got)
    contains(got.fields.words("Vary"), "origin")
    tag = got.fields["ETag"]
    with server.connect() as conn:
        hot.heat(conn, "/a.txt")
        for fields in ((), {"If-None-Match": tag}):
            for origin in (APP, {}, OTHER, APP):
                got = conn.ask("GET", "/a.txt", {**origin, **dict(fields)})
                eq(got.status, 304 if fields else 200)
                contains(got.fields.words("Vary"), "origin")
                eq(got.fields.get("Access-Control-Allow-Origin"), APP["Origin"] if origin is APP else None)


@own_server(config=HOT_CONFIG, files={"a.txt": b"0123456789"})
def test_who_comes_first_with_an_origin_leaves_nothing_to_others(server):
    with server.connect() as conn:
        for _ in range(5):
            allowed(conn.ask("GET", "/a.txt", APP), credentials=False)
        for _ in range(5):
            told_nothing(conn.ask("GET", "/a.txt"))
        told_nothing(conn.ask("GET", "/a.txt", {"If-None-Match": "*"}))


# ---- everybody, and nobody --------------------------------------------------------------------------------


@own_server(config="""
listen = { "127.0.0.1:0" }
site "all" { root = "{root}" cors = { "*" } }
""", files={"a.txt": b"0123456789"})
def test_all_origins_may_read_and_only_read(server):
    got = hot.both(server, "GET", "/a.txt")
    allowed_all = ("*", None)
    for got in (got, server.get("/a.txt", OTHER), server.get("/none", OTHER), server.get("/a.txt", {"Origin": "null"})):
        eq((got.fields["Access-Control-Allow-Origin"], got.fields.get("Access-Control-Allow-Credentials")), allowed_all)
        lacks(got.fields.words("Vary"), "origin")
    got = preflight(server, "/a.txt", "PROPFIND", OTHER, "Depth, Authorization, authorization")
    eq(got.status, 204)
    eq(got.fields["Access-Control-Allow-Origin"], "*")
    eq(sorted(got.fields.words("Access-Control-Allow-Methods")), ["get", "head", "options", "propfind", "report"])
    eq(got.fields.words("Access-Control-Allow-Headers"), ["depth"], "nobody's pages guess passwords here")
    eq(server.put("/b.txt", b"b", OTHER).status, 403)
    eq(server.put("/b.txt", b"b", {"Origin": "*"}).status, 403)
    ok(not server.exists("b.txt"), "nothing was written")


@own_server(files={"a.txt": b"0123456789"})
def test_without_the_directive_nobody_is_told_anything(server):
    for got in (server.get("/a.txt", APP), preflight(server, "/a.txt", "PUT"), server.get("/none", APP)):
        told_nothing(got)
        lacks(got.fields.words("Vary"), "origin")
    eq(preflight(server, "/a.txt", "PUT").status, 200)


@cases(("all with credentials", "*", "on", "name the origins"), ("a path", "https://a.example/x", "off", "is no origin"),
       ("no scheme", "a.example", "off", "is no origin"), ("a pattern", "https://*.example", "off", "is no origin"),
       ("null", "null", "off", "is no origin"))
def test_what_makes_no_sense_is_refused(server, origin, credentials, why):
    path = server.tmp + "/wrong.conf"
    with open(path, "w", encoding="utf-8") as out:
        out.write('site "s" { root = "%s" cors = { "%s" } cors-credentials = %s }' % (server.tmp, origin, credentials))
    contains(refused("--config", path, "--check-config"), why)


@own_server(config="""
listen = { "127.0.0.1:0" }
limit "few" { rate = 3/h burst = 3 }
site "listed" { root = "{root}" cors = { "https://app.example" } }
""", files={"a.txt": b"0123456789"})
def test_what_limits_say_stands_beside_it(server):
    with server.connect() as conn:
        for origin in (APP, {}, APP):
            got = conn.ask("GET", "/a.txt", origin)
            eq(got.status, 200)
            contains(got.fields.words("Vary"), "origin")
        contains(got.fields["RateLimit"], '"few"')
        allowed(got, credentials=False)
        got = conn.ask("GET", "/a.txt", APP)
        eq(got.status, 429)
        allowed(got, credentials=False)
