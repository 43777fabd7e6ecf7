#!/usr/bin/env bats
# The documents say what the programs do: settings, man pages, help and examples agree.
# shellcheck shell=bash

load helper
load prometheus
load docker

TOOLS="kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster"

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ln -s "$ROOT/share" share
	ln -s "$ROOT/share/demo" demo
	# a pipeline that is found by its name is found here first: on a free port
	sed 's/--listen 8000/--listen 0/' "$ROOT/share/pipeline-diagnostics.conf" >pipeline-diagnostics.conf
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control KATO_LIVE_PORT=0
}

teardown() {
	stop_all
	engine_stop "$BATS_TEST_TMPDIR/engine"
}

# commands of katoctl that have settings of their own
katoctl_commands() { katoctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }

settings_of() { # TOOL [COMMAND]: option, env and file name, a "-" where there is none
	"$@" --list-settings | awk -F '\t' -v OFS='\t' '{ print $1 ? $1 : "-", $4 ? $4 : "-", $5 ? $5 : "-" }'
}

@test "man pages are clean" {
	for page in "$ROOT"/man/*.[1-8]; do
		run mandoc -T lint -W warning "$page"
		[ -z "$output" ] || { echo "$output"; return 1; }
	done
}

@test "every literal block of a man page is looked at by a test" {
	man-blocks --unmarked "$ROOT"/man/*.[1-8]
}

@test "every example record of the man pages is valid" {
	man-blocks 'json record' "$ROOT"/man/*.[1-8] | cut -f 3 | jq -r . | jq -c . >records
	[ -s records ]
	valid records
}

@test "every example message of the man pages is valid" {
	man-blocks 'json wire' "$ROOT"/man/*.[1-8] | cut -f 3 | jq -r . | jq -c . >messages
	[ -s messages ]
	valid --wire messages
}

@test "every example answer of the man pages is valid" {
	man-blocks 'json http' "$ROOT"/man/*.[1-8] >answers
	[ -s answers ]
	while IFS=$'\t' read -r where name text; do
		jq -rn "$text" | jq -c . | valid --http "$name" || { echo "$where"; return 1; }
	done <answers
}

@test "each program's help names its options and its man page has them all" {
	for tool in $TOOLS; do
		"$tool" --help >help
		grep -q '^Usage: ' help
		grep -q '^Examples:' help
		settings_of "$tool" >settings
		while IFS=$'\t' read -r option env file; do
			if [ "$option" != - ]; then
				grep -q -- "--$option" help || { echo "$tool --help: --$option"; return 1; }
				grep -q -- "Fl -${option//-/\\\\*-}" "$ROOT/man/$tool.1" || { echo "$tool.1: --$option"; return 1; }
			fi
			for name in $env $file; do
				[ "$name" = - ] || grep -q "$name" "$ROOT/man/$tool.1" || { echo "$tool.1: $name"; return 1; }
			done
		done <settings
	done
}

@test "katoctl's man page has every command and every option" {
	for command in $(katoctl_commands); do
		grep -q "Cm $command" "$ROOT/man/katoctl.1" || { echo "katoctl.1: $command"; return 1; }
		katoctl "$command" --help | grep -q "^Usage: katoctl $command"
		settings_of katoctl "$command" >settings
		while IFS=$'\t' read -r option env file; do
			[ "$option" = - ] || grep -q -- "Fl -${option//-/\\\\*-}" "$ROOT/man/katoctl.1" || { echo "katoctl.1: $command --$option"; return 1; }
			for name in $env $file; do
				[ "$name" = - ] || grep -q "$name" "$ROOT/man/katoctl.1" || { echo "katoctl.1: $command: $name"; return 1; }
			done
		done <settings
	done
}

@test "kato-live.env has every variable of every program, and no other" {
	{
		for tool in $TOOLS; do settings_of "$tool"; done
		for command in $(katoctl_commands); do settings_of katoctl "$command"; done
	} | awk -F '\t' '{ if ($3 != "-") print $3; else if ($2 != "-") print $2 }' | grep -vE '^KATO_(READY|ACK|STORE)_FD$' | sort -u >known
	echo LOG_LEVEL >>known
	sort -u -o known known
	sed -n 's/^#\{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$ROOT/share/kato-live.env" | sort -u >listed
	diff known listed
}

@test "every program says its version" {
	for tool in $TOOLS katoctl; do
		[ "$("$tool" --version)" = "$tool $(cat "$ROOT/VERSION")" ]
	done
}

# example FOLDER WHERE MARK TEXT: runs it in a folder of its own, where all that is here is, too; what is wrong is in FOLDER.wrong
example() {
	local seconds=${3%%[!0-9]*} status=0 f
	mkdir "$1"
	for f in *; do [ "$f" = "$1" ] || ln -s "../$f" "$1/$f"; done
	cd "$1" || return 1
	jq -rn "$4" | sed -E "s/127\.0\.0\.1:80[08]0/127.0.0.1:${PORT:-8080}/g" >example.sh
	! grep -q 'katoctl run' example.sh || export KATO_CONTROL=$PWD/control
	STATE_DIRECTORY=$PWD/state timeout "${seconds:-20}" bash -o pipefail example.sh </dev/null >example.out 2>example.err 3>&- || status=$?
	[ -n "$seconds" ] && [ "$status" -eq 124 ] && status=0
	[[ $3 != *quiet* ]] || echo quiet >example.out
	if [ "$status" -ne 0 ] || [ ! -s example.out ] && [ ! -s example.err ]; then
		{ echo "$2: exit $status"; cat example.sh example.err; } >"../$1.wrong"
	fi
	return 0
}

# examples MARKED-FILE...: runs each block marked "run"; a number is how many seconds a block that does not end may go on,
# "quiet" one that prints nothing. Those with a number run side by side, the others after each other.
examples() {
	local where mark text n=0 beside=()
	while IFS=$'\t' read -r where mark text; do
		case $mark in *docker*) [ -n "${DOCKER_HOST-}" ] || continue ;; esac
		n=$((n + 1))
		if [[ $mark == [0-9]* ]]; then
			(example "block-$n" "$where" "$mark" "$text") &
			beside+=($!)
		else
			(example "block-$n" "$where" "$mark" "$text")
		fi
	done < <(man-blocks run "$@" | grep -E "${ONLY:-.}")
	[ ${#beside[@]} -eq 0 ] || wait "${beside[@]}"
	[ "$n" -gt 0 ]
	! cat block-*.wrong 2>/dev/null || return 1
}

@test "the examples that need KATO work" {
	spawn kato kato-standin --port 0
	wait_for 10 out_has kato '^[0-9]*$'
	KATO_API_URL=http://127.0.0.1:$(head -n 1 kato.out)
	export KATO_API_URL
	ONLY=$'\t([0-9]+ )?kato( quiet)?\t' examples "$ROOT"/man/*.[1-8]
}

@test "the examples that need the demo recording or nothing work" {
	ONLY=$'\t(-|[0-9]+|([0-9]+ )?demo)\t' examples "$ROOT"/man/*.[1-8]
}

live() {
	mkfifo feed
	SPAWN_STDIN=feed spawn broadcaster broadcaster --port 0
	spawn replay sh -c 'katoctl replay --retime --loop --speed 20 demo/kato.ndjson | alertd >feed'
	PORT=$(port_of broadcaster)
	export PORT KATO_LIVE_URL=ws://127.0.0.1:$PORT/ws
	wait_for 10 curl -sf "http://127.0.0.1:$PORT/api/v1/system/metrics"
}

@test "the examples that look at a running server work" {
	live
	ONLY=$'\t([0-9]+ )?live\t' examples "$ROOT"/man/*.[1-8]
}

@test "each message kato-wire(7) shows a client sending gets the reply it says" {
	live
	while IFS=$'\t' read -r where reply text; do
		jq -rn "$text" | jq -c . >message
		wsclient --send "$(cat message)" --until "\"type\":\"$reply\"" --seconds 5 "$PORT" >messages || { echo "$where"; return 1; }
		grep "\"type\":\"$reply\"" messages | tail -n 1 | valid --wire
	done < <(man-blocks 'json send' "$ROOT/man/kato-wire.7")
}

@test "the examples that look into a running pipeline work" {
	spawn run katoctl run --demo
	wait_for 20 katoctl status
	ONLY=$'\t([0-9]+ )?running\t' examples "$ROOT"/man/*.[1-8]
}

@test "the examples that ask a Prometheus work" {
	echo 'http_requests_total{pod="api",status="200"} {s}' >page
	prometheus_up "$BATS_TEST_TMPDIR" --services 0 --file "$PWD/page"
	KATO_PROMETHEUS_URL=$(cat "$BATS_TEST_TMPDIR/url")
	export KATO_PROMETHEUS_URL
	ONLY=$'\t([0-9]+ )?prometheus\t' examples "$ROOT"/man/*.[1-8]
}

@test "the examples that look at the diagnostics pipeline work, and so do those that ask an OpenRisk" {
	spawn run katoctl run --demo --config pipeline-diagnostics.conf
	PORT=$(port_of run)
	wait_for 20 curl -sf "http://127.0.0.1:$PORT/api/v1/dashboard/complete"
	export PORT OPENRISK_URL=http://127.0.0.1:$PORT OPENRISK_TOKEN=any
	ONLY=$'\t([0-9]+ )?(diagnostics|openrisk)\t' examples "$ROOT"/man/*.[1-8]
}

@test "the examples that need Docker work" {
	engine_start "$BATS_TEST_TMPDIR/engine"
	engine_use
	box kato -- sleep 600
	ONLY=$'\t([0-9]+ )?docker\t' examples "$ROOT"/man/*.[1-8]
	engine_stop "$BATS_TEST_TMPDIR/engine"
}

@test "the pipelines of the README work" {
	spawn kato kato-standin --port 0
	wait_for 10 out_has kato '^[0-9]*$'
	KATO_API_URL=http://127.0.0.1:$(head -n 1 kato.out)
	export KATO_API_URL
	awk '/^```sh/ { on = 1; n++; next } /^```/ { on = 0 } on { print > ("readme-" n ".sh") }' "$ROOT/README.md"
	[ "$(grep -c "^make" readme-1.sh)" -eq 2 ]
	grep -q kato-metrics readme-2.sh && bash -eo pipefail readme-2.sh | jq -e .requests
	grep -q alertd readme-4.sh && bash -eo pipefail readme-4.sh | grep -q CPU
	# of the diagnostics: what would be run, and a demo that plays on a free port
	[ "$(sed -n 's/^make run //p' readme-5.sh | cut -d ' ' -f 1)" = DEMO=diagnostics ]
	make -n -C "$ROOT" BUILD="$BUILD" run DEMO=diagnostics | grep -q -- "katoctl run --demo --config share/pipeline-diagnostics.conf$"
	grep -q '^katoctl run --config pipeline-diagnostics.conf ' readme-5.sh
	(cd / && katoctl check pipeline-diagnostics.conf)
}

@test "what the README names is there" {
	local f route port
	# files and folders in `code` and in pictures, as git has them; pages and routes, as the server answers
	# shellcheck disable=SC2016 # Markdown
	grep -oE '`[a-z.]+/[a-zA-Z0-9_./-]*`|\]\([^)]+\)|man man/[a-z.0-9-]+' "$ROOT/README.md" | sed -E 's/^`|`$|^\]\(|\)$|^man //g' | sort -u >files
	grep -qx share/screenshots/overview-light.png files
	while read -r f; do [ -e "$ROOT/$f" ] || { echo "README.md: $f"; return 1; }; done <files
	spawn hub broadcaster --port 0
	port=$(port_of hub)
	# shellcheck disable=SC2016 # Markdown
	grep -oE '`/[a-z0-9./]*`' "$ROOT/README.md" | tr -d '`' | grep -v '^/\(etc\|usr\|var\)' | sort -u >routes
	grep -qx /config.json routes
	while read -r route; do
		[ "$(curl -s -o body -w '%{http_code}' "http://127.0.0.1:$port$route")" = 200 ] || { echo "README.md: $route"; return 1; }
	done <routes
	grep -oE 'VITE_[A-Z_]+' "$ROOT/README.md" | sort -u | while read -r f; do grep -q "^#$f=" "$ROOT/share/kato-live.env" || { echo "README.md: $f"; return 1; }; done
}

@test "the pictures of the README are small" {
	local f
	for f in "$ROOT"/share/screenshots/*; do [ "$(stat -c %s "$f")" -lt 150000 ] || { echo "$f"; return 1; }; done
}
