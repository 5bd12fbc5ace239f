"""Values of dead properties come back octet by octet, as far as XML has a meaning: RFC 4918 §4.3, §4.4, §9.2, §17."""

import xml.etree.ElementTree as xml

from dav import ALLPROP, PROPNAME, D, XML, multistatus, prop_body, propfind, proppatch, props_of, remove_of, set_of, source_of
from wire import cases, contains, eq, lacks, obliges, ok, one_of

FILES = {"folder/in.txt": b"in"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def patch(server, target, body):
    """PROPPATCH with a body of which every octet counts; the answer of the one resource."""
    got = server.request("PROPPATCH", target, XML, body if isinstance(body, bytes) else body.encode())
    [answer] = multistatus(got).values()
    return answer


def kept(server, target, name, body=None):
    """The element as PROPFIND shows it, in canonical form: prefixes, attributes in order, references resolved."""
    got = propfind(server, target, body or prop_body(name))
    multistatus(got)
    return xml.canonicalize(source_of(got.body, name))


VALUES = (
    ("text", '<z:v xmlns:z="urn:v">text</z:v>'),
    ("empty", '<z:v xmlns:z="urn:v"/>'),
    ("blank", '<z:v xmlns:z="urn:v"> \t\n </z:v>'),
    ("edges", '<z:v xmlns:z="urn:v">\n  in the middle\t </z:v>'),
    ("carriage-return", '<z:v xmlns:z="urn:v" a="1&#13;&#10;&#9;2">a&#13;b&#13;&#10;c</z:v>'),
    ("line-ends", '<z:v xmlns:z="urn:v">a\r\nb\rc</z:v>'),
    ("escapes", '<z:v xmlns:z="urn:v" a="&lt;&amp;&quot;&apos;&gt;">&lt;not&gt; &amp;amp; ]]&gt; &quot;\'</z:v>'),
    ("cdata", '<z:v xmlns:z="urn:v">a<![CDATA[<b>&amp;</b> ]]]]><![CDATA[>]]>c</z:v>'),
    ("references", '<z:v xmlns:z="urn:v">&#65;&#x1F375;&#xE4;</z:v>'),
    ("beyond-bmp", '<z:v xmlns:z="urn:v" a="\U0001F375">\U00010000\U0010FFFD \u00e4\u4e2d\u202e\ufffd</z:v>'),
    ("names-beyond-ascii", '<z:v xmlns:z="urn:v"><z:\u00e4\u4e2d \u00e9="1"/></z:v>'),
    ("mixed", '<z:v xmlns:z="urn:v">a<z:b>b<z:c/>c</z:b> <z:b/>d\n<z:b> </z:b></z:v>'),
    ("order", '<z:v xmlns:z="urn:v"><z:b>2</z:b><z:a>1</z:a><z:b>2</z:b></z:v>'),
    ("attributes", '<z:v xmlns:z="urn:v" b="2" a="1" xmlns:q="urn:q" q:a="3" q:b=""><z:i q:a="4" a="5"/></z:v>'),
    ("attributes-of-two", '<z:v xmlns:z="urn:v" xmlns:p="urn:one" xmlns:q="urn:two" p:a="1" q:a="2"/>'),
    ("default", '<v xmlns="urn:v"><in>1</in><none xmlns="">2<again xmlns="urn:v"/></none></v>'),
    ("prefix-anew", '<z:v xmlns:z="urn:v"><z:i xmlns:z="urn:other"><z:j xmlns:z="urn:v"/><z:k/></z:i></z:v>'),
    ("two-prefixes", '<a:v xmlns:a="urn:v" xmlns:b="urn:v"><b:i/><a:i/></a:v>'),
    ("name-like-dav", '<D:v xmlns:D="urn:v"><D:prop/></D:v>'),
    ("dav-inside", '<z:v xmlns:z="urn:v" xmlns:D="DAV:"><D:prop><D:getetag>"x"</D:getetag></D:prop><D:remove/></z:v>'),
    ("dav-by-default", '<z:v xmlns:z="urn:v"><multistatus xmlns="DAV:"><response/></multistatus></z:v>'),
    ("ns-with-marks", '<z:v xmlns:z="urn:v" xmlns:q="http://x/?a=1&amp;b=&quot;&lt;"><q:i/></z:v>'),
    ("prefix-with-marks", '<z-._1:v xmlns:z-._1="urn:v"><z-._1:a.b-c_d/></z-._1:v>'),
    ("lang", '<z:v xmlns:z="urn:v" xml:lang="de-CH"><z:i xml:lang="fr">oui</z:i><z:i xml:lang="">?</z:i></z:v>'),
    ("space", '<z:v xmlns:z="urn:v" xml:space="preserve">  <z:i xml:space="default"/>  </z:v>'),
    ("long-text", '<z:v xmlns:z="urn:v">' + "0123456789abcde\n" * 12000 + "</z:v>"),
    ("many-children", '<z:v xmlns:z="urn:v">' + "<z:i a='1'>x</z:i>" * 3000 + "</z:v>"),
    ("deep", '<z:v xmlns:z="urn:v">' + "<z:i>" * 40 + "x" + "</z:i>" * 40 + "</z:v>"),
)


@obliges("DAV-050", "DAV-051", "DAV-052", "DAV-054")
@cases(*VALUES)
def test_a_value_comes_back_as_it_was_given(server, value):
    server.write("value.txt", b"x")
    want = xml.canonicalize(value)
    name = "{urn:v}v"
    for target in "/value.txt", "/folder/":
        eq(patch(server, target, f'<D:propertyupdate xmlns:D="DAV:">{set_of(value)}</D:propertyupdate>').names(), [name])
        eq(kept(server, target, name), want, "asked for by its name")
        eq(kept(server, target, name, ALLPROP), want, "among all")


@obliges("DAV-051", "DAV-022")
@cases(("little", "utf-16-le", b"\xff\xfe"), ("big", "utf-16-be", b"\xfe\xff"))
def test_utf_16_comes_back_as_the_same_characters(server, encoding, mark):
    server.write("utf16.txt", b"x")
    value = '<z:v xmlns:z="urn:v" a="\U0001F375">\u00e4\U0010FFFD\u4e2d</z:v>'
    patch(server, "/utf16.txt", mark + f'<D:propertyupdate xmlns:D="DAV:">{set_of(value)}</D:propertyupdate>'.encode(encoding))
    eq(kept(server, "/utf16.txt", "{urn:v}v"), xml.canonicalize(value))


@obliges("DAV-051")
def test_comments_and_instructions_are_no_part_of_a_value_but_what_is_around_them_is(server):
    server.write("comments.txt", b"x")
    patch(server, "/comments.txt", '<D:propertyupdate xmlns:D="DAV:">' +
          set_of('<z:v xmlns:z="urn:v">a<!-- b -->c<?d e?>f</z:v>') + "</D:propertyupdate>")
    eq("".join(xml.fromstring(kept(server, "/comments.txt", "{urn:v}v")).itertext()), "acf")


@obliges("DAV-051", "DAV-052")
def test_prefixes_that_were_declared_outside_are_kept(server):
    server.write("outside.txt", b"x")
    patch(server, "/outside.txt",
          '<D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:v" xmlns:q="urn:q" xmlns="urn:default"><D:set><D:prop xmlns:r="urn:r">'
          '<z:v q:a="1"><r:i/><i/><D:i/></z:v></D:prop></D:set></D:propertyupdate>')
    eq(kept(server, "/outside.txt", "{urn:v}v"),
       xml.canonicalize('<z:v xmlns:z="urn:v" xmlns:q="urn:q" q:a="1"><r:i xmlns:r="urn:r"/><i xmlns="urn:default"/>'
                        '<D:i xmlns:D="DAV:"/></z:v>'))


@obliges("DAV-051")
@cases(("update", ' xml:lang="fr"', "", "", "", "fr"), ("set", ' xml:lang="xx"', ' xml:lang="fr"', "", "", "fr"),
       ("prop", "", ' xml:lang="xx"', ' xml:lang="fr"', "", "fr"), ("own", "", "", ' xml:lang="xx"', ' xml:lang="fr"', "fr"),
       ("unset", ' xml:lang="xx"', "", ' xml:lang=""', "", None), ("none", "", "", "", "", None))
def test_the_language_in_scope_belongs_to_the_value(server, update, change, prop, own, want):
    server.write("lang.txt", b"x")
    patch(server, "/lang.txt", f'<D:propertyupdate xmlns:D="DAV:"{update}><D:set{change}><D:prop{prop}><v xmlns="urn:v"{own}>'
          "<i/></v></D:prop></D:set></D:propertyupdate>")
    found = props_of(server, "/lang.txt", "{urn:v}v").prop("{urn:v}v")
    eq(found.get(LANG) or None, want)
    eq(found[0].get(LANG), None, "not repeated within")


@obliges("DAV-050", "DAV-034")
@cases(("none", "", "n"), ("urn", "urn:x-y:z", "n"), ("http", "http://example.org/a b?c=d&amp;e#f", "n"),
       ("relative", "relative", "n"), ("one-octet", "x", "n"), ("dav", "DAV:", "unheard-of"), ("dav-lower", "dav:", "getetag"),
       ("xml-like", "http://www.w3.org/1999/xhtml", "p"), ("quotes", "a&quot;b&apos;c&lt;d&gt;", "n"),
       ("beyond-ascii", "urn:\u00e4\U0001F375", "\u00e4\u4e2d"), ("spaces", " urn:edges ", "n"))
def test_any_namespace_will_do(server, space, local):
    server.write("spaces.txt", b"x")
    [wanted] = [xml.fromstring(f'<{local} xmlns="{space}"/>').tag]
    body = f'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><{local} xmlns="{space}">1</{local}></D:prop></D:set></D:propertyupdate>'
    eq(patch(server, "/spaces.txt", body).names(), [wanted])
    ask = f'<D:propfind xmlns:D="DAV:"><D:prop><{local} xmlns="{space}"/></D:prop></D:propfind>'.encode()
    [found] = multistatus(propfind(server, "/spaces.txt", ask)).values()
    eq(found.text(wanted), "1")
    for body in ALLPROP, PROPNAME:
        [found] = multistatus(propfind(server, "/spaces.txt", body)).values()
        contains(found.names(), wanted)
    gone = f'<D:propertyupdate xmlns:D="DAV:"><D:remove><D:prop><{local} xmlns="{space}"/></D:prop></D:remove></D:propertyupdate>'
    eq(patch(server, "/spaces.txt", gone).names(), [wanted])
    [found] = multistatus(propfind(server, "/spaces.txt", ask)).values()
    eq(found.names(404), [wanted])


@obliges("DAV-050", "DAV-035")
def test_names_that_look_alike_are_different_properties(server):
    server.write("alike.txt", b"x")
    names = ["n", "{urn:a}n", "{urn:A}n", "{urn:a}N", "{urn:a/}n", "{urn:a}nn"]
    inner = "".join('<{1} xmlns="{0}">{2}</{1}>'.format(*(name[1:].split("}") if name[0] == "{" else ("", name)), at)
                    for at, name in enumerate(names))
    eq(multistatus(proppatch(server, "/alike.txt", set_of(inner)))["/alike.txt"].names(), sorted(names))
    [found] = multistatus(propfind(server, "/alike.txt", ALLPROP)).values()
    for at, name in enumerate(names):
        eq(found.text(name), str(at))
    multistatus(proppatch(server, "/alike.txt", remove_of('<n xmlns="urn:a"/>')))
    [found] = multistatus(propfind(server, "/alike.txt", ALLPROP)).values()
    lacks(found.names(), "{urn:a}n")
    for name in names[0], *names[2:]:
        contains(found.names(), name)


@obliges("DAV-053")
@cases(("empty", "<z:e/>"), ("two-tags", "<z:e></z:e>"), ("attribute", "<z:e a='1'/>"), ("blank", "<z:e> </z:e>"))
def test_empty_is_not_absent_and_not_blank(server, inner):
    server.write("empty.txt", b"x")
    multistatus(proppatch(server, "/empty.txt", set_of(inner)))
    found = props_of(server, "/empty.txt", "{urn:z}e", "{urn:z}f")
    eq((found.names(), found.names(404)), (["{urn:z}e"], ["{urn:z}f"]))
    eq(found.text("{urn:z}e"), " " if "> <" in inner else None)
    multistatus(proppatch(server, "/empty.txt", remove_of("<z:e/>")))
    eq(props_of(server, "/empty.txt", "{urn:z}e").names(404), ["{urn:z}e"])


@obliges("DAV-044")
def test_the_last_value_in_document_order_stays(server):
    server.write("last.txt", b"x")
    many = "".join(set_of(f"<z:n>{number}</z:n><z:m>{number}</z:m>") + (remove_of("<z:m/>") if number % 2 else "")
                   for number in range(50))
    multistatus(proppatch(server, "/last.txt", many))
    found = props_of(server, "/last.txt", "{urn:z}n", "{urn:z}m")
    eq((found.text("{urn:z}n"), found.names(404)), ("49", ["{urn:z}m"]))


@obliges("DAV-017", "DAV-044")
def test_what_is_unknown_beside_the_instructions_is_as_if_not_there(server):
    server.write("unknown.txt", b"x")
    body = ("<x:set xmlns:x='urn:x'><D:prop><z:a>1</z:a></D:prop></x:set><D:set a='1'><x:prop xmlns:x='urn:x'><z:b/></x:prop>"
            "<D:prop q='1'><z:c>1</z:c></D:prop></D:set><D:unheard-of><D:set><D:prop><z:d/></D:prop></D:set></D:unheard-of>")
    [told] = multistatus(proppatch(server, "/unknown.txt", body)).values()
    eq(told.names(), ["{urn:z}c"])
    names = ["{urn:z}" + letter for letter in "abcd"]
    eq(props_of(server, "/unknown.txt", *names).names(404), ["{urn:z}a", "{urn:z}b", "{urn:z}d"])


@obliges("DAV-044", "DAV-024")
@cases(("allprop", "<D:propfind xmlns:D='DAV:'/>"), ("lock", "<D:lockinfo xmlns:D='DAV:'/>"),
       ("mkcol", "<D:mkcol xmlns:D='DAV:'><D:set><D:prop><a/></D:prop></D:set></D:mkcol>"),
       ("no-namespace", "<propertyupdate><set><prop><a/></prop></set></propertyupdate>"))
def test_another_root_is_422_and_changes_nothing(server, body):
    server.write("root.txt", b"x")
    eq(server.request("PROPPATCH", "/root.txt", XML, body.encode()).status, 422)
    eq(props_of(server, "/root.txt", "{}a").names(404), ["a"])


@obliges("DAV-045", "DAV-014")
@cases(("cut", "<D:set><D:prop><z:a>1</z:a></D:prop></D:set><D:set>"),
       ("control", "<D:set><D:prop><z:a>1</z:a><z:b>\x01</z:b></D:prop></D:set>"),
       ("reference", "<D:set><D:prop><z:a>1</z:a><z:b>&#0;</z:b></D:prop></D:set>"),
       ("surrogate", "<D:set><D:prop><z:a>1</z:a><z:b>&#xD800;</z:b></D:prop></D:set>"),
       ("unbound", "<D:set><D:prop><z:a>1</z:a><q:b/></D:prop></D:set>"),
       ("attribute-twice", "<D:set><D:prop><z:a>1</z:a><z:b c='1' c='2'/></D:prop></D:set>"))
def test_what_cannot_be_read_to_its_end_changes_nothing(server, inner):
    server.write("whole.txt", b"x")
    eq(proppatch(server, "/whole.txt", inner).status, 400)
    eq(props_of(server, "/whole.txt", "{urn:z}a").names(404), ["{urn:z}a"])


def test_a_thousand_properties_are_kept_and_told(server):
    server.write("thousand.txt", b"x")
    inner = "".join(f"<z:p{number}>{number}</z:p{number}>" for number in range(1000))
    eq(len(multistatus(proppatch(server, "/thousand.txt", set_of(inner)))["/thousand.txt"].names()), 1000)
    [found] = multistatus(propfind(server, "/thousand.txt", ALLPROP)).values()
    eq([found.text(f"{{urn:z}}p{number}") for number in range(1000)], [str(number) for number in range(1000)])


@cases(("many", "PROPPATCH", "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop>" + "<a/>" * 30000 + "</D:prop></D:set></D:propertyupdate>"),
       ("deep", "PROPFIND", "<D:propfind xmlns:D='DAV:'>" + "<a>" * 1000 + "</a>" * 1000 + "<D:prop/></D:propfind>"),
       ("attributes", "PROPFIND", "<D:propfind xmlns:D='DAV:'" + "".join(f" a{n}=''" for n in range(1000)) + "><D:prop/></D:propfind>"))
def test_bodies_past_a_limit_are_refused_and_change_nothing(server, method, body):
    server.write("limits.txt", b"x")
    one_of(server.request(method, "/limits.txt", {"Depth": "0", **XML}, body.encode()).status, (400, 413))
    [found] = multistatus(propfind(server, "/limits.txt", ALLPROP)).values()
    ok(all(name.startswith("{") for name in found.names()), "nothing was set")
    contains(found.names(), D + "getetag")
