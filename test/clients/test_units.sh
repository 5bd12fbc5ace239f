#!/bin/sh
# The units as installed: systemd finds nothing wrong with them, their exposure stays low, and under a systemd of its own the server
# starts, reloads, is watched and runs with each of the drop-ins.
set -eu
cd "$(dirname "$0")/../.."
command -v systemd-analyze >/dev/null || { echo "systemd is not installed"; exit 77; }
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

DESTDIR="$room/dest" PREFIX=/usr tools/install
examples=$room/dest/usr/share/doc/samovar/examples
units=$(dirname "$(find "$room/dest" -name samovar.service)")

# exposure NAME MOST: of the service with this drop-in, in tenths.
exposure() {
    mkdir -p "$room/$1/samovar.service.d"
    sed "s|/usr/bin/samovar|$room/dest/usr/bin/samovar|" "$units/samovar.service" >"$room/$1/samovar.service"
    cp "$units/samovar.socket" "$room/$1/"
    [ ! -e "$examples/$1.conf" ] || cp "$examples/$1.conf" "$room/$1/samovar.service.d/"
    said=$(SYSTEMD_UNIT_PATH=$room/$1: systemd-analyze verify --man=no "$room/$1/samovar.service" "$room/$1/samovar.socket" 2>&1)
    [ -z "$said" ] || { echo "$said"; exit 1; }
    SYSTEMD_UNIT_PATH=$room/$1: systemd-analyze security --no-pager --offline=true --threshold="$2" \
        "$room/$1/samovar.service" >"$room/said" || { cat "$room/said"; exit 1; }
    tail -n 1 "$room/said"
}
exposure bare 17
exposure strict 7
exposure home-serving 17
exposure portal 19

tar c -C "$room/dest" . >"$room/installed.tar"
cat >"$room/play.sh" <<'END'
set -eux
url=http://127.0.0.1:8080
shown() { systemctl show -p "$1" --value samovar.service; }
wait_for() { for _ in $(seq 100); do "$@" && return; sleep 0.1; done; journalctl --no-pager -o cat -u samovar; return 1; }
says() { [ "$(shown "$1")" = "$2" ]; }
serves() { [ "$(curl -sS --max-time 10 "$url/$1")" = "some text" ]; }
stores() { curl -sS --max-time 10 -o /dev/null -w '%{http_code}\n' -T text "$url/$1"; }

tar x --keep-directory-symlink --no-same-owner -C / -f installed.tar
systemd-sysusers samovar.conf
systemd-tmpfiles --create samovar.conf
mkdir /etc/samovar
sed 's/read-only = on/allow-write = local/' /usr/share/doc/samovar/examples/samovar.conf >/etc/samovar/samovar.conf
echo "some text" >text
install -o samovar text /srv/samovar/file.txt
systemctl daemon-reload

# As it comes.
systemctl start samovar
says StatusText serving
serves file.txt
[ "$(stores new.txt)" = 201 ]
[ "$(stores file.txt)" = 204 ]
# The log is moved away and opened anew, by the rotation as it is shipped.
if command -v logrotate >/dev/null; then
    wait_for grep -q 'PUT /file.txt' /var/log/samovar/access.log
    cp /usr/share/doc/samovar/examples/logrotate/samovar rotation
    logrotate -f -s rotated rotation
    grep -q 'PUT /file.txt' /var/log/samovar/access.log.1
    serves file.txt
    wait_for grep -q 'GET /file.txt' /var/log/samovar/access.log
    [ "$(wc -l </var/log/samovar/access.log)" = 1 ]
fi
grep -qx 'CapEff:\s*0*' "/proc/$(shown MainPID)/status"
grep -qx 'Seccomp:\s*2' "/proc/$(shown MainPID)/status"
systemctl reload samovar
wait_for says StatusText reloaded
echo nonsense >>/etc/samovar/samovar.conf
systemctl reload samovar
wait_for says StatusText "not reloaded, the old configuration stays (the log says why)"
serves file.txt
sed -i '$d' /etc/samovar/samovar.conf
systemctl stop samovar
says Result success

# A server that hangs is started anew.
mkdir -p /run/systemd/system/samovar.service.d
printf '[Service]\nWatchdogSec=4s\n' >/run/systemd/system/samovar.service.d/watchdog.conf
systemctl daemon-reload
systemctl start samovar
first=$(shown MainPID)
sleep 5 # a busy machine may keep a healthy one waiting for a second or two
says MainPID "$first"
kill -STOP "$first"
moved_on() { says NRestarts 1 && says ActiveState active; } # between the two there is a moment without a process
wait_for moved_on || wait_for moved_on
serves file.txt
systemctl stop samovar
rm -r /run/systemd/system/samovar.service.d

# A wrong configuration is not tried again and again.
mv /etc/samovar/samovar.conf right.conf
echo nonsense >/etc/samovar/samovar.conf
systemctl daemon-reload
if systemctl start samovar; then exit 1; fi
says ExecMainStatus 2
says ActiveState failed
says NRestarts 0
cp right.conf /etc/samovar/samovar.conf
systemctl reset-failed samovar

# strict.conf: sockets from systemd, nothing else of the network and of the data.
mkdir -p /etc/systemd/system/samovar.service.d
cp /usr/share/doc/samovar/examples/strict.conf /etc/systemd/system/samovar.service.d/
systemctl daemon-reload
systemctl start samovar.socket
serves file.txt
[ "$(stores strict.txt)" = 201 ]
[ "$(stores file.txt)" = 204 ]
pid=$(shown MainPID)
[ -z "$(nsenter -t "$pid" -m find /home /mnt /opt -mindepth 1)" ]
[ "$(nsenter -t "$pid" -m ls /var/lib)" = samovar ]
[ "$(nsenter -t "$pid" -n ip -br link | wc -l)" = 1 ]
logged() { grep -q 'PUT /strict.txt' /var/log/samovar/access.log; }
wait_for logged

# TLS on the sockets of systemd, and a renewed certificate after a reload.
new_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null
    install -d -o root -g samovar -m 750 /etc/samovar/tls
    install -m 644 cert.pem /etc/samovar/tls/cert.pem.new
    install -o root -g samovar -m 640 key.pem /etc/samovar/tls/key.pem.new
    mv /etc/samovar/tls/cert.pem.new /etc/samovar/tls/cert.pem
    mv /etc/samovar/tls/key.pem.new /etc/samovar/tls/key.pem
}
secure() { [ "$(curl -sS --max-time 10 --cacert cert.pem https://127.0.0.1:8080/file.txt)" = "some text" ]; }
new_certificate
printf 'certificate = "/etc/samovar/tls/cert.pem"\nkey = "/etc/samovar/tls/key.pem"\n' >tls.conf
cat tls.conf right.conf >/etc/samovar/samovar.conf
systemctl restart samovar
secure
new_certificate
if secure; then echo "the old certificate should still be shown"; exit 1; fi
systemctl reload samovar
wait_for says StatusText reloaded
secure
# Metrics on a socket of a unit of one's own.
cat >/etc/systemd/system/samovar-metrics.socket <<'UNIT'
[Socket]
ListenStream=127.0.0.1:9180
FileDescriptorName=metrics
Service=samovar.service
UNIT
systemctl daemon-reload
systemctl stop samovar
systemctl start samovar-metrics.socket samovar
secure
[ "$(curl -sS -o /dev/null -w '%{http_code}' http://127.0.0.1:9180/health)" = 200 ]
curl -sS http://127.0.0.1:9180/metrics | tail -n 1 | grep -qx '# EOF'
systemctl stop samovar-metrics.socket samovar
cp right.conf /etc/samovar/samovar.conf
systemctl start samovar.socket samovar

# None is refused while it is restarted, again and again.
touch go
( failed=0; while [ -e go ]; do serves file.txt || failed=1; done; exit $failed ) &
for _ in 1 2 3; do systemctl restart samovar; done
rm go
wait $!
systemctl stop samovar.socket samovar
rm /etc/systemd/system/samovar.service.d/strict.conf

# home-serving.conf: a folder below /home, and nothing else of it.
useradd --create-home alice
install -d -o alice -g alice /home/alice/Public
install -o alice -g alice text /home/alice/Public/file.txt
echo secret >/home/alice/secret
sed -i 's|/srv/samovar|/home/alice/Public|' /etc/samovar/samovar.conf
cp /usr/share/doc/samovar/examples/home-serving.conf /etc/systemd/system/samovar.service.d/
systemctl daemon-reload
systemctl start samovar
serves file.txt
[ "$(stores new.txt)" = 201 ]
[ "$(stat -c %U /home/alice/Public/new.txt)" = alice ]
[ "$(nsenter -t "$(shown MainPID)" -m ls -A /home/alice)" = Public ]
systemctl stop samovar

# portal.conf: the program that opens the gateway keeps its one right, the server none; a login from a network beside ours gets through.
if [ -x /usr/libexec/samovar-firewall ] && command -v nft; then
    rm -f /etc/systemd/system/samovar.service.d/*
    cp /usr/share/doc/samovar/examples/portal.conf /etc/systemd/system/samovar.service.d/
    unshare -n sleep infinity &
    guest=$!
    moved() { ip link add lan0 type veth peer name eth0 netns "$guest"; } # as soon as it has its own network
    wait_for moved
    ip addr add 192.0.2.1/24 dev lan0
    ip link set lan0 up
    nsenter -t "$guest" -n sh -ec 'ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up'
    cat >/etc/samovar/samovar.conf <<'CONF'
listen = { "0.0.0.0:443" }
certificate = { "/etc/samovar/tls/cert.pem" }
key = { "/etc/samovar/tls/key.pem" }
site "venue" { root = "/srv/samovar" }
portal { name = "portal.example.net" login = { terms } terms = "/etc/samovar/terms.txt" }
CONF
    echo "Be kind." >/etc/samovar/terms.txt
    new_certificate
    systemctl daemon-reload
    # Without the rules it says what is missing.
    if systemctl start samovar; then exit 1; fi
    journalctl --no-pager -o cat -u samovar | grep 'samovar portal --print-nft'
    systemctl stop samovar
    samovar portal --print-nft lan0 wan0 | nft -f -
    systemctl start samovar
    holds() { grep -qx "CapEff:\s*$2" "/proc/$1/status"; }
    holds "$(shown MainPID)" '0*'
    holds "$(pidof samovar-firewall)" '0*1000'
    by_guest() { nsenter -t "$guest" -n curl -sSk --max-time 10 --resolve '*:443:192.0.2.1' "$@"; }
    [ "$(by_guest -o /dev/null -w '%{http_code}' -H 'Host: www.example.com' http://192.0.2.1:8511/)" = 511 ]
    by_guest -o /dev/null --data terms=yes https://portal.example.net/login
    is_in() { nft list set inet samovar guests4 | grep -q '192\.0\.2\.2 '; }
    is_in
    by_guest https://portal.example.net/captive-api | grep '"captive": *false'
    samovar portal /srv/samovar | grep 192.0.2.2
    # A restart throws nobody out, nor does one with all rules gone.
    nft flush ruleset
    samovar portal --print-nft lan0 wan0 | nft -f -
    systemctl restart samovar
    wait_for is_in
    by_guest https://portal.example.net/captive-api | grep '"captive": *false'
    systemctl stop samovar
    [ -z "$(pidof samovar-firewall)" ]
    is_in
    kill "$guest"
fi
END
tools/scratch --give "$room/installed.tar" --give "$room/play.sh" sh ./play.sh
