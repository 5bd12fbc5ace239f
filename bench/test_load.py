#!/usr/bin/env python3
"""test_load.py LOAD: the load generator calls a wrong answer wrong.

A table of what a server may do to one connection, and what load must then report. A generator that counted
a short or wrong answer as a good one would let a broken server win.
"""
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def serve(listener, answer, then_close):
    """Answers every head with the same bytes, or with what `answer` makes of it, on every connection, until the listener is closed."""
    def talk(peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with peer:
            while True:
                got = b""
                while not got.endswith(b"\r\n\r\n") and not got.startswith(b"\x16"):  # nor a hello of TLS
                    piece = peer.recv(4096)
                    if not piece:
                        return
                    got += piece
                for piece in [answer(got)] if callable(answer) else answer:
                    peer.sendall(piece)
                if then_close:
                    return
    try:
        while True:
            threading.Thread(target=talk_quietly, args=(talk, listener.accept()[0]), daemon=True).start()
    except OSError:
        pass


def talk_quietly(talk, peer):
    try:
        talk(peer)
    except OSError:
        pass  # load hangs up on what is wrong


def tls_settings(folder):
    """A server's side of TLS, with ticket keys of its own."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return settings


def serve_tls(listener, settings, answer):
    """As serve, inside TLS; settings() is asked for each connection. It waits for what the client says last."""
    def talk(peer):
        with settings().wrap_socket(peer, server_side=True) as peer:
            got = b""
            while piece := peer.recv(4096):
                got += piece
                if got.endswith(b"\r\n\r\n"):
                    got = b""
                    for piece in answer:
                        peer.sendall(piece)
    try:
        while True:
            threading.Thread(target=talk_quietly, args=(talk, listener.accept()[0]), daemon=True).start()
    except OSError:
        pass


def load(answer, *args, then_close=False, settings=None):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pieces = answer if callable(answer) else [answer] if isinstance(answer, bytes) else answer
        if settings:
            threading.Thread(target=serve_tls, args=(listener, settings, pieces), daemon=True).start()
        else:
            threading.Thread(target=serve, args=(listener, pieces, then_close), daemon=True).start()
        done = subprocess.run([LOAD, "--port", str(listener.getsockname()[1]), "--requests", "20", "--seconds", "5",
                               *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        listener.shutdown(socket.SHUT_RDWR)
    got = json.loads(done.stdout)
    assert (done.returncode == 0) == (got["errors"] == 0), done
    return got


class Case(unittest.TestCase):
    def right(self, answer, *args, **options):
        got = load(answer, *args, **options)
        self.assertEqual((got["errors"], got["requests"]), (0, 20), got)
        return got

    def wrong(self, why, answer, *args, **options):
        got = load(answer, *args, **options)
        self.assertGreater(got["errors"], 0, got)
        self.assertIn(why, got["first_error"])


class Load(Case):
    def test_a_right_answer_is_counted(self):
        self.assertEqual(self.right(OK, "--length", "5", "--conns", "3")["bytes"], 100)

    def test_an_answer_in_pieces_is_counted(self):
        self.right([OK[:1], OK[1:30], OK[30:-2], OK[-2:]], "--length", "5")

    def test_another_status_is_wrong(self):
        self.wrong("wrong status", OK, "--length", "5", "--status", "206")

    def test_another_length_is_wrong(self):
        self.wrong("wrong length", OK, "--length", "6")

    def test_a_body_cut_short_is_wrong(self):
        self.wrong("closed within a body", OK[:-1], "--length", "5", then_close=True)

    def test_bytes_beyond_the_body_are_wrong(self):
        self.wrong("more bytes than announced", OK + b"!", "--length", "5")

    def test_a_chunked_answer_is_wrong(self):
        self.wrong("no Content-Length", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    def test_no_answer_is_wrong(self):
        self.wrong("closed before the answer", b"", then_close=True)

    def test_an_announced_close_is_no_error(self):
        got = self.right(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), "--length", "5", then_close=True)
        self.assertGreater(got["reconnects"], 0)

    def test_304_has_no_body_whatever_its_length_says(self):
        self.right(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "--status", "304", "--length", "0")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class LoadOfChunks(Case):
    def test_what_chunks_hold_is_the_length(self):
        whole = CHUNKED + b"3\r\nhel\r\n0000A;note=1\r\nlo, people\r\n0\r\nTrailer: x\r\n\r\n"
        self.right(whole, "--length", "13", "--chunked")
        self.right([whole[at:at + 1] for at in range(len(whole))], "--length", "13", "--chunked", "--conns", "2")
        self.wrong("wrong length", whole, "--length", "12", "--chunked")

    def test_what_is_no_chunk_is_wrong(self):
        for body in b"x\r\n", b"3\r\nhell\r\n0\r\n\r\n", b"-1\r\n", b"fffffffffffffffff\r\n":
            self.wrong("wrong chunks", CHUNKED + body, "--chunked")

    def test_chunks_cut_short_are_wrong(self):
        for body in b"", b"5\r\nhell", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n":
            self.wrong("closed within a body", CHUNKED + body, "--chunked", then_close=True)

    def test_bytes_beyond_the_last_chunk_are_wrong(self):
        self.wrong("wrong chunks", CHUNKED + b"0\r\n\r\nHTTP/1.1", "--chunked")


class LoadOfOtherRequests(Case):
    def setUp(self):
        self.seen = []

    def told(self, *answers):
        """Notes each request, and answers by its method."""
        def answer(got):
            self.seen.append(got)
            return dict(answers)[got.split(b" ")[0]]
        return answer

    def body_file(self, body):
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        file.write(body)
        file.flush()
        return file.name

    def test_the_number_of_the_request_stands_in_path_and_body(self):
        body = self.body_file(b"<a>########</a>########\r\n\r\n")
        self.right(self.told((b"MKCOL", OK)), "--method", "MKCOL", "--path", "/d########/", "--body-file", body,
                   "--first", "70", "--conns", "3")
        self.assertEqual({got.partition(b" HTTP")[0] for got in self.seen},
                         {b"MKCOL /d%08d/" % i for i in range(70, 90)})
        for got in self.seen:
            number = got[8:16]
            self.assertTrue(got.endswith(b"\r\n\r\n<a>%s</a>%s\r\n\r\n" % (number, number)), got)
            self.assertIn(b"\r\nContent-Length: 27\r\n", got)

    LOCKED = b"HTTP/1.1 200 OK\r\nLock-Token: <urn:uuid:7>\r\nContent-Length: 2\r\n\r\nok"
    GONE = b"HTTP/1.1 204 No Content\r\n\r\n"

    def test_a_lock_is_ended_by_its_token_and_the_pair_counts_once(self):
        self.right(self.told((b"LOCK", self.LOCKED), (b"UNLOCK", self.GONE)), "--mode", "lock", "--path", "/f",
                   "--names", "4")
        self.assertEqual([got.partition(b" HTTP")[0] for got in self.seen],
                         [b"%s /f%05d" % (method, i % 4) for i in range(20) for method in (b"LOCK", b"UNLOCK")])
        self.assertEqual(sum(b"\r\nLock-Token: <urn:uuid:7>\r\n" in got for got in self.seen), 20)

    def test_a_lock_without_a_token_is_wrong(self):
        self.wrong("no Lock-Token", self.told((b"LOCK", OK), (b"UNLOCK", self.GONE)), "--mode", "lock")

    def test_an_unlock_that_fails_is_wrong(self):
        self.wrong("wrong status", self.told((b"LOCK", self.LOCKED), (b"UNLOCK", OK)), "--mode", "lock")


class LoadOverTls(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-out", f"{cls.folder.name}/cert.pem",
                        "-keyout", f"{cls.folder.name}/key.pem"], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.common = tls_settings(self.folder.name)
        self.options = {"settings": lambda: self.common}

    def test_a_right_answer_is_counted_and_what_was_agreed_on_is_told(self):
        got = self.right(OK, "--length", "5", "--conns", "3", "--tls", **self.options)
        self.assertEqual((got["bytes"], got["handshakes"], got["resumed"]), (100, 3, 0))
        self.assertEqual(got["agreed"], "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 EC 256")

    def test_an_answer_in_records_is_counted(self):
        self.right([OK[:1], OK[1:30], OK[30:-2], OK[-2:]], "--length", "5", "--tls", **self.options)

    def test_an_answer_longer_than_a_read_is_counted(self):
        long = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300000
        self.assertEqual(self.right(long, "--length", "300000", "--tls", **self.options)["bytes"], 6000000)

    def test_each_request_may_have_a_handshake(self):
        got = self.right(OK, "--length", "5", "--conns", "2", "--tls", "--fresh", **self.options)
        self.assertEqual((got["handshakes"], got["resumed"]), (20, 0))

    def test_each_handshake_but_the_first_is_resumed(self):
        got = self.right(OK, "--length", "5", "--conns", "2", "--tls", "--fresh", "--resume", **self.options)
        self.assertEqual((got["handshakes"], got["resumed"]), (20, 18))

    def test_a_ticket_that_does_not_resume_is_wrong(self):
        self.wrong("not resumed", OK, "--tls", "--fresh", "--resume", settings=lambda: tls_settings(self.folder.name))

    def test_no_ticket_is_wrong(self):
        self.common.num_tickets = 0
        self.wrong("no session ticket came", OK, "--tls", "--fresh", "--resume", **self.options)

    def test_an_older_tls_is_wrong(self):
        self.common.maximum_version = ssl.TLSVersion.TLSv1_2
        self.wrong("no handshake", OK, "--tls", **self.options)

    def test_plain_http_is_wrong(self):
        self.wrong("no handshake", b"HTTP/1.1 400 Bad Request\r\n\r\n", "--tls", then_close=True)

    def test_another_length_is_wrong(self):
        self.wrong("wrong length", OK, "--length", "6", "--tls", **self.options)

    def test_bytes_beyond_the_body_are_wrong(self):
        self.wrong("more bytes than announced", OK + b"!", "--length", "5", "--tls", **self.options)


if __name__ == "__main__":
    LOAD = sys.argv.pop(1)
    unittest.main()
