#!/usr/bin/env bats
# katoctl tail: a WebSocket's messages as lines, through whatever happens to the connection.
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # run sets stderr; each test is a subshell of its own

bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { stop_all; }

# serve: a broadcaster fed by descriptor 7; PORT
serve() {
	[ -p feed ] || mkfifo feed
	exec 7<>feed
	SPAWN_STDIN=feed spawn server broadcaster --port "${PORT:-0}" 7>&-
	PORT=$(port_of server)
}

# standin: a server with faults; PORT
standin() {
	spawn standin ws-standin
	wait_for 10 has_lines standin 1
	PORT=$(head -n 1 standin.out)
}

requests() { sed 1d standin.out | cut -d ' ' -f 2; }
asked() { [ "$(requests | wc -l)" -ge "$1" ]; }

event() { printf '{"type":"boo","timestamp":"2026-11-20T22:00:00.000Z","source":"t","id":"%s","data":{"n":9007199254740993}}\n' "$1"; }
state() { printf '{"type":"sessions","timestamp":"2026-11-20T22:00:00.000Z","source":"t","data":{"active_count":%d,"total_count":9}}\n' "$1"; }

@test "state and events come as lines, byte for byte" {
	serve
	state 5 >&7
	spawn tail katoctl tail "ws://127.0.0.1:$PORT/ws" --subscribe 'sessions,boo'
	wait_for 10 out_has tail '"active_count":5'
	event e1 >&7
	wait_for 10 out_has tail '"id":"e1","data":{"n":9007199254740993}'
	[ "$(head -n 1 tail.out | jq -r .type)" = connected ]
	valid --wire tail.out
	stop tail
	[ ! -s tail.err ]
}

@test "only what was subscribed to comes, http:// and a bare host and port are good" {
	serve
	spawn a katoctl tail "http://127.0.0.1:$PORT" --subscribe boo
	spawn b katoctl tail "127.0.0.1:$PORT" --subscribe sessions
	export KATO_LIVE_URL=ws://127.0.0.1:$PORT
	spawn c katoctl tail -s boo -s sessions
	for t in a b c; do wait_for 10 out_has $t subscribed; done
	state 6 >&7
	event e1 >&7
	wait_for 10 out_has a e1
	wait_for 10 out_has b active_count
	wait_for 10 out_has c e1
	wait_for 10 out_has c active_count
	run ! out_has a active_count
	run ! out_has b e1
	for t in a b c; do stop $t; done
}

@test "since: the events behind a place, then the new ones, none twice" {
	serve
	for i in 1 2 3; do event e$i >&7; done
	spawn first katoctl tail "127.0.0.1:$PORT" --subscribe boo
	wait_for 10 out_has first subscribed
	epoch=$(jq -r 'select(.type == "connected").epoch' first.out)
	stop first
	spawn tail katoctl tail "127.0.0.1:$PORT" --subscribe boo --since "$epoch:1"
	wait_for 10 out_has tail e3
	event e4 >&7
	wait_for 10 out_has tail e4
	[ "$(jq -r 'select(.type == "boo").id' tail.out | paste -sd' ')" = 'e2 e3 e4' ]
	stop tail
}

@test "a lost connection is made anew and no event is missing or doubled" {
	serve
	spawn proxy /usr/bin/python3 -c '
import socket, sys, threading, time
l = socket.create_server(("127.0.0.1", 0)); print(l.getsockname()[1], flush=True)
def pump(a, b):
    try:
        while d := a.recv(4096): b.sendall(d)
    except OSError: pass
    for s in (a, b):
        try: s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
def cut(a):
    time.sleep(0.4); a.shutdown(socket.SHUT_RDWR)
n = 0
while True:
    a, _ = l.accept(); b = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); n += 1
    threading.Thread(target=pump, args=(a, b), daemon=True).start()
    threading.Thread(target=pump, args=(b, a), daemon=True).start()
    if n < 4: threading.Thread(target=cut, args=(a,), daemon=True).start()
    print(n, flush=True)' "$PORT"
	wait_for 10 has_lines proxy 1
	spawn tail katoctl tail "127.0.0.1:$(head -n 1 proxy.out)" --subscribe boo
	wait_for 10 out_has tail subscribed
	i=0
	while ! has_lines proxy 5; do
		i=$((i + 1))
		event "e$i" >&7
		sleep 0.02
	done
	event last >&7
	wait_for 20 out_has tail '"id":"last"'
	jq -r 'select(.type == "boo").id' tail.out >got
	{ seq -f 'e%g' $i; echo last; } | cmp - got
	[ "$(grep -c 'trying again in' tail.err)" -ge 3 ]
	err_has tail 'connected again'
	stop tail
}

@test "a server that restarts says 1012: back within 1 to 5 s, the gap is said" {
	serve
	spawn tail katoctl tail "127.0.0.1:$PORT" --subscribe boo
	wait_for 10 out_has tail subscribed
	stop server
	wait_for 10 err_has tail 'closed: the server is stopping'
	wait_s=$(sed -n 's/.*closed: .*trying again in \([0-9.]*\) s/\1/p' tail.err | head -n 1)
	awk -v w="$wait_s" 'BEGIN { exit !(w >= 1 && w <= 5) }'
	serve
	wait_for 20 err_has tail 'connected again'
	wait_for 10 err_has tail 'events may be missing'
	event e1 >&7
	wait_for 10 out_has tail e1
	stop tail
}

@test "a server that is not there yet is waited for, with growing pauses of chance" {
	PORT=$(/usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
	spawn tail katoctl tail "127.0.0.1:$PORT" --subscribe boo
	tries() { [ "$(grep -c 'trying again in' tail.err)" -ge "$1" ]; }
	wait_for 30 tries 4
	serve
	wait_for 60 out_has tail subscribed
	awk '/trying again in/ { n++; w = $(NF - 1); max = 0.5 * 2 ^ (n - 1); if (w > max + 0.05) exit 1 }' tail.err
	stop tail
}

@test "codes that say not to come back end it with 1" {
	standin
	for code in 4000 4001 4099 1008; do
		run -1 --separate-stderr timeout 20 katoctl tail "127.0.0.1:$PORT/close/$code"
		[[ $stderr == *"closed with $code: because: not to come back"* ]]
	done
	[ "$(requests | wc -l)" -eq 4 ]
}

@test "codes that say later are come back to, from where we were" {
	standin
	for code in 4108 1013 1001 1000; do
		echo "$PORT" >standin.out
		spawn tail katoctl tail "127.0.0.1:$PORT/close/$code?a=b"
		wait_for 20 asked 2
		stop tail
		requests | sed -n 2p | grep -qx "/close/$code?a=b&epoch=stand&offset=41"
		err_has tail "closed\( with $code\)\{0,1\}: because; trying again"
	done
}

@test "a cut connection, half a frame, a frame against the rules: come back to" {
	standin
	for path in drop torn bits huge; do
		echo "$PORT" >standin.out
		spawn tail katoctl tail --silence 2 "127.0.0.1:$PORT/$path"
		wait_for 20 asked 2
		[ "$(jq -r .type tail.out | sort -u)" = connected ]
		stop tail
	done
}

@test "a server that falls silent is given up and tried again" {
	standin
	spawn tail katoctl tail --silence 2 "127.0.0.1:$PORT/mute"
	wait_for 20 asked 2
	stop tail
	spawn tail katoctl tail "127.0.0.1:$PORT/never"
	wait_for 30 err_has tail 'trying again'
	stop tail
}

@test "a quiet server that answers is not given up" {
	serve
	spawn tail katoctl tail --silence 2 --subscribe boo "127.0.0.1:$PORT"
	wait_for 10 out_has tail connected
	sleep 5 # more than twice the silence
	event e1 >&7
	wait_for 10 out_has tail e1
	stop tail
	[ ! -s tail.err ]
}

@test "one message is one line, whatever frames and newlines it came with" {
	standin
	spawn tail katoctl tail "127.0.0.1:$PORT/odd"
	wait_for 20 out_has tail '"last"'
	jq -r '.type' tail.out | paste -sd' ' >types
	[ "$(cat types)" = 'pretty parts long last' ]
	[ "$(jq -r 'select(.type == "long").pad | length' tail.out)" -eq 3000000 ]
	stop tail
}

@test "servers that do not want us: clear words and exit 2" {
	standin
	for want in '401: it wants a token' '403: it does not let us in' '404: there is no WebSocket' '400: it does not understand' \
		'302: it redirects' '200: no WebSocket is spoken' '426: no WebSocket is spoken'; do
		run -2 --separate-stderr timeout 20 katoctl tail "127.0.0.1:$PORT/status/${want%%:*}?token=secret"
		[[ $stderr == *"/status/${want%%:*}: HTTP $want"* ]]
		[[ $stderr != *secret* ]]
	done
	echo "$PORT" >standin.out
	spawn tail katoctl tail "127.0.0.1:$PORT/status/503"
	wait_for 20 asked 2
	err_has tail 'HTTP 503; trying again'
	stop tail
}

@test "TERM ends it with 0, connected, waiting or blocked" {
	serve
	spawn tail katoctl tail "127.0.0.1:$PORT"
	wait_for 10 out_has tail connected
	stop tail
	spawn tail katoctl tail 127.0.0.1:1
	wait_for 10 err_has tail 'trying again'
	stop tail
	standin
	mkfifo pipe
	exec 8<>pipe
	katoctl tail "127.0.0.1:$PORT/odd" >pipe 8>&- 7>&- 3>&- &
	echo $! >tail.pid
	something() { read -r -t 0.1 -n 1 -u 8; }
	wait_for 10 something
	stop tail
	exec 8>&-
}

@test "the reader leaves: 0, also while nothing comes" {
	serve
	status=$(timeout 20 katoctl tail "127.0.0.1:$PORT" | head -n 1 >first && echo "${PIPESTATUS[0]}")
	[ "$status" = 0 ]
	[ "$(jq -r .type first)" = connected ]
}

@test "a disk that is full is a failure, said" {
	serve
	run -1 bash -c "timeout 20 katoctl tail 127.0.0.1:$PORT >/dev/full"
	[[ $output == *'standard output: No space left on device'* ]]
}

@test "wrong usage" {
	run -2 katoctl tail ftp://kato
	[[ $output == *'ftp://kato: not a ws:// or http:// URL'* ]]
	run -2 katoctl tail a b
	[[ $output == *'b: tail follows one URL'* ]]
	run -2 katoctl tail --since 5
	[[ $output == *'--since 5: must be EPOCH:OFFSET'* ]]
	run -2 katoctl tail --subscribe
	run -2 katoctl tail --silence 1
}
