"""wire.py - what a wire test needs: the real server, raw connections, a strict reader, checks.

A test is a function test_*(server) in test/wire/test_*.py (README.md shows one). Everything here has
a time limit and uses loopback only. The reader is strict: an answer that breaks the protocol fails the
test that read it, whatever the test was about. Python's standard library only.
"""

import calendar
import email.utils
import os
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SAMOVAR = os.environ.get("SAMOVAR", os.path.join(TOP, "build", "samovar"))
EXTRA_OPTIONS = os.environ.get("WIRE_OPTIONS", "").split()
# A sanitizer makes the server some ten times slower; the time limits stretch with it.
STRETCH = float(os.environ.get("WIRE_STRETCH", "1"))
# What whole requests are spoken over: h1, h2 (HTTP/2 with prior knowledge), tls (HTTP/1.1 within TLS).
OVER = os.environ.get("WIRE_OVER", "h1")
VERSION = "HTTP/2.0" if OVER == "h2" else "HTTP/1.1"  # as the log says it

READ_SECONDS = 10 * STRETCH
START_SECONDS = 20 * STRETCH
TEST_SECONDS = 60 * STRETCH


class Failure(AssertionError):
    """A check that did not hold."""


class ProtocolError(Failure):
    """The server broke HTTP itself."""


class Closed(Failure):
    """The server closed, reset or kept silent where an answer was due."""


class Skip(Exception):
    """The test cannot run here; the reason is its text."""


class NotOver(Exception):
    """The test asks for something that the protocol at hand has not; the text says what. No failure and no skip."""


# ---- checks -----------------------------------------------------------------------------------------


def show(value, most=300):
    text = repr(value)
    return text if len(text) <= most else "%s... (%d long)" % (text[:most], len(value))


def eq(got, want, what=""):
    if got != want:
        raise Failure("%s: got %s, want %s" % (what or "value", show(got), show(want)))


def ne(got, unwanted, what=""):
    if got == unwanted:
        raise Failure("%s: got %s, which it must not be" % (what or "value", show(got)))


def ok(claim, what="claim"):
    if not claim:
        raise Failure("not so: %s" % what)


def one_of(got, wants, what=""):
    if got not in wants:
        raise Failure("%s: got %s, want one of %s" % (what or "value", show(got), show(tuple(wants))))


def contains(got, want, what=""):
    if want not in got:
        raise Failure("%s: %s not in %s" % (what or "value", show(want), show(got)))


def lacks(got, unwanted, what=""):
    if unwanted in got:
        raise Failure("%s: %s must not be in %s" % (what or "value", show(unwanted), show(got)))


def fail(why):
    raise Failure(why)


def skip(reason):
    raise Skip(reason)


def needs(feature):
    """Skips the test where the program was built without this one of the features that --version lists."""
    out = subprocess.run([SAMOVAR, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    if re.search(r"^features: (?:.*, )?no %s(?:,|$)" % re.escape(feature), out, re.M):
        skip("%s was built with no %s" % (SAMOVAR, feature))


def wait_for(condition, what, seconds=5):
    """Polls until condition() is true and returns its value; fails after so many seconds."""
    end = time.monotonic() + seconds * STRETCH
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("did not come true within %g s: %s" % (seconds * STRETCH, what))
        time.sleep(0.02)


# ---- what a test says of itself ---------------------------------------------------------------------


def obliges(*rows):
    """Names the rows of docs/spec that the test proves: it sends their request, and fails without them."""

    def mark(test):
        test.obliges = tuple(rows) + getattr(test, "obliges", ())
        return test

    return mark


def own_server(*options, config=None, files=None, env=None, before=None):
    """Gives the test a server of its own, started with these options. {root}, {tmp} and {top} are filled in.

    config: text of a configuration file; the server is then started with --config alone and the options.
    files: {name: bytes} put into the folder first. before: called with the server object before the start.
    """

    def mark(test):
        test.own_server = dict(options=options, config=config, files=files, env=env, before=before)
        return test

    return mark


def cases(*rows):
    """Runs the test once a row: test(server, *row[1:]), the first column is the case's name."""

    def mark(test):
        test.cases = rows
        return test

    return mark


def time_limit(seconds):
    """For a test that rightly takes longer than a minute."""

    def mark(test):
        test.time_limit = seconds * STRETCH
        return test

    return mark


def only_over(*protocols, why):
    """The test is played over these of h1, h2, tls alone. For a whole file: ONLY_OVER = (protocols, why)."""

    def mark(test):
        test.only_over = (protocols, why)
        return test

    return mark


# ---- requests ---------------------------------------------------------------------------------------


def as_bytes(text):
    return text if isinstance(text, (bytes, bytearray)) else text.encode("latin-1")


def pairs(fields):
    return list(fields.items()) if isinstance(fields, dict) else list(fields or ())


def chunked(body, size=0, trailers=()):
    """The body in chunked framing; size: octets a chunk (0: one chunk)."""
    body = as_bytes(body)
    size = size or len(body) or 1
    out = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in
                   (body[at:at + size] for at in range(0, len(body), size)))
    tail = b"".join(b"%s: %s\r\n" % (as_bytes(name), as_bytes(value)) for name, value in pairs(trailers))
    return out + b"0\r\n" + tail + b"\r\n"


class Written(bytes):
    """A request's bytes that remember what they say, so that it can be said in HTTP/2 too."""


def written(data, *parts):
    out = Written(data)
    out.method, out.target, out.fields, out.body, out.host, out.version = parts
    return out


def head_of(method, target, fields=(), host="127.0.0.1", version="HTTP/1.1"):
    """A request's head as bytes. fields: dict or pairs, sent as they are; a Host is added unless given or host=None."""
    fields = pairs(fields)
    if host is not None and not any(name.lower() == "host" for name, _ in fields):
        fields.insert(0, ("Host", host))
    lines = [b"%s %s %s" % (as_bytes(method), as_bytes(target), as_bytes(version))]
    lines += [b"%s: %s" % (as_bytes(name), as_bytes(str(value) if isinstance(value, int) else value))
              for name, value in fields]
    return written(b"\r\n".join(lines) + b"\r\n\r\n", method, target, fields, None, host, version)


def message_of(method, target, fields=(), body=None, host="127.0.0.1", version="HTTP/1.1"):
    """A whole request as bytes; Content-Length is added where there is a body and no framing was given."""
    fields = pairs(fields)
    if body is None:
        return head_of(method, target, fields, host, version)
    body = as_bytes(body)
    if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields):
        fields.append(("Content-Length", str(len(body))))
    elif any(name.lower() == "transfer-encoding" for name, _ in fields):
        body = chunked(body)
    head = head_of(method, target, fields, host, version)
    return written(head + body, method, target, head.fields, body, host, version)


def http_date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def date_seconds(text):
    """Seconds since 1970 of an IMF-fixdate; fails on any other form."""
    if not IMF_FIXDATE.match(text):
        raise ProtocolError("no IMF-fixdate: %r" % text)
    return calendar.timegm(email.utils.parsedate(text))


# ---- answers ----------------------------------------------------------------------------------------

IMF_FIXDATE = re.compile(r"\A(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                         r"\d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT\Z")
STATUS_LINE = re.compile(rb"\AHTTP/1\.1 ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)\Z")
FIELD_LINE = re.compile(rb"\A([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\Z")
ENTITY_TAG = re.compile(r'\A(W/)?"[\x21\x23-\x7e\x80-\xff]*"\Z')
SINGLETONS = ("content-length", "content-type", "date", "etag", "last-modified", "location", "content-range",
              "content-location", "retry-after", "server", "accept-ranges", "transfer-encoding", "age", "expires")


class Fields:
    """Field lines in order; names compare without case. fields["ETag"] fails when it is missing."""

    def __init__(self, lines):
        self.lines = lines

    def all(self, name):
        return [value for key, value in self.lines if key.lower() == name.lower()]

    def get(self, name, default=None):
        found = self.all(name)
        return ", ".join(found) if found else default

    def words(self, name):
        """The members of a list field, in lower case."""
        return [word.strip().lower() for word in (self.get(name) or "").split(",") if word.strip()]

    def __getitem__(self, name):
        found = self.get(name)
        if found is None:
            raise Failure("the answer has no %s; it has %s" % (name, ", ".join(key for key, _ in self.lines)))
        return found

    def __contains__(self, name):
        return bool(self.all(name))

    def names(self):
        return [key.lower() for key, _ in self.lines]

    def but_date(self, *others):
        """The lines without Date, which differs from second to second, and without the others named."""
        left_out = {"date", *(name.lower() for name in others)}
        return [(key, value) for key, value in self.lines if key.lower() not in left_out]

    def __repr__(self):
        return repr(self.lines)


class Response:
    """status, phrase, fields, body, trailers; interim: the 1xx before it; framing: none, length, chunked, close."""

    def __init__(self, status, phrase, fields, raw_head):
        self.status, self.phrase, self.fields, self.raw_head = status, phrase, fields, raw_head
        self.body, self.trailers, self.interim, self.framing = b"", Fields([]), [], "none"

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def etag(self):
        return self.fields["ETag"]

    @property
    def closes(self):
        return "close" in self.fields.words("Connection")

    def __repr__(self):
        return "<%d %s, %d octets>" % (self.status, self.phrase, len(self.body))


def parse_fields(lines):
    out = []
    for line in lines:
        match = FIELD_LINE.match(line)
        if not match:
            raise ProtocolError("malformed field line %r" % line)
        out.append((match.group(1).decode("ascii"), match.group(2).decode("latin-1")))
    return Fields(out)


def parse_head(raw):
    """raw: a head without its last empty line. Checks all that can be seen in a head alone."""
    if b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b""):
        raise ProtocolError("bare CR or LF in the answer's head: %r" % raw[:200])
    lines = raw.split(b"\r\n")
    match = STATUS_LINE.match(lines[0])
    if not match:
        raise ProtocolError("malformed status line %r" % lines[0][:200])
    answer = Response(int(match.group(1)), match.group(2).decode("latin-1"), parse_fields(lines[1:]), raw)
    check_head(answer)
    return answer


def check_head(answer):
    status, fields = answer.status, answer.fields
    for name in SINGLETONS:
        if len(fields.all(name)) > 1:
            raise ProtocolError("%s stands twice: %r" % (name, fields.all(name)))
    if "Content-Length" in fields and "Transfer-Encoding" in fields:
        raise ProtocolError("Content-Length together with Transfer-Encoding")
    if status < 200 or status == 204:
        for name in ("Content-Length", "Transfer-Encoding"):
            if name in fields:
                raise ProtocolError("%s on %d" % (name, status))
    if "Content-Length" in fields and not re.fullmatch(r"\d+", fields["Content-Length"]):
        raise ProtocolError("Content-Length: %r" % fields["Content-Length"])
    if "Transfer-Encoding" in fields and fields["Transfer-Encoding"].lower() != "chunked":
        raise ProtocolError("Transfer-Encoding: %r" % fields["Transfer-Encoding"])
    if status < 200:
        return
    if status < 500 and "Date" not in fields:
        raise ProtocolError("%d without Date" % status)
    for name in ("Date", "Last-Modified"):
        if name in fields:
            date_seconds(fields[name])
    if "ETag" in fields and not ENTITY_TAG.match(fields["ETag"]):
        raise ProtocolError("malformed ETag: %r" % fields["ETag"])
    needed = {401: "WWW-Authenticate", 405: "Allow", 426: "Upgrade"}.get(status)
    if needed and needed not in fields:
        raise ProtocolError("%d without %s" % (status, needed))
    multipart = fields.get("Content-Type", "").lower().startswith("multipart/byteranges")
    if status == 206 and ("Content-Range" in fields) == multipart:
        raise ProtocolError("206 needs Content-Range or multipart/byteranges, and not both")
    if status not in (206, 226, 416) and "Content-Range" in fields:
        raise ProtocolError("%d with Content-Range" % status)
    if ("IM" in fields) != (status == 226):
        raise ProtocolError("%d %s IM" % (status, "with" if "IM" in fields else "without"))
    if status == 226 and ("range" in fields.words("IM")) != ("Content-Range" in fields or multipart):
        raise ProtocolError("226 has a range just where IM says so")


# ---- connections ------------------------------------------------------------------------------------


def dial(address):
    """A connected socket."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(READ_SECONDS)
        sock.connect(address)
        return sock
    sock = socket.create_connection(address, READ_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Connection:
    """One raw connection. Use it in a `with`: leaving it checks that no stray bytes came.

    where: an address, or a connected socket, which may speak TLS.
    """

    def __init__(self, where, log, host):
        self.host, self.buffer, self.ended, self.log = host, b"", False, log
        self.sock = dial(where) if isinstance(where, (str, tuple)) else where
        self.log.append(("=", b"connected"))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and not self.ended:
                self.check_nothing_stray()
        finally:
            self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """Ends the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    # -- sending

    def send(self, data):
        data = as_bytes(data)
        self.log.append((">", bytes(data[:4096])))
        self.sock.sendall(data)
        return self

    def send_cut(self, data, *cuts):
        """Sends the bytes in pieces cut at these offsets (none given: octet by octet), each its own segment."""
        data = as_bytes(data)
        cuts = list(cuts) or list(range(1, len(data)))
        for start, end in zip([0] + cuts, cuts + [len(data)]):
            self.send(data[start:end])
            time.sleep(0.0005)
        return self

    def request(self, method, target, fields=(), body=None, version="HTTP/1.1"):
        """Sends a whole request; the answer is read by read()."""
        return self.send(message_of(method, target, fields, body, self.host, version))

    def ask(self, method, target, fields=(), body=None, version="HTTP/1.1"):
        """Sends a request and reads its answer."""
        self.request(method, target, fields, body, version)
        return self.read(method, version=version)

    def half_close(self):
        if isinstance(self.sock, ssl.SSLSocket):
            raise NotOver("ending one direction within TLS")
        self.sock.shutdown(socket.SHUT_WR)
        return self

    # -- reading

    def fill(self, seconds=None):
        """Reads some more; False at the end. A reset is a failure of its own: the last answer may be lost in it."""
        if self.ended:
            return False
        self.sock.settimeout(READ_SECONDS if seconds is None else seconds)
        try:
            data = self.sock.recv(1 << 18)
        except socket.timeout:
            raise Closed("no answer within %g s; read so far: %r" % (self.sock.gettimeout(), self.buffer[:300]))
        except ssl.SSLEOFError:
            self.ended = True
            raise Closed("the server closed without close_notify; read so far: %r" % self.buffer[:300])
        except ConnectionResetError:
            self.ended = True
            self.log.append(("=", b"reset by the server"))
            raise Closed("the server reset the connection; read so far: %r" % self.buffer[:300])
        if not data:
            self.ended = True
            self.log.append(("=", b"closed by the server"))
            return False
        self.log.append(("<", data[:4096]))
        self.buffer += data
        return True

    def take(self, count):
        pieces, have = [self.buffer], len(self.buffer)
        while have < count:
            self.buffer = b""
            if not self.fill():
                raise Closed("closed after %d of %d octets of a body" % (have, count))
            pieces.append(self.buffer)
            have += len(self.buffer)
        whole = b"".join(pieces)
        self.buffer = whole[count:]
        return whole[:count]

    def take_until(self, mark, limit=1 << 20):
        while mark not in self.buffer:
            if len(self.buffer) > limit:
                raise ProtocolError("no %r within %d octets" % (mark, limit))
            if not self.fill():
                raise Closed("closed before %r; read so far: %r" % (mark, self.buffer[:300]))
        piece, self.buffer = self.buffer.split(mark, 1)
        return piece

    def read_head(self):
        """One head, interim or final. Stray bytes before it are a failure."""
        while len(self.buffer) < 7 and self.fill():
            pass
        if not self.buffer:
            raise Closed("closed without an answer")
        if not self.buffer.startswith(b"HTTP/1."):
            raise ProtocolError("stray bytes where an answer should start: %r" % self.buffer[:200])
        return parse_head(self.take_until(b"\r\n\r\n"))

    def read_interim(self, status=100):
        """Reads one 1xx and nothing more."""
        answer = self.read_head()
        if answer.status >= 200:
            raise Failure("got the final status %d, want %d first" % (answer.status, status))
        eq(answer.status, status, "interim status")
        return answer

    def read(self, method="GET", version="HTTP/1.1"):
        """Reads one whole final answer to a request of this method; interim ones are collected in .interim."""
        interim = []
        while True:
            answer = self.read_head()
            if answer.status >= 200:
                break
            if version == "HTTP/1.0":
                raise ProtocolError("%d sent to HTTP/1.0" % answer.status)
            interim.append(answer)
        answer.interim = interim
        if version == "HTTP/1.0" and "Transfer-Encoding" in answer.fields:
            raise ProtocolError("Transfer-Encoding sent to HTTP/1.0")
        self.read_body(answer, method)
        if self.buffer and not self.buffer.startswith(b"HTTP/1."[:len(self.buffer)]):
            raise ProtocolError("stray bytes after a %d to %s: %r" % (answer.status, method, self.buffer[:200]))
        return answer

    def read_body(self, answer, method):
        if method == "HEAD" or answer.status in (204, 304):
            return
        if "Transfer-Encoding" in answer.fields:
            answer.framing = "chunked"
            self.read_chunks(answer)
        elif "Content-Length" in answer.fields:
            answer.framing = "length"
            answer.body = self.take(int(answer.fields["Content-Length"]))
        else:
            answer.framing = "close"
            while self.fill():
                pass
            answer.body, self.buffer = self.buffer, b""

    def read_chunks(self, answer):
        pieces = []
        while True:
            line = self.take_until(b"\r\n")
            if not re.fullmatch(rb"[0-9A-Fa-f]+(;[^\r\n]*)?", line):
                raise ProtocolError("malformed chunk size %r" % line)
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            pieces.append(self.take(size))
            if self.take(2) != b"\r\n":
                raise ProtocolError("no CRLF after a chunk's data")
        answer.body = b"".join(pieces)
        trailers = []
        while True:
            line = self.take_until(b"\r\n")
            if not line:
                break
            trailers.append(line)
        answer.trailers = parse_fields(trailers)

    # -- ends

    def expect_close(self, seconds=None):
        """The server closes now, in order (no reset), without another byte."""
        while not self.ended:
            if not self.fill(seconds and seconds * STRETCH):
                break
        if self.buffer:
            raise ProtocolError("stray bytes before the close: %r" % self.buffer[:200])

    def expect_open(self):
        """The connection still serves: one more exchange works on it."""
        answer = self.ask("OPTIONS", "*")
        one_of(answer.status, (200, 204), "OPTIONS * on the kept connection")

    def has_come(self, seconds):
        """Whether bytes or the end come within that time; they are read. Records that carry no bytes are none."""
        if self.ended:
            return False
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.settimeout(max(seconds, 0.001))
            try:
                data = self.sock.recv(1 << 18)
            except socket.timeout:
                return False
            except (ssl.SSLEOFError, ConnectionResetError):
                data = b""
            self.ended, self.buffer = not data, self.buffer + data
            return True
        ready, _, _ = select.select([self.sock], [], [], seconds)
        if ready:
            self.fill(0.1)
        return bool(ready)

    def expect_silence(self, seconds=0.2):
        """Nothing comes, not even a close."""
        if self.buffer or self.has_come(seconds):
            raise Failure("wanted silence, got %s" % (show(self.buffer) if self.buffer else "a close"))

    def check_nothing_stray(self):
        try:
            self.has_come(0)
        except Closed:
            pass
        if self.buffer:
            raise ProtocolError("stray bytes at the end of the conversation: %r" % self.buffer[:200])


# ---- the server -------------------------------------------------------------------------------------

SANITIZER = re.compile(r"(ERROR: (Address|Leak|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
                       r"ThreadSanitizer:DEADLYSIGNAL|Assertion .* failed|DEADLYSIGNAL)")


class Server:
    """The program under test over a fresh folder. root: that folder; tmp: room beside it, in `parent` if that is given."""

    def __init__(self, options=(), config=None, files=None, env=None, before=None, parent=None):
        self.tmp = tempfile.mkdtemp(prefix="samovar-wire-", dir=parent)
        self.root = os.path.join(self.tmp, "root")
        os.mkdir(self.root)
        os.chmod(self.tmp, 0o755)
        self.config_path = os.path.join(self.tmp, "samovar.conf")
        self.options, self.config, self.env, self.before = options, config, env, before
        self.addresses, self.lines, self.log, self.process, self.pump = [], [], [], None, None
        self.secure = set()  # those of addresses that speak TLS
        self.client_context = None  # how connect() speaks TLS, where not as tls.context() does
        for name, content in (files or {}).items():
            self.write(name, content, time.time() - 60)  # at rest: their tags are strong from the start

    # -- life

    def fill_in(self, text):
        for name, value in (("{root}", self.root), ("{tmp}", self.tmp), ("{top}", TOP)):
            text = text.replace(name, value)
        return text

    def command(self):
        options = [self.fill_in(option) for option in self.options] + EXTRA_OPTIONS + self.tls_options()
        if self.config is not None:
            with open(self.config_path, "w", encoding="utf-8") as out:
                out.write(self.fill_in(self.config))
            return [SAMOVAR, "--config", self.config_path] + options
        if not any(option.split("=")[0] == "--listen" for option in options):
            options = ["--listen", "127.0.0.1:0"] + options
        return [SAMOVAR, "serve", self.root] + options

    def tls_options(self):
        """Under `run.py --over tls` every server has a certificate, unless the test gives it its own."""
        given = " ".join(self.options) + (self.config or "")
        if OVER != "tls" or "certificate" in given:
            return []
        import tls
        return tls.usual().options

    def start(self, wait=True):
        """Starts the program; with wait, returns when it listens and fails when it ends before."""
        if self.before:
            self.before(self)
            self.before = None
        command = self.command()
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=1:allocator_may_return_null=1")
        env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
        env.setdefault("TSAN_OPTIONS", "exitcode=98:second_deadlock_stack=1")
        env.update(self.env or {})
        self.stderr_path = os.path.join(self.tmp, "stderr")
        self.addresses, self.lines, self.secure = [], [], set()
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err,
                                            env=env, cwd=self.tmp)
        self.pump = threading.Thread(target=self.pump_stdout, args=(self.process.stdout,), daemon=True)
        self.pump.start()
        if wait:
            wanted = max(1, sum(1 for word in command if word == "--listen"))
            end = time.monotonic() + START_SECONDS
            while len(self.addresses) < wanted and self.process.poll() is None:
                if time.monotonic() > end:
                    raise Failure("the server did not say where it listens within %g s; it said %r, %r"
                                  % (START_SECONDS, self.lines, self.stderr()))
                time.sleep(0.002)
            if self.process.poll() is not None:
                self.pump.join(2)
                raise Failure("the server ended at the start with %d; it said %s %s"
                              % (self.process.returncode, "\n".join(self.lines), self.stderr()))
        return self

    def pump_stdout(self, pipe):
        lines, addresses, secure = self.lines, self.addresses, self.secure  # of this start, whatever comes after
        for raw in pipe:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            lines.append(line)
            match = re.match(r"listening on (?:https?://(\[[0-9a-f:.]+\]|[^/:\[\]]+):(\d+)/|unix:(\S+)|http\+unix:(\S+))",
                             line)
            if match and match.group(2):
                address = (match.group(1).strip("[]"), int(match.group(2)))
                if "https://" in line:
                    secure.add(address)
                addresses.append(address)
            elif match:
                addresses.append(match.group(3) or match.group(4))
        pipe.close()

    def stop(self, check=True, seconds=10):
        """SIGTERM, once more if it drains too long; returns the exit status. check: fail on anything unclean."""
        if self.process is None:
            return None
        died = self.process.poll()
        late = False
        if died is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds * STRETCH)
            except subprocess.TimeoutExpired:
                late = True
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(5 * STRETCH)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
        self.pump.join(2)
        status, self.process = self.process.returncode, None
        if check:
            self.check_stderr()
            if died is not None:
                raise Failure("the server had died with %d; it said %s" % (died, self.stderr()[-3000:]))
            if late:
                raise Failure("the server did not end within %g s of SIGTERM" % (seconds * STRETCH))
            if status != 0:
                raise Failure("the server ended with %d; it said %s" % (status, self.stderr()[-3000:]))
        return status

    def kill(self):
        """SIGKILL, as a crash."""
        self.process.kill()
        self.process.wait()
        self.pump.join(2)
        self.process = None

    def remove(self):
        if self.process is not None:
            self.kill()
        for folder, _, _ in os.walk(self.tmp):
            if not os.access(folder, os.W_OK | os.X_OK):
                os.chmod(folder, 0o755)
        shutil.rmtree(self.tmp, ignore_errors=True)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def check_alive(self):
        if self.process is not None and self.process.poll() is not None:
            raise Failure("the server died with %d; it said %s" % (self.process.returncode, self.stderr()[-3000:]))
        self.check_stderr()

    def check_stderr(self):
        text = self.stderr()
        if SANITIZER.search(text):
            raise Failure("the server's error output has a report:\n%s" % text[-6000:])

    def stderr(self):
        try:
            with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except (AttributeError, FileNotFoundError):
            return ""

    def stdout(self):
        return "\n".join(self.lines)

    # -- talk

    @property
    def port(self):
        return self.addresses[0][1]

    @property
    def host(self):
        """What belongs into Host: the address:port, or localhost on a unix socket."""
        first = self.addresses[0]
        if isinstance(first, str):
            return "localhost"
        return "[%s]:%d" % first if ":" in first[0] else "%s:%d" % first

    def is_secure(self, address):
        """By its port: what listens everywhere is called by some address."""
        return not isinstance(address, str) and address[1] in {port for _, port in self.secure}

    def dial(self, address=None, context=None, name="127.0.0.1"):
        """A socket; it speaks TLS (as context says) where the server does. name: of the server, as the client thinks."""
        address = address or self.addresses[0]
        sock = dial(address)
        if self.is_secure(address):
            import tls
            try:
                return tls.wrap(sock, context or self.client_context, name)
            except BaseException:
                sock.close()
                raise
        return sock

    def connect(self, address=None):
        """A connection for whole requests; where OVER is h1 or tls, for raw bytes too."""
        sock = self.dial(address)
        if OVER == "h2":
            import h2
            return h2.Conversation(sock, self.log, self.host, "https" if isinstance(sock, ssl.SSLSocket) else "http")
        return Connection(sock, self.log, self.host)

    def h2(self, address=None, context=None, name="127.0.0.1", **more):
        """A connection of single frames (h2.py), whatever OVER says; by ALPN where the server speaks TLS."""
        import h2
        import tls
        if self.is_secure(address or self.addresses[0]):
            sock = self.dial(address, context or tls.context(alpn=("h2",)), name)
            eq(sock.selected_alpn_protocol(), "h2", "ALPN")
            return h2.H2(sock, self.log, self.host, "https", **more)
        return h2.H2(self.dial(address), self.log, self.host, "http", **more)

    def request(self, method, target, fields=(), body=None, version="HTTP/1.1"):
        """One request on a connection of its own; the answer was read strictly to its end."""
        with self.connect() as conn:
            return conn.ask(method, target, fields, body, version)

    def get(self, target, fields=()):
        return self.request("GET", target, fields)

    def head(self, target, fields=()):
        return self.request("HEAD", target, fields)

    def put(self, target, body=b"", fields=()):
        return self.request("PUT", target, fields, body)

    def delete(self, target, fields=()):
        return self.request("DELETE", target, fields)

    def raw(self, data, method="GET", version="HTTP/1.1"):
        """Sends these bytes on a connection of their own and reads one answer."""
        with self.connect() as conn:
            return conn.send(data).read(method, version)

    # -- the folder

    def path(self, name=""):
        return os.path.join(self.root, name)

    def write(self, name, content=b"", mtime=None):
        """Puts a file into the folder (its parents too), as another program would. mtime: seconds since 1970."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(as_bytes(content))
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def names(self, folder=""):
        """What lies in the folder, without the server's own .samovar."""
        return sorted(name for name in os.listdir(self.path(folder)) if name != ".samovar")

    # -- what it holds

    def proc(self, name):
        path = "/proc/%d/%s" % (self.process.pid, name)
        if not os.path.exists(path):
            skip("no %s" % path)
        return path

    def fds(self):
        """What each open descriptor of the server is, as a sorted list of texts; len() counts them."""
        found = []
        folder = self.proc("fd")
        for name in os.listdir(folder):
            try:
                found.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                pass
        return sorted(found)

    def connections(self):
        """How many TCP connections the server holds open. Not sockets: its control socket comes with the first change."""
        mine = {text[8:-1] for text in self.fds() if text.startswith("socket:[")}
        count = 0
        for name in ("net/tcp", "net/tcp6"):
            with open(self.proc(name), encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
            count += sum(1 for row in rows if row[3] != "0A" and row[9] in mine)  # 0A: it listens
        return count

    def rss_kib(self):
        """What the server holds in memory. Under a sanitizer always the same: that keeps what was freed, and much beside."""
        if os.environ.get("SANITIZER"):
            return 1
        with open(self.proc("status"), encoding="ascii", errors="replace") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1))

    def threads(self):
        """The names of the server's threads."""
        out = []
        folder = self.proc("task")
        for tid in os.listdir(folder):
            try:
                with open(os.path.join(folder, tid, "comm"), encoding="utf-8", errors="replace") as file:
                    out.append(file.read().strip())
            except (FileNotFoundError, ProcessLookupError):
                pass
        return sorted(out)


def conversation(log, most=40, width=700):
    """The bytes exchanged in a test, for its failure."""
    out = []
    if len(log) > most:
        out.append("    (%d earlier pieces left out)" % (len(log) - most))
    for mark, data in log[-most:]:
        if mark == "=":
            out.append("    = %s" % data.decode())
            continue
        shown = repr(bytes(data[:width]))[2:-1].replace("\\r\\n", "\\r\\n\n      ")
        more = " ...(%d)" % len(data) if len(data) > width else ""
        out.append("    %s %s%s" % (mark, shown.rstrip(), more))
    return "\n".join(out)
