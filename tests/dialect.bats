#!/usr/bin/env bats
# A dialect is a row: another one is one more file and one more line.
# shellcheck shell=bash disable=SC2016 # jq has dollars of its own

load helper
load broadcaster
bats_require_minimum_version 1.5.0

# What must stay as it is besides the new row: all of the broadcaster.
another_row() {
	cat >"$1/broadcaster/dialect_fourth.c" <<-'END'
		#include "broadcaster/dialect.h"

		static const char *const paths[] = {"/fourth", NULL};
		static const struct dialect_verb verbs[] = {{"all", VERB_SNAPSHOT}, {"hi", VERB_PING}, {"only", VERB_SUBSCRIBE}, {NULL, VERB_NONE}};
		static const struct dialect_param params[] = {{"pace", PARAM_INTERVAL}, {NULL, PARAM_TOPICS}};
		static const char *const topics[] = {"metrics", "door", "mood", "bell", NULL};
		static const char *const words[] = {"open", "shut", NULL}, *const name[] = {"name", NULL};
		static const struct dialect_field door[] = {
			{"name", .kind = FIELD_ID}, {"label", .kind = FIELD_TEXT, .from = name}, {"is", .kind = FIELD_TEXT, .words = words, .otherwise = "shut"},
			{"width", .kind = FIELD_NUMBER}, {"since", .kind = FIELD_TIME}, {.name = NULL},
		};
		static const struct dialect_field mood[] = {{"now", .kind = FIELD_TEXT, .otherwise = "calm"}, {.name = NULL}};
		static const struct dialect_field bell[] = {{"name", .kind = FIELD_ID}, {"times", .kind = FIELD_NUMBER}, {.name = NULL}};
		static const struct dialect_order open_first = {"is", words, "since"};
		static const struct dialect_section sections[] = {
			{"m", "metrics", .kind = SECTION_VALUE},
			{"mood", "mood", .kind = SECTION_MEMBER, .fields = mood},
			{"doors", "door", .kind = SECTION_LIST, .fields = door, .key = "name", .subject = {"name"}, .order = &open_first},
			{.name = NULL},
		};
		static const struct dialect_event events[] = {{"bell", "ring", bell, {"name"}}, {.type = NULL}};

		const struct dialect dialect_fourth = {
			.name = "fourth", .framing = FRAMING_WEBSOCKET, .paths = paths,
			.command = "op", .verbs = verbs, .params = params, .names = "doors", .subject = "door",
			.topics = topics, .sections = sections, .events = events, .whole = true, .pace = {.min_ms = 1000, .max_ms = 9000},
			.state_type = "house", .ping_type = "pong", .text_ping_type = "pong",
			.greeting = "{\"op\":\"welcome\",\"pace\":$seconds}", .subscribed = "{\"op\":\"yes\",\"doors\":$echo}", .unsubscribed = "",
			.body = "{$sections}", .state = "{\"op\":\"house\",\"at\":\"$time\",\"house\":$body}", .value = "{\"data\":$data}",
			.event = "{\"op\":\"$type\",\"at\":\"$time\",\"what\":$data}", .pong = "{\"op\":\"hi\"}", .text_pong = "{\"op\":\"hi\"}",
			.error = "{\"op\":\"no\",\"why\":$message}", .bad_json = "garbled", .bad_object = "odd", .bad_verb = "what is $what?", .no_verb = "no $what",
			.refusal = "{\"why\":$detail}",
		};
	END
	sed -i 's/^\tROW(kato) \\$/&\n\tROW(fourth) \\/' "$1/broadcaster/dialect.c"
}

@test "a fourth dialect is one more file and one more line: state, filter, events, pong and errors in its own shape" {
	local tree=$BATS_TEST_TMPDIR/tree out=$BATS_TEST_TMPDIR/build san=
	case $BUILD in *-san) san=1 ;; esac
	mkdir -p "$tree" "$out"
	cp -a "$ROOT"/Makefile "$ROOT"/VERSION "$ROOT"/broadcaster "$ROOT"/lib "$tree"
	cp -a "$BUILD"/broadcaster "$BUILD"/lib "$BUILD"/libkato.a "$out"
	another_row "$tree"
	[ "$(diff -r "$ROOT/broadcaster" "$tree/broadcaster" | grep -c '^[<>]')" -eq 1 ]
	[ "$(diff -rq "$ROOT/broadcaster" "$tree/broadcaster" | wc -l)" -eq 2 ]
	make -s -C "$tree" BUILD="$out" SAN=$san "$out/bin/broadcaster" 3>&- 9>&-
	PATH=$out/bin:$PATH begin --state door --state mood
	printf '%s\n' >&9 '{"type":"metrics","data":{"a":1.50}}' '{"type":"mood","data":{"now":"merry","x":1}}' '{"type":"door","id":"1","data":{"name":"front"}}' \
		'{"type":"door","id":"2","data":{"name":"back","is":"open","width":0.90}}' '{"type":"door","id":"3","data":{"is":"open"}}'
	wait_for 20 eval 'wsclient --path /fourth --count 2 "$PORT" 9>&- | grep -q back'
	spawn t bash -c 'exec 9>&-; exec "$@"' - wsclient --path '/fourth?pace=9' --seconds 60 --hold --send '{"op":"only","doors":["front"]}' --send '{"op":"hi"}' --send '{x' \
		--send '{"op":"dance"}' --send '{"op":"all"}' "$PORT"
	wait_for 20 eval '[ "$(line_count t)" -eq 8 ]'
	printf '%s\n' >&9 '{"type":"bell","timestamp":"2026-11-20T22:04:45.219Z","data":{"name":"back"}}' '{"type":"bell","timestamp":"2026-11-20T22:04:45.219Z","data":{"name":"front","times":1e999}}' \
		'{"type":"session_event","data":{}}'
	wait_for 20 out_has t ring
	jq -se '.[0] == {op: "welcome", pace: 9} and .[2] == {op: "yes", doors: ["front"]} and [.[3, 7].house.doors[].name] == ["front", "front"] and
		.[4:7] == [{op: "hi"}, {op: "no", why: "garbled"}, {op: "no", why: "what is dance?"}] and
		.[8] == {op: "ring", at: "2026-11-20T22:04:45.219Z", what: {name: "front", times: 0}} and length == 9' "$BATS_TEST_TMPDIR/t.out"
	sed -n 2p "$BATS_TEST_TMPDIR/t.out" | jq -e '.house | .m == {a: 1.5} and .mood == "merry" and [.doors[] | [.name, .is, .width, .label]] ==
		[["back", "open", 0.9, "back"], ["front", "shut", 0, "front"]]'
	wsclient --path '/fourth?pace=10' --status "$PORT" 9>&- | grep -F '{"why":"pace is not a whole number of seconds from 1 to 9: 10"}'
	wsclient --count 1 "$PORT" 9>&- | head -n 1 | jq -e '.type == "connected"'
}
