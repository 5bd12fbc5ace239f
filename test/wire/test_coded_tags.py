"""Changes made by who fetched a coded form: its tag names the content, wherever a change is guarded by one."""

from dav import proppatch, set_of
from wire import cases, eq, ne, ok

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  compress = on
  at "/careful" { require-match = on }
  at "/kept" { require-match = conflict-copy }
  allow "*" { rights = { "read", "list", "write", "create", "delete" } }
}
"""
CONTENT = b"what everybody reads, over and over again\n" * 100
GDIFF = bytes.fromhex("d1ffd1ff04") + b"\x05newer\0"
MARKS = (("gzip", "-gzip-0123abcd"), ("brotli", "-br-00000000"), ("zstd", "-zstd-deadbeef"),
         ("dictionary", "-dcz-0123abcd"))
STRANGE = (("other-coding", "-lzma-0123abcd"), ("short", "-gzip-0123abc"), ("long", "-gzip-0123abcde"),
           ("upper-case", "-gzip-0123ABCD"), ("coding-alone", "-gzip"), ("space-for-hex", "-gzip-0123abc,"))


def new(server, path, content=CONTENT):
    got = server.put(path, content)
    ok(got.status in (201, 204), "PUT: %d" % got.status)
    ok(got.etag.startswith('"'), "a strong tag: %s" % got.etag)
    return got.etag


def coded(tag, mark="-gzip-0123abcd"):
    return tag[:-1] + mark + '"'


@cases(*MARKS)
def test_put_by_the_tag_of_a_form(server, mark):
    tag = new(server, "/put%s.txt" % mark)
    eq(server.put("/put%s.txt" % mark, b"newer", {"If-Match": coded(tag, mark)}).status, 204)
    eq(server.read("put%s.txt" % mark), b"newer")
    eq(server.put("/put%s.txt" % mark, b"newest", {"If-Match": coded(tag, mark)}).status, 412)
    eq(server.read("put%s.txt" % mark), b"newer")


@cases(*STRANGE)
def test_put_by_what_is_no_such_tag(server, mark):
    tag = new(server, "/strange.txt")
    eq(server.put("/strange.txt", b"newer", {"If-Match": coded(tag, mark)}).status, 412)
    eq(server.read("strange.txt"), CONTENT)


def test_the_tag_of_a_form_that_was_sent(server):
    tag = new(server, "/sent.txt")
    got = server.get("/sent.txt", {"Accept-Encoding": "gzip"})
    eq((got.status, got.fields.get("Content-Encoding")), (200, "gzip"))
    ne(got.etag, tag)
    eq(server.put("/sent.txt", b"newer", {"If-Match": got.etag}).status, 204)
    eq(server.put("/sent.txt", b"newest", {"If-Match": got.etag}).status, 412)


def test_put_that_wants_another_content_than_that_form_was_of(server):
    tag = new(server, "/other.txt")
    eq(server.put("/other.txt", b"newer", {"If-None-Match": coded(tag)}).status, 412)
    eq(server.read("other.txt"), CONTENT)


def test_a_version_of_before_is_no_more(server):
    tag = new(server, "/before.txt")
    new(server, "/before.txt", b"newer")
    eq(server.put("/before.txt", b"newest", {"If-Match": coded(tag)}).status, 412)


def test_delete(server):
    tag = new(server, "/delete.txt")
    eq(server.delete("/delete.txt", {"If-Match": coded(tag, "-lzma-0123abcd")}).status, 412)
    eq(server.delete("/delete.txt", {"If-Match": coded(tag)}).status, 204)


@cases(("MOVE", "MOVE", 201), ("COPY", "COPY", 201))
def test_move_and_copy(server, method, status):
    tag = new(server, "/%s.txt" % method)
    to = {"Destination": "/%s-there.txt" % method}
    eq(server.request(method, "/%s.txt" % method, {**to, "If-Match": coded(tag, "-gzip-x")}).status, 412)
    eq(server.request(method, "/%s.txt" % method, {**to, "If-Match": coded(tag)}).status, status)


def test_proppatch(server):
    tag = new(server, "/prop.txt")
    inner = set_of("<x xmlns='urn:t'>1</x>")
    eq(proppatch(server, "/prop.txt", inner, If_Match=coded(tag, "-gzip-x")).status, 412)
    eq(proppatch(server, "/prop.txt", inner, If_Match=coded(tag)).status, 207)


def test_patch(server):
    tag = new(server, "/patch.txt")
    fields = {"Content-Type": "application/gdiff", "If-Match": coded(tag, "-br-0123abcd")}
    ok(server.request("PATCH", "/patch.txt", fields, GDIFF).status in (200, 204), "PATCH by the tag of a form")
    eq(server.read("patch.txt"), b"newer")
    eq(server.request("PATCH", "/patch.txt", fields, GDIFF).status, 412)


def test_put_of_a_stretch(server):
    tag = new(server, "/stretch.txt", b"0123456789")
    fields = {"Content-Range": "bytes 2-3/10", "If-Match": coded(tag)}
    ok(server.put("/stretch.txt", b"xy", fields).status in (200, 204), "by the tag of a form")
    eq(server.read("stretch.txt"), b"01xy456789")


@cases(("target", "([%s])", 204), ("not", "(Not [%s])", 412), ("tagged", "</if.txt> ([%s])", 204))
def test_the_field_if(server, form, status):
    tag = new(server, "/if.txt")
    eq(server.put("/if.txt", b"newer", {"If": form % coded(tag)}).status, status)


def test_the_field_if_about_another_resource(server):
    tag = new(server, "/about.txt")
    new(server, "/target.txt")
    eq(server.put("/target.txt", b"newer", {"If": "</about.txt> ([%s])" % coded(tag, "-gzip-x")}).status, 412)
    eq(server.put("/target.txt", b"newer", {"If": "</about.txt> ([%s])" % coded(tag)}).status, 204)


def test_where_a_condition_is_demanded(server):
    server.request("MKCOL", "/careful")
    tag = new(server, "/careful/x.txt")
    eq(server.put("/careful/x.txt", b"newer").status, 428)
    eq(server.put("/careful/x.txt", b"newer", {"If-Match": coded(tag)}).status, 204)


def test_no_copy_is_kept_where_the_form_was_named(server):
    server.request("MKCOL", "/kept")
    server.request("MKCOL", "/kept/named")
    tag = new(server, "/kept/named/x.txt")
    eq(server.put("/kept/named/x.txt", b"newer", {"If-Match": coded(tag)}).status, 204)
    eq(server.names("kept/named"), ["x.txt"])
