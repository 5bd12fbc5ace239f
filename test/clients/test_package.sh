#!/bin/sh
# The Debian package: built, clean to lintian, installed in a copy of the system, asked by its own tests there, and removed.
set -eu
cd "$(dirname "$0")/../.."
for tool in dpkg-buildpackage dh lintian; do
    command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done

# What the package is built with is what the program is built with.
needs=$(sed -n '/^build_needs()/,/^END/s/^\([a-z0-9-]*\)|.*/\1/p' tools/setup | grep -vx 'gcc\|libc6-dev' | sort)
named=$(sed -n '/^Build-Depends:/,/^[^ ]*:/s/^ \([a-z0-9-]*\)[ ,].*/\1/p' debian/control | grep -vx 'debhelper-compat\|dh-sequence-.*' | sort)
[ "$needs" = "$named" ] || { printf 'tools/setup:\n%s\ndebian/control:\n%s\n' "$needs" "$named"; exit 1; }

mkdir -p build-deb
before=$(ls -A . debian)
tools/deb
[ "$before" = "$(ls -A . debian)" ] || { echo "building left something among the sources"; exit 1; }

deb=$(echo build-deb/samovar_*.deb)
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat >"$script" <<'END'
set -eux
# Its dependencies are here as this system's own; nothing is fetched.
dpkg --force-unsafe-io --install samovar_*.deb
[ "$(stat -c %U /srv/samovar)" = samovar ]
samovar --config /etc/samovar/samovar.conf --check-config
sh ./serve
sh ./service
# An upgrade restarts a server that runs and leaves its sockets alone.
systemctl start samovar.socket samovar.service
before=$(systemctl show -p MainPID --value samovar.service)
dpkg --force-unsafe-io --install samovar_*.deb
[ "$(systemctl show -p MainPID --value samovar.service)" != "$before" ]
systemctl is-active samovar.socket samovar.service
curl -sS http://127.0.0.1:8080/file.txt
dpkg --remove samovar
[ "$(systemctl is-active samovar.service || true)" = inactive ]
[ "$(systemctl is-active samovar.socket || true)" = inactive ]
dpkg --purge samovar
[ ! -e /etc/samovar ] && [ ! -e /var/log/samovar ] && [ -e /srv/samovar/file.txt ]
END
tools/scratch --give "$deb" --give debian/tests/serve --give debian/tests/service --give "$script" sh "./${script##*/}"
