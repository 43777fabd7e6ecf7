# shellcheck shell=bats
# katoctl run: what happens to lines when who holds them dies, hangs, or does not keep its promise.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
	touch hold
	export NUMBERED=$ROOT/tests/tools/numbered ADDER=$ROOT/tests/tools/adder
}
teardown() { stop_all; }

conf() { cat >p.conf; }
start_run() { spawn run katoctl run --config p.conf --patience 1 "$@"; }
not() { ! "$@"; }
of() { katoctl status --json | jq -r --arg s "$1" --arg m "$2" '.stages[] | select(.name == $s) | .[$m]'; }
is() { [ "$(of "$1" "$2")" = "$3" ]; }
at_least() { [ "$(of "$1" "$2")" -ge "$3" ]; }
all_run() { katoctl status --json | jq -e '[.stages[] | .state == "running"] | all'; }
is_process() { [ "$(of "$1" pid)" != null ]; }
# kill_stage NAME: -9, as soon as it has a process
kill_stage() {
	wait_for 10 is_process "$1"
	kill -9 "$(of "$1" pid)" 2>/dev/null || true
}
# checked FILE WANT...: what tests/tools/numbered says of it
checked() {
	local file=$1
	shift
	"$NUMBERED" check "$file" >report
	cat report
	for want; do [ "$(jq -c ".${want%%=*}" report)" = "${want#*=}" ] || return 1; done
}

@test "a filter that adds lines is killed again and again: nothing lost, nothing twice, added lines included" {
	conf <<-'E'
		collect a sh -c 'exec "$NUMBERED" write a --rate 2000 --size 200'
		filter first cat
		filter adds sh -c 'exec "$ADDER"'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 500
	for _ in $(seq 10); do
		for stage in first adds s; do kill_stage $stage; done
		wait_for 20 at_least s lines $(($(of s lines) + 200))
	done
	wait_for 4 all_run
	at_least adds restarts 5
	stop run
	checked all torn=0 doubled=0 missing=0
	"$ADDER" check all >report
	cat report
	[ "$(jq .added report)" -ge 500 ]
	[ "$(jq -c '[.doubled, .missing, .astray]' report)" = '[0,0,0]' ]
	not err_has run "is no filter but a map"
}

@test "collectors are killed too: at most the line each was writing is missing, and that is counted" {
	conf <<-'E'
		collect a sh -c 'exec "$NUMBERED" write a --rate 1000 --size 9000 --pieces'
		collect b sh -c 'exec "$NUMBERED" write b --rate 1000'
		filter f cat
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 300
	for _ in $(seq 6); do
		for stage in a f b s; do kill_stage $stage; done
		wait_for 20 at_least s lines $(($(of s lines) + 200))
	done
	wait_for 4 all_run
	torn=$(($(of a torn) + $(of b torn)))
	[ "$torn" -le $(($(of a restarts) + $(of b restarts))) ]
	[ "$(err_count 'ended inside a line')" -eq "$torn" ]
	stop run
	checked all torn=0 doubled=0 missing=0
}
err_count() { grep -c -- "$1" run.err || true; }

@test "alertd is killed while it tells: each alert once, each resolution, as if it had not been" {
	/usr/bin/python3 - >feed.ndjson <<-'E'
		import datetime, json
		begin = datetime.datetime.utcnow() + datetime.timedelta(seconds=5)	# near what katoctl's own records say
		for i in range(6000):
		    cpu = 95 if i // 40 % 2 else 10
		    print(json.dumps({"type": "containers", "timestamp": (begin + datetime.timedelta(milliseconds=5 * i)).isoformat(timespec="milliseconds") + "Z",
		        "source": "test", "data": {"aggregated": {"host_cpu_percent": cpu, "total_memory_percent": 10}, "containers": []}}))
	E
	alertd --cooldown 0.15 <feed.ndjson >want.ndjson
	grep -c '"system_alert"' want.ndjson >told
	[ "$(cat told)" -ge 50 ]
	conf <<-'E'
		collect a sh -c '/usr/bin/python3 paced.py; while [ -e hold ]; do sleep 0.05; done'
		filter alertd alertd --cooldown 0.15 --state STATE
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	sed -i "s|STATE|$PWD/alertd.state|" p.conf
	cat >paced.py <<-'E'
		import sys, time
		for n, line in enumerate(open("feed.ndjson", "rb")):
		    sys.stdout.buffer.write(line)
		    sys.stdout.buffer.flush()
		    if n % 5 == 4: time.sleep(0.008)
		E
	start_run
	for _ in $(seq 9); do
		kill_stage alertd
		wait_for 10 at_least alertd lines $(($(of alertd lines) + 50)) || break
	done
	wait_for 20 is a state running
	wait_for 20 caught_up
	at_least alertd restarts 6
	rm hold
	wait "$(pid_of run)"
	grep -v '"source":"katoctl' all | grep -v 'Source .katoctl' >got.ndjson
	cmp got.ndjson want.ndjson
}
caught_up() { [ "$(grep -c '"containers"' all)" -eq 6000 ]; }

@test "the line that is echoed but not dealt with is outstanding, and an end does not wait for it" {
	conf <<-'E'
		collect a sh -c 'echo one; echo two; while [ -e hold ]; do sleep 0.05; done'
		filter f cat
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 is s lines 2
	is f outstanding 1
	is f dropped 0
	rm hold
	wait "$(pid_of run)"
	[ "$(cat all)" = $'one\ntwo' ]
	not err_has run "ended before"
}

@test "a filter that drops a line is found out, and is a map from then on" {
	conf <<-'E'
		collect a sh -c 'seq 1 1000; while [ -e hold ]; do sleep 0.05; done; seq 1001 1100'
		filter f grep --line-buffered -v 7
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 729
	err_has run "f does not pass on each line as it is: it is no filter but a map"
	is f kind map
	at_least f dropped 1
	[ "$(err_count 'no filter but a map')" -eq 1 ]
	kill_stage f
	wait_for 5 at_least f restarts 1
	wait_for 5 all_run
	is f kind map
	rm hold
	wait "$(pid_of run)"
	seq 1 1100 | grep -v 7 >wanted
	grep -v '"source":"katoctl/f"' all | cmp wanted -	# what katoctl says of f's death goes through it too
}

@test "a filter that prints records anew is found out before much has been kept" {
	conf <<-'E'
		collect a sh -c 'seq 1 3000 | sed "s/.*/{\"a\": &}/"; while [ -e hold ]; do sleep 0.05; done'
		filter f sed -u 's/: /:/'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 is s lines 3000
	is f kind map
	is f outstanding 0
}

@test "a filter that swallows everything holds the stream up for five seconds, once" {
	conf <<-'E'
		collect a sh -c 'exec "$NUMBERED" write a --rate 500 --size 20'
		filter f sh -c 'cat >/dev/null'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run --max-waiting-lines 100
	wait_for 10 at_least f outstanding 100
	wait_for 15 is f kind map
	err_has run "f echoes nothing"
	at_least f dropped 100	# or what came with the hundredth
	n=$(of a lines)
	wait_for 10 at_least a lines $((n + 200))
}

@test "a filter that writes in blocks is one all the same" {
	conf <<-'E'
		collect a sh -c 'seq 1 50000'
		filter f grep -v x
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	timeout 30 katoctl run --config p.conf 2>err
	seq 1 50000 | cmp - all
	not grep -q "map" err
}

@test "a filter that ends without passing all on: what is missing is counted" {
	conf <<-'E'
		collect a seq 1 10
		filter f sh -c 'head -n 4; cat >/dev/null'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	timeout 30 katoctl run --config p.conf 2>err
	seq 1 4 | cmp - all
	grep -q "f ended without passing on 6 lines" err
}

@test "a line that kills a filter goes round it, after three deaths; no other line is lost" {
	conf <<-'E'
		collect a sh -c 'seq 1 100; echo poison; seq 101 200; while [ -e hold ]; do sleep 0.05; done'
		filter f sh -c 'while read -r l; do [ "$l" != poison ] || exit 1; echo "$l"; done'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 20 at_least s lines 201
	err_has run "error: f died 3 times of one line, which goes round it: poison"
	rm hold
	wait "$(pid_of run)"
	grep -v source_status all >got
	{ seq 1 100; echo poison; seq 101 200; } | cmp - got
}

@test "a filter that is killed now and then while nothing comes is not said to die of its last line" {
	conf <<-'E'
		collect a sh -c 'seq 1 5; while [ -e hold ]; do sleep 0.05; done; seq 6 9'
		filter f sh -c 'echo >>started; exec cat'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 5
	for _ in 1 2 3 4; do
		sleep 1.1	# longer than what is at once
		kill_stage f
		wait_for 10 is f state running
	done
	rm hold
	wait "$(pid_of run)"
	not err_has run "behind one line"
	grep -v source_status all >got
	seq 1 9 | cmp - got
}

@test "a line that kills a sink is dropped after three deaths, and counted" {
	conf <<-'E'
		collect a sh -c 'seq 1 100; echo poison; seq 101 200; while [ -e hold ]; do sleep 0.05; done'
		sink s sh -c 'n=0; while read -r l; do [ "$l" != poison ] || exit 1; n=$((n + 1)); echo "$l" >>all; echo $n >&4; done'
	E
	start_run
	wait_for 20 at_least s lines 200
	err_has run "error: s died 3 times of one line, which is dropped: poison"
	is s dropped 1
	rm hold
	wait "$(pid_of run)"
	grep -v source_status all | sort -n | uniq >got
	seq 1 200 | cmp - got
}

@test "a stage that dies before it reads never costs a line" {
	conf <<-'E'
		collect a sh -c 'seq 1 100; while [ -e hold ]; do sleep 0.05; done'
		filter f sh -c 'echo x >>starts; [ "$(wc -l <starts)" -ge 6 ] || exit 1; exec cat'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 40 at_least s lines 100
	rm hold
	wait "$(pid_of run)"
	grep -v source_status all >got
	seq 1 100 | cmp - got
	not err_has run "of one line"
}

@test "what a map leaves unread in its pipe is counted" {
	conf <<-'E'
		collect a sh -c 'seq 1 100; while [ -e hold ]; do sleep 0.05; done'
		map m sh -c 'read -r l; echo "$l"; while [ ! -e go ]; do sleep 0.05; done; [ -e gone ] && exec cat; touch gone; exit 1'
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 1
	wait_for 10 is m outstanding 0
	touch go
	wait_for 10 is m restarts 1
	is m dropped 99
	err_has run "m left 99 lines unread; they are lost"
}

@test "a map is given nothing twice, and goes on" {
	conf <<-'E'
		collect a sh -c 'exec "$NUMBERED" write a --rate 2000 --size 100'
		map m jq -c --unbuffered .
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 at_least s lines 500
	for _ in $(seq 4); do
		kill_stage m
		wait_for 20 at_least s lines $(($(of s lines) + 500))
	done
	wait_for 4 all_run
	stop run
	checked all torn=0 doubled=0
}

@test "a stopped stage is said after ten seconds; with --stuck it is started again and nothing is lost" {
	conf <<-'E'
		collect a sh -c 'exec "$NUMBERED" write a --rate 500 --size 100'
		filter f cat
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run --stuck 2
	wait_for 10 at_least s lines 100
	for stage in f s; do
		kill -STOP "$(of $stage pid)"
		wait_for 15 is $stage restarts 1
		err_has run "$stage is stuck"
	done
	wait_for 5 all_run
	n=$(of s lines)
	wait_for 10 at_least s lines $((n + 200))
	stop run
	checked all torn=0 doubled=0 missing=0
}

@test "an instant restart is told as degraded, then up: nobody is alarmed" {
	conf <<-'E'
		collect a sh -c 'while :; do echo "{\"type\":\"x\"}"; sleep 0.05; done'
		filter alertd alertd
		sink s sh -c 'exec "$NUMBERED" take all --ack'
	E
	start_run
	wait_for 10 is a state running
	kill_stage a
	wait_for 10 grep -q '"status":"up"' all
	grep '"source_status"' all >records
	valid records
	[ "$(jq -r .data.status records | tr '\n' ' ')" = "degraded up " ]
	[ "$(head -n 1 records | jq -r .data.error)" = "died: signal 9 (SIGKILL); started again" ]
	not grep -q system_alert all
}

@test "a sink that was started again has nothing waiting once its input has ended: what katoctl says itself comes too late for it" {
	conf <<-'E'
		collect a sh -c 'seq 1 50; while [ -e hold ]; do sleep 0.05; done'
		filter f cat
		sink s sh -c 'n=0; while read -r l; do n=$((n + 1)); echo $n >&4; done; exec sleep 100'
	E
	start_run
	wait_for 10 is s lines 50
	kill_stage s
	rm hold
	wait_for 10 is f state ended
	wait_for 10 is s state running
	sleep 1.5	# longer than it takes to be called back again
	is s outstanding 0
	stop run
	not err_has run "ended before it took"
}
