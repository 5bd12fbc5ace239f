"""506 Variant Also Negotiates (RFC 2295 §8.1; docs/spec/negotiation.md 4), and what finds it before a client does."""

import subprocess

import wire
from variants import CONFIG, MAP, OLD, PAGE, PAPER, alternates, each, fill, is_choice, is_list, tcn, vary
from wire import contains, eq, lacks, obliges, ok, only_over, own_server


def record(uri, language, more=b""):
    return b"URI: %s\nContent-Type: text/html\nContent-Language: %s\n%s\n" % (uri.encode(), language.encode(), more)


# The example of docs/spec/negotiation.md: /paper lists paper.en, paper.fr and meta, which is negotiable itself.
FILES = {**PAGE, "paper.en": b"the paper\n", "paper.fr": b"le papier\n",
         "paper.var": record("paper.en", "en") + record("paper.fr", "fr") + record("meta", "de"),
         "meta.var": record("paper.en", "en"),
         "self.var": record("self", "en") + record("paper.fr", "fr"), "own.var": record("own.var", "en"),
         "one.var": record("two", "en"), "two.var": record("one", "en"), "ring.var": record("ring2.var", "en"), "ring2.var": record("ring.var", "en"),
         "named.var": record("page", "de") + record("paper.en", "en"), "gone.var": record("nowhere", "de") + record("paper.en", "en")}
ASKED = {"Accept": "text/html", "Accept-Language": "de"}
RVSA = {**ASKED, "Negotiate": "1.0"}


def prepare(server):
    fill(server, FILES)


def is_506(got, uri):
    eq((got.status, tcn(got)), (506, None))
    for name in ("Content-Location", "Alternates", "ETag"):
        lacks(got.fields, name)
    eq(got.fields["Cache-Control"], "no-store")
    contains(got.text, uri)
    contains(vary(got), "accept-language")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-26", "NEG-29")
@each(RVSA, ASKED)
def test_a_variant_that_negotiates_itself_is_506(server, fields):
    for path in ("/paper", "/paper.var"):
        is_506(server.get(path, fields), "meta")
    is_506(server.get("/named", fields), "page")
    eq(server.head("/paper", fields).status, 506)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-27")
@each(("/self", "self"), ("/self.var", "self"), ("/own.var", "own.var"), ("/own", "own.var"), ("/one", "two"), ("/two", "one"),
      ("/ring.var", "ring2.var"), ("/ring2", "ring.var"))
def test_who_lists_himself_or_is_listed_by_his_variant_ends_at_once(server, path, uri):
    is_506(server.get(path, {"Accept": "text/html", "Accept-Language": "en", "Negotiate": "1.0"}), uri)
    is_506(server.get(path, {"Accept-Language": "en"}), uri)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-28")
def test_others_get_what_they_ask_for(server):
    is_choice(server.get("/paper", {**RVSA, "Accept-Language": "fr"}), "paper.fr", b"le papier\n")
    is_choice(server.get("/paper", {"Accept-Language": "en"}), "paper.en", b"the paper\n")
    is_choice(server.get("/self", {**RVSA, "Accept-Language": "fr"}), "paper.fr")
    got = is_list(server.get("/paper", {"Negotiate": "trans"}))
    eq([one.uri for one in alternates(got)], ["paper.en", "paper.fr", "meta"])


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-30")
@each(RVSA, ASKED)
def test_a_variant_that_is_missing_is_404(server, fields):
    got = server.get("/gone", fields)
    eq(got.status, 404)
    contains(vary(got), "accept-language")
    is_choice(server.get("/gone", {**fields, "Accept-Language": "en"}), "paper.en")


CODED = CONFIG.replace("negotiate = on", "negotiate = on\n  compress = on", 1)


@own_server(config=CODED, before=lambda server: fill(server, {"long.en.html": b"words " * 1000, "long.fr.html": b"mots " * 1000}))
@obliges("NEG-31")
def test_a_variant_may_depend_on_ordinary_fields(server):
    own = server.get("/long.en.html", {"Accept-Encoding": "gzip"})
    eq((own.fields["Content-Encoding"], "accept-encoding" in vary(own)), ("gzip", True))
    is_choice(server.get("/long", {"Accept-Language": "en", "Accept-Encoding": "gzip"}), "long.en.html", own.body)


# ---- before a client finds it ----

def command(server, *words):
    made = subprocess.run([wire.SAMOVAR, *words], capture_output=True, text=True, timeout=60 * wire.STRETCH, check=False)
    return made.returncode, made.stdout + made.stderr


def found(text):
    """Which maps are told of, and for what."""
    lines = [line for line in text.split("\n") if line.startswith("/") and ".var: " in line]
    return {line.split(": ")[0]: "506" if "506" in line else "404" if "404" in line else "map" for line in lines}


WRONG = {"/paper.var": "506", "/self.var": "506", "/own.var": "506", "/one.var": "506", "/two.var": "506", "/ring.var": "506",
         "/ring2.var": "506", "/named.var": "506", "/gone.var": "404", "/broken.var": "map", "/deep/x.var": "404"}


def prepare_wrong(server):
    prepare(server)
    fill(server, {"broken.var": b"nothing\n", "deep/x.var": record("y", "en"), "good.var": record("paper.en", "en"), "plain/x.var": record("x.var", "en")})


@only_over("h1", why="of commands")
@own_server(config=CONFIG, before=prepare_wrong)
def test_check_asks_the_server_that_runs(server):
    code, text = command(server, "check", server.root)
    eq((code, found(text)), (1, WRONG))
    for name in FILES:
        if name.endswith(".var"):
            server.write(name, record("paper.en", "en"), OLD)
    for name in ("broken.var", "deep/x.var"):
        server.write(name, record("z.html", "en"), OLD)
    fill(server, {"z.html": b"z", "deep/z.html": b"z"})
    code, text = command(server, "check", server.root)
    eq((code, found(text)), (0, {}))
    contains(text, "type maps")


@only_over("h1", why="of commands")
@own_server(config=CONFIG, before=prepare_wrong)
def test_check_looks_for_itself_where_none_runs(server):
    """Without a configuration every map counts that is one."""
    server.stop()
    code, text = command(server, "check", server.root)
    expected = {**WRONG, "/plain/x.var": "506"}
    del expected["/broken.var"]
    eq((code, found(text)), (1, expected))


@only_over("h1", why="of commands")
@own_server(config=CONFIG, before=prepare_wrong)
def test_check_config_finds_it_before_the_server_starts(server):
    server.stop()
    path = server.tmp + "/it.conf"
    with open(path, "w", encoding="utf-8") as out:
        out.write(server.fill_in(CONFIG))
    code, text = command(server, "--config", path, "--check-config")
    eq((code, found(text)), (1, WRONG))
    with open(path, "w", encoding="utf-8") as out:
        out.write(server.fill_in(CONFIG.replace("negotiate = on", "negotiate = off")))
    eq(command(server, "--config", path, "--check-config")[0], 0)
