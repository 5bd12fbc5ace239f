"""intercepted.py - requests that a gateway's firewall would send to the captive portal, from any address of this machine."""

import re
import socket

import wire
from wire import Failure, head_of, message_of, wait_for

NAME = "portal.test"


def config(more="", site="", before=""):
    """A portal whose sessions nobody opens a gateway for. Texts are lines of the block, of the site, of the file."""
    return """listen = { "127.0.0.1:0" }
%s
portal {
  name = "%s"
  intercept = { "127.0.0.1:0" }
  firewall = none
  %s
}
site "s" { root = "{root}"
  %s
}
""" % (before, NAME, more or "login = { terms }", site)


def where(server):
    """The address that intercepted requests arrive at."""
    def line():
        return re.search(r"intercepted requests on http://([0-9.]+):(\d+)/", server.stdout())

    match = wait_for(line, "the server says where intercepted requests arrive")
    return match.group(1), int(match.group(2))


def connect(server, source="127.0.0.1", address=None):
    """A connection from `source`, in HTTP/1.1, to where intercepted requests arrive, or to another address of the server."""
    sock = socket.create_connection(address or where(server), wire.READ_SECONDS, (source, 0))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire.Connection(sock, server.log, "anything.example")


def sent(server, data, method="GET", source="127.0.0.1", version="HTTP/1.1"):
    """The answer to these bytes; the server has to close behind it."""
    with connect(server, source) as conn:
        got = conn.send(data).read(method, version)
        if not got.closes and version == "HTTP/1.1":
            raise Failure("an intercepted request is answered without Connection: close: %r" % got.fields)
        conn.expect_close()
    return got


def ask(server, method="GET", target="/", fields=(), body=None, host="anything.example", source="127.0.0.1", version="HTTP/1.1"):
    data = head_of(method, target, fields, host, version) if body is None else message_of(method, target, fields, body, host, version)
    return sent(server, data, method, source, version)


def own(server, method, target, fields=(), body=None, source=None, name=NAME):
    """The portal's own name on the ordinary listener: over what the tests are played over; from another address in HTTP/1.1."""
    address = server.addresses[0]
    if source is None:
        return server.request(method, target, [("Host", name)] + wire.pairs(fields), body)
    with connect(server, source, address) as conn:
        if server.is_secure(address):
            import tls
            conn.sock = tls.wrap(conn.sock, server.client_context, "127.0.0.1")
        return conn.send(message_of(method, target, fields, body, name)).read(method)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(server, source=None, form="terms=yes"):
    got = own(server, "POST", "/login", FORM, form, source)
    wire.eq(got.status, 303, "a login from %s: %s" % (source, got.text[:300]))
    return got


def log_out(server, source=None):
    wire.eq(own(server, "POST", "/logout", {"Content-Length": "0"}, None, source).status, 303, "a logout from %s" % source)
