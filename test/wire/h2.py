"""h2.py - an HTTP/2 client of single frames (RFC 9113): it can send anything, and takes nothing that is wrong.

H2 is a connection. Every frame that the server sends is judged when it is read: sizes, flags, the states of
streams, both windows, the settings we asked for, field blocks, each answer against its Content-Length. A
Stream collects its answer. Conversation is an H2 that talks like wire.Connection, so that tests written in
whole requests are played over HTTP/2 too.

What we send is not judged: frame() sends any frame, and raw() any octets.
"""

import collections
import re
import select
import socket
import ssl
import struct
import time

import hpack
import wire
from wire import Closed, Failure, NotOver, ProtocolError, as_bytes, pairs

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
PRIORITY_UPDATE = 16
TYPES = "DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION".split()

END_STREAM, ACK, END_HEADERS, PADDED, HAS_PRIORITY = 1, 1, 4, 8, 32

(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR,
 REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY,
 HTTP_1_1_REQUIRED) = range(14)
CODES = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR "
         "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY "
         "HTTP_1_1_REQUIRED").split()

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = \
    range(1, 7)
NO_RFC7540_PRIORITIES = 9

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW_MAX = (1 << 31) - 1
OF_A_CONNECTION = ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")

Frame = collections.namedtuple("Frame", "type flags stream payload")


def code_name(code):
    return CODES[code] if code < len(CODES) else "0x%x" % code


class StreamReset(Closed):
    """The server ended the stream with RST_STREAM where an answer was due."""

    def __init__(self, stream, code):
        super().__init__("stream %d was reset with %s" % (stream, code_name(code)))
        self.code = code


class GoneAway(Closed):
    """The server ended the connection with GOAWAY where something else was due."""

    def __init__(self, code, last, debug):
        super().__init__("GOAWAY %s, last stream %d, %r" % (code_name(code), last, debug))
        self.code, self.last, self.debug = code, last, debug


class Answer(wire.Response):
    """As Response; what only HTTP/1.1 has is not there."""

    @property
    def closes(self):
        raise NotOver("whether the connection closes is said by HTTP/1.1 alone")

    @property
    def phrase(self):
        raise NotOver("a reason phrase is of HTTP/1.1 alone")

    @phrase.setter
    def phrase(self, value):
        pass

    @property
    def raw_head(self):
        raise NotOver("a head as text is of HTTP/1.1 alone")

    @raw_head.setter
    def raw_head(self, value):
        pass

    def __repr__(self):
        return "<%d, %d octets>" % (self.status, len(self.body))


class Stream:
    """One request and what came for it. is_done: the server has ended its side, or reset it."""

    def __init__(self, conn, number, method):
        self.conn, self.number, self.method = conn, number, method
        self.send_window = conn.peer[INITIAL_WINDOW_SIZE]
        self.room = conn.granted[INITIAL_WINDOW_SIZE]  # what the server may still send
        self.interim, self.answer, self.pieces, self.received, self.told, self.owed = [], None, [], 0, 0, 0
        self.ended = self.we_ended = self.we_reset = False
        self.reset = None

    @property
    def is_done(self):
        return self.ended or self.reset is not None

    @property
    def body(self):
        return b"".join(self.pieces)

    def data(self, body=b"", end=True):
        """Sends the body as both windows allow, reading meanwhile; stops when the server reset the stream."""
        conn, body = self.conn, memoryview(as_bytes(body))
        while len(body) and self.reset is None:
            conn.poll()
            most = min(self.send_window, conn.send_window, conn.peer[MAX_FRAME_SIZE], len(body))
            if most <= 0:
                if self.reset is None:
                    conn.step()
                continue
            piece, body = body[:most], body[most:]
            last = end and not len(body)
            conn.frame(DATA, END_STREAM if last else 0, self.number, piece)
            self.send_window -= most
            conn.send_window -= most
            if last:
                self.we_ended = True
                return self
        if end and not self.we_ended and self.reset is None:
            conn.frame(DATA, END_STREAM, self.number)
            self.we_ended = True
        return self

    def trailers(self, fields):
        self.we_ended = True
        self.conn.headers(self.number, pairs(fields), end_stream=True)
        return self

    def cancel(self, code=CANCEL):
        self.we_reset = True
        self.conn.frame(RST_STREAM, 0, self.number, struct.pack(">I", code))
        return self

    def window(self, octets):
        """Grants the server more on this stream; the count is kept here too."""
        self.room += octets
        self.conn.frame(WINDOW_UPDATE, 0, self.number, struct.pack(">I", octets))
        return self

    def head(self):
        """The final answer's head, its body maybe still on the way."""
        self.conn.until(lambda: self.answer or self.is_done, "the answer's head on stream %d" % self.number)
        if self.answer is None:
            raise StreamReset(self.number, self.reset)
        return self.answer

    def read(self):
        """The whole answer; fails when it is not to come."""
        self.conn.until(lambda: self.is_done, "the whole answer on stream %d" % self.number, progress=self)
        if not self.ended:
            raise StreamReset(self.number, self.reset)
        self.answer.body = self.body
        return self.answer

    def error(self, *codes):
        """The server resets the stream with one of these codes; gives the code."""
        self.conn.until(lambda: self.is_done, "RST_STREAM on stream %d" % self.number)
        if self.reset is None:
            raise Failure("stream %d was answered with %r, not reset" % (self.number, self.answer))
        if self.reset not in codes:
            raise Failure("stream %d was reset with %s, not with %s" % (
                self.number, code_name(self.reset), " or ".join(map(code_name, codes))))
        return self.reset

    def refused(self, *statuses, codes=(PROTOCOL_ERROR,)):
        """A malformed request: an error status or a stream error, as RFC 9113 §8.1.1 leaves open."""
        self.conn.until(lambda: self.is_done or self.answer, "a refusal on stream %d" % self.number)
        if self.answer is not None:
            wire.one_of(self.answer.status, statuses or (400,), "status for a malformed request")
        else:
            self.error(*codes)


class H2:
    """A connection. settings: ours, beside ENABLE_PUSH=0; window: what we grant beyond 65535 for all streams together.

    auto: what DATA used of the windows is granted anew. preface=False: nothing was sent yet.
    """

    def __init__(self, sock, log, host, scheme="http", settings=None, window=1 << 24, auto=True, preface=True):
        self.pipe, self.log, self.host, self.scheme, self.auto = sock, log, host, scheme, auto
        self.buffer, self.closed, self.frames = bytearray(), False, 0
        self.streams, self.next_stream = {}, 1
        self.decoder = hpack.Decoder()
        # What the server may count on (ours, as far as it has acknowledged them), and what it told us.
        self.granted = {HEADER_TABLE_SIZE: 4096, INITIAL_WINDOW_SIZE: 65535, MAX_FRAME_SIZE: 16384}
        self.peer = {HEADER_TABLE_SIZE: 4096, INITIAL_WINDOW_SIZE: 65535, MAX_FRAME_SIZE: 16384}
        self.unacknowledged, self.pings, self.pongs = collections.deque(), [], []
        self.room = self.send_window = 65535
        self.owed, self.batch = 0, max(1, (window + 65535) // 4)
        self.has_settings, self.goaway, self.last_allowed, self.block = False, None, WINDOW_MAX, None
        if preface:
            first = {ENABLE_PUSH: 0, INITIAL_WINDOW_SIZE: 1 << 20}
            first.update(settings or {})
            self.raw(PREFACE)
            self.settings(first)
            if window:
                self.window(window)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and not self.closed:
                self.poll()
        finally:
            self.close()

    def close(self):
        self.pipe.close()

    def reset(self):
        self.pipe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.pipe.close()

    # -- sending

    def raw(self, data):
        self.pipe.settimeout(wire.READ_SECONDS)
        self.pipe.sendall(data)
        return self

    def frame(self, kind, flags=0, stream=0, payload=b"", length=None):
        """Any frame; length: what its head says, if not the truth."""
        said = len(payload) if length is None else length
        self.log.append((">", as_bytes(describe(Frame(kind, flags, stream, payload)))))
        head = struct.pack(">I", said)[1:] + struct.pack(">BBI", kind, flags, stream)
        return self.raw(b"".join((head, payload)))

    def reply(self, kind, flags, payload=b""):
        """A frame that nobody asked the test for; the server may be gone meanwhile."""
        try:
            self.frame(kind, flags, 0, payload)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def settings(self, values):
        """values: dict or pairs; they count for the server once it acknowledges them."""
        values = list(values.items()) if isinstance(values, dict) else list(values)
        self.unacknowledged.append(values)
        return self.frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", key, value) for key, value in values))

    def window(self, octets):
        self.room += octets
        return self.frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", octets))

    def ping(self, data=b"8 octets"):
        self.pings.append(data)
        return self.frame(PING, 0, 0, data)

    def priority_update(self, stream, value):
        return self.frame(PRIORITY_UPDATE, 0, 0, struct.pack(">I", stream) + as_bytes(value))

    def headers(self, stream, fields, end_stream=False, cut=16000):
        """A field block, in as many frames as it needs."""
        return self.block_of(stream, hpack.encode(fields), end_stream, cut)

    def block_of(self, stream, block, end_stream=False, cut=16000):
        pieces = [block[at:at + cut] for at in range(0, len(block), cut)] or [b""]
        for number, piece in enumerate(pieces):
            flags = END_HEADERS if number == len(pieces) - 1 else 0
            if number == 0:
                self.frame(HEADERS, flags | (END_STREAM if end_stream else 0), stream, piece)
            else:
                self.frame(CONTINUATION, flags, stream, piece)
        return self

    def stream(self, method="GET"):
        """The next stream's number is taken; its frames are the test's to send."""
        stream = Stream(self, self.next_stream, method)
        self.streams[stream.number] = stream
        self.next_stream += 2
        return stream

    def fields_of(self, method, target, fields=(), authority=True):
        """The field section of a request: fields given with ':' come as they are and replace the usual ones."""
        given = [(name if name.startswith(":") else name.lower(), value) for name, value in pairs(fields)]
        usual = [(":method", method), (":scheme", self.scheme), (":authority", self.host), (":path", target)]
        pseudo = [(name, value) for name, value in usual
                  if not any(name == key for key, _ in given) and (authority or name != ":authority")]
        return pseudo + [field for field in given if field[0].startswith(":")] + \
            [field for field in given if not field[0].startswith(":")]

    def open(self, method, target, fields=(), body=None, end=None):
        """Sends a request; body None: none, and the stream is ended unless end=False. Gives the stream."""
        stream = self.stream(method)
        ends = body is None if end is None else end and body is None
        section = self.fields_of(method, target, fields)
        if body is not None and end is not False and not any(name == "content-length" for name, _ in section):
            section.append(("content-length", len(as_bytes(body))))
        stream.we_ended = ends
        self.headers(stream.number, section, end_stream=ends)
        if body is not None:
            stream.data(body, end is not False)
        return stream

    def ask(self, method, target, fields=(), body=None):
        return self.open(method, target, fields, body).read()

    # -- reading

    def receive(self, seconds):
        """Some more octets into the buffer. False: nothing within that time."""
        self.pipe.settimeout(seconds)
        try:
            data = self.pipe.recv(1 << 18)
        except (socket.timeout, BlockingIOError, ssl.SSLWantReadError):
            return False
        except ssl.SSLEOFError:
            self.closed = True
            raise Closed("closed without close_notify")
        except (ConnectionResetError, BrokenPipeError):
            self.closed = True
            raise Closed("the server reset the connection")
        if not data:
            self.closed = True
            self.log.append(("=", b"closed by the server"))
            return True
        self.buffer += data
        return True

    def next_frame(self):
        """A whole frame from the buffer, or None."""
        if len(self.buffer) < 9:
            return None
        length = int.from_bytes(self.buffer[:3], "big")
        if length > self.granted[MAX_FRAME_SIZE]:
            raise ProtocolError("a frame of %d octets: FRAME_SIZE_ERROR" % length)
        if len(self.buffer) < 9 + length:
            return None
        kind, flags, stream = struct.unpack_from(">BBI", self.buffer, 3)
        frame = Frame(kind, flags, stream & WINDOW_MAX, bytes(self.buffer[9:9 + length]))
        del self.buffer[:9 + length]
        return frame

    def step(self, seconds=None, what="a frame"):
        """Reads one frame and judges it; None when the connection was closed."""
        seconds = wire.READ_SECONDS if seconds is None else seconds
        end = time.monotonic() + seconds
        while True:
            frame = self.next_frame()
            if frame:
                self.log.append(("<", as_bytes(describe(frame))))
                self.judge(frame)
                return frame
            if self.closed:
                if self.buffer:
                    raise ProtocolError("closed within a frame: %r" % bytes(self.buffer[:60]))
                return None
            left = end - time.monotonic()
            if left <= 0 or not self.receive(max(left, 0.001)):
                raise Closed("no %s within %g s" % (what, seconds))

    def poll(self):
        """Judges what has come already."""
        while not self.closed:
            if not getattr(self.pipe, "pending", lambda: 0)() and not select.select([self.pipe], [], [], 0)[0]:
                break
            if not self.receive(0.001):
                break
        while True:
            frame = self.next_frame()
            if not frame:
                return
            self.log.append(("<", as_bytes(describe(frame))))
            self.judge(frame)

    def until(self, condition, what, seconds=None, progress=None):
        """Reads until condition() holds. progress: a stream whose octets restart the clock."""
        seconds = wire.READ_SECONDS if seconds is None else seconds * wire.STRETCH
        end, mark = time.monotonic() + seconds, 0
        while not condition():
            if progress is not None and progress.received != mark:
                end, mark = time.monotonic() + seconds, progress.received
            if self.goaway and self.goaway.code != NO_ERROR:
                raise self.goaway
            if self.step(max(0.001, end - time.monotonic()), what) is None:
                if condition():
                    return
                raise self.goaway or Closed("closed before %s" % what)

    # -- judging

    def judge(self, frame):
        self.frames += 1
        if not self.has_settings and (frame.type != SETTINGS or frame.flags & ACK):
            raise ProtocolError("the server's first frame is %s, not SETTINGS" % describe(frame))
        if self.block is not None and (frame.type != CONTINUATION or frame.stream != self.block[0]):
            raise ProtocolError("%s within the field block of stream %d" % (describe(frame), self.block[0]))
        judge = JUDGES.get(frame.type)
        if judge:
            judge(self, frame)

    def the_stream(self, frame):
        """The stream that a frame is for; it must be one of ours, and not ended by the server."""
        if frame.stream == 0:
            raise ProtocolError("%s on stream 0" % describe(frame))
        stream = self.streams.get(frame.stream)
        if stream is None:
            raise ProtocolError("%s on a stream that we did not open" % describe(frame))
        if stream.is_done and frame.type in (DATA, HEADERS):
            raise ProtocolError("%s after the server ended the stream" % describe(frame))
        return stream

    def on_data(self, frame):
        stream, size = self.the_stream(frame), len(frame.payload)
        data = unpadded(frame)
        self.room -= size
        stream.room -= size
        if self.room < 0 or (stream.room < 0 and not stream.we_reset):
            raise ProtocolError("%d octets beyond the window of %s" % (
                -min(self.room, stream.room), "the connection" if self.room < 0 else "stream %d" % stream.number))
        if self.auto:
            self.pay_back(stream, size)
        if stream.we_reset:
            return
        if stream.answer is None:
            raise ProtocolError("DATA before the final answer's head")
        stream.received += len(data)
        stream.pieces.append(data)
        if stream.told is not None and stream.received > stream.told:
            raise ProtocolError("more DATA than Content-Length: %d" % stream.told)
        if frame.flags & END_STREAM:
            self.end(stream)

    def pay_back(self, stream, size):
        """Grants anew what was used, once it is much."""
        self.owed += size
        stream.owed += size
        if self.owed >= self.batch:
            self.room += self.owed
            self.reply(WINDOW_UPDATE, 0, struct.pack(">I", self.owed))
            self.owed = 0
        if stream.owed * 2 >= self.granted[INITIAL_WINDOW_SIZE] and not stream.is_done and not stream.we_reset:
            try:
                stream.window(stream.owed)
            except (BrokenPipeError, ConnectionResetError):
                pass
            stream.owed = 0

    def end(self, stream):
        stream.ended = True
        told = stream.answer.fields.get("content-length")
        if told is not None and stream.method != "HEAD" and stream.answer.status != 304 and \
                int(told) != stream.received:
            raise ProtocolError("Content-Length is %s, and %d octets came" % (told, stream.received))

    def on_headers(self, frame):
        self.the_stream(frame)
        payload = unpadded(frame)
        if frame.flags & HAS_PRIORITY:
            raise ProtocolError("an answer with priority")
        self.block = (frame.stream, bytearray(payload), frame.flags)
        if frame.flags & END_HEADERS:
            self.take_block()

    def on_continuation(self, frame):
        if self.block is None:
            raise ProtocolError("CONTINUATION without HEADERS")
        self.block[1].extend(frame.payload)
        if frame.flags & END_HEADERS:
            self.take_block()

    def take_block(self):
        number, data, flags = self.block
        self.block = None
        try:
            fields = self.decoder.decode(data)
        except hpack.HpackError as why:
            raise ProtocolError("COMPRESSION_ERROR: %s" % why)
        stream, ends = self.streams[number], bool(flags & END_STREAM)
        if stream.we_reset:
            return
        if stream.answer is not None:
            self.take_trailers(stream, fields, ends)
            return
        answer = answer_of(fields)
        if answer.status < 200:
            if ends or answer.status == 101:
                raise ProtocolError("%d on stream %d, end of stream: %s" % (answer.status, number, ends))
            stream.interim.append(answer)
            return
        answer.interim, stream.answer = stream.interim, answer
        has_body = stream.method != "HEAD" and answer.status not in (204, 304)
        stream.told = 0
        if has_body:
            told = answer.fields.get("content-length")
            stream.told = None if told is None else int(told)
            answer.framing = "none" if ends and told is None else "chunked" if told is None else "length"
        if ends:
            self.end(stream)

    @staticmethod
    def take_trailers(stream, fields, ends):
        if not ends:
            raise ProtocolError("a second head that does not end the stream")
        if any(name.startswith(":") for name, _ in fields):
            raise ProtocolError("a pseudo-header field in trailers")
        stream.answer.trailers = checked_fields(fields)
        stream.conn.end(stream)

    def on_priority(self, frame):
        raise ProtocolError("a server that sends PRIORITY")

    def on_rst_stream(self, frame):
        if len(frame.payload) != 4 or frame.stream == 0 or frame.stream not in self.streams:
            raise ProtocolError("faulty %s" % describe(frame))
        stream = self.streams[frame.stream]
        if stream.reset is not None:
            raise ProtocolError("stream %d is reset twice" % frame.stream)
        code = struct.unpack(">I", frame.payload)[0]
        if stream.ended and stream.we_ended and code != NO_ERROR:  # NO_ERROR may cross with our own end
            raise ProtocolError("RST_STREAM on stream %d, which was closed" % frame.stream)
        stream.reset = code

    def on_settings(self, frame):
        if frame.stream or len(frame.payload) % 6 or (frame.flags & ACK and frame.payload):
            raise ProtocolError("faulty %s" % describe(frame))
        if frame.flags & ACK:
            if not self.unacknowledged:
                raise ProtocolError("acknowledges SETTINGS that we did not send")
            self.acknowledged(self.unacknowledged.popleft())
            return
        self.has_settings = True
        for at in range(0, len(frame.payload), 6):
            self.take_setting(*struct.unpack_from(">HI", frame.payload, at))
        self.reply(SETTINGS, ACK)

    def acknowledged(self, values):
        for key, value in values:
            if key == INITIAL_WINDOW_SIZE:
                for stream in self.streams.values():
                    stream.room += value - self.granted[key]
            if key == HEADER_TABLE_SIZE:
                self.decoder.allow(value)
            self.granted[key] = value

    def take_setting(self, key, value):
        if key == ENABLE_PUSH and value != 0:
            raise ProtocolError("a server that enables push")
        if key == MAX_FRAME_SIZE and not 16384 <= value <= 16777215:
            raise ProtocolError("MAX_FRAME_SIZE %d" % value)
        if key == INITIAL_WINDOW_SIZE:
            if value > WINDOW_MAX:
                raise ProtocolError("INITIAL_WINDOW_SIZE %d" % value)
            for stream in self.streams.values():
                stream.send_window += value - self.peer[key]
        self.peer[key] = value

    def on_push_promise(self, frame):
        raise ProtocolError("PUSH_PROMISE, where push is disabled")

    def on_ping(self, frame):
        if frame.stream or len(frame.payload) != 8:
            raise ProtocolError("faulty %s" % describe(frame))
        if not frame.flags & ACK:
            self.reply(PING, ACK, frame.payload)
        elif not self.pings or self.pings.pop(0) != frame.payload:
            raise ProtocolError("a PING acknowledged that we did not send: %r" % frame.payload)
        else:
            self.pongs.append(frame.payload)

    def on_goaway(self, frame):
        if frame.stream or len(frame.payload) < 8:
            raise ProtocolError("faulty %s" % describe(frame))
        last, code = struct.unpack_from(">II", frame.payload)
        if last > self.last_allowed:
            raise ProtocolError("GOAWAY's last stream rises from %d to %d" % (self.last_allowed, last))
        self.last_allowed = last
        self.goaway = GoneAway(code, last, frame.payload[8:])

    def on_window_update(self, frame):
        if len(frame.payload) != 4:
            raise ProtocolError("faulty %s" % describe(frame))
        octets = struct.unpack(">I", frame.payload)[0] & WINDOW_MAX
        if octets == 0:
            raise ProtocolError("WINDOW_UPDATE of 0")
        if frame.stream == 0:
            self.send_window += octets
            window = self.send_window
        else:
            stream = self.streams.get(frame.stream)
            if stream is None:
                raise ProtocolError("%s on a stream that we did not open" % describe(frame))
            stream.send_window += octets
            window = stream.send_window
        if window > WINDOW_MAX:
            raise ProtocolError("a window of %d" % window)

    # -- ends

    def error(self, *codes, seconds=None):
        """The server ends the connection: GOAWAY with one of these codes, then the close. Gives the code."""
        self.until_closed("GOAWAY", seconds)
        if not self.goaway:
            raise Failure("closed without GOAWAY")
        if self.goaway.code not in codes:
            raise Failure("%s, wanted %s" % (self.goaway, " or ".join(map(code_name, codes))))
        return self.goaway.code

    def any_error(self, stream, *codes):
        """A stream error on this stream, or a connection error, with one of these codes."""
        end = time.monotonic() + wire.READ_SECONDS
        while stream.reset is None and self.goaway is None and self.step(
            max(0.001, end - time.monotonic())) is not None:
            pass
        if stream.reset is not None:
            stream.error(*codes)
        else:
            self.error(*codes)

    def until_closed(self, what="the close", seconds=None):
        """Reads to the end, whatever comes; a reset behind a GOAWAY is an end as well."""
        end = time.monotonic() + (wire.READ_SECONDS if seconds is None else seconds * wire.STRETCH)
        while True:
            try:
                if self.step(max(0.001, end - time.monotonic()), what) is None:
                    return
            except Closed:
                if self.closed and self.goaway:
                    return
                raise

    def expect_alive(self):
        """The connection still serves: a PING comes back."""
        self.ping(b"alive? %d" % (len(self.pongs) % 10))
        self.until(lambda: not self.pings, "the PING's acknowledgement")

    def expect_quiet(self, seconds=0.2):
        """Nothing comes for a stream within that time, and no end."""
        end = time.monotonic() + seconds
        while True:
            try:
                frame = self.step(max(0.001, end - time.monotonic()))
            except Closed:
                if self.closed:
                    raise
                return
            if frame is None or frame.type in (DATA, HEADERS, RST_STREAM, GOAWAY):
                raise Failure("wanted silence, got %s" % (describe(frame) if frame else "a close"))


JUDGES = {DATA: H2.on_data, HEADERS: H2.on_headers, PRIORITY: H2.on_priority, RST_STREAM: H2.on_rst_stream,
          SETTINGS: H2.on_settings, PUSH_PROMISE: H2.on_push_promise, PING: H2.on_ping, GOAWAY: H2.on_goaway,
          WINDOW_UPDATE: H2.on_window_update, CONTINUATION: H2.on_continuation}


def unpadded(frame):
    if not frame.flags & PADDED:
        return frame.payload
    if not frame.payload or frame.payload[0] >= len(frame.payload):
        raise ProtocolError("faulty padding in %s" % describe(frame))
    pad = frame.payload[0]
    if any(frame.payload[len(frame.payload) - pad:]):
        raise ProtocolError("padding that is not zero in %s" % describe(frame))
    return frame.payload[1:len(frame.payload) - pad]


def describe(frame):
    """A frame on one line, for the conversation that a failure shows."""
    name = TYPES[frame.type] if frame.type < len(TYPES) else "type %d" % frame.type
    more = ""
    if frame.type in (RST_STREAM, GOAWAY, WINDOW_UPDATE, SETTINGS, PING) or frame.type > CONTINUATION:
        more = " %s" % bytes(frame.payload[:40]).hex(" ", 4)
    return "%s stream %d flags %02x, %d octets%s" % (name, frame.stream, frame.flags, len(frame.payload), more)


FIELD_NAME = re.compile(r"\A[!#$%&'*+.^_`|~0-9a-z-]+\Z")
FIELD_VALUE = re.compile(r"\A(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?\Z")


def checked_fields(fields):
    for name, value in fields:
        if not FIELD_NAME.match(name):
            raise ProtocolError("field name %r" % name)
        if not FIELD_VALUE.match(value):
            raise ProtocolError("field value %r of %s" % (value, name))
        if name in OF_A_CONNECTION:
            raise ProtocolError("%s, which HTTP/2 has not" % name)
    return wire.Fields(fields)


def answer_of(fields):
    """An answer's head from its fields, judged as far as a head can be."""
    if not fields or fields[0][0] != ":status" or not re.fullmatch("[1-5][0-9][0-9]", fields[0][1]):
        raise ProtocolError("an answer that does not begin with :status: %r" % fields[:3])
    answer = Answer(int(fields[0][1]), "", checked_fields(fields[1:]), b"")
    wire.check_head(answer)
    return answer


# ---- whole requests, as over HTTP/1.1 ----------------------------------------------------------------


class Conversation(H2):
    """An H2 with the manners of wire.Connection; what needs octets of HTTP/1.1 says NotOver.

    read() gives the answers in the order of the requests.
    """

    def __init__(self, *positional, **named):
        super().__init__(*positional, **named)
        self.due = collections.deque()
        self.filling, self.left = None, 0  # a request whose content comes by send(), and how much of it is to come

    def send(self, data):
        """What head_of() and message_of() made, and the content that such a head has told; nothing else."""
        if self.filling is not None:
            return self.fill_body(as_bytes(data))
        if not isinstance(data, wire.Written):
            raise NotOver("octets of HTTP/1.1")
        if data.host is None:
            raise NotOver("no Host")
        length = dict((name.lower(), value) for name, value in data.fields).get("content-length")
        if data.body is None and any(name.lower() == "transfer-encoding" for name, _ in data.fields):
            raise NotOver("chunks")
        if data.body is not None or length is None or str(length) == "0":
            return self.request(data.method, data.target, data.fields, data.body, data.version)
        if not str(length).isdigit():
            raise NotOver("a length that is none")
        section, _ = self.head_for(data.method, data.target, data.fields, data.version)
        self.filling, self.left = self.stream(data.method), int(length)
        self.headers(self.filling.number, section)
        self.due.append(self.filling)
        return self

    def fill_body(self, data):
        if len(data) > self.left:
            raise NotOver("octets behind a request's content")
        self.left -= len(data)
        stream = self.filling
        if self.left == 0:
            self.filling = None
        stream.data(data, end=self.left == 0)
        return self

    def head_for(self, method, target, fields, version):
        if version != "HTTP/1.1":
            raise NotOver("%s" % version)
        return translated(self, method, as_bytes(target).decode("latin-1"), fields)

    def request(self, method, target, fields=(), body=None, version="HTTP/1.1"):
        section, is_open_ended = self.head_for(method, target, fields, version)
        stream = self.stream(method)
        if body is not None and not is_open_ended and not any(name == "content-length" for name, _ in section):
            section.append(("content-length", len(as_bytes(body))))
        stream.we_ended = body is None
        self.headers(stream.number, section, end_stream=body is None)
        self.due.append(stream)
        if body is not None:
            stream.data(body)
        return self

    def read(self, method="GET", version="HTTP/1.1"):
        if not self.due:
            raise NotOver("an answer to no request")
        return self.due.popleft().read()

    def read_interim(self, status=100):
        stream = self.due[0]
        self.until(lambda: stream.interim or stream.answer or stream.is_done, "an interim answer")
        if not stream.interim:
            raise Failure("%r came, no interim answer" % (stream.answer or stream.reset))
        answer = stream.interim.pop(0)
        wire.eq(answer.status, status, "interim status")
        return answer

    def ask(self, method, target, fields=(), body=None, version="HTTP/1.1"):
        return self.request(method, target, fields, body, version).read(method)

    def expect_open(self):
        wire.one_of(self.ask("OPTIONS", "*").status, (200, 204), "OPTIONS * on the kept connection")

    def expect_silence(self, seconds=0.2):
        self.expect_quiet(seconds)

    @property
    def sock(self):
        raise NotOver("the socket under HTTP/1.1")

    def only_http1(self, *_positional, **_named):
        raise NotOver("octets of HTTP/1.1")

    send_cut = half_close = fill = take = take_until = read_head = read_body = expect_close = only_http1

    @property
    def ended(self):
        return self.closed

    @ended.setter
    def ended(self, value):
        self.closed = value


def translated(conn, method, target, fields):
    """The field section for a request as it was written for HTTP/1.1: (section, whether its length is not told)."""
    host, out, is_open_ended = None, [], False
    for name, value in pairs(fields):
        low = name.lower()
        value = value if isinstance(value, str) else as_bytes(str(value) if isinstance(value, int) else value)\
            .decode("latin-1")
        if low == "host":
            if host is not None:
                raise NotOver("two Host fields")
            host = value
        elif low == "transfer-encoding" and value.strip().lower() == "chunked":
            is_open_ended = True
        elif low in OF_A_CONNECTION or low == "te":
            raise NotOver("%s is of HTTP/1.1" % name)
        elif not FIELD_NAME.match(low) or not FIELD_VALUE.match(value.strip(" \t")):
            raise NotOver("a malformed field; test_http2_fields has those of HTTP/2")
        else:
            out.append((low, value.strip(" \t")))
    if method == "CONNECT":
        if not re.match(r"[^/:@]+:\d+\Z", target):
            raise NotOver("a malformed target of CONNECT; test_http2_fields has those of HTTP/2")
        return [(":method", method), (":authority", target)] + out, is_open_ended
    scheme = conn.scheme
    absolute = re.match(r"(?i)(https?)://([^/]*)(/.*)?\Z", target)
    if absolute:
        scheme, host, target = absolute.group(1).lower(), absolute.group(2), absolute.group(3) or "/"
    if not re.match(r"(/[\x21-\x7e\x80-\xff]*|\*)\Z", target) or (target == "*" and method != "OPTIONS") or host == "":
        raise NotOver("a form of target that HTTP/2 has not")
    pseudo = [(":method", method), (":scheme", scheme), (":authority", conn.host if host is None else host)]
    return pseudo + [(":path", target)] + out, is_open_ended
