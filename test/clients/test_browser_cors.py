"""A browser whose page comes from one origin and asks another: PROPFIND, PUT, what it may read, and what it may not."""

from client import serving
from test_browser import seen
from wire import contains, eq, ok

PAGE = b"""<!doctype html><p id=p>nothing yet</p><script>
const drive = location.search.slice(1), said = [];
const tell = async (what, act) => {
    try { said.push(what + ": " + await act()); } catch (error) { said.push(what + ": " + error.name); }
    document.getElementById("p").textContent = said.join("; ") + ";";
};
const ask = (path, more) => fetch(drive + path, {credentials: CREDENTIALS, ...more});
(async () => {
    await tell("propfind", async () => {
        const got = await ask("/folder/", {method: "PROPFIND", headers: {Depth: "1"}});
        return got.status + " " + (await got.text()).split("<D:href>").length;
    });
    await tell("put", async () => (await ask("/folder/new", {method: "PUT", body: "by a page",
        headers: {"If-None-Match": "*"}})).status);
    await tell("again", async () => (await ask("/folder/new", {method: "PUT", body: "no", headers: {"If-None-Match": "*"}})).status);
    await tell("etag", async () => (await ask("/folder/new")).headers.get("ETag"));
    await tell("missing", async () => (await ask("/none")).status);
})();
</script>"""
FILES = {"page.html": PAGE.replace(b"CREDENTIALS", b'"omit"')}
DRIVE = """
listen = { "127.0.0.1:0" }
site "drive" { root = "{root}" cors = { "%s" } }
"""


def asks(server, origin):
    """What the page has to say, and the drive that it asked, as far as its folder tells."""
    with serving(False, config=DRIVE % origin, files={"folder/a": b"a"}) as drive:
        dom, _ = seen(server, "/page.html?http://" + drive.host)
        tag = drive.head("/folder/new").fields.get("ETag")
        return dom, tag, drive.exists("folder/new") and drive.read("folder/new")


def test_a_page_of_a_listed_origin_uses_the_drive(server):
    dom, tag, written = asks(server, "http://" + server.host)
    contains(dom, "propfind: 207 3;")
    contains(dom, "put: 201;")
    contains(dom, "again: 412;")
    ok(tag and "etag: %s;" % tag in dom, "the tag %r in %s" % (tag, dom))
    contains(dom, "missing: 404;")
    eq(written, b"by a page")


def test_a_page_of_another_origin_does_not(server):
    dom, _, written = asks(server, "https://app.example")
    for what in ("propfind", "put", "again", "etag", "missing"):
        contains(dom, what + ": TypeError;")
    eq(written, False)
