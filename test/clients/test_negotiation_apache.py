"""Negotiation beside a real Apache httpd (mod_negotiation): the same folder, the same requests, the same variant.

Where the two differ on purpose it is said below: ties, which are a list here (NEG-C1) and the first or shortest one there,
are the most of it. The examples of Apache's own documentation stand here as they
are printed there (mod_negotiation.html, content-negotiation.html of 2.4), and so do, where they are installed, its error
pages: maps with some twenty bodies each.
"""

import glob
import os
import shutil
import socket
import subprocess
import tempfile

from client import needs
from variants import OLD, alternates, fill, is_choice, is_list
from wire import STRETCH, contains, eq, ok, own_server, skip, wait_for

MODULES = "/usr/lib/apache2/modules"
SITE = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  negotiate = on
}
"""
APACHE = """ServerRoot "{run}"
PidFile "{run}/pid"
DefaultRuntimeDir "{run}"
Mutex file:{run} default
ServerName localhost
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule negotiation_module {modules}/mod_negotiation.so
TypesConfig /etc/mime.types
ErrorLog "{run}/error.log"
Listen 127.0.0.1:{port}
DocumentRoot "{root}"
AddHandler type-map .var
AddLanguage en .en
AddLanguage fr .fr
AddLanguage de .de
AddLanguage es .es
AddLanguage pt-BR .pt-br
AddCharset ISO-8859-2 .iso8859-2
AddCharset UTF-8 .utf8
AddEncoding x-gzip .gz
DirectoryIndex index.html
<Directory "{root}">
  Options +MultiViews
  MultiviewsMatch Handlers
  Require all granted
</Directory>
"""


class Apache:
    """One over a copy of the folder. Use it in a `with`."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.program = shutil.which("apache2", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not self.program or not os.path.exists(MODULES + "/mod_negotiation.so"):
            skip("apache2 with mod_negotiation is not installed")
        self.run = tempfile.mkdtemp(prefix="samovar-apache-")
        os.chmod(self.run, 0o755)
        shutil.copytree(self.folder, self.run + "/root", ignore=shutil.ignore_patterns(".samovar"))
        with socket.socket() as free:  # it cannot listen on whatever port is free
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with open(self.run + "/httpd.conf", "w", encoding="utf-8") as out:
            out.write(APACHE.replace("{run}", self.run).replace("{root}", self.run + "/root").replace("{port}", str(self.port))
                      .replace("{modules}", MODULES).replace("{user}", "User www-data\nGroup www-data" if os.geteuid() == 0 else ""))
        self.process = subprocess.Popen([self.program, "-f", self.run + "/httpd.conf", "-DFOREGROUND"], stderr=subprocess.DEVNULL)
        wait_for(self.is_up, "Apache is up", 20)
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.process.wait(20 * STRETCH)
        shutil.rmtree(self.run, ignore_errors=True)

    def is_up(self):
        ok(self.process.poll() is None, "Apache runs")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def get(self, path, fields):
        """(status, name of the variant)"""
        lines = ["GET %s HTTP/1.1" % path, "Host: localhost", "Connection: close", *("%s: %s" % pair for pair in fields.items())]
        with socket.create_connection(("127.0.0.1", self.port), 10 * STRETCH) as conn:
            conn.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            data = b""
            while chunk := conn.recv(65536):
                data += chunk
        head = data.split(b"\r\n\r\n")[0].decode("latin-1")
        located = [line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("content-location: ")]
        return int(head.split(" ")[1]), located[0] if located else None


TREE = {"page.en.html": b"en", "page.fr.html": b"fr", "page.de.html": b"de", "doc.html.en": b"en", "doc.html.fr": b"fr",
        "thing.html": b"<p>", "thing.txt": b"text", "thing.png": b"png", "thing.bak": b"old",
        "both.en.html": b"en", "both.fr.html": b"fr", "both.en.txt": b"en", "both.de.txt": b"de", "both.pt-br.html": b"pt",
        "index.html.en": b"en", "index.html.fr": b"fr",
        "map.var": b"URI: page.en.html\nContent-Type: text/html; qs=0.9\nContent-Language: en\n\n"
                   b"URI: page.fr.html\nContent-Type: text/html; qs=0.6\nContent-Language: fr\n\n"
                   b"URI: thing.txt\nContent-Type: text/plain; qs=0.3\n"}
LANGUAGES = [None, "fr", "en", "de", "fr, en;q=0.5", "de;q=0.3, fr;q=0.6", "en-US, en;q=0.8", "ja, de;q=0.2", "fr;q=0, en", "pt-BR, de;q=0.1",
             "de;q=0.9, en;q=0.8, fr;q=0.7", "ja"]
TYPES = [None, "text/html", "text/html, text/plain;q=0.5", "text/plain", "text/plain, text/html;q=0.4", "image/png;q=0.5, text/html;q=0.2",
         "text/*;q=0.7, image/png", "application/pdf", "text/html;q=0, text/plain", "image/*;q=0.3, text/plain;q=0.2"]


@own_server(config=SITE, before=lambda server: fill(server, TREE))
def test_both_choose_the_same(server):
    compared, ties = 0, []
    with Apache(server.root) as apache:
        for path in ("/page", "/doc.html", "/thing", "/both", "/", "/map", "/map.var"):
            for language in LANGUAGES:
                for accept in TYPES:
                    fields = {name: value for name, value in (("Accept-Language", language), ("Accept", accept)) if value}
                    ours = server.get(path, fields)
                    theirs, name = apache.get(path, fields)
                    if ours.status == 300:
                        is_list(ours)
                        ties.append((path, fields, theirs, name))
                        continue
                    if is_without_a_language(path, fields) or weighs_both(path, fields):
                        continue
                    eq((path, fields, ours.status, ours.fields.get("Content-Location")), (path, fields, theirs, name))
                    compared += 1
    ok(compared > 400, "only %d were compared" % compared)
    for path, fields, status, name in ties:  # some variant, or its own list: never a refusal
        ok(status in (200, 300), "%s with %s: a tie here, and %d there" % (path, fields, status))


def is_without_a_language(path, fields):
    """Of variants some of which have no language: here those are for who reads none of the others, in Apache they are worse
    than any that is read, and so is the whole product."""
    return path.startswith("/map") and "Accept-Language" in fields


def weighs_both(path, fields):
    """Apache goes by the type first and by the language among equals; here the two are multiplied, as RFC 2296 has it."""
    return path in ("/both", "/map", "/map.var") and "Accept-Language" in fields and ";q=0." in fields.get("Accept", "")


# ---- the documentation ----

DOCUMENT = b"""URI: document.html

Content-language: en
Content-type: text/html
URI: document.html.en

Content-language: fr
Content-type: text/html
URI: document.html.fr

Content-language: de
Content-type: text/html
URI: document.html.de

"""
FOO = b"""URI: foo

URI: foo.en.html
Content-type: text/html
Content-language: en

URI: foo.fr.de.html
Content-type: text/html;charset=iso-8859-2
Content-language: fr, de
"""
FOO_TWO = b"""URI: foo

URI: foo.html
Content-type: text/html
Content-language: en

URI: foo.fr.html
Content-type: text/html
Content-language: fr
"""
FOO_QS = b"""URI: foo

URI: foo.jpeg
Content-type: image/jpeg; qs=0.8

URI: foo.gif
Content-type: image/gif; qs=0.5

URI: foo.txt
Content-type: text/plain; qs=0.01
"""
BODY = b"""Content-type: text/html
Content-language: en
Body:----xyz----
<html>
<body>
<p>Content of the page.</p>
</body>
</html>
----xyz----
"""


@own_server(config=SITE)
def test_the_example_of_the_module(server):
    fill(server, {"document.html.var": DOCUMENT, **{"document.html." + name: name.encode() for name in ("en", "fr", "de")}})
    for path in ("/document.html.var", "/document.html"):
        for name in ("en", "fr", "de"):
            got = is_choice(server.get(path, {"Accept-Language": name}), "document.html." + name, name.encode())
            eq((got.fields["Content-Type"], got.fields["Content-Language"]), ("text/html", name))
        eq(len(alternates(is_list(server.get(path, {"Negotiate": "trans"})))), 3)


@own_server(config=SITE)
def test_the_examples_of_the_guide(server):
    fill(server, {"foo.var": FOO, "foo.en.html": b"en", "foo.fr.de.html": b"fr de", "foo.html": b"html", "foo.fr.html": b"fr", "foo.jpeg": b"jpeg",
                  "foo.gif": b"gif", "foo.txt": b"ascii"})
    for language, name, kind in (("en", "foo.en.html", "text/html"), ("de", "foo.fr.de.html", "text/html; charset=iso-8859-2"),
                                 ("fr", "foo.fr.de.html", "text/html; charset=iso-8859-2")):
        for path in ("/foo", "/foo.var"):
            got = is_choice(server.get(path, {"Accept-Language": language}), name)
            eq(got.fields["Content-Type"], kind)
    eq(got.fields["Content-Language"], "fr, de")
    server.write("foo.var", FOO_TWO, OLD)
    for language, name in (("en", "foo.html"), ("fr", "foo.fr.html")):
        is_choice(server.get("/foo", {"Accept-Language": language}), name)
    server.write("foo.var", FOO_QS, OLD)
    for accept, name in ((None, "foo.jpeg"), ("image/gif", "foo.gif"), ("image/gif, image/jpeg", "foo.jpeg"), ("text/plain", "foo.txt"),
                         ("image/jpeg;q=0.6, image/gif", "foo.gif"), ("text/html; q=1.0, text/*; q=0.8, image/gif; q=0.6, image/jpeg; q=0.6, image/*; q=0.5, */*; q=0.1", "foo.jpeg")):
        is_choice(server.get("/foo", {"Accept": accept} if accept else {}), name)


@own_server(config=SITE)
def test_the_example_of_a_body(server):
    fill(server, {"document.html.var": BODY})
    got = server.get("/document.html", {"Accept-Language": "en"})
    eq((got.status, got.body), (200, b"<html>\n<body>\n<p>Content of the page.</p>\n</body>\n</html>\n"))


@own_server(config=SITE)
def test_the_error_pages_that_it_comes_with(server):
    maps = glob.glob("/usr/share/apache2/error/*.html.var")
    if not maps:
        skip("the error pages of apache2-data are not installed")
    for path in maps:
        with open(path, "rb") as map_file:
            text = map_file.read()
        name = os.path.basename(path)
        server.write(name, text, OLD)
        languages = [line.split(b":")[1].strip().decode() for line in text.split(b"\n") if line.lower().startswith(b"content-language:")]
        for language in languages:
            got = server.get("/" + name[:-4], {"Accept-Language": language})
            eq((name, got.status, got.fields.get("Content-Language")), (name, 200, language))
            ok(b"----------%s--" % language.encode() not in got.body, "the mark is no part of it")
            contains(text, got.body)
