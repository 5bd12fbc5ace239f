"""What the tests of negotiation share: files, a reader of Alternates of its own, and lists as they should be."""

import re

from wire import cases, eq, ok

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  negotiate = on
  at "/plain" { negotiate = off }
}
"""
OLD = 1600000000  # a time at which nothing is changed any more


def fill(server, files):
    """Files of an old time, so that their tags are strong."""
    for name, content in files.items():
        server.write(name, content, mtime=OLD)


MAP = b"""URI: paper

URI: paper.en
Content-Type: text/html; qs=0.9
Content-Language: en

URI: paper.fr
Content-Type: text/html; qs=0.7
Content-Language: fr

URI: paper.ps
Content-Type: application/postscript; qs=1.0
Content-Language: en
"""
PAPER = {"paper.var": MAP, "paper.en": b"the paper\n", "paper.fr": b"le papier\n", "paper.ps": b"%!PS the paper\n"}
PAGE = {"page.en.html": b"the page\n", "page.fr.html": b"la page\n", "page.de.html": b"die Seite\n"}


def each(*rows):
    """cases() of rows that are told apart by what they begin with."""
    rows = [row if isinstance(row, tuple) else (row,) for row in rows]
    return cases(*(("%d %s" % (i, re.sub(r"[^ -~]", "?", str(row[0]))[:40]), *row) for i, row in enumerate(rows)))


class Variant:
    """One item of Alternates, read as RFC 2295 §8.3 says and in no other way."""

    def __init__(self, text):
        got = re.fullmatch(r'\{"([^"\\]*)"(?: ([01](?:\.[0-9]{1,3})?)((?: \{[^{}"]*(?:"(?:[^"\\]|\\.)*")?[^{}"]*\})*))?\}', text)
        ok(got, "a variant description: %r" % text)
        self.uri, self.quality = got.group(1), got.group(2) and float(got.group(2))
        self.attributes = {}
        for name, value in re.findall(r"\{([a-z-]+) ((?:\"(?:[^\"\\]|\\.)*\"|[^}\"])*)\}", got.group(3) or ""):
            ok(name not in self.attributes, "%s once in %s (NEG-33)" % (name, text))
            self.attributes[name] = value


def alternates(got):
    """The variants of an answer's Alternates, which is one line (NEG-C4)."""
    lines = got.fields.all("Alternates")
    eq(len(lines), 1, "lines of Alternates")
    depth, start, out = 0, 0, []
    text = lines[0]
    quoted = False
    for i, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        if quoted:
            continue
        depth += (char == "{") - (char == "}")
        if char == "{" and depth == 1:
            start = i
        if char == "}" and depth == 0:
            out.append(Variant(text[start:i + 1]))
    ok(depth == 0 and not quoted, "braces of Alternates: %s" % text)
    return out


def tcn(got):
    return got.fields.get("TCN")


def vary(got):
    return sorted({word.strip().lower() for line in got.fields.all("Vary") for word in line.split(",")})


def is_list(got, status=300):
    eq((got.status, tcn(got)), (status, "list"))
    return got


def is_choice(got, location, body=None, status=200):
    eq((got.status, tcn(got), got.fields.get("Content-Location")), (status, "choice", location))
    if body is not None:
        eq(got.body, body)
    return got


def validator(got):
    """What stands behind the last semicolon of the tag (RFC 2295 §9.2)."""
    tag = re.fullmatch(r'(?:W/)?"([^"]*);([^;"]+)"', got.etag)
    ok(tag, "a structured tag: %s" % got.etag)
    return tag.group(2)
