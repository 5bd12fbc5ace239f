"""Groups: a file of them, and what their members may do however they log in."""

import os

import tls
from program import basic, refused
from test_command_users import changed
from wire import cases, contains, eq, one_of, only_over, own_server, wait_for

USERS = "ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\nbea:$2y$05$VY.S3t2h83LTDYIABiIpPOdpwCoq/uSkGzkZIBz/QOg9ojz/evvuC\n"
ADA, BEA = basic("ada", "ada secret"), basic("bea", "bea:secret")
SITE = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    groups = "{tmp}/groups"
    WHO
    at "/" { allow "users" { rights = { "read" } } }
    at "/staff" { allow "@staff" { rights = { "read", "write" } } }
}
"""
FILES = {"a": b"a", "staff/a": b"s"}


def put(server, name, text):
    path = os.path.join(server.tmp, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, 0o644)


def before(server):
    put(server, "users", USERS)
    put(server, "groups", "# who does what\nstaff: ada carl\n\nothers: bea\n")


@own_server(config=SITE.replace("WHO", 'users = "{tmp}/users"'), files=FILES, before=before)
def test_members_have_their_groups_rights(server):
    eq(server.get("/staff/a", ADA).body, b"s")
    eq(server.put("/staff/b", b"b", ADA).status, 201)
    eq(server.get("/staff/a", BEA).status, 403)
    eq(server.get("/a", BEA).body, b"a")
    eq(server.get("/staff/a").status, 401)


@own_server(config=SITE.replace("WHO", 'users = "{tmp}/users"'), files=FILES, before=before)
def test_a_reload_takes_and_gives_membership(server):
    eq(server.get("/staff/a", ADA).status, 200)
    put(server, "groups", "staff: bea\n")
    eq(changed(server), "reloaded")
    wait_for(lambda: server.get("/staff/a", ADA).status == 403, "she is no longer in it")
    eq(server.get("/staff/a", BEA).status, 200)
    put(server, "groups", "staff: bea\nada\n")
    contains(changed(server), "groups:2: not GROUP: USER")
    eq(server.get("/staff/a", BEA).status, 200, "the groups before the wrong file")


@own_server(config=SITE.replace('"{tmp}/groups"', '"{root}/groups"').replace("WHO", 'users = "{tmp}/users"'),
            files=dict(FILES, groups=b"staff: ada\n"), before=before)
def test_a_file_of_groups_in_the_folder_is_not_served(server):
    os.chmod(server.path("groups"), 0o644)
    one_of(server.get("/groups", ADA).status, (403, 404))
    one_of(server.put("/groups", b"staff: bea\n", ADA).status, (403, 404, 409))
    eq(server.read("groups"), b"staff: ada\n")


@cases(("no colon", "staff ada\n", ":1: not GROUP: USER"), ("no name", "\n: ada\n", ":2: a group's name"),
       ("an at", "@staff: ada\n", ":1: the @ stands in rules only"))
def test_a_wrong_line_is_told(server, text, told):
    put(server, "wrong", text)
    put(server, "wrong.conf", 'site "x" {\n root = "%s"\n groups = "%s/wrong"\n}\n' % (server.root, server.tmp))
    contains(refused("--config", server.tmp + "/wrong.conf", "--check-config", status=2), server.tmp + "/wrong" + told)


def certified(name):
    """A client's context: a certificate by that name; None: without."""
    leaf = tls.authority().leaf(subject="/CN=" + name, usage="clientAuth") if name else None
    return tls.context(certificate=leaf)


@only_over("h1", why="it has certificates of its own")
def test_certificates_log_in_and_their_names_are_in_groups(server):
    leaf = tls.usual()
    config = ('certificate = { "%s" }\nkey = { "%s" }\n' % (leaf.chain, leaf.key)) + SITE.replace("WHO", (
        'client-ca = "%s"\n    client-certificates = optional' % tls.authority().ca))
    folder = os.path.join(server.tmp, "groups-of-certificates")
    put(server, "groups-of-certificates", "staff: carl\n")
    with tls.Serving(config=config.replace("{tmp}/groups", folder), files=FILES) as one:
        for name, read, staff, write in (("carl", 200, 200, 201), ("dora", 200, 403, 403), (None, 403, 403, 403)):
            one.client_context = certified(name)
            eq(one.get("/a").status, read, "%s reads" % name)
            eq(one.get("/staff/a").status, staff, "%s reads the group's" % name)
            eq(one.put("/staff/of-%s" % name, b"x").status, write, "%s writes" % name)
