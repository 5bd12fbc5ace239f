"""Multistatus answers, read as strictly as RFC 4918 writes them; for the tests of WebDAV."""

import xml.etree.ElementTree as xml
from xml.parsers import expat

from wire import eq, fail, ok

D = "{DAV:}"
XML = {"Content-Type": "application/xml"}
STATUSES = {200: "OK", 208: "Already Reported", 308: "Permanent Redirect", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 423: "Locked", 424: "Failed Dependency",
            451: "Unavailable For Legal Reasons", 507: "Insufficient Storage"}


def status_of(element):
    """The number in a DAV:status, which holds a whole status line."""
    version, code, phrase = element.text.split(" ", 2)
    eq(version, "HTTP/1.1")
    eq(phrase, STATUSES[int(code)], "the phrase of " + code)
    return int(code)


class Propstat:
    """One DAV:propstat: its status, its properties by name, its condition."""

    def __init__(self, element):
        tags = [child.tag for child in element]
        ok(tags[:2] == [D + "prop", D + "status"] and set(tags[2:]) <= {D + "error", D + "responsedescription"},
           f"the order in a propstat: {tags}")
        self.status = status_of(element.find(D + "status"))
        self.props = {}
        for prop in element.find(D + "prop"):
            ok(prop.tag not in self.props, f"{prop.tag} once in a propstat")
            self.props[prop.tag] = prop
        error = element.find(D + "error")
        self.condition = None if error is None else error[0].tag.replace(D, "")


class Answer:
    """One DAV:response: `status` alone, or what each property came to."""

    def __init__(self, element):
        self.href = element[0].text
        eq(element[0].tag, D + "href")
        stats = element.findall(D + "propstat")
        alone = element.find(D + "status")
        ok((alone is None) == bool(stats), "either a status or propstats")
        self.status = None if alone is None else status_of(alone)
        self.location = element.findtext(f"{D}location/{D}href")
        self.propstats = [Propstat(stat) for stat in stats]
        eq(len({(stat.status, stat.condition) for stat in self.propstats}), len(stats), "statuses, each once")
        names = [name for stat in self.propstats for name in stat.props]
        eq(len(names), len(set(names)), "properties, each once")

    def names(self, status=200):
        return sorted(name for stat in self.propstats if stat.status == status for name in stat.props)

    def prop(self, name):
        for stat in self.propstats:
            if stat.status == 200 and name in stat.props:
                return stat.props[name]
        fail(f"{name} is not among {self.names()} of {self.href}")

    def text(self, name):
        return self.prop(name).text

    def outcome(self, name):
        """The status under which a property is told, and its condition."""
        for stat in self.propstats:
            if name in stat.props:
                return stat.status, stat.condition
        fail(f"{name} is not told of")


def multistatus(got):
    """{href: Answer} of a 207."""
    eq(got.status, 207)
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "multistatus")
    answers = [Answer(element) for element in tree.findall(D + "response")]
    by_href = {answer.href: answer for answer in answers}
    eq(len(by_href), len(answers), "hrefs, each once")
    return by_href


def error_of(got, status):
    """The name of the condition in a DAV:error body."""
    eq(got.status, status)
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "error")
    return tree[0].tag.replace(D, "")


def prop_body(*names):
    """A PROPFIND for these properties, "{namespace}local" each."""
    inner = "".join('<{1} xmlns="{0}"/>'.format(*name[1:].split("}")) for name in names)
    return f'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>{inner}</D:prop></D:propfind>'.encode()


ALLPROP = b'<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>'
PROPNAME = b'<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>'


def propfind(server, target, body=b"", depth="0", **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    return server.request("PROPFIND", target, {"Depth": depth, **XML, **fields}, body)


def proppatch(server, target, inner, **fields):
    """inner: DAV:set and DAV:remove elements, with the prefixes D and z."""
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    body = f'<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:z">{inner}</D:propertyupdate>'
    return server.request("PROPPATCH", target, {**XML, **fields}, body.encode())


def set_of(inner):
    return f"<D:set><D:prop>{inner}</D:prop></D:set>"


def remove_of(inner):
    return f"<D:remove><D:prop>{inner}</D:prop></D:remove>"


def props_of(server, target, *names):
    """What PROPFIND says of these properties of one resource."""
    [answer] = multistatus(propfind(server, target, prop_body(*names))).values()
    return answer


# -- write locks

def lockinfo(scope="exclusive", owner="<D:owner>me</D:owner>"):
    return (f'<?xml version="1.0" encoding="utf-8"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:{scope}/></D:lockscope>'
            f"<D:locktype><D:write/></D:locktype>{owner}</D:lockinfo>").encode()


def lock_of(server, target, scope="exclusive", **fields):
    """A new lock's token, in its brackets."""
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    got = server.request("LOCK", target, {**XML, **fields}, lockinfo(scope))
    ok(got.status in (200, 201), f"locked: {got.status}")
    return got.fields["Lock-Token"]


def unlock(server, target, token):
    eq(server.request("UNLOCK", target, {"Lock-Token": token}).status, 204)


def conflicts(got):
    """{href: status} of a 207 about resources: RFC 4918 §9.6.1, §9.9.2, §9.10.3."""
    return {href: answer.status for href, answer in multistatus(got).items()}


def source_of(body, name):
    """The octets of the one element of that name, as they stand in the document: prefixes, references and all."""
    parser, found, open_at = expat.ParserCreate(namespace_separator="}"), [], []

    def start(tag, _):
        open_at.append(parser.CurrentByteIndex)

    def end(tag):
        first, last = open_at.pop(), parser.CurrentByteIndex
        if b">" not in body[first:last - 1]:  # <a/>: its end is told of where it has ended
            found.append((tag, body[first:last]))
        else:
            found.append((tag, body[first:body.index(b">", last) + 1]))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(body, True)
    found = [source for tag, source in found if tag == name.lstrip("{")]
    eq(len(found), 1, f"how often {name} is there")
    return found[0].decode()
