"""openmetrics.py - a strict reader of OpenMetrics 1.0 text: what breaks the format fails the test that read it."""

import re

from wire import Failure, eq, ok

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
META = re.compile(r"\A# (TYPE|UNIT|HELP) (%s) (.*)\Z" % NAME)
SAMPLE = re.compile(r"\A(%s)(?:\{([^}]*)\})? (\S+)\Z" % NAME)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|\Z)')
NUMBER = re.compile(r"\A-?\d+(\.\d+)?\Z")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "info": ("_info",), "histogram": ("_bucket", "_count", "_sum")}


class Family:
    def __init__(self, name):
        self.name, self.type, self.unit, self.help, self.samples = name, None, "", None, {}


def labels_of(text):
    found, at = [], 0
    while at < len(text or ""):
        match = LABEL.match(text, at)
        ok(match, "labels in %r" % text)
        found.append((match.group(1), match.group(2)))
        at = match.end()
    eq(len({name for name, _ in found}), len(found), "a label stands once in %r" % text)
    return tuple(sorted(found))


def check_histogram(family):
    rows = {}
    for (suffix, labels), value in family.samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        row = rows.setdefault(rest, {"buckets": []})
        if suffix == "_bucket":
            row["buckets"].append((float(dict(labels)["le"].replace("+Inf", "inf")), value))
        else:
            row[suffix] = value
    for rest, row in rows.items():
        bounds = [bound for bound, _ in row["buckets"]]
        counts = [count for _, count in row["buckets"]]
        eq(bounds, sorted(set(bounds)), "bounds of %s %r" % (family.name, rest))
        eq(counts, sorted(counts), "buckets of %s %r" % (family.name, rest))
        eq(bounds[-1], float("inf"), "the last bound of %s" % family.name)
        eq(row["_count"], counts[-1], "the count of %s %r" % (family.name, rest))
        ok(row["_sum"] >= 0 and (row["_sum"] == 0 or row["_count"] > 0), "the sum of %s %r" % (family.name, rest))


def parse(text):
    """{name of the family: Family}; .samples is {(suffix, labels): number}, labels a sorted tuple of pairs."""
    lines = text.split("\n")
    eq(lines[-2:], ["# EOF", ""], "the end")
    families, family = {}, None
    for line in lines[:-2]:
        meta, sample = META.match(line), SAMPLE.match(line)
        if meta and (family is None or family.name != meta.group(2)):
            ok(meta.group(2) not in families, "%s in one piece" % meta.group(2))
            family = families[meta.group(2)] = Family(meta.group(2))
        if meta:
            ok(not family.samples, "what is said of %s stands before its figures" % family.name)
            setattr(family, meta.group(1).lower(), meta.group(3))
            continue
        ok(sample and family, "a line of the format: %r" % line)
        name, labels, value = sample.groups()
        ok(family.type in SUFFIXES, "the type of %s: %r" % (family.name, family.type))
        fits = [suffix for suffix in SUFFIXES[family.type] if name == family.name + suffix]
        ok(fits, "%s is a sample of %s, a %s" % (name, family.name, family.type))
        ok(NUMBER.match(value), "a number: %r" % line)
        key = (fits[0], labels_of(labels))
        ok(key not in family.samples, "%r stands once" % line)
        family.samples[key] = float(value) if "." in value else int(value)
    for family in families.values():
        ok(family.type and family.help, "%s has a type and a help" % family.name)
        ok(not family.unit or family.name.endswith("_" + family.unit), "%s ends with %r" % (family.name, family.unit))
        ok(not family.name.endswith("_total"), "the family %s has no _total" % family.name)
        if family.type == "histogram":
            check_histogram(family)
    return families


class Figures:
    """All figures of one moment. figures("samovar_http_requests_total", code="404") adds up what has these labels."""

    def __init__(self, text):
        self.families = parse(text)
        self.samples = {}
        for family in self.families.values():
            for (suffix, labels), value in family.samples.items():
                self.samples[(family.name + suffix, labels)] = value

    def __call__(self, name, **labels):
        found = [value for (key, have), value in self.samples.items()
                 if key == name and set(labels.items()) <= set(have)]
        if not found and not any(key == name for key, _ in self.samples) and name[:-6] not in self.families:
            raise Failure("there is no %s" % name)
        return sum(found)
