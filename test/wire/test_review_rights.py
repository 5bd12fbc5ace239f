"""Rights that are given one by one."""

from test_command_users import write_users
from wire import eq, own_server

CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read" } } }
    at "/desk" { allow "*" { rights = { "create", "delete" } } }
}
"""


@own_server(config=CONFIG, files={"desk/x": b"x"}, before=write_users)
def test_a_put_over_content_needs_the_right_to_write(server):
    eq(server.put("/desk/x", b"other").status, 403)
    eq(server.read("desk/x"), b"x")
    eq(server.put("/desk/y", b"y").status, 201)
    eq(server.delete("/desk/x").status, 204)
    eq(server.put("/desk/x", b"other").status, 201)
