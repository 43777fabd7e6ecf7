#!/usr/bin/env bats
# Stages killed in mid-stream: what tests/tools/kills promises and measures. tests/bench/bench-kills does it 300 times.
# shellcheck shell=bats disable=SC2154

load helper

# promises ARGUMENT...: runs it; what was broken is in "wrong"
promises() {
	run kills "$@"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "stages killed in turn at 2,000 lines a second: no line lost or doubled, the alerts as if nothing had been" {
	promises --kills 25 --seed "$RANDOM"
	jq -e '.lost == 0 and .doubled == 0 and .alerts == .alerts_undisturbed and .alerts > 0 and (.torn.anna > 0)' <<<"$output"
}

@test "a map among the killed: missing is what it held, and nothing else" {
	promises --kills 18 --map --seed "$RANDOM"
	jq -e '.doubled == 0 and .kills.quiet > 0' <<<"$output"
}
