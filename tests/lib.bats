#!/usr/bin/env bats
# What lib/ gives every program, seen through one of them: settings, help, messages.
# shellcheck shell=bats disable=SC2154 # stderr is set by run

bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { stop_all; }

PROGRAMS="kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster"

@test "help goes to standard output and teaches" {
	for tool in $PROGRAMS; do
		run -0 --separate-stderr "$tool" --help
		[ -z "$stderr" ]
		[[ $output == "Usage: $tool "*Options:*--settings*--log-level*--version*Examples:* ]]
	done
}

@test "help that cannot be written is a failure" {
	for tool in $PROGRAMS katoctl; do
		run -1 bash -c "$tool --help >/dev/full"
	done
}

@test "an option goes before the environment, that before the file, that before the default" {
	run -2 env LOG_LEVEL=loud alertd --check
	[[ $output == *'log level loud: must be debug, info, warning or error'* ]]
	run -0 env LOG_LEVEL=loud alertd --check --log-level info
	echo 'LOG_LEVEL=loud' >my.env
	run -2 alertd --check --settings my.env
	run -0 env LOG_LEVEL=info alertd --check --settings my.env
	run -2 env KATO_LIVE_SETTINGS=my.env alertd --check
	run -0 env KATO_LIVE_SETTINGS=my.env alertd --check --settings /dev/null
}

@test "a mistake in the settings file names file, line, value and what is wrong" {
	printf '# mine\nALERT_CPU_THRESHOLD=eighty\n' >my.env
	run -2 --separate-stderr alertd --settings my.env </dev/null
	[[ $stderr == 'alertd: error: my.env:2: ALERT_CPU_THRESHOLD=eighty: '* ]]
	[ -z "$output" ]
	printf 'ALERT_CPU_THRESHOLD 80\n' >my.env
	run -2 alertd --settings my.env
	[[ $output == *'my.env:1: ALERT_CPU_THRESHOLD 80: not a NAME=value line'* ]]
	run -2 alertd --settings no-such-file
	[[ $output == *'no-such-file: No such file or directory'* ]]
	head -c 2000000 /dev/zero >my.env
	run -2 alertd --settings my.env
	[[ $output == *'my.env: File too large'* ]]
	head -c 2000 /dev/zero >my.env
	run -2 alertd --settings my.env
	[[ $output == *'not a text file'* ]]
}

@test "a value out of range is refused, naming the option, the value and the range" {
	run -2 broadcaster --port 65536
	[[ $output == 'broadcaster: error: --port 65536: must be from 0 to 65535' ]]
	run -2 kato-metrics --interval
	[[ $output == *'--interval: a value is missing'* ]]
	run -2 kato-metrics --no-such
	[[ $output == *'--no-such: no such option'* ]]
}

@test "names of other programs in the file are nobody's mistake" {
	printf 'SOMEBODY_ELSE=1\nALERT_CPU_THRESHOLD=80\nexport OTHER="x y"\n' >my.env
	for tool in alertd kato-metrics; do
		run -0 "$tool" --settings my.env --version
	done
	run -0 alertd --settings my.env --check
}

@test "messages carry journald's levels when standard error is the journal, and no control characters" {
	: >err
	JOURNAL_STREAM=$(stat -c %d:%i err) run -2 bash -c 'alertd --port x 2>err'
	[[ $(cat err) == '<3>alertd: error: '* ]]
	run -2 alertd --settings $'a\e[2Jb\nc'
	[[ $output == *'a?[2Jb?c: No such file'* ]]
}
