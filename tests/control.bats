#!/usr/bin/env bats
# The control socket: katoctl restart, and callers of all kinds.
# shellcheck shell=bats

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
}
teardown() { stop_all; }

start_run() {
	printf '%s\n' "$@" >p.conf
	spawn run katoctl run --config p.conf --patience 0.5
	wait_for 10 katoctl status
}
of() { katoctl status --json | jq -r --arg s "$1" --arg m "$2" '.stages[] | select(.name == $s) | .[$m]'; }
is() { [ "$(of "$1" "$2")" = "$3" ]; }
file_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

@test "restart: each kind of stage under a feed; no line is lost or doubled" {
	start_run 'collect n numbered write n --rate 2000 --size 200' 'filter f cat' 'sink s numbered take out --ack'
	wait_for 10 file_lines out 100
	for stage in f s f s f; do
		pid=$(of "$stage" pid)
		katoctl restart "$stage"
		[ "$(of "$stage" pid)" != "$pid" ]
	done
	[ "$(of f restarts)" -eq 3 ]
	[ "$(of f torn)" -eq 0 ]
	katoctl restart n
	stop run
	numbered check out >checked
	cat checked
	jq -e '.missing == 0 and .doubled == 0 and .torn == 0' checked
	run ! grep -q source_status out
	run ! grep -q died run.err
}

@test "restart: one that does not end is killed, one that waits or is parked is started" {
	cat >moody <<-'E'
		#!/bin/sh
		trap '' TERM
		[ ! -e wrong ] || exit 2
		[ ! -e broken ] || exit 1
		while :; do sleep 0.05; done
	E
	chmod +x moody
	start_run 'collect m ./moody' 'sink s cat'
	wait_for 10 is m state running
	run -0 katoctl restart m
	[ "$(of m last_exit)" = 'signal 9 (SIGKILL)' ]
	touch wrong
	run -1 katoctl restart m
	[[ $output = *"m was started again and did not stay: it is parked now (exit 2)"* ]]
	rm wrong
	katoctl restart m
	touch broken
	run -1 katoctl restart m
	[[ $output = *backing-off* ]]
	rm broken
	katoctl restart m
	is m state running
}

@test "restart: unknown ones are named with a near guess, a feed has no process; exit 1" {
	start_run 'collect aaa sleep 1000' 'sink sss cat' "feed $PWD/feed.sock"
	run -1 katoctl restart aab
	[[ $output = *"aab: no such stage; did you mean aaa?"* ]]
	run -1 katoctl restart feed
	[[ $output = *"a feed has no process"* ]]
	run -2 katoctl restart
	run -1 katoctl restart --control /nowhere aaa
	[[ $output = *"no katoctl run is running"* ]]
}

@test "hundreds of callers that say half a word, nothing or nonsense, or never read: status still answers" {
	start_run 'collect a numbered write n --rate 500 --size 100' 'sink s numbered take out --ack'
	spawn callers /usr/bin/python3 -c '
import os, socket, time
v = []
def call(data):
    s = socket.socket(socket.AF_UNIX)
    s.connect("control")
    try:
        s.sendall(data)
    except BrokenPipeError:
        pass
    v.append(s)
for i in range(100):
    call(b"stat")
    call(b"")
    call(b"tap s\n")
    call(b"\0\xff" * 500)
    call(b"nonsense\nstatus\n")
open("called", "w")
time.sleep(1000)
'
	wait_for 20 test -e called
	wait_for 10 is a state running
	for _ in $(seq 20); do is a state running; done
	[ "$(find "/proc/$(pid_of run)/fd" -mindepth 1 | wc -l)" -lt 100 ]
	size=$(wc -l <out)
	wait_for 10 file_lines out $((size + 100))
}

@test "status answers, and truly, while the pipeline stops" {
	start_run 'collect a sh -c "echo x; sleep 1000"' "sink s sh -c 'trap \"\" TERM; while [ ! -e go ]; do sleep 0.02; done'"
	wait_for 10 is s state running
	kill -TERM "$(pid_of run)"
	wait_for 10 is s state stopping
	run -1 katoctl restart s
	[[ $output = *"katoctl run is stopping"* ]]
	touch go
	wait "$(pid_of run)" || true
	run -1 katoctl status
}

@test "a katoctl run that is stopped is not waited for for ever" {
	start_run 'collect a sleep 1000' 'sink s cat'
	kill -STOP "$(pid_of run)"
	run -1 timeout 20 katoctl status
	kill -CONT "$(pid_of run)"
	[[ $output = *"does not answer"* ]]
	katoctl status
}

@test "status: rates, the age of the last line, and the last word on standard error" {
	start_run "collect a sh -c 'echo \"hello é\" >&2; while :; do printf \"{\\\"type\\\":\\\"x\\\",\\\"timestamp\\\":\\\"%s\\\"}\\n\" \"\$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)\"; sleep 0.05; done'" 'sink s katoctl record out'
	wait_for 10 file_lines out 40
	katoctl status --json >said
	jq -e '.stages[0] | .lines_per_second > 2 and .lines_per_second < 40 and .bytes_per_second > 100 and .lag_seconds < 5 and .lag_seconds > -1' said
	jq -e '.stages[0].last_stderr == "hello é" and .stages[1].last_stderr == null' said
}
