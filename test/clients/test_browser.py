"""A browser: our own pages load with their style and break no policy."""

import re

from client import Room, needs
from wire import contains, eq, lacks, ok, skip

FILES = {"list/<b>bold.txt": b"x", "list/a&b.txt": b"x", "list/sub/x": b"x", "page.html":
         b"<!doctype html><p id=p>before</p><script>document.getElementById('p').textContent='script ran'</script>",
         "strict.html": b"<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
         b"<p style='color: red'>x<script>1</script>"}


def seen(server, target, *options):
    """The page's elements after it loaded, and what the browser complained about."""
    program = needs("chromium")
    with Room(server) as room:
        out, err = room.run(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--no-first-run",
                            "--disable-background-networking", "--disable-component-update", "--disable-sync",
                            "--user-data-dir=" + room.path + "/profile", "--enable-logging=stderr", "--timeout=10000",
                            "--virtual-time-budget=2000", "--dump-dom", *options, room.url + target, status=None, seconds=90)
    if b"<html" not in out:
        skip("chromium does not run here: %r" % err[-300:])
    console = [line for line in err.decode("utf-8", "replace").splitlines() if ":CONSOLE" in line]
    return out.decode("utf-8", "replace"), console


def complaints(console):
    return [line for line in console if re.search("Content Security Policy|Refused|MIME|ERR_", line)]


def test_a_listing_breaks_no_policy(server):
    dom, console = seen(server, "/list/")
    eq(complaints(console), [])
    contains(dom, "&lt;b&gt;bold.txt")
    contains(dom, "a&amp;b.txt")
    lacks(dom, "<b>bold")


def test_an_error_breaks_no_policy(server):
    dom, console = seen(server, "/missing<script>")
    eq([line for line in complaints(console) if "404" not in line], [])
    contains(dom, "404")


def test_users_pages_run_as_they_are(server):
    contains(seen(server, "/page.html")[0], "script ran")


def test_a_broken_policy_would_be_seen(server):
    """So that the tests above can fail."""
    ok(complaints(seen(server, "/strict.html")[1]), "the browser complains")
