"""Earlier contents (docs/versions.md) for programs that know nothing of them: a drive that is looked through, and the undo as a copy."""

import json

from client import Room, needs
from wire import contains, eq, ok, own_server

KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
}
"""
PAST = "/.samovar/versions"


def numbers(server, path):
    """The newest first."""
    return [one["number"] for one in json.loads(server.get(f"{PAST}{path}/", {"Accept": "application/json"}).body)["versions"]]


def write(server):
    for content in (b"first", b"second!", b"the third"):
        server.put("/docs/a b.txt".replace(" ", "%20"), content)
    return numbers(server, "/docs/a%20b.txt")


@own_server(config=KEEPS, files={"docs/sub/deep.txt": b"deep"})
def test_rclone(server):
    newest, oldest = write(server)

    def rclone(*words):
        return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "--webdav-url", room.url, "--webdav-vendor", "other", *words)[0]

    with Room(server) as room:
        eq(sorted(rclone("lsf", ":webdav:.samovar/versions/docs").decode().splitlines()), ["a b.txt/", "sub/"])
        eq(sorted(rclone("lsf", "--format", "ps", ":webdav:.samovar/versions/docs/a b.txt").decode().splitlines()),
           sorted([newest + ";7", oldest + ";5"]))
        eq(rclone("cat", f":webdav:.samovar/versions/docs/a b.txt/{oldest}"), b"first")
        # its own COPY replaces nothing (Overwrite: F); where something is to be replaced it fetches and puts
        rclone("copyto", f":webdav:.samovar/versions/docs/a b.txt/{oldest}", ":webdav:docs/back.txt")
        eq(server.read("docs/back.txt"), b"first")
        rclone("copyto", "--disable", "copy", f":webdav:.samovar/versions/docs/a b.txt/{oldest}", ":webdav:docs/a b.txt")
        eq(server.read("docs/a b.txt"), b"first")
        eq(numbers(server, "/docs/a%20b.txt")[1:], [newest, oldest])
        rclone("copy", ":webdav:.samovar/versions/docs/a b.txt", "all")
        eq(room.file(f"all/{newest}"), b"second!")


@own_server(config=KEEPS, files={"docs/sub/deep.txt": b"deep"})
def test_cadaver(server):
    newest, oldest = write(server)
    with Room(server) as room:
        lines = [f"open {room.url}{PAST}/", "ls", "cd docs", "ls", "cd a\\ b.txt", "ls", f"get {oldest} got.txt",
                 f"copy {oldest} /docs/a\\ b.txt", f"delete {newest}", "quit"]
        out, err = room.run(needs("cadaver"), feed=("\n".join(lines) + "\n").encode())
        said = (out + err).decode("utf-8", "replace")
        contains(said, newest)
        contains(said, "405")
        eq(room.file("got.txt"), b"first", said)
        eq(server.read("docs/a b.txt"), b"first", said)
        eq(numbers(server, "/docs/a%20b.txt")[1:], [newest, oldest])


@own_server(config=KEEPS, files={"docs/sub/deep.txt": b"deep"})
def test_wget_has_them_all(server):
    newest, oldest = write(server)
    with Room(server) as room:
        room.run(needs("wget"), "-q", "-r", "-np", "-nH", "--content-disposition=off", "--cut-dirs=2", f"{room.url}{PAST}/docs/")
        eq(room.file(f"docs/a b.txt/{oldest}"), b"first")
        eq(room.file(f"docs/a b.txt/{newest}"), b"second!")


@own_server(config=KEEPS, files={"docs/sub/deep.txt": b"deep"})
def test_the_line_that_the_page_shows(server):
    """What curl is told there, word for word."""
    oldest = write(server)[1]
    page = server.get(PAST + "/docs/a%20b.txt/", {"Accept": "text/html"}).text
    command = page.split("<code>curl ")[1].split("</code>")[0]
    ok(command.startswith("-X COPY -H '") and command.endswith("'"), command)
    with Room(server) as room:
        room.run(needs("curl"), "-sf", "-X", "COPY", "-H", command.split("'")[1], f"{room.url}{PAST}/docs/a%20b.txt/{oldest}")
        eq(server.read("docs/a b.txt"), b"first")
