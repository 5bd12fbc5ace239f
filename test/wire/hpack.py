"""hpack.py - field compression of HTTP/2 (RFC 7541): a plain encoder, and a decoder that forgives nothing.

The encoder writes literals that enter no table, so a test knows every octet it sends; indexed() and
literal() make the other forms by hand. The decoder keeps the dynamic table as the server's encoder does:
one slip on either side and the fields that follow are wrong.
"""

import re


class HpackError(Exception):
    """The octets are no field block."""


STATIC = [(":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
          (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
          (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
          ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", "")] + [(name, "") for name in (
              "accept access-control-allow-origin age allow authorization cache-control content-disposition "
              "content-encoding content-language content-length content-location content-range content-type cookie "
              "date etag expect expires from host if-match if-modified-since if-none-match if-range "
              "if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization "
              "range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding "
              "user-agent vary via www-authenticate").split()]

# The code is canonical (RFC 7541, appendix B): the lengths of the 256 octets' codes and of EOS say all. COUNTxLENGTH.
LENGTHS = ("1x13 1x23 7x28 1x24 1x30 2x28 1x30 8x28 1x30 9x28 1x6 2x10 1x12 1x13 1x6 1x8 1x11 2x10 1x8 1x11 1x8 3x6 3x5 "
           "7x6 1x7 1x8 1x15 1x6 1x12 1x10 1x13 1x6 22x7 1x8 1x7 1x8 1x13 1x19 1x13 1x14 1x6 1x15 1x5 1x6 1x5 1x6 1x5 "
           "3x6 1x5 2x7 3x6 1x5 1x6 1x7 1x6 2x5 1x6 5x7 1x15 1x11 1x14 1x13 1x28 1x20 1x22 2x20 3x22 1x23 1x22 5x23 "
           "1x24 1x23 2x24 1x22 1x23 1x24 4x23 1x21 1x22 1x23 1x22 2x23 1x24 1x22 1x21 1x20 2x22 2x23 1x21 1x23 2x22 "
           "1x24 1x21 1x22 2x23 2x21 1x22 1x21 1x23 1x22 2x23 1x20 3x22 1x23 2x22 1x23 2x26 1x20 1x19 1x22 1x23 1x22 "
           "1x25 3x26 2x27 1x26 1x24 1x25 1x19 1x21 1x26 2x27 1x26 1x27 1x24 2x21 2x26 1x28 3x27 1x20 1x24 1x20 1x21 "
           "1x22 2x21 1x23 2x22 2x25 2x24 1x26 1x23 1x26 1x27 2x26 5x27 1x28 5x27 1x26 1x30")


def huffman_codes():
    lengths = [int(length) for count, length in re.findall(r"(\d+)x(\d+)", LENGTHS) for _ in range(int(count))]
    codes, code, last = {}, 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths)):
        code <<= length - last
        codes[symbol] = (code, length)
        code, last = code + 1, length
    return codes


CODES = huffman_codes()
SYMBOLS = {(code, length): symbol for symbol, (code, length) in CODES.items()}


def huffman_encode(data):
    bits, count = 0, 0
    for octet in data:
        code, length = CODES[octet]
        bits, count = bits << length | code, count + length
    pad = -count % 8
    return (bits << pad | (1 << pad) - 1).to_bytes((count + pad) // 8, "big")


def huffman_decode(data):
    out, code, length = bytearray(), 0, 0
    for octet in data:
        for shift in range(7, -1, -1):
            code, length = code << 1 | octet >> shift & 1, length + 1
            symbol = SYMBOLS.get((code, length))
            if symbol is not None:
                if symbol == 256:
                    raise HpackError("EOS within a string")
                out.append(symbol)
                code, length = 0, 0
            elif length > 30:
                raise HpackError("no such code")
    if length > 7 or code != (1 << length) - 1:
        raise HpackError("the padding is no beginning of EOS")
    return bytes(out)


# ---- writing ----------------------------------------------------------------------------------------


def octets(text):
    return text if isinstance(text, (bytes, bytearray)) else str(text).encode("latin-1")


def integer(value, prefix, first=0):
    most = (1 << prefix) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytearray([first | most]), value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def string(text, huffman=False):
    data = octets(text)
    if huffman:
        data = huffman_encode(data)
        return integer(len(data), 7, 0x80) + data
    return integer(len(data), 7) + data


def indexed(index):
    return integer(index, 7, 0x80)


def literal(name, value, kind="without", huffman=False):
    """kind: without (not entered into the table), never, entered; name: text, or an index of a name."""
    prefix, first = {"without": (4, 0), "never": (4, 0x10), "entered": (6, 0x40)}[kind]
    start = integer(name, prefix, first) if isinstance(name, int) else bytes([first]) + string(name, huffman)
    return start + string(value, huffman)


def table_size(size):
    return integer(size, 5, 0x20)


def encode(fields):
    return b"".join(literal(name, value) for name, value in fields)


# ---- reading ----------------------------------------------------------------------------------------


class Decoder:
    """One direction of one connection. limit: the largest table that we allow, once the server knows of it."""

    def __init__(self, limit=4096):
        self.limit, self.most, self.size, self.table = limit, limit, 0, []
        self.must_shrink = False  # a smaller limit has to be taken up by the next block

    def allow(self, limit):
        self.must_shrink = self.must_shrink or limit < self.most
        self.limit = limit

    def decode(self, data):
        """The fields as (name, value), texts in latin-1."""
        self.data, self.at, out = data, 0, []
        while self.at < len(data):
            first = data[self.at]
            if first & 0xe0 == 0x20:
                if out:
                    raise HpackError("the table's size changes after a field")
                self.resize(self.integer(5))
                continue
            if self.must_shrink and self.most > self.limit:
                raise HpackError("the table is still larger than we allow")
            if first & 0x80:
                out.append(self.entry(self.integer(7)))
            else:
                index = self.integer(6 if first & 0x40 else 4)
                name = self.entry(index)[0] if index else self.string()
                out.append((name, self.string()))
                if first & 0x40:
                    self.enter(out[-1])
        return out

    def resize(self, size):
        if size > self.limit:
            raise HpackError("a table of %d, where %d is allowed" % (size, self.limit))
        self.most, self.must_shrink = size, False
        self.evict()

    def enter(self, field):
        self.table.insert(0, field)
        self.size += 32 + len(field[0]) + len(field[1])
        self.evict()

    def evict(self):
        while self.size > self.most:
            name, value = self.table.pop()
            self.size -= 32 + len(name) + len(value)

    def entry(self, index):
        if 1 <= index <= 61:
            return STATIC[index - 1]
        if not index or index - 62 >= len(self.table):
            raise HpackError("index %d, with %d entries in the table" % (index, len(self.table)))
        return self.table[index - 62]

    def octet(self):
        if self.at >= len(self.data):
            raise HpackError("the block ends within a field")
        self.at += 1
        return self.data[self.at - 1]

    def integer(self, prefix):
        most = (1 << prefix) - 1
        value, shift = self.octet() & most, 0
        if value < most:
            return value
        while True:
            octet = self.octet()
            value, shift = value + ((octet & 127) << shift), shift + 7
            if shift > 28:
                raise HpackError("a number of more than 32 bits")
            if octet < 128:
                return value

    def string(self):
        is_huffman = self.octet() & 0x80
        self.at -= 1
        length = self.integer(7)
        data = bytes(self.data[self.at:self.at + length])
        if len(data) < length:
            raise HpackError("the block ends within a string")
        self.at += length
        return (huffman_decode(data) if is_huffman else data).decode("latin-1")
