"""http1.md §8: what a path names, and that no spelling and no link leads out of the root or into .samovar."""

import os
import re

from wire import cases, contains, eq, head_of, lacks, message_of, obliges, ok, one_of, own_server, wait_for

FILES = {"~a.txt": b"tilde", "a b.txt": b"space", "b": b"b", "d/b": b"d/b", "%2e": b"percent", "q?r.txt": b"question",
         "ten.txt": b"0123456789"}


@obliges("H1-83")
@cases(("tilde", "/%7Ea.txt", "/~a.txt"), ("lower hex", "/%7ea.txt", "/~a.txt"), ("letters", "/%62", "/b"),
       ("all", "/%74%65%6E%2e%74%78%74", "/ten.txt"), ("space", "/%61%20b.txt", "/a%20b.txt"))
def test_escaped_and_plain_characters_are_equal(server, escaped, plain):
    got, want = server.get(escaped), server.get(plain)
    eq(want.status, 200)
    eq(got.status, 200)
    eq((got.body, got.etag), (want.body, want.etag))


@obliges("H1-84", "H1-C5")
@cases(("slash", "/d%2Fb"), ("lower", "/d%2fb"), ("to the root", "/%2Fb"), ("dots", "/d%2F..%2Fb"),
       ("at the end", "/d%2F"))
def test_an_escaped_slash_separates_nothing(server, target):
    eq(server.get(target).status, 400)
    eq(server.put(target, b"x").status, 400)


@obliges("H1-84")
def test_decoding_is_done_once(server):
    eq(server.get("/%252e").body, b"percent")
    eq(server.get("/%252e%252e/b").status, 404)
    one_of(server.put("/d/%2541.txt", b"%41").status, (201, 204))
    eq(server.read("d/%41.txt"), b"%41")
    eq(server.get("/d/A.txt").status, 404)
    eq(server.get("/%25%32%66").status, 404)


ESCAPES = (("plain", "/../secret.txt"), ("escaped", "/%2e%2e/secret.txt"), ("half", "/.%2E/secret.txt"),
           ("half again", "/%2e./secret.txt"),
           ("below", "/d/../../secret.txt"), ("below, escaped", "/d/%2e%2e/%2e%2e/secret.txt"),
           ("many", "/" + "../" * 20 + "etc/passwd"),
           ("with slashes", "/d//../..//secret.txt"), ("in the end", "/d/.."), ("in the end, escaped", "/d/%2e%2e"),
           ("slash, escaped", "/..%2fsecret.txt"), ("all escaped", "/%2e%2e%2fsecret.txt"),
           ("backslash", "/..\\secret.txt"),
           ("escaped backslash", "/..%5csecret.txt"), ("twice", "/%252e%252e/secret.txt"),
           ("overlong", "/%c0%ae%c0%ae/secret.txt"),
           ("overlong slash", "/..%c0%afsecret.txt"), ("parameter", "/..;/secret.txt"), ("NUL", "/..%00/secret.txt"),
           ("fullwidth", "/%ef%bc%8e%ef%bc%8e/secret.txt"), ("three dots", "/.../secret.txt"),
           ("absolute", "http://localhost/../secret.txt"),
           ("only dots", "/.."), ("dot", "/./../secret.txt"), ("query before", "/?/../../secret.txt"))


@obliges("H1-85", "H1-90")
@cases(*ESCAPES)
def test_dot_segments_never_leave_the_root(server, target):
    with open(os.path.join(server.tmp, "secret.txt"), "wb") as out:
        out.write(b"TOP SECRET")
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"written"), ("DELETE", None), ("OPTIONS", None)):
        if "?" in target and method in ("PUT", "DELETE"):
            continue  # this one names the root itself
        got = server.raw(message_of(method, target, body=body), method)
        lacks(got.body, b"SECRET", "the content of the answer to " + method)
        lacks(got.body, b"root:", "the content of the answer to " + method)
    with open(os.path.join(server.tmp, "secret.txt"), "rb") as file:
        eq(file.read(), b"TOP SECRET", "the file outside")
    eq(sorted(name for name in os.listdir(server.tmp) if name not in ("root", "stderr")), ["secret.txt"], "beside the root")
    for name in ("secret.txt", "d/secret.txt"):
        ok(not server.exists(name), "%s was not made inside either" % name)


@obliges("H1-85")
@cases(("dot", "/./b"), ("inside", "/d/../b"), ("escaped", "/d/%2e%2e/b"), ("dot in the end", "/d/."),
       ("escaped dot", "/%2e/b"))
def test_dot_segments_are_normalised_redirected_or_refused(server, target):
    one_of(server.get(target).status, (200, 308, 301, 400))
    one_of(server.put(target, b"b").status, (200, 204, 308, 400, 405))
    eq(server.read("b"), b"b")


@obliges("H1-86")
@cases(("NUL", "/b%00"), ("NUL inside", "/b%00.txt"), ("incomplete", "/b%"), ("one digit", "/b%2"),
       ("no digits", "/b%zz"),
       ("one wrong digit", "/b%2g"), ("sign", "/b%+1"), ("unicode", "/b%u0062"))
def test_a_broken_escape_is_400(server, target):
    eq(server.get(target).status, 400)
    eq(server.put(target, b"x").status, 400)
    eq(server.delete(target).status, 400)
    ok(server.exists("b"), "it is still there")


@obliges("H1-87")
@cases(("latin-1", "/caf%e9.txt", b"caf\xe9.txt"), ("all high", "/%80%ff.bin", b"\x80\xff.bin"),
       ("cut", "/%c3.txt", b"\xc3.txt"),
       ("surrogate", "/%ed%a0%80.txt", b"\xed\xa0\x80.txt"), ("utf-8", "/caf%c3%a9.txt", b"caf\xc3\xa9.txt"),
       ("decomposed", "/cafe%cc%81.txt", b"cafe\xcc\x81.txt"), ("control", "/tab%09.txt", b"tab\t.txt"))
def test_names_of_any_octets_are_kept_octet_for_octet(server, target, name):
    status = server.put(target, b"octets").status
    one_of(status, (201, 204))
    contains(os.listdir(os.fsencode(server.root)), name)
    eq(server.get(target).body, b"octets")
    contains(server.get("/").text.lower(), target[1:].lower(), "the listing")
    one_of(server.delete(target).status, (200, 204))
    lacks(os.listdir(os.fsencode(server.root)), name)


@obliges("H1-87")
def test_raw_high_octets_are_the_same_name(server):
    one_of(server.raw(b"PUT /raw\xe9.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", "PUT").status, (201, 400))
    if os.path.exists(os.path.join(os.fsencode(server.root), b"raw\xe9.txt")):
        eq(server.get("/raw%E9.txt").body, b"x")


@obliges("H1-88")
@cases(("front", "//d/b", "/d/b"), ("inside", "/d//b", "/d/b"), ("many", "///d////b", "/d/b"), ("end", "/d//", "/d/"),
       ("another host", "//evil.example/x", "/evil.example/x"))
def test_empty_segments_are_redirected_in_every_method(server, target, to):
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"x"), ("DELETE", None)):
        got = server.request(method, target, body=body)
        eq(got.status, 308, method)
        eq(got.fields["Location"], to, method)
    eq(server.read("d/b"), b"d/b")
    eq(server.get(target + "?a//b").fields["Location"], to + "?a//b")


@obliges("H1-89")
def test_the_query_is_not_part_of_the_name(server):
    eq(server.get("/b?x=/../../etc/passwd").body, b"b")
    eq(server.get("/b?").body, b"b")
    eq(server.get("/q%3Fr.txt").body, b"question")
    eq(server.get("/q?r.txt").status, 404)
    one_of(server.put("/new%3f.txt?version=2", b"n").status, (201, 204))
    eq(server.read("new?.txt"), b"n")
    eq(server.get("/b?%zz%00").body, b"b")


@obliges("H1-90")
@cases(("backslash", "/d%5Cb", "d\\b"), ("drive", "/C:", "C:"), ("drive and path", "/C:%5Cx", "C:\\x"),
       ("device", "/CON", "CON"),
       ("device with dot", "/aux.txt", "aux.txt"), ("stream", "/x::$DATA", "x::$DATA"), ("trailing dot", "/x.", "x."),
       ("trailing space", "/x%20", "x "), ("semicolon", "/x;a=b", "x;a=b"), ("star", "/*", "*"),
       ("tilde", "/~root", "~root"),
       ("dash", "/-rf", "-rf"), ("dollar", "/$HOME", "$HOME"))
def test_what_is_special_elsewhere_is_a_name_here(server, target, name):
    one_of(server.put(target, b"plain").status, (201, 204))
    eq(server.read(name), b"plain")
    eq(server.get(target).body, b"plain")


@obliges("H1-90")
def test_names_differ_by_case(server):
    server.put("/Case.txt", b"upper")
    eq(server.get("/case.txt").status, 404)


# ---- links ---------------------------------------------------------------------------------------------


def make_links(server):
    outside = os.path.join(server.tmp, "outside")
    os.makedirs(outside, exist_ok=True)
    with open(os.path.join(outside, "secret.txt"), "wb") as out:
        out.write(b"TOP SECRET")
    server.write("in/real.txt", b"real")
    server.write("b", b"b")
    for name, to in (("abs-file", outside + "/secret.txt"), ("abs-dir", outside), ("rel-file", "../outside/secret.txt"),
                     ("rel-dir", "../outside"), ("in/up-dir", "../../outside"), ("root", "/"), ("chain", "abs-dir"),
                     ("chain2", "in/../chain"), ("etc", "/etc"), ("proc", "/proc/self/root"),
                     ("self", "/proc/self/cwd"),
                     ("parent", ".."), ("in/grand", "../.."), ("dots", "in/../../outside"), ("back", "../root"),
                     ("loop", "loop"), ("loop1", "loop2"), ("loop2", "loop1"), ("broken", "nothing"),
                     ("new-out", "../outside/new.txt"),
                     ("fine", "in/real.txt"), ("fine-dir", "in"), ("in/fine-up", "../b"),
                     ("fine-dots", "in/../in/./real.txt")):
        path = server.path(name)
        if not os.path.lexists(path):
            os.symlink(to, path)
    return outside


def outside_is_untouched(outside):
    eq(os.listdir(outside), ["secret.txt"], "what lies outside")
    with open(os.path.join(outside, "secret.txt"), "rb") as file:
        eq(file.read(), b"TOP SECRET")


OUTWARD = ("/abs-file", "/abs-dir/secret.txt", "/rel-file", "/rel-dir/secret.txt", "/in/up-dir/secret.txt",
           "/chain/secret.txt",
           "/chain2/secret.txt", "/root/etc/passwd", "/etc/passwd", "/proc/etc/passwd", "/self/etc/passwd",
           "/parent/outside/secret.txt",
           "/in/grand/outside/secret.txt", "/dots/secret.txt", "/parent/stderr", "/fine-dir/up-dir/secret.txt",
           "/loop", "/loop1",
           "/abs-dir/", "/rel-dir/", "/root/", "/etc/", "/parent/", "/in/grand/", "/loop/", "/abs-dir", "/parent",
           "/%72oot/etc/passwd")


@obliges("H1-90")
@cases(*((target, target) for target in OUTWARD))
def test_links_out_of_the_root_are_refused(server, target):
    outside = make_links(server)
    for method in ("GET", "HEAD"):
        got = server.raw(head_of(method, target), method)
        one_of(got.status, (403, 404))
        lacks(got.body, b"SECRET")
    if not target.endswith("/"):
        server.put(target + ".new", b"written")
        one_of(server.put(target, b"written").status, (403, 404, 405, 409))
    outside_is_untouched(outside)


@obliges("H1-90")
@cases(("through a folder", "/rel-dir/new.txt"), ("through a link to nothing", "/new-out"),
       ("through the parent", "/parent/outside/new.txt"),
       ("through a chain", "/chain2/new.txt"), ("a name in the root of all", "/root/samovar-was-here"))
def test_nothing_is_made_outside_through_a_link(server, target):
    outside = make_links(server)
    one_of(server.put(target, b"written").status, (403, 404, 405, 409))
    outside_is_untouched(outside)
    ok(not os.path.exists("/samovar-was-here"), "nothing in the root of all")


@obliges("H1-90")
@cases(("through a folder", "/rel-dir/secret.txt"), ("through the parent", "/parent/outside/secret.txt"),
       ("the link", "/rel-file"),
       ("the folder's link", "/abs-dir"))
def test_nothing_is_deleted_outside_through_a_link(server, target):
    outside = make_links(server)
    server.delete(target)
    outside_is_untouched(outside)


def test_links_inside_are_followed(server):
    make_links(server)
    for target in ("/fine", "/fine-dir/real.txt", "/fine-dots"):
        eq(server.get(target).body, b"real", target)
    eq(server.get("/in/fine-up").body, b"b")
    contains(server.get("/fine-dir/").text, "real.txt")


def test_a_link_to_nothing_inside_is_nothing_until_it_is_written(server):
    make_links(server)
    eq(server.get("/broken").status, 404)
    one_of(server.put("/broken", b"new").status, (201, 403, 404, 409))
    outside_is_untouched(os.path.join(server.tmp, "outside"))


def test_a_listing_with_links_of_all_kinds_is_whole(server):
    make_links(server)
    got = server.get("/")
    eq(got.status, 200)
    contains(got.text, "ten.txt")
    lacks(got.text, "SECRET")


@own_server("--symlinks", "never", files={"in/real.txt": b"real"})
def test_links_are_never_followed_where_so_configured(server):
    os.symlink("in/real.txt", server.path("link"))
    os.symlink("in", server.path("dir"))
    eq(server.get("/in/real.txt").status, 200)
    for target in ("/link", "/dir/", "/dir/real.txt"):
        one_of(server.get(target).status, (403, 404))
    one_of(server.put("/link", b"x").status, (403, 404, 409))
    eq(server.read("in/real.txt"), b"real")


# ---- what belongs to the server -------------------------------------------------------------------------


def make_own(server):
    server.write(".samovar/keep.txt", b"OURS")
    server.write("sub/.samovar/keep.txt", b"OURS")
    server.write("sub/deep/.SAMOVAR/keep.txt", b"OURS")
    for name, to in (("own", ".samovar"), ("own-file", ".samovar/keep.txt"), ("sub/own", "../.samovar"), ("own2", "own"),
                     ("own-sub", "sub/.samovar"), ("own-dots", "sub/../.samovar/./keep.txt")):
        if not os.path.lexists(server.path(name)):
            os.symlink(to, server.path(name))
    absolute = server.path("own-abs")
    if not os.path.lexists(absolute):
        os.symlink(server.path(".samovar"), absolute)


OWN = ("/.samovar/keep.txt", "/.SAMOVAR/keep.txt", "/.Samovar/keep.txt", "/%2esamovar/keep.txt",
       "/.%73amovar/keep.txt", "/.samova%72/keep.txt",
       "/%2E%53%41%4D%4F%56%41%52/keep.txt", "/sub/.samovar/keep.txt", "/sub/%2esamovar/keep.txt",
       "/sub/.SaMoVaR/keep.txt",
       "/sub/deep/.SAMOVAR/keep.txt", "/own/keep.txt", "/own-file", "/own2/keep.txt", "/sub/own/keep.txt",
       "/own-sub/keep.txt", "/own-dots",
       "/own-abs/keep.txt", "/.samovar/", "/.samovar", "/sub/.samovar/", "/own/", "/own", "//.samovar/keep.txt",
       "/sub//.samovar/keep.txt",
       "/./.samovar/keep.txt", "/sub/../.samovar/keep.txt", "/.samovar/./keep.txt", "/sub/deep/.SAMOVAR/",
       "/.samovar%2fkeep.txt",
       "/.samovar/no/such", "/.samovar/uploads/x", "/own-sub/", "/own-abs/")


@obliges("H1-91", "H1-85")
@cases(*((target, target) for target in OWN))
def test_the_servers_own_folder_is_refused_in_every_spelling_and_through_links(server, target):
    make_own(server)
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"x"), ("DELETE", None)):
        got = server.raw(message_of(method, target, body=body), method)
        if method in ("GET", "HEAD"):
            one_of(got.status, (308, 400, 403, 404))
        lacks(got.body, b"OURS", method)
        lacks(got.body, b"keep.txt</a>", method)
        if got.status == 308:  # and where it leads is refused too
            one_of(server.get(got.fields["Location"]).status, (400, 403, 404))
        elif method == "PUT":
            ok(got.status >= 400, "PUT is refused: %d" % got.status)
    for name in (".samovar/keep.txt", "sub/.samovar/keep.txt", "sub/deep/.SAMOVAR/keep.txt"):
        eq(server.read(name), b"OURS")
    for name in (".SAMOVAR", ".Samovar", "sub/.SaMoVaR"):
        ok(not server.exists(name), name + " was not made")


@obliges("H1-91")
def test_the_servers_own_folder_is_in_no_listing(server):
    make_own(server)
    for target in ("/", "/sub/", "/sub/deep/"):
        for accept in ("text/html", "application/json"):
            text = server.get(target, {"Accept": accept}).text.lower()
            lacks(re.sub("<link [^>]*>", "", text), ".samovar", target)  # the page's style sheet is ours


@own_server("--state", "{root}/kept", files={"a.txt": b"a"})
def test_a_state_folder_of_another_name_is_refused_too(server):
    eq(server.put("/b.txt", b"b").status, 201)
    wait_for(lambda: os.path.isdir(server.path("kept")) and os.listdir(server.path("kept")), "the state folder has something")
    os.symlink("kept", server.path("link"))
    inside = sorted(os.listdir(server.path("kept")))
    for name in [""] + inside:
        for folder in ("/kept/", "/link/", "/%6bept/"):
            got = server.get(folder + name)
            if got.status == 308:
                got = server.get(got.fields["Location"])
            one_of(got.status, (403, 404))
    ok(server.put("/kept/x.txt", b"x").status >= 400, "PUT into it is refused")
    ok(server.put("/link/x.txt", b"x").status >= 400, "PUT through a link is refused")
    lacks(re.sub("<link [^>]*>", "", server.get("/").text), "kept")
    ok(not os.path.exists(server.path("kept/x.txt")), "nothing was stored there")


@obliges("H1-91")
@own_server("--hidden", "deny", files={".secret/a.txt": b"HIDDEN", "sub/.b": b"HIDDEN", "sub/c": b"c"})
def test_a_rule_for_hidden_names_is_not_passed_by_spelling(server):
    eq(server.get("/sub/c").status, 200)
    for target in ("/.secret/a.txt", "/%2esecret/a.txt", "/%2Esecret/%61.txt", "/sub/.b", "/sub/%2eb", "/.secret/", "/.secret", "//.secret/a.txt",
                   "/sub//.b", "/./.secret/a.txt", "/sub/../.secret/a.txt", "http://localhost/.secret/a.txt",
                   "/.secret%2fa.txt"):
        got = server.get(target)
        if got.status == 308:
            got = server.get(got.fields["Location"])
        one_of(got.status, (400, 403, 404))
        lacks(got.body, b"HIDDEN", target)
    one_of(server.put("/%2enew", b"x").status, (403, 404))
    ok(not server.exists(".new"), "nothing was stored")


@obliges("H1-91")
@own_server(config="""
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read" } } }
    at "/private" { allow "eve" { rights = { "read" } } }
    at "/box" { allow "*" { rights = { "read", "write" } } } }
""", before=lambda server: open(server.tmp + "/users", "w").write("eve:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n"),
            files={"private/a.txt": b"PRIVATE", "private/sub/b.txt": b"PRIVATE", "privateer.txt": b"free", "open.txt": b"open",
                   "box/c.txt": b"c"})
def test_a_rule_for_a_path_is_not_passed_by_spelling(server):
    eq(server.get("/privateer.txt").body, b"free")
    eq(server.get("/private/a.txt", {"Authorization": "Basic ZXZlOnNlY3JldA=="}).body, b"PRIVATE")
    for _ in range(3):
        for target in ("/private/a.txt", "/priv%61te/a.txt", "/%70rivate/%61.txt", "//private/a.txt", "/private//a.txt", "/./private/a.txt",
                       "/box/../private/a.txt", "/box/%2e%2e/private/a.txt", "/private", "/private/",
                       "/private/sub/b.txt", "/private/sub/",
                       "http://localhost/private/a.txt", "/private/a.txt?x", "/private%2fa.txt"):
            got = server.get(target)
            if got.status == 308:
                got = server.get(got.fields["Location"])
            one_of(got.status, (400, 401, 403, 404))
            lacks(got.body, b"PRIVATE", target)
    for target in ("/open.txt", "/box/../open.txt", "/box/%2e%2e/open.txt", "/box/%2fopen.txt"):
        one_of(server.put(target, b"x").status, (400, 401, 403))
    eq(server.read("open.txt"), b"open")
    one_of(server.put("/b%6Fx/c.txt", b"new").status, (204,))


@obliges("H1-C7")
def test_a_slash_behind_a_file(server):
    eq(server.get("/ten.txt/").status, 404)
    eq(server.head("/ten.txt/").status, 404)
    eq(server.get("/ten.txt/more").status, 404)
    eq(server.put("/brand-new/", b"x").status, 409)
    ok(not server.exists("brand-new"), "nothing was stored")
    ok(server.delete("/ten.txt/").status >= 400, "DELETE is refused")
    eq(server.put("/ten.txt/", b"x").status, 409)
    eq(server.read("ten.txt"), b"0123456789")
