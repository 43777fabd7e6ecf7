#!/usr/bin/env bats
# What outlives a restart or a kill: alertd's state file, and how state files are kept.
# shellcheck shell=bats disable=SC2154,SC2016 # run sets stderr; jq has dollars of its own

load helper
bats_require_minimum_version 1.5.0
teardown() { stop_all; }
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# cpu SECONDS PERCENT: a record at so many seconds after 22:00 of an evening.
cpu() {
	printf '{"type":"containers","timestamp":"2026-11-20T22:%02d:%02d.000Z","source":"test","data":{"aggregated":{"host_cpu_percent":%s}}}\n' \
		$(($1 / 60)) $(($1 % 60)) "$2"
}
told() { jq -r 'select(.type == "system_alert") | .id as $id | .alerts[] | "\($id) \(.state) \(.since[11:19]) \(.message)"'; }
same() { diff <(printf '%s\n' "$@") -; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# killed KILLS SEED STREAM: what comes out of an alertd that is killed again and again is what comes out of one that is not
killed() {
	alertd <"$3" >undisturbed 2>undisturbed.err
	rm -f s s.lock
	kill-filter "$1" "$2" "$3" out alertd --state "$PWD/s" --log-level error
	cmp undisturbed out
}

@test "after a restart nothing is told again within its cooldown, and what is over is told" {
	{ cpu 0 85; cpu 3 86; } | alertd --state s | told | same 'alert_1795212000000_1 firing 22:00:00 High CPU usage: 85.0%'
	{ cpu 6 87; cpu 59 87; } | alertd --state s | told >out
	[ ! -s out ]
	cpu 60 88 | alertd --state s | told | same 'alert_1795212060000_2 firing 22:00:00 High CPU usage: 88.0%'
	cpu 63 20 | alertd --state s | told | same 'alert_1795212063000_3 resolved 22:00:00 CPU usage back to normal: 20.0% (high for 1m 3s)'
	cpu 66 85 | alertd --state s | told >out
	[ ! -s out ]
	cpu 120 91 | alertd --state s | told | same 'alert_1795212120000_4 firing 22:01:06 High CPU usage: 91.0%'
}

@test "the same record to the next process is not told twice" {
	cpu 0 85 | alertd --cooldown 0 --state s | told >out
	[ -s out ]
	cpu 0 85 | alertd --cooldown 0 --state s | told >out
	[ ! -s out ]
}

@test "killed at any moment: the same bytes as undisturbed" {
	alert-storm 3000 1 >day
	killed 100 1 day
	[ "$(grep -c system_alert out)" -gt 1000 ]
	killed 100 2 day
}

@test "killed at any moment, seldom anything to tell: the same bytes as undisturbed" {
	recording 3000000 >day
	killed 80 3 day
}

running() { katoctl status --control "$PWD/control" --json | jq -r '.stages[] | select(.name == "alertd" and .state == "running") | .pid'; }
another() { # PID: is one running that is not this? It is left in $now
	now=$(running)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

@test "killed under katoctl run: nothing lost, nothing told twice, nothing left unsaid" {
	alert-storm 2000 7 >all
	awk 'length && !seen[$0]++' all >day	# alike lines can't be told apart behind a sink
	mkfifo in
	cat >pipeline.conf <<-END
		collect day cat $PWD/in
		filter alertd alertd --state $PWD/s --log-level error
		sink out sh -c 'cat >>$PWD/out'
	END
	spawn run katoctl run --config pipeline.conf --control "$PWD/control"
	wait_for 10 another ''
	spawn feeder sh -c 'split -l 10 --filter="cat; [ -e enough ] || sleep 0.1" day >in'
	for _ in 1 2 3 4 5 6 7 8; do
		pid=$now
		kill -KILL "$pid"
		wait_for 10 another "$pid"
	done
	touch enough
	wait_for 30 err_has run 'out ended: exit 0'
	wait "$(pid_of run)"
	rm run.pid
	# what alertd makes of the same lines, katoctl's own about its deaths among them, when nobody disturbs it
	grep -v '"type":"system_alert"' out >lines
	grep -c katoctl/alertd lines
	grep -v '"source":"katoctl' lines | cmp day -
	alertd <lines 2>undisturbed.err | cmp - out
}

@test "the file can be read with jq, and only by its owner" {
	cpu 0 85 | alertd --state "$PWD/sub/s" >out
	jq -es '.[0] == {"tool":"alertd","format":1}' sub/s
	jq -es 'map(select(.rule == "high_cpu")) | last | .active and .told' sub/s
	[ "$(stat -c %a sub) $(stat -c %a sub/s)" = '700 600' ]
}

@test "a relative path lies in the state folder, which is made" {
	cpu 0 85 | STATE_DIRECTORY=$PWD/a:/b alertd --state s >out
	cpu 0 85 | env -u STATE_DIRECTORY XDG_STATE_HOME="$PWD/b" alertd --state s >out
	cpu 0 85 | env -u STATE_DIRECTORY HOME="$PWD/c" alertd --state s >out
	[ -s a/s ] && [ -s b/kato-live/s ] && [ -s c/.local/state/kato-live/s ]
}

@test "no folder to keep anything in: said with path and reason, and records go on" {
	cpu 0 85 | env -u STATE_DIRECTORY HOME=/proc/none alertd --state s 2>err | told | same 'alert_1795212000000_1 firing 22:00:00 High CPU usage: 85.0%'
	grep -q '^alertd: warning: state /proc/none/.local/state/kato-live/s: .*No such file' err
	cpu 0 85 | alertd --state /dev/null 2>err >out
	grep -q 'state /dev/null: not a file; going on without' err
	[ -c /dev/null ]
	cpu 0 85 | alertd --state "$PWD/no/such/folder/s" 2>err >out
	grep -q "state $PWD/no/such/folder/s: its folder can't be made" err
	[ "$(wc -l <out)" -eq 2 ]
}

# aside REASON: the file s is set aside as it is, said, and begun anew
aside() {
	cp s was
	rm -f s.broken-*
	cpu 6 87 | alertd --state "$PWD/s" 2>err | told | same 'alert_1795212006000_1 firing 22:00:06 High CPU usage: 87.0%'
	grep -q "^alertd: warning: state $PWD/s $1.*; set aside as $PWD/s.broken-[0-9]*, begun anew" err || { cat err; return 1; }
	cmp was s.broken-*
	jq -es 'map(select(.rule)) | length == 1' s
}

@test "a broken, foreign, later or huge file is set aside, said, and all is begun anew" {
	printf 'garbage\n' >s && aside 'is no state file'
	: >s && aside 'is no state file'
	head -c 100000 /dev/urandom >s && aside 'is no state file'
	printf '{"tool":"session-watch","format":1}\n' >s && aside 'is the state of "session-watch"'
	printf '{"tool":"alertd","format":99}\n' >s && aside 'has format 99, and only 1 is known'
	rm s && cpu 0 85 | alertd --state "$PWD/s" >out && sed -i 's/"level":2/"level":3/' s && aside 'is damaged'
	rm s && cpu 0 85 | alertd --state "$PWD/s" >out && sed -i '/commit/d' s && aside 'is cut short'
	truncate -s 100M s && aside 'is larger than 64 MiB'
}

@test "of files set aside the newest eight are kept" {
	for _ in $(seq 11); do
		echo garbage >s
		alertd --state "$PWD/s" </dev/null 2>err
		[ ! -e s ]
	done
	[ "$(find . -name 's.broken-*' | wc -l)" -eq 8 ]
}

@test "a second process says who keeps the file, and goes on without" {
	mkfifo in
	SPAWN_STDIN=in spawn a alertd --state "$PWD/s"
	exec 7>in
	cpu 0 85 >&7
	wait_for 10 has_lines a 2
	cpu 3 86 | alertd --state "$PWD/s" 2>err | told | same 'alert_1795212003000_1 firing 22:00:03 High CPU usage: 86.0%'
	grep -q "state $PWD/s: already kept by process $(pid_of a); going on without" err
	exec 7>&-
	wait "$(pid_of a)"
	cpu 6 87 | alertd --state "$PWD/s" | told >out
	[ ! -s out ]
}

@test "a disk that takes nothing is said once, the old file stays, and it is kept again later" {
	cpu 0 85 | alertd --state "$PWD/s" >out
	cp s was
	mkdir s.new
	mkfifo in
	SPAWN_STDIN=in spawn a alertd --state "$PWD/s"
	exec 7>in
	for i in 3 4 5; do cpu $i 20 >&7; done
	wait_for 10 has_lines a 4
	[ "$(grep -c "state $PWD/s: can't be written: Is a directory" a.err)" -eq 1 ]
	cmp was s
	rmdir s.new
	later() { cpu 7 20 >&7; err_has a 'kept again'; }
	wait_for 20 later
	stop a KILL || true
	exec 7>&-
	jq -es 'map(select(.rule)) | last | .active == false' s
}

@test "a full disk: records go on, the old file stays whole" {
	mkdir small
	mount -t tmpfs -o size=16k tmpfs small 2>/dev/null || skip 'mounts are not allowed here'
	cpu 0 85 | alertd --state "$PWD/small/s" >out
	cp small/s was
	head -c 1000000 /dev/zero >small/full 2>/dev/null || true
	{ cpu 3 86; cpu 63 20; } | alertd --state "$PWD/small/s" 2>err >out || true
	cmp was small/s && same=yes || same=no
	umount small
	[ "$same" = yes ]
	told <out | same 'alert_1795212063000_2 resolved 22:00:00 CPU usage back to normal: 20.0% (high for 1m 3s)'
	[ "$(grep -c "can't be written: No space left" err)" -eq 1 ]
}

@test "a file that is taken away is written anew" {
	mkfifo in
	SPAWN_STDIN=in spawn a alertd --state "$PWD/s"
	exec 7>in
	cpu 0 85 >&7
	wait_for 10 has_lines a 2
	rm s
	cpu 3 86 >&7
	wait_for 10 has_lines a 3
	stop a KILL || true
	exec 7>&-
	jq -es 'map(select(.rule)) | length == 1' s
}

@test "TERM ends it while its reader takes nothing; what was not written comes from the next" {
	{ cpu 0 85; yes '{"type":"x"}' | head -n 30000; cpu 3 20; } >in.ndjson
	alertd <in.ndjson 2>/dev/null >undisturbed
	mkfifo out.fifo
	exec 8<>out.fifo
	alertd --state "$PWD/s" <in.ndjson 2>err >out.fifo 3>&- 8>&- &
	pid=$!
	wait_for 10 eval '[ -s s ] && grep -q " S " /proc/'$pid'/stat'
	kill -TERM $pid
	wait_for 10 gone $pid
	wait $pid
	grep -q 'told to end, and the reader takes nothing: [0-9]* bytes are not written' err
}

@test "rules that went are forgotten, others go on; HUP changes nothing of it" {
	cat >two.conf <<-END
		alert hot
		on containers
		value aggregated.host_cpu_percent
		warning > 80
		say hot
		resolved cool
		alert warm
		on containers
		value aggregated.host_cpu_percent
		warning > 50
		say warm
		resolved cold
	END
	sed '/alert hot/,/cool/d' two.conf >one.conf
	cpu 0 85 | alertd --rules two.conf --state s | jq -r '.alerts // empty | .[].message' | same hot warm
	cp two.conf my.conf
	mkfifo in
	SPAWN_STDIN=in spawn a alertd --rules my.conf --state s
	exec 7>in
	cpu 1 85 >&7
	wait_for 10 has_lines a 1
	cp one.conf my.conf
	kill -HUP "$(pid_of a)"
	wait_for 10 err_has a 'rules read again'
	cpu 2 85 >&7
	wait_for 10 has_lines a 2
	stop a KILL || true
	exec 7>&-
	cpu 3 20 | alertd --rules two.conf --state s | jq -r '.alerts // empty | .[].message' | same cold
}

@test "after a gap nobody is silent, and a demo is over" {
	status() { printf '{"type":"source_status","timestamp":"2026-11-20T22:%02d:00.000Z","source":"%s","id":"%s","data":{"source":"%s","status":"up","interval_ms":1000}}\n' "$1" "$2" "$2" "$2"; }
	{ status 0 a; status 0 b; cpu 0 85 | sed 's/{"type"/{"demo":true,"type"/'; } | alertd --state s | grep -c system_alert | same 1
	{ status 2 a; cpu 125 20; } | alertd --state s >out 2>err
	[ "$(wc -l <out)" -eq 2 ]
	[ ! -s err ]
}
