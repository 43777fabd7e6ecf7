#!/usr/bin/env bats
# The whole diagnostics pipeline, share/pipeline-diagnostics.conf, under katoctl run: from a real Prometheus and an HTTP
# document to clients of TopDeck, OpenRisk and KATO.
# shellcheck shell=bash disable=SC2016,SC2154 # jq has dollars of its own; run sets output

load helper
load prometheus
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir doc
	doc-standin doc >doc.out 2>doc.err 3>&- &
	echo $! >doc.pid
	gauges
	wait_for 10 grep -q . doc.out
	prometheus_up "$PWD" --services 0 --file "$PWD/gauges"
}
teardown_file() {
	prometheus_down "$BATS_FILE_TMPDIR"
	kill "$(cat "$BATS_FILE_TMPDIR/doc.pid")"
	wait "$(cat "$BATS_FILE_TMPDIR/doc.pid")" || true
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_PROMETHEUS_URL KATO_CONTROL=$PWD/control KATO_LIVE_PORT=0 KATO_PROM_SERVICES_CONFIG=$PWD/services.conf
	KATO_PROMETHEUS_URL=$(cat "$BATS_FILE_TMPDIR/url")
	kill -0 "$(cat "$BATS_FILE_TMPDIR/prometheus.pid")" || prometheus_again "$BATS_FILE_TMPDIR"
	gauges
	wait_for 30 prometheus_says 'sum(errors) + sum(edge_errors)' 0
	analytics 11.5
}
teardown() { stop_all; }

SERVICES=(web api orders orders-db mail)
EDGES=('web api' 'api orders' 'orders orders-db')
# gauges [NAME=VALUE...]: what Prometheus reads: how much fails of services, and of the edge api>orders ("edge"); nothing but for those
gauges() {
	local name value
	value_of() { value=$(printf '%s\n' 0 "${@:2}" | sed -n "1p; s/^$1=//p" | tail -n 1); }
	for name in "${SERVICES[@]}"; do
		value_of "$name" "$@"
		echo "errors{id=\"$name\"} $value"
	done >"$BATS_FILE_TMPDIR/gauges.new"
	for name in "${EDGES[@]}"; do
		value=0
		[ "$name" != 'api orders' ] || value_of edge "$@"
		printf 'edge_%s{source="%s",target="%s"} %s\n' errors "${name% *}" "${name#* }" "$value" latency "${name% *}" "${name#* }" "$(jq -n "$value * 5 + 0.1")"
	done >>"$BATS_FILE_TMPDIR/gauges.new"
	mv "$BATS_FILE_TMPDIR/gauges.new" "$BATS_FILE_TMPDIR/gauges"
}
prometheus_says() { # QUERY VALUE
	[ "$(curl -s "$KATO_PROMETHEUS_URL/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1]')" = "$2" ]
}
# analytics SCORE: what OpenRisk tells, with a number that no double holds
analytics() {
	echo '{"metrics":{"average_risk_score":'"$1"',"total_risks":9007199254740993},  "top_risks":null}' >"$BATS_FILE_TMPDIR/doc/complete.new"
	mv "$BATS_FILE_TMPDIR/doc/complete.new" "$BATS_FILE_TMPDIR/doc/complete"
}

shipped() { sed -e 's|--listen 8000|--listen 0|' "$@" "$ROOT/share/pipeline-diagnostics.conf" >pipeline.conf; } # but on free ports
# The pipeline, with OpenRisk's line, and at a quicker pace; what flows is recorded, too.
start() {
	{
		printf 'node %s "The service" service\n' "${SERVICES[@]}"
		printf 'edge %s\n' "${EDGES[@]}"
		printf 'metric service %s\n' 'error_rate errors{id="{id}"}' 'latency_p95 vector(0.2)' 'cpu_usage vector(0.3)'
		printf 'flow %s{source="{source}",target="{target}"}\n' 'error_rate edge_errors' 'latency_p95 edge_latency'
		echo 'flow request_rate vector(20)'
	} >services.conf
	shipped -e 's|^collect prom-services .*|& --interval 0.5|' -e 's|^#collect openrisk|collect openrisk|' \
		-e "s|--header-file [^ ]* http:.*|--interval 0.5 http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/doc.out")/api/v1/dashboard/complete|"
	echo 'sink record katoctl record all.ndjson' >>pipeline.conf
	spawn run katoctl run --config pipeline.conf
	PORT=$(port_of run)
	API=http://127.0.0.1:$PORT/api/v1
	wait_for 20 knows service_health 5
	wait_for 20 knows dashboard 1
}
knows() { [ "$(curl -sf "$API/state" | jq --arg t "$1" '[.. | objects | select(.type? == $t)] | length')" -ge "$2" ]; } # TYPE COUNT
# client NAME PATH [OPTION...]
client() { spawn "$1" wsclient --seconds 120 --path "$2" "${@:3}" "$PORT"; }
topdeck() { client topdeck '/api/v1/ws/live-diagnostics?update_interval=1' "$@"; }
openrisk() { client openrisk '/api/v1/ws/dashboard?token=' "$@"; }
kato() { client kato '/ws?subscribe=service_health,anomaly,health_change,anomaly_detected,traffic_anomaly,system_alerts,source_status'; }
# last NAME FILTER: does the newest whole state that it has answer so?
last() { grep -E '"type":"(snapshot|dashboard)_update"' "$BATS_TEST_TMPDIR/$1.out" | tail -n 1 | jq -e ".data | $2"; }
told() { jq -es "$2" "$BATS_TEST_TMPDIR/$1.out"; } # NAME FILTER: of all its messages
said() { curl -sf "$API/events?limit=1000" | jq -e ".events | $1"; } # FILTER: of all events, the newest first
flows() { [ "$(wc -l <all.ndjson)" -gt "${lines:-0}" ] && lines=$(wc -l <all.ndjson); }	# has more come since?
stage() { katoctl status --json | jq -r --arg s "$1" '.stages[] | select(.name == $s) | .pid'; }

INCIDENT=(orders-db=0.38 orders=0.9 api=0.38 web=0.38 edge=0.4)
# what an incident makes known: events and alerts, each once; on its way down orders may be degraded for a moment
INCIDENT_TOLD='(map(select(.type == "health_change").data | [.resource_id, .new_status]) | sort | . == unique and . - [["orders","degraded"]] ==
		[["api","degraded"],["orders","failed"],["orders-db","degraded"],["web","degraded"]]) and
	(map(select(.type == "anomaly_detected").data.resource_id) | sort) == ["api","orders","orders-db","web"] and
	(map(select(.type == "traffic_anomaly").data | [.source_id, .target_id]) == [["api","orders"]])'
ALERTS_TOLD='map(select(.type == "system_alert").alerts[].key) | sort | . == unique and
	(map(sub("_(web|api|orders).*"; "")) | unique) == ["critical_anomaly","health_score_drop","multiple_services_degraded","service_failure","traffic_pattern_anomaly"]'

@test "what Prometheus measures and OpenRisk tells reaches clients of all three, each in its own words" {
	start
	topdeck --send '{"type":"ping"}'
	openrisk --send '{"action":"ping"}'
	kato
	wait_for 20 last topdeck '.overall_health == "healthy" and (.services | map(.resource_id) | sort) == ["api","mail","orders","orders-db","web"] and
		(.services | all(.health_score == 100 and .metrics.latency_p95 == 0.2)) and (.traffic_patterns | length == 3) and .anomalies == [] and .failing_dependencies == []'
	# byte for byte, blanks and a number that no double holds included
	wait_for 20 out_has openrisk '"data":{"metrics":{"average_risk_score":11.5,"total_risks":9007199254740993},  "top_risks":null}}'
	analytics 12.5
	wait_for 20 out_has openrisk '"average_risk_score":12.5'
	gauges "${INCIDENT[@]}"
	wait_for 20 last topdeck '.overall_health == "critical" and (.anomalies | length == 4) and (.failing_dependencies | map(.target_id) | sort == ["api","orders","orders-db"]) and
		(.traffic_patterns | map(select(.is_abnormal).source_id) == ["api"])'
	wait_for 20 said "$INCIDENT_TOLD"
	wait_for 20 said "$ALERTS_TOLD"
	wait_for 20 told topdeck "$INCIDENT_TOLD"
	wait_for 20 told kato "$INCIDENT_TOLD and ($ALERTS_TOLD)"
	told topdeck '.[0].type == "connected" and (map(select(.type == "pong")) | length == 1)'
	told openrisk '[.[] | select(.type == "pong")] == [{type: "pong"}]'
	valid --topdeck topdeck.out
	valid --openrisk openrisk.out
	valid --wire kato.out
	valid all.ndjson
}

@test "stages killed while things go wrong: each event and alert once, and the snapshot is the truth" {
	start
	kato
	gauges "${INCIDENT[@]}"
	for name in prom-services healthd alertd openrisk healthd broadcaster alertd prom-services healthd; do
		wait_for 20 flows
		kill -KILL "$(stage "$name")"
	done
	wait_for 20 curl -sf "$API/events"
	topdeck
	openrisk
	wait_for 30 said "$INCIDENT_TOLD and ($ALERTS_TOLD)"
	gauges mail=0.3 orders=0.7
	wait_for 30 last topdeck '(.services | map({(.resource_id): .metrics.error_rate}) | add) == {web: 0, api: 0, orders: 0.7, "orders-db": 0, mail: 0.3} and
		(.anomalies | map(.resource_id) | sort) == ["mail", "orders"] and .overall_health == "critical"'
	wait_for 20 last openrisk '.metrics.average_risk_score == 11.5'
	said "(map(select(.id)) | group_by(.id) | all(length == 1)) and (map(select(.type == \"anomaly_detected\").data.resource_id) | sort) == [\"api\",\"mail\",\"orders\",\"orders-db\",\"web\"]"
}

@test "Prometheus goes and comes back: the source is down, what was known stays, and nothing is told anew" {
	start
	kato
	gauges "${INCIDENT[@]}"
	wait_for 20 said "$INCIDENT_TOLD"
	curl -sf "$API/events?limit=1000" | jq -S '[.events[] | select(.type != "system_alert")]' >before
	kill -KILL "$(cat "$BATS_FILE_TMPDIR/prometheus.pid")"
	wait "$(cat "$BATS_FILE_TMPDIR/prometheus.pid")" || true
	wait_for 20 told kato 'any(.type == "source_status" and .data.source == "prom-services" and .data.status == "down")'
	topdeck
	wait_for 20 last topdeck '.overall_health == "critical" and (.services | length == 5) and (.services | all(.metrics.error_rate != null)) and (.anomalies | length == 4)'
	last topdeck '[.anomalies[] | {(.resource_id): .detected_at}] | add' | jq -S . >since
	prometheus_again "$BATS_FILE_TMPDIR"
	wait_for 30 told kato '[.[] | select(.type == "source_status" and .data.source == "prom-services").data.status] | index("down") != null and .[-1] == "up"'
	# a reading that was taken after
	now=$(date -u +%FT%T.%3NZ)
	wait_for 20 last topdeck ".services | all(.last_updated > \"$now\")"
	last topdeck '[.anomalies[] | {(.resource_id): .detected_at}] | add' | jq -S . | diff since -
	curl -sf "$API/events?limit=1000" | jq -S '[.events[] | select(.type != "system_alert")]' | diff before -
	jq -es 'all(.[] | select(.type == "services"); .data != null and .data.metrics.error_rate != null)' all.ndjson
}

@test "a recording gives another broadcaster the same events and the same snapshot" {
	start
	gauges "${INCIDENT[@]}"
	wait_for 20 said "$INCIDENT_TOLD and ($ALERTS_TOLD)"
	topdeck
	wait_for 20 last topdeck '.overall_health == "critical"'
	curl -sf "$API/events?limit=1000" | jq -S '[.events[] | del(.offset)]' >before
	stop run
	last topdeck '[.services[].resource_id], [.anomalies[].alert_id], [.failing_dependencies[].target_id]' >shown
	mkfifo feed
	SPAWN_STDIN=feed spawn again broadcaster --port 0
	exec 5>feed
	katoctl replay --speed max all.ndjson >&5
	PORT=$(port_of again)
	API=http://127.0.0.1:$PORT/api/v1
	wait_for 20 eval 'curl -sf "$API/events?limit=1000" | jq -S "[.events[] | del(.offset)]" | cmp - before'
	topdeck
	wait_for 20 last topdeck '.overall_health == "critical"'
	last topdeck '[.services[].resource_id], [.anomalies[].alert_id], [.failing_dependencies[].target_id]' | diff shown -
	exec 5>&-
}

@test "its demo shows TopDeck's and OpenRisk's clients twelve services and the figures, marked as a demo" {
	shipped
	spawn run katoctl run --demo --config pipeline.conf
	PORT=$(port_of run)
	API=http://127.0.0.1:$PORT/api/v1
	[ "$(katoctl status --json | jq -r '[.stages[].name] | join(" ")')" = 'demo demo-2 broadcaster' ]
	topdeck
	openrisk
	wait_for 20 last topdeck '.overall_health == "healthy" and (.services | length == 12) and (.traffic_patterns | length == 16)'
	wait_for 20 last openrisk '.metrics.total_risks == 41 and (.risk_trends | length == 7)'
	told topdeck 'map(select(.type == "snapshot_update" and (.data.services | length == 12))) | all(.demo)'
	told openrisk 'map(select(.type == "dashboard_update")) | all(.demo)'
	# and by REST
	while read -r schema path; do
		curl -s "$API/$path" | jq -c . | valid --http "$schema" || { echo "$path"; return 1; }
	done <<-'EOT'
		topdeck-snapshot live-diagnostics/snapshot
		topdeck-service live-diagnostics/services/orders/health
		topdeck-anomalies live-diagnostics/anomalies
		topdeck-traffic-patterns live-diagnostics/traffic-patterns
		topdeck-failing-dependencies live-diagnostics/failing-dependencies
		topdeck-health live-diagnostics/health
		topdeck-ws-health ws/live-diagnostics/health
		topdeck-error-logs live-diagnostics/services/orders/error-logs
		topdeck-error live-diagnostics/services/nobody/health
		openrisk-complete dashboard/complete
		openrisk-risk-trends dashboard/risk-trends
		openrisk-top-risks dashboard/top-risks
		openrisk-mitigation-progress dashboard/mitigation-progress
		openrisk-stats ws/stats
		openrisk-error dashboard/nothing
	EOT
}

@test "the pipeline listens where TopDeck's page looks for it" {
	katoctl check "$ROOT/share/pipeline-diagnostics.conf"
	grep -qE '^sink +broadcaster +broadcaster --listen 8000 ' "$ROOT/share/pipeline-diagnostics.conf"
}
