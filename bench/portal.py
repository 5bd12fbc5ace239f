#!/usr/bin/env python3
"""What the captive portal costs: processor time of a login, memory of a session. Prints a table for RESULTS-portal.md.

    unshare -n bench/portal.py build/samovar
    unshare -n bench/portal.py build/samovar --firewall build/samovar-firewall    that program alone

In a network namespace of its own, as root: the rules of samovar portal --print-nft are loaded there, and samovar-firewall
works on them. Guests are 127.x addresses, since a loopback has as many as one likes; nothing is forwarded. Each guest makes one
connection and sends one form, as a phone does. The processor time is that of the server and of samovar-firewall together.
"""

import http.client
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SESSIONS = 10000
TICKS = os.sysconf("SC_CLK_TCK")
CONFIG = """listen = { "127.0.0.1:0" }
site "s" { root = "%(root)s" }
portal {
    name = "portal.example"
    login = { terms, voucher }
    intercept = { "127.0.0.1:0" }
    session-time = 8h
    session-bytes = 1G
}
"""


def load_rules(samovar):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    rules = subprocess.run([samovar, "portal", "--print-nft", "lan0", "wan0"], check=True, capture_output=True).stdout
    subprocess.run(["nft", "-f", "-"], input=rules, check=True)


class Server:
    def __init__(self, samovar, folder):
        root = os.path.join(folder, "root")
        os.mkdir(root)
        config = os.path.join(folder, "conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG % {"root": root})
        self.root = root
        self.process = subprocess.Popen([samovar, "--config", config], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            match = re.match(r"listening on http://127\.0\.0\.1:(\d+)/", line)
            if match:
                self.port = int(match.group(1))
            if "intercepted requests on" in line:
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # each login is told there
        children = "/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)
        with open(children, encoding="ascii") as file:
            self.helper = int(file.read().split()[0])

    def cpu(self):
        """Seconds, of both processes."""
        total = 0
        for pid in (self.process.pid, self.helper):
            with open("/proc/%d/stat" % pid, encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory(self):
        """Octets that the server has to itself (heap and stacks), and those of its metadata."""
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as file:
            own = int(re.search(r"RssAnon:\s+(\d+)", file.read()).group(1)) * 1024
        meta = os.stat(os.path.join(self.root, ".samovar/meta/data.mdb"))
        return own, meta.st_blocks * 512

    def login(self, guest, form):
        address = "127.%d.%d.%d" % (1 + guest // 62500, guest // 250 % 250, 1 + guest % 250)
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(address, 0))
        conn.request("POST", "/login", form, {"Host": "portal.example", "Content-Type": "application/x-www-form-urlencoded"})
        status = conn.getresponse().status
        conn.close()
        if status != 303:
            sys.exit("a login was answered %d" % status)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def open_elements():
    listed = subprocess.run(["nft", "list", "set", "inet", "samovar", "guests4"], check=True, capture_output=True, text=True)
    return listed.stdout.count("expires")


def measure(server, first, count, form):
    """Milliseconds of processor time for one login, and how long one took."""
    before, began = server.cpu(), time.monotonic()
    for guest in range(first, first + count):
        server.login(guest, form(guest - first))
    return 1000 * (server.cpu() - before) / count, 1000 * (time.monotonic() - began) / count


class Firewall:
    """The program, asked as the server asks it (src/helper/firewall.h)."""

    REQUEST, ANSWER = struct.Struct("=IIIB16s3x"), struct.Struct("=IIBB6sB16s7xQI128s4x")
    OPEN, CLOSE, LIST = 2, 3, 4

    def __init__(self, program):
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen([program, "--serve"], stdin=theirs)
        theirs.close()
        self.number = 0

    def ask(self, what, guest=None):
        address = struct.pack("!BBBB12x", 10, guest // 62500, guest // 250 % 250, 1 + guest % 250) if guest is not None else bytes(16)
        self.number += 1
        self.end.send(self.REQUEST.pack(what, self.number, 3600, socket.AF_INET if guest is not None else 0, address))
        while not self.ANSWER.unpack(self.end.recv(4096))[2]:
            pass

    def timed(self, what, guests):
        began = time.monotonic()
        for guest in guests:
            self.ask(what, guest)
        return 1000 * (time.monotonic() - began) / len(guests)


def measure_firewall(program):
    firewall = Firewall(program)
    first = firewall.timed(Firewall.OPEN, range(1000))
    firewall.timed(Firewall.OPEN, range(1000, SESSIONS))
    print("| firewall, ms | |\n|---|--:|")
    print("| let one through, of the first 1 000 | %.3f |" % first)
    print("| let one through, with 10 000 in | %.3f |" % firewall.timed(Firewall.OPEN, range(SESSIONS, SESSIONS + 100)))
    print("| let one through again | %.3f |" % firewall.timed(Firewall.OPEN, range(100)))
    print("| end one | %.3f |" % firewall.timed(Firewall.CLOSE, range(100)))
    print("| end one who is gone already | %.3f |" % firewall.timed(Firewall.CLOSE, range(100)))
    print("| list all | %.1f |" % firewall.timed(Firewall.LIST, [None] * 10))
    firewall.end.close()
    firewall.process.wait()


def main():
    if "--firewall" in sys.argv:
        load_rules(os.path.abspath(sys.argv[1]))
        measure_firewall(sys.argv[sys.argv.index("--firewall") + 1])
        return
    samovar = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/samovar")
    folder = tempfile.mkdtemp(prefix="samovar-portal-")
    load_rules(samovar)
    server = Server(samovar, folder)
    codes = subprocess.run([samovar, "portal", server.root, "--make", "1000", "--time", "8h"], check=True, capture_output=True,
                           text=True).stdout.split()
    server.login(100000, "terms=yes")  # the first one makes what all use
    before = server.memory()
    rows = [("the first 1 000, by terms", measure(server, 0, 1000, lambda _: "terms=yes"))]
    measure(server, 1000, SESSIONS - 2000, lambda _: "terms=yes")
    rows.append(("the last 1 000 of 10 000, by voucher", measure(server, SESSIONS - 1000, 1000, lambda i: "voucher=" + codes[i])))
    after = server.memory()
    idle = server.cpu()
    time.sleep(10)
    idle = server.cpu() - idle
    print("| login | CPU, ms | elapsed, ms |\n|---|--:|--:|")
    for name, (cpu, elapsed) in rows:
        print("| %s | %.2f | %.2f |" % (name, cpu, elapsed))
    print("\n| %d sessions | octets each |\n|---|--:|" % SESSIONS)
    print("| memory of the server | %d |" % ((after[0] - before[0]) / SESSIONS))
    print("| metadata on disk | %d |" % ((after[1] - before[1]) / SESSIONS))
    print("| together | %d |" % ((after[0] - before[0] + after[1] - before[1]) / SESSIONS))
    print("\nNobody logging in, 10 000 in: %.1f %% of a core for both processes. Open in the firewall: %d." % (10 * idle, open_elements()))
    server.stop()
    shutil.rmtree(folder)


main()
