"""tokens.py - keys for bearer tokens (JWKS, RFC 7517), and tokens signed by them (RFC 7519). All by the program openssl."""

import atexit
import base64
import json
import os
import shutil
import tempfile
import time

import tls
from wire import needs

_folder = []


def folder():
    if not _folder:
        _folder.append(tempfile.mkdtemp(prefix="samovar-tokens-"))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    return _folder[0]


def base64url(octets):
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def raw_signature(der):
    """r and s of an ECDSA signature side by side (RFC 7518 §3.4)."""
    out, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        out += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return out


class Key:
    """kind: "rs256", "es256" or "eddsa"."""

    OPTIONS = {"rs256": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "eddsa": ("ED25519",),
               "es256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")}
    NAMES = {"rs256": "RS256", "es256": "ES256", "eddsa": "EdDSA"}
    count = 0

    def __init__(self, kind, kid=None):
        Key.count += 1
        self.kind, self.kid, self.path = kind, kid, "%s/%d-%d.pem" % (folder(), os.getpid(), Key.count)
        tls.openssl("genpkey", "-algorithm", *self.OPTIONS[kind], "-out", self.path)

    def public(self, form):
        return tls.openssl("pkey", "-in", self.path, "-pubout", "-outform", form)

    def jwk(self):
        der, more = self.public("DER"), {"kid": self.kid, "use": "sig"} if self.kid else {"use": "sig"}
        if self.kind == "eddsa":
            return dict(more, kty="OKP", crv="Ed25519", x=base64url(der[-32:]))
        if self.kind == "es256":
            return dict(more, kty="EC", crv="P-256", x=base64url(der[-64:-32]), y=base64url(der[-32:]))
        modulus = tls.openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().split("=")[1]
        return dict(more, kty="RSA", n=base64url(bytes.fromhex(modulus)), e="AQAB")

    def sign(self, text):
        if self.kind == "eddsa":
            path = self.path + ".text"  # this openssl takes no standard input for it
            with open(path, "wb") as out:
                out.write(text)
            return tls.openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", path)
        got = tls.openssl("dgst", "-sha256", "-sign", self.path, feed=text)
        return raw_signature(got) if self.kind == "es256" else got

    def token(self, header=(), **claims):
        """Says exp in five minutes and sub, if these are not given; a claim or member that is None is left out."""
        head = dict({"alg": self.NAMES[self.kind], "kid": self.kid}, **dict(header))
        body = dict({"exp": int(time.time()) + 300, "sub": "alice"}, **claims)
        text = ".".join(base64url(json.dumps({name: value for name, value in part.items() if value is not None}).encode())
                        for part in (head, body)).encode()
        return (text + b"." + base64url(self.sign(text)).encode()).decode()


def write_keys(path, *keys):
    needs("jwt-keys")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"keys": [key.jwk() for key in keys]}, out)
    os.chmod(path, 0o644)


def bearer(token):
    return {"Authorization": "Bearer " + token}
