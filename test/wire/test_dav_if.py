"""The If field, whole: RFC 4918 §10.4."""

from dav import D, XML, lock_of, lockinfo, proppatch, props_of, set_of, unlock
from wire import cases, eq, obliges, ok, one_of

FILES = {name: name.encode() for name in ("judged.txt", "other.txt", "weak.txt", "sub.txt", "not.txt", "elsewhere.txt",
                                         "deep/in/file.txt", "deep/plain.txt", "methods.txt", "long.txt")}
ALWAYS, NEVER = "(Not <DAV:no-lock>)", "(<DAV:no-lock>)"


def tag_of(server, target):
    return server.get(target).etag


@obliges("DAV-153", "DAV-154", "DAV-157")
def test_lists_are_ands_that_are_ored(server):
    own, other = tag_of(server, "/judged.txt"), tag_of(server, "/other.txt")
    host = ("https://" if server.secure else "http://") + server.host
    true = [f"([{own}])", f"([{own}] Not <urn:x:y>)", f"(Not [\"no\"] [{own}])", f'(["no"]) ([{own}])',
            '(["no"]) (["neither"]) (Not ["no"])', ALWAYS, f"{NEVER} {ALWAYS}", f"</judged.txt> ([{own}])",
            f"<{host}/judged.txt> ([{own}])", f"</other.txt> ([{other}])",
            f'</judged.txt> (["no"]) </other.txt> ([{other}])',
            f"</other.txt> {NEVER} ([{other}])", f"<{host}/other.txt> (Not [\"no\"])", f"([{own}]Not<urn:x:y>)"]
    false = [NEVER, f'([{own}] ["no"])', f"([{own}] <DAV:no-lock>)", f"(Not [{own}])", f"([{own}] Not [{own}])",
             '(["no"]) (["neither"])', f"</other.txt> ([{own}])", f"</judged.txt> ([{other}])",
             f'</judged.txt> (["no"]) </other.txt> (["no"])', f"{NEVER} (Not <DAV:no-lock> <DAV:no-lock>)",
             "(<urn:x:y>)"]
    for value in true:
        eq(server.get("/judged.txt", {"If": value}).status, 200, value)
    for value in false:
        eq(server.get("/judged.txt", {"If": value}).status, 412, value)


@obliges("DAV-152", "DAV-162")
@cases(("mixed", '(["a"]) </x> (["a"])'), ("mixed the other way", '</x> (["a"]) </y> '), ("empty", ""),
       ("no list", "</x>"),
       ("empty list", "()"), ("open", '(["a"]'), ("no bracket", '("a")'), ("bare token", "(urn:x:y)"),
       ("tag without quotes", "([a])"), ("two nots", "(Not Not <urn:x:y>)"),
       ("stray", '(["a"]) x'), ("a not alone", "(Not)"),
       ("open token", "(<urn:x:y)"), ("comma", '(["a"]), (["b"])'))
def test_a_malformed_field_is_never_passed(server, value):
    for method, extra in ("GET", {}), ("PUT", {}), ("DELETE", {}), ("PROPFIND", {"Depth": "0"}):
        got = server.request(method, "/judged.txt", {"If": value, **extra}, b"new" if method == "PUT" else None)
        eq(got.status, 400, method)
    eq(server.read("judged.txt"), b"judged.txt")


@obliges("DAV-161")
def test_weak_tags_are_legal(server):
    tag = tag_of(server, "/weak.txt")
    eq(server.get("/weak.txt", {"If": '([W/"x"])'}).status, 412)
    eq(server.get("/weak.txt", {"If": '(Not [W/"x"])'}).status, 200)
    eq(server.get("/weak.txt", {"If": f'([W/"x"]) ([{tag}])'}).status, 200)
    eq(server.get("/weak.txt", {"If": f"([W/{tag}])"}).status, 412, "compared strongly: DAV-C4")


@obliges("DAV-156")
def test_what_is_not_there_has_no_state(server):
    for value, status in (("(<urn:x:y>)", 412), ('(["x"])', 412), ("(Not <urn:x:y>)", 201),
                          ("</none2> (Not [\"x\"])", 204)):
        eq(server.put("/none", b"n", {"If": value}).status, status, value)


@obliges("DAV-155", "DAV-156")
def test_a_token_is_the_state_of_all_in_its_scope(server):
    token = lock_of(server, "/deep/", Depth="infinity")
    for target in "/deep/", "/deep/in/", "/deep/in/file.txt", "/deep/plain.txt":
        eq(server.request("PROPFIND", target, {"Depth": "0", "If": f"({token})"}).status, 207, target)
        eq(server.get("/other.txt", {"If": f"<{target}> ({token})"}).status, 200, target)
    eq(server.get("/other.txt", {"If": f"({token})"}).status, 412, "out of its scope")
    eq(server.get("/other.txt", {"If": f"</deep/none> ({token})"}).status, 412, "nothing is there")
    unlock(server, "/deep/", token)
    eq(server.get("/deep/plain.txt", {"If": f"({token})"}).status, 412, "it is over")


@obliges("DAV-158", "DAV-160")
def test_every_token_is_submitted_wherever_it_stands(server):
    token = lock_of(server, "/sub.txt", Depth="0")
    for value in (f"({token})", f"(Not {token}) {ALWAYS}", f'({token} ["no"]) {ALWAYS}',
                  f"</elsewhere.txt> ({token}) {ALWAYS}",
                  f"</none> (Not {token})", f"{ALWAYS} ({token})", f"</elsewhere.txt> {ALWAYS} </sub.txt> ({token})"):
        one_of(server.put("/sub.txt", b"x", {"If": value}).status, (200, 204), value)
    wrong = "<urn:uuid:00000000-0000-4000-8000-000000000000>"
    for value in ALWAYS, f"({wrong}) {ALWAYS}", f"([{tag_of(server, '/sub.txt')}])", f"(Not {wrong})":
        eq(server.put("/sub.txt", b"never", {"If": value}).status, 423, value)
    eq(server.read("sub.txt"), b"x")
    unlock(server, "/sub.txt", token)


@obliges("DAV-159", "DAV-164")
@cases(("PUT", "PUT", {}, b"new"), ("DELETE", "DELETE", {}, None), ("COPY", "COPY", {"Destination": "/made"}, None),
       ("MOVE", "MOVE", {"Destination": "/made"}, None), ("LOCK", "LOCK", XML, lockinfo()),
       ("GET", "GET", {}, None), ("HEAD", "HEAD", {}, None),
       ("PROPFIND", "PROPFIND", {"Depth": "0"}, None))
def test_a_false_field_has_no_effect(server, method, fields, body):
    before = server.names()
    eq(server.request(method, "/methods.txt", {"If": '(["no"])', **fields}, body).status, 412)
    eq((server.names(), server.read("methods.txt")), (before, b"methods.txt"))
    eq(len(props_of(server, "/methods.txt", D + "lockdiscovery").prop(D + "lockdiscovery")), 0, "no lock")


@obliges("DAV-159", "DAV-164")
def test_a_false_field_makes_nothing(server):
    eq(server.request("MKCOL", "/folder/", {"If": NEVER}).status, 412)
    ok(not server.exists("folder"), "no folder")
    eq(proppatch(server, "/methods.txt", set_of("<z:a/>"), If=NEVER).status, 412)
    eq(props_of(server, "/methods.txt", "{urn:z}a").names(), [])
    token = lock_of(server, "/methods.txt", Depth="0")
    eq(server.request("UNLOCK", "/methods.txt", {"Lock-Token": token, "If": NEVER}).status, 412)
    eq(server.put("/methods.txt", b"x").status, 423, "it is still locked")
    unlock(server, "/methods.txt", token)


@obliges("DAV-162")
def test_a_field_without_end_is_bounded(server):
    eq(server.get("/long.txt", {"If": "(Not <urn:x:y>) " * 200}).status, 200)
    one_of(server.get("/long.txt", {"If": "(<urn:x:y>) " * 700}).status, (400, 431))
