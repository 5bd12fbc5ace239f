"""What README.md says to paste works as pasted."""

import os
import re
import shutil
import subprocess

from wire import TOP, Failure, eq, ok, own_server, skip


def curl_lines():
    path = os.path.join(TOP, "README.md")
    ok(os.path.exists(path), "there is a README.md")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    return re.findall(r"^[ \t]*(curl .*)$", text, re.M)


@own_server()
def test_the_curl_lines_work_as_pasted(server):
    """In order, at the top of a source tree, against a server on the default address; here it has another port."""
    if not shutil.which("curl"):
        skip("curl is not installed")
    for name in ("README.md", "LICENSE", "Makefile"):
        shutil.copy(os.path.join(TOP, name), server.tmp)
    lines = curl_lines()
    eq(len(lines), 5, "curl lines in README.md")
    for line in lines:
        command = re.sub(r"(localhost|127\.0\.0\.1):8080", server.host, line)
        ok(command != line, "it asks localhost:8080: %s" % line)
        told = re.search(r"#\s*([1-5]\d\d)\b", line)  # a status that its remark promises
        options = "-sS --max-time 20 -w '\\n%{http_code}'" if told else "-sS --max-time 20 --fail-with-body"
        done = subprocess.run(["sh", "-c", re.sub(r"^curl ", "curl %s " % options, command)], cwd=server.tmp,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
        if done.returncode != 0:
            raise Failure("%s\nended with %d: %r %r" % (line, done.returncode, done.stdout[:500], done.stderr[:500]))
        if told:
            eq(done.stdout[-3:].decode(), told.group(1), "status of: %s" % line)
