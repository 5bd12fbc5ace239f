"""surveyed.py - a server with a rule for each code, hints that say where, and what samovar survey says."""

import json
import os

from intercepted import where
from program import ended
from wire import eq, needs

CODES = (102, 206, 207, 208, 226, 304, 308, 412, 416, 418, 422, 423, 424, 428, 429, 431, 451, 506, 507, 508, 510, 511)
OURS = list(CODES)

RULED = """listen = { "127.0.0.1:0" }
limits { processing = 1ms }
portal { name = "portal.test" intercept = { "127.0.0.1:0" } firewall = none login = { terms } }
site "s" {
  root = "{root}"
  allow-write = anyone
  extensions = on
  demands = "{tmp}/register"
  history = 5
  limit "slow" { rate = "4/s" burst = 8 paths = { "/slow" } }
  at "/quota" { quota = 1M }
  at "/guard" { require-match = on }
  at "/negotiated" { negotiate = on }
  at "/old" { moved-to = "/new/" }
  pot "teapot" { brews = tea heating = 0s tea "earl-grey" { steeping = 4m } }
}
"""
DEMAND = """demand "order-17" { paths = { "/blocked" } authority = "District Court of Exampleton" reference = "Order 17/2026"
  date = 2026-01-31 blocked-by = "https://www.example.org/legal" text = { "en: A court forbids us to show this." } }
"""
MAP = b"URI: %s\nContent-Type: text/html\nContent-Language: %s\n\n"
TREE = {"text.txt": b"".join(b"row %04d\n" % number for number in range(100)), "new/a": b"moved here", "slow/a.txt": b"slow",
         "blocked/x": b"secret", "quota/k": b"k", "guard/k": b"k", "negotiated/paper.en": b"paper",
         "negotiated/paper.var": MAP % (b"paper.en", b"en") + MAP % (b"meta", b"de"),
         "negotiated/meta.var": MAP % (b"paper.en", b"en")}


def prepare(server):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(DEMAND)


def rules(portal):
    """Where the rules of RULED are."""
    chosen = {"Accept": "text/html", "Accept-Language": "de", "Negotiate": "1.0"}
    return [{"code": 308, "path": "/old/a"}, {"code": 418, "path": "/pots/teapot"}, {"code": 428, "path": "/guard/"},
            {"code": 429, "path": "/slow/a.txt"}, {"code": 451, "path": "/blocked/x"},
            {"code": 506, "path": "/negotiated/paper", "fields": chosen}, {"code": 507, "path": "/quota/"},
            {"code": 511, "path": portal}]


def hints(folder, *list_of):
    """A file for --hints."""
    path = os.path.join(folder, "hints.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"codes": list_of}, out)
    return path


def hints_of(server):
    return hints(server.tmp, *rules("http://%s:%d/" % where(server)))


def address(server, path="/"):
    secure = server.is_secure(server.addresses[0])
    return "%s://%s%s" % ("https" if secure else "http", server.host, path)


def trust(server):
    return ["--insecure"] if server.is_secure(server.addresses[0]) else []


def survey(*words, seconds=50, status=None):
    """What the command says of one server: {code: (verdict, [obligations], why)}"""
    needs("jwt-keys")  # it is that library which reads and writes JSON
    got, out, err = ended("survey", "--json", *words, seconds=seconds)
    if status is not None:
        eq(got, status, "the status; it said %s %s" % (out[-2000:], err))
    service, = json.loads(out)["services"]
    return {row["code"]: (row["verdict"], [fault["obligation"] for fault in row["faults"]], row.get("why", "")) for row in service["codes"]}


def verdicts(found, *wanted):
    return [code for code, (verdict, _, _) in sorted(found.items()) if verdict in wanted]
