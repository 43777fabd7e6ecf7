#!/usr/bin/env bats
# kato-metrics: what it makes of KATO's answers, and of none.
# shellcheck shell=bash

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
asked() { curl -sf "$KATO_API_URL/_control" | jq ".requests[\"$1\"] // 0"; }

# fails PATTERN: a single reading prints nothing, says one line with PATTERN, and exits 1.
fails() {
	local status=0
	kato-metrics --once "${@:2}" >once.out 2>once.err || status=$?
	cat once.err
	[ "$status" -eq 1 ] && [ ! -s once.out ] && [ "$(wc -l <once.err)" -eq 1 ] && grep -qE "^kato-metrics: error: .*$1" once.err
}

# follow OPTION...: kato-metrics in the background
follow() { spawn metrics kato-metrics --interval 0.2 "$@"; }
of_type() { jq -c "select(.type == \"$1\")" metrics.out; }
readings() { of_type metrics | wc -l; }
status_is() { [ "$(of_type source_status | tail -n 1 | jq -r .data.status)" = "$1" ]; }
not_up() { status_is down || status_is degraded; }
more_readings() { [ "$(readings)" -gt "$1" ]; }

@test "one reading is one valid record with KATO's figures and the names of the plan" {
	kato --sessions 5 --first-requests 15234
	kato-metrics --once >once
	[ "$(wc -l <once)" -eq 1 ]
	valid once
	jq -e '.type == "metrics" and .source == "kato-metrics" and (.data |
		.sessions.active == 5 and (.sessions | has("total") | not) and
		.requests.total == 15234 and .performance.total_requests == 15234 and
		.requests.per_second == .rates.requests_per_second and
		.resources.cpu_percent == 4.8 and .resources.memory_percent == 3.5 and
		.databases.redis.errors == 0 and .processor_manager.max_processors == 100 and
		(has("error") or has("uptime_seconds") or has("active_sessions") | not) and
		([.. | select(. == null)] | length == 0))' once
}

@test "the record is dated by KATO's clock, in UTC and milliseconds" {
	kato
	kato-metrics --once | jq -e '(.timestamp | sub("\\.[0-9]+Z$"; "Z") | fromdate) == (.data.timestamp | floor)'
	kato-metrics --once | jq -e '((.timestamp | capture("\\.(?<ms>[0-9]+)Z").ms | tonumber) - (.data.timestamp * 1000 | floor % 1000)) == 0'
}

@test "a clock of KATO's that is an hour wrong does not date the record" {
	kato
	control '{"clock":3600}'
	kato-metrics --once | jq -e '(.timestamp | sub("\\.[0-9]+Z$"; "Z") | fromdate) - now | fabs < 60'
	control '{"clock":-3600}'
	kato --cache-ttl 0
	control '{"clock":-3600}'
	kato-metrics --once | jq -e '(.timestamp | sub("\\.[0-9]+Z$"; "Z") | fromdate) - now | fabs < 60'
}

@test "numbers pass as KATO wrote them" {
	kato
	control '{"metrics":"raw:{\"sessions\":{\"active\":3,\"total_created\":9007199254740993},\"performance\":{\"total_requests\":9007199254740993},\"rates\":{\"requests_per_second\":0.1000}}"}'
	kato-metrics --once >once
	valid once
	grep -q '"requests":{"total":9007199254740993,"per_second":0.1000}' once
	grep -q '"total":9007199254740993' once
}

@test "what is no number is left out, not zero and not null" {
	kato
	control '{"metrics":"raw:{\"sessions\":{\"active\":\"3\"},\"performance\":{\"total_requests\":-4,\"average_response_time\":1e999},\"resources\":{\"cpu_percent\":null,\"memory_percent\":3.5,\"disk_percent\":true},\"rates\":{\"requests_per_second\":-7}}"}'
	kato-metrics --once >once
	valid once
	jq -e '.data | .sessions == {} and .requests == {} and .resources == {"memory_percent":3.5} and
		(.performance | keys - ["error_rate", "error_rate_source"]) == [] and .rates == {}' once
}

@test "no password of KATO's leaves it, in a record or in a message" {
	kato
	control '{"metrics":"raw:{\"sessions\":{\"active\":3,\"redis_url\":\"redis://:secret-word@redis\"},\"redis_url\":\"redis://:secret-word@redis\",\"auth\":\"secret-word\",\"databases\":{\"redis\":{\"errors\":1,\"dsn\":\"secret-word\"}},\"processor_manager\":{\"processors\":[{\"node_id\":\"redis://:secret-word@redis\",\"key\":\"secret-word\"}]}}"}'
	kato-metrics --once >once
	valid once
	run ! grep -q secret-word once
	control '{"metrics":"raw:{\"processor_manager\":{},\"error\":\"Error 111 connecting to redis://:secret-word@redis:6379.\"}"}'
	follow
	wait_for 10 status_is degraded
	out_has metrics 'redis://\*\*\*@redis:6379'
	err_has metrics 'redis://\*\*\*@redis:6379'
	run ! grep -q secret-word metrics.out metrics.err
}

@test "a user and a password in the URL are used and never shown" {
	kato
	place=${KATO_API_URL#http://}
	kato-metrics --once --url "http://user:secret-word@$place/" | jq -e .data
	control '{"metrics":"error"}'
	fails 'http://127.0.0.1:[0-9]+/metrics: HTTP status 500' --url "http://user:secret-word@$place"
	run ! grep secret-word once.err
	run -2 kato-metrics --once --url "http://user:secret-word@host:bad"
	[[ $output != *secret-word* ]]
	run -2 kato-metrics --once --url 'user:secret-word@host:8000'
	[[ $output != *secret-word* ]]
}

@test "the URL may have a slash at its end, and a path" {
	kato
	kato-metrics --once --url "$KATO_API_URL///" | jq -e .data
	fails '/some/path/metrics: HTTP status 404: Not Found' --url "$KATO_API_URL/some/path/"
	[ "$(asked /some/path/metrics)" -eq 1 ]
}

@test "a URL that is none is refused at the start" {
	for bad in localhost:8000 ftp://localhost 'http://' 'http://:80' 'http://h:0' 'http://h:70000' 'http://h:x' 'http://[::1' 'http://h/?x' 'http://h h'; do
		run -2 kato-metrics --once --url "$bad"
		[[ $output == "kato-metrics: error: "*URL* ]]
	done
}

@test "an error inside HTTP 200 is no reading" {
	kato --fault metrics=embedded
	fails 'KATO has no metrics: Redis connection lost'
}

@test "zeros while KATO lives are no reading" {
	kato --fault metrics=zero
	fails 'all figures are zero'
}

@test "an HTTP error is no reading, and its reason is told" {
	kato --fault metrics=error
	fails '/metrics: HTTP status 500: Failed to get it'
	control '{"metrics":"unavailable"}'
	fails '/metrics: HTTP status 503'
}

@test "a refused connection is told as one" {
	kato
	stop kato || true
	fails '/metrics: connection refused'
}

@test "no answer is told as one, after the timeout" {
	kato --fault metrics=hang
	begun=$(date +%s%N)
	fails 'timed out after 0.3 s' --timeout 0.3
	[ $((($(date +%s%N) - begun) / 1000000)) -lt 3000 ]
}

@test "a host that does not exist is told as one" {
	fails 'no such host' --url http://kato.invalid
}

@test "a name server that hangs holds nothing up" {
	[ -z "${SAN-}" ] || skip 'a preloaded library and the sanitizers do not go together'
	printf '%s\n' '#include <netdb.h>' '#include <unistd.h>' \
		'int getaddrinfo(const char *n, const char *s, const struct addrinfo *h, struct addrinfo **r)' \
		'{ (void)n; (void)s; (void)h; (void)r; sleep(20); return EAI_FAIL; }' >slow.c
	gcc -shared -fPIC -o slow.so slow.c
	begun=$SECONDS
	run -1 env LD_PRELOAD="$PWD/slow.so" kato-metrics --once --timeout 0.3 --url http://kato.example
	[[ $output == *"timed out after 0.3 s" ]]
	[ $((SECONDS - begun)) -lt 10 ]
}

@test "a connection that ends too early is told as one" {
	kato --fault metrics=close
	fails 'connection closed without an answer'
	control '{"metrics":"cut"}'
	fails 'connection lost in the answer'
}

@test "what is not KATO's is told as that" {
	kato --fault metrics=garbage
	fails 'not JSON at byte 0'
	control '{"metrics":"deep"}'
	fails 'nested too deeply at byte 128'
	control '{"metrics":"strings"}'
	fails 'no figures in the answer'
	control '{"metrics":"raw:{\"status\":\"ok\"}"}'
	fails 'not what KATO answers'
	control '{"metrics":"raw:{\"sessions\":{\"active\":NaN}}"}'
	fails 'not JSON at byte 22'
}

@test "an answer of 100 MB is given up, and takes no memory" {
	kato --fault metrics=huge
	fails 'answer over 4194304 bytes' --timeout 30
	if [ -z "${SAN-}" ]; then
		(ulimit -v 200000 && fails 'answer over 4194304 bytes' --timeout 30)
	fi
}

@test "the error rate is that of the last minute's requests, and says where it comes from" {
	kato
	control '{"served":90,"failing":10}'
	kato-metrics --once >once
	valid once
	jq -e '.data.performance | (.error_rate > 0.095 and .error_rate <= 0.1) and
		.error_rate_source == "kato_requests_failed/kato_requests_total, 60 s"' once
}

@test "asking for failures where there are none is not taken for one" {
	kato --cache-ttl 0
	for _ in 1 2 3; do
		kato-metrics --once | jq -e '.data.performance.error_rate == 0'
	done
	[ "$(curl -sf "$KATO_API_URL/metrics/kato_requests_failed?minutes=60" | jq .statistics.count)" -ge 1 ]
}

@test "two requests a millisecond apart are no thousand a second" {
	kato --cache-ttl 0
	curl -s "$KATO_API_URL/health" "$KATO_API_URL/health" >health
	kato-metrics --once | jq -e '.data | .requests.per_second > 0 and .requests.per_second < 1'
}

@test "an error rate that cannot be known is left out, not zero" {
	kato --fault failed=error
	kato-metrics --once >once
	valid once
	jq -e '.data | .requests.total == 9 and (.performance | has("error_rate") or has("error_rate_source") | not)' once
	control '{"failed":"ok","total":"garbage","failing":3}'
	kato-metrics --once | jq -e '.data.performance | has("error_rate") | not'
}

@test "the error rate needs no more than the timeout" {
	kato --fault failed=hang
	begun=$(date +%s%N)
	kato-metrics --once --timeout 0.5 | jq -e '.data.performance | has("error_rate") | not'
	[ $((($(date +%s%N) - begun) / 1000000)) -lt 3000 ]
}

@test "a KATO that closes its connections has an error rate too" {
	kato --close
	control '{"served":50,"failing":50}'
	kato-metrics --once | jq -e '.data.performance.error_rate > 0.4'
}

@test "readings go on, each one once, with a record in every interval" {
	kato --cache-ttl 0.5
	follow
	wait_for 20 has_lines metrics 25
	stop metrics
	valid metrics.out
	# no time stamp of KATO's twice
	[ "$(of_type metrics | jq .data.timestamp | sort | uniq -d | wc -l)" -eq 0 ]
	[ "$(readings)" -ge 3 ]
	# at most a late tick apart
	jq -rs 'map(.timestamp | capture("(?<s>.*)\\.(?<ms>...)Z") | (.s + "Z" | fromdate) * 1000 + (.ms | tonumber)) | sort |
		[.[1:], .[:-1]] | transpose | map(.[0] - .[1]) | max' metrics.out >gap
	[ "$(cat gap)" -lt 2000 ]
}

@test "an unchanged reading asks for nothing more" {
	kato
	follow
	wait_for 20 has_lines metrics 6
	[ "$(readings)" -eq 1 ]
	[ "$(asked /metrics/kato_requests_failed)" -eq 1 ]
	[ "$(asked /metrics)" -ge 4 ]
}

@test "it comes up, goes down with the reason, and comes up again" {
	kato --cache-ttl 0
	port=${KATO_API_URL##*:}
	follow
	wait_for 10 more_readings 1
	wait_for 10 status_is up
	stop kato || true
	wait_for 10 status_is down
	of_type source_status | tail -n 1 | jq -e '.id == "kato-metrics" and (.data | .source == "kato-metrics" and (.error | test("connection refused")) and
		(.last_success | test("Z$")) and .interval_ms == 200)'
	before=$(readings)
	wait_for 10 has_lines metrics $(($(line_count metrics) + 3))
	[ "$(readings)" -eq "$before" ]
	kato --cache-ttl 0 --port "$port"
	wait_for 10 more_readings "$before"
	wait_for 10 status_is up
	err_has metrics 'warning: .*connection refused'
	err_has metrics 'answers again'
	[ "$(grep -c refused metrics.err)" -le 3 ]
	valid metrics.out
}

@test "each way to fail leaves the last good values alone" {
	kato --cache-ttl 0
	follow --timeout 0.1
	for fault in error unavailable embedded zero garbage deep strings close cut hang; do
		control '{"metrics":"ok"}'
		wait_for 10 status_is up
		control "{\"metrics\":\"$fault\"}"
		wait_for 10 not_up
		before=$(readings)
		wait_for 10 has_lines metrics $(($(line_count metrics) + 2))
		[ "$(readings)" -eq "$before" ] || { echo "$fault"; return 1; }
	done
	valid metrics.out
	of_type metrics | jq -se 'map(.data.resources.memory_percent == 3.5 and .data.requests.total > 0) | all'
}

@test "four workers with counters far apart give no negative or absurd rate" {
	kato --workers 4 --cache-ttl 0 --first-requests 100000 --close
	spawn metrics kato-metrics --interval 0.1
	wait_for 60 more_readings 60
	stop metrics
	valid metrics.out
	of_type metrics | jq -se 'map(.data) | (map(.requests.per_second // 0) | min >= 0 and max <= 50) and
		(map(.performance.error_rate // 0) | min >= 0 and max <= 1) and (map(.requests.total) | max - min > 90000)'
}

@test "one connection is held, so that readings are of one worker" {
	kato --workers 4 --cache-ttl 0 --first-requests 100000
	follow
	wait_for 20 has_lines metrics 12
	stop metrics
	[ "$(of_type metrics | jq -s 'map(.data.requests.total / 100000 | floor) | unique | length')" -eq 1 ]
	of_type metrics | jq -se 'map(.data.requests.total) | . == sort'
}

@test "a connection that KATO closed when it was idle is no failure" {
	kato --workers 2 --cache-ttl 0 --keep-alive 0.1
	follow --interval 0.3
	wait_for 20 has_lines metrics 12
	stop metrics
	of_type source_status | jq -se 'map(.data.status) | unique == ["up"]'
	[ ! -s metrics.err ]
}

@test "a KATO that is there is found without a word, one that is not with the reason" {
	kato
	run -0 kato-metrics --probe
	[ -z "$output" ]
	control '{"metrics":"embedded"}'
	run -0 kato-metrics --probe
	control '{"metrics":"raw:{\"status\":\"ok\"}"}'
	run -1 kato-metrics --probe
	[[ $output == *"not what KATO answers"* ]]
	control '{"metrics":"error"}'
	run -1 kato-metrics --probe
	control '{"metrics":"hang"}'
	run -1 kato-metrics --probe --timeout 0.3
	[[ $output == *"timed out after 0.3 s"* ]]
	stop kato || true
	run -1 kato-metrics --probe
	[[ $output == *"connection refused"* ]]
}

@test "the settings file is read again on HUP, and a bad one is not taken" {
	kato --cache-ttl 0
	other=$KATO_API_URL
	unset KATO_API_URL
	printf 'KATO_API_URL=http://127.0.0.1:1\nKATO_METRICS_INTERVAL=0.2\n' >settings
	spawn metrics kato-metrics --settings settings
	wait_for 10 status_is down
	printf 'KATO_API_URL=nonsense\n' >settings
	kill -HUP "$(pid_of metrics)"
	wait_for 10 err_has metrics 'the old settings stay'
	printf 'KATO_API_URL=%s\nKATO_METRICS_INTERVAL=0.1\n' "$other" >settings
	kill -HUP "$(pid_of metrics)"
	wait_for 10 status_is up
	err_has metrics 'settings read again'
	of_type source_status | tail -n 1 | jq -e '.data.interval_ms == 100'
}

@test "TERM ends it with 0 in the middle of a reading" {
	kato --fault metrics=hang
	follow --timeout 60
	was_asked() { [ "$(asked /metrics)" -ge 1 ]; }
	wait_for 10 was_asked
	stop metrics
}

@test "a reading that hangs longer than an interval does not make it silent" {
	kato --cache-ttl 0
	follow --timeout 60
	wait_for 10 more_readings 1
	control '{"metrics":"hang"}'
	wait_for 10 has_lines metrics $(($(line_count metrics) + 5))
	[ "$(tail -n 3 metrics.out | jq -r .type | sort -u)" = source_status ]
}

@test "it ends with 0 when its reader leaves" {
	kato --cache-ttl 0
	{ kato-metrics --interval 0.1 3>&-; echo $? >status; } | head -n 1 | jq -e .type
	wait_for 10 test -s status
	[ "$(cat status)" -eq 0 ]
}

@test "standard output that is full ends it with 1" {
	kato
	run -1 sh -c 'kato-metrics --once >/dev/full'
	[[ $output == *"No space left"* ]]
}

@test "wrong use is refused with 2" {
	run -2 kato-metrics --interval 0
	[[ $output == *interval* ]]
	run -2 kato-metrics --timeout ten
	run -2 kato-metrics --no-such
	run -2 kato-metrics operand
}
