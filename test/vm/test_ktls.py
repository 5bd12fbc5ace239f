"""The kernel encrypts: that it does, that files go by sendfile, and that nothing is lost where it works otherwise than OpenSSL."""

import os
import socket
import ssl
import subprocess
import time

import tls
import wire
from wire import cases, contains, eq, ok, one_of, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
BIG = os.urandom((6 << 20) + 4711)
FILES = {"ten.txt": TEN, "big.bin": BIG, "middle.bin": BIG[:300000]}
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
VERSIONS = (("1.3", TLS13), ("1.2", TLS12))
HERE = os.path.dirname(os.path.abspath(__file__))
TRACING = "/sys/kernel/tracing"


def serving(*options):
    return tls.Serving(*tls.usual().options, *options, files=FILES)


def connected(one, version):
    return wire.Connection(one.dial(context=tls.context(minimum=version, maximum=version)), [], one.host)


def counter(name):
    with open("/proc/net/tls_stat", encoding="ascii") as stat:
        return int(dict(line.split() for line in stat)[name])


def curl(one, *words, feed=None):
    command = ["curl", "-sS", "--cacert", tls.authority().ca, "--max-time", "50"]
    return subprocess.run(command + list(words), input=feed, capture_output=True, check=True, cwd=one.tmp).stdout


def url(one, name):
    return "https://127.0.0.1:%d/%s" % (one.addresses[0][1], name)


def test_the_program_says_so(server):
    contains(subprocess.check_output([wire.SAMOVAR, "--version"], text=True), "kTLS: on")


@cases(("1.3", TLS13, (), 1, 0), ("1.2", TLS12, (), 1, 1), ("1.3 when it shall not", TLS13, ("--no-ktls",), 0, 0))
def test_the_kernel_encrypts(server, version, options, sends, receives):
    """OpenSSL 3.0 has the kernel decrypt for TLS 1.2 alone."""
    with serving(*options) as one:
        before = counter("TlsTxSw"), counter("TlsRxSw")
        with connected(one, version) as conn:
            ok(conn.ask("GET", "/big.bin").body == BIG, "octet for octet")
            eq((counter("TlsTxSw") - before[0], counter("TlsRxSw") - before[1]), (sends, receives))
            eq(counter("TlsCurrTxSw"), sends)
        wait_for(lambda: counter("TlsCurrTxSw") == 0 and counter("TlsCurrRxSw") == 0, "closed in the kernel too")
    eq(counter("TlsDecryptError"), 0)


def test_the_sandbox_is_on(server):
    with serving() as one:
        with open("/proc/%d/status" % one.process.pid, encoding="ascii") as status:
            contains(status.read(), "Seccomp:\t2")


def is_sendfile_traced(on):
    """Switches tracing on or off; when off, whether a loop called it since."""
    if not os.path.exists(TRACING + "/trace"):
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], check=True)
    with open(TRACING + "/events/syscalls/sys_enter_sendfile64/enable", "w", encoding="ascii") as switch:
        switch.write("1" if on else "0")
    with open(TRACING + "/trace", "r+" if not on else "w", encoding="ascii") as trace:  # to open for "w" empties it
        return not on and any(line.lstrip().startswith("loop") and "sys_sendfile" in line for line in trace)


@cases(("1.3", TLS13, True), ("1.2", TLS12, True), ("1.3 without cachestat", TLS13, False))
def test_files_go_by_sendfile(server, version, is_cached):
    """Nor without cachestat: then nobody tells what may be sent without waiting for the disk."""
    with serving() as one:
        if is_cached:
            one.stop()
            shim = one.tmp + "/cached.so"
            subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, HERE + "/cached.c"], check=True)
            one.env = {"LD_PRELOAD": shim}
            one.start()
        with connected(one, version) as conn:
            is_sendfile_traced(True)
            for _ in range(3):
                ok(conn.ask("GET", "/big.bin").body == BIG, "octet for octet")
                eq(conn.ask("GET", "/ten.txt").body, TEN)
                for first, last in ((0, 99_999), (16383, 2_000_000), (len(BIG) - 70_000, len(BIG) - 1)):
                    got = conn.ask("GET", "/big.bin", {"Range": "bytes=%d-%d" % (first, last)})
                    ok(got.body == BIG[first:last + 1], "octets %d to %d" % (first, last))
            eq(is_sendfile_traced(False), is_cached)
        for _ in range(3):
            with connected(one, version) as conn:
                ok(conn.request("GET", "/big.bin", {"Connection": "close"}).read().body == BIG, "before the end")
                conn.expect_close()


@cases(("1.3 over HTTP/1.1", "--http1.1", "--tlsv1.3", "1.3", ""), ("1.2 over HTTP/1.1", "--http1.1", "--tlsv1.2", "1.2", ""),
       ("1.3 over HTTP/2", "--http2", "--tlsv1.3", "1.3", ""), ("1.2 over HTTP/2", "--http2", "--tlsv1.2", "1.2", ""),
       ("AES-256 1.2", "--http1.1", "--tlsv1.2", "1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
       ("ChaCha20 1.2", "--http1.1", "--tlsv1.2", "1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
       ("AES-128 1.3", "--http2", "--tlsv1.3", "1.3", "TLS_AES_128_GCM_SHA256"),
       ("ChaCha20 1.3", "--http2", "--tlsv1.3", "1.3", "TLS_CHACHA20_POLY1305_SHA256"))
def test_curl(server, http, least, most, cipher):
    how = [http, least, "--tls-max", most]
    if cipher:
        how += ["--tls13-ciphers" if cipher.startswith("TLS_") else "--ciphers", cipher]
    with serving() as one:
        before = counter("TlsTxSw")
        ok(curl(one, *how, url(one, "big.bin")) == BIG, "the whole file")
        eq(curl(one, *how, url(one, "ten.txt")), TEN)
        ok(curl(one, *how, "-r", "16000-2000000", url(one, "big.bin")) == BIG[16000:2000001], "a range")
        contains(curl(one, *how, "-I", url(one, "big.bin")).decode().lower(), "content-length: %d" % len(BIG))
        curl(one, *how, "-T", "-", url(one, "up.bin"), feed=BIG)
        curl(one, *how, "-T", "root/big.bin", url(one, "up2.bin"))
        ok(one.read("up.bin") == BIG and one.read("up2.bin") == BIG, "uploads")
        one_of(curl(one, *how, "-Z", *[url(one, "ten.txt")] * 40), (TEN * 40,), "many at once")
        # OpenSSL 3.0 asks the kernel for AES alone: the other connections left the socket after their handshakes.
        eq(counter("TlsTxSw") - before >= 6, "CHACHA20" not in cipher, "the kernel had them")


@cases(*VERSIONS)
def test_many_requests_on_one_connection(server, version):
    with serving() as one, connected(one, version) as conn:
        for number in range(200):
            eq(conn.ask("GET", "/ten.txt").body, TEN)
            if number % 20 == 0:
                ok(conn.ask("GET", "/middle.bin").body == BIG[:300000], "a file between")
        conn.expect_open()


@cases(*((name + (", then the end" if ends else ""), version, ends) for name, version in VERSIONS for ends in (False, True)))
def test_a_slow_reader_gets_all_and_the_goodbye(server, version, ends):
    """What the kernel took but TCP has no room for yet is lost if the socket is shut down before it is sent."""
    with serving() as one:
        for size in (1_000_000, 3_000_017, len(BIG)):
            one.write("slow.bin", BIG[:size])
            sock = wire.dial(one.addresses[0])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            with wire.Connection(tls.wrap(sock, tls.context(minimum=version, maximum=version)), [], one.host) as conn:
                conn.request("GET", "/slow.bin", {"Connection": "close"} if ends else {})
                time.sleep(0.5)
                ok(conn.read().body == BIG[:size], "all %d octets" % size)
                if ends:
                    conn.expect_close()
                else:
                    eq(conn.ask("GET", "/ten.txt").body, TEN)


@cases(*VERSIONS)
def test_an_end_that_meets_a_full_socket(server, version):
    """Of all lengths some are such that their last record finds no room: with the end right behind, it must not be lost."""
    with open("/proc/sys/net/ipv4/tcp_wmem", "r+", encoding="ascii") as limits:
        before = limits.read()
        limits.write("4096 16384 131072")
    try:
        with serving() as one:
            held = []
            for size in range(60_000, 300_000, 4000):
                one.write("of-%d" % size, BIG[:size])
                sock = wire.dial(one.addresses[0])
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
                conn = wire.Connection(tls.wrap(sock, tls.context(minimum=version, maximum=version)), [], one.host)
                held.append((size, conn.request("GET", "/of-%d" % size, {"Connection": "close"})))
            time.sleep(0.5)
            for size, conn in held:
                ok(conn.read().body == BIG[:size], "all %d octets" % size)
                conn.expect_close()
    finally:
        with open("/proc/sys/net/ipv4/tcp_wmem", "w", encoding="ascii") as limits:
            limits.write(before)


def s_client(one, *steps):
    """What s_client prints when it is typed the steps, one after another's answer."""
    client = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.addresses[0][1], "-tls1_3", "-crlf",
                               "-CAfile", tls.authority().ca], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    for step in steps:
        time.sleep(1)  # a letter counts as a command only when it comes alone
        try:
            client.stdin.write(step)
            client.stdin.flush()
        except BrokenPipeError:
            break
    time.sleep(1)
    return client.communicate(timeout=20)[0].decode("latin-1")


ASK, LAST = b"GET /ten.txt HTTP/1.1\nHost: 127.0.0.1\n\n", b"GET /ten.txt HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n"


def test_a_client_with_new_keys_of_its_own(server):
    with serving() as one:
        said = s_client(one, ASK, b"k\n", LAST)
        eq(said.count("HTTP/1.1 200"), 2, said)
        contains(said, "closed")


def test_a_client_that_wants_new_keys_of_ours(server):
    """The kernel has no new ones: the connection ends, with a goodbye under the old."""
    with serving() as one:
        said = s_client(one, ASK, b"K\n", LAST)
        eq(said.count("HTTP/1.1 200"), 1, said)
        contains(said, "closed")
        ok("bad record mac" not in said, said)
