#!/usr/bin/env python3
"""test_rows.py: what h2load tells is believed only where it adds up, and listings only where they are whole.

h2load counts codes and bytes and does not know what is right; a row that took its rate as it is would let a
server win with errors, with short answers, or with another cipher.
"""
import os
import sys
import unittest
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report
import rows
import rows_dav
import rows_negotiation

TOLD = """TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2

finished in 1.00s, 1000.00 req/s, 1.2MB/s
requests: 1000 total, 1064 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 1003 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.10MB (1153434) total, 8.55KB (8755) headers (space savings 39.78%), 1.00MB (1025024) data
"""


class Judge(unittest.TestCase):
    def judge(self, *changes, tls=True):
        told = TOLD
        for old, new in changes:
            self.assertIn(old, told)
            told = told.replace(old, new)
        return rows.h2load_judge(told, 64, 1024, tls)

    def wrong(self, why, *changes):
        with self.assertRaisesRegex(rows.Invalid, why):
            self.judge(*changes)

    def test_right_answers_are_counted(self):
        self.assertEqual(self.judge(), 1000)

    def test_without_tls_nothing_is_agreed(self):
        self.assertEqual(self.judge(("TLS Protocol: TLSv1.3\nCipher: TLS_AES_128_GCM_SHA256\n", ""), tls=False), 1000)

    def test_another_code_is_wrong(self):
        self.wrong("1 of others", ("0 4xx", "1 4xx"))

    def test_a_failure_is_wrong(self):
        self.wrong("2 failed", ("0 failed", "2 failed"))
        self.wrong("1 failed", ("0 timeout", "1 timeout"))

    def test_answers_that_did_not_succeed_are_wrong(self):
        self.wrong("999 succeeded", ("1000 succeeded", "999 succeeded"))

    def test_short_answers_are_wrong(self):
        self.wrong("1023000 bytes", ("(1025024) data", "(1023000) data"))

    def test_long_answers_are_wrong(self):
        self.wrong("1090000 bytes", ("(1025024) data", "(1090000) data"))

    def test_no_answer_is_wrong(self):
        self.wrong("0 bytes in 0 answers", ("1000 done, 1000 succeeded", "0 done, 0 succeeded"), ("1003 2xx", "0 2xx"),
                   ("(1025024) data", "(0) data"))

    def test_another_cipher_is_wrong(self):
        self.wrong("Cipher", ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384"))

    def test_another_protocol_is_wrong(self):
        self.wrong("Application protocol", ("protocol: h2", "protocol: http/1.1"))

    def test_a_report_cut_short_is_wrong(self):
        self.wrong("did not tell all", ("status codes", "codes"))


def response(href, size=None, extra=""):
    kind = "<D:resourcetype><D:collection/></D:resourcetype>" if size is None else \
        f"<D:resourcetype/><D:getcontentlength>{size}</D:getcontentlength>"
    return (f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{kind}<D:getlastmodified>x</D:getlastmodified>{extra}"
            "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>")


def multistatus(*responses):
    return f'<D:multistatus xmlns:D="DAV:">{"".join(responses)}</D:multistatus>'.encode()


class Listing(unittest.TestCase):
    WANTED = {"album 1": None, "a b.txt": 5}
    RIGHT = [response("/d/"), response("/d/album%201/"), response("/d/a%20b.txt", 5)]

    def wrong(self, why, *responses):
        with self.assertRaisesRegex(rows.Invalid, why):
            rows_dav.listing_judge(multistatus(*responses), "/d", self.WANTED)

    def test_each_once_in_any_order_is_right(self):
        rows_dav.listing_judge(multistatus(*reversed(self.RIGHT)), "/d", self.WANTED)
        rows_dav.listing_judge(multistatus(response("http://localhost:80/d"), *self.RIGHT[1:]), "/d", self.WANTED)

    def test_one_missing_is_wrong(self):
        self.wrong("2 of 3 responses, /d/album 1 is missing", self.RIGHT[0], self.RIGHT[2])

    def test_one_twice_or_one_too_many_is_wrong(self):
        self.wrong("told twice", *self.RIGHT, self.RIGHT[1])
        self.wrong("not there", *self.RIGHT, response("/d/other", 5))

    def test_another_length_or_kind_is_wrong(self):
        self.wrong("wrong getcontentlength", *self.RIGHT[:2], response("/d/a%20b.txt", 6))
        self.wrong("a folder or not", *self.RIGHT[:2], response("/d/a%20b.txt"))
        self.wrong("no getlastmodified", *self.RIGHT[:2], self.RIGHT[2].replace("getlastmodified", "other"))
        self.wrong("no getlastmodified", *self.RIGHT[:2], self.RIGHT[2].replace("200 OK", "404 Not Found"))

    def test_xml_cut_short_is_wrong(self):
        with self.assertRaisesRegex(rows.Invalid, "no XML"):
            rows_dav.listing_judge(multistatus(*self.RIGHT)[:-5], "/d", self.WANTED)

    def test_a_property_of_this_round_is_right_and_no_other(self):
        def told(text):
            return multistatus(response("/f", 1, f'<mark xmlns="urn:bench">{text}</mark>'))
        rows_dav.mark_judge(told("00000020"), 10, 20)
        for text in "00000021", "00000009", "", "########":
            with self.assertRaisesRegex(rows.Invalid, "wanted one of 10-20"):
                rows_dav.mark_judge(told(text), 10, 20)
        with self.assertRaisesRegex(rows.Invalid, "0 responses"):
            rows_dav.mark_judge(multistatus(), 10, 20)


class Pace(unittest.TestCase):
    class Env:
        seconds = 2.0

    class Server:
        label = "one"

    def warm(self, rate):
        self.counts = []

        def warm(count):
            self.counts.append(count)
            return {"rate": rate, "requests": count}
        return warm

    def test_a_round_lasts_as_long_as_it_should_whatever_the_rate(self):
        self.assertEqual(rows_dav.Pace(1).count(self.Env, self.Server, self.warm(1000)), 1000)
        self.assertEqual(self.counts, [1, 4, 16, 64, 256])
        self.assertEqual(rows_dav.Pace(16).count(self.Env, self.Server, self.warm(0.5)), 16)
        self.assertEqual(rows_dav.Pace(16, 2000).count(self.Env, self.Server, self.warm(1e6)), 2000)

    def test_an_error_is_given_on(self):
        self.assertEqual(rows_dav.Pace(1).count(self.Env, self.Server, lambda _: {"error": "x"}), {"error": "x"})


def gzip(content):
    coder = zlib.compressobj(6, zlib.DEFLATED, 31)
    return coder.compress(content) + coder.flush()


class Coded(unittest.TestCase):
    CONTENT = b"a text, a text, a text"

    def wrong(self, why, status, fields, body):
        with self.assertRaisesRegex(rows.Invalid, why):
            rows_negotiation.coded_judge("gzip", (status, fields, body), self.CONTENT)

    def test_what_decodes_to_the_file_is_right(self):
        body = gzip(self.CONTENT)
        got = rows_negotiation.coded_judge("gzip", (200, {"Content-Encoding": "gzip"}, body), self.CONTENT)
        self.assertEqual(got, len(body))

    def test_what_is_not_compressed_wins_nothing(self):
        self.wrong("Content-Encoding None", 200, {}, self.CONTENT)
        self.wrong("no gzip", 200, {"Content-Encoding": "gzip"}, self.CONTENT)

    def test_another_content_or_half_of_it_is_wrong(self):
        self.wrong("another content", 200, {"Content-Encoding": "gzip"}, gzip(b"another"))
        self.wrong("cut short", 200, {"Content-Encoding": "gzip"}, gzip(self.CONTENT)[:-3])
        self.wrong("cut short", 200, {"Content-Encoding": "gzip"}, gzip(self.CONTENT) + b"x")

    def test_answers_that_were_sent_plain_are_seen_in_the_octets(self):
        plain = rows_negotiation.TEXT_BYTES
        got = rows_negotiation.octets_judge({"mb_s": 40.1, "rate": 1000}, 40000)
        self.assertAlmostEqual(got["octets"], 40100)
        with self.assertRaisesRegex(rows.Invalid, "10 % of the answers"):
            rows_negotiation.octets_judge({"mb_s": (0.9 * 40000 + 0.1 * plain) / 1000, "rate": 1000}, 40000)


class Variant(unittest.TestCase):
    RIGHT = {"Content-Location": "page.fr.html", "Content-Language": "fr", "Vary": "negotiate,accept-language"}

    def judge(self, body=b"x", status=200, **changed):
        fields = self.RIGHT | {name.replace("_", "-"): value for name, value in changed.items()}
        rows_negotiation.variant_judge((status, fields, body), "fr", b"x")

    def test_the_right_one_is_right(self):
        self.judge()
        self.judge(Content_Location="/views/page.fr.html")

    def test_another_or_one_that_does_not_say_so_is_wrong(self):
        for changed in ({"Content_Location": "page.en.html"}, {"Content_Language": "en"}, {"Content_Location": ""},
                        {"Vary": ""}, {"body": b"y"}, {"status": 300}):
            with self.assertRaises(rows.Invalid):
                self.judge(**changed)


class Targets(unittest.TestCase):
    def missed(self, row, **got):
        names = {"full": "ours, full"}
        table = {row: {names.get(name, name): figures for name, figures in got.items()}}
        return [sentence for _, sentence in report.shortfalls(table)]

    def test_listing_is_twice_as_fast_as_the_fastest_and_half_as_dear_as_the_thriftiest(self):
        nginx, apache = {"rate": 100, "cpu_us": 50}, {"rate": 300, "cpu_us": 90}
        bound = {"rate": 9000, "cpu_us": 1}
        self.assertEqual(self.missed("find1k", ours={"rate": 600, "cpu_us": 25}, nginx=nginx, apache=apache, walk=bound), [])
        slow = self.missed("find1k", ours={"rate": 599, "cpu_us": 25.1}, nginx=nginx, apache=apache, lighttpd={"error": "x"})
        self.assertRegex(slow[0], "2.00 x the rate of apache")
        self.assertRegex(slow[1], "nginx takes 1.99 x our CPU")

    def test_locks_are_level_with_nginx(self):
        self.assertEqual(self.missed("lockpair", ours={"rate": 10}, nginx={"rate": 10}), [])
        self.assertEqual(len(self.missed("lockpair", ours={"rate": 9}, full={"rate": 20}, nginx={"rate": 10})), 1)

    def test_properties_are_judged_by_our_durable_ones(self):
        self.assertEqual(self.missed("proppatch", ours={"rate": 1}, full={"rate": 50}, apache={"rate": 10}), [])
        self.assertEqual(len(self.missed("proppatch", ours={"rate": 60}, full={"rate": 49}, apache={"rate": 10})), 1)

    def test_trees_answer_in_time_with_each_durability(self):
        self.assertEqual(self.missed("treemove", ours={"ms": 10}, full={"ms": 9}), [])
        self.assertEqual(len(self.missed("treedelete", ours={"ms": 9}, full={"ms": 10.1})), 1)

    def test_negotiation_is_five_times_as_fast_as_apache(self):
        mine = {"rate": 500, "cpu_us": 10}
        self.assertEqual(self.missed("views", ours=mine, apache={"rate": 100, "cpu_us": 60}), [])
        slow = self.missed("views", ours=mine, apache={"rate": 101, "cpu_us": 60})
        self.assertRegex(slow[0], "4.95 x Apache's rate, 6.00 x less CPU")

    def test_compressing_is_behind_nobody(self):
        mine = {"rate": 500, "cpu_us": 10}
        self.assertEqual(self.missed("gzip-fresh", ours=mine, nginx={"rate": 499, "cpu_us": 9}, h2o={"error": "x"}), [])
        self.assertEqual(len(self.missed("gzip-fresh", ours=mine, nginx={"rate": 501, "cpu_us": 11})), 1)


if __name__ == "__main__":
    unittest.main()
