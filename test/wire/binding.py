"""BIND, UNBIND and REBIND, and what is there as a graph: for the tests of RFC 5842."""

import xml.etree.ElementTree as xml

from dav import D, XML, multistatus, prop_body, props_of
from wire import eq, fail, one_of

ID, PARENTS = D + "resource-id", D + "parent-set"
AWARE = {"DAV": "bind"}


def body_of(kind, segment, href=None):
    inner = f"<D:segment>{segment}</D:segment>" + (f"<D:href>{href}</D:href>" if href is not None else "")
    return f'<?xml version="1.0" encoding="utf-8"?><D:{kind} xmlns:D="DAV:">{inner}</D:{kind}>'.encode()


def bind(server, folder, segment, href, fields=()):
    return server.request("BIND", folder, {**XML, **dict(fields)}, body_of("bind", segment, href))


def unbind(server, folder, segment, fields=()):
    return server.request("UNBIND", folder, {**XML, **dict(fields)}, body_of("unbind", segment))


def rebind(server, folder, segment, href, fields=()):
    return server.request("REBIND", folder, {**XML, **dict(fields)}, body_of("rebind", segment, href))


def bound(server, target, href):
    """A new name for what is at href."""
    folder, _, segment = target.rpartition("/")
    eq(bind(server, folder + "/", segment, href).status, 201, f"{target} is bound")


def held(token):
    """The field that submits it."""
    return {"If": f"({token})"}


def id_of(server, target):
    return props_of(server, target, ID).prop(ID)[0].text


def conditions_of(got, status):
    """The names of all elements in a DAV:error."""
    eq(got.status, status)
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "error")
    return [child.tag.replace(D, "") for child in tree]


def told(server, target, *names, fields=()):
    """{href: Answer} of a client that knows bindings, deep."""
    asked = prop_body(ID, *names)
    return multistatus(server.request("PROPFIND", target, {"Depth": "infinity", **XML, **AWARE, **dict(fields)}, asked))


def shape(server, top):
    """{path: number of the resource, content}: numbers in the order in which they are met, so that shapes compare."""
    numbers, out = {}, {}
    for href, answer in told(server, top).items():
        [stat] = [stat for stat in answer.propstats if ID in stat.props]
        one_of(stat.status, (200, 208))
        number = numbers.setdefault(stat.props[ID][0].text, len(numbers))
        out[href] = number, stat.status, None if href.endswith("/") else server.get(href).body
    return out


def ids(server, top):
    """{href: resource-id} of all that is there."""
    return {href: next(stat.props[ID][0].text for stat in answer.propstats if ID in stat.props) for href, answer in told(server, top).items()}


class Unchanged:
    """`with Unchanged(server, top):` what is below is the same after it: names, resources, contents."""

    def __init__(self, server, top="/"):
        self.server, self.top = server, top

    def look(self):
        return shape(self.server, self.top), ids(self.server, self.top)

    def __enter__(self):
        self.before = self.look()
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            now = self.look()
            if now != self.before:
                fail(f"something was changed: {now} was {self.before}")
