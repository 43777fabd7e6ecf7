#!/usr/bin/env bats
# session-watch: what it makes of KATO's counts and events, of their contradictions, and of none.
# shellcheck shell=bash disable=SC2016 # conditions are evaluated when they are waited for

load helper
bats_require_minimum_version 1.5.0

teardown() { stop_all; }

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

kato() { # OPTION...: a stand-in for KATO, and KATO_API_URL for it
	[ ! -e kato.pid ] || stop kato || true
	rm -f kato.out
	spawn kato kato-standin "$@"
	wait_for 10 out_has kato '^[0-9]*$'
	KATO_API_URL=http://127.0.0.1:$(head -n 1 kato.out)
	export KATO_API_URL
}

control() { curl -sf -X POST -d "$1" "$KATO_API_URL/_control"; }
create() { curl -sf -X POST -d '{"node_id":"n2"}' "$KATO_API_URL/sessions" | jq -r .session_id; }
many() { for _ in $(seq "$1"); do create; done; }
destroy() { curl -sf -X DELETE "$KATO_API_URL/sessions/$1" >destroyed; }

# follow OPTION...: session-watch in the background, until it has its first count and all of its connections
follow() {
	spawn sw session-watch --interval 0.2 "$@"
	wait_for 10 out_has sw '"type":"sessions"'
	[[ " $* " == *" --no-events "* ]] || wait_for 30 listens "${HINTS:-8}"
}
asked() { curl -sf "$KATO_API_URL/_control" | jq ".requests[\"$1\"] // 0"; }
dialed_again() { [ "$(asked /ws/events)" -ge $((wanted + 8)) ] && listens 8; }
listens() { curl -sf "$KATO_API_URL/_control" | jq -e ".hints | add >= $1"; }
of_type() { jq -c "select(.type == \"$1\")" sw.out; }
events() { of_type session_event; }
kinds() { events | jq -r '[.event_type, (.data.session_id // "-")] | join(" ")'; }
has_events() { [ "$(events | wc -l)" -ge "$1" ]; }
# has_told N: that many sessions came or went, in however many events
has_told() { [ "$(events | jq -s 'map(.data.delta | fabs) | add // 0')" -ge "$1" ]; }
active() { of_type sessions | tail -n 1 | jq -r .data.active_count; }
active_is() { [ "$(active)" = "$1" ]; }
status_is() { [ "$(of_type source_status | tail -n 1 | jq -r .data.status)" = "$1" ]; }
lines_of() { [ "$(of_type "$1" | wc -l)" -ge "$2" ]; }
# counted N: that many more sessions records; stated N: source_status records
counted() { wait_for 20 lines_of sessions $(($(of_type sessions | wc -l) + $1)); }
stated() { wait_for 20 lines_of source_status $(($(of_type source_status | wc -l) + $1)); }
# sound: all records are valid, no event came twice, counts chain, and behind each event stands what it says
sound() {
	valid sw.out
	events | jq -es 'map(.id) | length == (unique | length)'
	events | jq -es '. as $e | [range(1; length)] | all(. as $i | $e[$i].data.previous_count == $e[$i - 1].data.current_count)'
	jq -es '. as $r | [range(length)] | all(. as $i | $r[$i].type != "session_event" or
		($r[$i + 1].type == "sessions" and $r[$i + 1].data.active_count == $r[$i].data.current_count))' sw.out
	events | jq -es 'all(.data.current_count - .data.previous_count == .data.delta and
		(.event_type == "session_created") == (.data.delta > 0))'
}

# fails PATTERN OPTION...: --once prints nothing, says one line with PATTERN, and exits 1
fails() {
	local status=0
	session-watch --once --timeout 0.5 "${@:2}" >once.out 2>once.err || status=$?
	cat once.err
	[ "$status" -eq 1 ] && [ ! -s once.out ] && [ "$(grep -cvE 'warning' once.err)" -le 1 ] && grep -qE "$1" once.err
}

@test "one count is one valid record" {
	kato --sessions 5
	session-watch --once >once
	[ "$(wc -l <once)" -eq 1 ]
	valid once
	jq -e '.type == "sessions" and .source == "session-watch" and .data == {"active_count":5,"total_count":5}' once
}

@test "the older name of the count is understood" {
	kato --sessions 3 --count-name active_sessions
	session-watch --once | jq -e '.data.active_count == 3'
}

@test "a single count that fails prints no record, says why and exits 1" {
	kato
	control '{"sessions":"error"}' && fails 'sessions/count: HTTP status 500'
	control '{"sessions":"unavailable"}' && fails 'HTTP status 503'
	control '{"sessions":"garbage"}' && fails "not KATO's"
	control '{"sessions":"strings"}' && fails "not KATO's"
	control '{"sessions":"deep"}' && fails "not KATO's"
	control '{"sessions":"embedded"}' && fails "not KATO's"
	control '{"sessions":"huge"}' && fails 'answer over|timed out'
	control '{"sessions":"close"}' && fails 'closed'
	control '{"sessions":"hang"}' && fails 'timed out after 0.5 s'
	for n in -1 1.5 1e300 null true '"3"' '[]' 99999999999999999999; do
		control "{\"sessions\":\"raw:{\\\"active_session_count\\\":${n//\"/\\\\\\\"}}\"}"
		fails "not KATO's"
	done
	stop kato || true
	fails 'connection refused'
}

@test "wrong settings are refused with exit 2" {
	run -2 session-watch --url ftp://kato
	run -2 session-watch --hints 33
	run -2 session-watch --interval 0
	run -2 session-watch operand
	run -2 session-watch --no-such-option
}

@test "the first count is the baseline and no event; each interval has its record" {
	kato --sessions 7
	follow --no-events
	counted 5
	[ -z "$(events)" ]
	[ "$(active)" -eq 7 ]
	of_type source_status | head -n 1 | jq -e '.data.status == "up" and .id == "session-watch"'
	sound
}

@test "a session that comes and one that goes are told at once, with all that KATO says" {
	kato --sessions 2
	follow
	id=$(create)
	wait_for 5 has_events 1
	destroy "$id"
	wait_for 5 has_events 2
	sound
	events | jq -es --arg id "$id" '.[0].event_type == "session_created" and .[0].source == "session-watch" and
		(.[0].data | .current_count == 3 and .previous_count == 2 and .delta == 1 and .session_id == $id and .node_id == "n2") and
		.[1].event_type == "session_destroyed" and (.[1].data | .current_count == 2 and .delta == -1 and .session_id == $id and
		.reason == "explicit_delete" and .time_since_last_event > 0)'
	of_type sessions | tail -n 1 | jq -e '.data == {"active_count":2,"total_count":3}'
}

@test "an event that all connections repeat is told once, and a burst is not merged" {
	kato --sessions 0
	follow
	many 30 >created
	wait_for 10 has_events 30
	while read -r id; do destroy "$id"; done <created
	wait_for 10 has_events 60
	counted 3
	{
		sed 's/^/session_created /' created
		sed 's/^/session_destroyed /' created
	} >want
	diff want <(kinds)
	sound
}

@test "late counts do not undo what events said, and nothing is told twice" {
	kato --sessions 3 --cache-ttl 5
	follow
	create >/dev/null
	wait_for 5 has_events 1
	counted 45	# nine seconds: the cache has ended, and been filled anew
	[ "$(events | wc -l)" -eq 1 ]
	of_type sessions | jq -es 'map(.data.active_count) | unique == [3, 4]'
	sound
}

@test "four workers: each event is told by name, whichever worker it happened on" {
	for assign in random skewed round-robin; do
		kato --sessions 0 --workers 4 --assign $assign
		follow
		many 40 >created
		wait_for 15 has_told 40
		counted 2
		[ "$(events | jq -r '.data.session_id // empty' | sort -u | wc -l)" -ge 38 ]
		[ "$(events | wc -l)" -eq 40 ]
		sound
		stop sw
	done
}

@test "workers that do not say who they are are told apart by their events" {
	for fault in health=error health=close; do
		kato --sessions 0 --workers 4 --fault $fault
		follow
		many 40 >warm
		wait_for 30 has_told 40
		many 60 >created
		wait_for 30 has_told 100
		events | jq -r '.data.session_id // empty' | grep -Fxc -f created >named
		[ "$(cat named)" -ge 54 ]
		[ "$(events | jq -s 'map(.data.delta) | add')" -eq 100 ]
		sound
		stop sw
	done
}

@test "there are never more connections than asked for" {
	kato --workers 2
	HINTS=3 spawn sw session-watch --hints 3
	for _ in $(seq 60); do
		curl -sf "$KATO_API_URL/_control" | jq -e '(.connections | add) <= 4'	# and one for the counts
	done
	wait_for 20 listens 3
	curl -sf "$KATO_API_URL/_control" | jq -e '(.hints | add) == 3'
}

@test "no events wanted: sessions are counted, and told within one interval" {
	kato --cache-ttl 0
	follow --no-events
	id=$(create)
	counted 2
	[ "$(events | wc -l)" -eq 1 ]
	events | jq -e '.event_type == "session_created" and .data.current_count == 2 and (.data | has("session_id") | not)'
	destroy "$id"
	counted 2
	[ "$(events | wc -l)" -eq 2 ]
	curl -sf "$KATO_API_URL/_control" | jq -e '.requests["/ws/events"] == null'
	sound
}

@test "a difference of several that nobody named is that many events; a very large one is one" {
	kato --cache-ttl 0 --sessions 200
	follow --no-events
	control '{"expire":5}'
	wait_for 5 active_is 195
	[ "$(events | wc -l)" -eq 5 ]
	control '{"expire":150}'
	wait_for 5 active_is 45
	[ "$(events | wc -l)" -eq 6 ]
	events | tail -n 1 | jq -e '.data.delta == -150'
	sound
}

@test "sessions that expire are told by no event, but the count is believed" {
	kato --cache-ttl 0 --sessions 9
	follow
	control '{"expire":2}'
	wait_for 10 active_is 7
	[ "$(events | jq -s 'map(.data.delta) | add')" -eq -2 ]
	create >/dev/null
	wait_for 5 active_is 8
	sound
}

@test "a worker with an older count invents nothing" {
	kato --workers 4 --sessions 10 --close	# each count comes over a new connection, from any worker
	follow
	for _ in 1 2 3 4 5 6; do
		create >>created
		counted 3
	done
	counted 35
	[ "$(events | wc -l)" -eq 6 ]
	[ "$(active)" -eq 16 ]
	sound
}

@test "an event that is later than the count that shows it is told once" {
	kato --cache-ttl 0 --sessions 4
	follow
	create >/dev/null
	wait_for 5 has_events 1
	control '{"events":"late:1.5"}'
	create >/dev/null
	wait_for 5 has_events 2
	counted 15
	[ "$(events | wc -l)" -eq 2 ]
	[ "$(active)" -eq 6 ]
	control '{"events":"ok"}'
	create >/dev/null
	wait_for 5 active_is 7
	events | tail -n 1 | jq -e '.data.session_id'
	sound
}

@test "a count that fails is not zero sessions" {
	kato --sessions 6
	follow --no-events
	control '{"sessions":"error"}'
	wait_for 10 status_is down
	of_type source_status | tail -n 1 | jq -e '.data.error | test("sessions/count: HTTP status 500")'
	n=$(of_type sessions | wc -l)
	stated 4	# one each interval
	[ "$(of_type sessions | wc -l)" -eq "$n" ]
	control '{"sessions":"ok"}'
	wait_for 10 status_is up
	counted 2
	[ -z "$(events)" ]
	[ "$(active)" -eq 6 ]
	sound
}

@test "while counts fail, events go on" {
	kato --sessions 6
	follow
	control '{"sessions":"error"}'
	wait_for 10 status_is degraded
	create >/dev/null
	wait_for 5 has_events 1
	[ "$(active)" -eq 7 ]
	control '{"sessions":"ok"}'
	wait_for 10 status_is up
	[ "$(events | wc -l)" -eq 1 ]
	sound
}

@test "KATO gone and back with the same sessions: no event, and events are heard again" {
	kato --sessions 5
	port=${KATO_API_URL##*:}
	follow
	stop kato KILL || true
	wait_for 10 status_is down
	kato --sessions 5 --port "$port"
	wait_for 20 status_is up
	wait_for 20 listens 8
	[ -z "$(events)" ]
	id=$(create)
	wait_for 5 has_events 1
	events | jq -e --arg id "$id" '.data.session_id == $id'
	sound
}

@test "KATO gone and back with fewer sessions: one event says how many went" {
	kato --sessions 5
	port=${KATO_API_URL##*:}
	follow
	stop kato KILL || true
	wait_for 10 status_is down
	kato --sessions 1 --port "$port"
	wait_for 20 active_is 1
	[ "$(events | wc -l)" -eq 1 ]
	events | jq -e '.event_type == "session_destroyed" and .data.delta == -4'
	sound
}

@test "connections that KATO cuts are dialed anew" {
	kato --workers 4
	follow
	control '{"drop":true}'
	wait_for 20 listens 8
	create >/dev/null
	wait_for 5 has_events 1
	events | jq -e .data.session_id
	run ! grep -q warning sw.err
}

@test "without /ws/events sessions are counted, and it is said" {
	kato --cache-ttl 0 --fault events=unavailable
	spawn sw session-watch --interval 0.2
	wait_for 20 status_is degraded
	of_type source_status | tail -n 1 | jq -e '.data.error | test("/ws/events: HTTP status 503: sessions are counted only")'
	create >/dev/null
	wait_for 5 has_events 1
	control '{"events":"ok"}'
	wait_for 30 status_is up
	id=$(create)
	wait_for 5 has_events 2
	events | tail -n 1 | jq -e --arg id "$id" '.data.session_id == $id'
	sound
}

@test "noise among the events is counted, said once and harms nobody" {
	kato --sessions 1
	follow
	control '{"emit":"not json"}'
	control '{"emit":""}'
	control '{"emit":"{\"event_type\":\"session.created\"}"}'
	control '{"emit":"{\"event_type\":\"session.created\",\"data\":{\"session_id\":7}}"}'
	control '{"emit":"{\"event_type\":[],\"data\":null}"}'
	control '{"emit":"{\"event_type\":\"session.updated\",\"data\":{}}"}'
	control "{\"emit\":\"{\\\"event_type\\\":\\\"session.created\\\",\\\"data\\\":{\\\"session_id\\\":\\\"$(printf '%030000d' 1)\\\"}}\"}"
	control "{\"emit\":\"$(printf '%010000d' 0 | tr 0 '[')\"}"
	control '{"emit_hex":"8103c328ff"}'	# a text frame that is not UTF-8
	control '{"emit_hex":"820400ff00fe"}'	# a binary one
	id=$(create)
	wait_for 5 has_events 1
	events | jq -e --arg id "$id" '.data.session_id == $id'
	[ "$(events | wc -l)" -eq 1 ]
	[ "$(grep -c 'message of .* bytes ignored' sw.err)" -eq 1 ]
	sound
}

@test "a frame of 100 MB and broken frames cost their connections only, and no memory" {
	kato --sessions 1
	follow
	wanted=$(asked /ws/events)
	control '{"emit_big":100000000}'
	wait_for 60 dialed_again
	control '{"emit_hex":"ffffffffffffffffffffffff"}'
	wait_for 60 listens 8
	control '{"emit_hex":"c10161"}'
	wait_for 60 listens 8
	id=$(create)
	wait_for 10 has_events 1
	events | jq -e --arg id "$id" '.data.session_id == $id'
	[ "$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of sw)/status")" -lt "${RSS_MAX:-40000}" ] || [ -n "${SAN-}" ]
	sound
}

@test "texts of KATO's arrive as they are, whatever is in them" {
	kato --sessions 0
	follow
	control '{"emit":"{\"event_type\":\"session.created\",\"timestamp\":\"2026-11-20T22:19:20.304430+00:00\",\"data\":{\"session_id\":\"a\\\"\\u0007\\nü\",\"node_id\":\"<b>\"}}"}'
	wait_for 5 has_events 1
	events | jq -e '.data.session_id == "a\"\u0007\nü" and .data.node_id == "<b>" and
		.id == "created_a\"\u0007\nü_1795213160304"'
	sound
}

@test "a count that hangs does not hold up events" {
	kato --sessions 1
	follow --timeout 20
	control '{"sessions":"hang"}'
	stated 3	# each interval has its record
	create >/dev/null
	wait_for 2 has_events 1
	sound
}

@test "the URL may have a path and a password, which is used and never shown" {
	kato --sessions 2
	place=${KATO_API_URL#http://}
	session-watch --once --url "http://user:secret-word@$place/" | jq -e .data
	fails "http://127.0.0.1:[0-9]+/some/path/sessions/count: HTTP status 404" --url "http://user:secret-word@$place/some/path/"
	run ! grep secret-word once.err
	follow --url "http://user:secret-word@$place"
	create >/dev/null
	wait_for 5 has_events 1
	run ! grep -q secret-word sw.out sw.err
}

@test "HUP reads the settings again: another KATO has a baseline of its own" {
	kato --sessions 3
	first=$KATO_API_URL
	mv kato.pid first.pid
	kato --sessions 8
	second=$KATO_API_URL
	unset KATO_API_URL
	echo "KATO_API_URL=$first" >sw.env
	spawn sw session-watch --interval 0.2 --settings sw.env
	wait_for 10 active_is 3
	echo 'KATO_API_URL=nonsense' >sw.env
	kill -HUP "$(pid_of sw)"
	wait_for 10 err_has sw 'the old settings stay'
	echo "KATO_API_URL=$second" >sw.env
	kill -HUP "$(pid_of sw)"
	wait_for 10 active_is 8
	[ -z "$(events)" ]
	sound
	stop sw
}

@test "it ends with 0 when told to and when its reader leaves" {
	kato
	follow
	stop sw TERM
	[ "$(tail -c 1 sw.out | od -An -c | tr -d ' ')" = '\n' ]
	set -o pipefail
	session-watch --interval 0.1 | head -n 1 | jq -e .data
	spawn sw session-watch
	wait_for 10 has_lines sw 1
	stop sw INT
}

@test "an event is on standard output within half a second, nearly always" {
	kato --sessions 0 --workers 4
	follow
	many 40 >/dev/null
	wait_for 10 has_told 40
	# KATO's own time is in the id; ours is the record's
	events | jq -s '[.[] | select(.data.session_id) | ((.timestamp | sub("\\.[0-9]+Z$"; "Z") | fromdate) * 1000 +
		(.timestamp | capture("\\.(?<ms>[0-9]+)Z").ms | tonumber)) - (.id | capture("_(?<ms>[0-9]+)$").ms | tonumber)] | sort' >late
	jq -e 'length >= 38 and .[length * 95 / 100 | floor] <= 500' late
}

# killed: session-watch, at once; what it wrote goes to `all`
killed() {
	stop sw KILL || true
	sed -n '/}$/p' sw.out >>all
}
# sums FILE: the first count and all deltas, events taken once, are the last count
sums() {
	jq -es '(map(select(.type == "sessions")) | [.[0], .[-1]] | map(.data.active_count)) as [$first, $last] |
		(map(select(.type == "session_event")) | unique_by(.id) | map(.data.delta) | add // 0) == $last - $first' "$1"
}

@test "what is known goes on over a restart: the total, and what came meanwhile, told once with a reason" {
	kato --sessions 3 --cache-ttl 0.5
	follow --state "$PWD/s" --count-cache 0.5
	many 2 >/dev/null
	wait_for 10 has_events 2
	killed
	id=$(create)
	follow --state "$PWD/s" --count-cache 0.5
	wait_for 10 active_is 6
	of_type sessions | tail -n 1 | jq -e '.data.total_count == 6'
	events | jq -es 'length == 1 and .[0].data.delta == 1 and .[0].data.reason == "session-watch restarted" and (.[0].data | has("session_id") | not)'
	destroy "$id"
	wait_for 10 active_is 5
	stop sw
	cat sw.out >>all
	jq -es 'map(select(.type == "session_event") | .id) | length == 4 and length == (unique | length)' all
	sums all
}

@test "killed again and again while sessions come and go: each is told, none twice" {
	kato --sessions 3 --cache-ttl 0.5
	for _ in $(seq 12); do
		spawn sw session-watch --interval 0.1 --count-cache 0.5 --hints 2 --state "$PWD/s"
		wait_for 10 out_has sw '"type":"sessions"'
		ids=$(many 3)
		for id in $ids; do destroy "$id"; done
		id=$(create)
		killed
	done
	follow --state "$PWD/s" --count-cache 0.5
	wait_for 20 active_is 15
	counted 10
	killed
	sums all
	jq -es 'map(select(.type == "session_event")) | group_by(.id) | all(unique | length == 1)' all
	jq -es 'map(select(.type == "sessions").data.total_count) | . == sort' all
	valid all
}

@test "state that is broken or of another KATO is begun anew" {
	kato --sessions 4
	echo garbage >s
	follow --no-events --state "$PWD/s"
	err_has sw 'is no state file.*set aside as'
	stop sw
	sed -i 's/"active":4/"active":5/' s
	follow --no-events --state "$PWD/s"
	err_has sw 'is damaged.*set aside as'
	stop sw
	kato --sessions 9
	follow --no-events --state "$PWD/s"
	counted 5
	[ -z "$(events)" ]
	of_type sessions | tail -n 1 | jq -e '.data == {"active_count":9,"total_count":9}'
}
