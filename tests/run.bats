# shellcheck shell=bats
# katoctl run, check, status, tap: the supervisor, through real processes, pipes and sockets.

load helper
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
	touch hold
}
teardown() { stop_all; }

conf() { cat >p.conf; }
start_run() { spawn run katoctl run --config p.conf --patience 1; }
not() { ! "$@"; }
# of STAGE MEMBER: what katoctl status says
of() { katoctl status --json | jq -r --arg s "$1" --arg m "$2" '.stages[] | select(.name == $s) | .[$m]'; }
is() { [ "$(of "$1" "$2")" = "$3" ]; }
at_least() { [ "$(of "$1" "$2")" -ge "$3" ]; }
file_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
file_has() { grep -q -- "$2" "$1"; }
gone() { ! kill -0 "$1" 2>/dev/null; }

@test "check: a good file is said to be good, nothing is started" {
	conf <<-'E'
		collect a touch started
		filter f cat
		sink s cat
	E
	run katoctl check p.conf
	[ "$status" -eq 0 ]
	[[ $output = "katoctl: p.conf: good: 1 collect, 1 filter, 1 sink" ]]
	[ ! -e started ]
}

@test "check: every mistake is named by file, line and word, exit 2" {
	conf <<-'E'
		colect a cat
		filter f cat | jq

		sink s 'cat
	E
	run katoctl check p.conf
	[ "$status" -eq 2 ]
	[[ ${lines[0]} = *"p.conf:1: colect: "*"did you mean collect?" ]]
	[[ ${lines[1]} = *"p.conf:2: |: "* ]]
	[[ ${lines[2]} = *"p.conf:4: cat: a quote is not closed" ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "check: a program that is not there is named, by run too, before anything starts" {
	conf <<-'E'
		collect a touch started
		sink s no-such-program-anywhere
	E
	for command in "check p.conf" "run --config p.conf"; do
		# shellcheck disable=SC2086 # two or three words
		run katoctl $command
		[ "$status" -eq 2 ]
		[[ $output = *"p.conf:2: no-such-program-anywhere: no such program"* ]]
	done
	[ ! -e started ]
}

@test "check: a file that cannot be read is named, exit 2" {
	run katoctl check nowhere.conf
	[ "$status" -eq 2 ]
	[[ $output = *"nowhere.conf: No such file or directory"* ]]
	run katoctl check /dev/zero
	[ "$status" -eq 2 ]
	[[ $output = *"larger than 1 MiB"* ]]
}

@test "an unknown subcommand: exit 2 and a near guess" {
	run katoctl staus
	[ "$status" -eq 2 ]
	[[ $output = *"did you mean katoctl status?"* ]]
	run katoctl --help
	[ "$status" -eq 0 ]
	for c in run check status tap; do [[ $output = *"  $c "* ]]; done
}

@test "run: lines go through the filters in order to every sink, byte for byte" {
	printf 'plain\n{"type":"x"}\n\n\xff\xfe\0bin\r\n' >in
	conf <<-'E'
		collect a sh -c 'cat in'
		map one sed -u 's/$/1/'
		sink left sh -c 'cat >left'
		map two sed -u 's/$/2/'
		sink right sh -c 'cat >right'
	E
	timeout 20 katoctl run --config p.conf
	sed 's/$/12/' in >want
	cmp left want
	cmp right want
}

@test "run: ends with 0 when its sources have ended and all is taken" {
	conf <<-'E'
		collect a seq 1 100000
		collect b seq 100001 200000
		filter f cat
		sink s sh -c 'sort -n >out'
	E
	run timeout 60 katoctl run --config p.conf
	[ "$status" -eq 0 ]
	seq 1 200000 | cmp - out
	[ ! -e control ]
}

@test "run: a line over the ceiling is dropped and counted, the others pass" {
	conf <<-'E'
		collect a sh -c 'echo one; head -c 1048577 /dev/zero | tr "\0" x; echo; head -c 1048576 /dev/zero | tr "\0" y; echo; echo two; cat hold; while [ -e hold ]; do sleep 0.1; done'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 20 file_has out two
	is a dropped 1
	is a lines 3
	[ "$(wc -c <out)" -eq $((4 + 1048577 + 4)) ]
	err_has run "a wrote a line over 1048576 bytes; dropped"
}

@test "run: the line a collector dies in is cut off and counted" {
	conf <<-'E'
		collect a sh -c 'echo whole; printf half; touch ready; while [ -e hold ]; do sleep 0.1; done; kill -9 $$'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 10 test -e ready
	rm hold
	wait_for 10 at_least a torn 1
	wait_for 10 file_lines out 2
	not grep -q 'half' out
	err_has run "a ended inside a line; its 4 bytes are cut off"
}

@test "run: no torn line and none lost on its way to a sink that acks, whoever is killed" {
	conf <<-E
		collect a $ROOT/tests/tools/numbered write a --size 20000 --pieces --rate 100
		collect b $ROOT/tests/tools/numbered write b --size 20000 --rate 200
		collect c $ROOT/tests/tools/numbered write c --size 60 --pieces --rate 300
		sink s $ROOT/tests/tools/numbered take all --ack
		sink slow $ROOT/tests/tools/numbered take slow --ack --delay 0.01
	E
	start_run
	wait_for 20 at_least s lines 200
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		for stage in a b c s slow; do
			[ $((i % 2)) -eq 0 ] || [ $stage = s ] || [ $stage = slow ] || continue
			pid=$(of $stage pid)
			[ "$pid" = null ] || kill -9 "$pid" || true
		done
		wait_for 20 at_least s lines $((200 + 100 * i))
	done
	wait_for 30 is slow state running
	stop run
	for f in all slow; do
		"$ROOT/tests/tools/numbered" check $f >report
		cat report
		[ "$(jq .torn report)" -eq 0 ]
		[ "$(jq .missing report)" -eq 0 ]
		[ "$(jq .writers report)" -eq 3 ]
		[ "$(jq .lines report)" -ge 1000 ]
	done
}

@test "run: a stage that moved lines is started again at once" {
	conf <<-'E'
		collect a sh -c 'while :; do echo x; sleep 0.05; done'
		filter f cat
		sink s sh -c 'cat >>out'
	E
	start_run
	for stage in a f s; do
		wait_for 10 at_least $stage lines 1
		pid=$(of $stage pid)
		wait_for 10 is $stage state running
		kill -9 "$pid"
		wait_for 5 is $stage restarts 1
		[ "$(of $stage last_exit)" = "signal 9 (SIGKILL)" ]
		[ "$(of $stage pid)" != "$pid" ]
		err_has run "$stage died: signal 9 (SIGKILL); started again"
	done
}

@test "run: one that dies before its first line is tried ever more slowly, the others go on" {
	conf <<-'E'
		collect bad sh -c 'exit 1'
		collect good sh -c 'while :; do echo x; sleep 0.05; done'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 10 at_least bad restarts 2
	is bad last_exit "exit 1"
	wait_for 5 is bad state backing-off
	err_has run "bad died: exit 1; next try in 0\.[23] s"
	wait_for 5 err_has run "bad died: exit 1; next try in 0\.[3456] s"
	before=$(of good lines)
	wait_for 5 at_least good lines $((before + 5))
	is good restarts 0
}

@test "run: exit 2 parks a collector, loudly, and the others go on" {
	conf <<-'E'
		collect bad sh -c 'echo "no such host" >&2; exit 2'
		collect good sh -c 'while :; do echo x; sleep 0.05; done'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 10 is bad state parked
	err_has run "error: bad: exit 2: its settings are wrong"
	err_has run "bad: no such host"
	before=$(of good lines)
	wait_for 5 at_least good lines $((before + 5))
	is bad restarts 0
}

@test "run: a parked filter is gone round, and what waited for it is handed on" {
	conf <<-'E'
		collect a sh -c 'seq 1 500; while [ -e hold ]; do sleep 0.1; done'
		filter f sh -c 'sleep 0.3; exit 2'
		filter g cat
		sink s sh -c 'grep -v type >out'
	E
	start_run
	wait_for 10 is f state parked
	rm hold
	wait "$(pid_of run)"
	seq 1 500 >want
	cmp out want
}

@test "run: a parked sink ends the run with 2" {
	conf <<-'E'
		collect a sh -c 'while :; do echo x; sleep 0.05; done'
		sink good sh -c 'cat >out'
		sink bad sh -c 'exit 2'
	E
	run timeout 20 katoctl run --config p.conf --patience 1
	[ "$status" -eq 2 ]
	[[ $output = *"error: bad: exit 2"* ]]
}

@test "run: a collector that exits 0 has ended, a filter or sink that does so early is started again" {
	conf <<-'E'
		collect once sh -c 'echo x'
		collect on sh -c 'while :; do echo y; sleep 0.02; done'
		map f sed -u 3q
		sink s sh -c 'head -n 5 >>out'
	E
	start_run
	wait_for 10 at_least f restarts 2
	wait_for 10 at_least s restarts 1
	is once state ended
	is once restarts 0
	is f last_exit "exit 0"
}

@test "run: a death and the return are source_status records of katoctl/NAME" {
	conf <<-'E'
		collect a sh -c 'while :; do echo "{\"type\":\"x\"}"; sleep 0.05; done'
		filter f cat
		sink s sh -c 'cat >>out'
	E
	start_run
	wait_for 10 is f state running
	kill -9 "$(of f pid)"
	wait_for 10 file_has out '"status":"up"'
	grep '"source_status"' out >records
	valid records
	[ "$(jq -r .id records | sort -u)" = katoctl/f ]
	[ "$(jq -r '.data.status' records | tr '\n' ' ')" = "degraded up " ]
	[ "$(head -n 1 records | jq -r '.data.error')" = "died: signal 9 (SIGKILL); started again" ]
}

@test "run: a sink that stops reading stops its sources, memory stays bounded" {
	conf <<-'E'
		collect a sh -c 'yes "{\"type\":\"x\",\"pad\":\"0123456789012345678901234567890123456789\"}"'
		filter f cat
		sink s sh -c 'exec cat >/dev/null'
	E
	start_run
	wait_for 10 at_least s lines 100000
	kill -STOP "$(of s pid)"
	wait_for 10 at_least s outstanding 10000
	before=$(of a lines)
	wait_for 10 test "$(of a lines)" = "$(of a lines)"
	[ "$(of s outstanding)" -lt 200000 ]
	[ $(($(of a lines) - before)) -lt 200000 ]
	case $BUILD in *san*) ;; *) [ "$(awk '/VmRSS/ { print $2 }' "/proc/$(pid_of run)/status")" -lt 20000 ] ;; esac
	kill -CONT "$(of s pid)"
	wait_for 10 at_least a lines $((before + 500000))
}

@test "run: TERM and INT end it with 0; all that was written is taken; no child, no socket is left" {
	for signal in TERM INT; do
		rm -f out
		conf <<-'E'
			collect a sh -c 'trap "echo last; exit 0" TERM; echo $$ >a.pid; while :; do echo x; sleep 0.02; done'
			filter f sh -c 'echo $$ >f.pid; exec cat'
			sink s sh -c 'echo $$ >s.pid; exec cat >out'
		E
		start_run
		wait_for 10 at_least s lines 5
		n=$(of s lines)
		stop run "$signal"
		[ "$(tail -n 1 out)" = last ]
		[ "$(wc -l <out)" -gt "$n" ]
		for p in a f s; do gone "$(cat $p.pid)"; done
		[ ! -e control ]
	done
}

@test "run: a sink that acks and serves for ever is told to end when it has taken all" {
	conf <<-'E'
		collect a seq 1 1000
		sink s sh -c 'n=0; while read -r l; do n=$((n + 1)); echo "$l" >>out; echo $n >&"$KATO_ACK_FD"; done; while [ -e hold ]; do sleep 0.05; done'
	E
	spawn run katoctl run --config p.conf --patience 600
	wait_for 20 is s lines 1000
	stop run
	[ "$(wc -l <out)" -eq 1000 ]
	not err_has run "does not end"
}

@test "run: output that a stranger keeps open does not hold a stage's return up" {
	conf <<-'E'
		collect a sh -c 'setsid sh -c "echo \$\$ >stranger; while [ -e hold ]; do sleep 0.05; done" & echo x; while [ ! -s stranger ]; do sleep 0.05; done; kill -9 $$'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 20 at_least a restarts 2
	rm hold
	stop run
}

@test "run: a feed socket that is taken: exit 1, and nothing is left behind" {
	conf <<-'E'
		feed /FEED
		sink s cat
	E
	sed -i "s|/FEED|$PWD/feed.sock|" p.conf
	start_run
	wait_for 10 test -S feed.sock
	KATO_CONTROL=$PWD/other run timeout 20 katoctl run --config p.conf
	[ "$status" -eq 1 ]
	[[ $output = *"feed socket $PWD/feed.sock: Address already in use, by another katoctl run"* ]]
	[ ! -e other ]
	is feed state listening
}

@test "run: it ends with 0 when the reader of its output leaves" {
	conf <<-'E'
		collect a yes
		sink s cat
	E
	run bash -c 'timeout 20 katoctl run --config p.conf --patience 1 | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${lines[0]}" = y ]
	[ "${lines[-1]}" = 0 ]
}

@test "run: a stage that ignores TERM is killed when patience is over" {
	conf <<-'E'
		collect a sh -c 'trap "" TERM; echo $$ >a.pid; while :; do echo x; sleep 0.05; done'
		sink s sh -c 'trap "" TERM; echo $$ >s.pid; cat >out; while :; do sleep 0.05; done'
	E
	spawn run katoctl run --config p.conf --patience 0.2
	wait_for 10 at_least s lines 1
	stop run
	err_has run "a does not end; sent KILL"
	gone "$(cat a.pid)"
	gone "$(cat s.pid)"
}

@test "run: a pipeline that is stuck ends all the same" {
	conf <<-'E'
		collect a yes
		filter f cat
		sink s sh -c 'echo $$ >s.pid; kill -STOP $$'
	E
	spawn run katoctl run --config p.conf --patience 0.3
	wait_for 10 at_least s outstanding 10000
	stop run
	gone "$(cat s.pid)"
	err_has run "s does not end; sent KILL"
	not err_has run "f does not end"
	not err_has run "not waiting any longer"
}

@test "run: when the supervisor is killed its children go too" {
	conf <<-'E'
		collect a sh -c 'trap "" TERM PIPE; echo $$ >a.pid; while :; do sleep 0.05; done'
		sink s sh -c 'trap "" TERM; echo $$ >s.pid; while :; do sleep 0.05; done'
	E
	start_run
	wait_for 10 test -s a.pid -a -s s.pid
	stop run KILL || true
	wait_for 5 gone "$(cat a.pid)"
	wait_for 5 gone "$(cat s.pid)"
}

@test "run: a second one says who runs already; a socket left behind is replaced" {
	conf <<-'E'
		collect a sh -c 'while [ -e hold ]; do sleep 0.05; done'
		sink s cat
	E
	start_run
	wait_for 10 is a state running
	[ "$(stat -c %a control)" = 600 ]
	run katoctl run --config p.conf
	[ "$status" -eq 1 ]
	[[ $output = *"running already, process $(pid_of run) "* ]]
	is a state running
	stop run KILL || true
	[ -S control ]
	start_run
	wait_for 10 is a state running
	stop run
	[ ! -e control ]
}

@test "run: the control socket lies where status looks for it" {
	unset KATO_CONTROL
	conf <<-'E'
		collect a sh -c 'while [ -e hold ]; do sleep 0.05; done'
		sink s cat
	E
	mkdir runtime xdg
	RUNTIME_DIRECTORY=$PWD/runtime spawn run katoctl run --config p.conf
	wait_for 10 test -S runtime/control
	RUNTIME_DIRECTORY=$PWD/runtime:/nowhere is a kind collect
	stop run
	XDG_RUNTIME_DIR=$PWD/xdg spawn run katoctl run --config p.conf
	wait_for 10 test -S xdg/kato-live/control
	[ "$(stat -c %a xdg/kato-live)" = 700 ]
	XDG_RUNTIME_DIR=$PWD/xdg is a kind collect
	stop run
	chmod 755 xdg/kato-live
	XDG_RUNTIME_DIR=$PWD/xdg run katoctl run --config p.conf
	[ "$status" -eq 1 ]
	[[ $output = *"must be a folder of your own with mode 0700"* ]]
}

@test "run: children's words are passed on whole, with the stage's name once" {
	conf <<-'E'
		collect a sh -c 'printf "hel"; printf "hel" >&2; sleep 0.1; echo lo >&2; echo "a: warning: mine" >&2; printf "<4>bad\033[2Jthing\n" >&2; printf "no end" >&2'
		sink s cat
	E
	timeout 20 katoctl run --config p.conf 2>err
	grep -qx 'a: hello' err
	grep -qx 'a: warning: mine' err
	grep -qx '<4>a: bad?\[2Jthing' err
	grep -qx 'a: no end' err
}

@test "run: under the journal children mark their own levels" {
	conf <<-'E'
		collect a sh -c 'stat -L -c "%d:%i $JOURNAL_STREAM" /dev/stderr >seen'
		sink s cat
	E
	mkfifo journal
	cat journal >log &
	exec 9>journal
	JOURNAL_STREAM=$(stat -L -c %d:%i journal) timeout 20 katoctl run --config p.conf 2>&9
	exec 9>&-
	wait
	read -r real told <seen
	[ "$real" = "$told" ]
	grep -q '^<6>katoctl: ' log
}

@test "run: children start with default signals and only the descriptors they should have" {
	conf <<-'E'
		collect a sh -c 'ls /proc/self/fd >fds; echo "$KATO_READY_FD" >named; grep Sig /proc/self/status >sigs; env >env'
		sink s cat
	E
	echo 'SOMETHING=1' >live.env
	NOTIFY_SOCKET=/nowhere timeout 20 katoctl run --config p.conf --settings live.env
	# 0, 1, 2, KATO_READY_FD, and the one ls has opened
	[ "$(wc -l <fds)" -eq 5 ]
	grep -qx "$(cat named)" fds
	# 32 and 33 are glibc's own: its posix_spawn, make's way, leaves them ignored, and nobody can change them back
	grep -Eq 'SigIgn:.(0000000000000000|0000000180000000)$' sigs
	grep -q 'SigBlk:.0000000000000000' sigs
	grep -qx 'KATO_LIVE_SETTINGS=live.env' env
	not grep -q NOTIFY_SOCKET env
}

@test "run: HUP reaches the stages that say when they are ready, and no other" {
	conf <<-'E'
		collect ours sh -c 'trap "echo hup >>got" HUP; echo >&"$KATO_READY_FD"; while :; do echo x; sleep 0.05; done'
		collect other sh -c 'while :; do echo y; sleep 0.05; done'
		sink s sh -c 'cat >out'
	E
	start_run
	wait_for 10 is ours state running
	wait_for 10 is other state running
	kill -HUP "$(pid_of run)"
	wait_for 10 test -s got
	is other restarts 0
	is ours restarts 0
}

@test "run: says the address when all is up, and another one later" {
	echo 8099 >port
	conf <<-'E'
		collect a sh -c 'while [ -e hold ]; do sleep 0.05; done'
		sink s sh -c 'echo "s: listening on http://127.0.0.1:$(cat port)" >&2; echo >&"$KATO_READY_FD"; cat >out'
	E
	start_run
	wait_for 10 err_has run '^katoctl: KATO Live: http://127.0.0.1:8099$'
	wait_for 10 is s state running
	kill -9 "$(of s pid)"
	wait_for 10 is s restarts 1
	wait_for 10 is s state running
	[ "$(grep -c 'KATO Live: http' run.err)" -eq 1 ]
	sed -i 's/8099/8100/' port
	kill -9 "$(of s pid)"
	wait_for 10 err_has run '^katoctl: KATO Live: http://127.0.0.1:8100$'
	[ ! -s run.out ]
}

@test "status: a table for people, the agreed members as JSON" {
	conf <<-'E'
		collect a sh -c 'echo x; while [ -e hold ]; do sleep 0.05; done'
		filter f cat
		sink s cat
		feed /FEED
	E
	sed -i "s|/FEED|$PWD/feed.sock|" p.conf
	start_run
	wait_for 10 is s lines 1
	katoctl status --json | jq -e '.stages | map((["name","kind","state","pid","uptime_seconds","restarts","last_exit","lines","bytes","torn","dropped","outstanding"] - keys) == []) | all'
	[ "$(katoctl status --json | jq -c '[.stages[].kind]')" = '["collect","filter","sink","feed"]' ]
	wait_for 10 is a state running
	run katoctl status
	[[ ${lines[0]} = "STAGE  KIND     STATE "* ]]
	[[ ${lines[1]} = "a      collect  running "* ]]
	[[ ${lines[4]} = "feed   feed     listening "* ]]
	[[ $output != *$'\033'* ]]
	TERM=xterm script -qec 'katoctl status' /dev/null </dev/null >screen
	grep -q $'\033\\[32mrunning' screen
	TERM=xterm NO_COLOR=1 script -qec 'katoctl status' /dev/null </dev/null >screen
	not grep -q $'\033' screen
}

@test "status: nobody there: exit 1 and where was asked" {
	run katoctl status
	[ "$status" -eq 1 ]
	[[ $output = *"control: No such file or directory"* ]]
	unset KATO_CONTROL
	XDG_RUNTIME_DIR=$PWD run katoctl status
	[ "$status" -eq 1 ]
	[[ $output = *"no katoctl run is running"*"$PWD/kato-live/control"* ]]
}

@test "tap: the lines of one stage; an unknown one is named with a near guess" {
	conf <<-'E'
		collect first sh -c 'while :; do echo x; sleep 0.05; done'
		map second sed -u 's/x/y/'
		sink third sh -c 'cat >out'
	E
	start_run
	wait_for 10 at_least third lines 1
	for want in "first x" "second y" "third y"; do
		spawn tap katoctl tap "${want% *}"
		wait_for 10 has_lines tap 3
		stop tap
		[ "$(sort -u tap.out)" = "${want#* }" ]
		[ ! -s tap.err ]
	done
	run katoctl tap secnd
	[ "$status" -eq 1 ]
	[[ $output = *"secnd: no such stage; did you mean second?"* ]]
	run katoctl tap
	[ "$status" -eq 2 ]
}

@test "tap: a reader that leaves, or is slow, costs the pipeline nothing" {
	conf <<-'E'
		collect a sh -c 'yes 0123456789012345678901234567890123456789'
		sink s sh -c 'cat >/dev/null'
	E
	start_run
	wait_for 10 at_least s lines 1000
	run bash -c 'katoctl tap a | head -n 2 | wc -l'
	[ "$output" = 2 ]
	mkfifo slow
	spawn tap sh -c 'exec katoctl tap a >slow'
	exec 8<slow
	before=$(of s lines)
	wait_for 20 at_least s lines $((before + 2000000))
	cat <&8 >/dev/null &
	reader=$!
	exec 8<&-
	wait_for 20 err_has tap 'lines left out here: the reader was too slow'
	stop tap
	wait $reader
}

@test "feed: any number of writers, whole lines of each, half ones cut and counted" {
	conf <<-'E'
		feed /FEED
		sink s sh -c 'cat >out'
	E
	sed -i "s|/FEED|$PWD/feed.sock|" p.conf
	start_run
	wait_for 10 test -S feed.sock
	[ "$(stat -c %a feed.sock)" = 660 ]
	cat >writer.py <<-'E'
		import socket, sys, threading
		def write(n):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("feed.sock")
		    for i in range(200):
		        line = (b"%d." % n * 2000) + b"%d\n" % i
		        for k in range(0, len(line), 1500):
		            s.sendall(line[k:k + 1500])
		    s.sendall(b"half")
		    s.close()
		threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
		[t.start() for t in threads]
		[t.join() for t in threads]
	E
	/usr/bin/python3 writer.py
	wait_for 20 is feed lines 800
	wait_for 10 is feed torn 4
	wait_for 10 file_lines out 800
	not grep -vE '^((0\.)+|(1\.)+|(2\.)+|(3\.)+)[0-9]+$' out
	stop run
	[ ! -e feed.sock ]
}

@test "kato-live.env is what the tools themselves list" {
	make-env >want
	diff want "$ROOT/share/kato-live.env" || { echo "made anew by: PATH=\$PWD/build/bin:\$PATH tests/tools/make-env >share/kato-live.env"; return 1; }
}

# A katoctl with stand-ins for the collectors beside it, and a share/ of its own.
stand_ins() {
	mkdir -p tree/x/bin tree/share/demo
	cp "$BUILD/bin/katoctl" tree/x/bin
	printf '%s\n' '#!/bin/sh' "$1" >tree/x/bin/kato-metrics
	printf '%s\n' '#!/bin/sh' "$2" >tree/x/bin/docker-stats
	chmod +x tree/x/bin/*
	echo '{"type":"metrics","demo":true}' >tree/share/demo/kato.ndjson
	printf '%s\n' 'collect m kato-metrics --url U' 'collect d docker-stats' 'map f cat' "sink s sh -c 'cat >out'" >tree/share/pipeline.conf
}

@test "run: --demo plays the recordings of the demo line side by side, in the place of what stands above it" {
	stand_ins 'echo never; sleep 600' 'echo never; sleep 600'
	echo '{"type":"metrics","demo":"second"}' >here.ndjson
	printf '%s\n' 'collect m kato-metrics' 'filter gone sh -c "exit 1"' 'demo kato.ndjson here.ndjson' 'collect d docker-stats' \
		"map kept sed -u s/metrics/m/" "sink s sh -c 'cat >out'" >pipeline-x.conf
	spawn run tree/x/bin/katoctl run --demo --config pipeline-x.conf --control control --patience 0.2
	wait_for 10 file_has out '"type":"m","demo":true'
	wait_for 10 file_has out '"demo":"second"'
	[ "$(katoctl status --json --control control | jq -r '[.stages[].name] | join(" ")')" = 'demo demo-2 kept s' ]
	not file_has out never
	stop run
	sed -i s/here.ndjson/nowhere.ndjson/ pipeline-x.conf
	run -2 tree/x/bin/katoctl run --demo --config pipeline-x.conf
	[[ $output == *"the demo's recording nowhere.ndjson: No such file or directory"* ]]
}

@test "run, check: a bare name that is not here is a pipeline file of share/; KATO_PIPELINE counts for both" {
	stand_ins 'echo "$*"; sleep 600' 'sleep 600'
	mv tree/share/pipeline.conf tree/share/pipeline-x.conf
	run -0 tree/x/bin/katoctl check pipeline-x.conf
	[[ $output == *"pipeline-x.conf: good: 2 collect, 1 map, 1 sink"* ]]
	KATO_PIPELINE=pipeline-x.conf tree/x/bin/katoctl check
	run -2 tree/x/bin/katoctl check ./pipeline-x.conf
	echo bad >pipeline-x.conf
	run -2 tree/x/bin/katoctl check pipeline-x.conf
	rm pipeline-x.conf
	KATO_PIPELINE=pipeline-x.conf spawn run tree/x/bin/katoctl run --patience 0.2
	wait_for 10 file_has out '--url U'
}

@test "run: with KATO or Docker found, it serves that, without a demo" {
	[ ! -e /etc/kato-live/pipeline.conf ] || skip 'this machine has a pipeline of its own'
	stand_ins 'case $* in *--probe) echo "kato-metrics: error: refused" >&2; exit 1 ;; esac; echo "$*"; sleep 600' \
		'case $* in --probe) exit 0 ;; esac; echo docker; sleep 600'
	spawn run tree/x/bin/katoctl run --patience 0.2
	wait_for 10 file_lines out 2
	[ "$(sort out | tr '\n' ' ')" = "--url U docker " ]
	not err_has run demo
}

@test "run: with neither found it plays the demo, saying why; --no-demo does not" {
	[ ! -e /etc/kato-live/pipeline.conf ] || skip 'this machine has a pipeline of its own'
	katoctl replay --version >/dev/null || skip 'no replay'
	stand_ins 'case $* in *--probe) echo "kato-metrics: error: http://localhost:8000: connection refused" >&2; exit 1 ;; esac; echo live; sleep 600' \
		'case $* in *--probe) echo "docker-stats: error: no permission; join the group docker" >&2; exit 1 ;; esac; sleep 600'
	spawn run tree/x/bin/katoctl run --patience 0.2
	wait_for 10 file_has out '"demo":true'
	err_has run 'm finds nothing: http://localhost:8000: connection refused'
	err_has run 'd finds nothing: no permission; join the group docker'
	err_has run 'plays a demo'
	stop run
	rm out
	spawn run tree/x/bin/katoctl run --no-demo --patience 0.2
	wait_for 10 file_has out live
	stop run
	rm out
	spawn run tree/x/bin/katoctl run --config tree/share/pipeline.conf --patience 0.2
	wait_for 10 file_has out live
	stop run
	rm out
	spawn run tree/x/bin/katoctl run --config tree/share/pipeline.conf --demo --patience 0.2
	wait_for 10 file_has out '"demo":true'
	not grep -q live out
}
