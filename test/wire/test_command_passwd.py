"""samovar passwd: passwords set, made for programs and taken away, in a file that is replaced whole."""

import os
import pty
import re
import select
import signal
import stat
import subprocess
import time

import tls
import wire
from program import as_someone_else, basic, fresh_folder
from test_command_users import HASHES, changed, log_in
from wire import cases, contains, eq, fail, lacks, ok, own_server, wait_for

MADE = re.compile(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){4}\Z")


def passwd(*words, typed=b"", status=0, command=None):
    """Gives (standard output, error output)."""
    done = subprocess.run(command or [wire.SAMOVAR, "passwd", *words], input=typed, capture_output=True,
                          timeout=20 * wire.STRETCH, check=False)
    eq(done.returncode, status, "the exit status, with %r" % done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, mode)
    return path


def nothing_beside(path, *others):
    eq(sorted(os.listdir(os.path.dirname(path))), sorted([os.path.basename(path), *others]), "what lies in the folder")


def test_the_first_user_makes_the_file(server):
    path = fresh_folder(server) + "/users"
    out, err = passwd(path, "alice", typed=b"p\xc3\xa4ss: word\n")
    eq(out, "")
    contains(err, "alice is a new user in " + path)
    contains(err, "systemctl reload")
    contains(err, "chgrp samovar " + path)
    eq(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    ok(re.fullmatch(r"alice:\$y\$[^:\n]+\n", read(path)), "what it holds: %r" % read(path))
    nothing_beside(path)


def test_all_else_stays_as_it_was(server):
    path = write(fresh_folder(server) + "/users", HASHES, 0o640)
    _, err = passwd(path, "bea", typed=b"new")
    contains(err, "bea has a new password")
    lacks(err, "chgrp")
    was, now = HASHES.splitlines(), read(path).splitlines()
    eq([line for line in now if not line.startswith("bea:")], [line for line in was if not line.startswith("bea:")])
    eq([line.split(":")[0] for line in now], [line.split(":")[0] for line in was], "the order")
    eq(stat.S_IMODE(os.stat(path).st_mode), 0o640)
    passwd(path, "bea", "--delete")
    eq(read(path), "".join(line + "\n" for line in was if not line.startswith("bea:")))


@cases(("CR and LF", b"one\r\n"), ("no end", b"one"), ("a line more", b"one\ntwo\n"))
def test_one_line_of_standard_input_is_the_password(server, typed):
    path = fresh_folder(server) + "/users"
    passwd(path, "alice", typed=typed)
    with tls.Serving("--users", path, files={"a": b"a"}) as one:
        eq(log_in(one, "alice", "one"), 200)


@cases(("empty", b"\n"), ("nothing", b""), ("control", b"a\tb\n"), ("no UTF-8", b"\xff\n"), ("long", b"x" * 257 + b"\n"),
       ("very long", b"x" * 100000))
def test_what_is_no_password_changes_nothing(server, typed):
    path = write(fresh_folder(server) + "/users", HASHES)
    _, err = passwd(path, "bea", typed=typed, status=1)
    eq(len(err.splitlines()), 1)
    contains(err, "nothing was changed")
    eq(read(path), HASHES)


@cases(("colon", "a:b"), ("comment", "#a"), ("blank", " a"), ("control", "a\nb"), ("long", "x" * 256))
def test_what_is_no_name(server, name):
    path = fresh_folder(server) + "/users"
    passwd(path, name, typed=b"x\n", status=1)
    passwd(path, "alice", "--app", name.replace("#", ":"), status=1)
    ok(not os.path.exists(path), "no file was made")


@own_server("--users", "{tmp}/users", before=lambda server: write(server.tmp + "/users", HASHES), files={"a": b"a"})
def test_a_running_server_knows_of_it_from_the_reload_on(server):
    path = server.tmp + "/users"
    passwd(path, "alice", typed=b"one\n")
    phone, err = passwd(path, "alice", "--app", "phone")
    tablet, _ = passwd(path, "alice", "--app=my tablet")
    phone, tablet = phone.strip(), tablet.strip()
    ok(MADE.match(phone) and MADE.match(tablet) and phone != tablet, "made: %r, %r" % (phone, tablet))
    contains(err, "kill -HUP")
    lacks(err, phone, "the error output")
    lacks(read(path), phone, "the file")
    eq(log_in(server, "alice", "one"), 401)
    eq(changed(server), "reloaded")
    wait_for(lambda: log_in(server, "alice", "one") == 200, "the new user is known")
    eq(log_in(server, "alice", phone), 200)
    eq(log_in(server, "alice", tablet), 200)
    eq(log_in(server, "bea", phone), 401, "another's app password")
    passwd(path, "alice", "--app", "phone", "--delete")
    passwd(path, "alice", typed=b"two\n")
    eq(changed(server), "reloaded")
    wait_for(lambda: log_in(server, "alice", "two") == 200, "the new password is known")
    eq(log_in(server, "alice", phone), 401)
    eq(log_in(server, "alice", tablet), 200, "the others stay when the own one is changed")
    passwd(path, "alice", "--delete")
    eq(read(path), HASHES)


def test_refusals_say_what_to_do(server):
    path = write(fresh_folder(server) + "/users", HASHES)
    passwd(path, "bea", "--app", "phone")
    known = read(path)
    for words, told in ((("bea", "--app", "phone"), "take it away first, with --delete"),
                        (("bea", "--app", "tab", "--delete"), 'bea has no app password "tab"'),
                        (("zoe", "--delete"), "no user zoe is in it")):
        contains(passwd(path, *words, status=1)[1], told)
    contains(passwd(path + "/x", "bea", typed=b"x\n", status=1)[1], "Not a directory")
    contains(passwd(path + ".none", "bea", "--delete", status=1)[1], "no such file")
    contains(passwd(os.path.dirname(path), "bea", typed=b"x\n", status=1)[1], "not a file")
    eq(read(path), known)
    os.chmod(path, 0o666)
    contains(passwd(path, "bea", typed=b"x\n", status=1)[1], "chmod o-w")
    for words in ((), (path,), (path, "bea", "more"), (path, "bea", "--state", "x"), (path, "bea", "--config", "x")):
        eq(len(passwd(*words, status=2)[1].splitlines()), 1)
    nothing_beside(path)


def test_a_link_stays_one(server):
    folder = fresh_folder(server)
    os.mkdir(folder + "/real")
    write(folder + "/real/users", HASHES)
    os.symlink("real/users", folder + "/users")
    passwd(folder + "/users", "alice", typed=b"x\n")
    ok(os.path.islink(folder + "/users"), "it is a link")
    contains(read(folder + "/real/users"), "alice:$y$")
    nothing_beside(folder + "/real/users")
    os.symlink("nowhere", folder + "/broken")
    contains(passwd(folder + "/broken", "alice", typed=b"x\n", status=1)[1], "No such file")
    ok(not os.path.exists(folder + "/nowhere"), "nothing was made")


def test_owner_and_mode_are_kept_or_nothing_is_changed(server):
    folder = fresh_folder(server)
    path = write(folder + "/users", HASHES, 0o640)
    command = as_someone_else([wire.SAMOVAR, "passwd", path, "alice"])  # skips without root
    os.chown(path, 65534, 65533)
    passwd(path, "alice", typed=b"x\n")
    got = os.stat(path)
    eq((got.st_uid, got.st_gid, stat.S_IMODE(got.st_mode)), (65534, 65533, 0o640))
    os.chown(path, 65534, 65534)
    known = read(path)
    passwd(command=command, typed=b"x\n", status=1)  # the folder is root's
    os.chmod(folder, 0o777)
    passwd(command=command, typed=b"y\n")
    ok(read(path) != known, "its owner may, where he may write in the folder")
    os.chown(path, 0, 65534)
    known = read(path)
    contains(passwd(command=command, typed=b"z\n", status=1)[1], "cannot be kept")
    eq(read(path), known)
    nothing_beside(path)


def test_many_at_once_lose_nothing(server):
    path = write(fresh_folder(server) + "/users", HASHES)
    known = HASHES.splitlines()
    running = [subprocess.Popen([wire.SAMOVAR, "passwd", path, "bea", "--app", "app %d" % i], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE) for i in range(12)]
    for one in running:
        err = one.communicate(timeout=60 * wire.STRETCH)[1]
        eq(one.returncode, 0, err)
    apps = [line for line in read(path).splitlines() if ":app=" in line]
    eq(sorted(line.split(":app=")[1] for line in apps), sorted("app %d" % i for i in range(12)))
    eq([line for line in read(path).splitlines() if ":app=" not in line], known)
    nothing_beside(path)


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, *words):
        pid, self.fd = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests may ignore it
            os.execv(wire.SAMOVAR, [wire.SAMOVAR, "passwd", *words])
        self.pid, self.shown = pid, ""

    def awaits(self, text):
        end = time.monotonic() + 10 * wire.STRETCH
        while text not in self.shown:
            if time.monotonic() > end or not select.select([self.fd], [], [], 1)[0] and time.monotonic() > end:
                fail("%r did not come, but %r" % (text, self.shown))
            try:
                self.shown += os.read(self.fd, 4096).decode()
            except OSError:  # it ended
                break
        contains(self.shown, text)

    def types(self, text):
        os.write(self.fd, text)

    def ended(self):
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return status


def test_at_a_terminal_it_is_asked_for_twice_and_not_shown(server):
    path = fresh_folder(server) + "/users"
    one = Terminal(path, "alice")
    one.awaits("New password of alice: ")
    one.types(b"sesame open\n")
    one.awaits("The same again, for alice: ")
    one.types(b"sesame open\n")
    one.awaits("alice is a new user")
    eq(os.waitstatus_to_exitcode(one.ended()), 0)
    lacks(one.shown, "sesame", "the terminal")
    known = read(path)
    one = Terminal(path, "alice")
    one.awaits("New password of alice: ")
    one.types(b"one\n")
    one.awaits("The same again, for alice: ")
    one.types(b"two\n")
    one.awaits("not the same")
    eq(os.waitstatus_to_exitcode(one.ended()), 1)
    one = Terminal(path, "alice")
    one.awaits("New password of alice: ")
    one.types(b"\x03")  # control-C
    ok(os.WIFSIGNALED(one.ended()), "it ended by the signal")
    eq(read(path), known)
