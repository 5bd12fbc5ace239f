"""samovar survey against our own server, with a rule for each code; and what the command takes and prints."""

import json
import os
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import wire
from program import ended, refused
from surveyed import CODES, OURS, RULED, TREE, address, hints_of, prepare, survey, trust, verdicts
from wire import cases, contains, eq, lacks, ok, one_of, own_server, wait_for

ONLY_OVER = (("h1", "tls"), "the surveyor speaks HTTP/1.1")


def leftovers(server):
    return [os.path.join(folder, name) for folder, names, _ in os.walk(server.root) for name in names
            if name.startswith("samovar-survey") and ".samovar" not in folder]


def content(server):
    return {os.path.join(folder, name): open(os.path.join(folder, name), "rb").read()
            for folder, _, names in os.walk(server.root) for name in names if "/.samovar" not in folder}


@wire.time_limit(120)
@own_server(config=RULED, files=TREE, before=prepare)
def test_every_code_is_earned(server):
    was = content(server)
    found = survey("--write", "--hints", hints_of(server), *trust(server), address(server), status=0)
    eq({code: found[code] for code in OURS if found[code][0] != "earned"}, {}, "what is not earned")
    eq(leftovers(server), [])
    eq(content(server), was)


@own_server(config=RULED, files=TREE, before=prepare)
def test_without_leave_nothing_is_written(server):
    was = content(server)
    found = survey("--hints", hints_of(server), *trust(server), address(server), status=0)
    eq(content(server), was)
    eq(verdicts(found, "wrong"), [])
    eq(verdicts(found, "earned"), [206, 207, 304, 308, 412, 416, 422, 429, 431, 451, 506, 510, 511])
    for code in (102, 208, 226, 418, 423, 424, 428, 507, 508):
        contains(found[code][2], "--write")


@own_server(config=RULED, files=TREE, before=prepare)
def test_a_file_is_found_by_its_address_or_by_a_listing(server):
    for path in ("/text.txt", "/", "/new/"):
        found = survey("--only", "206,304", *trust(server), address(server, path), status=0)
        eq(verdicts(found, "earned"), [206, 304], path)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" users = "{tmp}/users" '
                   'at "/" { allow "bob" { rights = { "read", "write", "lock" } } } }\n', files={"a.txt": b"0123456789abc"},
            before=lambda server: open(server.tmp + "/users", "w", encoding="utf-8").write("bob:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\n"))
def test_who_asks_is_told(server):
    found = survey("--only", "206", *trust(server), address(server))
    contains(found[206][2], "--user")
    for words in (("--user", "bob:secret", address(server)), (address(server).replace("://", "://bob:secret@"),)):
        eq(verdicts(survey("--only", "206", *trust(server), *words, status=0), "earned"), [206])


@own_server(config=RULED, files=TREE, before=prepare)
@cases(("INT", signal.SIGINT), ("TERM", signal.SIGTERM))
def test_who_stops_it_finds_nothing_left(server, number):
    with subprocess.Popen([wire.SAMOVAR, "survey", "--write", *trust(server), address(server)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        wait_for(lambda: leftovers(server), "a collection is made")
        process.send_signal(number)
        out, err = process.communicate(timeout=30 * wire.STRETCH)
        eq((process.returncode, err), (4, b""), out)
    eq(leftovers(server), [])


TELLING = RULED.replace('root = "{root}"', 'root = "{root}"\n  http-codes = on').replace("login =", 'intercept-hosts = { "guests.test" } login =')


@own_server(config=TELLING, files=TREE, before=prepare)
def test_the_server_itself_says_where_its_rules_are(server):
    got = server.get("/.well-known/http-codes")
    eq((got.status, got.fields["Content-Type"], got.fields["Cache-Control"]), (200, "application/json", "no-cache"))
    eq({one["code"]: one["path"] for one in json.loads(got.body)["codes"]},
       {308: "/old/", 418: "/pots/teapot", 428: "/guard/", 429: "/slow", 451: "/blocked", 507: "/quota/", 511: "/"})
    eq((server.head("/.well-known/http-codes").status, server.put("/.well-known/http-codes", b"x").status), (200, 405))
    found = survey("--write", "--only", "308,418,428,429,451,507,511", *trust(server), address(server), status=0)
    eq(verdicts(found, "earned"), [308, 418, 428, 429, 451, 507, 511], found)


@own_server(config=TELLING.replace("allow-write = anyone", 'at "/" { allow "*" { rights = { "list" } } }'),
            files=TREE, before=prepare)
def test_it_says_so_to_those_who_may_read_there(server):
    one_of(server.get("/.well-known/http-codes").status, (403, 404))


@own_server(config=RULED.replace("allow-write", 'http-codes = on\n at "/a b\xe9,%" { quota = 1M }\n allow-write').replace('at "/quota" { quota = 1M }', ""),
            files=TREE, before=prepare)
def test_addresses_in_it_are_encoded(server):
    told = {one["code"]: one["path"] for one in json.loads(server.get("/.well-known/http-codes").body)["codes"]}
    eq(told[507].upper(), "/A%20B%C3%A9%2C%25/")


@own_server(config=RULED, files={**TREE, ".well-known/http-codes": b'{"codes": [{"code": 451, "path": "/blocked/x"}]}'}, before=prepare)
def test_a_file_says_it_too(server):
    eq(survey("--only", "451", *trust(server), address(server), status=0)[451][0], "earned")


@own_server(config=RULED.replace('at "/guard" { require-match = on }', "require-match = on"), files=TREE, before=prepare)
def test_a_rule_for_all_changes_is_no_fault_of_other_codes(server):
    found = survey("--write", "--only", "206,304,412,416,422,423", *trust(server), address(server), status=0)
    eq(verdicts(found, "wrong"), [], found)


@own_server(files=TREE)
def test_every_form_says_the_same(server):
    words = ("--only", "206,416,511", *trust(server), address(server))
    status, text, _ = ended("survey", *words)
    eq(status, 0, text)
    for part in ("206  earned", "416  earned", "511  cannot tell", "2 of 3 codes found in 1 service"):
        contains(text, part)
    status, text, _ = ended("survey", "--junit", *words)
    suite = ElementTree.fromstring(text).find("testsuite")
    eq([suite.get(name) for name in ("tests", "failures", "skipped")], ["3", "0", "1"])
    eq([(case.get("name"), case.find("skipped") is None) for case in suite], [("206", True), ("416", True), ("511", False)])
    status, text, _ = ended("survey", "--markdown", *words)
    contains(text, "| 206 | earned |\n| 416 | earned |\n| 511 | cannot tell |\n")
    status, text, _ = ended("survey", *words, address(server, "/new/"))
    for part in ("(1) ", "(2) ", "206    earned        earned", "2 of 3 codes found in 2 services"):
        contains(text, part)


def test_what_makes_no_sense_is_refused(server):
    url = address(server)
    for words, part in (((), "needs an address"), (("--only", "200", url), "none of the 22 codes"), (("--only", "x", url), "none of the 22"),
                        (("--json", "--junit", url), "one or the other"), (("ftp://h/",), "ftp"), (("--wait", "0", url), "--wait"),
                        (("--hints", "/nowhere", url), "/nowhere"), (("--user", "bob", url), "NAME:PASSWORD"),
                        (("--read-only", url), "--read-only"), (("--mend", url), "--mend")):
        contains(refused("survey", *words, status=2), part)
    contains(refused("--only", "206", server.root, status=2), "samovar survey")
    path = server.tmp + "/bad.json"
    for text in ("", "[]", '{"codes": [{"code": 206}]}'):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        contains(refused("survey", "--hints", path, url, status=2), "hints")


def test_nobody_there_is_told(server):
    status, out, _ = ended("survey", "http://127.0.0.1:1/")
    eq(status, 3)
    contains(out, "no answer: 127.0.0.1, port 1, does not answer")
    eq(out.count("cannot tell"), len(CODES))


def test_the_password_is_not_in_the_process_list(server):
    listener = wire.socket.create_server(("127.0.0.1", 0))
    with listener, subprocess.Popen([wire.SAMOVAR, "survey", "--wait", "2", "--user", "bob:secret-1",
                                     "http://a:secret-2@127.0.0.1:%d/" % listener.getsockname()[1]], stdout=subprocess.PIPE) as process:
        with listener.accept()[0], open("/proc/%d/cmdline" % process.pid, encoding="utf-8") as file:
            text = file.read()
        process.kill()
    contains(text, "bob")
    lacks(text, "secret")
