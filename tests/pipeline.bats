#!/usr/bin/env bats
# The whole of it: a KATO stand-in and a real Docker Engine at one end, a plain WebSocket client at the other,
# katoctl run with the pipeline that ships in between.
# shellcheck shell=bash

load helper
load docker

setup_file() {
	export ENGINE_DIR=$BATS_FILE_TMPDIR/engine
	engine_start "$ENGINE_DIR"
}
teardown_file() { engine_stop "$BATS_FILE_TMPDIR/engine"; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	engine_use
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control KATO_LIVE_PORT=0
	spawn kato kato-standin --port 0 --workers 1 --cache-ttl 0.2
	wait_for 10 out_has kato '^[0-9]*$'
	KATO=http://127.0.0.1:$(head -n 1 kato.out)
	export KATO KATO_API_URL=$KATO
}

teardown() {
	local ids
	stop_all
	ids=$(docker ps -aq)
	# shellcheck disable=SC2086 # a list
	[ -z "$ids" ] || docker rm -f $ids >/dev/null
}

start() {
	spawn run katoctl run --no-demo --config "$ROOT/share/pipeline.conf"
	PORT=$(port_of run)
	spawn client wsclient --seconds 60 "$PORT"
	wait_for 10 out_has client '"type":"connected"'
}

hints_are_up() { curl -sf "$KATO/_control" | jq -e '.hints[0] >= 1'; }
fault() { curl -sf -X POST "$KATO/_control" -d "$1" >/dev/null; }
# seen JQ: has the client received a message for which this is true?
seen() { jq -e -n "first(inputs | select($1))" client.out; }
messages() { grep -h . client.out | jq -c "select($1)"; }

@test "metrics, containers and sessions reach a browser's client, valid" {
	box kato-one -- sleep 600
	start
	wait_for 15 seen '.type == "realtime_update" and .data.metrics.requests.total > 0'
	wait_for 15 seen '.type == "realtime_update" and any(.data.containers.containers[]?; .name == "kato-one" and .status == "running")'
	wait_for 15 seen '.type == "realtime_update" and .data.sessions.active_count == 1'
	grep -v '^$' client.out | valid --wire
}

@test "a session that begins and ends is told once each, and the count follows" {
	start
	wait_for 15 seen '.type == "realtime_update" and .data.sessions.active_count == 1'
	wait_for 15 hints_are_up
	id=$(curl -sf -X POST "$KATO/sessions" -d '{"node_id":"n7"}' | jq -r .session_id)
	wait_for 5 seen ".type == \"session_event\" and .event_type == \"session_created\" and .data.session_id == \"$id\""
	wait_for 5 seen '.type == "realtime_update" and .data.sessions.active_count == 2'
	curl -sf -X DELETE "$KATO/sessions/$id" >/dev/null
	wait_for 5 seen ".type == \"session_event\" and .event_type == \"session_destroyed\" and .data.session_id == \"$id\""
	[ "$(messages '.type == "session_event"' | wc -l)" -eq 2 ]
}

@test "a killed container: the event, its new state and the alert, and the end of the alert" {
	box kato-two -- sleep 600
	start
	wait_for 15 seen '.type == "realtime_update" and any(.data.containers.containers[]?; .name == "kato-two" and .status == "running")'
	docker kill kato-two >/dev/null
	wait_for 5 seen '.type == "container_event" and .data.action == "die" and .data.name == "kato-two" and .data.exit_code == 137'
	wait_for 5 seen '.type == "realtime_update" and any(.data.containers.containers[]?; .name == "kato-two" and .status == "exited")'
	wait_for 5 seen '.type == "system_alert" and any(.alerts[]; .key == "container_down_kato-two" and .state == "firing")'
	docker start kato-two >/dev/null
	wait_for 15 seen '.type == "system_alert" and any(.alerts[]; .key == "container_down_kato-two" and .state == "resolved")'
}

@test "KATO gone: the source is down, an alert says so, the figures stay; and back" {
	start
	wait_for 15 seen '.type == "realtime_update" and .data.metrics'
	fault '{"all":"unavailable"}'
	wait_for 15 seen '.type == "source_status" and .data.source == "kato-metrics" and .data.status == "down" and (.data.error | test("503"))'
	wait_for 15 seen '.type == "system_alert" and any(.alerts[]; .type == "source_down" and .state == "firing")'
	curl -sf "http://127.0.0.1:$PORT/api/v1/system/metrics" | jq -e '.requests.total > 0'
	fault '{"all":"ok"}'
	wait_for 15 seen '.type == "system_alert" and any(.alerts[]; .type == "source_down" and .state == "resolved")'
}

@test "each stage killed is started again, and the stream goes on" {
	start
	for stage in kato-metrics session-watch alertd docker-stats; do
		pid=$(katoctl status --json | jq -r ".stages[] | select(.name == \"$stage\") | .pid")
		kill -KILL "$pid"
		wait_for 15 sh -c "katoctl status --json | jq -e '.stages[] | select(.name == \"$stage\" and .pid > 0 and .pid != $pid and .restarts >= 1)'"
	done
	: >client.out
	wait_for 15 out_has client realtime_update
}

@test "TERM ends the run and leaves no process and no socket" {
	start
	pids=$(katoctl status --json | jq -r '.stages[].pid')
	stop run
	[ ! -e "$KATO_CONTROL" ]
	for pid in $pids; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}
