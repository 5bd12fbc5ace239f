#!/usr/bin/env python3
"""fake_firewall.py - what samovar-firewall does, without a kernel: for tests that need neither privilege nor interfaces.

A test makes a `Kernel` in a folder of its own and gives its `program` to the server (`firewall-program`). Sets, the neighbour table and
counters are in a file there, so they outlive the server and this program as the kernel's do, and the test can look at them and
change them at any time:

    kernel = Kernel(server.tmp + "/kernel")      # before the server starts
    kernel.neighbour("127.0.0.1", "02:00:00:00:00:01")
    ...
    eq(list(kernel.opened()), ["127.0.0.1"])
    kernel.passes("127.0.0.1", 5000)             # so many octets go through it
    kernel.failing("open", "no room")            # see below

Requests and answers are the structs of src/helper/firewall.h.
"""

import contextlib
import fcntl
import json
import os
import re
import socket
import stat
import struct
import sys
import time

REQUEST = struct.Struct("=IIIB16s3x")
ANSWER = struct.Struct("=IIBB6sB16s7xQI128s4x")
HELLO, OPEN, CLOSE, LIST, NEIGHBOURS, FIND = range(1, 7)
NAMES = {HELLO: "hello", OPEN: "open", CLOSE: "close", LIST: "list", NEIGHBOURS: "neighbours", FIND: "find"}
HERE = os.path.dirname(os.path.abspath(__file__))


def error_numbers():
    """{name: number} of base/err.h."""
    with open(os.path.join(HERE, "../../src/base/err.h"), encoding="utf-8") as file:
        text = file.read()
    names = re.findall(r"^    (ERR_\w+)", text[text.index("enum err {"):], re.M)
    return {name: number for number, name in enumerate(names)}


# ---- the test's side --------------------------------------------------------------------------------


class Kernel:
    """What a kernel would know. Each look reads it anew; changes are made under a lock that the program takes, too.

    `failing(what, text)`: requests of this kind ("open", "find" ...) are refused with these words from now on; text None: no more.
    `dying(what)`: the program ends when it gets one, before it did anything.  `dying(what, after=True)`: when it did it and has not
    answered yet."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, "kernel.json")
        self.program = os.path.join(folder, "samovar-firewall")
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(self.path):
            self.write({"open": {}, "neighbours": {}, "failing": {}, "dying": {}, "asked": [], "pids": []})
        self.write_program()

    def write_program(self):
        with open(self.program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexec %s -S %s %s\n" % (sys.executable, os.path.abspath(__file__), self.folder))
        os.chmod(self.program, 0o755)

    def write(self, state):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.rename(self.path + ".new", self.path)

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    @contextlib.contextmanager
    def changing(self):
        with open(os.path.join(self.folder, "lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self.read()
            try:
                yield state
            finally:
                self.write(state)

    def opened(self):
        """{address: seconds left, None without end} of what is let through now."""
        now = time.time()
        return {at: element["until"] and element["until"] - now for at, element in sorted(self.read()["open"].items())
                if not element["until"] or element["until"] > now}

    def asked(self, what=None):
        """[(what, address, seconds)] of all requests so far, in order; the looks of every second or two only by their names."""
        return [tuple(entry) for entry in self.read()["asked"]
                if (entry[0] == what if what else entry[0] not in ("list", "neighbours"))]

    def neighbour(self, address, mac):
        """The neighbour table tells this from now on; mac None: nothing."""
        with self.changing() as state:
            state["neighbours"].pop(address, None)
            if mac:
                state["neighbours"][address] = mac

    def passes(self, address, octets):
        """Octets go through the gateway, if it is open for them; whether they did."""
        with self.changing() as state:
            element = living(state).get(address)
            if element:
                element["bytes"] += octets
            return element is not None

    def open(self, address, until=None):
        """Somebody else does."""
        with self.changing() as state:
            state["open"][address] = {"until": until, "bytes": 0}

    def reboot(self):
        """Nothing is open, nobody is known."""
        with self.changing() as state:
            state["open"], state["neighbours"] = {}, {}

    def failing(self, what, text):
        with self.changing() as state:
            state["failing"].pop(what, None)
            if text:
                state["failing"][what] = text

    def dying(self, what, after=False):
        with self.changing() as state:
            state["dying"] = {what: "after" if after else "before"} if what else {}

    def pids(self):
        """Of the programs that were started, the last one last."""
        return self.read()["pids"]


def living(state):
    """The elements whose time is not over; the others go, as the kernel's do."""
    now = time.time()
    for at in [at for at, element in state["open"].items() if element["until"] and element["until"] <= now]:
        del state["open"][at]
    return state["open"]


# ---- the program ------------------------------------------------------------------------------------


class Refusal(Exception):
    """With the name of an error, and words for the log."""


def address_of(family, octets):
    return socket.inet_ntop(family, octets[:4] if family == socket.AF_INET else octets) if family else ""


def octets_of(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)


class Program:
    """Answers one request after the other, until nobody asks any more."""

    def __init__(self, folder, sock):
        self.kernel, self.sock = Kernel(folder), sock
        self.errors = error_numbers()
        with self.kernel.changing() as state:
            state["pids"].append(os.getpid())

    def run(self):
        while True:
            message = self.sock.recv(4096)
            if len(message) != REQUEST.size:
                return
            what, number, seconds, family, octets = REQUEST.unpack(message)
            self.serve(what, number, seconds, address_of(family, octets))

    def serve(self, what, number, seconds, address):
        name = NAMES.get(what, str(what))
        answers, error, text = [], "ERR_NONE", ""
        try:
            with self.kernel.changing() as state:
                state["asked"].append([name, address, seconds])
                death = state["dying"].pop(name, None)
                if death != "before":
                    if name in state["failing"]:
                        raise Refusal("ERR_IO", state["failing"][name])
                    answers = getattr(self, "do_" + name)(state, address, seconds)
        except Refusal as why:
            error, text = why.args
        if death:
            os._exit(1)
        if what not in (LIST, NEIGHBOURS):
            self.answer(number, error, text, True, **(answers[0] if answers else {}))
            return
        for one in answers:
            self.answer(number, "ERR_NONE", "", False, **one)
        self.answer(number, error, text, True)

    def answer(self, number, error, text, is_last, address="", mac=None, octets=0, seconds_left=0):
        family, bits = octets_of(address) if address else (0, b"")
        hardware = bytes.fromhex(mac.replace(":", "")) if mac else b""
        self.sock.send(ANSWER.pack(number, self.errors[error], is_last, bool(mac), hardware, family, bits, octets, seconds_left,
                                   text.encode()[:127]))

    def do_hello(self, state, address, seconds):
        return []

    def do_open(self, state, address, seconds):
        former = living(state).get(address)
        state["open"][address] = {"until": time.time() + seconds if seconds else None, "bytes": 0}
        return [{"octets": former["bytes"] if former else 0}]

    def do_close(self, state, address, seconds):
        former = living(state).pop(address, None)
        return [{"octets": former["bytes"] if former else 0}]

    def do_list(self, state, address, seconds):
        now = time.time()
        return [{"address": at, "octets": element["bytes"],
                 "seconds_left": max(1, int(element["until"] - now)) if element["until"] else 0}
                for at, element in living(state).items()]

    def do_neighbours(self, state, address, seconds):
        return [{"address": at, "mac": mac} for at, mac in state["neighbours"].items()]

    def do_find(self, state, address, seconds):
        mac = state["neighbours"].get(address)
        if not mac:
            raise Refusal("ERR_MISSING", "")
        return [{"address": address, "mac": mac}]


def main():
    if not stat.S_ISSOCK(os.fstat(0).st_mode):
        sys.exit("fake_firewall.py: descriptor 0 is to be the server's socket")
    with socket.socket(fileno=0) as sock:
        Program(sys.argv[1], sock).run()


if __name__ == "__main__":
    main()
