"""hot.py - for tests that must hold on the server's short way (ready answers from memory) as on its long one."""

import re

from wire import eq, wait_for

HOT_LINE = re.compile(r"^loop \d+: .*, (\d+) of them hot$", re.M)


def loops(server):
    """A thread that a loop has just made is called like it for a moment."""
    return len({name for name in server.threads() if name.startswith("loop")})


def hits(server):
    """How many answers came from memory so far, as the server itself says it after SIGUSR1."""
    before, want = len(HOT_LINE.findall(server.stderr())), loops(server)
    server.signal(10)
    said = wait_for(lambda: (lambda found: len(found) >= before + want and found)(HOT_LINE.findall(server.stderr())),
                    "a line of each loop after SIGUSR1")
    return sum(int(number) for number in said[before:])


def heat(conn, target, times=4):
    """Plain GETs, after which the answer is kept in memory; the last one is given."""
    for _ in range(times):
        got = conn.ask("GET", target)
    return got


def but_date(answer):
    """All that two answers to one question have in common."""
    return answer.status, answer.fields.but_date(), answer.body


def both(server, method, target, fields=()):
    """Asks on the long way (an empty body's length keeps a GET there) and on the short one; both must say the same."""
    fields = list(fields.items()) if isinstance(fields, dict) else list(fields)
    with server.connect() as conn:
        cold = conn.ask(method, target, fields + [("Content-Length", "0")])
        for _ in range(4):
            heated = conn.ask("GET", target)
        hot = conn.ask(method, target, fields)
        eq(but_date(hot), but_date(cold),
           "%s %s %r after %d times GET, against the first" % (method, target, fields, 4))
        one_more = conn.ask("GET", target)
        eq(but_date(one_more), but_date(heated), "the GET behind it")
    return cold


def versions(number, size=1000):
    """A content that says its number all over."""
    line = b"%012d\n" % number
    return (line * (size // len(line) + 1))[:size]


def version_of(body):
    """The number; None if the content is a mixture."""
    number = int(body[:12])
    return number if body == versions(number, len(body)) else None
