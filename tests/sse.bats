# Streams of server-sent events: /events of broadcaster, with curl and with sockets of our own.
# shellcheck shell=bats disable=SC2030,SC2031,SC2016 # what eval gets is for later

load helper
load broadcaster
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_TMPDIR" || return; }

start() { begin --dashboard none "$@"; }
# stream NAME [CURL OPTION...] QUERY: in the background, into NAME.out; has begun when it returns
stream() {
	local name=$1
	shift
	spawn "$name" curl -sN "${@:1:$#-1}" "$URL/events${!#}" 9>&-
	wait_for 10 out_has "$name" '^data: .*"connected"'
}
messages() { sed -n 's/^data: //p' "$BATS_TEST_TMPDIR/$1.out"; } # of NAME, one a line
outcome() { messages "$1" | jq -es 'map(select(.type == "subscribed")) | length == 1 and (.[0] | '"$2"')'; } # of a resume
types() { messages "$1" | jq -r .type | tr '\n' ' '; }
ids() { sed -n 's/^id: //p' "$BATS_TEST_TMPDIR/$1.out" | cut -d: -f2 | tr '\n' ' '; }
types_are() { [ "$(types "$1")" = "$2 " ]; }
ids_are() { [ "$(ids "$1")" = "$2 " ]; }
clients_are() { [ "$(get "$URL/api/v1/ws/stats" | jq -c '[.connected_clients,.websocket_clients,.sse_clients]')" = "$1" ]; }
epoch() { get "$URL/api/v1/events" | jq -r .epoch; }
event() { echo '{"type":"session_event","id":"'"$1"'","timestamp":"2026-11-21T10:00:00.000Z","data":{"n":'"$1"'}}'; }
metrics() { echo '{"type":"metrics","data":{"a":'"$1"'}}'; }
newest_is() { [ "$(get "$URL/api/v1/events?limit=1" | jq .offset)" = "$1" ]; }
py() { /usr/bin/python3 - "$PORT" "$@" 9>&-; }

@test "a stream greets, gives the state, then what comes live; events have an id, the rest has none" {
	start
	feed "$(metrics 1)"
	wait_for 10 get -f "$URL/api/v1/snapshot"
	stream c ''
	wait_for 10 types_are c 'connected realtime_update'
	feed "$(event 1)" "$(metrics 2)"
	wait_for 10 types_are c 'connected realtime_update session_event realtime_update'
	awk -v RS= '/^id: /{ print }' "$BATS_TEST_TMPDIR/c.out" | grep -v '^id: ' | sed 's/^data: //' | jq -e '.type == "session_event" and .offset == 1'
	grep -qx "id: $(epoch):1" "$BATS_TEST_TMPDIR/c.out"
	run -1 grep -v -e '^id: ' -e '^data: ' -e '^retry: [0-9]*$' -e '^:' -e '^$' "$BATS_TEST_TMPDIR/c.out"
	messages c | jq -c 'select(.type == "connected")' >said
	valid --wire said
}

@test "its answer says what it is, to proxies too; HEAD says the same and ends" {
	start
	stream c -D "$BATS_TEST_TMPDIR/head" ''
	for h in 'HTTP/1.1 200 OK' 'content-type: text/event-stream' 'cache-control: no-store' 'x-accel-buffering: no' 'connection: close'; do
		tr -d '\r' <"$BATS_TEST_TMPDIR/head" | grep -qixF "$h"
	done
	run -1 grep -i '^content-length\|^transfer-encoding' "$BATS_TEST_TMPDIR/head"
	grep -v '^Date' "$BATS_TEST_TMPDIR/head" >want
	get -I "$URL/events" | grep -v '^Date' | diff - want
	clients_are '[1,0,1]'
}

@test "the query subscribes like that of /ws" {
	start
	feed "$(metrics 1)" "$(event 1)"
	wait_for 10 newest_is 1
	stream c '?subscribe=session_events,containers.kato&every=2.5'
	wait_for 10 types_are c 'connected subscribed'
	messages c | tail -n 1 | jq -e '.subscriptions == ["containers.kato","session_events"] and .every == 2.5'
	feed "$(metrics 2)" "$(event 2)"
	wait_for 10 types_are c 'connected subscribed session_event'
}

@test "a bad query value is 400, by name, and no stream" {
	start
	for q in subscribe=Bad 'subscribe=metrics,-x' every=0 every=soon epoch=abc offset=3 'epoch=abc&offset=x'; do
		get -w '%{http_code} %{content_type}' "$URL/events?$q" >answer
		grep -q '400 application/problem+json$' answer
		grep -qE '"detail":"[^"]*(topic|every|offset)' answer
	done
	clients_are '[0,0,0]'
	[ "$(status -X POST "$URL/events")" = 405 ]
}

@test "who comes back gets what it missed, once, whichever way it says where it was" {
	start
	feed "$(event 1)" "$(event 2)" "$(event 3)"
	wait_for 10 newest_is 3
	e=$(epoch)
	stream a -H "Last-Event-ID: $e:1" ''
	stream b2 "?last_event_id=$e:1"
	stream c "?epoch=$e&offset=1&subscribe=session_events"
	# an address keeps what stood in it at first: the header, of the last event, counts for more
	stream d -H "last-event-id: $e:2" "?epoch=$e&offset=0"
	stream f -H "Last-Event-ID: $e:3" ''
	feed "$(event 4)"
	for n in a b2 c; do
		wait_for 10 ids_are $n '2 3 4'
		outcome $n '.recovered == true and .replayed == 2'
	done
	wait_for 10 ids_are d '3 4'
	wait_for 10 ids_are f '4'
	types_are a 'connected subscribed session_event session_event session_event'
}

@test "an id that cannot be resumed from is recovered:false, and nothing is replayed" {
	start --history 2
	feed "$(event 1)" "$(event 2)" "$(event 3)" "$(event 4)"
	wait_for 10 newest_is 4
	e=$(epoch)
	n=0
	for id in "other:1" "$e:5" "$e:1" "$e" ':' "$e:" ":3" "$e:-1" "$e:99999999999999999999" 'x y z' "$e:3:3" "$(head -c 600 /dev/zero | tr '\0' 7)"; do
		n=$((n + 1))
		stream c$n -H "Last-Event-ID: $id" ''
		outcome c$n '.recovered == false and .replayed == 0'
	done
	feed "$(event 5)"
	for i in $(seq $n); do wait_for 10 ids_are c"$i" 5; done
}

@test "an empty Last-Event-ID is none" {
	start
	feed "$(event 1)"
	wait_for 10 newest_is 1
	stream c -H 'Last-Event-ID;' ''
	feed "$(event 2)"
	wait_for 10 types_are c 'connected session_event'
}

@test "a message with line ends inside is still one message" {
	start
	stream c ''
	printf '{"type":"session_event",\r"data":{"n":\r1}}\r\n' >&9
	wait_for 10 ids_are c 1
	awk -v RS= '/^id: /' "$BATS_TEST_TMPDIR/c.out" | sed -n 's/^data: //p' | jq -e '.data.n == 1 and .offset == 1'
	run -1 grep -q $'\r' "$BATS_TEST_TMPDIR/c.out"
}

@test "an HTTP/1.0 client, and one that asks to be kept, get the same stream" {
	start
	stream old --http1.0 ''
	stream kept -H 'Connection: keep-alive' ''
	feed "$(event 1)"
	wait_for 10 ids_are old 1
	wait_for 10 ids_are kept 1
}

@test "a foreign Host is 421; a listed origin may read it, another may not" {
	start
	[ "$(status -H 'Host: evil.example' "$URL/events")" = 421 ]
	stream c -D head -H 'Origin: http://localhost:3001' ''
	tr -d '\r' <./head | grep -qix 'access-control-allow-origin: http://localhost:3001'
	stream d -D head -H 'Origin: http://evil.example' ''
	run -1 grep -i '^access-control-allow-origin' head
	[ "$(get -X OPTIONS -o /dev/null -w '%{http_code}' -H 'Origin: http://localhost:3001' "$URL/events")" = 204 ]
}

@test "clients of both kinds count together, for all and for an address" {
	start --max-clients 3 --max-clients-per-address 2
	spawn w katoctl tail "ws://127.0.0.1:$PORT/ws" 9>&-
	wait_for 10 clients_are '[1,1,0]'
	stream a ''
	[ "$(get -D head -o body -w '%{http_code}' "$URL/events")" = 429 ]
	grep -qi '^retry-after: [0-9]' head
	jq -e '.status == 429 and (.detail | contains("address"))' body
	stop a || true
	wait_for 10 clients_are '[1,1,0]'
	stream a2 ''
	stop b
	stop w || true
	stop a2 || true
	start --max-clients 1
	stream a ''
	[ "$(get -D head -o body -w '%{http_code}' "$URL/events")" = 503 ]
	grep -qi '^retry-after: [0-9]' head
	get -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
		-o /dev/null -w '%{http_code}' "$URL/ws" | grep -qx 503
	# headers alone take no place
	[ "$(status -I "$URL/events")" = 200 ]
}

@test "too many connects a second of an address are 429" {
	start --connect-rate 2
	py <<-'PY'
		import socket, sys
		held = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) for i in range(8)]
		for s in held: s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		assert [s.recv(12)[-3:] for s in held].count(b"429") >= 3
	PY
	get "$URL/metrics" | grep -qE '^kato_live_refused_total\{reason="rate"\} [1-9]'
}

@test "switching WebSocket off leaves the streams as they are, and each client is told of the flags" {
	echo WEBSOCKET_ENABLED=true >settings
	start --settings settings
	stream c ''
	printf 'WEBSOCKET_ENABLED=false\nWEBSOCKET_SYSTEM_ALERTS=false\n' >settings
	kill -HUP "$(pid_of b)"
	wait_for 10 types_are c 'connected connected'
	messages c | tail -n 1 | jq -e '.flags.enabled == false and .flags.system_alerts == false'
	stream d ''
	feed '{"type":"system_alert","id":"1","alerts":[]}' "$(event 1)"
	wait_for 10 types_are d 'connected session_event'
	wait_for 10 types_are c 'connected connected session_event'
}

@test "the end of the input is told to all, over both" {
	start
	stream c ''
	spawn w katoctl tail "ws://127.0.0.1:$PORT/ws" 9>&-
	wait_for 10 clients_are '[2,1,1]'
	messages c | jq -e '.input == "open"'
	exec 9>&-
	wait_for 10 types_are c 'connected connected'
	messages c | tail -n 1 | jq -e '.input == "ended"'
	wait_for 10 out_has w '"input":"ended"'
	stream d ''
	messages d | jq -e '.input == "ended"'
}

@test "who has a stream is in the lists, and leaves them as soon as it has gone" {
	start
	stream a '?subscribe=metrics'
	spawn w katoctl tail --subscribe metrics "ws://127.0.0.1:$PORT/ws" 9>&-
	wait_for 10 clients_are '[2,1,1]'
	get "$URL/api/v1/ws/subscriptions" | jq -e '.connected_clients == 2 and .topics == {"metrics":2} and
		([.connections[] | .kind] | sort == ["sse","websocket"]) and all(.connections[]; .address == "127.0.0.1" and .dialect == "kato")'
	get "$URL/metrics" | grep -qx 'kato_live_sse_active_connections 1'
	stop a || true
	wait_for 2 clients_are '[1,1,0]'
}

@test "TERM ends the streams with a time to come back that differs, within two seconds" {
	start
	for i in 1 2 3 4 5 6; do stream c$i ''; done
	began=$(date +%s%N)
	stop b
	[ $((($(date +%s%N) - began) / 1000000)) -lt 2000 ]
	for i in 1 2 3 4 5 6; do
		wait "$(pid_of c$i)" # curl saw a stream end, and no error
		sed -n 's/^retry: //p' "$BATS_TEST_TMPDIR/c$i.out" | tail -n 1 >>last
		[ "$(grep -c '^retry: ' "$BATS_TEST_TMPDIR/c$i.out")" = 2 ]
		rm "$BATS_TEST_TMPDIR/c$i.pid"
	done
	awk '$1 < 1000 || $1 > 5000 { exit 1 }' last
	[ "$(sort -u last | wc -l)" -gt 2 ]
}

@test "a reader that stops is told and ended when its events no longer fit; nobody else notices" {
	start --queue-bytes 100K
	stream good ''
	py <<-'PY' &
		import socket, sys, time
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		open("joined", "w")
		while True:
		    try: open("go"); break
		    except FileNotFoundError: time.sleep(0.02)
		s.settimeout(10)
		got = b""
		while (part := s.recv(1 << 16)):
		    got += part
		open("slow", "wb").write(got)
	PY
	slow=$!
	wait_for 10 test -e joined
	wait_for 10 clients_are '[2,0,2]'
	pad=$(head -c 20000 /dev/zero | tr '\0' x)
	for i in $(seq 300); do echo '{"type":"session_event","id":"'"$i"'","data":{"p":"'"$pad"'"}}'; done >&9
	wait_for 10 newest_is 300
	get "$URL/api/v1/ws/stats" | jq -e '.slow_closes == 1'
	touch go
	wait $slow
	wait_for 10 clients_are '[1,0,1]'
	[ "$(ids good | wc -w)" = 300 ]
	# what it got is whole messages, in order, then why
	sed -n 's/^data: //p' slow | jq -c 'select(.offset and .type == "session_event") | .offset' >offsets
	seq "$(wc -l <offsets)" | diff - offsets
	sed -n 's/^data: //p' slow | tail -n 1 | jq -e '.type == "error" and .code == "closed" and .detail.close == 4108 and (.message | contains("slow"))'
	grep -q '^retry: ' <(tail -n 4 slow)
	sed -n 's/^data: //p' slow | tail -n 1 >said
	valid --wire said
}

@test "state is conflated for a reader that stops, and the newest is there when it reads again" {
	start
	py <<-'PY' &
		import socket, sys, time
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		open("joined", "w")
		while True:
		    try: open("go"); break
		    except FileNotFoundError: time.sleep(0.02)
		s.settimeout(10)
		got = b""
		while b'"last":true' not in got:
		    part = s.recv(1 << 16)
		    assert part
		    got += part
		n = got.count(b"realtime_update")
		assert 1 < n < 200, n
	PY
	reader=$!
	wait_for 10 clients_are '[1,0,1]'
	pad=$(head -c 60000 /dev/zero | tr '\0' x)
	/usr/bin/python3 - "$pad" >&9 <<-'PY'
		import sys, time
		for i in range(200):
		    print('{"type":"metrics","data":{"n":%d,"p":"%s"}}' % (i, sys.argv[1]), flush=True)
		    time.sleep(0.02)
		print('{"type":"metrics","data":{"last":true}}', flush=True)
	PY
	wait_for 10 eval 'get "$URL/api/v1/system/metrics" | grep -q last'
	get "$URL/api/v1/ws/stats" | jq -e '.conflated > 0 and .slow_closes == 0'
	touch go
	wait $reader
}

@test "a comment comes to all at least every 25 seconds" {
	start
	stream a ''
	stream b2 '?subscribe=metrics'
	wait_for 25 out_has a '^:'
	wait_for 25 out_has b2 '^:'
}

@test "what is sent behind the request costs no processor, and too much of it ends the stream" {
	start
	py "$(pid_of b)" <<-'PY'
		import socket, sys, time
		port, pid = int(sys.argv[1]), int(sys.argv[2])
		def cpu():
		    f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
		    return int(f[11]) + int(f[12])
		ask = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
		held = []
		for i in range(20):
		    s = socket.create_connection(("127.0.0.1", port), timeout=10)
		    s.sendall(ask + ask * i)
		    held.append(s)
		for s in held:
		    assert b"text/event-stream" in s.recv(65536)
		    s.sendall(b"more")
		before = cpu()
		time.sleep(1)
		assert cpu() - before < 20, "it turns round"
		try:
		    for i in range(200): held[0].sendall(b"x" * 4096)
		except OSError: pass
		try:
		    while held[0].recv(65536): pass
		except ConnectionError: pass
	PY
	wait_for 10 clients_are '[0,0,0]'
}

@test "a browser that comes back by itself after a kill -9 misses nothing and gets nothing twice" {
	start --journal "$BATS_TEST_TMPDIR/journal" --port 0
	feed "$(event 1)" "$(event 2)"
	wait_for 10 newest_is 2
	stream a ''
	feed "$(event 3)"
	wait_for 10 ids_are a 3
	id=$(sed -n 's/^id: //p' "$BATS_TEST_TMPDIR/a.out")
	feed "$(event 4)" "$(event 5)"
	wait_for 10 ids_are a '3 4 5'
	stop b KILL || true
	stop a || true
	start --journal "$BATS_TEST_TMPDIR/journal"
	feed "$(event 6)"
	wait_for 10 newest_is 6
	stream a2 -H "Last-Event-ID: $id" ''
	feed "$(event 7)"
	wait_for 10 ids_are a2 '4 5 6 7'
	outcome a2 '.recovered == true and .replayed == 3'
}

@test "through nginx, as share/nginx has it, each message comes at once" {
	mkdir conf.d
	user=
	[ "$(id -u)" != 0 ] || user='user root;'
	start
	WEB=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	sed -e "s/127.0.0.1:8090/127.0.0.1:$PORT/; s/listen 80;/listen 127.0.0.1:$WEB;/; s/server_name .*;/server_name localhost;/" \
		"$ROOT/share/nginx/kato-live.conf" >conf.d/kato-live.conf
	cat >nginx.conf <<-EOF
		daemon off; $user worker_processes 1; pid $PWD/nginx.pid; error_log stderr warn;
		events {} http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;
		scgi_temp_path t5; include $PWD/conf.d/*.conf; }
	EOF
	spawn nginx nginx -p "$PWD/" -c "$PWD/nginx.conf" -e stderr 9>&-
	URL=http://127.0.0.1:$WEB
	wait_for 10 get -f "$URL/healthz"
	stream c ''
	feed "$(event 1)"
	wait_for 3 ids_are c 1
	feed "$(event 2)"
	wait_for 3 ids_are c '1 2'
	stop c || true
	wait_for 5 clients_are '[0,0,0]'
}

@test "the README's line that follows everything works" {
	start
	line=$(grep -oE 'curl -N http://[^` ]*/events' "$ROOT/README.md")
	spawn c bash -c "${line//8080/$PORT}" 9>&-
	wait_for 10 out_has c '"connected"'
	pid=$(pgrep -P "$(pid_of c)" || pid_of c)
	kill "$pid"
}
