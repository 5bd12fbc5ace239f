"""Each system call fails once, for every k (test_each_call.py), while earlier contents are read, listed and copied back."""

import json

import fault
from test_each_call import FOR_WORKERS, HONEST, OPERATIONS, WORKERS, Get, Put, play, preload
from wire import cases, contains, eq, ok, one_of, own_server, time_limit

PAST = "/.samovar/versions"


def newest(server, name):
    return json.loads(server.get(f"{PAST}/{name}/", {"Accept": "application/json"}).body)["versions"][0]["href"]


class GetVersion(Get):
    """{} is its address; without it the file's collection is asked for."""

    def __init__(self, size=700, target="{}", **more):
        super().__init__(target, **more)
        self.size = size

    def prepare(self, server, name):
        for content in (fault.content("v", 1, self.size), b"now"):
            got = server.put("/versioned", content)
            if got.status == 500:  # what failed was a record of the PUT before, which nobody waited for
                contains(server.stdout() + server.stderr(), "read-only from now on")
                server.stop()
                server.start()
                got = server.put("/versioned", content)
            one_of(got.status, (201, 204), "stored")
        self.href = newest(server, "versioned")

    def ask(self, conn, _):
        return conn.ask(self.method, self.target.format(self.href), self.fields)

    def judge(self, server, _, got, __):
        if got is None or got.status in HONEST:
            return
        eq(got.status, self.status, self.method)
        if self.method != "GET":
            ok(self.method == "HEAD" or self.href.encode() in got.body, "it is told of")
        elif self.target != "{}":
            ok(self.href.encode() in got.body, "it is listed")
        else:
            ok(got.body == fault.content("v", 1, self.size), "its content is right")


class Restore(Put):
    def __init__(self, size=500):
        super().__init__("ours", size)

    def prepare(self, server, name):
        for content in (self.new(name), self.old(name)):
            ok(server.put("/" + name, content).status in (201, 204), "stored")
        self.href = newest(server, name)

    def ask(self, conn, name):
        return conn.ask("COPY", self.href, {"Destination": "/" + name})


OF_VERSIONS = {
    "version": GetVersion(),
    "version-big": GetVersion(300000),
    "version-head": GetVersion(method="HEAD"),
    "versions-page": GetVersion(target=PAST + "/versioned/"),
    "versions-propfind": GetVersion(target=PAST + "/versioned/", fields={"Depth": "1"}, status=207, method="PROPFIND"),
    "version-back": Restore(),
    "version-back-big": Restore(300000),
}
OPERATIONS.update(OF_VERSIONS)


@time_limit(60)
@cases(*((name, name) for name in OF_VERSIONS))
@own_server("--history", "5", before=preload)
def test_a_failing_call_of_a_worker_makes_no_lie(server, operation):
    play(server, operation, WORKERS, FOR_WORKERS)
