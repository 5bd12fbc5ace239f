"""docs/codes: what each page shows is typed and comes out, and what it begins with is what `samovar codes` prints."""

import glob
import json
import os
import re

from client import needs
from pages import Page, differences, head_of_page, played
from program import ended, refused
from wire import TOP, cases, contains, eq, fail, ok, time_limit

FOLDER = os.path.join(TOP, "docs/codes")
CODES = (102, 206, 207, 208, 226, 304, 308, 412, 416, 418, 422, 423, 424, 428, 429, 431, 451, 506, 507, 508, 510, 511)
ONLY_OVER = (("h1",), "the pages have servers of their own")


def page_of(code):
    return Page(os.path.join(FOLDER, "%d.md" % code))


def known():
    """{code: what --json says of it}, for all that are registered."""
    status, out, err = ended("codes", "--json")
    eq((status, err), (0, ""))
    return {each["code"]: each for each in json.loads(out)}


def test_there_is_a_page_for_each_code_that_is_earned(server):
    eq(sorted(code for code, told in known().items() if told["earned"]), list(CODES))
    eq(sorted(os.path.basename(path) for path in glob.glob(FOLDER + "/*.md")), sorted(["%d.md" % code for code in CODES] + ["README.md"]))


@cases(*((str(code), code) for code in CODES))
@time_limit(120)
def test_what_the_page_shows_comes_out(server, code):
    needs("curl")
    page = page_of(code)
    ok(page.steps, "the page has a session")
    wrong = differences(page, played(page))
    if wrong:
        fail("%s (test/clients/pages.py writes it anew):\n%s" % (page.path, "\n\n".join(wrong)))


@cases(*((str(code), code) for code in CODES))
def test_the_page_begins_with_what_the_command_prints(server, code):
    page = page_of(code)
    text = "\n".join(page.lines)
    eq(text[:text.index("\n## ")], head_of_page(page.path), "what comes before the first section")
    for section in ("## How it is earned", "## Configuration", "## A session"):
        contains(page.lines, section)


@cases(*((str(code), code) for code in CODES))
def test_the_line_to_try_is_in_the_session_and_elicits_the_code(server, code):
    told = known()[code]
    line = told["curl"].replace("http://HOST/", "http://localhost:8080/")
    steps = [step for step in page_of(code).steps if step.command == line or step.command.startswith(line + " | ")]
    ok(steps, "the page types %s" % line)
    ok(any("HTTP/1.1 %d %s" % (code, told["phrase"]) in text for step in steps for text in step.shown), "it gets %d" % code)


def test_a_wrong_page_is_found(server):
    """What the comparison is for: another status, another value, a line more or less, a tag that is not the one before."""
    needs("curl")
    page = page_of(304)
    outputs = played(page)
    eq(differences(page, outputs), [])
    for wrong in (lambda text: text.replace("304", "200"), lambda text: text.replace("no-cache", "no-store"),
                  lambda text: text + "\nmore", lambda text: re.sub(r"ETag.*\n", "", text)):
        changed = [wrong("\n".join(lines)).split("\n") if any("304 Not" in line for line in lines) else lines for lines in outputs]
        eq(len(differences(page, changed)) > 0, True, "another output is told of")
    first = next(re.search(r'"\w+"', line).group() for lines in outputs for line in lines if line.startswith("ETag"))
    same = [[re.sub(r'ETag: "\w+"', "ETag: " + first, line) for line in lines] for lines in outputs]
    eq(len(differences(page, same)), 1, "a tag that stays where the page has a new one")


def test_the_list_of_pages_is_what_the_command_prints(server):
    with open(FOLDER + "/README.md", encoding="utf-8") as file:
        text = file.read()
    eq(text[text.index("| code |"):], ended("codes", "--markdown")[1])


def test_each_registered_code_is_listed(server):
    status, out, err = ended("codes")
    eq((status, err), (0, ""))
    lines = out.split("\n\n")[0].splitlines()
    eq([(int(line[:3]), line[4] == "*", line[6:]) for line in lines],
       [(code, told["earned"], told["phrase"]) for code, told in sorted(known().items())])


@cases(("one", "412"), ("several", "412", "206", "404"))
def test_some_codes_in_each_form(server, *codes):
    everything = known()
    told = json.loads(ended("codes", *codes, "--json")[1])
    eq(told, [everything[int(code)] for code in codes])
    for out in (ended("codes", *codes)[1], ended("codes", "--markdown", *codes)[1]):
        at = [out.index(code + " " + everything[int(code)]["phrase"]) for code in codes]
        eq(at, sorted(at), "in the order asked for")
    for key in ("meaning", "spec", "standing", "fields", "earned_by", "curl"):
        contains(" ".join(ended("codes", "412")[1].split()), " ".join(everything[412][key].split()))
        ok(key not in everything[404], "nothing more is told of 404")


@cases(("unregistered", "299"), ("a word", "teapot"), ("four digits", "0418"), ("a class", "4xx"), ("large", "99999999999999999999"), ("empty", ""), ("both forms", "--json", "--markdown"),
       ("an option", "412", "--listen", "80"))
def test_what_is_not_asked_rightly_is_refused(server, *words):
    refused("codes", *words, status=2)
