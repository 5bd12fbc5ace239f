"""Decoders of what a 226 carries, plain and slow: a second opinion on deltas, and strict about their formats.

undo(im, delta, base) undoes a list of manipulations as in IM, from right to left; `range` cannot be undone.
"""

import re
import struct
import zlib


def need(claim, why):
    if not claim:
        raise ValueError(why)


# ---- VCDIFF (RFC 3284) ----

def code_table():
    """256 entries of ((type, size, mode), (type, size, mode)); size 0: told explicitly."""
    none = ("NOOP", 0, 0)
    table = [(("RUN", 0, 0), none)] + [(("ADD", size, 0), none) for size in range(18)]
    for mode in range(9):
        table += [(("COPY", size, mode), none) for size in [0, *range(4, 19)]]
    for mode in range(6):
        table += [(("ADD", add, 0), ("COPY", copy, mode)) for add in range(1, 5) for copy in range(4, 7)]
    for mode in range(6, 9):
        table += [(("ADD", add, 0), ("COPY", 4, mode)) for add in range(1, 5)]
    table += [(("COPY", 4, mode), ("ADD", 1, 0)) for mode in range(9)]
    need(len(table) == 256, "the table of RFC 3284 §5.6 has 256 entries")
    return table


class Octets:
    def __init__(self, data):
        self.data, self.at = data, 0

    def octet(self):
        need(self.at < len(self.data), "it ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def integer(self):
        value = 0
        while True:
            octet = self.octet()
            value = value << 7 | octet & 127
            if not octet & 128:
                return value

    def take(self, count):
        need(self.at + count <= len(self.data), "it ends too early")
        self.at += count
        return self.data[self.at - count:self.at]


class Addresses:
    def __init__(self, octets):
        self.octets, self.near, self.slot, self.same = octets, [0] * 4, 0, [0] * 768

    def next(self, mode, here):
        if mode == 0:
            address = self.octets.integer()
        elif mode == 1:
            address = here - self.octets.integer()
        elif mode < 6:
            address = self.near[mode - 2] + self.octets.integer()
        else:
            address = self.same[(mode - 6) * 256 + self.octets.octet()]
        need(0 <= address < here, "a COPY from %d, which is not before %d" % (address, here))
        self.near[self.slot] = address
        self.slot = (self.slot + 1) % 4
        self.same[address % 768] = address
        return address


def vcdiff_window(octets, base, target, table):
    indicator = octets.octet()
    need(indicator in (0, 1, 2), "a window indicator of %d" % indicator)
    source = b""
    if indicator:
        size, at = octets.integer(), octets.integer()
        whole = base if indicator == 1 else bytes(target)
        need(at + size <= len(whole), "a source segment beyond its end")
        source = whole[at:at + size]
    rest = octets.integer()
    began = octets.at
    length = octets.integer()
    need(octets.octet() == 0, "sections are not compressed")
    sizes = [octets.integer() for _ in range(3)]
    data, instructions, addresses = (Octets(octets.take(size)) for size in sizes)
    need(octets.at - began == rest, "the window's length is true")
    joined, places = bytearray(source), Addresses(addresses)
    while instructions.at < len(instructions.data):
        for kind, size, mode in table[instructions.octet()]:
            if kind == "NOOP":
                continue
            size = size or instructions.integer()
            if kind == "ADD":
                joined += data.take(size)
            elif kind == "RUN":
                joined += bytes([data.octet()]) * size
            else:
                address = places.next(mode, len(joined))
                for i in range(size):
                    joined.append(joined[address + i])
    need(len(joined) - len(source) == length, "the window is as long as it says")
    need(all(part.at == len(part.data) for part in (data, instructions, addresses)), "no section has a rest")
    target += joined[len(source):]


def vcdiff(delta, base):
    octets, target, table = Octets(delta), bytearray(), code_table()
    need(octets.take(4) == b"\xd6\xc3\xc4\0", "the first octets of VCDIFF")
    need(octets.octet() == 0, "no secondary compressor, no table of its own, no extension")
    while octets.at < len(delta):
        vcdiff_window(octets, base, target, table)
    return bytes(target)


# ---- GDIFF ----

GDIFF_COPIES = {249: ">HB", 250: ">HH", 251: ">Hi", 252: ">iB", 253: ">iH", 254: ">ii", 255: ">qi"}


def gdiff(delta, base):
    octets, target = Octets(delta), bytearray()
    need(octets.take(5) == b"\xd1\xff\xd1\xff\4", "the first octets of GDIFF")
    while (command := octets.octet()) != 0:
        if command <= 246:
            target += octets.take(command)
        elif command <= 248:
            form = ">H" if command == 247 else ">i"
            target += octets.take(struct.unpack(form, octets.take(struct.calcsize(form)))[0])
        else:
            form = GDIFF_COPIES[command]
            at, size = struct.unpack(form, octets.take(struct.calcsize(form)))
            need(0 <= at and 0 <= size and at + size <= len(base), "a COPY beyond the base")
            target += base[at:at + size]
    need(octets.at == len(delta), "nothing follows the end")
    return bytes(target)


# ---- diff -e ----

def diffe(delta, base):
    """Only what may stand there: a, c, d, s/.//, and text; never another command of ed."""
    lines, script, at = base.split(b"\n")[:-1], delta.split(b"\n"), 0
    need(script.pop() == b"", "its last line ends")
    while script:
        command = script.pop(0)
        if command == b"s/.//":
            lines[at - 1] = lines[at - 1][1:]
            continue
        match = re.fullmatch(rb"(\d*)(?:,(\d+))?([acd])", command)
        need(match, "no command of a script: %r" % command)
        first = int(match[1]) if match[1] else at
        last = int(match[2] or first)
        text = []
        if match[3] != b"d":
            while script[0] != b".":
                text.append(script.pop(0))
            script.pop(0)
        if match[3] == b"a":
            lines[first:first] = text
            at = first + len(text)
        else:
            lines[first - 1:last] = text
            at = first - 1 + len(text)
    return b"".join(line + b"\n" for line in lines)


# ---- what else ----

def inflate(data, bits):
    undone = zlib.decompressobj(bits)
    content = undone.decompress(data) + undone.flush()
    need(undone.eof and not undone.unused_data, "it ends where it says")
    return content


UNDO = {"vcdiff": vcdiff, "gdiff": gdiff, "diffe": diffe, "gzip": lambda data, base: inflate(data, 31),
        "deflate": lambda data, base: inflate(data, 15), "feed": lambda data, base: data}


def undo(im, data, base=b""):
    for name in reversed([name.strip() for name in im.split(",")]):
        data = UNDO[name](data, base)
    return data
