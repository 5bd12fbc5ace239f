"""Bearer tokens (RFC 6750, RFC 7519): who comes with one, what is refused, and what a refusal tells."""

import hashlib
import hmac
import json
import os
import time

from program import basic, refused
from tokens import Key, base64url, bearer, write_keys
from wire import cases, contains, eq, lacks, needs, ok, one_of, own_server, wait_for
from test_command_users import changed

KEYS = {}


def key(kind):
    """One of each kind for all tests; making an RSA key takes its time."""
    if kind not in KEYS:
        KEYS[kind] = Key(kind, kid="the " + kind)
    return KEYS[kind]


def before(server):
    write_keys(server.tmp + "/keys.json", key("rs256"), key("es256"), key("eddsa"))


SITE = """
listen = { "127.0.0.1:0" }
access-log = "-"
site "attic" {
    root = "{root}"
    jwt-keys = "{tmp}/keys.json"
    jwt-issuer = "https://login.example"
    jwt-audience = "files"
    at "/" { allow "users" { rights = { "read" } } }
    at "/staff" { allow "@staff" { rights = { "read", "write" } } }
    at "/alice" { allow "alice" { rights = { "read", "write" } } }
}
"""
FILES = {"a": b"a", "staff/a": b"s", "alice/a": b"x"}
GOOD = {"iss": "https://login.example", "aud": "files"}


def site(test):
    return own_server(config=SITE, files=FILES, before=before)(test)


def challenge(got):
    eq(got.status, 401)
    return got.fields["WWW-Authenticate"]


@cases(("rs256", "rs256"), ("es256", "es256"), ("eddsa", "eddsa"))
@site
def test_a_token_logs_in(server, kind):
    who = bearer(key(kind).token(**GOOD))
    for _ in range(3):  # judged by a worker, then known
        eq(server.get("/a", who).body, b"a")
    eq(server.put("/alice/new", b"n", who).status, 201)
    eq(server.put("/new", b"n", who).status, 403)
    eq(server.get("/staff/a", who).status, 403)
    wait_for(lambda: "- alice [" in server.stdout(), "the access log names the user")
    lacks(server.stdout(), who["Authorization"][-20:], "the access log")


@site
def test_groups_come_with_the_token(server):
    for groups in (["staff", "others"], "others staff"):
        who = bearer(key("eddsa").token(**GOOD, groups=groups))
        eq(server.get("/staff/a", who).body, b"s")
        eq(server.put("/staff/new", b"n", who).status in (201, 204), True)
    for groups in (["others"], "staffs", ["@staff"], None):
        eq(server.get("/staff/a", bearer(key("eddsa").token(**GOOD, groups=groups))).status, 403)


@site
def test_without_a_token_the_challenge_names_the_scheme_and_no_error(server):
    eq(challenge(server.get("/a")), 'Bearer realm="attic"')


@cases(("expired", {"exp": 1}, "expired"), ("not yet", {"nbf": 1 << 40}, "(nbf)"), ("made later", {"iat": 1 << 40}, "(iat)"),
       ("no end", {"exp": None}, "(exp)"), ("another issuer", {"iss": "https://evil.example"}, "(iss)"),
       ("no issuer", {"iss": None}, "(iss)"), ("another audience", {"aud": ["mail", "web"]}, "(aud)"),
       ("no audience", {"aud": None}, "(aud)"), ("nobody", {"sub": None}, "name a user"),
       ("a line end", {"sub": "a\r\nb"}, "name a user"), ("groups of a kind", {"groups": {"staff": 1}}, "groups"))
@site
def test_a_claim_that_is_not_right(server, claims, told):
    got = server.get("/a", bearer(key("eddsa").token(**dict(GOOD, **claims))))
    text = challenge(got)
    contains(text, 'Bearer realm="attic", error="invalid_token", error_description="')
    contains(text, told)
    contains(got.text, "new one")


@cases(("none", {"alg": "none"}, "RS256"), ("HMAC", {"alg": "HS256"}, "RS256"), ("another's", {"alg": "RS256"}, "not known"),
       ("extension", {"crit": ["b64"], "b64": False}, "crit"), ("another key", {"kid": "the last one"}, "not known"),
       ("a logout", {"typ": "logout+jwt"}, "typ"))
@site
def test_a_header_that_is_not_right(server, header, told):
    contains(challenge(server.get("/a", bearer(key("eddsa").token(header, **GOOD)))), told)


@site
def test_the_public_key_is_no_secret_to_sign_with(server):
    """RFC 8725 §2.1: a server that lets the token choose would take its own public key for an HMAC's."""
    head, body = ({"alg": "HS256", "kid": "the rs256"}, dict(GOOD, sub="alice", exp=int(time.time()) + 300))
    text = ".".join(base64url(json.dumps(part).encode()) for part in (head, body))
    for secret in (key("rs256").public("PEM"), key("rs256").public("DER")):
        made = text + "." + base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())
        contains(challenge(server.get("/a", bearer(made))), "invalid_token")


@site
def test_a_changed_token_is_refused_also_after_the_right_one(server):
    token = key("es256").token(**GOOD)
    eq(server.get("/a", bearer(token)).status, 200)
    head, body, signature = token.split(".")
    other = base64url(json.dumps(dict(GOOD, sub="bob", exp=int(time.time()) + 300)).encode())
    for changed_one in ((head, other, signature), (head, body, signature[::-1]), (head, body, ""), (head, body),
                        (head, body + "=", signature), (head, body, signature, "x")):
        contains(challenge(server.get("/a", bearer(".".join(changed_one)))), "invalid_token")
    eq(server.get("/a", bearer(token)).status, 200)


@site
def test_no_token_at_all(server):
    for value in ("Bearer", "Bearer x y", 'Bearer "x"', "Bearer ..", "bearer a.b.c"):
        contains(challenge(server.get("/a", {"Authorization": value})), "Bearer")
    eq(server.get("/a", basic("alice", "x")).status, 401)
    one_of(server.get("/a?access_token=" + key("eddsa").token(**GOOD)).status, (401,), "a token in the address")


@site
def test_a_token_may_have_eight_kibibytes(server):
    token = key("eddsa").token(**GOOD, more="x" * 5600)
    ok(7000 < len(token) <= 8192, "its length: %d" % len(token))
    eq(server.get("/a", bearer(token)).status, 200)
    eq(server.get("/a", bearer(key("eddsa").token(**GOOD, more="x" * 6200))).status, 401)
    eq(server.get("/a", bearer("x" * 9000)).status, 401)


@site
def test_new_keys_count_from_the_reload_on_and_old_ones_no_more(server):
    old, fresh = key("es256"), Key("es256", kid="next")
    eq(server.get("/a", bearer(old.token(**GOOD))).status, 200)
    who = bearer(old.token(**GOOD))
    eq(server.get("/a", who).status, 200)
    eq(server.get("/a", bearer(fresh.token(**GOOD))).status, 401)
    write_keys(server.tmp + "/keys.json", fresh)
    eq(changed(server), "reloaded")
    wait_for(lambda: server.get("/a", who).status == 401, "the old key's token is refused, though it was known")
    eq(server.get("/a", bearer(fresh.token(**GOOD))).status, 200)
    with open(server.tmp + "/keys.json", "w", encoding="utf-8") as out:
        out.write("{")
    contains(changed(server), "not reloaded")
    eq(server.get("/a", bearer(fresh.token(**GOOD))).status, 200, "the keys before the wrong file")


@own_server(config=SITE.replace('    jwt-audience = "files"\n', '    jwt-user = "email"\n    jwt-groups = "roles"\n'
                                  '    users = "{tmp}/users"\n    groups = "{tmp}/groups"\n'),
            files=FILES, before=lambda server: (before(server), open(server.tmp + "/users", "w").write(
                "ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n"), open(server.tmp + "/groups", "w").write(
                    "staff: ada eve@example.org\n")))
def test_beside_passwords_with_other_claims_and_a_file_of_groups(server):
    who = {"iss": GOOD["iss"], "sub": "4711"}
    eq(server.get("/staff/a", bearer(key("eddsa").token(**who, email="eve@example.org"))).status, 200, "her file's group")
    eq(server.get("/staff/a", bearer(key("eddsa").token(**who, email="bob", roles=["staff"]))).status, 200, "his role")
    eq(server.get("/staff/a", bearer(key("eddsa").token(**who, email="bob", groups=["staff"]))).status, 403)
    eq(server.get("/a", bearer(key("eddsa").token(**who))).status, 401, "no e-mail, so nobody")
    eq(server.get("/a", bearer(key("eddsa").token(**who, email="bob", aud="files"))).status, 401,
       "for somebody, and we are nobody")
    eq(server.get("/staff/a", basic("ada", "ada secret")).status, 200, "a password does as well")
    eq([line.split()[0] for line in server.get("/a").fields.all("WWW-Authenticate")], ["Basic", "Bearer"])


@cases(("nothing", "", "keys.json:1: not a set of keys"), ("no keys", '{"keys": []}', "no key for RS256"),
       ("a secret", '{"keys": [{"kty": "oct", "k": "AAAA"}]}', "no key for RS256"),
       ("a short key", '{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}', "key 1: an RSA key needs 2048 bits"),
       ("an end", '{\n"keys": [\n}', "keys.json:3: "))
def test_keys_that_cannot_be_used_are_told(server, text, told):
    needs("jwt-keys")
    path = os.path.join(server.tmp, "keys.json")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    config = server.path("../bearer.conf")
    with open(config, "w", encoding="utf-8") as out:
        out.write('site "x" {\n root = "%s"\n jwt-keys = "%s"\n}\n' % (server.root, path))
    contains(refused("--config", config, "--check-config", status=2), told)
