"""gio, the desktop's files (gvfs), without a desktop: in a session bus of its own."""

import os

from client import Room, needs, serving
from wire import contains, eq, lacks, ok, skip, time_limit

FILES = {"docs/a.txt": b"first", "docs/b b.txt": b"second", "docs/(1) \u00e4.txt": b"signs", "docs/sub/deep.txt": b"deep"}


def gio(room, script):
    """Runs the script with $URL mounted; nothing of the session stays. Gives what it printed."""
    needs("gio")
    os.makedirs(room.path + "/runtime", 0o700, exist_ok=True)
    url = room.url.replace("http", "dav", 1)
    body = 'gio mount "$URL" </dev/null\n%s\ngio mount -u "$URL"\n' % script
    out, err = room.run(needs("dbus-run-session"), "--", "sh", "-ec", body, status=None, URL=url + "/",
                        XDG_RUNTIME_DIR=room.path + "/runtime", XDG_DATA_HOME=room.path + "/data",
                        GIO_USE_VFS="gvfs", GIO_USE_VOLUME_MONITOR="unix", GVFS_DISABLE_FUSE="1")
    told = (out + err).decode("utf-8", "replace")
    if "location is not supported" in told or "doesn\u2019t implement mount" in told:
        skip("gvfs has no backend for WebDAV here: %s" % told[-300:])
    lacks(told, "gio: ")
    return out.decode("utf-8", "replace")


@time_limit(120)
def test_reading(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        said = gio(room, 'gio list "$URL"docs\ngio cat "$URL"docs/a.txt\ngio info "$URL"docs/b%20b.txt\n'
                   'gio tree "$URL"')
        for name in ("a.txt", "b b.txt", "(1) \u00e4.txt", "sub"):
            contains(said, name)
        contains(said, "first")
        contains(said, "standard::size: 6")
        contains(said, "deep.txt")


@time_limit(120)
def test_writing(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        room.file("up.txt", b"by gio")
        room.file("up2.txt", b"by gio, again")
        gio(room, 'gio copy up.txt "$URL"docs/up.txt\ngio copy up2.txt "$URL"docs/up.txt\ngio mkdir "$URL"made\n'
            'gio copy "$URL"docs/a.txt "$URL"made/copy.txt\ngio move "$URL"docs/b%20b.txt "$URL"made/moved.txt\n'
            'gio rename "$URL"made/moved.txt named.txt\ngio move "$URL"docs/sub "$URL"made/sub\n'
            'gio remove "$URL"docs/a.txt\necho piped | gio save "$URL"made/saved.txt')
        eq(one.read("docs/up.txt"), b"by gio, again")
        eq(one.read("made/copy.txt"), b"first")
        eq(one.read("made/named.txt"), b"second")
        eq(one.read("made/sub/deep.txt"), b"deep")
        eq(one.read("made/saved.txt"), b"piped\n")
        ok(not one.exists("docs/a.txt"), "what was removed")


@time_limit(120)
def test_free_space_is_the_quotas(server):
    with serving(False, "--quota", "10M", files={"one.bin": b"x" * 1000000}) as one, Room(one) as room:
        said = gio(room, 'gio info -f "$URL"')
        contains(said, "filesystem::free: %d" % ((10 << 20) - 1000000))
