"""What was given to a file beside its content: type and language of GET, as PUT and PROPPATCH said."""

from wire import eq, lacks, obliges, own_server

FILES = {"plain.txt": b"plain", "other.txt": b"other", "hot.txt": b"hot"}


def give(server, path, name, value):
    body = (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:%s>%s</D:%s></D:prop></D:set></D:propertyupdate>'
        % (name, value, name)
    ).encode()
    return server.request("PROPPATCH", path, {"Content-Type": "application/xml"}, body)


@obliges("DAV-073")
def test_the_type_of_put_is_that_of_get(server):
    eq(server.put("/kept.bin", b"x", {"Content-Type": "text/x-strange; charset=utf-8"}).status, 201)
    eq(server.get("/kept.bin").fields["Content-Type"], "text/x-strange; charset=utf-8")
    eq(server.head("/kept.bin").fields["Content-Type"], "text/x-strange; charset=utf-8")
    found = server.request("PROPFIND", "/kept.bin", {"Depth": "0"}, b"")
    eq(b"text/x-strange; charset=utf-8" in found.body, True)
    eq(server.put("/kept.bin", b"y").status, 204)
    lacks(server.get("/kept.bin").fields["Content-Type"], "strange")


@obliges("DAV-147")
def test_a_language_is_shown_by_both(server):
    got = give(server, "/other.txt", "getcontentlanguage", "de")
    eq(got.status, 207)
    eq(b"HTTP/1.1 200" in got.body, True)
    eq(server.get("/other.txt").fields["Content-Language"], "de")
    found = server.request("PROPFIND", "/other.txt", {"Depth": "0"}, b"")
    eq(b"getcontentlanguage" in found.body and b">de<" in found.body, True)
    lacks(server.get("/plain.txt").fields, "Content-Language")


def test_an_answer_in_the_cache_goes_with_its_type(server):
    for _ in range(8):
        before = server.get("/hot.txt").fields["Content-Type"]
    eq(give(server, "/hot.txt", "getcontenttype", "text/x-new").status, 207)
    eq(server.get("/hot.txt").fields["Content-Type"], "text/x-new")
    eq(give(server, "/hot.txt", "getcontenttype", "text/x-newer").status, 207)
    for _ in range(8):
        eq(server.get("/hot.txt").fields["Content-Type"], "text/x-newer")
    eq(before == "text/x-newer", False)


@own_server("--untrusted")
def test_an_active_type_under_a_passive_name_is_saved(server):
    eq(server.put("/page.txt", b"<script>1</script>", {"Content-Type": "text/html"}).status, 201)
    got = server.get("/page.txt")
    eq(got.fields["Content-Disposition"].startswith("attachment"), True)
    eq(got.fields["X-Content-Type-Options"], "nosniff")
