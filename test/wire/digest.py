"""digest.py - a client's side of Digest (RFC 7616), for tests: challenges read, responses made."""

import hashlib
import re

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def hash_of(algorithm, *parts):
    return HASHES[algorithm](":".join(parts).encode("utf-8")).hexdigest()


def secret(algorithm, name, realm, password):
    """H(A1), as htdigest writes it."""
    return hash_of(algorithm, name, realm, password)


def params(text):
    """The parameters of one challenge or of Authentication-Info, unquoted."""
    found = re.findall(r'([a-zA-Z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))', text)
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or token for name, quoted, token in found}


def challenges(got):
    """{algorithm: parameters} of an answer's Digest challenges, in their order."""
    lines = [line for line in got.fields.all("WWW-Authenticate") if line.startswith("Digest ")]
    return {asked["algorithm"]: asked for asked in (params(line[len("Digest "):]) for line in lines)}


class Client:
    """Somebody with a password, who was asked once."""

    def __init__(self, server, name, password, algorithm="SHA-256", target="/", fields=()):
        self.name, self.password, self.algorithm = name, password, algorithm
        self.asked = challenges(server.get(target, fields))[algorithm]
        self.realm, self.nonce, self.count = self.asked["realm"], self.asked["nonce"], 0

    def response(self, method, uri, nc, cnonce):
        h1 = secret(self.algorithm, self.name, self.realm, self.password)
        return hash_of(self.algorithm, h1, self.nonce, nc, cnonce, "auth", hash_of(self.algorithm, method, uri))

    def fields(self, method, uri, count=None, who=None, **more):
        """The Authorization of this request; more: parameters to be sent in place of its own."""
        self.count = self.count + 1 if count is None else count
        nc, cnonce = "%08x" % self.count, "c%d" % self.count
        sent = dict(realm=self.realm, nonce=self.nonce, uri=uri, cnonce=cnonce,
                    response=self.response(method, uri, nc, cnonce))
        sent.update(more)
        who = who or 'username="%s"' % self.name
        return {"Authorization": "Digest %s, %s, algorithm=%s, nc=%s, qop=auth" % (
            who, ", ".join('%s="%s"' % item for item in sent.items()), self.algorithm, nc)}

    def proof(self, uri, count):
        """What a server that knows the password says in Authentication-Info: rspauth."""
        return self.response("", uri, "%08x" % count, "c%d" % count)
