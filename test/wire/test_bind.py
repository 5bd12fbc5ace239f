"""BIND: what it makes, what it replaces, and each reason for which it refuses (RFC 5842 §4)."""

from binding import Unchanged, bind, body_of, bound, conditions_of, held, id_of
from dav import XML, lock_of, unlock
from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

FILES = {"x/foo": b"foo", "x/d/in": b"in", "y/old": b"old", "y/deep/e": b"e", "file": b"f"}


def fresh(server, name):
    """A folder of a test's own: NAME/{a/{f,d/in},b/old}."""
    for path, content in {"a/f": b"f", "a/d/in": b"in", "b/old": b"old"}.items():
        server.write(f"{name}/{path}", content)
    return f"/{name}"


@obliges("BND-12")
@cases(("root", "/"), ("folder", "/x/"), ("file", "/x/foo"), ("nothing", "/nothing"))
def test_options_says_bind(server, target):
    got = server.request("OPTIONS", target)
    eq(got.status, 200)
    contains([word.strip() for word in got.fields["DAV"].split(",")], "bind")


def test_allow_names_the_methods(server):
    allowed = server.request("OPTIONS", "/x/").fields["Allow"].replace(" ", "").split(",")
    for method in ("BIND", "UNBIND", "REBIND"):
        contains(allowed, method)
        lacks(server.request("OPTIONS", "/x/foo").fields["Allow"].replace(" ", "").split(","), method)


@obliges("BND-13", "BND-25")
def test_a_name_is_made(server):
    top = fresh(server, "new")
    got = bind(server, top + "/b/", "bar", top + "/a/f")
    eq((got.status, got.body), (201, b""))
    eq(got.fields["Location"].replace("http://" + server.host, ""), top + "/b/bar")
    eq(server.get(top + "/b/bar").body, b"f")
    eq(id_of(server, top + "/b/bar"), id_of(server, top + "/a/f"))
    got = bind(server, top + "/b/", "dir", top + "/a/d")
    eq((got.status, got.body), (201, b""))
    eq(server.get(top + "/b/dir/in").body, b"in")
    got = bind(server, top + "/b/", "old", top + "/a/f")
    eq((got.status, got.body), (204, b""), "a name is replaced")
    eq(server.get(top + "/b/old").body, b"f")


@obliges("BND-14")
@cases(("without", {}), ("T", {"Overwrite": "T"}))
def test_what_had_the_name_lives_on_under_others(server, fields):
    top = fresh(server, "over" + "".join(fields))
    bound(server, top + "/b/other", top + "/b/old")
    eq(bind(server, top + "/b/", "old", top + "/a/f", fields).status, 204)
    eq(server.get(top + "/b/old").body, b"f")
    eq(server.get(top + "/b/other").body, b"old")
    eq(bind(server, top + "/b/", "other", top + "/a/d", fields).status, 204, "and when the last one goes, so does it")
    eq(server.get(top + "/b/other/in").body, b"in")


@obliges("BND-15", "BND-24")
@cases(("file", "old"), ("folder", "d2"))
def test_overwrite_f_spares_what_is_there(server, name):
    top = fresh(server, "spare" + name)
    bound(server, top + "/b/d2", top + "/a/d")
    with Unchanged(server, top + "/"):
        got = bind(server, top + "/b/", name, top + "/a/f", {"Overwrite": "F"})
        eq(conditions_of(got, 412), ["can-overwrite"])
    eq(bind(server, top + "/b/", "free", top + "/a/f", {"Overwrite": "F"}).status, 201)


@obliges("BND-16", "BND-24")
def test_only_folders_have_names_in_them(server):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/file", "a", "/x/foo"), 403), ["bind-into-collection"])
        eq(bind(server, "/none/", "a", "/x/foo").status, 404)


@obliges("BND-17", "BND-24")
@cases(("nothing", "/x/nothing"), ("below nothing", "/nothing/at/all"), ("below a file", "/file/below"))
def test_what_is_not_there_is_not_bound(server, href):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/y/", "n", href), 409), ["bind-source-exists"])


@obliges("BND-18", "BND-24")
@cases(("host", "http://other.example/x/foo"), ("port", "http://127.0.0.1:1/x/foo"), ("scheme", "ftp://127.0.0.1/x/foo"))
def test_nothing_of_others_is_bound(server, href):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/y/", "n", href), 403), ["cross-server-binding"])


@obliges("BND-19", "BND-24")
@cases(("empty", ""), ("slash", "a/b"), ("encoded slash", "a%2Fb"), ("dot", "."), ("dots", ".."), ("encoded dots", "%2e%2e"),
       ("NUL", "a%00b"), ("too long", "n" * 300), ("the server's", ".samovar"))
def test_what_cannot_be_a_name_is_none(server, segment):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/y/", segment, "/x/foo"), 403), ["name-allowed"])


@obliges("BND-20", "BND-24")
def test_the_root_has_one_name(server):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/y/", "root", "/"), 403), ["binding-allowed"])


def test_a_body_that_says_nothing_is_refused(server):
    for content in (b"", b"no xml", b"<a/>", body_of("unbind", "n"), body_of("bind", "n"), b'<D:bind xmlns:D="DAV:"><D:href>/x/foo</D:href></D:bind>'):
        with Unchanged(server):
            one_of(server.request("BIND", "/y/", XML, content).status, (400, 422))
    eq(server.request("BIND", "/y/", {"Content-Type": "text/plain"}, body_of("bind", "n", "/x/foo")).status, 415)


def test_a_condition_on_the_folder_is_kept(server):
    top = fresh(server, "cond")
    with Unchanged(server, top + "/"):
        eq(bind(server, top + "/b/", "n", top + "/a/f", {"If": '(["none"])'}).status, 412)
        eq(bind(server, top + "/b/", "n", top + "/a/f", {"If-Match": '"none"'}).status, 412)


@obliges("BND-21")
def test_a_loop_is_made(server):
    top = fresh(server, "loop")
    eq(bind(server, top + "/a/d/", "up", top + "/a").status, 201)
    eq(server.get(top + "/a/d/up/d/up/f").body, b"f")
    eq(id_of(server, top + "/a/d/up/"), id_of(server, top + "/a/"))


@obliges("BND-21", "BND-24")
@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" allow "*" { rights = { "read", "write" } } bind-loops = off }',
            files={"a/d/in": b"in"})
def test_loops_can_be_refused(server):
    with Unchanged(server):
        eq(conditions_of(bind(server, "/a/d/", "up", "/a"), 403), ["cycle-allowed"])
        eq(conditions_of(bind(server, "/a/", "self", "/a/"), 403), ["cycle-allowed"])
    eq(bind(server, "/", "d2", "/a/d").status, 201, "what is no loop is made")
    with Unchanged(server):
        eq(conditions_of(bind(server, "/d2/", "up", "/a"), 403), ["cycle-allowed"], "through another name")


@obliges("BND-22", "BND-24")
def test_a_locked_folder_takes_no_name_without_the_token(server):
    top = fresh(server, "lockf")
    token = lock_of(server, top + "/b/", Depth="0")
    with Unchanged(server, top + "/"):
        got = bind(server, top + "/b/", "n", top + "/a/f")
        contains(conditions_of(got, 423), "locked-update-allowed")
        contains(got.body, (top + "/b/").encode(), "which lock it is")
    eq(bind(server, top + "/b/", "n", top + "/a/f", held(token)).status, 201)
    unlock(server, top + "/b/", token)


@obliges("BND-23", "BND-24")
def test_a_locked_name_is_not_given_to_another(server):
    top = fresh(server, "lockn")
    token = lock_of(server, top + "/b/old")
    with Unchanged(server, top + "/"):
        got = bind(server, top + "/b/", "old", top + "/a/f")
        contains(conditions_of(got, 423), "locked-overwrite-allowed")
        contains(got.body, (top + "/b/old").encode(), "which lock it is")
    eq(bind(server, top + "/b/", "new", top + "/a/f").status, 201, "others are free")
    eq(bind(server, top + "/b/", "old", top + "/a/f", {"If": f"<{top}/b/old> ({token})"}).status, 204)


@obliges("BND-26")
def test_segments_are_encoded_and_hrefs_may_be_whole(server):
    top = fresh(server, "enc")
    eq(bind(server, top + "/b/", "caf%C3%A9%20%26%2525", f"http://{server.host}{top}/a/f").status, 201)
    eq(server.get(top + "/b/caf%C3%A9%20%26%2525").body, b"f")
    ok(server.exists("enc/b/café &%25"), "it has that name")
    server.write("enc/a/sp ace", b"sp")
    eq(bind(server, top + "/b/", "sp", top + "/a/sp%20ace").status, 201)
    eq(server.get(top + "/b/sp").body, b"sp")
    eq(bind(server, top + "/b/", "amp&amp;", top + "/a/f").status, 201)
    eq(server.get(top + "/b/amp&").body, b"f")


@obliges("BND-27")
def test_a_name_is_there_for_each_url_of_its_folder(server):
    top = fresh(server, "urls")
    bound(server, top + "/b/d2", top + "/a/d")
    eq(bind(server, top + "/b/d2/", "n", top + "/a/f").status, 201)
    for target in ("/a/d/n", "/b/d2/n"):
        eq(server.get(top + target).body, b"f", target)


@obliges("BND-28")
def test_the_same_again_ends_in_the_same(server):
    top = fresh(server, "again")
    eq(bind(server, top + "/b/", "n", top + "/a/d").status, 201)
    with Unchanged(server, top + "/"):
        for href in ("/a/d", "/b/n", "/a/d/"):
            one_of(bind(server, top + "/b/", "n", top + href).status, (200, 204))
