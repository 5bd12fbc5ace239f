"""tls.md §1 and §2 in single octets: how handshakes are cut, what is proved with, and with which alert it ends."""

import ssl

import tls
import wire
from wire import cases, eq, obliges, ok

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
FILES = {"ten.txt": TEN}
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def got(sock, host="localhost", target="/ten.txt"):
    """One GET on a connected socket."""
    with wire.Connection(sock, [], host) as conn:
        return conn.ask("GET", target)


# ---- the chain --------------------------------------------------------------------------------------


class Between(tls.Authority):
    """An authority that another one signed."""

    def __init__(self, root):
        super().__init__("Between")
        tls.openssl("req", "-new", "-key", self.key, "-subj", "/CN=Between", "-out", self.folder + "/ca.csr")
        with open(self.folder + "/ca.ext", "w", encoding="ascii") as out:
            out.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\n")
        tls.openssl("x509", "-req", "-in", self.folder + "/ca.csr", "-CA", root.ca, "-CAkey", root.key, "-set_serial", "77",
                    "-days", "30", "-extfile", self.folder + "/ca.ext", "-out", self.ca)


@obliges("TLS-09")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_who_trusts_the_root_alone_gets_the_chain(server, version):
    """Leaf, then who signed it: without the second the client could not verify the first."""
    leaf = Between(tls.authority()).leaf(*tls.EVERYWHERE)  # its file ends with the authority between
    with tls.Serving(*leaf.options, files=FILES) as one:
        sock = one.dial(context=tls.context(minimum=version, maximum=version))
        eq(sock.getpeercert()["issuer"], ((("commonName", "Between"),),))
        eq(got(sock).body, TEN)
