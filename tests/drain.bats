# TERM: everybody is told and let go, whatever they do, and it takes less than two seconds. HUP meanwhile.
# shellcheck shell=bats disable=SC2016,SC2030,SC2031,SC2034,SC2154 # what eval gets is for later

bats_require_minimum_version 1.5.0
load helper
load broadcaster

HELD=(--quiet --seconds 60)
# stops: TERM, its exit status, and how many ms it took, in $took
stops() {
	local begun
	begun=$(date +%s%3N)
	stop b
	local status=$?
	took=$(($(date +%s%3N) - begun))
	echo "# stopped in $took ms" >&3
	return $status
}
event() { echo '{"type":"session_event","id":"'"$1"'","event_type":"session_created","timestamp":"2026-11-20T22:04:45.219Z","source":"t","data":{"pad":"'"${2-}"'"}}'; }

@test "10,000 clients are told 1012, and all is over in less than 2 s" {
	start --max-clients 10000
	client c --clients 10000 --closes
	grep -q 'open 10000' "$BATS_TEST_TMPDIR/c.err"
	stops
	[ "$took" -lt 2000 ]
	ended c
	[ "$(grep -c '^close 1012 .*come back in 1 to 5 seconds' "$BATS_TEST_TMPDIR/c.out")" -eq 10000 ]
}

@test "clients that do not read, do not answer, or have only just connected do not hold it up" {
	# libwebsockets' buffer of a request that came in part is found by no leak detector
	echo leak:libwebsockets.so >"$BATS_TEST_TMPDIR/known"
	UNDER=(env "LSAN_OPTIONS=suppressions=$BATS_TEST_TMPDIR/known:print_suppressions=0")
	start
	client stuck --clients 20 --no-read --rcvbuf 4096 --path '/ws?subscribe=session_events'
	client silent --clients 20 --no-close --closes
	client good --clients 20 --closes
	local pad
	pad=$(printf '%016000d' 0)
	for i in $(seq 100); do event "e$i" "$pad"; done >&9
	exec 7<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /ws HT' >&7
	stops
	exec 7>&-
	[ "$took" -lt 2000 ]
	[ "$(grep -c '^close 1012' "$BATS_TEST_TMPDIR/good.out")" -eq 20 ]
	[ "$(grep -c '^close 1012' "$BATS_TEST_TMPDIR/silent.out")" -eq 20 ]
}

@test "streams of events end, too" {
	start
	spawn s bash -c 'exec 9>&-; exec curl -sN http://127.0.0.1:'"$PORT"'/events'
	wait_for 5 out_has s connected
	stops
	[ "$took" -lt 2000 ]
	ended s
}

@test "an answer on its way is finished" {
	start
	local pad
	pad=$(printf '%020000d' 0)
	for i in $(seq 800); do event "e$i" "$pad"; done >&9
	wait_for 20 eval '[ "$(curl -s "http://127.0.0.1:$PORT/api/v1/events?limit=1" 9>&- | jq .offset)" = 800 ]'
	spawn g bash -c 'exec 9>&-; exec curl -sS --limit-rate 20M "http://127.0.0.1:'"$PORT"'/api/v1/events?limit=1000"'
	wait_for 5 test -s "$BATS_TEST_TMPDIR/g.out"
	stops
	[ "$took" -lt 2000 ]
	ended g
	jq -e '.events | length == 800' "$BATS_TEST_TMPDIR/g.out"
}

@test "with nobody there it ends at once" {
	start
	stops
	[ "$took" -lt 500 ]
}

@test "two TERMs, and HUPs before and after them, are one end" {
	start
	client c --clients 50 --no-close --closes
	kill -HUP "$(pid_of b)"
	kill -HUP "$(pid_of b)"
	wait_for 5 err_has b 'settings read again'
	local pid
	pid=$(pid_of b)
	kill -TERM "$pid"
	kill -TERM "$pid"
	kill -HUP "$pid"
	stops
	[ "$took" -lt 2000 ]
	ended c
	[ "$(grep -c '^close 1012' "$BATS_TEST_TMPDIR/c.out")" -eq 50 ]
}

@test "systemd is told of ready and stopping" {
	cat >"$BATS_TEST_TMPDIR/listen" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
		print("here", flush=True)
		while True: print(s.recv(4096).decode().replace("\n", " "), flush=True)
	END
	spawn n bash -c 'exec 9>&-; exec "$@"' - /usr/bin/python3 "$BATS_TEST_TMPDIR/listen" "$BATS_TEST_TMPDIR/notify"
	wait_for 5 out_has n here
	UNDER=(env "NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify")
	start
	wait_for 5 out_has n READY=1
	out_has n 'FDSTORE=1 FDNAME=listen-0'
	stops
	wait_for 5 out_has n STOPPING=1
}

@test "what a HUP cannot change is named" {
	echo 'KATO_LIVE_HISTORY=5000' >"$BATS_TEST_TMPDIR/env"
	start --settings "$BATS_TEST_TMPDIR/env"
	printf '%s\n' KATO_LIVE_HISTORY=6000 KATO_LIVE_PORT=1 KATO_LIVE_MAX_CLIENTS=20000 KATO_LIVE_TLS_CERT=/x KATO_LIVE_MAX_TOPICS=3 >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 5 err_has b 'settings read again'
	for o in history max-clients tls-cert; do err_has b "warning: --$o has changed: that takes a restart"; done
	[ "$(grep -c 'takes a restart' "$BATS_TEST_TMPDIR/b.err")" -eq 3 ]
}
