#!/usr/bin/env python3
"""run.py - runs the wire tests: run.py [FILE...] [--over h1|h2|tls] [--jobs N] [-k PATTERN] [--json FILE] [--list] [-v]

Each file test_*.py runs in a process of its own, some at a time; its tests share one server unless they
ask for their own. A failure is printed with the bytes exchanged. The last line is
"N passed, N failed, N skipped"; the exit status is 1 when something failed or nothing ran.
--over: what whole requests are spoken over. Tests that need what that protocol has not (octets of HTTP/1.1 over
h2, half a close within TLS) are counted apart: they neither passed nor were skipped; -v names them.
SAMOVAR names the program (default build/samovar).
"""

import argparse
import concurrent.futures
import glob
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import wire  # noqa: E402

FILE_SECONDS = int(os.environ.get("FILE_SECONDS", "900"))


class TimeUp(Exception):
    pass


def ring(_number, _frame):
    raise TimeUp()


def load(path):
    name = os.path.splitext(os.path.basename(path))[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests_of(module, stem, pattern):
    """(name, test, arguments) of the module's tests in the order of the file, each case a test of its own."""
    found = [value for key, value in vars(module).items() if key.startswith("test_") and callable(value)]
    for test in sorted(found, key=lambda value: value.__code__.co_firstlineno):
        for row in getattr(test, "cases", [None]):
            label = test.__name__ if row is None else "%s[%s]" % (test.__name__, row[0])
            name = "%s/%s" % (stem, label)
            if pattern in name:
                yield name, test, () if row is None else tuple(row[1:])


class Fixture:
    """The file's shared server, started at the first need and again after it died."""

    def __init__(self, module):
        self.module, self.server = module, None

    def get(self):
        if self.server is not None and not self.server.is_running():
            self.server.remove()
            self.server = None
        if self.server is None:
            self.server = wire.Server(options=getattr(self.module, "OPTIONS", ()),
                                      config=getattr(self.module, "CONFIG", None),
                                      files=getattr(self.module, "FILES", None),
                                      before=getattr(self.module, "BEFORE", None))
            try:
                self.server.start()
            except BaseException:
                self.server.remove()
                self.server = None
                raise
        return self.server

    def end(self):
        if self.server is not None:
            try:
                self.server.stop()
            finally:
                self.server.remove()


def call(test, server, arguments):
    server.log.clear()
    signal.setitimer(signal.ITIMER_REAL, getattr(test, "time_limit", wire.TEST_SECONDS))
    try:
        test(server, *arguments)
        if server.process is not None:
            server.check_alive()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run_own(test, arguments):
    server = wire.Server(**test.own_server)
    try:
        try:
            server.start()
            call(test, server, arguments)
        except (Exception, KeyboardInterrupt) as why:
            why.log = list(server.log)
            raise
        server.stop()
    finally:
        server.remove()


def run_shared(test, arguments, fixture):
    server = fixture.get()
    try:
        call(test, server, arguments)
    except (Exception, KeyboardInterrupt) as why:
        why.log = list(server.log)
        raise


def explain(why):
    if isinstance(why, TimeUp):
        text = "took longer than its time limit at\n" + "".join(traceback.format_tb(why.__traceback__)[-2:])
    elif isinstance(why, wire.Failure):
        where = [frame for frame in traceback.extract_tb(why.__traceback__)
                 if os.path.basename(frame.filename) not in ("run.py", "wire.py")]
        spot = "%s:%d: " % (os.path.basename(where[-1].filename), where[-1].lineno) if where else ""
        text = "%s%s: %s" % (spot, type(why).__name__, why)
    else:
        text = "".join(traceback.format_exception(type(why), why, why.__traceback__)[-4:])
    log = getattr(why, "log", None)
    return text + ("\n" + wire.conversation(log) if log else "")


def check_over(only):
    if only and wire.OVER not in only[0]:
        raise wire.NotOver(only[1])


def run_file(path, pattern, report):
    """Runs one file's tests in this process; report(result) is called after each."""
    stem = os.path.splitext(os.path.basename(path))[0].replace("test_", "", 1)
    try:
        module = load(path)
    except Exception as why:
        report({"name": stem, "outcome": "failed", "seconds": 0, "detail": "cannot be loaded\n" + explain(why)})
        return
    fixture = Fixture(module)
    signal.signal(signal.SIGALRM, ring)
    of_file = getattr(module, "ONLY_OVER", None)
    for name, test, arguments in tests_of(module, stem, pattern):
        began = time.monotonic()
        result = {"name": name, "outcome": "passed", "obliges": getattr(test, "obliges", ())}
        try:
            check_over(getattr(test, "only_over", of_file))
            if hasattr(test, "own_server"):
                run_own(test, arguments)
            else:
                run_shared(test, arguments, fixture)
        except wire.NotOver as why:
            result.update(outcome="apart", detail=str(why))
        except wire.Skip as why:
            result.update(outcome="skipped", detail=str(why))
        except Exception as why:
            result.update(outcome="failed", detail=explain(why))
        result["seconds"] = round(time.monotonic() - began, 3)
        report(result)
    try:
        fixture.end()
    except Exception as why:
        report({"name": "%s/end-of-the-server" % stem, "outcome": "failed", "seconds": 0, "detail": explain(why)})


def run_apart(path, pattern):
    """Runs one file in a process of its own and gives its results."""
    command = [sys.executable, os.path.abspath(__file__), "--one", path, "-k", pattern]
    results = []
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace")
    try:
        out, err = process.communicate(timeout=FILE_SECONDS * wire.STRETCH)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += "\nended after %g s" % (FILE_SECONDS * wire.STRETCH)
    for line in out.splitlines():
        if line.startswith("{"):
            results.append(json.loads(line))
    if process.returncode != 0:
        results.append({"name": os.path.basename(path), "outcome": "failed", "seconds": 0,
                        "detail": "the runner ended with %s\n%s" % (process.returncode, err[-3000:])})
    return results


def run_here(path, pattern):
    def report(result):
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()

    run_file(path, pattern, report)


def show(result, verbose):
    if result["outcome"] == "failed":
        print("FAILED %s\n  %s" % (result["name"], result["detail"].replace("\n", "\n  ")))
    elif result["outcome"] == "skipped":
        print("skipped %s: %s" % (result["name"], result["detail"]))
    elif verbose and result["outcome"] == "apart":
        print("not over %s %s: %s" % (wire.OVER, result["name"], result["detail"]))
    elif verbose:
        print("passed %s (%.2f s)" % (result["name"], result["seconds"]))
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description="wire tests against the real server")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--over", choices=("h1", "h2", "tls"), default=wire.OVER)
    parser.add_argument("--jobs", type=int, default=min(4, max(2, os.cpu_count() or 2)))
    parser.add_argument("-k", dest="pattern", default="", help="only tests whose file/name contains this")
    parser.add_argument("--json", help="also write the results there")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-v", dest="verbose", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    wire.OVER = os.environ["WIRE_OVER"] = options.over
    if options.one:
        run_here(options.one, options.pattern)
        return 0
    files = options.files or sorted(glob.glob(os.path.join(HERE, "test_*.py")))
    if options.list:
        for path in files:
            stem = os.path.splitext(os.path.basename(path))[0].replace("test_", "", 1)
            for name, test, _ in tests_of(load(path), stem, options.pattern):
                print(name, " ".join(getattr(test, "obliges", ())))
        return 0
    if not os.access(wire.SAMOVAR, os.X_OK):
        print("there is no program %s; build it or set SAMOVAR" % wire.SAMOVAR)
        return 1
    results = []
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for some in concurrent.futures.as_completed(pool.submit(run_apart, path, options.pattern) for path in files):
            for result in some.result():
                show(result, options.verbose)
                results.append(result)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(results, out)
    apart = sum(1 for result in results if result["outcome"] == "apart")
    if apart:
        print("%d are not played over %s" % (apart, options.over))
    count = {key: sum(1 for result in results if result["outcome"] == key) for key in ("passed", "failed", "skipped")}
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % count)
    return 0 if results and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
