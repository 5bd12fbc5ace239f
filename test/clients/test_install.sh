#!/bin/sh
# make install: what is where, for packagers (DESTDIR=, PREFIX=/usr) and for a prefix of one's own, and that it runs.
set -eu
cd "$(dirname "$0")/../.."
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

make --no-print-directory install DESTDIR="$room/dest" PREFIX=/usr
(cd "$room/dest" && find . -type f | sed 's|^\./lib/systemd|./usr/lib/systemd|' | sort) >"$room/got"
sort >"$room/want" <<'END'
./usr/bin/samovar
./usr/lib/systemd/system/samovar.service
./usr/lib/systemd/system/samovar.socket
./usr/lib/sysusers.d/samovar.conf
./usr/lib/tmpfiles.d/samovar.conf
./usr/share/bash-completion/completions/samovar
./usr/share/doc/samovar/README.md
./usr/share/doc/samovar/bindings.md
./usr/share/doc/samovar/client.md
./usr/share/doc/samovar/codes/102.md
./usr/share/doc/samovar/codes/206.md
./usr/share/doc/samovar/codes/207.md
./usr/share/doc/samovar/codes/208.md
./usr/share/doc/samovar/codes/226.md
./usr/share/doc/samovar/codes/304.md
./usr/share/doc/samovar/codes/308.md
./usr/share/doc/samovar/codes/412.md
./usr/share/doc/samovar/codes/416.md
./usr/share/doc/samovar/codes/418.md
./usr/share/doc/samovar/codes/422.md
./usr/share/doc/samovar/codes/423.md
./usr/share/doc/samovar/codes/424.md
./usr/share/doc/samovar/codes/428.md
./usr/share/doc/samovar/codes/429.md
./usr/share/doc/samovar/codes/431.md
./usr/share/doc/samovar/codes/451.md
./usr/share/doc/samovar/codes/506.md
./usr/share/doc/samovar/codes/507.md
./usr/share/doc/samovar/codes/508.md
./usr/share/doc/samovar/codes/510.md
./usr/share/doc/samovar/codes/511.md
./usr/share/doc/samovar/codes/README.md
./usr/share/doc/samovar/coffee.md
./usr/share/doc/samovar/compress.md
./usr/share/doc/samovar/deltas.md
./usr/share/doc/samovar/examples/dnsmasq/samovar-portal.conf
./usr/share/doc/samovar/examples/fail2ban/samovar.conf
./usr/share/doc/samovar/examples/home-serving.conf
./usr/share/doc/samovar/examples/logrotate/samovar
./usr/share/doc/samovar/examples/portal.conf
./usr/share/doc/samovar/examples/samovar.conf
./usr/share/doc/samovar/examples/samovar.conf.example
./usr/share/doc/samovar/examples/strict.conf
./usr/share/doc/samovar/limits.md
./usr/share/doc/samovar/metrics.md
./usr/share/doc/samovar/negotiation.md
./usr/share/doc/samovar/operation.md
./usr/share/doc/samovar/patch.md
./usr/share/doc/samovar/portal.md
./usr/share/doc/samovar/survey.md
./usr/share/doc/samovar/versions.md
./usr/share/fish/vendor_completions.d/samovar.fish
./usr/share/man/man1/samovar.1
./usr/share/man/man5/samovar.5
./usr/share/man/man7/samovar-codes.7
./usr/share/man/man8/samovar.8
./usr/share/zsh/site-functions/_samovar
END
# The program that reaches pots by a broker, and the firewall's, are built where their libraries are.
! pkg-config --exists libmosquitto || printf '%s\n' ./usr/libexec/samovar-mqtt ./usr/share/man/man8/samovar-mqtt.8 >>"$room/want"
! pkg-config --exists libmnl libnetfilter_conntrack || printf '%s\n' ./usr/libexec/samovar-firewall ./usr/share/man/man8/samovar-firewall.8 >>"$room/want"
sort -o "$room/want" "$room/want"
diff -u "$room/want" "$room/got"
"$room/dest/usr/bin/samovar" --version
unit=$(find "$room/dest" -name samovar.service)
grep -qx 'ExecStart=/usr/bin/samovar --config /etc/samovar/samovar.conf' "$unit"

# The example says of itself that it is right, but for the folder that is not here.
mkdir "$room/root"
sed "s|/srv/samovar|$room/root|" "$room/dest/usr/share/doc/samovar/examples/samovar.conf" >"$room/samovar.conf"
"$room/dest/usr/bin/samovar" --config "$room/samovar.conf" --check-config

# Without DESTDIR, and with a prefix of its own, all is below it.
make --no-print-directory install PREFIX="$room/own"
"$room/own/bin/samovar" --version >/dev/null
[ "$(find "$room/own" -type f | wc -l)" = "$(wc -l <"$room/want")" ]
grep -q "^ExecStart=$room/own/bin/samovar --config /etc/samovar/samovar.conf" "$room/own/lib/systemd/system/samovar.service"
