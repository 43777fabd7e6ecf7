#!/usr/bin/env bats
# make install and uninstall, into a folder of the test's own.
# shellcheck shell=bash

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	unset MAKEFLAGS MAKELEVEL MFLAGS
}
teardown() { stop_all; }

there() { # TARGET [VARIABLE=VALUE...]: make TARGET for the folder d; the PREFIX of the build, so that nothing is built anew
	make -s -C "${TREE:-$ROOT}" BUILD="$BUILD" SAN="${SAN-}" DESTDIR="$PWD/d" "$@"
}
tree() { find d -printf '%P %y %m %l\n' | sort; }

@test "make alone builds all" {
	make -C "$ROOT" -npq BUILD=nothing | grep -x '.DEFAULT_GOAL := all'
}

@test "install puts programs, manual pages and data where a packager expects them" {
	there install
	for tool in kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster katoctl; do
		[ -x "d/usr/local/bin/$tool" ]
		[ -f "d/usr/local/share/man/man1/$tool.1" ]
		[ -r "d/usr/local/share/bash-completion/completions/$tool" ]
	done
	cd d/usr/local
	[ -f share/man/man5/kato-stream.5 ]
	[ -f share/man/man7/kato-wire.7 ]
	[ -f share/kato-live/pipeline.conf ]
	[ -f share/kato-live/dashboard/index.html ]
	[ -f share/kato-live/demo/kato.ndjson ]
	(cd / && "$OLDPWD/bin/katoctl" check pipeline-diagnostics.conf && "$OLDPWD/bin/alertd" --check --rules alerts-diagnostics.conf)
	[ -f share/kato-live/demo/diagnostics.ndjson ]
	[ -f share/kato-live/demo/openrisk.ndjson ]
	[ -f share/kato-live/schema/record.json ]
	[ -f share/doc/kato-live/LICENSE ]
	[ -f share/zsh/site-functions/_kato-live ]
	[ -f lib/sysusers.d/kato-live.conf ]
	grep -qx 'ExecStart=/usr/local/bin/katoctl run.*' lib/systemd/system/kato-live.service
	[ ! -e share/kato-live/completions ]
	[ -z "$(find ../.. -perm /go+w -not -type l)" ]
	run grep -rE '@[A-Z]+@' lib share/kato-live/systemd
	[ "$status" -eq 1 ]
	(cd "$ROOT/share" && find dashboard react -type f) >files
	grep -qx dashboard/vendor/LICENSE files
	while read -r f; do cmp "$ROOT/share/$f" "share/kato-live/$f"; done <files
	# everything in share/ is somewhere
	for f in "$ROOT"/share/*; do
		[ "${f##*/}" = completions ] || [ "${f##*/}" = screenshots ] || [ -e "share/kato-live/${f##*/}" ]
	done
}

@test "every folder can be told" {
	# shellcheck disable=SC2016 # make's
	printf 'where:\n\t@printf "%%s\\n" "$$what"\ninclude Makefile\n' >where.mk
	make -s -C "$ROOT" -f "$PWD/where.mk" where PREFIX=/p BINDIR=/b MANDIR=/m SYSCONFDIR=/e UNITDIR=/u SYSUSERSDIR=/s BASHCOMPDIR=/c ZSHCOMPDIR=/z DOCDIR=/d SHARE=/h >out
	awk 'NF { split($3, a, "/"); print a[2] }' out | sort -u | paste -sd ' ' >got
	[ "$(cat got)" = 'b c d e h m s u z' ]
}

@test "the installed pipeline finds its own files and runs" {
	there install
	export KATO_CONTROL=$PWD/control KATO_LIVE_PORT=0
	PATH=$PWD/d/usr/local/bin:$PATH
	spawn run "$PWD/d/usr/local/bin/katoctl" run --demo
	port=$(port_of run)
	curl -sf "http://127.0.0.1:$port/" | grep -qi '<title>'
	wait_for 15 curl -sf "http://127.0.0.1:$port/api/v1/snapshot"
	curl -sf "http://127.0.0.1:$port/api/v1/snapshot" | jq -e '.demo == true'
}

@test "uninstall takes away what install put, and nothing else" {
	mkdir -p d/usr/local/bin d/usr/local/share/man d/etc/kato-live
	echo theirs >d/usr/local/bin/other
	echo theirs >d/usr/local/share/man/other
	echo 'LOG_LEVEL=debug' >d/etc/kato-live/kato-live.env
	tree >before
	there install
	there install # once more changes nothing
	there uninstall
	tree | diff before -
	there uninstall 2>err
	tree | diff before -
	grep -q 'nothing to uninstall' err
}

@test "install overwrites nothing in /etc; uninstall leaves /etc and /var and says so" {
	there install
	cmp "$ROOT/share/kato-live.env" d/etc/kato-live/kato-live.env
	echo 'LOG_LEVEL=debug' >d/etc/kato-live/kato-live.env
	there install
	[ "$(cat d/etc/kato-live/kato-live.env)" = 'LOG_LEVEL=debug' ]
	mkdir -p d/var/lib/private/kato-live
	echo known >d/var/lib/private/kato-live/alertd.state
	there uninstall >out
	[ "$(find d -type f | sort | paste -sd ' ')" = 'd/etc/kato-live/kato-live.env d/var/lib/private/kato-live/alertd.state' ]
	grep -q "left as it is: .*/d/etc/kato-live$" out
	grep -q "left as it is: .*/d/var/lib/private/kato-live$" out
	run grep kato-collector out # there is none
	[ "$status" -eq 1 ]
}

@test "what an earlier version had and this one has not goes at the upgrade" {
	mkdir -p d a b
	echo one >a/one
	echo two >a/two
	put() { printf '%s\n' "$@" | put-files "$PWD/d" /share/installed; }
	put '0644 a/one /share/one' '0755 a/two /old/folder/two' 'link one /share/link'
	[ -x d/old/folder/two ] && [ "$(readlink d/share/link)" = one ]
	put '0644 a/one /share/one' '0644 a/two /share/new'
	[ ! -e d/old ] && [ ! -L d/share/link ] && [ -f d/share/new ]
	put-files --remove "$PWD/d" /share/installed
	[ -z "$(ls -A d)" ]
}

@test "built twice in different folders the programs are the same" {
	for n in one two; do
		mkdir "$n"
		tar -C "$ROOT" -cf - Makefile VERSION lib alertd share | tar -C "$n" -xf -
		make -s -C "$n" BUILD=out SAN='' COV='' out/bin/alertd
	done
	cmp one/out/bin/alertd two/out/bin/alertd
	run grep -c "$BATS_TEST_TMPDIR" one/out/bin/alertd
	[ "$output" -eq 0 ]
}

@test "flags of a packager are honoured" {
	tar -C "$ROOT" -cf - Makefile VERSION lib alertd share | tar -xf -
	make -C . BUILD=out SAN='' COV='' CFLAGS='-O1 -DIN_CFLAGS' CPPFLAGS=-DIN_CPPFLAGS LDFLAGS=-Wl,-z,now out/bin/alertd >out.log
	grep -- '-c -o out/alertd/alertd.o' out.log | grep -- -DIN_CFLAGS | grep -- -DIN_CPPFLAGS | grep -q -- -D_GNU_SOURCE
	grep -- '-o out/bin/alertd' out.log | grep -q -- -Wl,-z,now
	out/bin/alertd --version
}
