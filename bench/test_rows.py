#!/usr/bin/env python3
"""test_rows.py: what h2load tells is believed only where it adds up.

h2load counts codes and bytes and does not know what is right; a row that took its rate as it is would let a
server win with errors, with short answers, or with another cipher.
"""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rows

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


if __name__ == "__main__":
    unittest.main()
