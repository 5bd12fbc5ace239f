"""A client of WebDAV as it introduces itself; for recorded conversations."""

from dav import multistatus
from wire import OVER, contains, eq, one_of

PLAIN_LOCK = (b'<?xml version="1.0" encoding="utf-8"?><D:lockinfo '
              b'xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
               b"<D:locktype><D:write/></D:locktype><D:owner>ada</D:owner></D:lockinfo>")


class Client:
    """Who sends the same fields with every request."""

    def __init__(self, server, agent, **fields):
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if OVER == "h2":  # none of them speaks it; what HTTP/2 has not is left out then
            fields = {name: value for name, value in fields.items() if name not in ("Connection", "TE")}
        self.server, self.fields = server, {"User-Agent": agent, **fields}

    def ask(self, method, target, fields=None, body=None):
        return self.server.request(method, target, {**self.fields, **(fields or {})}, body)

    def props(self, target, *names, depth="0", **fields):
        """The one answer of Depth 0, else all of them."""
        inner = "".join('<{1} xmlns="{0}"/>'.format(*name[1:].split("}")) for name in names)
        body = f'<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><prop>{inner}</prop></propfind>\n'
        found = multistatus(self.ask("PROPFIND", target, {"Depth": depth, "Content-Type": "application/xml", **fields},
                                     body.encode()))
        return next(iter(found.values())) if depth == "0" else found


def client_url(server, path):
    return f"http{'s' if server.secure else ''}://{server.host}{path}"


def locked(got, *statuses):
    one_of(got.status, statuses or (200, 201))
    return got.fields["Lock-Token"]


def is_webdav(got, *classes):
    eq(got.status, 200)
    for one in classes or ("1", "2"):
        contains(got.fields.words("DAV"), one)
    return got
