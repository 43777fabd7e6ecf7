#!/usr/bin/env bats
# Completion in bash and zsh: what each offers where, asked of the shells themselves.
# shellcheck shell=bash

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
	touch some.file
	mkdir folder
}
teardown() { stop_all; }

# in_bash WORD...: what bash offers for the last WORD, sorted, in one line
in_bash() {
	bash --norc -c '. "$1"; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
		_kato_live 2>&1
		printf "%s\n" "${COMPREPLY[@]}"' - "$ROOT/share/completions/kato-live.bash" "$@" | sort | paste -sd ' '
}

# in_zsh LINE: the same of zsh, through its whole machinery, in a terminal of its own
in_zsh() {
	rm -f hits
	timeout 60 zsh -f "$ROOT/tests/tools/zsh-offers" "$ROOT/share/completions" hits "$1" </dev/null >zsh.out 2>&1 3>&- || { cat zsh.out; return 1; }
	sort -u hits | paste -sd ' '
}

@test "the kept completions are what the programs list" {
	mkdir fresh
	make-completions fresh
	diff -r fresh "$ROOT/share/completions"
}

@test "bash: every option of every program, and the commands" {
	for tool in kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster; do
		"$tool" --list-settings | cut -f 1 | grep -vxE '|ready-fd|ack-fd' | sed 's/^/--/' >want
		printf -- '--%s\n' settings log-level help version >>want
		[ "$(in_bash "$tool" --)" = "$(sort want | paste -sd ' ')" ]
	done
	commands=$(katoctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
	# shellcheck disable=SC2086 # a list of names
	[ "$(in_bash katoctl '')" = "$(printf '%s\n' $commands --help --version | sort | paste -sd ' ')" ]
	[ "$(in_bash katoctl rec)" = record ]
	[ "$(in_bash katoctl replay --re)" = --retime ]
	[ "$(in_bash /usr/local/bin/alertd --coo)" = --cooldown ]
}

@test "bash: values where they are known" {
	[ "$(in_bash alertd --log-level '')" = 'debug error info warning' ]
	[ "$(in_bash alertd --log-level = d)" = debug ]
	[ "$(in_bash alertd --log-level =)" = 'debug error info warning' ]
	[ "$(in_bash alertd --rules some)" = some.file ]
	[ "$(in_bash alertd -r some)" = some.file ]
	[ "$(in_bash broadcaster --dashboard '')" = folder ]
	[ "$(in_bash katoctl replay --speed '')" = max ]
	[ "$(in_bash katoctl replay some)" = some.file ]
	[ "$(in_bash katoctl check some)" = some.file ]
	[ -z "$(in_bash alertd --cooldown '')" ]
	[ -z "$(in_bash kato-metrics '')" ]
}

@test "bash: behind -- commands, and their own options" {
	[ "$(in_bash katoctl merge -- kato-met)" = kato-metrics ]
	[ "$(in_bash katoctl merge -- kato-metrics --int)" = --interval ]
	[ "$(in_bash katoctl merge -- kato-metrics --once -- docker-stats --exp)" = --expect ]
	[ "$(in_bash katoctl feed --to some)" = some.file ]
}

@test "bash and zsh: the stages of the pipeline that runs" {
	[ -z "$(in_bash katoctl tap '')" ]
	printf 'collect one sleep 60\nmap two cat\nsink three sh -c "cat >/dev/null"\n' >p.conf
	spawn run katoctl run --config p.conf
	wait_for 20 katoctl status
	[ "$(in_bash katoctl tap '')" = 'one three two' ]
	[ "$(in_bash katoctl restart t)" = 'three two' ]
	[ "$(in_zsh 'katoctl tap ')" = 'one three two' ]
	unset KATO_CONTROL
	[ "$(XDG_RUNTIME_DIR=$PWD in_bash katoctl tap --control "$PWD/control" '')" = 'one three two' ]
}

@test "bash knows them by the names of the programs" {
	# shellcheck disable=SC2016
	run bash --norc -c '. "$1"; complete -p katoctl alertd' - "$ROOT/share/completions/kato-live.bash"
	[ "$status" -eq 0 ]
	[ "$output" = $'complete -F _kato_live katoctl\ncomplete -F _kato_live alertd' ]
}

@test "zsh: commands, options, values, files" {
	[[ " $(in_zsh 'katoctl ') " == *' check '*' record '*' tap '* ]]
	[ "$(in_zsh 'katoctl replay --re')" = --retime ]
	[ "$(in_zsh 'alertd --coo')" = --cooldown ]
	[ "$(in_zsh 'alertd --log-level ')" = 'debug error info warning' ]
	[ "$(in_zsh 'alertd --rules some')" = some.file ]
	[ "$(in_zsh 'katoctl replay some')" = some.file ]
	for option in --url --interval --timeout --once --settings --log-level --help --version; do
		[[ " $(in_zsh 'kato-metrics --') " == *" $option "* ]]
	done
}

@test "zsh: behind -- commands, and their own options" {
	[ "$(in_zsh 'katoctl merge -- kato-met')" = kato-metrics ]
	[ "$(in_zsh 'katoctl merge -- kato-metrics --int')" = --interval ]
	[ "$(in_zsh 'katoctl merge -- kato-metrics --once -- docker-stats --exp')" = --expect ]
}
