"""captive.py - guests of a captive portal, for tests: each is an address of this machine, and logs in as a browser does.

127.0.0.2, 127.0.0.3 ... are guests without further ado: their connections come from there. What lets them through is
fake_firewall.Kernel, which knows a hardware address for those that a test gives one.
"""

import http.client
import re
import urllib.parse

import wire
from fake_firewall import Kernel
from program import ended
from wire import eq, fail, ok, wait_for

NAME = "login.example"
CONFIG = """listen = { "127.0.0.1:0" }
site "s" { root = "{root}" }
portal {
  name = "%s"
  login = { voucher, terms }
  intercept = { "127.0.0.1:0" }
  firewall-program = "{tmp}/kernel/samovar-firewall"
  %%s
}
""" % NAME


def prepare(server):
    """For own_server(before=...): a kernel beside the server."""
    server.kernel = Kernel(server.tmp + "/kernel")


def config(more=""):
    return CONFIG % more


class Guest:
    """One device. `number`: from 2 to 254; its hardware address is known unless has_mac=False."""

    def __init__(self, server, number, has_mac=True):
        self.server, self.address = server, "127.0.0.%d" % number
        self.mac = "02:00:00:00:00:%02x" % number
        if has_mac:
            server.kernel.neighbour(self.address, self.mac)

    def ask(self, method, target, fields=None, body=None):
        """(status, fields, body) from the portal's own name."""
        host, port = self.server.addresses[0]
        conn = http.client.HTTPConnection(host, port, timeout=20 * wire.STRETCH, source_address=(self.address, 0))
        try:
            conn.request(method, target, body, {"Host": NAME, "Connection": "close", **(fields or {})})
            got = conn.getresponse()
            return got.status, got.headers, got.read()
        finally:
            conn.close()

    def post(self, target, **form):
        return self.ask("POST", target, {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(form))

    def login(self, code=None):
        """By a voucher, or by terms; the status."""
        return self.post("/login", voucher=code)[0] if code else self.post("/login", terms="yes")[0]

    def logout(self):
        return self.post("/logout")[0]

    def is_let_through(self):
        return self.address in self.server.kernel.opened()

    def await_open(self, what="it is let through"):
        wait_for(self.is_let_through, what)

    def await_closed(self, what="it is not let through any more", seconds=8):
        wait_for(lambda: not self.is_let_through(), what, seconds)


LET_IN = 303  # to the page that says until when


def let_in(guest, code=None):
    eq(guest.login(code), LET_IN, "a login from %s" % guest.address)
    ok(guest.is_let_through(), "who was told that he is in is let through: %r" % guest.server.kernel.opened())
    return guest


def command(server, *order):
    status, out, err = ended("portal", server.root, *order)
    if status != 0:
        fail("samovar portal %s: %s%s" % (" ".join(order), out, err))
    return out.splitlines()


def vouchers(server, count=1, *grant):
    """The codes of new ones."""
    return command(server, "--make", str(count), *grant)


def voucher_line(server, code):
    """What is told of one; "" if it is not there."""
    return next((line for line in command(server, "--vouchers") if line.startswith(code)), "")


SESSION = re.compile(r"(?P<addresses>\S+) +(?P<mac>\S+) +(?P<by>terms|voucher \S+|user \S+) +in for (?P<since>\S+)  left (?P<left>\S+)  (?P<octets>.*)$")


def sessions(server):
    """{address: match of its line}, one for each address of a session."""
    out = {}
    for line in command(server):
        match = SESSION.match(line)
        ok(match, "a line of a session: %r" % line)
        for address in match.group("addresses").split(","):
            out[address] = match
    return out
