"""A browser uses what it has as a compression dictionary (RFC 9842)."""

import os

from client import Room, needs
from wire import contains, eq, ok, own_server, skip

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  at "/app" { dictionary = { "/app/*", "app" }  fresh = 1h }
}
"""
LINES = ["function f%d(x) { return x * %d; }" % (i, i * 7919) for i in range(2000)]
# The browser puts a dictionary aside in its own time: until then other requests keep it busy.
PAGE = """<!doctype html><title>d</title><p id=p>waiting</p><script src=/app/1.js></script><script>
const next = () => new Promise((done) => {
    const script = document.createElement("script");
    script.src = "/app/2.js?" + Math.random();
    script.onload = () => done(performance.getEntriesByName(script.src)[0]);
    document.body.append(script);
});
(async () => {
    let entry;
    for (let i = 0; i < 40; i++) {
        for (let k = 0; k < 50; k++)
            await fetch("/page.html?" + k, { cache: "no-store" });
        entry = await next();
        if (entry.encodedBodySize < entry.decodedBodySize)
            break;
    }
    document.getElementById("p").textContent =
        `version ${version} f1999(2)=${f1999(2)} sent ${entry.encodedBodySize} of ${entry.decodedBodySize}.`;
})();
</script>
"""


def put_all(server):
    os.mkdir(server.path("app"))
    for version in (1, 2):
        lines = LINES[:500 * version] + ["var version = %d;" % version] + LINES[500 * version:]
        server.write("app/%d.js" % version, "\n".join(lines).encode(), 1000000000)
    server.write("page.html", PAGE.encode(), 1000000000)


@own_server(config=CONFIG, before=put_all)
def test_the_second_script_is_sent_as_what_is_new_in_it(server):
    program = needs("chromium")
    with Room(server) as room:
        out, err = room.run(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--no-first-run", "--disable-background-networking", "--disable-component-update",
                            "--disable-sync", "--user-data-dir=" + room.path + "/profile", "--timeout=60000",
                            "--virtual-time-budget=60000", "--dump-dom", room.url.replace("127.0.0.1", "localhost") + "/page.html", status=None, seconds=90)
    text = out.decode("utf-8", "replace")
    if "<html" not in text:
        skip("chromium does not run here: %r" % err[-300:])
    contains(text, "version 2 f1999(2)=%d sent " % (2 * 1999 * 7919))
    sent, whole = [int(word) for word in text.split(" sent ")[1].split(".")[0].split(" of ")]
    eq(whole, os.path.getsize(server.path("app/2.js")))
    ok(sent < whole / 20, "it was coded with the first one: %d of %d octets" % (sent, whole))
