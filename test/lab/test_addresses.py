"""What dnsmasq tells devices of the portal, with packaging/dnsmasq/samovar-portal.conf as it is."""

import json
import os
import urllib.parse

import dhcp
from lab import INSIDE, NAME, TOP, gateway
from wire import eq, obliges, ok

ONLY_OVER = (("h1",), "devices of the lab have a client of their own")
API = "https://%s/captive-api" % NAME


def begin_dnsmasq(server):
    """That very file. Its names are those of the lab."""
    process = server.net.spawn("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=",
                               "--dhcp-leasefile=%s/leases" % server.tmp,
                               "--conf-file=" + os.path.join(TOP, "packaging/dnsmasq/samovar-portal.conf"),
                               output=open(server.tmp + "/dnsmasq", "wb"))
    server.stack.callback(process.wait)
    server.stack.callback(process.kill)


def check_uri(octets):
    """RFC 8910 §2: the API's, with a name, no longer than 255 octets."""
    eq(octets.decode("ascii"), API)
    ok(len(octets) <= 255, "it is short enough")
    ok(not urllib.parse.urlsplit(API).hostname.replace(".", "").isdigit(), "it is a name")


@gateway()
@obliges("POL-69")
def test_dhcp_tells_the_api_and_dns_its_name(server):
    begin_dnsmasq(server)
    one = server.device(is_bare=True)
    options, address = dhcp.discover(one)
    check_uri(options[dhcp.CAPTIVE_PORTAL])
    one.take(address)
    eq(dhcp.resolve(one, INSIDE[4], NAME), [INSIDE[4]])
    eq(dhcp.resolve(one, INSIDE[4], NAME, is_v6=True), [INSIDE[6]])
    got = one.get("/captive-api", NAME, fields={"Accept": "application/captive+json"})
    eq((got.status, got.fields["Content-Type"]), (200, "application/captive+json"))
    state = json.loads(got.body)
    ok(state["captive"] is True, "it is captive: %r" % state)
    ok(state["user-portal-url"].startswith("https://%s/" % NAME), "where to log in: %r" % state)


@gateway()
@obliges("POL-69")
def test_dhcpv6_tells_the_api(server):
    begin_dnsmasq(server)
    check_uri(dhcp.information(server.device())[dhcp.CAPTIVE_PORTAL_V6])
