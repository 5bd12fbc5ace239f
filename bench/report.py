"""From rounds to medians, a Markdown table, and what falls short of its target."""
import os
import re
from statistics import median

HERE = os.path.dirname(os.path.abspath(__file__))
# what a row is about: key, how it is written, whether more is better
MEASURE = {"big": ("mb_s", "{:,.0f} MB/s", True), "idle": ("bytes_each", "{:,.0f} B each", False),
           "start": ("ms", "{:.1f} ms", False)}
MEASURE |= {"tls-big": MEASURE["big"], "tls-idle": MEASURE["idle"]}
MEASURE |= dict.fromkeys(["treemove", "treedelete"], ("ms", "{:,.1f} ms", False))
MEASURE |= dict.fromkeys(["find10k-1", "find10k", "findtree"], ("rate", "{:,.2f} /s", True))
RATE = ("rate", "{:,.0f} /s", True)
CPU_OVER_BARE = 1.25
BIG_OF_FASTEST = 0.95
IDLE_BYTES = 1024
START_MS = 20
TREE_MS = 10
FIND_TIMES = 2  # the fastest peer
PROPPATCH_TIMES = 5  # Apache


def medians(results):
    """{row: {server: rounds}} to {row: {server: medians or {"error"}}}."""
    out = {}
    for row, by_server in results.items():
        out[row] = {}
        for server, rounds in by_server.items():
            wrong = [r["error"] for r in rounds if "error" in r]
            if wrong or not rounds:
                out[row][server] = {"error": wrong[0] if wrong else "not run"}
                continue
            out[row][server] = {key: median(r[key] for r in rounds) for key in rounds[0]}
            values = [r[measure_of(row)[0]] for r in rounds]
            out[row][server]["spread"] = max(values) / min(values) if min(values) > 0 else None
    return out


def measure_of(row):
    return MEASURE.get(row, RATE)


def value(table, row, server, key):
    """A median, or None where that server has no valid one."""
    return table.get(row, {}).get(server, {}).get(key)


def ratio(mine, theirs):
    return f"{theirs / mine:.2f}" if mine and theirs is not None else ""


def number(text, got, key, scale=1):
    return text.format(got[key] * scale) if got.get(key) is not None else ""


def plain(error):
    """One line, fit for a table's cell."""
    return " ".join(error.split()).replace("|", "/")


def lines_of_row(table, row, title):
    key, text, _ = measure_of(row)
    lines = []
    for server, got in table[row].items():
        name = title if not lines else ""
        if "error" in got:
            lines.append(f"| {name} | {server} | INVALID: {plain(got['error'])[:90]} | | | | | | |")
            continue
        lines.append("| " + " | ".join([
            name, server, text.format(got[key]), ratio(value(table, row, "ours", key), got[key]),
            number("{:.2f}", got, "spread"), number("{:,.1f}", got, "cpu_us"),
            ratio(value(table, row, "ours", "cpu_us"), got.get("cpu_us")),
            number("{:.2f}", got, "p50_us", 1e-3), number("{:.2f}", got, "p99_us", 1e-3),
            *([number("{:,.0f}", got, "octets")] if has_octets(table) else [])]) + " |")
    return lines


def has_octets(table):
    """What was sent for an answer is told where a row measured it."""
    return any("octets" in got for by_server in table.values() for got in by_server.values())


def table_lines(table, titles):
    lines = ["| what | server | median | ÷ ours | max ÷ min | CPU µs a request | ÷ ours | p50 ms | p99 ms |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    if has_octets(table):
        lines = [lines[0] + " octets sent |", lines[1] + "--:|"]
    for row in table:
        lines += lines_of_row(table, row, titles[row])
    return lines


def shortfalls(table):
    """[(row, sentence)] of every target that a measured row misses."""
    missed = []
    for row in table:
        if "error" in table[row].get("ours", {}):
            missed.append((row, f"not valid for us: {plain(table[row]['ours']['error'])}"))
        elif "ours" in table[row]:
            missed += [(row, sentence) for sentence in TARGETS.get(row, lambda _t, _r: [])(table, row)]
    return missed


def hot_missed(table, row):
    mine, bare = table[row]["ours"], value(table, row, "bare", "cpu_us")
    for server, got in table[row].items():
        if server in ("ours", "bare") or "error" in got:
            continue
        if got["rate"] >= mine["rate"]:
            yield f"{server} answers {got['rate'] / mine['rate']:.2f} times as many requests a second"
        if got["cpu_us"] <= mine["cpu_us"]:
            yield f"{server} takes {got['cpu_us'] / mine['cpu_us']:.2f} of our CPU a request"
    if bare and mine["cpu_us"] > CPU_OVER_BARE * bare:
        yield f"CPU a request is {mine['cpu_us'] / bare:.2f} x the bare loop's (target {CPU_OVER_BARE})"


def big_missed(table, row):
    mine = table[row]["ours"]["mb_s"]
    fastest, server = max((got.get("mb_s", 0), name) for name, got in table[row].items())
    if mine < BIG_OF_FASTEST * fastest:
        yield f"{mine / fastest:.2f} x the fastest ({server}; target {BIG_OF_FASTEST})"


def idle_missed(table, row):
    if table[row]["ours"]["bytes_each"] > IDLE_BYTES:
        yield f"{table[row]['ours']['bytes_each']:,.0f} bytes a connection (target {IDLE_BYTES})"


def tls_missed(table, row):
    """Ahead of every peer in CPU a request."""
    mine = table[row]["ours"]["cpu_us"]
    for server, got in table[row].items():
        if server != "ours" and "error" not in got and got["cpu_us"] <= mine:
            yield f"{server} takes {got['cpu_us'] / mine:.2f} of our CPU"


def h2_missed(table, row):
    """Ahead of nginx and lighttpd."""
    mine = table[row]["ours"]
    for server in H2_BEHIND:
        got = table[row].get(server, {"error": "not run"})
        if "error" in got:
            continue
        if got["cpu_us"] <= mine["cpu_us"]:
            yield f"{server} takes {got['cpu_us'] / mine['cpu_us']:.2f} of our CPU a request"
        if got["rate"] >= mine["rate"]:
            yield f"{server} answers {got['rate'] / mine['rate']:.2f} times as many requests a second"


def start_missed(table, row):
    if table[row]["ours"]["ms"] > START_MS:
        yield f"{table[row]['ours']['ms']:.1f} ms (target {START_MS})"


def peers_of(table, row):
    """[(server, medians)] of those with whom we are compared, where they are valid."""
    return [(s, got) for s, got in table[row].items() if s in PEERS and "error" not in got]


def find_missed(table, row):
    """So many times the rate of the fastest peer, and so many times less CPU than the thriftiest."""
    mine, theirs = table[row]["ours"], peers_of(table, row)
    if not theirs:
        return
    rate, fastest = max((got["rate"], server) for server, got in theirs)
    cpu, thriftiest = min((got["cpu_us"], server) for server, got in theirs)
    if mine["rate"] < FIND_TIMES * rate:
        yield f"{mine['rate'] / rate:.2f} x the rate of {fastest} (target {FIND_TIMES})"
    if cpu < FIND_TIMES * mine["cpu_us"]:
        yield f"{thriftiest} takes {cpu / mine['cpu_us']:.2f} x our CPU (target {FIND_TIMES})"


def lock_missed(table, row):
    """At least level with nginx, whose locks are in memory alone."""
    mine, theirs = table[row]["ours"]["rate"], value(table, row, "nginx", "rate")
    if theirs and mine < theirs:
        yield f"{mine / theirs:.2f} x nginx's rate (target 1)"


def proppatch_missed(table, row):
    """Ours is durable before it answers, Apache's never: judged by the durable one."""
    mine, theirs = value(table, row, "ours, full", "rate"), value(table, row, "apache", "rate")
    if not mine:
        yield "not measured with durability full"
    elif theirs and mine < PROPPATCH_TIMES * theirs:
        yield f"{mine / theirs:.2f} x Apache's rate (target {PROPPATCH_TIMES})"


def tree_missed(table, row):
    for server in ("ours", "ours, full"):
        ms = value(table, row, server, "ms")
        if ms is None or ms > TREE_MS:
            yield f"{server}: {'not measured' if ms is None else f'{ms:.1f} ms'} (target {TREE_MS})"


PEERS = ["nginx", "apache", "lighttpd", "h2o", "caddy"]
FIND_ROWS = ["find10-1", "find10", "find1k-1", "find1k", "find10k-1", "find10k", "findall1k", "findtree"]
TARGETS = {"hot1k": hot_missed, "hot100k": hot_missed, "big": big_missed, "idle": idle_missed, "start": start_missed}
TLS_ROWS = ["tls1k", "tls100k", "tls-big", "shake", "shake-resumed", "shake-rsa"]
H2_ROWS = ["h2-1", "h2-64", "h2c-1", "h2c-64"]
H2_BEHIND = ["nginx", "lighttpd"]
TARGETS |= dict.fromkeys(FIND_ROWS, find_missed) | dict.fromkeys(["lockpair-1", "lockpair"], lock_missed)
TARGETS |= dict.fromkeys(["proppatch-1", "proppatch"], proppatch_missed)
TARGETS |= dict.fromkeys(["treemove", "treedelete"], tree_missed)
TARGETS |= dict.fromkeys(TLS_ROWS, tls_missed) | dict.fromkeys(H2_ROWS, h2_missed)


def explanations():
    """bench/explanations.md and explanations-negotiation.md: under `## ROW`, what limits that row."""
    told = {}
    for name in ("explanations.md", "explanations-negotiation.md"):
        try:
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                parts = re.split(r"^## +(\S+) *\n", f.read(), flags=re.M)
        except FileNotFoundError:
            continue
        told |= {row: text.strip() for row, text in zip(parts[1::2], parts[2::2])}
    return told


def short_lines(table):
    missed, told = shortfalls(table), explanations()
    rows = list(dict.fromkeys(row for row, _ in missed))
    if not rows:
        reached = [row for row in TARGETS if "ours" in table.get(row, {})]
        return [f"Nothing: every target of {', '.join(reached)} is reached." if reached else "Not judged: ours was not run."]
    lines = []
    for row in rows:
        lines.append(f"- **{row}**: " + "; ".join(sentence for r, sentence in missed if r == row) + ".")
        lines.append("  What limits it: " + " ".join(told.get(row, "not explained yet (bench/explanations.md).").split()))
    return lines


def beside_lines(table):
    """HTTP/2: no target against h2o, but its figures are named."""
    lines = []
    for row in [r for r in H2_ROWS if value(table, r, "ours", "rate") and value(table, r, "h2o", "rate")]:
        mine, theirs = table[row]["ours"], table[row]["h2o"]
        lines.append(f"- **{row}**: {theirs['rate'] / mine['rate']:.2f} times our requests a second, "
                     f"{theirs['cpu_us'] / mine['cpu_us']:.2f} of our CPU a request.")
    return ["", "## h2o beside us, HTTP/2", "", *lines] if lines else []


def markdown(table, titles, header):
    return "\n".join(["# What was measured", "", *header, "", *table_lines(table, titles), "",
                      "## Falls short of its target", "", *short_lines(table), *beside_lines(table), ""])
