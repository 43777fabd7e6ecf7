#!/usr/bin/env bats
# broadcaster --journal: what survives a restart, a kill, a torn or damaged file, a full disk; and what is said of it.
# shellcheck shell=bats disable=SC2154

load helper
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	J=$PWD/j
}
teardown() { stop_all; }

numbered() { # FROM TO: events
	seq "$1" "$2" | sed 's/.*/{"type":"numbered","id":"n.&","timestamp":"2026-11-21T10:00:00.000Z","data":{"n":&}}/'
}
# once: a broadcaster that takes standard input and ends in good order
once() { broadcaster --port 0 --dashboard none --exit-on-eof --journal "$J" 2>err; }
# start [OPTION...]: one whose input is the FIFO "feed", held open on 8
start() {
	[ -p feed ] || mkfifo feed
	SPAWN_STDIN=feed spawn b broadcaster --port 0 --dashboard none --journal "$J" "$@"
	exec 8>feed
	PORT=$(port_of b)
	wait_for 10 curl -sf "http://127.0.0.1:$PORT/healthz"
}
kill_it() {
	stop b KILL || true
	exec 8>&-
}
events() { curl -sf "http://127.0.0.1:$PORT/api/v1/events?limit=100000${1:+&since=$1}"; }
newest_is() { [ "$(events | jq .offset)" = "$1" ]; }
feed() { # FROM TO: and all of it has come
	numbered "$1" "$2" >&8
	wait_for 10 newest_is "${3:-$2}"
}
epoch() { events | jq -r .epoch; }
# resume EPOCH OFFSET: "subscribed" and what is replayed
resume() { wsclient --path "/ws?subscribe=numbered&epoch=$1&offset=$2" --send ping --until heartbeat "$PORT"; }
err_count() { grep -c -- "$1" b.err || true; }

@test "events, offsets and the epoch survive a kill; who resumes gets what is missing, and then what comes" {
	start
	feed 1 20
	e=$(epoch)
	events | jq -S .events >before
	kill_it
	start
	[ "$(epoch)" = "$e" ]
	events | jq -S .events | cmp - before
	resume "$e" 15 >got
	jq -se '[.[] | select(.type == "subscribed")] | .[0].recovered and .[0].replayed == 5' got
	[ "$(jq -r 'select(.type == "numbered") | "\(.offset):\(.data.n)"' got | paste -sd ' ')" = '16:16 17:17 18:18 19:19 20:20' ]
	feed 21 22
	[ "$(resume "$e" 21 | jq -r 'select(.type == "numbered").offset')" = 22 ]
	[ "$(events "$e:20" | jq -c '[.events[].offset]')" = '[22,21]' ]
	kill_it
}

@test "an event id is taken once, also across a kill and a clean restart" {
	start
	feed 1 5
	kill_it
	start
	feed 3 7
	[ "$(events | jq -c '[.events[].data.n] | sort')" = '[1,2,3,4,5,6,7]' ]
	stop b
	exec 8>&-
	start
	feed 6 8
	[ "$(events | jq -c '[.events[].offset]')" = '[8,7,6,5,4,3,2,1]' ]
	kill_it
}

@test "what a client is told it can subscribe to includes events of before" {
	numbered 1 2 | once
	start
	wsclient --count 1 "$PORT" | jq -e '.topics | index("numbered")'
	kill_it
}

@test "an offset that was never sent, or of another epoch: not recovered, and nothing replayed" {
	numbered 1 5 | once
	start
	e=$(epoch)
	for since in "$e 6" "$e 9007199254740991" "other 3"; do
		# shellcheck disable=SC2086 # two words
		resume $since >got
		jq -se '[.[] | select(.type == "subscribed")] | (.[0].recovered | not) and .[0].replayed == 0' got
		run ! grep '"type":"numbered"' got
	done
	kill_it
}

@test "a last record that was cut short at any byte is dropped, and said; the epoch stays, and the offset is used again" {
	numbered 1 3 | once
	e=$(head -n 1 j | grep -o '"epoch":"[^"]*"' | cut -d '"' -f 4)
	head -n 3 j >whole	# header and two events
	size=$(stat -c %s whole)
	last=$(($(head -n 4 j | wc -c) - size))
	cp j kept
	for ((n = 0; n < last; n++)); do
		head -c $((size + n)) kept >j
		numbered 4 4 | once
		[ "$(grep -c 'cut short' err)" = $((n > 0)) ] || { echo "$n of $last"; cat err j; return 1; }
		[ "$(grep -o '"epoch":"[^"]*"' j)" = "\"epoch\":\"$e\"" ]
		[ "$(sed -n 's/^E .*"n":\([0-9]*\).*"offset":\([0-9]*\).*/\1:\2/p' j | paste -sd ' ')" = '1:1 2:2 4:3' ] || { echo "$n"; cat j; return 1; }
	done
}

@test "a bit that turned anywhere: the file is set aside, a new epoch begins, and nothing false is served" {
	numbered 1 3 | once
	cp j kept
	old=$(head -n 1 j | grep -o '"epoch":"[^"]*"')
	size=$(stat -c %s kept)
	for ((at = 0; at < size; at += 17)); do
		rm -f j*
		/usr/bin/python3 -c 'import sys; b = bytearray(open("kept", "rb").read()); i = int(sys.argv[1]); b[i] ^= 1 << i % 8; open("j", "wb").write(b)' "$at"
		: | once
		grep -q 'new epoch' err || { echo "byte $at"; cat err; return 1; }
		ls j.broken-* >/dev/null
		new=$(head -n 1 j | grep -o '"epoch":"[^"]*"')
		[ "$new" != "$old" ]
		# what is left is a beginning of what was, unchanged but for the offset
		sed -n 's/^E .* \({.*\)$/\1/p' j >left
		sed -n 's/^E .* \({.*\)$/\1/p' kept | head -n "$(wc -l <left)" | cmp - left
	done
}

@test "an empty journal, one of another format and one that is none: a new epoch, said" {
	: >j
	numbered 1 1 | once
	grep -q 'is empty: a new epoch' err
	echo '{"tool":"alertd","format":1}' >j
	numbered 1 1 | once
	grep -q 'set aside as .*j.broken-' err
	[ "$(cat j.broken-*)" = '{"tool":"alertd","format":1}' ]
	rm j*
	cp "$ROOT/tests/fuzz/corpus/fuzz_journaltext/other-format" j
	numbered 1 1 | once
	grep -q "is no journal of this version's format" err
	grep -q '"format":2' j.broken-*
	grep -q '^E ' j
}

@test "another boot: a journal that was closed is gone on with, one that was not is a new epoch with what it holds" {
	KATO_BOOT_ID=one start
	feed 1 3
	e=$(epoch)
	stop b
	exec 8>&-
	KATO_BOOT_ID=two start
	[ "$(epoch)" = "$e" ]
	feed 4 4
	kill_it
	KATO_BOOT_ID=two start
	[ "$(epoch)" = "$e" ]
	kill_it
	KATO_BOOT_ID=three start
	err_has b 'was not closed before the machine went down'
	[ "$(epoch)" != "$e" ]
	resume "$e" 4 | jq -se 'map(select(.type == "subscribed"))[0].recovered | not'
	[ "$(events | jq -c '[.events[] | [.offset, .data.n]]')" = '[[4,4],[3,3],[2,2],[1,1]]' ]
	kill_it
	KATO_BOOT_ID=three start
	run ! err_has b 'new epoch'
	kill_it
}

@test "two broadcasters on one journal: the second is refused, and says who has it" {
	start
	run -1 timeout 10 broadcaster --port 0 --journal "$J" </dev/null
	[[ $output == *"already written by process $(pid_of b)"* ]]
	feed 1 2
	kill_it
}

@test "the file is bounded by the history, and the history is whole after any restart" {
	start --history 50
	feed 1 1000
	e=$(epoch)
	kill_it
	[ "$(cat j j.1 | grep -c '^E ')" -le 100 ]
	start --history 50
	[ "$(epoch)" = "$e" ]
	[ "$(events | jq -c '[.offset, .oldest, (.events | length)]')" = '[1000,951,50]' ]
	[ "$(resume "$e" 950 | jq -c 'select(.type == "numbered").offset' | wc -l)" -eq 50 ]
	resume "$e" 949 | jq -se 'map(select(.type == "subscribed"))[0] | (.recovered | not) and .replayed == 0'
	kill_it
	start --history 10	# fewer
	[ "$(events | jq -c '[.offset, .oldest]')" = '[1000,991]' ]
	kill_it
	rm j.1	# what came before is gone, and no more
	start --history 50
	[ "$(epoch)" = "$e" ]
	newest_is 1000
	kill_it
}

@test "a file size limit: said once, counted, served from memory, nobody dropped; a restart begins a new epoch" {
	start
	e=$(epoch)
	prlimit --pid "$(pid_of b)" --fsize=20000
	spawn client wsclient --path /ws?subscribe=numbered --seconds 20 "$PORT"
	wait_for 10 out_has client subscribed
	for n in $(seq 1 10); do feed $((n * 50 - 49)) $((n * 50)); done
	wait_for 10 out_has client '"n":500'
	[ "$(grep -c '"type":"numbered"' client.out)" -eq 500 ]
	[ "$(err_count 'File too large')" -eq 1 ]
	err_has b 'set aside as .*j.broken-'
	curl -s "http://127.0.0.1:$PORT/metrics" | grep -qx 'kato_live_journal_errors_total 1'
	[ "$(epoch)" = "$e" ]
	[ "$(resume "$e" 490 | grep -c '"type":"numbered"')" -eq 10 ]
	[ ! -e j ]
	kill_it
	start
	[ "$(epoch)" != "$e" ]
	newest_is 0
	kill_it
}

@test "a place that cannot be written to is said at the start, exit 2; in the state folder it is served from memory" {
	run -2 broadcaster --port 0 --exit-on-eof --journal /proc/none/j </dev/null
	[[ $output == *'--journal /proc/none/j: '* ]]
	run -2 broadcaster --port 0 --exit-on-eof --journal "$PWD" </dev/null
	[[ $output == *'a folder, not a file'* ]]
	run -2 broadcaster --port 0 --exit-on-eof --journal j --journal-sync often </dev/null
	[[ $output == *'--journal-sync often: must be none, always, or 1 to 3600 seconds'* ]]
	STATE_DIRECTORY=/proc/none run -0 broadcaster --port 0 --exit-on-eof --journal j </dev/null
	[[ $output == *'events are in memory only'* ]]
	STATE_DIRECTORY=$PWD/a/b run -0 broadcaster --port 0 --exit-on-eof --journal j </dev/null
	head -c 1 a/b/j | grep -q H
	[ "$(stat -c %a a/b/j)" = 600 ]
}

@test "TERM closes the journal within two seconds, with a client that does not read" {
	start
	spawn client wsclient --no-read --rcvbuf 4096 --seconds 20 --path /ws?subscribe=numbered "$PORT"
	feed 1 3000
	began=$(date +%s%N)
	stop b
	[ $((($(date +%s%N) - began) / 1000000)) -lt 2000 ]
	exec 8>&-
	[ "$(tail -n 1 j | cut -c 1)" = C ]
}

@test "katoctl tail goes on over a kill with nothing twice; behind a new epoch it says that events may be missing" {
	start
	port=$PORT
	spawn tail katoctl tail --subscribe numbered "http://127.0.0.1:$port"
	wait_for 10 out_has tail '"subscribed"'
	feed 1 10
	kill_it
	start --port "$port"
	feed 11 20
	wait_for 10 out_has tail '"n":20}'
	kill_it
	: >j
	start --port "$port"
	wait_for 20 err_has tail 'events may be missing'
	feed 21 25 5
	wait_for 10 out_has tail '"n":25}'
	[ "$(jq -r 'select(.type == "numbered").data.n' tail.out | paste -sd ' ')" = "$(seq -s ' ' 25)" ]
	kill_it
}

@test "killed before each system call that touches its files: the state before or behind, and the epoch stays" {
	run journal-syscalls
	echo "$output"
	[ "$status" -eq 0 ]
	jq -e '.killed == .points and .points > 50' <<<"$output"
}

@test "killed 100 times while events flow, fed again what was not acknowledged: no event lost, doubled or out of order" {
	run journal-kills --kills 100 --seed "$RANDOM"
	echo "$output"
	[ "$status" -eq 0 ]
	jq -e '.missing == 0 and .doubled == 0 and .resumed > 10' <<<"$output"
}

@test "the same with events that have no id: a line given again is told by its number" {
	run journal-kills --kills 80 --no-ids --seed "$RANDOM"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the same with rotations all the time, and a client that reads slowly: who is too late is told so, and misses nothing else" {
	run journal-kills --kills 60 --history 200 --rate 3000 --slow 1 --gaps --seed "$RANDOM"
	echo "$output"
	[ "$status" -eq 0 ]
}
