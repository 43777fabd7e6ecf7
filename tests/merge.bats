#!/usr/bin/env bats
# katoctl merge: several writers, one stream of whole lines.
# shellcheck shell=bats disable=SC2154 # stderr is set by run

bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { stop_all; }

# A process that goes on until it is told to stop, and then says so.
patient='trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'

@test "of 100,000 lines of 20 kB by two writers none is torn" {
	katoctl merge -- lines a 50000 20000 -- lines b 50000 20000 |
		awk 'length($0) != 20000 || substr($0, 1, 1) != substr($0, 20000) { torn++ } { n[substr($0, 1, 1)]++ }
			END { print n["a"], n["b"], torn + 0 }' >counts
	[ "$(cat counts)" = '50000 50000 0' ]
}

@test "a writer's lines keep their order and their bytes" {
	head -c 3000000 /dev/urandom >noise
	printf 'a\0b\r\n\n{"type":"metrics"}\n' >>noise
	[ "$(tail -c 1 noise | od -An -c | tr -d ' ')" = '\n' ]
	katoctl merge -- cat noise >out
	cmp noise out
}

@test "lines leave while their writer lives on" {
	spawn merge katoctl merge -- sh -c "$patient" -- sh -c 'echo early; exec sleep 60'
	wait_for 10 out_has merge early
	wait_for 10 out_has merge up
}

@test "the line a dying command was writing is cut off and said" {
	run -1 --separate-stderr katoctl merge -- sh -c 'printf "whole\nhalf a li"; kill -KILL $$' -- echo other
	[ "$(sort <<<"$output")" = $'other\nwhole' ]
	[[ $stderr == *'sh: signal 9 (SIGKILL) in the middle of a line: 9 bytes cut off'* ]]
}

@test "the last line of a command that ended well gets its newline" {
	run -0 katoctl merge -- printf 'a\nb'
	[ "$output" = $'a\nb' ]
	[ "$(katoctl merge -- printf 'a\nb' | wc -l)" -eq 2 ]
}

@test "one that fails leaves the others running, and the end tells" {
	run -1 --separate-stderr katoctl merge -- sh -c 'exit 3' -- sh -c 'sleep 0.3; echo late'
	[ "$output" = late ]
	[[ $stderr == *'warning: sh: exit 3'* ]]
}

@test "wrong usage of a command is wrong usage of merge, a failure beside it is a failure" {
	run -2 katoctl merge -- sh -c 'exit 2' -- true
	run -1 katoctl merge -- sh -c 'exit 2' -- false
	run -1 katoctl merge -- false -- sh -c 'exit 2'
}

@test "TERM reaches every command, what they still say is passed on, and the end is 0" {
	spawn merge katoctl merge -- sh -c "$patient" -- sh -c "$patient"
	wait_for 10 has_lines merge 2
	stop merge
	[ "$(grep -c bye merge.out)" -eq 2 ]
}

@test "what ignores TERM is killed after a while" {
	spawn merge katoctl merge -- sh -c 'trap "" TERM; echo $$; while :; do sleep 0.05; done'
	wait_for 10 has_lines merge 1
	stop merge
	run ! kill -0 "$(head -n 1 merge.out)"
}

@test "a killed merge leaves nobody behind" {
	spawn merge katoctl merge -- sh -c 'echo $$; exec sleep 60'
	wait_for 10 has_lines merge 1
	stop merge KILL || true
	pid=$(head -n 1 merge.out)
	gone() { ! kill -0 "$pid"; }
	wait_for 10 gone
}

@test "the reader leaves: the commands are stopped, busy or silent, and the end is 0" {
	status=$(katoctl merge -- yes -- sh -c 'echo $$ >pid; exec sleep 60' | { head -n 1 >/dev/null; wait_for 10 test -s pid; } && echo "${PIPESTATUS[0]}")
	[ "$status" = 0 ]
	run ! kill -0 "$(cat pid)"
	status=$(timeout 20 katoctl merge -- sh -c 'echo one; exec sleep 60' | head -n 1 >first && echo "${PIPESTATUS[0]}")
	[ "$status" = 0 ]
	[ "$(cat first)" = one ]
}

@test "TERM is heard while the reader does not read" {
	mkfifo pipe
	exec 7<>pipe
	katoctl merge -- lines a 100000 1000 >pipe 2>merge.err 7>&- 3>&- &
	echo $! >merge.pid
	something_written() { read -r -t 0.1 -n 1 -u 7; }
	wait_for 10 something_written
	stop merge
	exec 7>&-
}

@test "a line of more than 1 MiB is skipped and counted, the next one arrives" {
	run -0 --separate-stderr katoctl merge -- sh -c 'lines a 1 1048577; lines b 1 1048576; echo good'
	[ "${#lines[@]}" -eq 2 ]
	[ "${#lines[0]}" -eq 1048576 ]
	[ "${lines[1]}" = good ]
	[[ $stderr == *'sh: 1 lines of more than 1048576 bytes skipped'* ]]
}

@test "memory stays small under a line without end" {
	spawn merge katoctl merge -- sh -c 'head -c 100000000 /dev/zero; echo; echo good; exec sleep 60' -- echo other
	wait_for 20 out_has merge good
	[ "$(sort merge.out)" = $'good\nother' ]
	[ -n "${SAN-}" ] || [ "$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of merge)/status")" -lt 8000 ]
}

@test "wrong usage starts nothing, says what is wrong and exits 2" {
	run -2 katoctl merge
	[[ $output == *'no command'* ]]
	run -2 katoctl merge touch started -- true
	[[ $output == *'-- goes before each command'* ]]
	run -2 katoctl merge -- touch started -- no-such-program
	[[ $output == *'no-such-program: no such program'* ]]
	run -2 katoctl merge -- touch started --
	[[ $output == *'a command is missing behind -- number 2'* ]]
	run -2 katoctl merge --bogus -- touch started
	[ ! -e started ]
}

@test "a program beside katoctl is found without PATH" {
	cp "$(command -v katoctl)" katoctl
	printf '#!/bin/sh\necho mine\n' >mine
	chmod +x mine
	run -0 env PATH=/usr/bin:/bin ./katoctl merge -- mine
	[ "$output" = mine ]
}

@test "help shows an example" {
	run -0 katoctl merge --help
	[[ $output == *'Usage: katoctl merge'*'katoctl merge -- kato-metrics'* ]]
}
