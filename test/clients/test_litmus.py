"""litmus, the test suite of WebDAV servers: every test of every suite passes, and none with a warning."""

import re

from client import PLAIN_AND_TLS, Room, needs, serving
from wire import Failure, cases, eq, ok, time_limit

SUITES = ("basic", "copymove", "props", "locks", "http")
PLAIN_ONLY = ("http",)  # litmus itself passes over its one test within TLS


def judge(suite, told):
    """Every line of a test says `pass`, the summary counts as many, and nothing is skipped or warned of."""
    lines = re.findall(r"^ *\d+\. [a-z0-9_]+\.* (.*)$", told, re.M)
    summary = re.search(r"summary for `%s': of (\d+) tests run: (\d+) passed, 0 failed" % suite, told)
    if not summary or any(line.strip() != "pass" for line in lines) or re.search("WARNING|FAIL|SKIPPED|warning", told):
        raise Failure("litmus %s:\n%s" % (suite, told[-4000:]))
    eq(summary.group(1), summary.group(2))
    eq(len(lines), int(summary.group(1)))


@cases(*(("%s, %s" % (name, suite), secure, suite) for name, secure in PLAIN_AND_TLS for suite in SUITES
         if not (secure and suite in PLAIN_ONLY)))
@time_limit(120)
def test_litmus(server, is_secure, suite):
    with serving(is_secure, files={}) as one, Room(one) as room:
        out, err = room.run(needs("litmus"), room.url + "/", status=None, TESTS=suite)
        said = re.sub(r"[^\n]*\r", "", (out + err).decode("utf-8", "replace"))  # each line is begun twice, as on a terminal
        judge(suite, said)


def test_a_warning_would_be_seen(server):
    """So that the test above can fail."""
    good = " 0. init.................. pass\n<- summary for `basic': of 1 tests run: 1 passed, 0 failed. 100.0%\n"
    judge("basic", good)
    for bad in (good.replace("pass\n", "WARNING: odd\n    ...................... pass\n"), good.replace("pass\n", "FAIL (x)\n"),
                good.replace(" pass", " SKIPPED"), good.replace("1 passed, 0", "0 passed, 1"), ""):
        try:
            judge("basic", bad)
        except Failure:
            continue
        ok(False, "this went through: %r" % bad)
