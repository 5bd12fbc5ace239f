"""devtools.py - a page in Chromium, in real time: what it shows, and what happens when something on it is clicked."""

import json
import os
import select
import subprocess
import tempfile
import time

import wire
from client import needs
from wire import STRETCH, fail

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe")


class Page:
    """Use it in a `with`. Speaks the protocol of the browser's tools over two pipes: messages of JSON that end in NUL."""

    def __init__(self, url):
        self.url = url
        self.number = 0
        self.received = b""

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory()
        there, self.to = os.pipe()
        self.come, back = os.pipe()
        words = ["sh", "-c", 'exec "$@" 3<&%d 4>&%d' % (there, back), "sh", needs("chromium"), *FLAGS, "--user-data-dir=" + self.home.name]
        self.process = subprocess.Popen(words, pass_fds=(there, back), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.close(there)
        os.close(back)
        target = self.ask("Target.createTarget", {"url": self.url})["targetId"]
        self.session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return self

    def __exit__(self, *_):
        os.close(self.to)
        os.close(self.come)
        self.process.terminate()
        self.process.communicate(timeout=30 * STRETCH)
        self.home.cleanup()

    def message(self, until):
        while b"\0" not in self.received:
            if not select.select([self.come], [], [], max(0, until - time.monotonic()))[0]:
                fail("the browser does not answer")
            got = os.read(self.come, 65536)
            if not got:
                wire.skip("chromium does not run here: %r" % self.process.stderr.read()[-300:])
            self.received += got
        one, _, self.received = self.received.partition(b"\0")
        return json.loads(one)

    def ask(self, method, params, session=None):
        until = time.monotonic() + 60 * STRETCH
        self.number += 1
        message = {"id": self.number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        answer = self.message(until)
        while answer.get("id") != self.number:
            answer = self.message(until)
        if "error" in answer:
            fail("%s: %s" % (method, answer["error"]))
        return answer["result"]

    def value(self, expression):
        """What a script's expression comes to; promises are waited for."""
        params = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        got = self.ask("Runtime.evaluate", params, self.session)
        if "exceptionDetails" in got:
            fail("%s: %s" % (expression, got["exceptionDetails"]))
        return got["result"].get("value")
