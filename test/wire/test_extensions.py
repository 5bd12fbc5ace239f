"""policy.md §7: mandatory requests (RFC 2774), 510, Ext and C-Ext."""

from dav import multistatus
from wire import cases, contains, eq, head_of, lacks, obliges, ok, one_of, only_over, own_server

FILES = {"doc": b"a document", "audited/a": b"of somebody", "audited/sub/b": b"too", "open/c": b"c"}
CONFIG = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  extensions = on
  at "/audited" { require-extension = "reason" }
  at "/audited/sub/none" { require-extension = "none" }
  at "/exact" { require-extension = "urn:samovar:ext:integrity" }
}
'''
OFF = 'listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" }\n'

REASON = '"urn:samovar:ext:reason"; ns=16'
INTEGRITY = '"urn:samovar:ext:integrity"'
BECAUSE = {"Man": REASON, "16-reason": "review"}
UNKNOWN = '"http://other.example/unknown"'


def not_extended(got, *texts):
    eq(got.status, 510)
    lacks(got.fields, "Ext", "the answer")
    lacks(got.fields, "C-Ext", "the answer")
    for text in texts:
        contains(got.text, text)
    return got


# ---- mandatory requests -----------------------------------------------------------------------------


@obliges("POL-70", "POL-77", "POL-78")
def test_a_mandatory_get_is_a_get_and_says_ext(server):
    plain, got = server.get("/doc"), server.request("M-GET", "/doc", BECAUSE)
    eq(got.status, 200)
    eq(got.body, b"a document")
    eq(got.etag, plain.etag)
    eq(got.fields["Ext"], "")
    contains(got.fields["Cache-Control"], "no-cache")
    lacks(plain.fields, "Ext", "the plain answer")


@obliges("POL-70")
@cases(("not modified", {"If-None-Match": "*"}, 304), ("a range", {"Range": "bytes=0-0"}, 206))
def test_its_final_status_is_as_usual(server, fields, status):
    got = server.request("M-GET", "/doc", {**BECAUSE, **fields})
    eq(got.status, status)
    eq(got.fields["Ext"], "")


@obliges("POL-78")
@own_server(config=CONFIG, files=FILES)
def test_what_caches_may_keep_is_narrowed_to_ext(server):
    got = server.request("M-GET", "/.samovar/style.css", BECAUSE)
    if got.status == 404:
        got = server.request("M-OPTIONS", "/doc", BECAUSE)
    eq(got.status, 200)
    contains(got.fields["Cache-Control"], 'no-cache="Ext"')
