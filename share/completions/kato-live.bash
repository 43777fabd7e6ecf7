# Completion for KATO Live in bash. The tables at the end are made by tests/tools/make-completions from the tools' own lists.
# shellcheck shell=bash
# It stands alone: no function of the bash-completion package is used.

# _kato_live_stages CONTROL: the stages of the pipeline that runs, if one does
_kato_live_stages() {
	katoctl status --json ${1:+--control "$1"} 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d '"' -f 4
}

# _kato_live_reply KIND CURRENT: fills COMPREPLY; a KIND is file, dir, command, stage, or words
_kato_live_reply() {
	local one
	COMPREPLY=()
	case $1 in
	'') return ;;
	file) compopt -o filenames 2>/dev/null; set -- -f "$2" ;;
	dir) compopt -o filenames 2>/dev/null; set -- -d "$2" ;;
	command) set -- -c "$2" ;;
	stage) set -- -W "$(_kato_live_stages "$kato_control")" "$2" ;;
	*) set -- -W "$1" "$2" ;;
	esac
	while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen "${@:1:$#-1}" -- "${!#}" | sort -u)
}

_kato_live() {
	local words=("${COMP_WORDS[@]:0:COMP_CWORD}") cur=${COMP_WORDS[COMP_CWORD]} tool option kind i at=0
	local kato_control=''
	# behind the last -- there is a command of its own
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${words[i]} == -- ]] && at=$((i + 1))
	done
	if ((at && at == COMP_CWORD)); then
		_kato_live_reply command "$cur"
		return
	fi
	tool=${words[at]##*/}
	if [[ $tool == katoctl ]]; then
		if ((at + 1 == COMP_CWORD)); then
			_kato_live_reply "$(_kato_live_commands) --help --version" "$cur"
			return
		fi
		at=$((at + 1))
		tool="katoctl ${words[at]}"
	fi
	# --option=value comes in three words
	if [[ $cur == = ]]; then
		cur=''
		option=${words[COMP_CWORD - 1]}
	elif [[ ${words[COMP_CWORD - 1]} == = ]]; then
		option=${words[COMP_CWORD - 2]}
	else
		option=${words[COMP_CWORD - 1]}
	fi
	for ((i = at + 1; i < COMP_CWORD; i++)); do
		[[ ${words[i]} == --control ]] && kato_control=${words[i + 1]-}
		[[ ${words[i]} == --control && $kato_control == = ]] && kato_control=${words[i + 2]-}
	done
	kind=$(_kato_live_value "$tool" "$option")
	if [[ $option == -* && -n $kind ]]; then
		[[ $kind == - ]] || _kato_live_reply "$kind" "$cur"
	elif [[ $cur == -* ]]; then
		_kato_live_reply "$(_kato_live_options "$tool")" "$cur"
	elif kind=$(_kato_live_operand "$tool") && [[ $kind == any ]]; then
		compopt -o default 2>/dev/null
	else
		_kato_live_reply "$kind" "$cur"
	fi
}

_kato_live_commands() {
	echo run check status top restart tap feed merge record replay tail token
}

_kato_live_options() {
	case $1 in
	'kato-metrics') echo '--url --interval --timeout --once --probe --settings --log-level --help --version' ;;
	'docker-stats') echo '--host --name --label --all --expect --interval --timeout --max-containers --once --probe --settings --log-level --help --version' ;;
	'session-watch') echo '--url --interval --timeout --hints --no-events --count-cache --state --once --settings --log-level --help --version' ;;
	'http-poll') echo '--type --id --interval --timeout --header-file --ca-file --only-changed --repeat --max-bytes --once --settings --log-level --help --version' ;;
	'prom-services') echo '--url --config --header-file --ca-file --interval --timeout --once --check --settings --log-level --help --version' ;;
	'healthd') echo '--rules --state --check --settings --log-level --help --version' ;;
	'alertd') echo '--rules --cooldown --state --max-keys --check --settings --log-level --help --version' ;;
	'broadcaster') echo '--host --port --listen --server-name --trusted-proxy --jwt-key-file --jwt-audience --dashboard --state --coalesce --history --history-bytes --journal --journal-sync --state-values --state-bytes --max-clients --max-clients-per-address --connect-rate --queue-bytes --unsent-bytes --message-bytes --message-rate --message-burst --max-topics --tls-cert --tls-key --exit-on-eof --store-fd --rollback-disconnects --settings --log-level --help --version' ;;
	'katoctl run') echo '--config --demo --no-demo --control --patience --stuck --max-waiting-bytes --max-waiting-lines --settings --log-level --help --version' ;;
	'katoctl check') echo '--settings --log-level --help --version' ;;
	'katoctl status') echo '--json --control --settings --log-level --help --version' ;;
	'katoctl top') echo '--interval --once --control --settings --log-level --help --version' ;;
	'katoctl restart') echo '--wait --control --settings --log-level --help --version' ;;
	'katoctl tap') echo '--control --settings --log-level --help --version' ;;
	'katoctl feed') echo '--to --patience --max-waiting-bytes --max-waiting-lines --settings --log-level --help --version' ;;
	'katoctl merge') echo '--settings --log-level --help --version' ;;
	'katoctl record') echo '--rotate --keep --settings --log-level --help --version' ;;
	'katoctl replay') echo '--speed --loop --retime --state --settings --log-level --help --version' ;;
	'katoctl tail') echo '--subscribe --since --cacert --token-file --silence --settings --log-level --help --version' ;;
	'katoctl token') echo '--key-file --topics --ttl --audience --settings --log-level --help --version' ;;
	esac
}

# of an option that takes a value: file, dir, stage or words; - where it cannot be guessed; nothing: it takes none
_kato_live_value() {
	case $2 in
	--settings) echo file; return ;;
	--log-level) echo debug info warning error; return ;;
	esac
	case "$1 $2" in
	'kato-metrics --url' | 'kato-metrics -u' | 'kato-metrics --interval' | 'kato-metrics -i' | 'kato-metrics --timeout' | 'kato-metrics -t') echo '-' ;;
	'docker-stats --host' | 'docker-stats -H' | 'docker-stats --name' | 'docker-stats -n' | 'docker-stats --label' | 'docker-stats -l' | 'docker-stats --expect' | 'docker-stats -e' | 'docker-stats --interval' | 'docker-stats -i' | 'docker-stats --timeout' | 'docker-stats -t' | 'docker-stats --max-containers') echo '-' ;;
	'session-watch --url' | 'session-watch -u' | 'session-watch --interval' | 'session-watch -i' | 'session-watch --timeout' | 'session-watch -t' | 'session-watch --hints' | 'session-watch -n' | 'session-watch --count-cache') echo '-' ;;
	'session-watch --state' | 'session-watch -s') echo 'file' ;;
	'http-poll --type' | 'http-poll -t' | 'http-poll --id' | 'http-poll --interval' | 'http-poll -i' | 'http-poll --timeout' | 'http-poll --repeat' | 'http-poll -r' | 'http-poll --max-bytes' | 'http-poll -m') echo '-' ;;
	'http-poll --header-file' | 'http-poll -H' | 'http-poll --ca-file') echo 'file' ;;
	'prom-services --url' | 'prom-services -u' | 'prom-services --interval' | 'prom-services -i' | 'prom-services --timeout' | 'prom-services -t') echo '-' ;;
	'prom-services --config' | 'prom-services -c' | 'prom-services --header-file' | 'prom-services -H' | 'prom-services --ca-file') echo 'file' ;;
	'healthd --rules' | 'healthd -r' | 'healthd --state' | 'healthd -s') echo 'file' ;;
	'alertd --rules' | 'alertd -r' | 'alertd --state' | 'alertd -s') echo 'file' ;;
	'alertd --cooldown' | 'alertd -c' | 'alertd --max-keys') echo '-' ;;
	'broadcaster --host' | 'broadcaster -H' | 'broadcaster --port' | 'broadcaster -p' | 'broadcaster --listen' | 'broadcaster -l' | 'broadcaster --server-name' | 'broadcaster --trusted-proxy' | 'broadcaster --jwt-audience' | 'broadcaster --state' | 'broadcaster -s' | 'broadcaster --coalesce' | 'broadcaster -c' | 'broadcaster --history' | 'broadcaster --history-bytes' | 'broadcaster --journal-sync' | 'broadcaster --state-values' | 'broadcaster --state-bytes' | 'broadcaster --max-clients' | 'broadcaster -m' | 'broadcaster --max-clients-per-address' | 'broadcaster --connect-rate' | 'broadcaster --queue-bytes' | 'broadcaster --unsent-bytes' | 'broadcaster --message-bytes' | 'broadcaster --message-rate' | 'broadcaster --message-burst' | 'broadcaster --max-topics' | 'broadcaster --store-fd' | 'broadcaster --rollback-disconnects') echo '-' ;;
	'broadcaster --jwt-key-file' | 'broadcaster -k' | 'broadcaster --journal' | 'broadcaster -j' | 'broadcaster --tls-cert' | 'broadcaster --tls-key') echo 'file' ;;
	'broadcaster --dashboard' | 'broadcaster -d') echo 'dir' ;;
	'katoctl run --config' | 'katoctl run -c' | 'katoctl run --control') echo 'file' ;;
	'katoctl run --patience' | 'katoctl run --stuck' | 'katoctl run --max-waiting-bytes' | 'katoctl run --max-waiting-lines') echo '-' ;;
	'katoctl status --control') echo 'file' ;;
	'katoctl top --interval' | 'katoctl top -i') echo '-' ;;
	'katoctl top --control') echo 'file' ;;
	'katoctl restart --wait' | 'katoctl restart -w') echo '-' ;;
	'katoctl restart --control') echo 'file' ;;
	'katoctl tap --control') echo 'file' ;;
	'katoctl feed --to' | 'katoctl feed -t') echo 'file' ;;
	'katoctl feed --patience' | 'katoctl feed --max-waiting-bytes' | 'katoctl feed --max-waiting-lines') echo '-' ;;
	'katoctl record --rotate' | 'katoctl record -r' | 'katoctl record --keep' | 'katoctl record -k') echo '-' ;;
	'katoctl replay --speed' | 'katoctl replay -s') echo 'max' ;;
	'katoctl replay --state') echo '-' ;;
	'katoctl tail --subscribe' | 'katoctl tail -s' | 'katoctl tail --since' | 'katoctl tail --silence') echo '-' ;;
	'katoctl tail --cacert' | 'katoctl tail --token-file') echo 'file' ;;
	'katoctl token --key-file' | 'katoctl token -k') echo 'file' ;;
	'katoctl token --topics' | 'katoctl token -t' | 'katoctl token --ttl' | 'katoctl token --audience') echo '-' ;;
	esac
}

# what stands where no option does; "any" of a program that is not ours
_kato_live_operand() {
	case $1 in
	'katoctl check') echo file ;;
	'katoctl restart') echo stage ;;
	'katoctl tap') echo stage ;;
	'katoctl record') echo file ;;
	'katoctl replay') echo file ;;
	'katoctl token') echo file ;;
	'kato-metrics' | 'docker-stats' | 'session-watch' | 'http-poll' | 'prom-services' | 'healthd' | 'alertd' | 'broadcaster' | 'katoctl run' | 'katoctl status' | 'katoctl top' | 'katoctl feed' | 'katoctl merge' | 'katoctl tail') ;;
	*) echo any ;;
	esac
}

complete -F _kato_live kato-metrics docker-stats session-watch http-poll prom-services healthd alertd broadcaster katoctl
