"""Content codings for tests, by the libraries themselves: undo("br", bytes), make("zstd", bytes)."""

import ctypes
import ctypes.util
import gzip
import random

from wire import eq, ok, skip

ROOM = 64 << 20
ENDINGS = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
BROWSERS = (  # what they really send
    ("chrome", "gzip, deflate, br, zstd"), ("chrome-http", "gzip, deflate"), ("firefox", "gzip, deflate, br, zstd"),
    ("safari", "gzip, deflate, br"), ("curl", "deflate, gzip, br, zstd"), ("rclone", "gzip"),
    ("wget2", "gzip, deflate, xz, lzma, br, bzip2, zstd, lzip"), ("python", "gzip, deflate"),
)


def library(name, version):
    try:
        return ctypes.CDLL("lib%s.so.%d" % (name, version))
    except OSError:
        skip("lib%s is missing" % name)


def undo_brotli(data):
    room, size = ctypes.create_string_buffer(ROOM), ctypes.c_size_t(ROOM)
    done = library("brotlidec", 1).BrotliDecoderDecompress(ctypes.c_size_t(len(data)), data, ctypes.byref(size), room)
    eq(done, 1, "a whole form of brotli")
    return room.raw[: size.value]


def undo_zstd(data):
    lib, room = library("zstd", 1), ctypes.create_string_buffer(ROOM)
    lib.ZSTD_decompress.restype = ctypes.c_size_t
    size = lib.ZSTD_decompress(room, ctypes.c_size_t(ROOM), data, ctypes.c_size_t(len(data)))
    ok(size <= ROOM, "a whole form of zstd")
    return room.raw[:size]


def undo(coding, data):
    if coding in (None, "identity"):
        return data
    return {"gzip": gzip.decompress, "br": undo_brotli, "zstd": undo_zstd}[coding](data)


def make_brotli(data, quality=9):
    room, size = ctypes.create_string_buffer(ROOM), ctypes.c_size_t(ROOM)
    library("brotlienc", 1).BrotliEncoderCompress(quality, 22, 0, ctypes.c_size_t(len(data)), data, ctypes.byref(size), room)
    return room.raw[: size.value]


def make_zstd(data, level=19):
    lib, room = library("zstd", 1), ctypes.create_string_buffer(ROOM)
    lib.ZSTD_compress.restype = ctypes.c_size_t
    size = lib.ZSTD_compress(room, ctypes.c_size_t(ROOM), data, ctypes.c_size_t(len(data)), level)
    return room.raw[:size]


def make(coding, data):
    return {"gzip": lambda bytes: gzip.compress(bytes, 9, mtime=0), "br": make_brotli, "zstd": make_zstd}[coding](data)


def text(size, seed=1):
    """So many octets that become about a third."""
    pick, words = random.Random(seed), []
    while sum(map(len, words[-1:])) + 7 * len(words) < size:
        words.append("%x" % pick.randrange(1 << 24) if pick.random() < 0.3 else "the samovar sings")
    return (" ".join(words) + " " * size).encode()[:size]
