"""A gateway with one more network behind it: whoever is not in gets there as little as into the internet."""

import origin
from lab import QUIET, Net, gateway
from wire import cases, fail

ONLY_OVER = (("h1",), "devices of the lab have a client of their own")
OTHER = {4: "203.0.113.80", 6: "2001:db8:3::80"}
OTHER_GATEWAY = {4: "203.0.113.1", 6: "2001:db8:3::1"}


def add_network(server):
    """Behind dmz0, of which the rules know nothing."""
    other = server.stack.enter_context(Net())
    server.net.script("ip link add dmz0 type veth peer name eth0 netns %d" % other.pid, "ip link set dmz0 up",
                      "ip addr add %s/24 dev dmz0" % OTHER_GATEWAY[4], "ip -6 addr add %s/64 dev dmz0 nodad" % OTHER_GATEWAY[6])
    other.script(*QUIET, "ip link set eth0 up", "ip addr add %s/24 dev eth0" % OTHER[4],
                 "ip -6 addr add %s/64 dev eth0 nodad" % OTHER[6], "ip route add default via %s" % OTHER_GATEWAY[4],
                 "ip -6 route add default via %s" % OTHER_GATEWAY[6])
    server.stack.enter_context(origin.Origin(other, OTHER))


@gateway()
@cases(("v4", 4), ("v6", 6))
def test_before_login_there_is_no_way_to_it(server, way):
    add_network(server)
    one = server.device()
    try:
        one.dial(OTHER[way], 7).close()
    except ConnectionRefusedError:
        pass
    else:
        fail("it got through")
    server.net.script("nft insert rule inet samovar gate iifname lan0 oifname dmz0 accept",
                      "nft insert rule inet samovar gate iifname dmz0 oifname lan0 accept")
    one.dial(OTHER[way], 7).close()
