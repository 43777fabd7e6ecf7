# shellcheck shell=bats
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own, on purpose; run sets stderr
bats_require_minimum_version 1.5.0
load helper
load docker

setup_file() { engine_start "$BATS_FILE_TMPDIR/engine"; }
teardown_file() { engine_stop "$BATS_FILE_TMPDIR/engine"; }

setup() {
	engine_use
	out=$BATS_TEST_TMPDIR/docker-stats.out
}

teardown() {
	local ids
	stop_all
	engine_use
	ids=$(docker ps -aq)
	# shellcheck disable=SC2086 # a list of ids
	[ -z "$ids" ] || docker rm -f $ids >/dev/null
}

# follow [OPTION...]: docker-stats in the background, until its first record of the containers has come.
follow() {
	spawn docker-stats docker-stats "$@"
	wait_for 20 out_has docker-stats '"type":"containers"'
}

# last FILTER: of the newest containers record.
last() { jq -rs "[.[] | select(.type == \"containers\")][-1].data | $1" "$out"; }
# is_now NAME STATUS: what the newest containers record says.
is_now() { [ "$(last ".containers[] | select(.name == \"$1\") | .status")" = "$2" ]; }
# happened ACTION NAME: is there such an event?
happened() { jq -c "select(.type == \"container_event\" and .data.action == \"$1\" and .data.name == \"$2\")" "$out" | grep .; }
# names_are A,B: in the newest containers record.
names_are() { [ "$(last '[.containers[].name] | join(",")')" = "$1" ]; }
# last_line_is TYPE, status_is WORD: of the newest line; of the newest source_status.
last_line_is() { [ "$(tail -n 1 "$out" | jq -r .type)" = "$1" ]; }
status_is() { [ "$(jq -rs '[.[] | select(.type == "source_status") | .data.status] | last' "$out")" = "$1" ]; }
# asked N PATTERN: has the stand-in had that many such requests?
asked() { [ "$(grep -c "$2" "$D/requests")" -ge "$1" ]; }
# then_state ACTION NAME STATUS: within two records of that event the containers say so.
then_state() {
	jq -es "(map(.type == \"container_event\" and .data.action == \"$1\" and .data.name == \"$2\") | index(true)) as \$at
		| .[\$at:\$at + 6] | any(.[]; .type == \"containers\" and any(.data.containers[]; .name == \"$2\" and .status == \"$3\"))" "$out"
}

# ---- the real engine ----

@test "--once prints one valid record of all kato containers" {
	box kato -- sleep 1000
	box kato-redis --memory=64m -- sleep 1000
	box other -- sleep 1000
	docker create --name kato-new box:1 true >/dev/null
	run --separate-stderr docker-stats --once
	[ "$status" -eq 0 ] && [ -z "$stderr" ] && [ "${#lines[@]}" -eq 1 ]
	valid <<<"$output"
	[ "$(jq -r '[.data.containers[] | .name + " " + .status] | join(",")' <<<"$output")" = 'kato running,kato-new created,kato-redis running' ]
	jq -e '.data.containers[2].memory | .limit_bytes == 67108864 and .limit_mb == 64 and .usage_bytes > 0' <<<"$output"
	jq -e '.data.aggregated | .container_count == 3 and .online_cpus >= 1 and .host_cpu_percent <= 100' <<<"$output"
	[ "$(jq -r '.data.containers[0].id' <<<"$output")" = "$(docker inspect -f '{{.Id}}' kato)" ]
}

# near A B SLACK
near() { awk -v a="$1" -v b="$2" -v s="$3" 'BEGIN { exit !(a - b <= s && b - a <= s) }'; }

# One comparison with `docker stats` of the same second; the load of another process may spoil one.
agrees() {
	docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemPerc}}' >"$BATS_TEST_TMPDIR/theirs" 3>&- &
	local theirs=$! name cpu mem ours
	docker-stats --once >"$BATS_TEST_TMPDIR/ours"
	wait "$theirs"
	while read -r name cpu mem; do
		ours=$(jq -r ".data.containers[] | select(.name == \"$name\") | \"\(.cpu) \(.memory.usage_percent)\"" "$BATS_TEST_TMPDIR/ours")
		near "${ours% *}" "${cpu%\%}" 1 || return 1
		near "${ours#* }" "${mem%\%}" 1 || return 1
	done <"$BATS_TEST_TMPDIR/theirs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/theirs")" -eq 3 ]
}

@test "CPU and memory agree with docker stats, busy, throttled and idle" {
	box kato-busy --cpus=0.3 -- sh -c 'while :; do :; done'
	box kato-idle -- sleep 1000
	# shellcheck disable=SC2016 # expands in the container
	box kato-memory --memory=128m -- sh -c 'x=$(yes | head -c 30000000); cat /dev/null; echo ${#x}; while :; do sleep 1000; done'
	wait_for 30 agrees
	jq -e '.data.containers[] | select(.name == "kato-busy") | .cpu > 20 and .cpu < 45' "$BATS_TEST_TMPDIR/ours"
}

@test "kato is missing as soon as any kato container was seen, unless nothing is expected" {
	run docker-stats --once
	[ "$(jq -c '.data.containers' <<<"$output")" = '[]' ]
	docker create --name kato-redis box:1 true >/dev/null
	docker-stats --once >"$out"
	valid "$out"
	[ "$(last '[.containers[] | .name + " " + .status] | join(",")')" = 'kato missing,kato-redis created' ]
	[ "$(last .aggregated.container_count)" = 1 ]
	docker-stats --once --expect none >"$out"
	[ "$(last '.containers | length')" = 1 ]
	docker-stats --once --expect db --expect kato-redis >"$out"
	[ "$(last '[.containers[] | .name + " " + .status] | join(",")')" = 'db missing,kato-redis created' ]
}

@test "--name, --label and --all choose" {
	docker create --name web-1 --label app=shop box:1 true >/dev/null
	docker create --name db --label app=shop --label tier box:1 true >/dev/null
	docker create --name kato box:1 true >/dev/null
	names() { docker-stats --once "$@" | jq -r '[.data.containers[].name] | join(",")'; }
	[ "$(names)" = kato ]
	[ "$(names --name 'web-*')" = web-1 ]
	[ "$(names --name 'web-*' --name db)" = db,web-1 ]
	[ "$(names --label app=shop)" = db,web-1 ]
	[ "$(names --label tier --name 'k*')" = db,kato ]
	[ "$(names --all)" = db,kato,web-1 ]
	[ "$(KATO_DOCKER_NAME='web-*,db' names)" = db,web-1 ]
}

@test "a killed container is told at once, with its exit code, and the containers say so straight after" {
	box kato -- sleep 1000
	follow --interval 60
	docker kill kato >/dev/null
	wait_for 5 then_state die kato exited
	[ "$(happened die kato | jq .data.exit_code)" = 137 ]
	[ "$(jq -rs '[.[] | select(.type == "container_event") | .data.action] | join(",")' "$out")" = kill,die ]
	[ "$(last '.containers[0].memory.usage_bytes + .containers[0].cpu')" = 0 ]
	valid "$out"
}

@test "an event reaches standard output within 50 ms" {
	local i
	for i in 1 2 3 4 5; do box "kato-$i" -- sleep 1000; done
	follow --interval 60
	exec 9< <(tail -n 0 -F "$out" --pid="$(pid_of docker-stats)" -s 0.01 2>/dev/null |
		jq --unbuffered -r 'select(.data.action == "die") | (now * 1000 - (.id | split("-")[1] | tonumber / 1000000)) | floor')
	for i in 1 2 3 4 5; do docker kill "kato-$i" >/dev/null; done
	wait_for 10 happened die kato-5
	local best=1000 ms
	for i in 1 2 3 4 5; do
		read -r -t 10 -u 9 ms
		[ "$ms" -ge "$best" ] || best=$ms
	done
	exec 9<&-
	echo "best of five: $best ms"
	[ "$best" -lt 50 ]
}

@test "out of memory is an event of its own" {
	follow --interval 60
	# shellcheck disable=SC2016 # expands in the container
	box kato-greedy --memory=16m --memory-swap=16m -- sh -c 'x=$(yes | head -c 60000000); echo ${#x}'
	wait_for 20 happened oom kato-greedy
	wait_for 20 then_state die kato-greedy exited
	[ "$(happened die kato-greedy | jq .data.exit_code)" = 137 ]
	valid "$out"
}

@test "an unhealthy container says so, and its health checks are not events" {
	box kato --health-cmd /bin/false --health-interval=1s --health-retries=1 -- sleep 1000
	follow --interval 60
	wait_for 20 happened health_status kato
	[ "$(happened health_status kato | jq -rs '.[-1].data.health')" = unhealthy ]
	wait_for 5 is_now kato running
	[ "$(last '.containers[0].health')" = unhealthy ]
	docker exec kato true
	docker stop -t 0 kato >/dev/null
	wait_for 10 happened stop kato
	run grep -c 'exec_' "$out"
	[ "$output" = 0 ]
	valid "$out"
	docker-stats --once >"$out"
	[ "$(last '.containers[0] | .status + " " + (.health // "none")')" = 'exited none' ]
}

@test "paused and unpaused" {
	box kato -- sh -c 'while :; do :; done'
	follow --interval 60
	docker pause kato >/dev/null
	wait_for 5 then_state pause kato paused
	[ "$(last '.containers[0].cpu')" = 0 ]
	[ "$(last '.containers[0].memory.usage_bytes > 0')" = true ]
	docker unpause kato >/dev/null
	wait_for 5 then_state unpause kato running
	docker pause kato >/dev/null
	docker-stats --once >"$out"
	[ "$(last '.containers[0] | "\(.status) \(.cpu)"')" = 'paused 0' ]
	docker unpause kato >/dev/null
}

@test "renamed away, the old name is missing and the new one is followed" {
	box kato -- sleep 1000
	follow --interval 60
	docker rename kato kato-old
	wait_for 5 is_now kato missing
	is_now kato-old running
	[ "$(happened rename kato-old | jq -r .data.old_name)" = kato ]
	docker rename kato-old mine
	wait_for 5 happened rename mine
	wait_for 5 names_are kato
	valid "$out"
}

is_busy() { [ "$(last ".containers[] | select(.name == \"$1\") | .cpu > 20 and .memory.usage_bytes > 0")" = true ]; }

@test "created, started, removed: in at birth, out at the end" {
	box kato -- sleep 1000
	follow --interval 60
	docker create --name kato-new --network=none box:1 sh -c 'while :; do :; done' >/dev/null
	wait_for 5 is_now kato-new created
	docker start kato-new >/dev/null
	wait_for 5 then_state start kato-new running
	# its figures do not wait for the next tick, a minute away
	wait_for 15 is_busy kato-new
	docker rm -f kato-new >/dev/null
	wait_for 5 names_are kato
	happened destroy kato-new
	valid "$out"
}

@test "a container that restarts all the time never shows an absurd figure" {
	# shellcheck disable=SC2016 # expands in the container
	box kato --restart=always -- sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 1'
	follow --interval 0.5
	wait_for 30 has_lines docker-stats 30
	valid "$out"
	jq -es '[.[] | select(.type == "containers") | .data] | all(.[]; .aggregated.total_cpu_percent <= 100 * (.aggregated.online_cpus // 1024))' "$out"
}

# cycle_under MS NAME: has one of its readings of 20 or more containers taken less?
cycle_under() { sed -n 's/.*: 2[0-9] read, 0 failed, in \([0-9]*\) ms/\1/p' "$BATS_TEST_TMPDIR/$2.err" | awk -v m="$1" '$1 < m { f = 1 } END { exit !f }'; }

@test "20 containers are read in under 300 ms" {
	local i
	for i in $(seq 20); do box "kato-$i" -- sleep 1000 & done
	wait
	follow --log-level debug --interval 3
	wait_for 30 cycle_under 300 docker-stats
	[ "$(last '[.containers[] | select(.status == "running")] | length')" = 20 ]
}

@test "the engine goes, and comes back: said, and found again" {
	box kato --restart=always --stop-signal KILL -- sleep 1000
	follow --interval 1
	engine_down "$ENGINE_DIR"
	wait_for 10 out_has docker-stats '"status":"down"'
	grep '"status":"down"' "$out" | jq -e '.data.error | test("docker.sock")'
	engine_up "$ENGINE_DIR"
	wait_for 20 status_is up
	wait_for 10 is_now kato running
	docker kill kato >/dev/null
	wait_for 10 happened die kato
	valid "$out"
}

@test "--probe: silent 0 with a kato container, else 1 and why" {
	run --separate-stderr docker-stats --probe
	[ "$status" -eq 1 ] && [ -z "$output" ]
	[[ "$stderr" == *'has no container whose name matches kato*' ]]
	docker create --name kato-x box:1 true >/dev/null
	run docker-stats --probe
	[ "$status" -eq 0 ] && [ -z "$output" ]
	run --separate-stderr docker-stats --probe --host unix:///nowhere.sock
	[ "$status" -eq 1 ]
	[ "$stderr" = 'docker-stats: error: there is no /nowhere.sock: is Docker running?' ]
}

# ---- a stand-in for what a real engine does not do on demand ----

# standin [PORT]: a folder D with podman's or Docker's answers is made by the caller.
standin() {
	spawn standin docker-standin "$D" "$@"
	wait_for 10 err_has standin listening
	export DOCKER_HOST=unix://$D/docker.sock
}

# a_docker: the stand-in as Docker 20.10 with one container, kato, that uses half a core.
a_docker() {
	D=$BATS_TEST_TMPDIR/d
	mkdir -p "$D"
	cp "$FIXTURES/docker/version.json" "$D/version.json"
	echo '[{"Id":"aa11","Names":["/kato"],"Image":"kato:1","State":"running","Status":"Up 2 hours"}]' >"$D/list.json"
	cp "$FIXTURES/docker/stats-netnone-oneshot.json" "$D/stats.json"
	: >"$D/events.ndjson"
	standin "$@"
}

event() { # ACTION [ID [NAME]]: now, in the stand-in
	local ns
	ns=$(date +%s%N)
	printf '{"Type":"container","Action":"%s","Actor":{"ID":"%s","Attributes":{"exitCode":"7","name":"%s"}},"time":%s,"timeNano":%s}\n' \
		"$1" "${2:-aa11}" "${3:-kato}" "${ns%?????????}" "$ns" >>"$D/events.ndjson"
}

@test "podman: capital Id, networks of its own, an empty answer of one that exited" {
	D=$BATS_TEST_TMPDIR/d
	mkdir -p "$D"
	cp "$FIXTURES/podman/version.json" "$D/version.json"
	cp "$FIXTURES/podman/containers-json-all.json" "$D/list.json"
	: >"$D/events.ndjson"
	local id
	for id in $(jq -r '.[] | select(.State == "running") | .Id' "$D/list.json"); do
		case $(jq -r ".[] | select(.Id == \"$id\") | .Names[0]" "$D/list.json") in
		/kato-bridge) cat "$FIXTURES/podman/stats-bridge-nostream.json" ;;
		/kato-a) cat "$FIXTURES/podman/stats-netnone-oneshot.json" ;;
		*) cat "$FIXTURES/podman/stats-nethost-memlimit-oneshot.json" ;;
		esac >"$D/stats-$id.ndjson"
	done
	# the second answer of kato-host, by the clock a second later: a quarter of a core more; podman's "system" moved by 0.3 s
	id=$(jq -r '.[] | select(.Names[0] == "/kato-host") | .Id' "$D/list.json")
	jq -c '.cpu_stats.cpu_usage.total_usage += 250000000 | .cpu_stats.system_cpu_usage += 300000000 | .read = "2026-11-20T22:01:43.521160512Z"' \
		"$D/stats-$id.ndjson" >"$BATS_TEST_TMPDIR/second"
	cat "$BATS_TEST_TMPDIR/second" >>"$D/stats-$id.ndjson"
	standin
	docker-stats --once --expect none >"$out"
	valid "$out"
	[ "$(last '[.containers[] | .name + " " + .status] | join(",")')" = 'kato-a running,kato-bridge running,kato-exit3 exited,kato-host running,kato-oom exited' ]
	near "$(last '.containers[] | select(.name == "kato-host") | .cpu')" 25 0.1
	[ "$(last '.containers[] | select(.name == "kato-bridge") | .network.rx_bytes')" = 612 ]
	echo stats-empty >"$D/mode"
	run docker-stats --once
	[ "$status" -eq 0 ]
	[ "$(jq '.data.containers | length' <<<"$output")" = 3 ]
}

@test "podman's words for events are Docker's afterwards" {
	a_docker
	follow --interval 60
	sed 's/cbd55111338c53a962266cab7e6a857cac25a475b1faeec1c82c0f0ce218e923/aa11/; s/kato-tmp/kato/; s/"timeNano":1795/"timeNano":4070/' "$FIXTURES/podman/events.ndjson" |
		grep kato >>"$D/events.ndjson"
	wait_for 10 happened die kato-oom
	[ "$(jq -rs '[.[] | select(.type == "container_event" and .data.name == "kato") | .data.action] | join(",")' "$out")" = \
		create,start,health_status,pause,unpause,restart,die,start,kill,die,destroy ]
	[ "$(jq -s '[.[] | select(.type == "container_event") | .id] | length == (unique | length)' "$out")" = true ]
	[ "$(happened die kato-exit3 | jq .data.exit_code)" = 3 ]
	valid "$out"
}

@test "cgroup v2: no percpu_usage, lower-case block operations, inactive_file" {
	a_docker
	cat "$FIXTURES"/docker/made-cgroup2-oneshot-[12].json | jq -c . >"$D/stats-aa11.ndjson"
	docker-stats --once >"$out"
	valid "$out"
	[ "$(last '.containers[0] | "\(.cpu) \(.memory.usage_percent) \(.block_io.read_bytes) \(.pids)"')" = '200 24.61 4130096 7' ]
	[ "$(last '.aggregated | "\(.host_cpu_percent) \(.online_cpus)"')" = '25 8' ]
}

@test "an engine before 1.41: stats without one-shot, two readings in one answer" {
	a_docker
	sed -i 's/"ApiVersion":"1.41"/"ApiVersion":"1.40"/g' "$D/version.json"
	cp "$FIXTURES/docker/stats-nethost-limits-nostream.json" "$D/stats-aa11.ndjson"
	docker-stats --once >"$out"
	near "$(last '.containers[0].cpu')" 8.05 0.01
	grep -q '^/v1.40/containers/aa11/stats?stream=false$' "$D/requests"
	[ "$(grep -c stats "$D/requests")" = 1 ]
}

@test "an engine that has dropped 1.41 is asked for the oldest it has" {
	a_docker
	sed -i 's/"ApiVersion":"1.41"/"ApiVersion":"1.52"/g; s/"MinAPIVersion":"1.12"/"MinAPIVersion":"1.44"/g' "$D/version.json"
	docker-stats --once >"$out"
	grep -q '^/v1.44/containers/aa11/stats?stream=false&one-shot=true$' "$D/requests"
}

@test "over TCP too" {
	a_docker 0
	docker-stats --host "tcp://127.0.0.1:$(port_of standin)" --once >"$out"
	near "$(last '.containers[0].cpu')" 50 5
	docker-stats --host "http://127.0.0.1:$(port_of standin)/" --once >"$out"
}

@test "a die is believed over a list that still says running" {
	a_docker
	follow --interval 0.3
	event die
	wait_for 5 then_state die kato exited
	local n
	n=$(grep -c containers/json "$D/requests")
	wait_for 5 asked $((n + 3)) containers/json
	is_now kato exited
	# but not for ever
	wait_for 10 is_now kato running
}

@test "the stream of events is lost: followed again from where it was, none missed, none twice" {
	a_docker
	event kill
	echo events-close >"$D/mode"
	follow --interval 60
	local i
	for i in $(seq 20); do event kill; done
	rm "$D/mode"
	event oom
	wait_for 20 happened oom kato
	[ "$(jq -s '[.[] | select(.type == "container_event" and .data.action == "kill")] | length' "$out")" = 20 ]
	grep -q 'events?.*since=' "$D/requests"
	err_has docker-stats 'connecting again'
}

@test "a stream that went deaf is found out by the list" {
	a_docker
	follow --interval 0.3
	wait_for 5 grep -q events "$D/requests"
	sed -i 's/running/exited/' "$D/list.json"
	wait_for 20 asked 2 /events
	is_now kato exited
}

@test "noise and garbage among the events" {
	a_docker
	follow --interval 60
	{
		echo 'not JSON'
		head -c 3000000 /dev/zero | tr '\0' x
		echo
		echo '{"Type":"container","Action":"die","Actor":{"ID":"../../x"}}'
		printf '{"a":%s1%s}\n' "$(head -c 20000 /dev/zero | tr '\0' '[')" ''
	} >>"$D/events.ndjson"
	event exec_die
	event 'exec_create: /bin/sh -c "true"'
	event attach
	event oom
	wait_for 20 happened oom kato
	[ "$(jq -s '[.[] | select(.type == "container_event")] | length' "$out")" = 1 ]
	err_has docker-stats 'no event'
	stop docker-stats
}

@test "counters that go backwards make no absurd figure" {
	a_docker
	local n
	for n in 50 51 49 50 10 11 11 2; do
		jq -c ".cpu_stats.cpu_usage.total_usage = ${n}00000000 | .networks.eth0 = {rx_bytes: ${n}000, tx_bytes: 0}" "$FIXTURES/docker/stats-bridge-oneshot.json"
	done >"$D/stats-aa11.ndjson"
	follow --interval 0.4
	wait_for 20 has_lines docker-stats 8
	jq -es '[.[] | select(.type == "containers") | .data.containers[0]] | all(.[]; .cpu >= 0 and .cpu <= 200 and (.network.rx_bytes_per_second // 0) >= 0)' "$out"
	valid "$out"
}

@test "a hung engine: down is said, each interval says something, and it is found again" {
	a_docker
	follow --interval 0.5 --timeout 1
	echo hang >"$D/mode"
	wait_for 10 out_has docker-stats '"status":"down"'
	err_has docker-stats 'timed out after 1 s'
	local n
	n=$(line_count docker-stats)
	wait_for 10 has_lines docker-stats $((n + 3))
	[ "$(tail -n 2 "$out" | jq -rs '[.[].type] | unique[0]')" = source_status ]
	rm "$D/mode"
	wait_for 10 last_line_is containers
	err_has docker-stats 'answers again'
	valid "$out"
}

@test "stats that hang, fail or are garbage: degraded, no zeros, the last figures stay" {
	a_docker
	follow --interval 0.3 --timeout 0.5
	local mode why
	for mode in stats-hang stats-error stats-garbage stats-huge; do
		echo "$mode" >"$D/mode"
		case $mode in
		*hang) why='stats of kato: timed out' ;;
		*error) why='HTTP status 500: out of luck' ;;
		*garbage) why='not what the Engine API describes' ;;
		*huge) why='stats of kato: answer over 1048576 bytes' ;;
		esac
		wait_for 10 err_has docker-stats "$why"
	done
	status_is degraded
	jq -es '[.[] | select(.type == "containers") | .data.containers[0]] | all(.[]; .cpu > 10)' "$out"
	run --separate-stderr docker-stats --once
	[ "$status" -eq 1 ] && [ -z "$output" ]
	valid "$out"
}

@test "gone between the list and its stats is no failure" {
	a_docker
	echo stats-404 >"$D/mode"
	run --separate-stderr docker-stats --once
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
	jq -e '.data.aggregated.container_count == 1 and .data.containers == []' <<<"$output"
}

@test "a list of 100 MB, or garbage, or an error: said, no data, memory bounded" {
	a_docker
	follow --interval 0.3
	local mode
	for mode in list-huge list-garbage list-error; do
		echo "$mode" >"$D/mode"
		case $mode in
		*huge) wait_for 20 err_has docker-stats 'GET /containers/json: answer over 33554432 bytes' ;;
		*garbage) wait_for 20 err_has docker-stats 'GET /containers/json: the answer is not' ;;
		*error) wait_for 20 err_has docker-stats 'HTTP status 500: out of luck' ;;
		esac
		run --separate-stderr docker-stats --once
		[ "$status" -eq 1 ] && [ -z "$output" ] && [ -n "$stderr" ]
	done
	[ -n "${SAN-}" ] || [ "$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of docker-stats)/status")" -lt 120000 ]
	rm "$D/mode"
	wait_for 10 last_line_is containers
}

@test "50,000 containers: bounded, the busiest shown, the rest counted" {
	a_docker
	awk 'BEGIN { printf "["; for (i = 0; i < 50000; i++) printf "{\"Id\":\"%064d\",\"Names\":[\"/kato-%d\"],\"Image\":\"an/image:with-a-long-name-%d\",\"State\":\"exited\",\"Status\":\"Exited (0) 1 hour ago\"},", i, i, i
		print "{\"Id\":\"aa11\",\"Names\":[\"/kato\"],\"Image\":\"kato:1\",\"State\":\"running\"}]" }' >"$D/list.json"
	docker-stats --once --max-containers 5000 --timeout 30 >"$out"
	valid "$out"
	[ "$(wc -c <"$out")" -le 1048577 ]
	[ "$(last '.containers[0] | .name + " " + .status')" = 'kato running' ]
	[ "$(last '.truncated + (.containers | length)')" = 50001 ]
	[ "$(last .aggregated.container_count)" = 50001 ]
}

@test "no permission: which group has it" {
	[ "$(id -u)" = 0 ] || skip 'needs root to be someone else'
	a_docker
	local place
	place=$(mktemp -d /tmp/kato-XXXXXX)
	chmod 711 "$place"
	cp "$(command -v docker-stats)" "$place/docker-stats"
	mv "$D/docker.sock" "$place/docker.sock"
	chgrp daemon "$place/docker.sock"
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/docker-stats" --probe --host "unix://$place/docker.sock"
	[ "$status" -eq 1 ]
	[ "$stderr" = "docker-stats: error: permission denied on $place/docker.sock: add this user to group daemon" ]
	chmod 600 "$place/docker.sock"
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/docker-stats" --once --host "unix://$place/docker.sock"
	[ "$stderr" = "docker-stats: error: permission denied on $place/docker.sock: only root may open it" ]
	rm -rf "$place"
}

@test "one refused call ends nobody: a socket nobody listens on" {
	a_docker
	stop standin || true
	run --separate-stderr docker-stats --once
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"$DOCKER_HOST: GET /version: "* ]]
}

@test "HUP reads the settings again, and a bad value keeps the old" {
	a_docker
	echo '[{"Id":"aa11","Names":["/kato"],"State":"exited"},{"Id":"bb22","Names":["/web"],"State":"exited"}]' >"$D/list.json"
	echo 'KATO_DOCKER_INTERVAL=0.3' >"$BATS_TEST_TMPDIR/env"
	follow --settings "$BATS_TEST_TMPDIR/env"
	echo 'KATO_DOCKER_NAME=web' >>"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of docker-stats)"
	wait_for 10 is_now web exited
	echo 'KATO_DOCKER_INTERVAL=never' >>"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of docker-stats)"
	wait_for 10 err_has docker-stats never
	local n
	n=$(line_count docker-stats)
	wait_for 10 has_lines docker-stats $((n + 2))
}

@test "wrong settings: exit 2 and a message that names them" {
	run docker-stats --host ssh://somewhere
	[ "$status" -eq 2 ]
	[ "$output" = 'docker-stats: error: host ssh://somewhere: want unix://PATH or tcp://HOST:PORT' ]
	run docker-stats --host unix://relative
	[ "$status" -eq 2 ]
	run docker-stats --interval 0
	[ "$status" -eq 2 ] && [[ "$output" == *--interval* ]]
	run docker-stats kato
	[ "$status" -eq 2 ] && [[ "$output" == *kato*--name* ]]
	run env DOCKER_HOST=tcp://a@b docker-stats
	[ "$status" -eq 2 ]
}

@test "the reader leaves: exit 0; TERM: exit 0" {
	a_docker
	run bash -c 'docker-stats --interval 0.2 | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}'
	[ "$status" -eq 0 ]
	follow
	stop docker-stats
}

@test "the examples of the manual work" {
	box kato -- sleep 1000
	local example n=0
	while IFS= read -r example; do
		n=$((n + 1))
		[[ "$example" == *--once* ]] || example="timeout 2 $example"
		run timeout 20 bash -o pipefail -c "$example"
		[ "$status" -eq 0 ] || [ "$status" -eq 124 ]
	done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh EXIT/s/^\.Dl //p' "$ROOT/man/docker-stats.1" | sed 's/\\&//g; s/\\e/\\/g; s/\\(dq/"/g')
	[ "$n" -ge 3 ]
}

@test "--help and the manual name the same options" {
	local option
	for option in $(docker-stats --help | sed -n 's/^ *\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p'); do
		grep -q "^\.It .*Fl -$option" "$ROOT/man/docker-stats.1" || { echo "$option"; return 1; }
	done
	[ "$(docker-stats --help | grep -c '^  -')" = "$(grep -c '^\.It .*Fl -' "$ROOT/man/docker-stats.1")" ]
}
