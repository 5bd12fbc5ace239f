"""samovar get and put: whole files and what is new in them, gone on with, and never half a file."""

import base64
import hashlib
import os
import random
import resource
import signal
import subprocess
import tempfile
import threading
import time

import deltas
import tls
import wire
from odd_http import Odd, answer
from program import ended
from wire import cases, contains, eq, lacks, ok, own_server, wait_for

KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
}
"""
OLD = random.Random(1).randbytes(400000)
NEW = OLD[:100000] + b"what is new" * 20 + OLD[100300:]


class Place:
    """Where the command runs: a folder, and a home with a cache of its own."""

    def __init__(self, server):
        self.folder = tempfile.mkdtemp(prefix="home-", dir=server.tmp)
        self.env = {"HOME": self.folder, "XDG_CACHE_HOME": "", "SAMOVAR_PASSWORD": "", "NETRC": ""}

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run(self, *words, status=0, env=None):
        """(standard output, error output) of a command that ends so."""
        got, out, err = ended(*words, cwd=self.folder, env={**self.env, **(env or {})})
        eq(got, status, "the status, with %r %r" % (out, err))
        return out, err

    def names(self):
        return sorted(name for name in os.listdir(self.folder) if name != ".cache")


def url(server, path=""):
    secure = server.is_secure(server.addresses[0])
    return "%s://%s%s" % ("https" if secure else "http", server.host, path)


def trust(server):
    return ["--insecure"] if server.is_secure(server.addresses[0]) else []


# ---- get ----

def test_a_file_comes_whole_and_then_not_again(server):
    server.write("doc.bin", OLD, 1000000000)
    place = Place(server)
    out, _ = place.run("get", url(server, "/doc.bin"), *trust(server))
    eq((place.read("doc.bin"), place.names()), (OLD, ["doc.bin"]))
    contains(out, "400 kB")
    out, _ = place.run("get", url(server, "/doc.bin"), "doc.bin", *trust(server))
    contains(out, "as it is there")


@own_server(config=KEEPS)
def test_only_what_is_new_comes(server):
    place = Place(server)
    server.put("/doc.bin", OLD)
    place.run("get", url(server, "/doc.bin"), "x", *trust(server))
    os.chmod(place.path("x"), 0o640)
    server.put("/doc.bin", NEW)
    out, _ = place.run("get", url(server, "/doc.bin"), "x", *trust(server))
    eq((place.read("x"), place.names()), (NEW, ["x"]))
    contains(out, "of which ")
    eq(os.stat(place.path("x")).st_mode & 0o777, 0o640, "its mode")
    out, _ = place.run("get", url(server, "/doc.bin"), "x", "--whole", *trust(server))
    contains(out, "as it is there")


@own_server(config=KEEPS)
def test_what_was_changed_here_is_no_base(server):
    place = Place(server)
    server.put("/doc.bin", OLD)
    place.run("get", url(server, "/doc.bin"), "x", *trust(server))
    mine = OLD + b"of mine"
    place.write("x", mine)
    server.put("/doc.bin", NEW)
    contains(place.run("get", url(server, "/doc.bin"), "x", *trust(server), status=4)[1], "--force")
    os.unlink(place.path("x"))
    place.write("x", mine)  # as editors do
    contains(place.run("get", url(server, "/doc.bin"), "x", *trust(server), status=4)[1], "--force")
    eq((place.read("x"), place.names()), (mine, ["x"]))
    out, _ = place.run("get", "--force", url(server, "/doc.bin"), "x", *trust(server))
    eq(place.read("x"), NEW)
    lacks(out, "of which")


@own_server(config=KEEPS)
def test_quiet_says_nothing(server):
    server.put("/doc.bin", OLD)
    eq(Place(server).run("get", "--quiet", url(server, "/doc.bin"), *trust(server)), ("", ""))


@cases(("missing", "/none", 1, "404"), ("folder", "/", 2, "names no file"), ("encoded_slash", "/a%2Fb", 2, "names no file"))
def test_what_cannot_be_got(server, path, status, why):
    place = Place(server)
    _, err = place.run("get", url(server, path), *trust(server), status=status)
    contains(err, why)
    eq((len(err.splitlines()), place.names()), (1, []))


def test_who_does_not_answer(server):
    place = Place(server)
    for address in ("http://127.0.0.1:1/x", "http://none.invalid/x"):
        contains(place.run("get", address, status=3)[1], "samovar: ")
    contains(place.run("get", "ftp://h/x", status=2)[1], "http")
    contains(place.run("get", url(server), "a", "b", status=2)[1], "an address and a file")
    contains(place.run("put", url(server, "/x"), status=2)[1], "a file")
    eq(place.names(), [])


# ---- going on ----

def tagged(status, body, *fields, **more):
    return answer(status, body, 'ETag: "one"', *fields, **more)


def test_an_interrupted_download_goes_on(server):
    place = Place(server)
    part = tagged("206 Partial Content", OLD[1000:], "Content-Range: bytes 1000-399999/400000")
    with Odd((tagged("200 OK", OLD[:1000], length=len(OLD)), "close"), part) as odd:
        _, err = place.run("get", odd.url + "/x", status=3)
        contains(err, "goes on from here")
        eq(place.names(), ["x.part"])
        out, _ = place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (OLD, ["x"]))
        contains(out, "of which 399 kB came now")
        eq((odd.asked[1][2]["range"], odd.asked[1][2]["if-range"]), ("bytes=1000-", '"one"'))


@own_server(config=KEEPS)
def test_an_interrupted_delta_goes_on(server):
    place = Place(server)
    tags = [server.put("/x", content).etag for content in (OLD, NEW)]
    delta = server.get("/x", {"A-IM": "vcdiff", "If-None-Match": tags[0]}).body
    first = answer("200 OK", OLD, "ETag: " + tags[0])
    second = answer("226 IM Used", delta[:20], "ETag: " + tags[1], "IM: vcdiff", length=len(delta))
    third = answer("226 IM Used", delta[20:], "ETag: " + tags[1], "IM: vcdiff, range",
                   "Content-Range: bytes 20-%d/%d" % (len(delta) - 1, len(delta)))
    with Odd(first, (second, "close"), third) as odd:
        place.run("get", odd.url + "/x")
        place.run("get", odd.url + "/x", status=3)
        eq((place.read("x"), place.names()), (OLD, ["x", "x.part"]))
        place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (NEW, ["x"]))
        asked = odd.asked[2][2]
        eq((asked["a-im"], asked["range"], asked["if-none-match"], asked["if-range"]), ("vcdiff, range", "bytes=20-", *tags))


@cases(("changed", tagged("200 OK", NEW)), ("another_place", tagged("206 Partial Content", OLD[:5], "Content-Range: bytes 0-4/9")),
       ("too_short_now", answer("416 Range Not Satisfiable", b"", "Content-Range: bytes */5")))
def test_what_cannot_go_on_begins_anew(server, second):
    place = Place(server)
    with Odd((tagged("200 OK", OLD[:1000], length=len(OLD)), "close"), second, tagged("200 OK", NEW)) as odd:
        place.run("get", odd.url + "/x", status=3)
        place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (NEW, ["x"]))


@cases(("less_than_asked", "1000-1999", '"one"', OLD[1000:2000]), ("less_than_said", "1000-399999", '"one"', OLD[1000:2000]),
       ("of_another_version", "1000-399999", '"two"', NEW[1000:400000]), ("of_none", "1000-399999", "W/x", NEW[1000:400000]))
def test_a_part_of_something_else_never_makes_a_file(server, stretch, tag, octets):
    place = Place(server)
    part = answer("206 Partial Content", octets, "ETag: " + tag, "Content-Range: bytes %s/400000" % stretch)
    with Odd((tagged("200 OK", OLD[:1000], length=len(OLD)), "close"), part, tagged("200 OK", NEW)) as odd:
        place.run("get", odd.url + "/x", status=3)
        place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (NEW, ["x"]))
        lacks(odd.asked[2][2], "range")


def test_what_is_not_all_there_is_as_private_as_the_file(server):
    place = Place(server)
    place.write("x", b"mine")
    os.chmod(place.path("x"), 0o600)
    with Odd((tagged("200 OK", OLD[:1000], length=len(OLD)), "close")) as odd:
        place.run("get", odd.url + "/x", status=3)
        eq(os.stat(place.path("x.part")).st_mode & 0o077, 0)
    with Odd(answer("200 OK", b"x")) as odd:
        place.run("get", odd.url + "/y")
        mask = os.umask(0)
        os.umask(mask)
        eq(os.stat(place.path("y")).st_mode & 0o777, 0o666 & ~mask)


def test_two_do_not_load_one_file_at_once(server):
    place = Place(server)
    holds = threading.Event()

    def slowly(_request):
        holds.wait(30)
        return answer("200 OK", b"x")

    with Odd(slowly) as odd:
        process = begun(place, "get", odd.url + "/x")
        wait_for(lambda: odd.asked, "the first one asks")
        contains(place.run("get", odd.url + "/x", status=4)[1], "another samovar get")
        holds.set()
        eq(process.wait(), 0)
        eq((place.read("x"), place.names()), (b"x", ["x"]))


# ---- odd servers ----

def digest(content):
    return "Repr-Digest: sha-256=:%s:" % base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_what_is_not_what_it_is_said_to_be_is_not_taken(server):
    place = Place(server)
    place.write("x", b"mine")
    with Odd(tagged("200 OK", OLD, digest(NEW))) as odd:
        contains(place.run("get", odd.url + "/x", status=3)[1], "SHA-256")
    eq(place.read("x"), b"mine")


@cases(("no_delta", "IM: vcdiff", b"nonsense"), ("of_another", "IM: vcdiff", None), ("unknown", "IM: x-own", b"abc"),
       ("two", "IM: vcdiff, gzip", b"abc"), ("none", "Vary: *", b"abc"))
def test_a_delta_that_does_not_fit_is_made_good_by_the_whole(server, im, body):
    place = Place(server)
    with Odd(answer("200 OK", OLD, 'ETag: "v1"'),
             answer("226 IM Used", body if body is not None else gdiff_copying(), 'ETag: "v2"', im, digest(NEW)),
             answer("200 OK", NEW, 'ETag: "v2"', digest(NEW))) as odd:
        place.run("get", odd.url + "/x")
        place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (NEW, ["x"]))
        lacks(odd.asked[2][2], "a-im")


def gdiff_copying():
    """A good vcdiff, but of something else: what it gives has another digest."""
    return bytes.fromhex("d6c3c400") + b"\0" + bytes.fromhex("00 0b 05 00 05 01 00") + b"hello" + b"\x06"


@cases(("no_http", b"SSH-2.0-odd\r\n"), ("no_status", b"HTTP/1.1 abc\r\n\r\n"), ("two_lengths", b"HTTP/1.1 200 OK\r\n"
       b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), ("nothing", b""), ("half", b"HTTP/1.1 200 O"),
       ("bad_chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
       ("endless_head", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50000), ("weak_206", b"HTTP/1.1 206 x\r\nContent-Length: 1\r\n\r\na"))
def test_answers_that_are_none(server, octets):
    place = Place(server)
    with Odd((octets, "close")) as odd:
        _, err = place.run("get", odd.url + "/x", status=3)
        eq(len(err.splitlines()), 1, err)
        lacks(place.names(), "x")


def test_interim_answers_are_passed_over(server):
    place = Place(server)
    with Odd(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer("200 OK", b"x")) as odd:
        place.run("get", odd.url + "/x")
        eq(place.read("x"), b"x")


def test_interim_answers_without_end_are_left(server):
    with Odd(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000) as odd:
        contains(Place(server).run("get", odd.url + "/x", status=3)[1], "no final one")


def test_redirects_are_followed_and_passwords_stay(server):
    place = Place(server)
    with Odd(answer("200 OK", b"there")) as other:
        with Odd(answer("302 Found", b"", "Location: /b"), answer("307 Temporary Redirect", b"", "Location: %s/c" % other.url)) as odd:
            place.run("get", odd.url.replace("//", "//alice:secret@") + "/a", "x")
            eq(place.read("x"), b"there")
            eq([asked[1] for asked in odd.asked], ["/a", "/b"])
            contains(odd.asked[1][2], "authorization")
            lacks(other.asked[0][2], "authorization")


def test_circles_and_other_schemes_end(server):
    place = Place(server)
    with Odd(answer("302 Found", b"", "Location: /a")) as odd:
        contains(place.run("get", odd.url + "/a", status=3)[1], "circles")
        eq(len(odd.asked), 11)
    with Odd(answer("302 Found", b"", "Location: file:///etc/passwd")) as odd:
        contains(place.run("get", odd.url + "/a", status=3)[1], "no address")


def test_what_a_refusal_says_is_plain_text(server):
    with Odd(answer("404 No", b"\x1b]0;title\x07there is\nnothing", "Content-Type: text/plain")) as odd:
        _, err = Place(server).run("get", odd.url + "/a", status=1)
        lacks(err, "\x1b")
        contains(err, "404 No:  ]0;title there is nothing")
    with Odd(answer("404 No", "\u009b31mred".encode(), "Content-Type: text/plain")) as odd:
        lacks(Place(server).run("get", odd.url + "/a", status=1)[1], "\u009b")
    with Odd(answer("302 Found", b"", "Location: a\u00c2\u009b31m")) as odd:
        lacks(Place(server).run("get", odd.url + "/a", status=3)[1], "\u009b")


def test_a_login_is_sent_where_it_is_asked_for(server):
    place = Place(server)
    wants = answer("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"')
    with Odd(wants, answer("200 OK", b"x")) as odd:
        place.write(".netrc", b"machine other login bob password no\nmachine 127.0.0.1 login alice password wonder\n")
        place.run("get", odd.url + "/x")
        eq(base64.b64decode(odd.asked[1][2]["authorization"].split(" ")[1]), b"alice:wonder")
    with Odd(wants) as odd:
        contains(place.run("get", odd.url + "/x", "--login", "bob", env={"SAMOVAR_PASSWORD": "wrong"}, status=1)[1], "401")
        eq(base64.b64decode(odd.asked[0][2]["authorization"].split(" ")[1]), b"bob:wrong")
        eq(len(odd.asked), 1)


# ---- put ----

@own_server(config=KEEPS)
def test_a_file_is_put_and_then_what_is_new_in_it(server):
    place = Place(server)
    place.write("x", OLD)
    place.run("put", url(server, "/x"), "x", *trust(server))
    eq(server.read("x"), OLD)
    place.write("x", NEW)
    out, _ = place.run("put", url(server, "/x"), "x", *trust(server))
    eq(server.read("x"), NEW)
    contains(out, "of which ")
    eq(len(server.names(".samovar/history")), 1)


@own_server(config=KEEPS)
def test_what_was_got_is_put_back_as_the_difference(server):
    place = Place(server)
    server.put("/x", OLD)
    place.run("get", url(server, "/x"), *trust(server))
    os.unlink(place.path("x"))  # as editors do: another file of that name
    place.write("x", NEW)
    contains(place.run("put", url(server, "/x"), "x", *trust(server))[0], "of which ")
    eq(server.read("x"), NEW)
    out, _ = place.run("get", url(server, "/x"), *trust(server))
    contains(out, "as it is there")


@own_server(config=KEEPS)
def test_nothing_is_overwritten_that_is_not_known(server):
    place = Place(server)
    server.put("/x", OLD)
    place.write("x", NEW)
    contains(place.run("put", url(server, "/x"), "x", *trust(server), status=1)[1], "--force")
    eq(server.read("x"), OLD)
    place.run("get", url(server, "/x"), "y", *trust(server))
    server.put("/x", b"by somebody else")
    place.write("y", NEW)
    contains(place.run("put", url(server, "/x"), "y", *trust(server), status=1)[1], "changed by somebody")
    eq(server.read("x"), b"by somebody else")
    place.run("put", "--force", url(server, "/x"), "x", *trust(server))
    eq(server.read("x"), NEW)


@own_server(config=KEEPS)
def test_what_another_file_knows_is_nothing_to_this_one(server):
    """x was made of the first version; that y is of the second does not make x so."""
    place = Place(server)
    server.put("/x", OLD)
    place.run("get", url(server, "/x"), "x", *trust(server))
    os.unlink(place.path("x"))
    place.write("x", OLD + b"of mine")  # as editors do: its note is gone
    server.put("/x", NEW)
    place.run("get", url(server, "/x"), "y", *trust(server))
    contains(place.run("put", url(server, "/x"), "x", *trust(server), status=1)[1], "--force")
    eq(server.read("x"), NEW)
    place.write("y", NEW + b"and more")
    place.run("put", url(server, "/x"), "y", *trust(server))
    eq(server.read("x"), NEW + b"and more")


@cases(("method", "405 Method Not Allowed"), ("type", "415 Unsupported Media Type"), ("not_known", "501 Not Implemented"),
       ("fits_not", "422 Unprocessable Content"))
def test_a_server_that_takes_no_differences_gets_the_whole(server, status):
    place = Place(server)
    with Odd(answer("201 Created", b"", 'ETag: "v1"'), answer(status, b"no"), answer("204 No Content", b"", 'ETag: "v2"').replace(
            b"Content-Length: 0\r\n", b"")) as odd:
        place.write("x", OLD)
        place.run("put", odd.url + "/x", "x")
        place.write("x", NEW)
        place.run("put", odd.url + "/x", "x")
        eq([asked[0] for asked in odd.asked], ["PUT", "PATCH", "PUT"])
        eq((odd.asked[0][2]["if-none-match"], odd.asked[1][2]["if-match"], odd.asked[2][2]["if-match"]), ("*", '"v1"', '"v1"'))
        eq(deltas.vcdiff(odd.asked[1][3], OLD), NEW)
        eq(odd.asked[2][3], NEW)


LARGE = random.Random(2).randbytes(2 << 20)


def test_interim_answers_before_100_are_passed_over(server):
    place = Place(server)
    place.write("x", LARGE)
    with Odd(answer("201 Created"), goes_on=b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n") as odd:
        place.run("put", odd.url + "/x", "x")
        eq(odd.asked[0][3], LARGE)


def test_who_says_no_100_gets_the_content_all_the_same(server):
    place = Place(server)
    place.write("x", LARGE)
    with Odd(answer("201 Created"), goes_on=b"") as odd:
        place.run("put", odd.url + "/x", "x")
        eq(odd.asked[0][3], LARGE)


def test_after_a_refusal_before_the_content_another_connection_is_used(server):
    place = Place(server)
    place.write("x", LARGE)
    place.write(".netrc", b"machine 127.0.0.1 login alice password wonder\n")
    wants = answer("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"')  # and waits for the content
    with Odd(answer("201 Created"), goes_on=[wants, b"HTTP/1.1 100 Continue\r\n\r\n"]) as odd:
        place.run("put", odd.url + "/x", "x")
        eq([(asked[0], len(asked[3])) for asked in odd.asked], [("PUT", len(LARGE))])
        eq(len(odd.open), 2)


def test_what_is_written_to_while_it_is_sent_is_no_version(server):
    place = Place(server)
    place.write("x", OLD)

    def meanwhile(_request):
        place.write("x", NEW)
        return answer("201 Created", b"", 'ETag: "v1"')

    with Odd(meanwhile) as odd:
        place.run("put", odd.url + "/x", "x")
        lacks(os.listxattr(place.path("x")), "user.samovar.version")
        eq(os.listdir(place.path(".cache/samovar/bases")), [])


def test_an_empty_file(server):
    place = Place(server)
    place.write("x", b"")
    place.run("put", url(server, "/empty"), "x", *trust(server))
    eq(server.read("empty"), b"")
    place.run("get", url(server, "/empty"), "y", *trust(server))
    eq(place.read("y"), b"")


# ---- half way ----

def begun(place, *words):
    return subprocess.Popen([wire.SAMOVAR, *words], cwd=place.folder, env=dict(os.environ, **place.env),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_killed_amid_a_get_the_file_is_what_it_was(server):
    place = Place(server)
    place.write("x", b"mine")

    def slowly(_request):
        time.sleep(0.05)
        return tagged("200 OK", OLD[:1000], length=len(OLD))

    with Odd(slowly, tagged("206 Partial Content", OLD[1000:], "Content-Range: bytes 1000-399999/400000")) as odd:
        process = begun(place, "get", odd.url + "/x")
        wait_for(lambda: os.path.exists(place.path("x.part")) and os.path.getsize(place.path("x.part")) == 1000, "some came")
        process.send_signal(signal.SIGKILL)
        process.wait()
        eq(place.read("x"), b"mine")
        place.run("get", odd.url + "/x")
        eq((place.read("x"), place.names()), (OLD, ["x"]))


def test_where_there_is_no_room_the_file_is_what_it_was(server):
    place = Place(server)
    place.write("x", b"mine")
    server.write("doc", OLD, 1000000000)

    def little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    done = subprocess.run([wire.SAMOVAR, "get", url(server, "/doc"), "x", *trust(server)], cwd=place.folder, preexec_fn=little,
                          env=dict(os.environ, **place.env), capture_output=True, check=False)
    eq(done.returncode, 4, done.stderr)
    eq(place.read("x"), b"mine")
    place.run("get", url(server, "/doc"), "x", *trust(server))
    eq(place.read("x"), OLD)


# ---- whom to trust ----

@cases(("by_name", ("localhost",), "localhost", 0), ("by_address", ("127.0.0.1",), "127.0.0.1", 0),
       ("another_name", ("other.example",), "localhost", 3), ("a_name_for_an_address", ("localhost",), "127.0.0.1", 3))
def test_the_certificate_has_to_be_the_host_s(_server, names, host, status):
    with tls.Serving(*tls.authority().leaf(*names).options, files={"x": b"content"}) as server:
        place = Place(server)
        address = "https://%s:%d/x" % (host, server.port)
        _, err = place.run("get", address, "--cacert", tls.authority().ca, status=status)
        eq(place.names(), [] if status else ["x"])
        ok(not status or "not trusted" in err, err)
        place.run("get", "--insecure", address)
        eq(place.read("x"), b"content")


@cases(("of_nobody_known", 60), ("expired", -3))
def test_who_signs_has_to_be_known_and_the_time_right(_server, days):
    with tls.Serving(*tls.authority().leaf("localhost", days=days).options, files={"x": b"content"}) as server:
        place = Place(server)
        words = ["get", "https://localhost:%d/x" % server.port] + (["--cacert", tls.authority().ca] if days < 0 else [])
        contains(place.run(*words, status=3)[1], "not trusted")
        eq(place.names(), [])
        contains(place.run(*words, "--cacert", "/dev/null", status=4)[1] if days > 0 else "certificates", "certificates")
