"""peers.py - other servers of Debian with WebDAV, each over a folder of its own: for tests that speak to them."""

import contextlib
import glob
import os
import shutil
import socket
import subprocess
import tempfile

from wire import STRETCH, Failure, ok, skip, wait_for

APACHE = """ServerRoot "{run}"
PidFile "{run}/pid"
DefaultRuntimeDir "{run}"
Mutex file:{run} default
ServerName localhost
ServerTokens Prod
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule autoindex_module {modules}/mod_autoindex.so
LoadModule negotiation_module {modules}/mod_negotiation.so
LoadModule dav_module {modules}/mod_dav.so
LoadModule dav_fs_module {modules}/mod_dav_fs.so
LoadModule dav_lock_module {modules}/mod_dav_lock.so
TypesConfig /etc/mime.types
ErrorLog "{run}/error.log"
Listen 127.0.0.1:{port}
DavLockDB "{run}/locks/db"
DocumentRoot "{root}"
<Directory "{root}">
  Options Indexes
  Require all granted
  Dav On
  DavDepthInfinity on
  DirectoryIndex disabled
</Directory>
<Directory "{root}/negotiated">
  Dav Off
  Options +MultiViews
  AddHandler type-map .var
  AddLanguage en .en
</Directory>
"""
NGINX = """load_module {modules}/ngx_http_dav_ext_module.so;
{user}
worker_processes 1;
daemon off;
pid {run}/pid;
error_log {run}/error.log;
events { worker_connections 64; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  server_tokens off;
  client_max_body_size 0;
  client_body_temp_path {run}/t0; proxy_temp_path {run}/t1; fastcgi_temp_path {run}/t2; uwsgi_temp_path {run}/t3; scgi_temp_path {run}/t4;
  dav_ext_lock_zone zone=dav:10m;
  server {
    listen 127.0.0.1:{port};
    root "{root}";
    location / {
      autoindex on;
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
      dav_ext_lock zone=dav;
      min_delete_depth 0;
    }
    location /moved/ { return 308 /$is_args$args; }
  }
}
"""
LIGHTTPD = """server.modules = ( "mod_webdav" )
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
{user}
server.errorlog = "{run}/error.log"
server.pid-file = "{run}/pid"
server.upload-dirs = ( "{run}" )
server.tag = "lighttpd"
dir-listing.activate = "enable"
index-file.names = ( )
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )
webdav.activate = "enable"
webdav.is-readonly = "disable"
webdav.sqlite-db-name = "{run}/locks/db"
webdav.opts = ( "propfind-depth-infinity" => "enable" )
"""


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        skip("%s is not installed" % name)
    return found


def first(pattern, what):
    found = glob.glob(pattern)
    if not found:
        skip("%s is not installed" % what)
    return os.path.dirname(found[0])


def apache(run, port):
    modules = first("/usr/lib/apache2/modules/mod_dav_fs.so", "Apache's mod_dav_fs")
    return (program("apache2"), "-f", written(run, APACHE, port, modules, "User www-data\nGroup www-data"), "-DFOREGROUND")


def nginx(run, port):
    modules = first("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so", "nginx's dav-ext module")
    return (program("nginx"), "-e", run + "/error.log", "-c", written(run, NGINX, port, modules, "user www-data;"))


def lighttpd(run, port):
    first("/usr/lib/lighttpd/mod_webdav.so", "lighttpd's mod_webdav")
    return (program("lighttpd"), "-D", "-f",
            written(run, LIGHTTPD, port, "", 'server.username = "www-data"\nserver.groupname = "www-data"'))


def rclone(run, port):
    return (program("rclone"), "--config", run + "/none", "--cache-dir", run + "/cache", "serve", "webdav", run + "/root",
            "--addr", "127.0.0.1:%d" % port, "--log-level", "ERROR", "--vfs-cache-mode", "off")


PEERS = {"apache": apache, "nginx": nginx, "lighttpd": lighttpd, "rclone": rclone}


def written(run, text, port, modules, user):
    """A configuration; as root it runs as somebody else, as these servers do."""
    for name, value in (("run", run), ("root", run + "/root"), ("port", str(port)), ("modules", modules),
                        ("user", user if os.geteuid() == 0 else "")):
        text = text.replace("{%s}" % name, value)
    with open(run + "/conf", "w", encoding="utf-8") as out:
        out.write(text)
    return run + "/conf"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def peer(name, files=()):
    """The address of one that runs: http://127.0.0.1:PORT"""
    run = tempfile.mkdtemp(prefix="samovar-peer-")
    os.chmod(run, 0o777)
    for folder in ("/root", "/locks"):
        os.mkdir(run + folder)
        os.chmod(run + folder, 0o777)
    for path, content in dict(files).items():
        os.makedirs(os.path.dirname(run + "/root/" + path), exist_ok=True)
        with open(run + "/root/" + path, "wb") as out:
            out.write(content)
    port = free_port()
    process = None
    try:
        process = subprocess.Popen(PEERS[name](run, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=run,
                                   env={**os.environ, "HOME": run, "XDG_CACHE_HOME": run})
        wait_for(lambda: is_up(name, process, port), name + " is up", 20)
        yield "http://127.0.0.1:%d" % port
        ok(process.poll() is None, name + " still runs")
    finally:
        if process:
            process.terminate()
            try:
                process.wait(20 * STRETCH)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failure(name + " does not end")
        shutil.rmtree(run, ignore_errors=True)


def is_up(name, process, port):
    ok(process.poll() is None, name + " runs")
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
