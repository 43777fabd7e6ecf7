#!/usr/bin/env bats
# http-poll: any JSON document as a record.
# shellcheck shell=bash disable=SC2154 # run sets stderr

load helper
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir docs
}
teardown() { stop_all; }

serve() {
	spawn standin doc-standin docs
	wait_for 10 out_has standin '^[0-9]*$'
	url=http://127.0.0.1:$(head -n 1 standin.out)
}
doc() { printf %s "$2" >"docs/$1.new" && mv "docs/$1.new" "docs/$1"; }
follow() { spawn poll http-poll --type thing --interval 0.1 "$@"; }
of_type() { jq -c "select(.type == \"$1\")" poll.out; }
things() { of_type thing | wc -l; }
more_things() { [ "$(things)" -gt "$1" ]; }
asked() { wc -l <docs/log; }
asked_more() { [ "$(asked)" -gt "$1" ]; }
last_is() { [ "$(of_type thing | tail -n 1 | jq -c .data)" = "$1" ]; }
status_is() { [ "$(of_type source_status | tail -n 1 | jq -r .data.status)" = "$1" ]; }
# fails PATTERN OPTION... URL: a single reading prints nothing, says one line with PATTERN and exits 1
fails() {
	run -1 --separate-stderr http-poll --type thing --once "${@:2}"
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" =~ ^http-poll:\ error:\ .*$1 ]] || { echo "$stderr"; return 1; }
}

@test "one reading is one record with the document as it is" {
	serve
	doc a.json '{"big":9007199254740993,"f":1.50,"e":1E+2,"s":"\u00e9 é","n":null,"twice":1,"twice":2}'
	http-poll --type dashboard --once "$url/a.json" >once
	[ "$(wc -l <once)" -eq 1 ]
	grep -qF '"data":{"big":9007199254740993,"f":1.50,"e":1E+2,"s":"\u00e9 é","n":null,"twice":1,"twice":2}}' once
	jq -e '.type == "dashboard" and .source == "http-poll/dashboard" and (has("id") | not) and (.timestamp | endswith("Z"))' once
}

@test "a document of several lines becomes one line, and nothing else of it changes" {
	serve
	printf '\xef\xbb\xbf\n{\r\n\t"a": [1,\n 2],\n  "s": "x\\ny"\n}\n\n' >docs/a.json
	http-poll --type thing --once "$url/a.json" >once
	[ "$(wc -l <once)" -eq 1 ]
	grep -qF $'"data":{  \t"a": [1,  2],   "s": "x\\ny" }}' once
}

@test "an array, a string and a number are documents; null and nothing are not" {
	serve
	for d in '[1,{"a":2}]' '"text"' '-1.5e3' 'true'; do
		doc a.json "$d"
		http-poll --type thing --once "$url/a.json" | grep -qF "\"data\":$d}"
	done
	doc a.json null
	fails 'a.json: the answer is null' "$url/a.json"
	doc a.json $' \n'
	fails 'a.json: the answer is empty' "$url/a.json"
}

@test "what is not JSON is said with its place, and no data" {
	serve
	doc a.json '{"a":1,}'
	fails 'a.json: the answer is not JSON: .* at byte 7' "$url/a.json"
	doc a.json '{"a":1} {"b":2}'
	fails 'not JSON' "$url/a.json"
	printf '{"a":"\xff"}' >docs/a.json
	fails 'not JSON: .*UTF-8' "$url/a.json"
	doc a.json '{"a":NaN}'
	fails 'not JSON' "$url/a.json"
	doc a.json "$(printf '[%.0s' $(seq 300))"
	fails 'not JSON' "$url/a.json"
}

@test "an id makes several things of one type" {
	serve
	doc a.json '{"t":21}'
	http-poll --type weather --id 'st "1"' --once "$url/a.json" | jq -e '.id == "st \"1\"" and .source == "http-poll/weather.st \"1\""'
}

@test "headers come from a file, are read anew each time, and are never shown" {
	serve
	doc a.json '{}'
	printf '# who we are\nAuthorization: Bearer first-secret\n\nX-Two: a: b\r\n' >token.hdr
	chmod 600 token.hdr
	follow --header-file token.hdr --log-level debug "$url/a.json"
	wait_for 10 more_things 1
	jq -es 'first.headers | .authorization == "Bearer first-secret" and .["x-two"] == "a: b" and .accept == "application/json"' docs/log
	printf 'authorization: Bearer second-secret\naccept: text/plain\n' >token.new
	mv token.new token.hdr
	wait_for 10 grep -q second-secret docs/log
	jq -es 'last.headers | .authorization == "Bearer second-secret" and .accept == "text/plain" and (has("x-two") | not)' docs/log
	rm token.hdr
	wait_for 10 status_is down
	grep -q 'token.hdr: No such file' poll.err
	run -1 grep -h secret poll.err poll.out
}

@test "a header file that is wrong is refused with its line, and without what stands in it" {
	for bad in 'no colon' 'bad name: x' ': x' 'Name:' $'Name: a\x01b'; do
		printf '# fine\n%s\n' "$bad" >h
		run -2 http-poll --type thing --header-file h http://localhost:1/
		[[ "$output" == *"h:2: "* ]]
		[[ "$output" != *"$bad"* ]]
	done
	run -2 http-poll --type thing --header-file none http://localhost:1/
	[[ "$output" == *"none: No such file"* ]]
	printf 'A: b\n%.0s' $(seq 65) >h
	run -2 http-poll --type thing --header-file h http://localhost:1/
	[[ "$output" == *"h:65: more than 64 headers"* ]]
}

@test "a header file that everybody can read is warned of" {
	serve
	doc a.json '{}'
	echo 'X-Token: 1' >h
	chmod 644 h
	run -0 --separate-stderr http-poll --type thing --once --header-file h "$url/a.json"
	[[ "$stderr" == *"warning: h: everybody"* ]]
	chmod 600 h
	run -0 --separate-stderr http-poll --type thing --once --header-file h "$url/a.json"
	[ -z "$stderr" ]
}

@test "a password in the URL and what is asked for are never shown" {
	serve
	doc a.json '{}'
	docs=${url#http://}
	fails 'b.json\?…: HTTP status 404' "http://me:pass-word@$docs/b.json?key=hidden-key"
	[[ "$stderr" != *pass-word* && "$stderr" != *hidden-key* ]]
	http-poll --type thing --once "http://me:pass-word@$docs/a.json?key=hidden-key" >once
	jq -es 'last | .path == "/a.json?key=hidden-key" and .headers.authorization == "Basic bWU6cGFzcy13b3Jk"' docs/log
	run -1 grep -E 'pass-word|hidden-key' once
}

@test "every reading is a record; with --only-changed only a new document is" {
	serve
	doc a.json '{"n":1}'
	follow "$url/a.json"
	wait_for 10 more_things 3
	stop poll
	follow --only-changed "$url/a.json"
	wait_for 10 more_things 0
	was=$(asked)
	wait_for 10 asked_more $((was + 4))
	[ "$(things)" -eq 1 ]
	doc a.json '{"n":2}'
	wait_for 10 last_is '{"n":2}'
	doc a.json '{"n":1}'
	wait_for 10 last_is '{"n":1}'
	[ "$(things)" -eq 3 ]
}

@test "a document that does not change is repeated now and then, and its source lives in each interval" {
	serve
	doc a.json '{"n":1}'
	follow --only-changed --repeat 0.5 "$url/a.json"
	wait_for 10 more_things 2
	wait_for 10 status_is up
	[ "$(of_type source_status | wc -l)" -gt "$(things)" ]
	of_type source_status | head -n 1 | jq -e '.id == "http-poll/thing" and .data.source == .id and .data.interval_ms == 100'
}

@test "a server that fails is down in words, then up again, and the last value stays" {
	serve
	doc a.json '{"n":1}'
	follow "$url/a.json"
	wait_for 10 more_things 0
	echo 503 >docs/a.json.status
	wait_for 10 status_is down
	of_type source_status | tail -n 1 | jq -e '.data.error | endswith("/a.json: HTTP status 503")'
	was=$(things) at=$(asked)
	wait_for 10 asked_more $((at + 3))
	[ "$(things)" -eq "$was" ]
	rm docs/a.json.status
	wait_for 10 status_is up
	wait_for 10 more_things "$was"
	[ "$(grep -c 'HTTP status 503' poll.err)" -eq 1 ]
	grep -q 'answers again' poll.err
}

@test "nobody there, a redirect, a refusal and an answer that never comes are told apart" {
	serve
	doc a.json '{}'
	echo 302 >docs/a.json.status
	fails 'HTTP status 302: redirects are not followed' "$url/a.json"
	echo 401 >docs/a.json.status
	fails 'HTTP status 401: a header may be needed, see --header-file' "$url/a.json"
	doc a.json '{"detail":"who are you?"}'
	fails 'HTTP status 401: who are you\?' "$url/a.json"
	rm docs/a.json.status
	echo 30 >docs/a.json.wait
	fails 'timed out after 0.2 s' --timeout 0.2 "$url/a.json"
	fails 'onnection refused' http://127.0.0.1:1/a.json
	fails 'no such host' http://nowhere.invalid/a.json
}

@test "a document over the ceiling is an error, and one just under it travels" {
	serve
	jq -nc '{a:("x"*1000)}' >docs/a.json
	fails 'answer over 1000 bytes' --max-bytes 1000 "$url/a.json"
	jq -nc '"x"*1044477' >docs/a.json # a newline makes 1044480
	http-poll --type thing --once "$url/a.json" >once
	[ "$(wc -l <once)" -eq 1 ]
	[ "$(wc -c <once)" -le 1048576 ]
	run -2 http-poll --type thing --max-bytes 2M "$url/a.json"
}

@test "a server that knows its document again need not send it" {
	serve
	doc a.json '{"n":1}'
	echo '"v1"' >docs/a.json.etag
	follow --only-changed --repeat 1 "$url/a.json"
	wait_for 10 more_things 1 # repeated, though it was not sent again
	jq -es '(.[0].headers | has("if-none-match") | not) and (.[1:] | all(.headers["if-none-match"] == "\"v1\""))' docs/log
	[ "$(of_type thing | jq -c .data | sort -u)" = '{"n":1}' ]
	run -1 grep -q '"status":"down"' poll.out
	doc a.json '{"n":2}'
	echo '"v2"' >docs/a.json.etag
	wait_for 10 last_is '{"n":2}'
	stop poll
	: >docs/log
	follow "$url/a.json" # every reading a record: every document is asked for
	wait_for 10 more_things 2
	run -1 grep -q if-none-match docs/log
	echo 304 >docs/a.json.status
	fails 'HTTP status 304' --only-changed "$url/a.json"
}

@test "packed and in pieces it is the same document; packed too large, dripping or cut short it is none" {
	serve
	doc a.json '{"n":1.50}'
	for how in gzip chunked; do
		echo $how >docs/a.json.how
		http-poll --type thing --once "$url/a.json" | grep -qF '"data":{"n":1.50}}'
	done
	echo gzip >docs/a.json.how
	jq -nc '"x"*9000000' >docs/a.json
	fails 'answer over 1044480 bytes' "$url/a.json"
	doc a.json '{"n":1}'
	echo short >docs/a.json.how
	fails 'connection lost in the answer' "$url/a.json"
	echo drip >docs/a.json.how
	fails 'timed out after 0.3 s' --timeout 0.3 "$url/a.json"
	local was
	was=$(asked)
	spawn poll http-poll --type thing --timeout 60 "$url/a.json"
	wait_for 10 asked_more "$was"
	local from=$EPOCHREALTIME
	stop poll
	[ $((${EPOCHREALTIME/./} - ${from/./})) -lt 1000000 ]
}

@test "every refusal is told apart, and an error page is no document" {
	serve
	doc a.json '<html><body>It works!</body></html>'
	fails 'not JSON: .* at byte 0' "$url/a.json"
	for s in 201 204 400 401 403 404 429 500 503; do
		echo $s >docs/a.json.status
		fails "a.json: HTTP status $s" "$url/a.json"
	done
	rm docs/a.json.status
	printf '{"a":1}\0' >docs/a.json
	fails 'not JSON' "$url/a.json"
	doc a.json "{\"a\":$(printf '[%.0s' $(seq 100000))$(printf ']%.0s' $(seq 100000))}"
	fails 'not JSON' "$url/a.json"
	doc a.json '{"id":"x","type":"metrics","data":7,"":1e400,"\u0000":"\ud83d\ude00"}'
	http-poll --type thing --id "$(printf '"%.0s' $(seq 256))" --once "$url/a.json" | grep -qF '"data":{"id":"x","type":"metrics","data":7,"":1e400,"\u0000":"\ud83d\ude00"}}'
}

@test "over TLS a certificate is checked, against a file's if need be" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	serve
	mkdir px
	spawn proxy prom-proxy px "$url" cert.pem key.pem
	wait_for 10 out_has proxy '^[0-9]*$'
	fails certificate "https://127.0.0.1:$(head -n 1 proxy.out)/api/x"
	fails "HTTP status 501" --ca-file cert.pem "https://127.0.0.1:$(head -n 1 proxy.out)/api/x"
}

@test "connections are kept" {
	serve
	doc a.json '{}'
	follow "$url/a.json"
	wait_for 10 more_things 3
	jq -es 'map(.connection) | unique | length == 1' docs/log
}

@test "wrong usage is said with what is wrong" {
	run -2 http-poll http://localhost/
	[[ "$output" == *"--type TYPE is needed"* ]]
	for t in Weather 'a b' a. source_status ''; do
		run -2 http-poll --type "$t" http://localhost/
		[[ "$output" == *"--type"* ]]
	done
	run -2 http-poll --type thing
	[[ "$output" == *"which URL?"* ]]
	run -2 http-poll --type thing http://a/ http://b/
	[[ "$output" == *"one URL is asked, not 2"* ]]
	for u in ftp://a/ http:// http:///x localhost:80/x 'http://a/b c'; do
		run -2 http-poll --type thing "$u"
		[[ "$output" == *"http-poll: error: "* ]]
	done
}

@test "it ends with 0 on TERM and when its reader leaves, and HUP reads its settings again" {
	serve
	doc a.json '{"n":1}'
	echo KATO_HTTP_POLL_INTERVAL=3600 >settings
	spawn poll http-poll --settings settings --type thing "$url/a.json"
	wait_for 10 more_things 0
	echo KATO_HTTP_POLL_INTERVAL=0.1 >settings
	kill -HUP "$(pid_of poll)"
	wait_for 10 more_things 3
	stop poll
	timeout 20 http-poll --type thing --interval 0.1 "$url/a.json" | head -n 2
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "through the broadcaster, the document is the topic's value, byte for byte" {
	serve
	doc a.json '{"metrics":{"average_risk_score":12.50,"total_risks":9007199254740993},"risk_trends":null}'
	http-poll --type dashboard --once "$url/a.json" >once
	SPAWN_STDIN=once spawn server broadcaster --port 0 --dashboard none
	port=$(port_of server)
	wait_for 10 curl -sf "http://127.0.0.1:$port/api/v1/state?topics=dashboard"
	curl -s "http://127.0.0.1:$port/api/v1/state?topics=dashboard" | grep -qF "$(cat docs/a.json)"
	spawn client wsclient --path /ws --send '{"type":"subscribe","subscriptions":["dashboard"]}' --seconds 10 "$port"
	wait_for 10 grep -qF "$(cat docs/a.json)" client.out
}
