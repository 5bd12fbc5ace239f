"""The servers under measurement: started, watched from outside (/proc), stopped.

Ours and the bare loop are children of this process; peers are started by peers/peers.sh. Whatever
starts a server notes it in `running`, and stop_all() ends what is left, by process id.
"""
import glob
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
PEERS_SH = os.path.join(HERE, "peers", "peers.sh")
PEERS = ["nginx", "apache", "lighttpd", "h2o", "caddy"]
ALL = ["ours"] + PEERS + ["bare"]
PROGRAM = {"nginx": "nginx", "apache": "apache2", "lighttpd": "lighttpd", "h2o": "h2o", "caddy": "caddy"}
CANNOT_PUT = ["h2o", "caddy", "bare"]
TLS_ONLY = ["caddy"]  # stands in the rows of TLS and HTTP/2 alone
SOURCES = {"load": ["load.c", "wire.c", "wire.h"], "bare": ["bare.c"], "walk": ["walk.c"]}
LIBRARIES = {"load": ["-lssl", "-lcrypto"], "bare": [], "walk": []}
KEYS = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}
TICK = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2  # clock_getcpuclockid(3) of a process: the inverted pid above these three bits

running = []
ports_given = set()


def binary_find(name, build):
    """A program of ours: from the build folder, else (load and bare) compiled into the scratch folder."""
    if name == "samovar":
        path = os.environ.get("SAMOVAR") or os.path.join(build, "samovar")
        return path if os.access(path, os.X_OK) else None
    path = os.path.join(build, "bench", name)
    sources = [os.path.join(HERE, source) for source in SOURCES[name]]
    if os.access(path, os.X_OK) and os.path.getmtime(path) >= max(map(os.path.getmtime, sources)):
        return path
    path = os.path.join(tempfile.gettempdir(), f"bench-{name}.{os.getuid()}")
    subprocess.run(["cc", "-std=gnu17", "-O2", "-D_GNU_SOURCE", "-pthread", "-o", path,
                    *[s for s in sources if s.endswith(".c")], *LIBRARIES[name]], check=True)
    return path


def certificates_make(folder):
    """{"ec": (certificate, key), "rsa": ...}: the same for all servers, made anew for each run."""
    pairs = {}
    for name, algorithm in KEYS.items():
        pairs[name] = (f"{folder}/{name}.pem", f"{folder}/{name}.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", *algorithm, "-nodes", "-days", "30", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-out", pairs[name][0], "-keyout", pairs[name][1]], check=True, capture_output=True)
    return pairs


def peers_missing(names):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    os.environ["PATH"] = path
    missing = [n for n in names if n in PROGRAM and not shutil.which(PROGRAM[n])]
    if "nginx" in names and not glob.glob("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"):
        missing.append("nginx's dav module")
    if "lighttpd" in names and not glob.glob("/usr/lib/lighttpd/mod_webdav.so"):
        missing.append("lighttpd's webdav module")
    missing += [tool for tool in ("h2load", "nghttp", "openssl") if not shutil.which(tool)]
    return missing


def version(name, binary):
    commands = {"ours": [binary, "--version"], "nginx": ["nginx", "-v"], "apache": ["apache2", "-v"],
                "lighttpd": ["lighttpd", "-v"], "h2o": ["h2o", "-v"], "caddy": ["caddy", "version"],
                "h2load": ["h2load", "--version"], "openssl": ["openssl", "version"]}
    if name not in commands or not shutil.which(commands[name][0]):
        return None
    done = subprocess.run(commands[name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
    found = re.search(rb"\d+(\.\d+)+\S*", done.stdout)
    return found.group().decode() if found else "?"


def port_free():
    """A port with two free ones after it (for TLS, and for nginx's HTTP/2 without TLS), below the range the kernel gives to clients."""
    for port in range(21000 + os.getpid() % 500 * 10, 32000, 10):
        if port in ports_given:
            continue
        try:
            for p in (port, port + 1, port + 2):
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", p))
        except OSError:
            continue
        ports_given.add(port)
        return port
    raise RuntimeError("no free port")


def tree(pid):
    """The process and its descendants."""
    found = [pid]
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as f:
                children = f.read().split()
        except OSError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def cpu_seconds(pid):
    """CPU of the whole server: user and system time of its tree, and of children that it has reaped.

    Of a living process by its CPU clock: what utime + stime in /proc show in ticks, in nanoseconds.
    """
    total = 0.0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += time.clock_gettime(~p << 3 | CPUCLOCK_SCHED) + (int(fields[13]) + int(fields[14])) / TICK
        except OSError:
            continue
    return total


def memory_bytes(pid):
    """PSS of the tree: pages shared by several processes count once."""
    total = 0
    for p in tree(pid):
        with open(f"/proc/{p}/smaps_rollup") as f:
            total += int(re.search(r"^Pss:\s+(\d+) kB", f.read(), re.M).group(1)) * 1024
    return total


def descriptors_raise():
    """Children need a descriptor per connection; soft limits are low by default."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wait_answering(port, process, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.01)
    process.kill()
    process.wait()
    told = tail(process.log)
    os.unlink(process.log)
    raise RuntimeError("the server did not start\n" + told)


def tail(path):
    with open(path, errors="replace") as f:
        return f.read()[-1500:]


class Server:
    """One running server, with the certificate and key of `pair`; `extra` is a file of more settings for a peer.

    Fields: name, port (plain), tls_port, h2c_port, pid (root of its process tree), root (the folder served).
    """

    def __init__(self, name, root, binaries, pair, durability="relaxed", bare_answer=(0, 200), options=(), extra=None):
        self.name, self.root, self.port = name, root, port_free()
        self.tls_port, self.h2c_port = self.port + 1, self.port + 2 if name == "nginx" else self.port
        self.process = None
        if name == "ours":
            self.spawn([*ours_command(binaries, root, self.port, pair), "--durability", durability, *options])
        elif name == "bare":
            self.spawn([binaries["bare"], str(self.port), str(bare_answer[0]), str(bare_answer[1])])
        else:
            done = subprocess.run([PEERS_SH, "start", name, str(self.port), root], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True,
                                  env={**os.environ, "PEER_CERTIFICATE": pair[0], "PEER_KEY": pair[1],
                                       **({"PEER_EXTRA": extra} if extra else {})})
            if done.returncode:
                raise RuntimeError(done.stderr)
            pids = subprocess.run([PEERS_SH, "pids", name, str(self.port)], check=True, capture_output=True, text=True)
            self.pid = int(pids.stdout.split()[0])
        running.append(self)

    def spawn(self, args):
        fd, log = tempfile.mkstemp(prefix="bench-log.")
        self.process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=fd, stderr=fd)
        os.close(fd)
        self.process.log, self.pid = log, self.process.pid
        wait_answering(self.port, self.process)

    def is_alive(self):
        try:
            with open(f"/proc/{self.pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def stop(self):
        if self not in running:
            return
        running.remove(self)
        if self.process is None:
            subprocess.run([PEERS_SH, "stop", self.name, str(self.port)], check=False)
            return
        process_end(self.process)
        os.unlink(self.process.log)


def process_end(process, patience=3):
    """SIGTERM to the root of the tree, then SIGKILL to those of the tree that are left."""
    pids = tree(process.pid)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in pids[1:]:
        for _ in range(200):
            if not os.path.exists(f"/proc/{pid}"):
                break
            time.sleep(0.01)
        else:
            os.kill(pid, signal.SIGKILL)


def stop_all():
    for server in list(running):
        server.stop()


def ours_command(binaries, root, port, pair):
    return [binaries["samovar"], root, "--listen", f"plain:127.0.0.1:{port}", "--listen", f"127.0.0.1:{port + 1}",
            "--certificate", pair[0], "--key", pair[1]]


def start_command(name, root, binaries, pair):
    """The command that starts a server, for measuring how long that takes, and what drops its settings.

    A peer is started by peers.sh once, which writes its configuration; this is then used again and again.
    """
    if name == "ours":
        port = port_free()
        return ours_command(binaries, root, port, pair), port, lambda: None
    server = Server(name, root, binaries, pair)
    run = subprocess.run([PEERS_SH, "run", name, str(server.port)], check=True, capture_output=True,
                         text=True).stdout.strip()
    spools = glob.glob(os.path.join(os.path.dirname(root), f".peerbody.{name}.*"))
    running.remove(server)
    subprocess.run([PEERS_SH, "stop", name, str(server.port)], check=False, env={**os.environ, "PEERS_KEEP": "1"})
    command = {"nginx": ["nginx", "-e", f"{run}/error.log", "-p", run, "-c", f"{run}/nginx.conf"],
               "apache": ["apache2", "-f", f"{run}/apache.conf", "-DFOREGROUND"],
               "lighttpd": ["lighttpd", "-D", "-f", f"{run}/lighttpd.conf"],
               "h2o": ["h2o", "-c", f"{run}/h2o.conf"]}[name]

    def drop():
        for path in [run] + spools:
            shutil.rmtree(path, ignore_errors=True)
    return command, server.port, drop
