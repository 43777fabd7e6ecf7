#!/usr/bin/env bats
# make install and uninstall, into a folder of the test's own.
# shellcheck shell=bash

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	make -s -C "$ROOT" BUILD="$BUILD" SAN="${SAN-}" DESTDIR="$PWD/d" PREFIX=/usr install
}
teardown() { stop_all; }

@test "install puts programs, manual pages and data where a packager expects them" {
	for tool in kato-metrics docker-stats session-watch alertd broadcaster katoctl; do
		[ -x "d/usr/bin/$tool" ]
		[ -f "d/usr/share/man/man1/$tool.1" ]
	done
	[ -f d/usr/share/man/man5/kato-stream.5 ]
	[ -f d/usr/share/man/man7/kato-wire.7 ]
	[ -f d/usr/share/kato-live/pipeline.conf ]
	[ -f d/usr/share/kato-live/dashboard/index.html ]
	[ -f d/usr/share/kato-live/demo/kato.ndjson ]
	[ -f d/usr/share/kato-live/schema/record.json ]
	[ -z "$(find d -perm /go+w -not -type l)" ]
}

@test "the installed pipeline finds its own files and runs" {
	export KATO_CONTROL=$PWD/control KATO_LIVE_PORT=0
	PATH=$PWD/d/usr/bin:$PATH
	spawn run "$PWD/d/usr/bin/katoctl" run --demo
	port=$(port_of run)
	curl -sf "http://127.0.0.1:$port/" | grep -qi '<title>'
	wait_for 15 curl -sf "http://127.0.0.1:$port/api/v1/snapshot"
	curl -sf "http://127.0.0.1:$port/api/v1/snapshot" | jq -e '.demo == true'
}

@test "uninstall takes all of it away again" {
	make -s -C "$ROOT" BUILD="$BUILD" SAN="${SAN-}" DESTDIR="$PWD/d" PREFIX=/usr uninstall
	[ -z "$(find d -type f)" ]
}
