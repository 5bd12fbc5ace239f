"""A newsreader: newsboat asks for what is new in a feed (A-IM: feed), and takes it."""

import os
import sqlite3

from client import Room, needs
from test_im_feed import NEW, OLD, rss
from wire import contains, eq, own_server, wait_for

CONFIG = """listen = { "127.0.0.1:0" }
access-log = "{tmp}/log"
site "s" {
  root = "{root}"
  history = 5
}
"""


def titles_after_reload(room, program):
    room.run(program, "-u", room.path + "/urls", "-c", room.path + "/cache.db", "-C", room.path + "/config", "-x", "reload",
             seconds=30)
    with sqlite3.connect(os.path.join(room.path, "cache.db")) as cache:
        return sorted(row[0] for row in cache.execute("select title from rss_item"))


@own_server(config=CONFIG)
def test_it_gets_what_is_new_and_keeps_the_rest(server):
    """Its first reload notes no tag (newsboat/newsboat#2734); and libcurl drops what is not newer by Last-Modified."""
    program = needs("newsboat")
    with Room(server) as room:
        room.file("urls", (room.url + "/feed.rss\n").encode())
        room.file("config", b"")
        server.put("/feed.rss", rss(OLD), {"X-OC-Mtime": "1790000000"})
        for _ in range(2):
            eq(titles_after_reload(room, program), sorted(title for _, title in OLD))
        server.put("/feed.rss", rss(NEW))
        titles = titles_after_reload(room, program)
        eq([title for title in titles if title in ("Entry 10", "Entry 11", "Entry 8, corrected", "Entry 3")],
           ["Entry 10", "Entry 11", "Entry 3", "Entry 8, corrected"])

    def logged():
        with open(server.tmp + "/log", encoding="utf-8") as log:
            return [line for line in log if "newsboat" in line]

    wait_for(lambda: len(logged()) == 3, "its requests are in the log")
    contains(logged()[-1], '" 226 ')
