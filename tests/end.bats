#!/usr/bin/env bats
# What can break around us, and what is seen then. A full disk under a recording or a state file: record.bats, state.bats.
# shellcheck shell=bats disable=SC2154,SC2030,SC2031

load helper
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
}
teardown() { stop_all; }

a_kato() { # a KATO stand-in at $KATO_API_URL
	spawn kato kato-standin --port 0 --workers 1 --cache-ttl 0.1
	wait_for 10 out_has kato '^[0-9]*$'
	KATO_API_URL=http://127.0.0.1:$(head -n 1 kato.out)
	export KATO_API_URL
}

a_docker() { # a Docker stand-in at $DOCKER_HOST
	D=$BATS_TEST_TMPDIR/d
	mkdir -p "$D"
	cp "$FIXTURES/docker/version.json" "$D/version.json"
	echo '[{"Id":"aa11","Names":["/kato"],"Image":"kato:1","State":"running","Status":"Up 2 hours"}]' >"$D/list.json"
	cp "$FIXTURES/docker/stats-netnone-oneshot.json" "$D/stats.json"
	: >"$D/events.ndjson"
	spawn docker docker-standin "$D"
	wait_for 10 err_has docker listening
	export DOCKER_HOST=unix://$D/docker.sock
}

fault() { curl -sf -X POST "$KATO_API_URL/_control" -d "$1" >/dev/null; }

pipeline() { # LINE...: runs it; stdout of its sinks in run.out
	printf '%s\n' "$@" >conf
	spawn run katoctl run --no-demo --config conf
	wait_for 20 all_up
}
stages() { katoctl status --json | jq -c ".stages[] | select($1)"; }
stage() { katoctl status --json | jq -r ".stages[] | select(.name == \"$1\") | .$2"; }
all_up() { [ -e control ] && katoctl status --json | jq -e 'all(.stages[]; .state == "running" or .state == "listening")'; }
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12,13 | tr ' ' + | bc 2>/dev/null || sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
fds_of() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
threads_of() { find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l; }
grew() { [ "$(line_count "$1")" -gt "$2" ]; }

# ---- what a process is started with ----

@test "started with all standard descriptors closed: no socket becomes one of them" {
	a_kato
	for command in "kato-metrics --interval 0.2" "session-watch --interval 0.2" "docker-stats --host unix://$PWD/none --interval 0.2" \
		"broadcaster --port 0" "katoctl tail ws://127.0.0.1:1/ws" "alertd" "katoctl merge -- sleep 9"; do
		# shellcheck disable=SC2086 # words
		spawn closed bash -c 'exec "$@" 0<&- 2>&-' - $command
		pid=$(pid_of closed)
		started() { [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "$command " ] && [ -e "/proc/$pid/fd/2" ] || ! kill -0 "$pid"; }
		wait_for 10 started
		for fd in 0 2; do
			to=$(readlink "/proc/$pid/fd/$fd" || true)
			[ "${to:-/dev/null}" = /dev/null ] || { echo "$command: $fd is $to"; return 1; }
		done
		stop closed || true
	done
}

@test "standard output closed: a collector and a filter say so and end with 1" {
	a_kato
	for command in "kato-metrics --interval 0.2" "session-watch --interval 0.2" "docker-stats --host unix://$PWD/none --interval 0.2" alertd; do
		# shellcheck disable=SC2086 # words
		run bash -c 'echo "{}" | timeout 20 "$@" >&-' - $command
		[ "$status" -eq 1 ]
		[[ "$output" == *'standard output: Bad file descriptor'* ]]
	done
}

@test "the log's disk is full: nobody waits for it and nobody ends" {
	a_kato
	fault '{"all":"garbage"}'
	for command in "kato-metrics --interval 0.1" "session-watch --interval 0.1" "docker-stats --host unix://$PWD/none --interval 0.2"; do
		# shellcheck disable=SC2086 # words
		spawn full bash -c 'exec "$@" 2>/dev/full' - $command
		wait_for 15 has_lines full 5
		stop full
	done
	yes 'not a record' | head -n 1000 | alertd 2>/dev/full | cmp - <(yes 'not a record' | head -n 1000)
	yes 'not a record' | head -n 1000 | broadcaster --port 0 --exit-on-eof 2>/dev/full
	echo 'collect a sh -c "while :; do echo {} ; echo noise >&2; sleep 0.05; done"' >conf
	echo 'sink s cat' >>conf
	spawn run bash -c 'exec katoctl run --config conf 2>/dev/full'
	wait_for 15 has_lines run 20
	stop run
}

@test "no PATH, no HOME, no TMPDIR, a folder that is gone: our own stages are found and run" {
	mkdir gone
	for n in a b; do echo '{"type":"x","data":{}}'; done >in
	printf '%s\n' 'collect a katoctl replay IN' 'filter f alertd' 'sink s katoctl record OUT' | sed "s|IN|$PWD/in|; s|OUT|$PWD/out|" >conf
	spawn run bash -c 'cd gone && rmdir ../gone && exec env -i KATO_LIVE_SETTINGS=/dev/null TMPDIR=/nonexistent "$@"' - \
		"$BUILD/bin/katoctl" run --config "$PWD/conf" --control "$KATO_CONTROL"
	wait_for 10 test -s out
	wait_for 10 cmp in out
	stop run || true
	cmp in out
}

# ---- limits ----

@test "a stage at its memory limit ends with 1 and says so, is started again and gets the line again; the others go on" {
	[ -z "${SAN-}" ] || skip 'the sanitizers ask for terabytes'
	printf '{"type":"x","id":"%s"}\n' "$(head -c 900000 /dev/zero | tr '\0' y)" >big
	pipeline "collect a $ROOT/tests/tools/numbered write a --rate 50 --size 20" "feed $PWD/feed" 'filter alertd alertd' 'sink s cat'
	pid=$(stage alertd pid)
	prlimit --pid "$pid" --as=$((($(awk '/VmSize/ { print $2 }' "/proc/$pid/status") + 300) * 1024)):
	katoctl feed --to feed <big
	wait_for 10 err_has run 'alertd: error: out of memory'
	wait_for 10 err_has run 'alertd died: exit 1'
	wait_for 10 out_has run '"type":"x"'
	n=$(line_count run)
	wait_for 10 grew run "$n"
	[ "$(stage a restarts)" -eq 0 ]
	grep '"type":"x"' run.out | cmp - big
}

# serves_whom_it_has: with no room for more, the first client gets what comes, at no cost; when the others leave, there is
# room again.
serves_whom_it_has() {
	local before i
	before=$(cpu_ticks "$(pid_of b)")
	echo '{"type":"weather","id":"w1","data":{"t":1}}' >&7
	echo '{"type":"metrics","data":{"x":21}}' >&7
	wait_for 5 out_has first '"x":21'
	for i in $(seq 20); do echo "{\"type\":\"metrics\",\"data\":{\"x\":$((i + 100))}}" >&7; sleep 0.05; done
	wait_for 5 out_has first '"x":120'
	[ $(($(cpu_ticks "$(pid_of b)") - before)) -lt 50 ]
	stop many || true
	again() { timeout 5 wsclient --until connected "$PORT" 7>&-; }
	wait_for 20 again
	exec 7>&-
}

@test "a low limit of descriptors: the broadcaster takes as many clients as it allows, and others when some left" {
	mkfifo in
	SPAWN_STDIN=in spawn b bash -c 'ulimit -n 40; exec broadcaster --port 0 --dashboard none'
	exec 7>in
	PORT=$(port_of b)
	err_has b 'the limit of open files is 40'
	spawn first wsclient --seconds 60 "$PORT"
	wait_for 10 out_has first connected
	spawn many wsclient --clients 60 --seconds 60 --quiet "$PORT"
	wait_for 10 err_has many 503
	run -1 err_has b 'no file descriptors left'
	serves_whom_it_has
}

@test "no descriptors left: the broadcaster serves whom it has, does not spin, and takes others when some left" {
	mkfifo in
	SPAWN_STDIN=in spawn b broadcaster --port 0 --dashboard none
	exec 7>in
	PORT=$(port_of b)
	spawn first wsclient --seconds 60 "$PORT"
	wait_for 10 out_has first connected
	prlimit --pid "$(pid_of b)" --nofile=$(($(fds_of "$(pid_of b)") + 20)):
	spawn many wsclient --clients 60 --seconds 60 --quiet "$PORT"
	wait_for 10 err_has b 'no file descriptors left'
	serves_whom_it_has
}

@test "no descriptors left: katoctl run says so, loses no stage it has, and takes callers again" {
	pipeline 'collect a sh -c "while :; do echo {}; sleep 0.05; done"' "feed $PWD/feed" 'sink s cat'
	pid=$(pid_of run)
	prlimit --pid "$pid" --nofile=$(($(fds_of "$pid") + 3)):
	/usr/bin/python3 - feed <<-'END' &
		import socket, sys, time
		s = [socket.socket(socket.AF_UNIX) for _ in range(12)]
		for x in s:
		    x.setblocking(False)
		    try:
		        x.connect(sys.argv[1])
		    except OSError:
		        pass
		time.sleep(3)
	END
	callers=$!
	kill -KILL "$(stage a pid)" || true
	n=$(line_count run)
	before=$(cpu_ticks "$pid")
	wait "$callers"
	[ $(($(cpu_ticks "$pid") - before)) -lt 100 ]
	kill -0 "$pid"
	prlimit --pid "$pid" --nofile=1024:
	wait_for 20 all_up
	n=$(line_count run)
	wait_for 10 grew run "$n"
}

@test "no more processes: a stage that cannot be started is said and tried again" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become somebody with few processes'
	home=$(mktemp -d /tmp/end.XXXXXX)
	chmod 777 "$home"
	printf '%s\n' 'collect a yes' 'sink s wc -l' >"$home/conf"
	chmod 644 "$home/conf"
	spawn run setpriv --reuid 54321 --clear-groups sh -c 'ulimit -u 4 2>/dev/null || prlimit --pid $$ --nproc=4:; exec "$@"' - \
		katoctl run --no-demo --config "$home/conf" --control "$home/control"
	export KATO_CONTROL=$home/control
	up() { [ -e "$KATO_CONTROL" ] && all_up_of; }
	all_up_of() { katoctl status --json | jq -e 'all(.stages[]; .state == "running")'; }
	wait_for 20 up
	for i in 1 2 3; do spawn "other$i" setpriv --reuid 54321 --clear-groups sleep 60; done
	others() { [ "$(ps -o pid= --user 54321 | wc -l)" -ge 6 ]; }
	wait_for 5 others
	kill -KILL "$(stage a pid)"
	wait_for 10 err_has run 'a.*[Rr]esource temporarily unavailable'
	for i in 1 2 3; do stop "other$i" || true; done
	wait_for 40 up
	stop run
	rm -r "$home"
}

# ---- hanging, slow, dying ----

@test "each stage stopped for a while and let go on: nothing is lost, nothing doubled" {
	pipeline "collect a $ROOT/tests/tools/numbered write a --rate 1000 --size 300" 'filter alertd alertd' \
		"sink s $ROOT/tests/tools/numbered take $PWD/taken --ack" "sink b broadcaster --port 0 --dashboard none"
	for name in a alertd s b; do
		pid=$(stage "$name" pid)
		kill -STOP "$pid"
		n=$(numbered check taken | jq .lines)
		sleep 1.5 # that long it hangs
		kill -CONT "$pid"
		more() { [ "$(numbered check taken | jq .lines)" -gt "$n" ]; }
		wait_for 10 more
	done
	[ "$(stages '.restarts > 0')" = '' ]
	stop run
	numbered check taken | jq -e '.torn == 0 and .doubled == 0 and .missing == 0 and .lines > 1000'
}

@test "a sink that reads a byte a second: memory stays bounded, its sources wait, and TERM still ends it all" {
	printf '%s\n' '#!/usr/bin/python3' 'import os, time' 'while os.read(0, 1):' '    time.sleep(1)' >crawl
	chmod +x crawl
	pipeline "collect a $ROOT/tests/tools/numbered write a --size 2000" "sink crawl $PWD/crawl"
	still() { m=$(stage a lines); sleep 0.3; [ "$(stage a lines)" = "$m" ]; }
	wait_for 20 still
	rss=$(awk '/VmRSS/ { print $2 }' "/proc/$(pid_of run)/status")
	[ "$rss" -lt 20000 ]
	began=$SECONDS
	stop run || true
	[ $((SECONDS - began)) -lt 12 ]
}

@test "stages that die after each line, hundreds of times: no descriptor, no child, no memory left over, all counted" {
	{
		for i in $(seq 40); do echo "collect c$i sh -c 'echo {}; exit 1'"; done
		echo 'sink s cat'
	} >conf
	spawn run katoctl run --config conf
	restarts() { katoctl status --json | jq '[.stages[].restarts] | add'; }
	many() { [ "$(restarts)" -ge "$1" ]; }
	wait_for 30 many 200
	pid=$(pid_of run)
	fds=$(fds_of "$pid")
	rss=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	wait_for 30 many 360
	[ "$(fds_of "$pid")" -le $((41 * 4 + 20)) ] && [ "$(fds_of "$pid")" -le $((fds + 80)) ]
	[ -n "${SAN-}" ] || [ "$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")" -le $((rss * 105 / 100 + 64)) ]
	no_zombie() { [ "$(ps -o state= --ppid "$pid" | tr -dc Z)" = '' ]; }
	wait_for 5 no_zombie
	katoctl status --json | jq -e '[.stages[] | select(.kind == "collect" and (.lines < .restarts))] == []'
	stop run
}

# ---- KATO and Docker come and go ----

@test "a KATO that answers garbage, half, errors, not at all, and well again: down and up, no zeros, nothing left over" {
	a_kato
	spawn m kato-metrics --interval 0.1 --timeout 0.3
	spawn s session-watch --interval 0.1 --timeout 0.3
	wait_for 10 out_has m '"type":"metrics"'
	wait_for 10 out_has s '"type":"sessions"'
	round() {
		local was_m was_s
		was_m=$(grep -c '"status":"d[a-z]*"' m.out || true)
		was_s=$(grep -c '"status":"d[a-z]*"' s.out || true)
		fault "{\"all\":\"$1\"}"
		went_down() { [ "$(grep -c '"status":"d[a-z]*"' m.out)" -gt "$was_m" ] && [ "$(grep -c '"status":"d[a-z]*"' s.out)" -gt "$was_s" ]; }
		wait_for 15 went_down
		was_m=$(grep -c '"type":"metrics"' m.out)
		was_s=$(grep -c '"type":"sessions"' s.out)
		fault '{"all":"ok"}'
		came_up() { [ "$(grep -c '"type":"metrics"' m.out)" -gt "$was_m" ] && [ "$(grep -c '"type":"sessions"' s.out)" -gt "$was_s" ]; }
		wait_for 15 came_up
	}
	for way in garbage cut error hang close unavailable; do round "$way"; done
	fds_m=$(fds_of "$(pid_of m)") fds_s=$(fds_of "$(pid_of s)")
	threads=$(threads_of "$(pid_of s)")
	for way in garbage cut error close unavailable garbage cut close; do round "$way"; done
	# connections are kept for the next reading, how many of them hangs on what met; a leak would be one a round
	as_before() {
		[ "$(fds_of "$(pid_of m)")" -le $((fds_m + 5)) ] && [ "$(fds_of "$(pid_of s)")" -le $((fds_s + 5)) ] &&
			[ "$(threads_of "$(pid_of s)")" -le $((threads + 3)) ]
	}
	wait_for 10 as_before
	stop m
	stop s
	grep '"type":"sessions"' s.out | jq -es 'all(.[]; .data.active_count >= 1)'
	grep '"type":"metrics"' m.out | jq -es 'all(.[]; .data.requests.total > 0)'
	valid m.out s.out
}

# ---- time ----

@test "the clock stepped an hour ahead and an hour back: readings go on, no alert, no busy loop" {
	lib=$(find /usr/lib -path '*/faketime/libfaketime.so.1' | head -n 1)
	[ -n "$lib" ] || { echo 'libfaketime is not installed' >&2; return 1; }
	a_kato
	a_docker
	echo '+0' >step
	printf '%s\n' 'collect kato-metrics kato-metrics --interval 0.5' 'collect docker-stats docker-stats --interval 0.5' \
		'collect session-watch session-watch --interval 0.5' 'filter alertd alertd' "sink taken katoctl record $PWD/taken" \
		'sink broadcaster broadcaster --port 0 --dashboard none' >conf
	spawn run env LD_PRELOAD="$lib" FAKETIME_TIMESTAMP_FILE="$PWD/step" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
		DONT_FAKE_MONOTONIC=1 ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" katoctl run --no-demo --config conf
	wait_for 20 all_up
	PORT=$(port_of run)
	reads() { [ "$(grep -c "\"type\":\"$1\"" taken)" -gt "$2" ]; }
	for step in +3600 +0 -3600 +0; do
		echo "$step" >step.new
		mv step.new step
		for type in metrics containers sessions; do
			n=$(grep -c "\"type\":\"$type\"" taken || true)
			wait_for 8 reads "$type" $((n + 2))
		done
		curl -sf "http://127.0.0.1:$PORT/health" | jq -e '.uptime_seconds >= 0 and .uptime_seconds < 600'
		curl -sf "http://127.0.0.1:$PORT/api/v1/ws/stats" | jq -e '.uptime_seconds >= 0 and .uptime_seconds < 600'
	done
	hour=$(($(date +%s) + 3600))
	grep -q "\"timestamp\":\"$(date -u -d @$hour +%Y-%m-%dT%H)" taken || grep -q "\"timestamp\":\"$(date -u -d @$((hour - 60)) +%Y-%m-%dT%H)" taken
	for stage in kato-metrics docker-stats session-watch alertd broadcaster; do
		ticks=$(cpu_ticks "$(stage $stage pid)")
		[ "$ticks" -lt 300 ] || { echo "$stage: $ticks ticks of CPU"; return 1; }
		[ "$(stage $stage restarts)" -eq 0 ]
	done
	katoctl status --json | jq -e 'all(.stages[]; (.uptime_seconds // 0) >= 0 and (.uptime_seconds // 0) < 600)'
	! grep '"type":"system_alert"' taken || return 1
	valid taken
}
