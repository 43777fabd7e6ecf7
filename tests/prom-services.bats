#!/usr/bin/env bats
# prom-services: services and traffic out of a real Prometheus, which scrapes a page of ours.
# shellcheck shell=bash disable=SC2154 # run sets stderr

load helper
load prometheus
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	cat >extra <<-'EOT'
		http_requests_total{pod="api",status="200"} {s}
		http_requests_total{pod="api",status="500"} {s}
		http_requests_total{pod="api-gateway",status="200"} 7
		http_requests_total{pod="api-7d9f8bcd4-x2z4b",status="200"} {s}
		http_requests_total{pod="quiet",status="200"} 5
		database_connections{instance="db.local:9187"} 12
		database_connections{instance="dbxlocal:9187"} 99
		http_requests_total{pod="shop-v2",status="200"} {s}
		http_requests_total{pod="shop-v2-x2z4b",status="500"} {s}
		http_requests_total{pod="shop-0",status="200"} {s}
		http_requests_total{pod="shop-1",status="503"} {s}
		http_requests_total{pod="a.b",status="200"} {s}
		http_requests_total{pod="axb",status="500"} {s}
		http_request_duration_seconds_bucket{pod="shop-0",le="1"} {s}
		http_request_duration_seconds_bucket{pod="shop-0",le="3"} {s}
		http_request_duration_seconds_bucket{pod="shop-0",le="+Inf"} {s}
		http_request_duration_seconds_bucket{pod="shop-1",le="1"} 0
		http_request_duration_seconds_bucket{pod="shop-1",le="3"} {s}
		http_request_duration_seconds_bucket{pod="shop-1",le="+Inf"} {s}
		loadbalancer_requests_total{name="lb.one",backend="a"} {s}
		loadbalancer_requests_total{name="lb.one",backend="b"} {s}
		odd{kind="nan"} NaN
		odd{kind="inf"} +Inf
		odd{kind="one"} 1
		odd{kind="two",n="a"} 2
		odd{kind="two",n="b"} 22
	EOT
	prometheus_up "$PWD" --services 12 --edges 12 --file extra
	# a rate needs two scrapes
	wait_for 30 asks 'count(rate(http_requests_total{pod="svc-9"}[5m]))' '"2"'
}
asks() { curl -s "$(cat "$BATS_FILE_TMPDIR/url")/api/v1/query" --data-urlencode "query=$1" | grep -qF "$2"; }

teardown_file() { prometheus_down "$BATS_FILE_TMPDIR"; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	url=$(cat "$BATS_FILE_TMPDIR/url")
	export KATO_PROMETHEUS_URL=$url
}
teardown() { stop_all; }

once() { prom-services --config conf --once "$@" >out 2>err; }
of() { jq -c --arg t "$1" --arg id "$2" 'select(.type == $t and .id == $id) | .data' out; }
follow() { spawn prom prom-services --config conf --interval 0.2 "$@"; }
of_type() { jq -c "select(.type == \"$1\")" prom.out; }
more_of() { [ "$(of_type "$1" | wc -l)" -gt "$2" ]; }
status_is() { [ "$(of_type source_status | tail -n 1 | jq -r .data.status)" = "$1" ]; }

@test "each node is a record with its metrics, each edge one with its traffic, and the edges are told whole" {
	printf 'node svc-9 "Nine" service\nnode svc-3 Three pod\nedge svc-9 svc-4\nnode svc-4 Four container\n' >conf
	once
	valid out
	[ ! -s err ]
	of services svc-9 | jq -e '.name == "Nine" and .type == "service" and (.metrics |
		.memory_usage == 1000009 and (.error_rate - 0.1 | fabs) < 0.001 and .request_rate > 0 and .cpu_usage > 0 and (.latency_p95 - 0.095 | fabs) < 0.001)'
	of services svc-3 | jq -e '.metrics.error_rate == 0'
	of traffic 'svc-9>svc-4' | jq -e '.source_id == "svc-9" and .target_id == "svc-4" and .request_rate > 0 and .error_rate == 0 and .latency_p95 > 0'
	jq -es '[.[] | select(.type == "dependencies")] | length == 1 and .[0].data == {edges: [{source_id: "svc-9", target_id: "svc-4"}]} and (.[0] | has("id") | not)' out
	jq -es 'map(.source) | unique == ["prom-services"]' out
}

@test "the share of failed requests is of all of them, whatever statuses there are" {
	echo 'node api API service' >conf
	once
	# 1 of 3: the pods of api, one of them by its Kubernetes name; api-gateway is another service
	of services api | jq -e '.metrics.error_rate - 1 / 3 | fabs < 0.001'
}

@test "an id matches its own pods and instances, and no other that begins alike" {
	printf 'node api API service\nnode db.local DB database\n' >conf
	echo 'metric service pods count(count by (pod) (http_requests_total{pod=~"{pod}"}))' >>conf
	once
	of services api | jq -e '.metrics.pods == 2'
	of services db.local | jq -e '.metrics.connections == 12'
}

@test "what is not finite is left out, and so is what is not there" {
	printf 'node a A odd\nnode quiet Quiet service\nnode nobody Nobody service\nnode other Other unknown\n' >conf
	printf 'metric odd %s odd{kind="%s"}\n' not nan inf inf one one >>conf
	once
	[ "$(of services a)" = '{"name":"A","type":"odd","metrics":{"one":1}}' ]
	of services quiet | jq -e '.metrics == {request_rate: 0}' # 0 of 0 requests is no share
	of services nobody | jq -e '.metrics == {}'
	of services other | jq -e '.metrics == {}'
	[ ! -s err ]
}

@test "of several series the largest counts, and a scalar is a value" {
	printf 'node a A odd\nmetric odd two odd{kind="two"}\nmetric odd number 1 + 0.5 # a remark\n' >conf
	once
	[ "$(of services a | jq -c .metrics)" = '{"two":22,"number":1.5}' ]
}

@test "a line of the file goes before the template of that type and name" {
	printf 'node svc-3 A service\nnode svc-4 B pod\nmetric service request_rate vector(42)\n' >conf
	once
	of services svc-3 | jq -e '.metrics.request_rate == 42'
	of services svc-4 | jq -e '.metrics.request_rate < 42'
	prom-services --config conf --check | grep -qP '^request_rate of svc-3\tvector\(42\)$'
}

@test "a query that is wrong costs no other, and is said with what it is for" {
	{
		echo 'metric service wrong sum(('
		for i in 1 2 3; do echo "node svc-$i S$i service"; done
	} >conf
	once
	for i in 1 2 3; do of services "svc-$i" | jq -e '(.metrics | has("wrong") | not) and .metrics.memory_usage > 0'; done
	grep -q 'warning: .*3 of 18 queries are refused, the first: wrong of svc-1: .*parse error' err
	[ "$(wc -l <err)" -eq 1 ]
	follow
	wait_for 10 more_of services 8
	status_is degraded
	[ "$(wc -l <prom.err)" -eq 1 ]
}

@test "traffic that is no longer measured is taken back, once" {
	printf 'node a A odd\nnode b B odd\nedge a b\n' >conf
	printf 'flow %s toggled\n' request_rate error_rate latency_p95 >>conf
	cp "$BATS_FILE_TMPDIR/extra" extra
	echo 'toggled 5' >>"$BATS_FILE_TMPDIR/extra"
	follow
	wait_for 10 more_of traffic 1
	of_type traffic | head -n 1 | jq -e '.data.request_rate == 5'
	cp extra "$BATS_FILE_TMPDIR/extra"
	wait_for 10 out_has prom '"id":"a>b".*"data":null'
	was=$(of_type services | wc -l)
	wait_for 10 more_of services $((was + 4))
	[ "$(of_type traffic | jq -c 'select(.data == null)' | wc -l)" -eq 1 ]
	of_type traffic | tail -n 1 | jq -e '.data == null'
}

@test "Prometheus gone is a source that is down, in words, and no data; then it is up again" {
	printf 'node svc-9 N service\n' >conf
	run -1 --separate-stderr prom-services --url http://127.0.0.1:1 --config conf --once
	[ -z "$output" ]
	[[ "$stderr" == *"http://127.0.0.1:1: "*"onnection refused"* ]]
	spawn gone prom-services --url http://127.0.0.1:1 --config conf --interval 0.2
	wait_for 10 out_has gone '"status":"down"'
	run -1 grep '"type":"services"' gone.out
	# the same process, when it is there
	kill -STOP "$(cat "$BATS_FILE_TMPDIR/prometheus.pid")"
	follow --timeout 0.3
	wait_for 10 status_is down
	run -1 grep '"type":"services"' prom.out
	kill -CONT "$(cat "$BATS_FILE_TMPDIR/prometheus.pid")"
	wait_for 10 status_is up
	wait_for 10 more_of services 0
	grep -q 'answers again' prom.err
}

proxied() { # ARGUMENT...: in front of Prometheus; its address is in $proxy
	mkdir -p px
	spawn proxy prom-proxy px "$url" "$@"
	wait_for 10 out_has proxy '^[0-9]*$'
	proxy=http://127.0.0.1:$(head -n 1 proxy.out)
}

@test "a query for many things gives each its own, whatever else begins alike" {
	printf 'node %s X service\n' shop shop-v2 a.b svc-1 svc-11 svc-9 >conf
	printf 'node lb.one L load_balancer\n' >>conf
	once
	of services shop | jq -e '(.metrics.error_rate - 0.5 | fabs < 0.001) and (.metrics.latency_p95 - 2.8 | fabs < 0.001)'
	of services shop-v2 | jq -e '.metrics.error_rate - 0.5 | fabs < 0.001'
	of services a.b | jq -e '.metrics.error_rate == 0 and .metrics.request_rate > 0'
	of services svc-9 | jq -e '(.metrics.error_rate - 0.1 | fabs < 0.001) and .metrics.memory_usage == 1000009'
	of services svc-1 | jq -e '.metrics.memory_usage == 1000001'
	of services svc-11 | jq -e '.metrics.memory_usage == 1000011'
	of services lb.one | jq -e --argjson one "$(of services shop-v2 | jq .metrics.request_rate)" '.metrics.request_rate - $one | fabs < 0.001' # of two backends; of a pod and another
}

@test "all queries of a reading are of one time, the server's, and few requests" {
	proxied
	{ for i in $(seq 0 11); do echo "node svc-$i S service"; done; for i in $(seq 0 10); do echo "edge svc-$i svc-$((i + 1))"; done; } >conf
	echo 'metric service own vector(7)' >>conf
	once --url "$proxy/some/prefix/"
	of services svc-3 | jq -e '.metrics | .own == 7 and length == 6'
	[ "$(of services svc-3 | jq .metrics.memory_usage)" = 1000003 ]
	jq -es '.[0].query == "time()" and .[0].time == null and (.[1:] | map(.time) | unique | length == 1 and (.[0] | tonumber) > 1e9) and
		all(.path == "/some/prefix/api/v1/query")' px/log
	[ "$(wc -l <px/log)" -le 10 ]
}

@test "where one query of many has no answer its metric is missing, and the rest comes" {
	proxied
	printf 'node svc-9 N service\nnode svc-4 F service\nedge svc-9 svc-4\n' >conf
	echo 'histogram_quantile.*pod status 503 <html>busy</html>' >px/faults
	once --url "$proxy"
	for i in 9 4; do of services svc-$i | jq -e '.metrics | has("latency_p95") == false and has("request_rate") and has("error_rate") and length == 4'; done
	of traffic 'svc-9>svc-4' | jq -e 'has("latency_p95")'
	grep -q 'warning: .*2 of 13 queries have no answer: HTTP status 503$' err
	# an answer that fails while it is worked out is asked for in smaller parts
	echo 'histogram_quantile.*svc-9\|svc-4 status 422 {"status":"error","errorType":"execution","error":"too many samples"}' >px/faults
	once --url "$proxy"
	[ ! -s err ]
	of services svc-9 | jq -e '.metrics | has("latency_p95")'
	echo 'histogram_quantile.*pod status 422 {"status":"error","errorType":"execution","error":"too many samples"}' >px/faults
	once --url "$proxy"
	grep -q 'warning: .*2 of 13 queries are refused, the first: latency_p95 of svc-9: too many samples$' err
	of services svc-9 | jq -e '.metrics | length == 4'
}

@test "a server that answers, but is no Prometheus, is down at once, and asked once" {
	proxied
	printf 'node svc-9 N service\nnode x X unknown\n' >conf
	for fault in 'status 404 <html>' 'status 302' 'status 401 no' 'status 503 starting' 'status 200 {"status":"up"}' close 'status 500 {"error":"broken"}'; do
		echo ". $fault" >px/faults
		: >px/log
		run -1 --separate-stderr prom-services --url "$proxy" --config conf --once
		[ -z "$output" ]
		[ "$(wc -l <px/log)" -eq 1 ]
		echo "$stderr"
	done
	[[ "$stderr" == *"HTTP status 500: broken" ]]
}

@test "a token comes from a file that is read anew, and is never shown" {
	proxied
	printf 'node svc-9 N service\n' >conf
	echo '. token sesame' >px/faults
	printf 'Authorization: Bearer wrong-word\n' >h
	chmod 600 h
	follow --url "$proxy" --header-file h
	wait_for 10 status_is down
	grep -q 'HTTP status 401' prom.err
	printf 'Authorization: Bearer sesame\n' >h.new
	chmod 600 h.new
	mv h.new h
	wait_for 10 more_of services 0
	wait_for 10 status_is up
	rm h
	wait_for 10 status_is down
	grep -q 'h: No such file' prom.err
	run -1 grep -h -e sesame -e wrong-word prom.err prom.out
	run -2 prom-services --url "$proxy" --config conf --header-file none
}

@test "over TLS a certificate is checked, against a file's if need be" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
	proxied "$PWD/cert.pem" "$PWD/key.pem"
	printf 'node svc-9 N service\n' >conf
	run -1 --separate-stderr prom-services --url "https${proxy#http}" --config conf --once
	[[ "$stderr" == *certificate* ]]
	once --url "https${proxy#http}" --ca-file cert.pem
	of services svc-9 | jq -e '.metrics | length == 5'
}

@test "a warning of the server's is said once, an answer of 10 MB is taken, one without end is not" {
	proxied
	printf 'node svc-9 N service\n' >conf
	printf 'cpu_usage warn one of two stores did not answer\nmemory_usage big 10000000\nlatency_p95|duration big 20000000\n' >px/faults
	follow --url "$proxy" --interval 0.5
	wait_for 20 more_of services 2
	of_type services | tail -n 1 | jq -e '.data.metrics | has("cpu_usage") and has("memory_usage") and has("error_rate") and (has("latency_p95") | not)'
	[ "$(grep -c 'warns: one of two stores' prom.err)" -eq 1 ]
	[ "$(grep -c 'answer over 16777216 bytes' prom.err)" -eq 1 ]
}

@test "a slow server is no reason to wait: it ends within a second, and readings do not overlap" {
	proxied
	printf 'node svc-9 N service\n' >conf
	follow --url "$proxy" --timeout 30 --interval 0.1
	wait_for 10 more_of services 0
	echo 'cpu wait 60' >px/faults
	: >px/log
	wait_for 10 grep -q cpu_usage px/log
	was=$(of_type source_status | wc -l)
	wait_for 10 more_of source_status $((was + 3)) # it lives
	[ "$(grep -c '"time()"' px/log)" -le 2 ]
	local from=$EPOCHREALTIME
	stop prom
	[ $((${EPOCHREALTIME/./} - ${from/./})) -lt 1000000 ]
}

@test "what HUP takes out of the file is taken back" {
	printf 'node svc-3 Three service\nnode svc-9 N service\nnode svc-4 Four service\nedge svc-9 svc-4\nedge svc-4 svc-5\nnode svc-5 Five pod\n' >conf
	follow
	wait_for 10 more_of traffic 1
	printf 'node svc-4 Four service\nnode svc-5 Five pod\nedge svc-4 svc-5\n' >conf
	kill -HUP "$(pid_of prom)"
	wait_for 10 err_has prom 'settings read again'
	wait_for 10 out_has prom '"id":"svc-9>svc-4".*"data":null'
	[ "$(of_type services | jq -r 'select(.data == null).id' | sort | tr '\n' ' ')" = "svc-3 svc-9 " ]
	[ "$(of_type traffic | jq -r 'select(.data == null).id')" = "svc-9>svc-4" ]
	valid prom.out
}

@test "a server that does not do labels is asked query by query" {
	mkdir docs
	printf '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"4.5"]}]}}' >docs/query
	spawn standin doc-standin docs
	wait_for 10 out_has standin '^[0-9]*$'
	printf 'node a A service\nnode b B service\n' >conf
	once --url "http://127.0.0.1:$(head -n 1 standin.out)"
	of services a | jq -e '.metrics == {cpu_usage: 4.5, memory_usage: 4.5, latency_p95: 4.5, request_rate: 4.5, error_rate: 4.5}'
	of services b | jq -e '.metrics | length == 5'
	printf '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}' >docs/query
	once --url "http://127.0.0.1:$(head -n 1 standin.out)"
	of services a | jq -e '.metrics == {}'
	echo '<html>' >docs/query
	run -1 once --url "http://127.0.0.1:$(head -n 1 standin.out)"
	grep -q 'the answer is not JSON' err
}

@test "a file that is wrong is refused with its lines, before anything is asked" {
	printf 'node a"}) A service\nnode b B service\nedge b c\nthing\n' >conf
	run -2 prom-services --config conf --once
	[ "${#lines[@]}" -eq 3 ]
	[[ "$output" == *"conf:1: an id has letters"* && "$output" == *"conf:3: no node of this id: c"* && "$output" == *"conf:4: want node, edge"* ]]
	run -2 prom-services --config none --once
	[[ "$output" == *"none: No such file"* ]]
	: >conf
	run -2 prom-services --config conf --once
	[[ "$output" == *"no node"* ]]
	echo 'node b B service' >conf
	for u in ftp://x http:// 'http://a/?b' 'http://a b'; do
		run -2 prom-services --config conf --url "$u" --once
		[[ "$output" == *"URL of Prometheus"* ]]
	done
	run -2 prom-services --config conf operand
}

@test "HUP reads the file again, and a file that is wrong changes nothing" {
	echo 'node svc-3 Three service' >conf
	follow
	wait_for 10 more_of services 0
	echo 'nothing' >conf
	kill -HUP "$(pid_of prom)"
	wait_for 10 err_has prom 'the old settings stay'
	was=$(of_type services | wc -l)
	wait_for 10 more_of services "$was"
	printf 'node svc-4 Four service\nnode svc-3 Three service\nedge svc-3 svc-4\n' >conf
	kill -HUP "$(pid_of prom)"
	wait_for 10 out_has prom '"id":"svc-4"'
	wait_for 10 more_of dependencies 1
	of_type dependencies | tail -n 1 | jq -e '.data.edges | length == 1'
}

@test "the shipped file is good, and every template gives one series" {
	cp "$ROOT/share/prom-services.conf" conf
	prom-services --config conf --check >queries
	[ "$(wc -l <queries)" -eq 19 ]
	while IFS=$'\t' read -r _ query; do
		asks "$query" '"status":"success"' || { echo "$query"; return 1; }
	done <queries
}

@test "a password in the URL is never shown" {
	echo 'node svc-3 Three service' >conf
	run -1 --separate-stderr prom-services --url "http://me:pass-word@127.0.0.1:1" --config conf --once
	[[ "$stderr" != *pass-word* ]]
}

@test "through the broadcaster each service is a value of its own" {
	printf 'node svc-9 "Nine" service\nnode svc-3 Three pod\nedge svc-9 svc-3\n' >conf
	once
	SPAWN_STDIN=out spawn server broadcaster --port 0 --dashboard none
	port=$(port_of server)
	wait_for 10 curl -sf "http://127.0.0.1:$port/api/v1/state?topics=services"
	curl -s "http://127.0.0.1:$port/api/v1/state?topics=services,dependencies" | jq -e '[.records[].id] | sort == ["svc-3", "svc-9"] or length == 3'
}
