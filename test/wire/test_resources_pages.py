"""What is shown: listings, media types, errors in their forms, the fields that guard a browser."""

import html.parser
import json
import os
import re
import socket
from urllib.parse import urljoin

import wire
from program import Elsewhere, as_someone_else, needs_root
from wire import cases, contains, eq, lacks, ok, one_of, own_server, skip, wait_for

FILES = {"list/b.txt": b"12", "list/a.txt": b"1", "list/c.txt": b"123", "list/folder/x": b"x", "list/.dot": b"dot",
         "empty/.keep": b"", "indexed/index.html": b"<p>shown", "indexed/other": b"o", "indexed/sub/x": b"x",
         ".hidden/x": b"x", "plain.txt": b"plain"}

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


class Page(html.parser.HTMLParser):
    """The links of a page in order, their texts, and whatever would run or style inline."""

    VOID = {"meta", "link", "br", "img", "input", "hr"}

    def __init__(self, text):
        super().__init__()
        self.links, self.texts, self.styles, self.inline, self.open, self.into = [], [], [], [], [], None
        self.feed(text)
        self.close()
        eq(self.open, [], "elements left open")

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        attrs = dict(attrs)
        if tag == "a":
            self.links.append(attrs["href"])
            self.texts.append("")
            self.into = len(self.texts) - 1
        if tag == "link" and attrs.get("rel") == "stylesheet":
            self.styles.append(attrs["href"])
        if tag in ("script", "style", "iframe",
                   "object") or "style" in attrs or any(name.startswith("on") for name in attrs):
            self.inline.append((tag, attrs))

    def handle_endtag(self, tag):
        eq(self.open.pop() if self.open else None, tag, "the element that ends")
        if tag == "a":
            self.into = None

    def handle_data(self, data):
        if self.into is not None:
            self.texts[self.into] += data

    def members(self):
        return [link for link in self.links if link.startswith("./") and link != "./"]


def page_of(server, target, fields=HTML):
    got = server.get(target, fields)
    eq(got.status, 200)
    eq(got.fields["Content-Type"], "text/html; charset=utf-8")
    return Page(got.body.decode("utf-8"))


def listing_of(server, target):
    got = server.get(target, JSON)
    eq(got.status, 200)
    eq(got.fields["Content-Type"], "application/json")
    return json.loads(got.body.decode("utf-8"))


# ---- listings ---------------------------------------------------------------------------------------


def test_a_listing_names_members_folders_first(server):
    page = page_of(server, "/list/")
    eq(page.members(), ["./folder/", "./a.txt", "./b.txt", "./c.txt"])
    contains(page.links, "../", "the way up")
    text = server.get("/list/", HTML).text
    contains(text, "<h1><bdi>list</bdi></h1>")
    contains(text, "1 folder, 3 files")
    contains(text, 'title="3 bytes"')
    ok(re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">', text), "dates")


@cases(("name", "?sort=name&order=asc", "abc"), ("name down", "?sort=name&order=desc", "cba"),
       ("size", "?sort=size&order=asc", "abc"), ("size down", "?sort=size&order=desc", "cba"),
       ("date", "?sort=modified&order=asc", "cab"), ("date down", "?sort=modified&order=desc", "bac"),
       ("nonsense", "?sort=colour&order=up", "abc"), ("none", "?", "abc"), ("half", "?order=desc", "cba"))
def test_a_listing_is_sorted_as_asked(server, query, order):
    for number, name in enumerate("cab"):
        os.utime(server.path("list/%s.txt" % name), (1000000000 + number,) * 2)
    eq("".join(link[2] for link in page_of(server, "/list/" + query).members() if link.endswith("txt")), order)
    names = [member["name"] for member in listing_of(server, "/list/" + query)["members"]]
    eq("".join(name[0] for name in names if name.endswith("txt")), order, "in JSON")


def test_headings_turn_the_order_around(server):
    links = page_of(server, "/list/?sort=size&order=desc").links
    contains(links, "?sort=size&order=asc")
    contains(links, "?sort=name&order=asc")
    contains(page_of(server, "/list/").links, "?sort=name&order=desc")


def test_every_link_of_a_listing_leads_somewhere(server):
    for target in ("/", "/list/", "/list/folder/", "/empty/"):
        page = page_of(server, target)
        for link in page.links + page.styles:
            eq(server.get(urljoin(target, link)).status, 200, "%s in %s" % (link, target))


def test_an_empty_folder_says_so(server):
    contains(server.get("/empty/", HTML).text, "This folder is empty.")


def test_json_for_programs(server):
    os.utime(server.path("list/a.txt"), (1700000000.9,) * 2)
    got = listing_of(server, "/list/")
    eq((got["path"], got["href"], got["truncated"]), ("/list/", "/list/", False))
    members = {member["name"]: member for member in got["members"]}
    eq(sorted(members), [".dot", "a.txt", "b.txt", "c.txt", "folder"])
    eq(members["a.txt"], {"name": "a.txt", "href": "/list/a.txt", "kind": "file", "size": 1,
                          "modified": "2023-11-14T22:13:20Z", "type": members["a.txt"]["type"]})
    contains(members["a.txt"]["type"], "text/plain")
    eq((members["folder"]["kind"], members["folder"]["href"]), ("folder", "/list/folder/"))
    lacks(members["folder"], "size")


@cases(("browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"), ("curl", "*/*", "html"),
       ("none", None, "html"), ("json", "application/json", "json"),
       ("both", "text/html;q=0.5, application/json", "json"),
       ("both around", "text/html, application/json;q=0.5", "html"), ("refused", "application/json;q=0", "html"))
def test_accept_alone_chooses_the_form(server, accept, form):
    got = server.get("/list/", {"Accept": accept} if accept else {})
    contains(got.fields["Content-Type"], form)
    contains(got.fields.words("Vary"), "accept")


def test_head_of_a_listing(server):
    got = server.head("/list/", HTML)
    eq((got.status, got.fields["Content-Type"]), (200, "text/html; charset=utf-8"))


def test_a_folder_without_its_slash_is_redirected(server):
    """So that relative links work; the query goes along."""
    for target, location in (("/list", "/list/"), ("/list?sort=size", "/list/?sort=size"),
                             ("/list/folder", "/list/folder/"),
                             ("/%6cist", "/list/")):
        got = server.get(target)
        eq(got.status, 308)
        eq(got.fields["Location"], location)
    eq(server.head("/list").status, 308)
    eq(server.get("/plain.txt/").status, 404, "a file is no folder")


@own_server(files={"many/%05d" % number: b"" for number in range(3000)})
def test_a_large_folder_is_whole(server):
    page = page_of(server, "/many/")
    eq(page.members(), ["./%05d" % number for number in range(3000)])
    eq(len(listing_of(server, "/many/")["members"]), 3000)
    conn = server.connect()
    conn.request("GET", "/many/", HTML)
    conn.fill()
    conn.reset()
    eq(server.get("/many/00007").status, 200, "after a reader that left")


# ---- what is not for everybody's eyes ---------------------------------------------------------------


def test_dot_files_are_served_and_hidden_in_html(server):
    lacks(server.get("/list/", HTML).text, ".dot")
    eq(server.get("/list/.dot").body, b"dot")
    eq(server.get("/.hidden/x").body, b"x")
    eq(server.put("/list/.new", b"n").status, 201)
    server.delete("/list/.new")
    contains([member["name"] for member in listing_of(server, "/list/")["members"]], ".dot", "programs see it")


@own_server("--hidden", "deny", files={".dot": b"dot", "a/.git/config": b"secret", "a/b": b"b"})
def test_hidden_deny_refuses_them(server):
    """The same whether or not there is such a file."""
    for target in ("/.dot", "/a/.git/config", "/a/.git/", "/a/.git", "/.missing", "/%2edot", "/a/%2Egit/config"):
        eq(server.get(target).status, 403, target)
        eq(server.put(target, b"x").status, 403, target)
        eq(server.delete(target).status, 403, target)
    eq(server.read(".dot"), b"dot")
    eq(server.get("/a/b").body, b"b")
    lacks(server.get("/", JSON).text, ".dot")
    lacks(server.get("/a/", JSON).text, ".git")


@own_server("--hidden", "listed", files={".dot": b"dot"})
def test_hidden_listed(server):
    eq(page_of(server, "/").members(), ["./.dot"])


def test_the_servers_own_folder_is_never_shown(server):
    server.put("/own.txt", b"1")
    server.put("/own.txt", b"2")
    wait_for(lambda: server.exists(".samovar"), "it is there")
    for fields in (HTML, JSON):
        lacks([link for link in re.findall(r'"(\S*samovar\S*)"', server.get("/", fields).text) if "css" not in link],
              ".samovar")
    lacks([member["name"] for member in listing_of(server, "/")["members"]], ".samovar")
    for target in ("/.samovar/", "/.samovar", "/.samovar/stamp", "/.SAMOVAR/stamp", "/list/.samovar/x",
                   "/.Samovar/up/"):
        one_of(server.get(target).status, (403, 404), target)
        one_of(server.put(target, b"x").status, (403, 404, 405, 409), target)
        one_of(server.delete(target).status, (403, 404, 405), target)
    ok(not server.exists("list/.samovar"), "nor made below")


def test_index_html_is_shown(server):
    got = server.get("/indexed/")
    eq(got.body, b"<p>shown")
    contains(got.fields["Content-Type"], "text/html")
    eq(got.etag, server.get("/indexed/index.html").etag)
    contains([member["name"] for member in listing_of(server, "/indexed/sub/")["members"]], "x", "not below")


@own_server("--no-index", files={"index.html": b"<p>shown"})
def test_no_index_lists(server):
    eq(page_of(server, "/").members(), ["./index.html"])
    eq(server.get("/index.html").body, b"<p>shown")


def test_what_cannot_be_read_never_breaks_a_listing(server):
    """Sockets, pipes, broken and circling links, forbidden files and folders, names of any octets."""
    folder = server.path("odd")
    os.makedirs(folder + "/closed", exist_ok=True)
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(folder + "/socket")
    os.mkfifo(folder + "/fifo")
    for name, to in (("broken", "nowhere"), ("circle", "circle"), ("outside", "/etc"), ("above", "../../.."),
                     ("good", "../plain.txt")):
        os.symlink(to, folder + "/" + name)
    server.write("odd/forbidden", b"x")
    os.chmod(folder + "/forbidden", 0)
    os.chmod(folder + "/closed", 0)
    for name in (b"new\nline", b"\xff\xfe", b'<b>"&\'', b"100%25", b"a?b#c", b" ", b"javascript:alert(1)"):
        open(os.path.join(os.fsencode(folder), name), "wb").close()
    try:
        page = page_of(server, "/odd/")
        eq(page.inline, [])
        hrefs = page.members()
        for name in ("new%0Aline", "%FF%FE", "100%2525", "a%3Fb%23c", "%20"):
            contains(hrefs, "./" + name)
        ok(any(link.startswith("./javascript") for link in hrefs), "no scheme: %r" % hrefs)
        lacks(server.get("/odd/", HTML).body, b'<b>"')
        members = {member["name"]: member for member in listing_of(server, "/odd/")["members"]}
        eq(members["good"]["kind"], "file")
        for name in ("broken", "circle", "outside", "above"):
            eq(members.get(name, {"kind": "broken"})["kind"], "broken", name)
        for link in hrefs:
            one_of(server.get(urljoin("/odd/", link)).status, (200, 403, 404, 308), link)
        for name in ("socket", "fifo", "broken", "circle", "outside", "above", "outside/passwd", "above/etc/passwd"):
            one_of(server.get("/odd/" + name).status, (403, 404), name)
    finally:
        os.chmod(folder + "/closed", 0o755)
        sock.close()


def test_what_the_server_may_not_read_is_403_and_listed(server):
    """As another user than root, whom nothing is forbidden."""
    one = Elsewhere(as_someone_else([wire.SAMOVAR, "{root}", "--listen", "127.0.0.1:0"]),
                    files={"a": b"a", "secret": b"s", "closed/x": b"x", "enter/x": b"x"})
    try:
        os.chmod(one.root, 0o755)
        os.chmod(one.path("secret"), 0)
        os.chmod(one.path("closed"), 0)
        os.chmod(one.path("enter"), 0o711)
        one.start()
        names = [member["name"] for member in listing_of(one, "/")["members"]]
        eq(sorted(names), ["a", "closed", "enter", "secret"])
        eq(page_of(one, "/").inline, [])
        for target, status in (("/a", 200), ("/secret", 403), ("/closed/", 403), ("/closed/x", 403), ("/enter/", 403),
                               ("/enter/x", 200)):
            eq(one.get(target).status, status, target)
    finally:
        one.stop(check=False)
        one.remove()


# ---- media types and the browser's guards -----------------------------------------------------------


@cases(("html", "a.html", "text/html; charset=utf-8"), ("txt", "a.txt", "text/plain; charset=utf-8"),
       ("css", "a.css", "text/css; charset=utf-8"), ("png", "a.png", "image/png"), ("jpg", "a.JPG", "image/jpeg"),
       ("svg", "a.svg", "image/svg+xml"), ("json", "a.json", "application/json"), ("pdf", "a.pdf", "application/pdf"),
       ("mp4", "a.mp4", "video/mp4"), ("wasm", "a.wasm", "application/wasm"), ("gz", "a.txt.gz", "application/gzip"),
       ("none", "README", "application/octet-stream"), ("unknown", "a.zzzz", "application/octet-stream"),
       ("dot", ".txt", None), ("ends in a dot", "a.", "application/octet-stream"))
def test_media_types(server, name, expected):
    server.write("media/" + name, b"content")
    got = server.get("/media/" + name)
    if expected:
        eq(got.fields["Content-Type"], expected)
    lacks(got.fields, "Content-Encoding")
    eq(got.fields["X-Content-Type-Options"], "nosniff")


@cases(("system's", "text/x-samovar-test zzzz\nimage/x-other png\n", "text/x-samovar-test; charset=utf-8",
        "image/x-other"),
       ("built-in", "# nothing\n", "application/octet-stream", "image/png"))
def test_what_the_system_says_counts_and_built_in_types_fill_its_gaps(server, text, zzzz, png):
    """Another /etc/mime.types, which only this server sees."""
    needs_root()
    if not os.path.exists("/etc/mime.types"):
        skip("there is no /etc/mime.types to stand before")
    one = Elsewhere(["unshare", "-m", "sh", "-c", 'mount --bind {tmp}/types /etc/mime.types && exec "$0" "$@"',
                     wire.SAMOVAR,
                     "{root}", "--listen", "127.0.0.1:0"], files={"a.zzzz": b"z", "a.png": b"p", "a.html": b"h"})
    with open(one.tmp + "/types", "w", encoding="ascii") as out:
        out.write(text)
    try:
        one.start(wait=False)
        wait_for(lambda: one.addresses or one.process.poll() is not None, "it listens")
        if not one.addresses:
            skip("nothing can be mounted in a namespace here: %s" % one.stderr())
        eq(one.get("/a.zzzz").fields["Content-Type"], zzzz)
        eq(one.get("/a.png").fields["Content-Type"], png)
        eq(one.get("/a.html").fields["Content-Type"], "text/html; charset=utf-8")
    finally:
        one.stop(check=False)
        one.remove()


def test_javascript_is_text_with_utf_8(server):
    server.write("media/a.js", b"1")
    one_of(server.get("/media/a.js").fields["Content-Type"],
           ("text/javascript; charset=utf-8", "application/javascript", "application/javascript; charset=utf-8"))


def test_nosniff_is_everywhere(server):
    answers = [server.get("/plain.txt"), server.head("/plain.txt"), server.get("/list/", HTML),
               server.get("/list/", JSON),
               server.get("/missing"), server.get("/missing", HTML), server.get("/list"), server.put("/sniff", b"x"),
               server.put("/sniff", b"y"), server.get("/plain.txt", {"Range": "bytes=0-1"}),
               server.get("/plain.txt", {"Range": "bytes=90-"}), server.request("FROB", "/"),
               server.request("POST", "/", (), b""),
               server.raw(b"GET / HTTP/1.1\r\n\r\n"), server.get("/.samovar/style.css")]
    for got in answers:
        eq(got.fields.get("X-Content-Type-Options"), "nosniff", "after %r" % got)


def test_our_own_pages_have_a_policy_without_inline(server):
    for target in ("/list/", "/missing", "/list"):
        got = server.get(target, HTML)
        policy = got.fields["Content-Security-Policy"]
        contains(policy, "default-src 'none'")
        lacks(policy, "unsafe")
        page = Page(got.body.decode("utf-8"))
        eq(page.inline, [], target)
        for style in page.styles:
            css = server.get(urljoin(target, style))
            eq((css.status, css.fields["Content-Type"]), (200, "text/css; charset=utf-8"))
            ok(not re.search(rb"url\(|@import", css.body), "the style loads nothing")


def test_users_files_go_out_as_they_are(server):
    server.write("media/page.html", b"<script>1</script>")
    got = server.get("/media/page.html")
    eq(got.body, b"<script>1</script>")
    for name in ("Content-Security-Policy", "Content-Disposition", "X-Frame-Options"):
        lacks(got.fields, name)


@cases(("html", "p.html", True), ("svg", "p.svg", True), ("xml", "p.xml", True), ("xhtml", "p.xhtml", True),
       ("js", "p.js", True),
       ("png", "p.png", False), ("txt", "p.txt", False), ("pdf", "p.pdf", None))
@own_server("--untrusted", files={"p." + end: b"x" for end in ("html", "svg", "xml", "xhtml", "js", "png", "txt",
                                                               "pdf")})
def test_untrusted_files_cannot_act(server, name, is_active):
    for got in (server.get("/" + name), server.get("/" + name), server.head("/" + name),
                server.get("/" + name, {"Range": "bytes=0-0"})):
        contains(got.fields["Content-Security-Policy"], "sandbox")
        lacks(got.fields["Content-Security-Policy"], "allow-scripts")
        if is_active is not None:
            eq("attachment" in got.fields.get("Content-Disposition", ""), is_active, "as an attachment")
    if is_active:
        contains(got.fields["Content-Disposition"], "filename*=UTF-8''" + name)


# ---- errors -----------------------------------------------------------------------------------------


@cases(("text", None, "text/plain; charset=utf-8"), ("star", "*/*", "text/plain; charset=utf-8"),
       ("html", "text/html", "text/html; charset=utf-8"),
       ("browser", "text/html,*/*;q=0.8", "text/html; charset=utf-8"),
       ("json", "application/json", "application/problem+json"),
       ("problem", "application/problem+json", "application/problem+json"),
       ("image", "image/png", "text/plain; charset=utf-8"), ("weights", "text/html;q=0.1, application/json;q=0.2",
                                                              "application/problem+json"))
def test_errors_have_the_form_that_accept_names(server, accept, form):
    asks = [("GET", "/missing", {}, 404), ("DELETE", "/missing", {}, 404), ("PUT", "/no/folder/x", {}, 409),
            ("GET", "/plain.txt", {"Range": "bytes=99-"}, 416), ("PUT", "/plain.txt", {"If-None-Match": "*"}, 412),
            ("POST", "/plain.txt", {}, 405), ("FROB", "/", {}, 501), ("GET", "/x", {"Host": "evil.example"}, 421)]
    for method, target, fields, status in asks:
        got = server.request(method, target, dict(fields, **({"Accept": accept} if accept else {})),
                             b"x" if method in ("PUT", "POST") else None)
        eq(got.status, status, "%s %s" % (method, target))
        eq(got.fields["Content-Type"], form)
        contains(got.fields.words("Vary"), "accept")
        if "json" in form:
            problem = json.loads(got.body.decode("utf-8"))
            eq((problem["status"], problem["title"]), (status, got.phrase))
            ok(problem["detail"], "it says more")
        else:
            contains(got.text, str(status))
            ok(len(got.text.strip().splitlines()) >= 2, "it says more: %r" % got.text)


def test_what_the_client_sent_is_escaped_in_errors(server):
    for form in (HTML, JSON, {}):
        got = server.get("/%3Cscript%3Ealert(1)%3C/script%3E", form)
        eq(got.status, 404)
        lacks(got.body, b"<script>")
        got = server.get("/a//%3Cscript%3E//b?<script>\"'", form)
        lacks(got.body, b"<script>")
        if form is HTML:
            eq(Page(got.text).inline, [])


@cases(("POST", "POST", "/plain.txt"), ("folder PATCH", "PATCH", "/list"), ("TRACE", "TRACE", "/plain.txt"),
       ("root", "POST", "/"),
       ("folder PUT", "PUT", "/list"), ("folder POST", "POST", "/list"), ("folder slash", "POST", "/list/"),
       ("style", "PUT", "/.samovar/style.css"))
def test_405_says_what_is_allowed(server, method, target):
    got = server.request(method, target, (), b"x" if method in ("PUT", "POST", "PATCH") else None)
    eq(got.status, 405)
    allowed = got.fields.words("Allow")
    lacks(allowed, method.lower())
    contains(allowed, "get")
    contains(allowed, "head")
    ok(server.exists("list/a.txt"), "nothing was removed")
    if "samovar" not in target:
        for other in allowed:
            if other in ("get", "head", "options"):
                one_of(server.request(other.upper(), target).status, (200, 204, 308), other)


def test_unknown_methods_are_501(server):
    for method in ("FROB", "get", "PROPFINDX", "M-GET"):
        eq(server.request(method, "/plain.txt").status, 501, method)


def test_names_are_decoded_once(server):
    server.write("media/%41", b"percent")
    eq(server.get("/media/%2541").body, b"percent")
    eq(server.get("/media/%41").status, 404)
