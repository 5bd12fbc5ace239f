"""Programs that come with a bearer token, or with an app password: rclone and curl."""

import os
import subprocess

import tls
import wire
from client import Room, needs
from tokens import Key, write_keys
from wire import contains, eq, ok, own_server

SITE = """
listen = { "127.0.0.1:0" }
site "attic" {
    root = "{root}"
    users = "{tmp}/users"
    jwt-keys = "{tmp}/keys.json"
}
"""
KEY = []


def before(server):
    if not KEY:
        KEY.append(Key("es256"))
    write_keys(server.tmp + "/keys.json", KEY[0])
    done = subprocess.run([wire.SAMOVAR, "passwd", server.tmp + "/users", "alice", "--app", "rclone"], capture_output=True,
                          timeout=20 * wire.STRETCH, check=True)
    server.made = done.stdout.decode().strip()


def site(test):
    return own_server(config=SITE, files={"a": b"a"}, before=before)(test)


def rclone(room, *words):
    return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "--webdav-url", room.url, "--ca-cert",
                    tls.authority().ca, *words)


def there_and_back(server, room, *who):
    room.file("from/b b.txt", b"of rclone")
    rclone(room, *who, "copy", "from", ":webdav:up")
    eq(server.read("up/b b.txt"), b"of rclone")
    rclone(room, *who, "copy", ":webdav:up", "back")
    eq(room.file("back/b b.txt"), b"of rclone")


@site
def test_rclone_with_a_token(server):
    with Room(server) as room:
        there_and_back(server, room, "--webdav-bearer-token", KEY[0].token())


@site
def test_rclone_with_an_app_password(server):
    with Room(server) as room:
        hidden = subprocess.run([needs("rclone"), "obscure", server.made], capture_output=True, check=True).stdout.decode()
        there_and_back(server, room, "--webdav-user", "alice", "--webdav-pass", hidden.strip())


@site
def test_curl_with_a_token(server):
    with Room(server) as room:
        out, _ = room.run(needs("curl"), "-sf", "--cacert", tls.authority().ca, "--oauth2-bearer", KEY[0].token(), room.url + "/a")
        eq(out, b"a")
        out, _ = room.run(needs("curl"), "-si", "--cacert", tls.authority().ca, "--oauth2-bearer", KEY[0].token(exp=1),
                          room.url + "/a")
        contains(out, b'error="invalid_token"')
        ok(not os.path.exists(server.path("up")), "nothing was written")
