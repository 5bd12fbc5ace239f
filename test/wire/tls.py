"""tls.py - certificates made for the test at hand, and Python's TLS as a client of them.

An Authority signs leafs; all files lie in a folder of its own and go with the process. Made by the openssl
command: a test that needs it is skipped where it is missing.
"""

import atexit
import os
import shutil
import ssl
import subprocess
import tempfile
import time

import wire

EVERYWHERE = ("localhost", "127.0.0.1", "::1")


def openssl(*words, cwd=None, feed=None):
    if not shutil.which("openssl"):
        wire.skip("openssl is not installed")
    done = subprocess.run(["openssl", *words], cwd=cwd, input=feed, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise wire.Failure("openssl %s: %s" % (" ".join(words), done.stderr.decode("utf-8", "replace")[-500:]))
    return done.stdout


def alternative(name):
    kind = "email" if "@" in name else "IP" if name.replace(".", "").isdigit() or ":" in name else "DNS"
    return "%s:%s" % (kind, name)


class Leaf:
    """A certificate with its chain, and its key. PEM files."""

    def __init__(self, chain, key):
        self.chain, self.key = chain, key

    @property
    def options(self):
        """For the server's command line."""
        return ["--certificate", self.chain, "--key", self.key]

    def text(self, *what):
        """What the certificate says: text("-serial")."""
        return openssl("x509", "-in", self.chain, "-noout", *what).decode()


class Authority:
    """Who signs. leaf() makes a certificate for these names; ca is the file that a client trusts."""

    def __init__(self, name="Samovar test authority"):
        self.folder = tempfile.mkdtemp(prefix="samovar-tls-")
        os.chmod(self.folder, 0o755)
        self.owner = os.getpid()
        atexit.register(self.remove)
        self.ca, self.key, self.count = self.folder + "/ca.pem", self.folder + "/ca.key", 0
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                "/CN=" + name, "-keyout", self.key, "-out", self.ca, "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature")

    def remove(self):
        if os.getpid() == self.owner:
            shutil.rmtree(self.folder, ignore_errors=True)

    def leaf(self, *names, kind="ec", subject=None, usage="serverAuth", days=60, extra=()):
        """kind: ec, rsa, rsa:4096. days < 0: expired so long ago. extra: more lines of extensions."""
        self.count += 1
        stem = "%s/leaf-%d" % (self.folder, self.count)
        size = kind if ":" in kind else "rsa:2048"
        asked = ["-newkey", size] if kind.startswith("rsa") else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("req", "-new", *asked, "-nodes", "-subj", subject or "/CN=" + (names or ("localhost",))[0], "-keyout",
                stem + ".key", "-out", stem + ".csr")
        lines = ["basicConstraints=CA:FALSE", "extendedKeyUsage=" + usage, *extra]
        if names:
            lines.append("subjectAltName=" + ",".join(map(alternative, names)))
        with open(stem + ".ext", "w", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")
        if days > 0:
            openssl("x509", "-req", "-in", stem + ".csr", "-CA", self.ca, "-CAkey", self.key, "-set_serial",
                    str(1000 + self.count), "-days", str(days), "-extfile", stem + ".ext", "-out", stem + ".pem")
        else:
            self.sign_expired(stem, days)
        os.chmod(stem + ".key", 0o644)  # some tests serve as another user
        with open(stem + ".pem", "a", encoding="ascii") as out, open(self.ca, encoding="ascii") as ca:
            out.write(ca.read())
        return Leaf(stem + ".pem", stem + ".key")

    def sign_expired(self, stem, days):
        """Only `openssl ca` gives certificates an end that is past; it wants a configuration and a register."""
        with open(stem + ".cnf", "w", encoding="ascii") as out:
            out.write("[ca]\ndefault_ca=it\n[it]\ndatabase=%s.db\nserial=%s.srl\nnew_certs_dir=%s\ndefault_md=sha256\n"
                      "policy=any\n[any]\ncommonName=optional\n" % (stem, stem, self.folder))
        open(stem + ".db", "w", encoding="ascii").close()
        with open(stem + ".srl", "w", encoding="ascii") as out:
            out.write("%04X\n" % (1000 + self.count))
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))
        openssl("ca", "-batch", "-notext", "-config", stem + ".cnf", "-cert", self.ca, "-keyfile", self.key, "-in",
                stem + ".csr", "-startdate", "20200101000000Z", "-enddate", end, "-extfile", stem + ".ext", "-out", stem + ".pem")

    def ocsp(self, leaf, status="good"):
        """A response about the leaf, signed by us; DER, as --ocsp takes it."""
        serial = int(leaf.text("-serial").strip().split("=")[1], 16)
        flag = "V\t%s\t\t" % "350101000000Z" if status == "good" else "R\t350101000000Z\t250101000000Z\t"
        stem = leaf.chain[:-4]
        with open(stem + ".index", "w", encoding="ascii") as out:
            hex_serial = "%X" % serial
            out.write("%s%s\tunknown\t/CN=x\n" % (flag, hex_serial if len(hex_serial) % 2 == 0 else "0" + hex_serial))
        openssl("ocsp", "-issuer", self.ca, "-cert", leaf.chain, "-reqout", stem + ".req", "-no_nonce")
        openssl("ocsp", "-index", stem + ".index", "-CA", self.ca, "-rsigner", self.ca, "-rkey", self.key, "-reqin",
                stem + ".req", "-respout", stem + ".der", "-ndays", "7")
        return stem + ".der"


_made = {}


def authority():
    """The one that most tests share."""
    if "ca" not in _made:
        _made["ca"] = Authority()
    return _made["ca"]


def usual():
    """The certificate that servers have under `run.py --over tls`: for this machine."""
    if "usual" not in _made:
        _made["usual"] = authority().leaf(*EVERYWHERE)
    return _made["usual"]


def context(ca=None, alpn=(), certificate=None, minimum=None, maximum=None, verify=True):
    """A client's settings. ca: the file to trust (default: the shared authority's); certificate: a Leaf to show."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.sslsocket_class = Socket
    if verify:
        made.load_verify_locations(ca or authority().ca)
    made.check_hostname = verify
    if not verify:
        made.verify_mode = ssl.CERT_NONE
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if certificate:
        made.load_cert_chain(certificate.chain, certificate.key)
    if minimum:
        made.minimum_version = minimum
    if maximum:
        made.maximum_version = maximum
    return made


class Socket(ssl.SSLSocket):
    """An end that comes amid sending is called by the same name as without TLS."""

    def sendall(self, data, flags=0):
        try:
            return super().sendall(data, flags)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as why:
            raise BrokenPipeError(str(why))


def wrap(sock, made=None, name="127.0.0.1", session=None):
    """TLS on a connected socket. The end without close_notify is an error (ssl.SSLEOFError)."""
    return (made or context()).wrap_socket(sock, server_hostname=name, suppress_ragged_eofs=False, session=session)


class Serving:
    """A server of the test's own with certificates, in a `with`; ended in order. Its lines: told(), to wait for one."""

    def __init__(self, *options, config=None, files=None):
        self.server = wire.Server(options=options, config=config, files=files)

    def __enter__(self):
        try:
            self.server.start()
        except BaseException:
            self.server.remove()
            raise
        return self.server

    def __exit__(self, kind, value, trace):
        try:
            self.server.stop(check=kind is None)
        finally:
            self.server.remove()


def told(server):
    """All that the server said so far."""
    return server.stdout() + "\n" + server.stderr()


class Cut:
    """TLS over a socket in pieces of so many octets; a client that can also stop or lie amid its handshake."""

    def __init__(self, sock, made=None, name="127.0.0.1", size=1):
        self.sock, self.size, self.incoming, self.outgoing = sock, size, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (made or context()).wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def flush(self):
        data = self.outgoing.read()
        for at in range(0, len(data), self.size):
            self.sock.sendall(data[at:at + self.size])
        return len(data)

    def do(self, act):
        while True:
            try:
                result = act()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(65536)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()
