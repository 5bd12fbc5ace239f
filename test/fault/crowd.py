"""crowd.py KIND PORT COUNT SEED - clients of a bad kind, all from one process, without threads.

    noise     COUNT connections one after the other (some at a time), each with random bytes or a spoilt request, cut anywhere
    readers   COUNT connections that ask for /big.bin and take a few octets now and then
    writers   COUNT connections that send a head, or a PUT's content, octet by octet

Prints "ready" when all are under way; readers and writers go on until the input ends, noise until it is done. Last comes what happened.
"""

import os
import random
import resource
import select
import socket
import sys
import time

AT_A_TIME = 40


def connect(port, small=False):
    sock = socket.socket()
    if small:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    sock.setblocking(False)
    return sock


def spoilt(chance):
    """Random bytes, or a request with some octets changed, put in, left out, doubled or cut off."""
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 3000))
    name = b"noise-%d" % chance.randrange(4)
    good = [b"GET /small.txt HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1,3-\r\n\r\n",
            b"PUT /%s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n" % name,
            b"PUT /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400\r\n\r\n" % name + chance.randbytes(400),
            b"DELETE /%s HTTP/1.1\r\nHost: localhost\r\nIf-Match: \"a\", W/\"b\"\r\n\r\n" % name,
            b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9999999999\r\n\r\n",
            b"GET / HTTP/1.0\r\nAccept: text/html;q=0.3, */*\r\nIf-None-Match: *\r\n\r\n"]
    data = bytearray(chance.choice(good) * chance.choice((1, 1, 1, 3)))
    for _ in range(chance.choice((0, 1, 2, 8))):
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            data[at:at] = chance.choice((b"\r\n", b"\0", b" ", b":", b"9" * 30, b"\xff", b"%2e%2e/", b"," * 50))
        elif what == 2:
            del data[at:at + chance.randrange(1, 9)]
        else:
            data[at:at] = data[at:at + 40]
    return bytes(data[:chance.randrange(1, len(data) + 1)] if data and chance.random() < 0.3 else data)


def end(sock, chance):
    if chance.random() < 0.3:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


def take(sock):
    """Reads what there is; False at the end."""
    try:
        return bool(sock.recv(65536))
    except BlockingIOError:
        return True
    except OSError:
        return False


def noise(port, count, chance):
    done, under_way = 0, []
    print("ready", flush=True)
    while done < count:
        while len(under_way) < AT_A_TIME and done < count:
            sock = connect(port)
            try:
                sock.send(spoilt(chance))
                if chance.random() < 0.5:
                    sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            under_way.append(sock)
            done += 1
        for sock in [under_way.pop(chance.randrange(len(under_way))) for _ in range(AT_A_TIME // 2)]:
            take(sock)
            end(sock, chance)
    for sock in under_way:
        end(sock, chance)
    print("done %d" % done, flush=True)


def is_over():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def crowd(port, count, chance, begin, more):
    socks = []
    for number in range(count):
        sock = connect(port, True)
        try:
            sock.send(begin(number))
        except OSError:
            pass
        socks.append(sock)
    print("ready", flush=True)
    alive = count
    while not is_over():
        for number in chance.sample(range(count), count // 10 or 1):
            if socks[number] and not more(socks[number], number):
                socks[number].close()
                socks[number] = None
                alive -= 1
        time.sleep(0.05)
    print("done %d" % alive, flush=True)
    for sock in socks:
        if sock:
            end(sock, chance)


def readers(port, count, chance):
    def begin(number):
        fields = b"Range: bytes=%d-\r\n" % (number * 1000) if number % 3 == 0 else b""
        return b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n"

    def more(sock, _):
        try:
            return bool(sock.recv(100))
        except BlockingIOError:
            return True
        except OSError:
            return False

    crowd(port, count, chance, begin, more)


def writers(port, count, chance):
    def begin(number):
        if number % 4 == 0:
            return b"GET /small.txt HT"
        if number % 4 == 1:
            return b"PUT /slow-%d HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" % number
        return b"PUT /slow-%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\n" % number + b"x" * (number * 60)

    def more(sock, number):
        try:
            sock.send((b"1\r\nx\r\n", b"y")[number % 4 != 1] if number % 4 else b"X")
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    crowd(port, count, chance, begin, more)


def main():
    kind, port, count, seed = sys.argv[1], *map(int, sys.argv[2:])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    {"noise": noise, "readers": readers, "writers": writers}[kind](port, count, random.Random(seed))


main()
