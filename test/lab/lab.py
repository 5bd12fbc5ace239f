"""lab.py - a gateway with a captive portal, devices and an internet, in network namespaces.

    @gateway("session-time = 3s")              # lines of the block portal
    def test_something(server):                # server: the gateway, with samovar running
        one = server.device()
        eq(one.get("/").status, 511)

A namespace has no name: it lives as long as its keeper, a process that ends when its input does, so with the test.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess

import origin
import program
import tls
import wire
from wire import Failure, fail, own_server, skip, wait_for

TOP = wire.TOP
NAME = "portal.example.net"
ORIGIN = "www.example.com"
INSIDE = {4: "192.0.2.1", 6: "2001:db8:1::1"}
OUTSIDE = {4: "198.51.100.1", 6: "2001:db8:2::1"}
ORIGINS = {4: "198.51.100.80", 6: "2001:db8:2::80"}
NOBODY = 65534
CONFIG = """listen = { "0.0.0.0:443", "[::]:443" }
certificate = { "%s" }
key = { "%s" }
%s
site "s" {
  host = { "%s" }
  root = "{root}"
  users = "{tmp}/users"
}
portal {
  name = "%s"
  login = { terms, voucher, user }
  terms = "{tmp}/terms.txt"
  intercept = { "0.0.0.0:8511", "[::]:8511" }
  firewall-program = "%s"
  %s
}
"""
SERVICE_RIGHTS = "+net_admin,+net_bind_service"
# What packaging/systemd/samovar.service.d/portal.conf has systemd do.
AS_SERVICE = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--bounding-set", "-all," + SERVICE_RIGHTS,
              "--inh-caps", SERVICE_RIGHTS, "--ambient-caps", SERVICE_RIGHTS, "--no-new-privs"]
USER, PASSWORD = "guest", "correct horse"


def firewall_program():
    return os.path.join(os.path.dirname(os.path.abspath(wire.SAMOVAR)), "samovar-firewall")


def check_needs():
    if os.geteuid() != 0:
        skip("only root may make network namespaces")
    for tool in ("unshare", "nsenter", "setpriv", "ip", "nft", "dnsmasq", "conntrack"):
        if not shutil.which(tool):
            skip("%s is not installed" % tool)
    if not os.path.exists(firewall_program()):
        skip("%s was not built: it wants libmnl and libnetfilter_conntrack" % firewall_program())


class Net(program.Namespace):
    """A network. run() runs a command in it to its end; do() (program.py) makes sockets there."""

    def run(self, *command, feed=None, check=True):
        done = subprocess.run(self.command(*command), input=feed, capture_output=True, text=True, timeout=30 * wire.STRETCH,
                              check=False)
        if check and done.returncode != 0:
            raise Failure("%s: %s%s" % (" ".join(command), done.stdout, done.stderr))
        return done

    def script(self, *lines):
        """Shell commands in one process, which ends with the first that fails."""
        self.run("sh", "-ec", "\n".join(lines))

    def spawn(self, *command, output=subprocess.DEVNULL):
        """A process that ends with the test at the latest."""
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.command(*command)], stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.keeper.pid


QUIET = ("for at in all default; do", "  echo 0 > /proc/sys/net/ipv6/conf/$at/accept_dad",
         "  echo 0 > /proc/sys/net/ipv6/conf/$at/accept_ra", "done")


class Device:
    """A client. number: from 2 to 99. Its addresses are set by hand unless is_bare: it has to ask for them then."""

    def __init__(self, lab, number, is_bare=False):
        self.lab, self.number = lab, number
        self.net = lab.stack.enter_context(Net())
        self.mac = "02:00:00:00:01:%02x" % number
        self.address = {4: "192.0.2.%d" % number, 6: "2001:db8:1::%x" % number}
        lab.net.script("ip link add lan%d type veth peer name eth0 address %s netns %d" % (number, self.mac, self.net.pid),
                       "ip link set lan%d master lan0 up" % number)
        self.net.script(*QUIET, "ip link set eth0 up")
        if not is_bare:
            self.take(self.address[4])
            self.take(self.address[6])

    def take(self, address):
        """An address, with the way out."""
        if ":" in address:
            self.net.script("ip -6 addr add %s/64 dev eth0 nodad" % address,
                            "ip -6 route replace default via %s" % INSIDE[6])
        else:
            self.net.script("ip addr add %s/24 dev eth0" % address, "ip route replace default via %s" % INSIDE[4])

    def leave(self, address):
        self.net.script("ip addr del %s/%d dev eth0" % (address, 64 if ":" in address else 24))

    def greet(self, address=None):
        """Speaks to the gateway from its addresses, as each device does by asking for a name."""
        for source in [address] if address else self.address.values():
            self.dial(INSIDE[6 if ":" in source else 4], 443, source).close()

    def dial(self, address, port, source=None):
        def act():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.socket(family)
            sock.settimeout(wire.READ_SECONDS)
            try:
                if source:
                    sock.bind((source, 0))
                sock.connect((address, port))
            except OSError:
                sock.close()
                raise
            return sock
        return self.net.do(act)

    def ask(self, method, target, host=ORIGIN, way=4, fields=None, body=None, source=None, seconds=wire.READ_SECONDS):
        """A request for this host; its address is the origin's, or the gateway's for the portal's name, then over TLS."""
        is_portal = host == NAME
        sock = self.dial((INSIDE if is_portal else ORIGINS)[way], 443 if is_portal else 80, source)
        sock.settimeout(seconds)
        try:
            if is_portal:
                sock = tls.context().wrap_socket(sock, server_hostname=host)
            sock.sendall(wire.message_of(method, target, {"Connection": "close", **(fields or {})}, body, host=host))
            return origin.answer_of(sock, method)
        finally:
            sock.close()

    def get(self, target="/", host=ORIGIN, way=4, **more):
        return self.ask("GET", target, host, way, **more)

    def api(self, way=4):
        import json
        got = self.get("/captive-api", NAME, way, fields={"Accept": "application/captive+json"})
        wire.eq(got.status, 200, "the API")
        return json.loads(got.body)

    def is_echoed(self, way=4, seconds=1.0):
        """Whether the origin answers a ping."""
        def open_socket():
            if way == 6:
                return socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)

        with self.net.do(open_socket) as sock:
            sock.connect((ORIGINS[way], 0))
            sock.settimeout(seconds * wire.STRETCH)
            sock.send(b"\x80\0\0\0\0\1\0\1" if way == 6 else b"\x08\0\xf7\xfd\0\1\0\1")
            try:
                got = sock.recv(2000)
            except OSError:
                return False
        return got[0] == 129 if way == 6 else got[(got[0] & 15) * 4] == 0

    def is_answered(self, way=4, seconds=1.0):
        """Whether the origin sends a datagram back."""
        family = socket.AF_INET6 if way == 6 else socket.AF_INET
        with self.net.do(lambda: socket.socket(family, socket.SOCK_DGRAM)) as sock:
            sock.settimeout(seconds * wire.STRETCH)
            try:
                sock.connect((ORIGINS[way], 7))
                sock.send(b"hello")
                return sock.recv(100) == b"hello"
            except OSError:
                return False

    def is_through(self, way=4, source=None):
        """Whether the origin itself answers, and not the gateway; it says which address it saw."""
        try:
            got = self.get("/seen", way=way, source=source)
        except (OSError, wire.Failure):
            return False
        return got.status == 200 and got.body.startswith(b"origin ")

    def is_captive(self, way=4):
        """Whether the gateway answers instead of the origin. A connection that is cut on the way is no answer yet, nor is
        one whose answer does not come through any more: nobody tells a device that only waits."""
        try:
            return self.get(way=way, seconds=wire.STRETCH).status == 511
        except (OSError, wire.Failure):
            return False

    def post(self, target, way=4, **form):
        import urllib.parse
        return self.ask("POST", target, NAME, way, {"Content-Type": "application/x-www-form-urlencoded"},
                        urllib.parse.urlencode(form))

    def login(self, way=4, **form):
        """By terms, unless the form says otherwise; fails unless the device is told that it is in."""
        got = self.post("/login", way, **(form or {"terms": "yes"}))
        if got.status >= 500 or not self.api(way)["captive"] is False:
            fail("a login from %s: %d %s" % (self.address[way], got.status, got.text[:2000]))
        return got

    def logout(self, way=4):
        return self.post("/logout", way)


class Gateway(wire.Server):
    """The server of a test, in its lab."""

    def prepare(self):
        check_needs()
        self.stack = contextlib.ExitStack()
        self.devices = 0
        self.net = self.stack.enter_context(Net())
        self.internet = self.stack.enter_context(Net())
        self.connect()
        self.origin = self.stack.enter_context(origin.Origin(self.internet, ORIGINS))
        self.load_rules()
        os.chown(self.root, NOBODY, NOBODY)
        self.make_users()

    def connect(self):
        self.net.script(
            *QUIET, "ip link add lan0 type bridge forward_delay 0", "ip link set lan0 up",
            "ip link add wan0 type veth peer name eth0 netns %d" % self.internet.pid, "ip link set wan0 up",
            "ip addr add %s/24 dev lan0" % INSIDE[4], "ip -6 addr add %s/64 dev lan0 nodad" % INSIDE[6],
            "ip addr add %s/24 dev wan0" % OUTSIDE[4], "ip -6 addr add %s/64 dev wan0 nodad" % OUTSIDE[6],
            "echo 1 > /proc/sys/net/ipv4/ip_forward", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
        self.internet.script(
            *QUIET, "ip link set eth0 up", "ip addr add %s/24 dev eth0" % ORIGINS[4],
            "ip -6 addr add %s/64 dev eth0 nodad" % ORIGINS[6], "ip -6 route add default via %s" % OUTSIDE[6])

    def rules(self):
        status, out, err = program.ended("portal", "--print-nft", "lan0", "wan0")
        wire.eq((status, err), (0, ""), "samovar portal --print-nft")
        return out

    def load_rules(self):
        self.net.run("nft", "-f", "-", feed=self.rules())

    def make_users(self):
        with open(self.tmp + "/terms.txt", "w", encoding="utf-8") as out:
            out.write("Be kind.\n")
        done = subprocess.run([wire.SAMOVAR, "passwd", self.tmp + "/users", USER], input=PASSWORD + "\n", text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            fail("samovar passwd: %s" % done.stderr)
        os.chmod(self.tmp + "/users", 0o644)

    def command(self):
        return self.net.command(*(AS_SERVICE if self.is_service else []), *super().command())

    def remove(self):
        try:
            super().remove()
        finally:
            if hasattr(self, "stack"):
                self.stack.close()

    def device(self, **more):
        self.devices += 1
        return Device(self, 1 + self.devices, **more)

    def guests(self, way=4):
        """The addresses in the set, as nft tells them."""
        return re.findall(r"[0-9a-f.:]+(?= (?:timeout|counter|expires))",
                          self.net.run("nft", "list", "set", "inet", "samovar", "guests%d" % way).stdout)

    def flows(self, device, port):
        """The connections to this port of the origin that the kernel keeps track of, as conntrack tells them."""
        return self.net.run("conntrack", "-L", "-s", device.address[4], "-d", ORIGINS[4], "-p", "tcp", "--dport", str(port)).stdout

    def portal(self, *order):
        return self.net.run(wire.SAMOVAR, "portal", self.root, *order).stdout.splitlines()

    def helper(self):
        """The process of samovar-firewall."""
        for child in open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid), encoding="ascii").read().split():
            with open("/proc/%s/comm" % child, encoding="ascii") as file:
                if file.read().startswith("samovar-firewal"):
                    return int(child)
        return fail("the server has no samovar-firewall")


def gateway(more="", is_service=False):
    """The test's server is a gateway whose block portal has these lines. is_service: it never was root."""

    def prepare(server):
        server.__class__ = Gateway
        server.is_service = is_service
        leaf = tls.authority().leaf(NAME)
        if is_service:
            subprocess.run(["chown", "-R", str(NOBODY), os.path.dirname(leaf.key)], check=True)
        server.config = CONFIG % (leaf.chain, leaf.key, "" if is_service else 'run-as = "nobody"', NAME, NAME,
                                  firewall_program(), more)
        server.prepare()

    return own_server(config=CONFIG, before=prepare)


def await_captive(device, way=4, seconds=8):
    wait_for(lambda: device.is_captive(way), "%s is captive again" % device.address[way], seconds)
