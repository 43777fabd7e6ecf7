#!/usr/bin/env bats
# katoctl record: lines kept in a file, whatever happens to us or to the disk.
# shellcheck shell=bats disable=SC2154 # stderr is set by run

bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() {
	stop_all
	umount "$BATS_TEST_TMPDIR/disk" 2>/dev/null || true
}

# recorder ARGUMENT...: in the background, fed by descriptor 7
recorder() {
	[ -p feed ] || mkfifo feed
	exec 7<>feed
	SPAWN_STDIN=feed spawn record katoctl record "$@" 7>&-
}

file_lines() { [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }
# numbers, highest first, of the tape.N
older() { find . -name 'tape.[0-9]*' | sed 's/.*\.//' | sort -rn; }

@test "lines are kept byte for byte, behind those that were there" {
	printf '{"type":"old"}\n' >tape
	head -c 300000 /dev/urandom >noise
	printf '\0 a \r\n\n{"type":"metrics"}\n' >>noise
	run -0 --separate-stderr katoctl record tape <noise
	[ -z "$output$stderr" ]
	{ printf '{"type":"old"}\n'; cat noise; } | cmp - tape
}

@test "a line is in the file as soon as it was written to us" {
	recorder tape
	echo '{"type":"one"}' >&7
	wait_for 5 grep -q one tape
	echo '{"type":"two"}' >&7
	wait_for 5 grep -q two tape
	stop record
	[ "$(wc -l <tape)" -eq 2 ]
}

@test "a last line without newline is kept if it is a record" {
	printf '{"type":"a"}\n{"type":"b"}' | katoctl record tape
	[ "$(cat tape)" = $'{"type":"a"}\n{"type":"b"}' ]
	[ "$(wc -l <tape)" -eq 2 ]
	printf '{"type":"c"}\n{"type":"d' >in
	run -0 katoctl record tape <in
	[[ $output == *'ended in the middle of a line: 10 bytes dropped'* ]]
	[ "$(tail -n 1 tape)" = '{"type":"c"}' ]
}

@test "a torn last line of a killed recorder is cut, nothing is glued to it" {
	printf '{"type":"a"}\n{"type":"b","da' >tape
	run -0 katoctl record tape <<<'{"type":"c"}'
	[[ $output == *'ended in the middle of a record: 15 bytes cut off'* ]]
	[ "$(cat tape)" = $'{"type":"a"}\n{"type":"c"}' ]
}

@test "a last line that only lacks its newline, or is no record, gets one" {
	printf '{"type":"a"}' >tape
	run -0 katoctl record tape <<<'{"type":"c"}'
	[[ $output == *'its last line had no newline'* ]]
	[ "$(cat tape)" = $'{"type":"a"}\n{"type":"c"}' ]
	printf 'my notes' >tape
	run -0 katoctl record tape <<<'{"type":"c"}'
	[ "$(cat tape)" = $'my notes\n{"type":"c"}' ]
}

@test "killed again and again, the file is whole lines, in order, none twice" {
	mkfifo feed
	exec 7<>feed
	# lines of 512 bytes: no reader is killed in the middle of one
	# shellcheck disable=SC2016 # for the inner shell
	spawn writer sh -c 'i=0; while :; do i=$((i+1)); printf "{\"type\":\"n\",\"n\":\"%010d\",\"pad\":\"%0473d\"}\n" $i 0; done >feed'
	for _ in $(seq 25); do
		SPAWN_STDIN=feed spawn record katoctl record --rotate 1M --keep 9999 tape 7>&-
		size=$(cat tape* 2>/dev/null | wc -c)
		grown() { [ "$(cat tape* 2>/dev/null | wc -c)" -gt "$size" ]; }
		wait_for 10 grown
		stop record KILL || true
	done
	stop writer || true
	katoctl record --keep 9999 tape </dev/null
	exec 7>&-
	{ for i in $(older); do cat "tape.$i"; done; cat tape; } | jq -r .n >numbers
	[ "$(wc -l <numbers)" -ge 25 ]
	sort -n -u numbers | cmp - numbers
}

@test "rotation: no line is lost or split, the files are numbered, the oldest go" {
	seq 100000 | sed 's/.*/{"type":"n","n":&}/' >in
	katoctl record --rotate 100K --keep 1000 tape <in
	[ "$(older | head -n 1)" -ge 20 ]
	for i in $(older); do cat "tape.$i"; done | cat - tape | cmp - in
	for f in tape tape.*; do
		[ "$(wc -c <"$f")" -le 102400 ]
		[ "$(tail -c 1 "$f" | od -An -c | tr -d ' ')" = '\n' ]
	done
	rm tape*
	katoctl record --rotate 100K --keep 3 tape <in
	[ "$(ls -m tape*)" = 'tape, tape.1, tape.2, tape.3' ]
	cat tape.3 tape.2 tape.1 tape | cmp - <(tail -n "$(cat tape* | wc -l)" in)
	[ "$(cat tape* | wc -c)" -gt 307200 ]
	rm tape*
	katoctl record --rotate 100K --keep 0 tape <in
	[ "$(ls tape*)" = tape ]
	cmp tape <(tail -n "$(wc -l <tape)" in)
}

@test "rotation: a hole in the numbers is filled before the oldest goes" {
	echo first >tape.1
	echo third >tape.3
	seq 3 | katoctl record --rotate 4 --keep 3 tape
	[ "$(cat tape tape.1 tape.2 tape.3)" = $'3\n1\n2\nfirst\nthird' ]
}

@test "rotation: a line larger than the whole size has a file of its own" {
	{ echo a; lines b 1 5000; echo c; } | katoctl record --rotate 1000 tape
	[ "$(wc -c <tape.1)" -eq 5001 ]
	[ "$(cat tape.2)" = a ]
	[ "$(cat tape)" = c ]
}

@test "rotation that is not possible is said, and the file goes on" {
	mkdir tape.new
	run -0 katoctl record --rotate 10 tape <<<$'{"type":"a"}\n{"type":"b"}'
	[[ $output == *'tape: no new file can be begun (Is a directory): this one goes on'* ]]
	[ "$(wc -l <tape)" -eq 2 ]
}

@test "a full disk is said once, with the number of lines lost" {
	run -1 katoctl record /dev/full < <(seq 100000)
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *'error: /dev/full: No space left on device: lines are lost'* ]]
	[[ ${lines[1]} == *'/dev/full: 100000 lines were lost' ]]
}

@test "a file that may not grow: whole lines up to the limit, then it goes on when it may" {
	mkfifo feed
	exec 7<>feed
	spawn record bash -c 'ulimit -S -f 8; exec katoctl record tape <feed 7>&-'
	seq 5000 | sed 's/.*/{"type":"n","n":&}/' >&7
	wait_for 10 err_has record 'tape: File too large: lines are lost'
	echo '{"type":"more"}' >&7
	[ "$(tail -c 1 tape | od -An -c | tr -d ' ')" = '\n' ]
	jq -es 'length > 100' tape
	prlimit --pid "$(pid_of record)" --fsize=unlimited:
	echo '{"type":"again"}' >&7
	wait_for 10 grep -q again tape
	wait_for 10 err_has record 'lines were lost'
	run stop record
	lost=$(sed -n 's/.* \([0-9]*\) lines were lost/\1/p' record.err)
	[ $((lost + $(wc -l <tape))) -eq 5002 ]
	[ "$(wc -l <record.err)" -eq 2 ]
}

@test "a disk that is full and has room again" {
	mkdir disk
	mount -t tmpfs -o size=256k tmpfs disk 2>/dev/null || skip "no tmpfs can be mounted here"
	head -c 200000 /dev/zero >disk/ballast
	recorder disk/tape
	seq 10000 | sed 's/.*/{"type":"n","n":&}/' >&7
	wait_for 10 err_has record 'disk/tape: No space left on device'
	rm disk/ballast
	echo '{"type":"again"}' >&7
	wait_for 10 grep -q again disk/tape
	stop record || true
	lost=$(sed -n 's/.* \([0-9]*\) lines were lost/\1/p' record.err)
	[ "$lost" -gt 0 ]
	[ $((lost + $(wc -l <disk/tape))) -eq 10001 ]
	jq -es 'length' disk/tape
}

@test "moved away or deleted, a new file is begun" {
	recorder tape
	echo one >&7
	wait_for 5 file_lines tape 1
	mv tape elsewhere
	appears() { echo two >&7; [ -s tape ]; }
	wait_for 10 appears
	grep -q one elsewhere
	rm tape
	wait_for 20 appears
	stop record
}

@test "HUP takes new settings and a new file at once" {
	recorder tape
	echo one >&7
	wait_for 5 file_lines tape 1
	mv tape elsewhere
	kill -HUP "$(pid_of record)"
	wait_for 5 test -e tape
	echo two >&7
	wait_for 5 file_lines tape 1
	[ "$(cat tape)" = two ]
	stop record
}

@test "two recorders do not write one file" {
	recorder tape
	wait_for 5 test -e tape
	run -1 katoctl record tape <<<x
	[[ $output == *'tape: another recorder writes it'* ]]
	stop record
}

@test "TERM: what was already written to us is kept" {
	recorder tape
	wait_for 5 test -e tape
	seq 3000 >&7
	stop record
	[ "$(wc -l <tape)" -eq 3000 ]
}

@test "it says when it is ready and what it has dealt with" {
	mkfifo feed
	exec 7<>feed
	KATO_READY_FD=8 KATO_ACK_FD=9 katoctl record tape <feed 8>ready 9>acks 7>&- 3>&- &
	echo $! >record.pid
	wait_for 5 test -s ready
	[ -e tape ]
	printf 'good\n\nbad}\n' >&7
	wait_for 5 grep -qx 3 acks
	printf 'x\nunfinished' >&7
	wait_for 5 grep -qx 4 acks
	stop record
	[ "$(wc -l <ready)" -eq 1 ]
}

@test "a line of more than 1 MiB is skipped and counted" {
	run -0 katoctl record tape < <(lines a 1 1048577; lines b 1 1048576; echo good)
	[[ $output == *'1 lines of more than 1048576 bytes skipped'* ]]
	[ "$(wc -l <tape)" -eq 2 ]
	[ "$(tail -n 1 tape)" = good ]
}

@test "wrong usage and files that cannot be opened" {
	run -2 katoctl record
	[[ $output == *'record to which FILE'* ]]
	run -2 katoctl record a b
	[[ $output == *'b: record writes one file'* ]]
	run -2 katoctl record --rotate 5X tape
	[[ $output == *'--rotate 5X: not a number of bytes'* ]]
	run -2 katoctl record --ack-fd 99 tape
	run -1 katoctl record no/such/folder
	[[ $output == *'no/such/folder: No such file or directory'* ]]
	run -1 katoctl record .
	[[ $output == *'.: Is a directory'* ]]
	[ ! -e tape ]
}

@test "under katoctl run, killed again and again, no line is missing" {
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
	printf '%s\n' 'collect n numbered write n --rate 2000 --size 300' 'sink tape katoctl record tape' >p.conf
	spawn run katoctl run --config p.conf
	recorder_pid() { katoctl status --json | jq -e '.stages[1].pid'; }
	for _ in $(seq 10); do
		size=0
		[ ! -e tape ] || size=$(wc -l <tape)
		wait_for 10 file_lines tape $((size + 50))
		kill -KILL "$(recorder_pid)"
	done
	size=$(wc -l <tape)
	wait_for 10 file_lines tape $((size + 50))
	stop run
	grep -v source_status tape >numbered
	numbered check numbered >checked
	cat checked
	# killed between its write and its ack it is given the lines of that write again
	jq -e '.missing == 0 and .torn == 0 and .doubled < 500' checked
	[ "$(grep -c 'died: signal 9' run.err)" -ge 5 ]
}
