"""The shells' completions, asked of the shells themselves."""

import os
import pty
import select
import subprocess
import time

import wire
from client import Room, needs
from wire import Failure, contains, eq, lacks, ok, skip

PLACES = {"bash": ("samovar", "bash-completion/completions"), "zsh": ("_samovar", "zsh/site-functions"),
          "fish": ("samovar.fish", "fish/vendor_completions.d")}
# A line whose end is completed, and all that the shell has to offer.
LINES = [
    ("samovar --tls-min ", ["1.2", "1.3"]),
    ("samovar --client-certificates ", ["none", "optional", "required"]),
    ("samovar --symlinks n", ["never"]),
    ("samovar --require-match ", ["conflict-copy", "off", "on"]),
    ("samovar --require-", ["--require-extension", "--require-match"]),
    ("samovar --jwt-", ["--jwt-audience", "--jwt-groups", "--jwt-issuer", "--jwt-keys", "--jwt-user"]),
    ("samovar --cors", ["--cors", "--cors-credentials"]),
    ("samovar --demands si", ["site.key", "site.pem"]),
    ("samovar --digest-users site.p", ["site.pem"]),
    ("samovar --leave", ["--leave-forwarding"]),
    ("samovar --limit http2-", ["http2-streams=", "http2-window="]),
    ("samovar --no-", ["--no-bind-loops", "--no-http2", "--no-index", "--no-ktls", "--no-partial-put", "--no-propfind-infinity", "--no-sandbox"]),
    ("samovar --certificate si", ["site.key", "site.pem"]),
    ("samovar --state f", ["folder/"]),
    ("samovar f", ["folder/", "forwards"]),
    ("samovar s", ["serve", "shared/", "status", "survey"]),
    ("samovar status f", ["folder/"]),
    ("samovar p", ["passwd", "portal", "put"]),
    ("samovar h", ["history"]),
    ("samovar b", ["brew"]),
    ("samovar brew --add", ["--addition"]),
    ("samovar c", ["check", "codes"]),
    ("samovar codes 42", ["421", "422", "423", "424", "425", "426", "428", "429"]),
    ("samovar codes --mar", ["--markdown"]),
    ("samovar portal --print", ["--print-nft"]),
    ("samovar portal --w", ["--wait", "--when", "--whole", "--withdraw", "--workers", "--write"]),
    ("samovar passwd si", ["site.key", "site.pem"]),
]


def completion(shell):
    """Beside the program that was built, or where an installed one has it."""
    name, installed = PLACES[shell]
    top = os.path.dirname(os.path.abspath(wire.SAMOVAR))
    for path in (os.path.join(top, "src/conf", name), os.path.join(top, "../share", installed, name)):
        if os.path.exists(path):
            return path
    return skip("%s has no completions beside it" % wire.SAMOVAR)


def fill(room):
    for name in ("site.pem", "site.key", "folder/x", "shared/x", "file"):
        room.file(name, b"")


def offered(text):
    return sorted({line.split("\t")[0] for line in text.decode().split("\n") if line})


# What readline does: the line is parted at its word breaks, "=" and ":" among them, and the function is called.
BASH = r'''
source "$1"
compopt() { :; }
line=$2
read -ra COMP_WORDS <<<"${line//=/ = }"
[[ $line == *[\ =] ]] && COMP_WORDS+=("")
[[ $line == *= ]] && unset 'COMP_WORDS[-1]'
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$line COMP_POINT=${#line}
_samovar
for word in "${COMPREPLY[@]}"; do [[ -d $word ]] && word+=/; printf '%s\n' "$word"; done
'''


def bash_offers(room, line):
    out, errors = room.run(needs("bash"), "--norc", "-c", BASH, "bash", completion("bash"), line)
    eq(errors, b"")
    return offered(out)


def test_bash(server):
    with Room(server) as room:
        fill(room)
        for line, wanted in LINES:
            eq(bash_offers(room, line), wanted, line)
        eq(bash_offers(room, "samovar --durability=re"), ["relaxed"], "a value after =")
        eq(bash_offers(room, "samovar --durability="), ["full", "relaxed"], "nothing after =")
        eq(bash_offers(room, "samovar --listen "), [], "an address cannot be guessed")
        out, _ = room.run(needs("bash"), "--norc", "-c", 'source "$1"; complete -p samovar', "bash", completion("bash"))
        eq(out, b"complete -F _samovar samovar\n")


def test_fish(server):
    fish = needs("fish")
    with Room(server) as room:
        fill(room)
        room.run(fish, "--no-execute", completion("fish"))
        for line, wanted in LINES + [("samovar --durability=re", ["--durability=relaxed"])]:
            out, errors = room.run(fish, "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", completion("fish"),
                                   line)
            eq(errors, b"")
            eq(offered(out), wanted, line)
        out, _ = room.run(fish, "--no-config", "-c", "source $argv[1]; complete -C 'samovar --read'", completion("fish"))
        eq(out, b"--read-only\tnobody changes anything\n")


class Zsh:
    """An interactive zsh behind a terminal; only there it completes."""

    def __init__(self, room):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(room.path)
            os.environ.update(HOME=room.path, LC_ALL="C.UTF-8", TERM="dumb")
            os.execv(needs("zsh"), ["zsh", "-f", "-i"])
        self.say("unsetopt zle_bracketed_paste 2>/dev/null; PS1= PROMPT= RPROMPT= LISTMAX=0; setopt no_prompt_sp no_beep\n")
        self.say("cp %s ./_samovar; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D\n" % completion("zsh"))
        # The matches and not the menu: every word that a completion adds is written to a file.
        self.say("zstyle ':completion:*' verbose no; compadd() { builtin compadd -A found \"$@\"; "
                 "print -rl -- \"${found[@]}\" >>offers; builtin compadd \"$@\"; }\n")
        self.say("ended() { print -rn -- \"$BUFFER\" >buffer.new; mv buffer.new buffer; BUFFER=; }; zle -N ended; "
                 "bindkey '^X' ended; bindkey '^I' complete-word; print -n >ready\n")
        self.wait_for(room, "ready")

    def say(self, text):
        os.write(self.fd, text.encode())
        self.drain(0)

    def drain(self, seconds):
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                if not os.read(self.fd, 65536):
                    return
            except OSError:
                return

    def wait_for(self, room, name):
        until = time.monotonic() + 20 * wire.STRETCH
        while not os.path.exists(os.path.join(room.path, name)):
            self.drain(0.02)
            if time.monotonic() > until:
                raise Failure("zsh does not get to %s" % name)
        text = room.file(name)
        os.unlink(os.path.join(room.path, name))
        return text.decode()

    def completed(self, room, line):
        """The line after Tab, and what was offered."""
        self.say(line + "\t\x18")
        line = self.wait_for(room, "buffer")
        offers = os.path.join(room.path, "offers")
        words = set()
        if os.path.exists(offers):
            words = {word for word in room.file("offers").decode().split("\n") if word}
            os.unlink(offers)
        return line, words

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def test_zsh(server):
    zsh = needs("zsh")
    with Room(server) as room:
        room.run(zsh, "-n", completion("zsh"))
        fill(room)
        shell = Zsh(room)
        try:
            for line, wanted in [("samovar --tls-min ", {"1.2", "1.3"}), ("samovar --limit http2-w", {"http2-window="}),
                                 ("samovar --client-certificates ", {"none", "optional", "required"})]:
                _, got = shell.completed(room, line)
                ok(wanted <= got, "%r offers %s, not %s" % (line, wanted, got))
            for line, wanted in [("samovar --symlinks n", "samovar --symlinks never "),
                                 ("samovar --durability=re", "samovar --durability=relaxed "),
                                 ("samovar --limit http2-w", "samovar --limit http2-window="),
                                 ("samovar --no-kt", "samovar --no-ktls "),
                                 ("samovar --key site.k", "samovar --key site.key "),
                                 ("samovar stat", "samovar status "),
                                 ("samovar status fo", "samovar status folder/"),
                                 ("samovar --state fo", "samovar --state folder/")]:
                eq(shell.completed(room, line)[0], wanted, line)
        finally:
            shell.end()


def test_every_option_of_help_is_offered(server):
    """What --help lists, and nothing else."""
    told = subprocess.run([wire.SAMOVAR, "--help"], capture_output=True, text=True, check=True).stdout
    options = sorted(line.split()[0] for line in told.split("\n") if line.startswith("  --"))
    with Room(server) as room:
        eq(bash_offers(room, "samovar --"), options)
        for shell in ("zsh", "fish"):
            with open(completion(shell), encoding="utf-8") as file:
                text = file.read()
            for option in options:
                contains(text, ("--%s" if shell == "zsh" else " -l %s ") % option[2:], shell)
        lacks(bash_offers(room, "samovar --"), "--root")
