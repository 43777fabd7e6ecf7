#!/usr/bin/env bats
# make deb: the package, and what happens to settings and state when it is installed, upgraded, downgraded, removed and
# purged, in a root folder of the test's own.
# shellcheck shell=bash

load helper

setup_file() {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	make -s -C "$BATS_TEST_DIRNAME/.." BUILD="$BATS_FILE_TMPDIR/b" SAN='' COV='' deb
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	version=$(cat "$ROOT/VERSION")
	deb=$(echo "$BATS_FILE_TMPDIR"/b/deb/kato-live_"$version"_*.deb)
	next=$BATS_FILE_TMPDIR/next.deb
	scratch=$BATS_TEST_TMPDIR/root
}

# The package again as the next version would be: another number, another default pipeline.
make_next() {
	[ -e "$next" ] && return
	dpkg-deb -R "$deb" tree
	sed -i "s/^Version: .*/Version: $version.1/" tree/DEBIAN/control
	echo '# new in this version' >>tree/etc/kato-live/pipeline.conf
	dpkg-deb --root-owner-group -b tree "$next" >/dev/null
}

empty_root() {
	mkdir -p "$scratch"/var/lib/dpkg/{info,updates} "$scratch/etc" "$scratch/usr/sbin"
	touch "$scratch"/var/lib/dpkg/{status,available}
	# whoever is asked whether to start a service here says no
	printf '#!/bin/sh\nexit 101\n' >"$scratch/usr/sbin/policy-rc.d"
	chmod +x "$scratch/usr/sbin/policy-rc.d"
}

package() { # ARGUMENT...: dpkg, in that root
	dpkg --root="$scratch" --log=/dev/null --force-depends --force-script-chrootless --force-confold "$@" >>dpkg.log 2>&1 </dev/null || { cat dpkg.log; return 1; }
}
installed() { dpkg-query --admindir="$scratch/var/lib/dpkg" -W -f "\${Version} \${db:Status-Status}" kato-live; }

@test "the package holds what it should, where Debian wants it" {
	dpkg -c "$deb" | awk '{ print $6 }' >list
	for f in ./usr/bin/{kato-metrics,docker-stats,session-watch,alertd,broadcaster,katoctl} ./usr/share/man/man1/katoctl.1.gz \
		./usr/share/man/man5/kato-stream.5.gz ./lib/systemd/system/kato-live.service ./usr/lib/sysusers.d/kato-live.conf \
		./etc/kato-live/kato-live.env ./etc/kato-live/pipeline.conf ./usr/share/kato-live/dashboard/index.html \
		./usr/share/doc/kato-live/copyright ./usr/share/bash-completion/completions/katoctl ./usr/share/zsh/vendor-completions/_kato-live; do
		grep -qx "$f" list || { echo "missing: $f"; return 1; }
	done
	run grep -E '/usr/local|\./usr/share/kato-live/installed|/doc/.*LICENSE' list
	[ "$status" -eq 1 ]
	grep -qx ./usr/share/man/man1/docker-stats.1kato.gz list
	# no other package of this machine, Docker's for one, has a file of that name
	grep -v '/$' list | sed 's/^\.//' | xargs dpkg -S 2>/dev/null | grep -v '^kato-live: ' >theirs || true
	[ ! -s theirs ] || { cat theirs; return 1; }
	dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./conffiles | sort | diff - <(printf '/etc/kato-live/%s\n' kato-live.env pipeline.conf)
	# loaded at run time, so that no linker knows of it
	dpkg-deb -f "$deb" Depends | grep -q libwebsockets-evlib-ev
	dpkg-deb -f "$deb" Depends | grep -q libcurl4
}

@test "lintian finds nothing" {
	run lintian --allow-root --fail-on error,warning "$BATS_FILE_TMPDIR"/b/deb/*.changes
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the programs are hardened, know their version, and no path of the building machine" {
	dpkg -x "$deb" x
	for f in x/usr/bin/*; do
		readelf -dW "$f" | grep -q 'BIND_NOW\|FLAGS.*NOW'
		readelf -hW "$f" | grep -q 'Type: *DYN'
		[ "$("$f" --version)" = "${f##*/} $version" ]
		run grep -c "$ROOT\|$BATS_FILE_TMPDIR" "$f"
		[ "$output" -eq 0 ]
	done
	run grep -r '@[A-Z]*@' x/lib x/usr/lib x/usr/share/kato-live/systemd
	[ "$status" -eq 1 ]
	grep -qx 'ExecStart=/usr/bin/katoctl run.*' x/lib/systemd/system/kato-live.service
}

@test "the pipeline in it is sound" {
	dpkg -x "$deb" x
	x/usr/bin/katoctl check x/etc/kato-live/pipeline.conf
	KATO_LIVE_SETTINGS=x/etc/kato-live/kato-live.env x/usr/bin/alertd --check
}

@test "upgrade and downgrade keep state and changed settings" {
	make_next
	empty_root
	package -i "$deb"
	[ "$(installed)" = "$version installed" ]
	[ -L "$scratch/etc/systemd/system/multi-user.target.wants/kato-live.service" ]
	grep -q '^kato-live-feed:' "$scratch/etc/group"
	echo 'ALERT_CPU_THRESHOLD=50' >>"$scratch/etc/kato-live/kato-live.env"
	echo mine >"$scratch/etc/kato-live/alerts.conf"
	mkdir -p "$scratch/var/lib/private/kato-live"
	echo known >"$scratch/var/lib/private/kato-live/alertd.state"
	ln -s private/kato-live "$scratch/var/lib/kato-live"
	# an administrator who does not want it started
	systemctl --root="$scratch" disable kato-live.service

	package -i "$next"
	[ "$(installed)" = "$version.1 installed" ]
	kept() {
		[ "$(cat "$scratch/var/lib/kato-live/alertd.state")" = known ] &&
			[ "$(tail -n 1 "$scratch/etc/kato-live/kato-live.env")" = ALERT_CPU_THRESHOLD=50 ] &&
			[ "$(cat "$scratch/etc/kato-live/alerts.conf")" = mine ] &&
			[ ! -e "$scratch/etc/systemd/system/multi-user.target.wants/kato-live.service" ]
	}
	kept
	# not changed by hand: the new one
	grep -q 'new in this version' "$scratch/etc/kato-live/pipeline.conf"

	package -i "$deb"
	[ "$(installed)" = "$version installed" ]
	kept
	run grep 'new in this version' "$scratch/etc/kato-live/pipeline.conf"
	[ "$status" -eq 1 ]

	package -r kato-live
	[ ! -e "$scratch/usr/bin/katoctl" ]
	kept
}

@test "a purge leaves nothing" {
	empty_root
	package -i "$deb"
	echo mine >"$scratch/etc/kato-live/alerts.conf"
	mkdir -p "$scratch"/var/lib/private/{kato-live,kato-collector/session-watch}
	echo known | tee "$scratch/var/lib/private/kato-live/alertd.state" >"$scratch/var/lib/private/kato-collector/session-watch/s.state"
	ln -s private/kato-live "$scratch/var/lib/kato-live"
	ln -s private/kato-collector "$scratch/var/lib/kato-collector"
	package -r kato-live
	[ -e "$scratch/etc/kato-live/alerts.conf" ]
	[ -e "$scratch/var/lib/kato-live/alertd.state" ]
	package -P kato-live
	left=$(find "$scratch" -path "$scratch/var/lib/dpkg" -prune -o -name '*kato*' -print)
	[ -z "$left" ] || { echo "$left"; return 1; }
}
