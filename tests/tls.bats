# TLS on the clients' ports: --tls-cert and --tls-key, their reload, and that all that is served is served through it.
# shellcheck shell=bats disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # what eval gets is for later

bats_require_minimum_version 1.5.0
load helper
load broadcaster

# ca: an authority; pair NAME SUBJECT: NAME.pem, NAME.key, signed by it
setup_file() {
	export C=$BATS_FILE_TMPDIR
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$C/ca.key" -out "$C/ca.pem" -days 3650 \
		-subj '/CN=test authority' -addext basicConstraints=critical,CA:TRUE 2>/dev/null
	pair one 365 ec -pkeyopt ec_paramgen_curve:P-256
	pair two 365 rsa:2048
	pair soon 3 ec -pkeyopt ec_paramgen_curve:P-256
}
pair() { # NAME DAYS KEY...
	local name=$1 days=$2
	shift 2
	openssl req -newkey "$@" -nodes -keyout "$C/$name.key" -out "$C/$name.csr" -subj "/CN=$name" 2>/dev/null
	openssl x509 -req -in "$C/$name.csr" -CA "$C/ca.pem" -CAkey "$C/ca.key" -CAcreateserial -days "$days" -out "$C/$name.pem" \
		-extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1') 2>/dev/null
	chmod 600 "$C/$name.key"
}

# start [OPTION...]: a broadcaster named b with one's certificate, fed by feed LINE...
start() {
	cp "$C/one.pem" "$BATS_TEST_TMPDIR/cert.pem"
	cp "$C/one.key" "$BATS_TEST_TMPDIR/key.pem"
	begin --log-level debug --tls-cert "$BATS_TEST_TMPDIR/cert.pem" --tls-key "$BATS_TEST_TMPDIR/key.pem" "$@"
}
HELD=(--tls)
get() { curl -sS --cacert "$C/ca.pem" "https://localhost:$PORT$1" "${@:2}" 9>&-; }
subject() { openssl s_client -connect "127.0.0.1:$PORT" "$@" </dev/null 2>/dev/null 9>&- | openssl x509 -noout -subject 2>/dev/null; }
hup() {
	: >"$BATS_TEST_TMPDIR/b.err"
	kill -HUP "$(pid_of b)"
	wait_for 10 err_has b 'settings read again'
}
event() { echo '{"type":"session_event","id":"'"$1"'","event_type":"session_created","timestamp":"2026-11-20T22:04:45.219Z","source":"t","data":{"pad":"'"${2-}"'"}}'; }

@test "the first line says https" {
	start
	err_has b "listening on https://127.0.0.1:$PORT"
}

@test "every port speaks TLS, IPv6 too" {
	start --listen '[::1]:0'
	wait_for 5 eval '[ "$(grep -c "listening on https" "$BATS_TEST_TMPDIR/b.err")" -eq 2 ]'
	local six
	six=$(sed -n 's|.*https://\[::1\]:||p' "$BATS_TEST_TMPDIR/b.err")
	curl -sSf --cacert "$C/ca.pem" "https://[::1]:$six/healthz"
	get /healthz
}

@test "pages, the API and HEAD through TLS" {
	start
	feed '{"type":"metrics","timestamp":"2026-11-20T22:04:45.219Z","source":"t","data":{"resources":{"cpu_percent":45.2}}}'
	wait_for 5 eval 'get /api/v1/system/metrics | jq -e .resources.cpu_percent'
	cmp <(get /icon.svg) "$ROOT/share/dashboard/icon.svg"
	get /vendor/uPlot.iife.min.js | cmp - "$ROOT/share/dashboard/vendor/uPlot.iife.min.js"
	get / -I | grep -q '200 OK'
	get /metrics | grep -q '^kato_live_'
	[ "$(get /nothing.js -o /dev/null -w '%{http_code}')" = 404 ]
	# many requests on one connection
	for _ in $(seq 200); do echo "url=https://localhost:$PORT/app.js"; echo 'output=/dev/null'; done >"$BATS_TEST_TMPDIR/many"
	[ "$(curl -sS --cacert "$C/ca.pem" -K "$BATS_TEST_TMPDIR/many" -w '%{num_connects} %{size_download}\n' | sort | uniq -c | awk '{print $1, $2}' | sort -n | paste -sd' ')" = "1 1 199 0" ]
}

@test "an answer of many megabytes arrives whole, read fast and read slowly" {
	start --history 100000
	local pad
	pad=$(printf '%02000d' 0)
	for i in $(seq 3000); do event "e$i" "$pad"; done >&9
	wait_for 20 eval '[ "$(get "/api/v1/events?limit=1" | jq .offset)" = 3000 ]'
	get '/api/v1/events?limit=100000' >"$BATS_TEST_TMPDIR/fast"
	get '/api/v1/events?limit=100000' --limit-rate 3M >"$BATS_TEST_TMPDIR/slow"
	[ "$(jq '.events | length' "$BATS_TEST_TMPDIR/fast")" -ge 1000 ]
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/fast")" -gt 2000000 ]
	cmp "$BATS_TEST_TMPDIR/fast" "$BATS_TEST_TMPDIR/slow"
}

@test "WebSocket through TLS, with messages both ways of any size" {
	start
	local pad
	pad=$(printf '%03900d' 0)
	client c --count 4 --send ping --send "{\"type\":\"ping\",\"pad\":\"$pad\"}" --send '{"type":"ping"}'
	ended c
	[ "$(jq -r .type "$BATS_TEST_TMPDIR/c.out" | paste -sd' ')" = 'connected heartbeat pong pong' ]
}

@test "20 messages of a client in one TLS record are all read" {
	start
	run -0 /usr/bin/python3 - "$PORT" <<-'END'
		import socket, ssl, sys
		c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
		s = c.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
		s.settimeout(10)
		s.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		          b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
		got = b""
		while b"flags" not in got: got += s.recv(65536)
		body = b'{"type":"ping","pad":"' + b"x" * 500 + b'"}'
		s.sendall((b"\x81\xfe" + len(body).to_bytes(2, "big") + b"\0\0\0\0" + body) * 20)
		got = b""
		while got.count(b'"pong"') < 20: got += s.recv(65536)
		print("all")
	END
	[ "$output" = all ]
}

@test "readers slow and fast get 16 KiB messages whole, in order, none of them torn" {
	start --queue-bytes 512M
	local pad
	pad=$(printf '%016000d' 0)
	client slow --clients 3 --number --rcvbuf 4096 --sip 30000 --seconds 60 --until '"last"' --path '/ws?subscribe=session_events'
	client fast --clients 3 --number --seconds 60 --until '"last"' --path '/ws?subscribe=session_events'
	for i in $(seq 600); do event "e$i" "$pad"; done >&9
	event last >&9
	ended fast
	ended slow
	for who in slow fast; do
		[ ! -s <(grep -v '^open' "$BATS_TEST_TMPDIR/$who.err") ]
		for n in 0 1 2; do
			[ "$(awk -F'\t' -v n=$n '$1 == n {print $2}' "$BATS_TEST_TMPDIR/$who.out" | jq -r 'select(.offset and .type == "session_event") | "\(.offset) \(.data.pad | length)"' | head -n 600 | md5sum)" = "$(for i in $(seq 600); do echo "$i 16000"; done | md5sum)" ]
		done
	done
	[ "$(get /metrics | awk '$1 == "kato_live_websocket_slow_closes_total" {print $2}')" = 0 ]
	get /metrics | awk '$1 ~ /partial_writes/ {exit !($2 > 0)}'
}

@test "a client that stops reading is closed alone" {
	start
	client stuck --no-read --rcvbuf 4096 --seconds 60 --closes --path '/ws?subscribe=session_events'
	client well --until '"last"' --seconds 60 --path '/ws?subscribe=session_events'
	local pad
	pad=$(printf '%016000d' 0)
	for i in $(seq 400); do event "e$i" "$pad"; done >&9
	wait_for 10 eval '[ "$(get /metrics | awk "\$1 == \"kato_live_websocket_slow_closes_total\" {print \$2}")" = 1 ]'
	event last >&9
	ended well
	[ "$(grep -c '"type":"session_event"' "$BATS_TEST_TMPDIR/well.out")" -eq 401 ]
}

@test "TLS 1.2 and 1.3, nothing older, no weak cipher, http/1.1 only" {
	start
	openssl s_client -connect "127.0.0.1:$PORT" -tls1_3 -alpn h2,http/1.1 </dev/null >"$BATS_TEST_TMPDIR/13" 2>&1
	grep -q 'ALPN protocol: http/1.1' "$BATS_TEST_TMPDIR/13"
	openssl s_client -connect "127.0.0.1:$PORT" -tls1_2 </dev/null >"$BATS_TEST_TMPDIR/12" 2>&1
	grep -qE 'Cipher is ECDHE.*(GCM|CHACHA)' "$BATS_TEST_TMPDIR/12"
	for old in '-tls1_1 -cipher ALL:@SECLEVEL=0' '-tls1 -cipher ALL:@SECLEVEL=0' '-tls1_2 -cipher AES128-SHA256' '-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA'; do
		# shellcheck disable=SC2086 # words
		run openssl s_client -connect "127.0.0.1:$PORT" $old </dev/null
		[ "$status" -ne 0 ]
	done
	grep -q 'Secure Renegotiation IS supported' "$BATS_TEST_TMPDIR/12"
	# and one that asks for it gets nothing new
	run -0 bash -c "(echo R; sleep 1) | timeout 5 openssl s_client -connect 127.0.0.1:$PORT -tls1_2 2>&1 || true"
	grep -qi 'no renegotiation' <<<"$output"
}

@test "a session is resumed" {
	start
	openssl s_client -connect "127.0.0.1:$PORT" -tls1_2 -sess_out "$BATS_TEST_TMPDIR/s" </dev/null >/dev/null 2>&1
	openssl s_client -connect "127.0.0.1:$PORT" -tls1_2 -sess_in "$BATS_TEST_TMPDIR/s" </dev/null 2>&1 | grep -q '^Reused, TLSv1.2'
}

@test "the chain behind the certificate is sent" {
	start
	cat "$C/one.pem" "$C/ca.pem" >"$BATS_TEST_TMPDIR/cert.pem"
	hup
	[ "$(openssl s_client -showcerts -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null | grep -c 'BEGIN CERTIFICATE')" -eq 2 ]
}

@test "a request without TLS is told so, whatever it asks for" {
	start
	run -0 curl -s -m 5 -i "http://127.0.0.1:$PORT/api/v1/system/metrics"
	grep -q '^HTTP/1.1 400' <<<"$output"
	grep -q 'TLS is spoken here' <<<"$output"
	[ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/")" = 400 ]
	[ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/healthz")" = 400 ]
	run -0 wsclient --status "$PORT"
	grep -q '^HTTP/1.1 400' <<<"$output"
	grep -q 'TLS is spoken here' <<<"$output"
	# and it is closed
	run -0 wsclient --raw-hex "$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n' | od -An -v -tx1 | tr -d ' \n')" --status --closes --seconds 5 "$PORT"
	[ "$(grep -c '^HTTP/1.1' <<<"$output")" -eq 1 ]
	grep -q '^eof$' <<<"$output"
}

@test "garbage instead of a handshake is closed at once" {
	start
	for hex in 0000000000000000 16030100050100000100 80800103010000 1603010200ffffffff; do
		run -0 timeout 8 wsclient --raw-hex $hex --closes --seconds 7 "$PORT"
		grep -qE '^(eof|reset)$' <<<"$output"
	done
	get /healthz
}

@test "a handshake that stops is cut off in 5 seconds, in the TLS part and behind it" {
	start
	spawn silent wsclient --raw-hex '' --closes --seconds 12 "$PORT"
	spawn half wsclient --raw-hex 160301 --closes --seconds 12 "$PORT"
	spawn plain wsclient --raw-hex 474554202f20 --closes --seconds 12 "$PORT"
	spawn behind bash -c "(printf 'GET / HT'; sleep 12) | timeout 12 openssl s_client -quiet -connect 127.0.0.1:$PORT"
	local begun=$SECONDS
	for n in silent half plain; do
		wait "$(pid_of $n)"
		grep -qE '^(eof|reset)$' "$BATS_TEST_TMPDIR/$n.out"
	done
	[ $((SECONDS - begun)) -le 8 ]
	wait_for 8 eval '[ "$(get /metrics | awk "\$1 == \"kato_live_connections\" {print \$2}")" = 1 ]' || true
}

@test "a thousand handshakes that stop keep nobody out: the oldest are cut off" {
	start
	spawn many bash -c 'exec 9>&-; exec "$@"' - wsclient --raw-hex 160301 --clients 1000 --closes --seconds 4 "$PORT"
	wait_for 20 eval '[ "$(grep -cE "^(eof|reset)" "$BATS_TEST_TMPDIR/many.out")" -ge 480 ]'
	get /healthz -m 2
	[ "$(grep -cE '^(eof|reset)' "$BATS_TEST_TMPDIR/many.out")" -le 520 ]
}

@test "a page of ours is an https: one" {
	start
	wsclient --tls --count 1 --origin "https://127.0.0.1:$PORT" "$PORT"
	run -1 wsclient --tls --count 1 --origin "http://127.0.0.1:$PORT" "$PORT"
	grep -q 'HTTP/1.1 403' <<<"$output"
	wsclient --tls --count 1 --origin http://localhost:3001 "$PORT"
	run -1 wsclient --tls --count 1 --origin https://evil.example "$PORT"
	# no port in Host: the scheme's
	wsclient --tls --count 1 --header 'Host: localhost' --origin https://localhost "$PORT"
	run -1 wsclient --tls --count 1 --header 'Host: localhost' --origin http://localhost "$PORT"
}

@test "katoctl tail follows through TLS, by name and by address" {
	start --listen '[::1]:0'
	local six
	six=$(sed -n 's|.*https://\[::1\]:||p' "$BATS_TEST_TMPDIR/b.err")
	for url in "wss://localhost:$PORT" "https://127.0.0.1:$PORT/ws" "wss://[::1]:$six"; do
		spawn t bash -c 'exec 9>&-; exec "$@"' - katoctl tail --cacert "$C/ca.pem" "$url"
		wait_for 10 out_has t '"type":"connected"'
		run stop t
	done
	[ "$(KATO_LIVE_CACERT=$C/ca.pem timeout 10 katoctl tail "wss://localhost:$PORT" 9>&- | head -n 1 | jq -r .type)" = connected ]
}

@test "katoctl tail says what is wrong with a certificate, and ends with 2" {
	start --listen 127.0.0.2:0
	local other
	other=$(sed -n 's|.*https://127.0.0.2:||p' "$BATS_TEST_TMPDIR/b.err")
	run -2 timeout 10 katoctl tail "wss://localhost:$PORT"
	grep -q "wss://localhost:$PORT/ws: its certificate is not trusted: unable to get local issuer certificate" <<<"$output"
	run -2 timeout 10 katoctl tail --cacert "$C/ca.pem" "wss://127.0.0.2:$other"
	grep -q 'its certificate is not trusted: IP address mismatch' <<<"$output"
	run -2 katoctl tail --cacert "$C/none.pem" "wss://localhost:$PORT"
	grep -q -- "--cacert $C/none.pem: No such file or directory" <<<"$output"
	run -2 katoctl tail --cacert "$C/one.key" "wss://localhost:$PORT"
	grep -q -- "--cacert $C/one.key: holds no certificate" <<<"$output"
}

@test "katoctl tail comes back to a server whose certificate was bad for a while" {
	start
	spawn t bash -c 'exec 9>&-; exec "$@"' - katoctl tail --cacert "$C/ca.pem" "wss://localhost:$PORT"
	wait_for 10 out_has t '"type":"connected"'
	local port=$PORT
	stop b
	rm "$BATS_TEST_TMPDIR/feed"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$BATS_TEST_TMPDIR/key.pem" -out "$BATS_TEST_TMPDIR/cert.pem" -subj /CN=else 2>/dev/null
	begin --log-level debug --port "$port" --tls-cert "$BATS_TEST_TMPDIR/cert.pem" --tls-key "$BATS_TEST_TMPDIR/key.pem"
	wait_for 15 err_has t 'its certificate is not trusted: .*; trying again'
	cp "$C/two.pem" "$BATS_TEST_TMPDIR/cert.pem"
	cp "$C/two.key" "$BATS_TEST_TMPDIR/key.pem"
	hup
	wait_for 15 err_has t 'connected again'
}

@test "HUP shows the new certificate, of another kind too, and drops nobody" {
	start
	client old --clients 5 --until '"last"' --path '/ws?subscribe=session_events'
	[ "$(subject)" = 'subject=CN = one' ]
	cp "$C/two.pem" "$BATS_TEST_TMPDIR/cert.pem"
	cp "$C/two.key" "$BATS_TEST_TMPDIR/key.pem"
	hup
	for v in -tls1_2 -tls1_3; do [ "$(subject $v)" = 'subject=CN = two' ]; done
	# the old kind is gone, and not shown to who would rather have that
	[ "$(subject -sigalgs ecdsa_secp256r1_sha256)" != 'subject=CN = one' ]
	client young --until '"last"' --path '/ws?subscribe=session_events'
	feed "$(event last)"
	ended old
	ended young
	get /healthz
}

@test "a certificate that cannot be used keeps the old one, and says which file and why" {
	start
	local cert=$BATS_TEST_TMPDIR/cert.pem key=$BATS_TEST_TMPDIR/key.pem
	client c --until '"last"' --path '/ws?subscribe=session_events'
	cp "$C/two.pem" "$cert"
	hup
	err_has b "warning: TLS: $key: is not the key of the certificate in $cert; the old certificate stays"
	echo nonsense >"$cert"
	hup
	err_has b "warning: TLS: $cert: holds no certificate (PEM); the old certificate stays"
	head -c 300 "$C/one.pem" >"$cert"
	hup
	err_has b "warning: TLS: $cert: certificate 1 is broken: .*; the old certificate stays"
	rm "$cert"
	hup
	err_has b "warning: TLS: $cert: No such file or directory; the old certificate stays"
	cp "$C/one.pem" "$cert"
	openssl ec -in "$C/one.key" -aes128 -passout pass:x -out "$key" 2>/dev/null
	hup
	err_has b "warning: TLS: $key: the key is encrypted"
	rm "$key"
	mkfifo "$key"
	hup
	err_has b "warning: TLS: $key: not a file; the old certificate stays"
	[ "$(subject)" = 'subject=CN = one' ]
	feed "$(event last)"
	ended c
}

@test "HUP may name other files" {
	printf 'KATO_LIVE_TLS_CERT=%s\nKATO_LIVE_TLS_KEY=%s\n' "$C/one.pem" "$C/one.key" >"$BATS_TEST_TMPDIR/env"
	begin --log-level debug --settings "$BATS_TEST_TMPDIR/env"
	[ "$(subject)" = 'subject=CN = one' ]
	printf 'KATO_LIVE_TLS_CERT=%s\nKATO_LIVE_TLS_KEY=%s\n' "$C/two.pem" "$C/two.key" >"$BATS_TEST_TMPDIR/env"
	hup
	[ "$(subject)" = 'subject=CN = two' ]
	: >"$BATS_TEST_TMPDIR/env"
	hup
	err_has b 'the old one stays until a restart'
	[ "$(subject)" = 'subject=CN = two' ]
}

@test "50 reloads under load drop nobody and refuse nobody" {
	start
	client c --clients 20 --until '"last"' --seconds 60 --path '/ws?subscribe=session_events'
	spawn many bash -c 'exec 9>&-; for i in $(seq 150); do curl -sSf --cacert '"$C/ca.pem https://localhost:$PORT"'/healthz -o /dev/null || exit 1; done'
	for i in $(seq 50); do
		n=$([ $((i % 2)) -eq 0 ] && echo one || echo two)
		cp "$C/$n.pem" "$BATS_TEST_TMPDIR/cert.pem"
		cp "$C/$n.key" "$BATS_TEST_TMPDIR/key.pem"
		kill -HUP "$(pid_of b)"
	done
	ended many
	feed "$(event last)"
	ended c
}

@test "at start: what cannot be used is exit 2, with file and reason" {
	try() { # CERT KEY WORDS
		run -2 broadcaster --port 0 --tls-cert "$1" --tls-key "$2" </dev/null
		grep -qF -- "broadcaster: error: TLS: $3" <<<"$output"
	}
	try "$C/none.pem" "$C/one.key" "$C/none.pem: No such file or directory"
	try "$C/one.pem" "$C/none.key" "$C/none.key: No such file or directory"
	try "$C/one.pem" "$C/two.key" "$C/two.key: is not the key of the certificate in $C/one.pem"
	try "$C/one.key" "$C/one.key" "$C/one.key: holds no certificate (PEM)"
	try "$C/one.pem" "$C/one.pem" "$C/one.pem: holds no private key (PEM)"
	try "$C" "$C/one.key" "$C: not a file"
	: >"$BATS_TEST_TMPDIR/empty"
	try "$BATS_TEST_TMPDIR/empty" "$C/one.key" "$BATS_TEST_TMPDIR/empty: holds no certificate (PEM)"
	openssl req -x509 -newkey rsa:1024 -nodes -keyout "$BATS_TEST_TMPDIR/weak.key" -out "$BATS_TEST_TMPDIR/weak.pem" -subj /CN=weak 2>/dev/null
	try "$BATS_TEST_TMPDIR/weak.pem" "$BATS_TEST_TMPDIR/weak.key" "$BATS_TEST_TMPDIR/weak.pem: certificate 1 cannot be used: ee key too small"
	run -2 broadcaster --port 0 --tls-cert "$C/one.pem" </dev/null
	grep -q -- '--tls-key is missing' <<<"$output"
	run -2 broadcaster --port 0 --tls-key "$C/one.key" </dev/null
	grep -q -- '--tls-cert is missing' <<<"$output"
}

@test "certificate and key may be one file, and others' right to read the key is warned of" {
	cat "$C/one.key" "$C/one.pem" >"$BATS_TEST_TMPDIR/both"
	chmod 640 "$BATS_TEST_TMPDIR/both"
	begin --log-level debug --tls-cert "$BATS_TEST_TMPDIR/both" --tls-key "$BATS_TEST_TMPDIR/both"
	get /healthz
	[ "$(grep -c 'may read this private key' "$BATS_TEST_TMPDIR/b.err")" -eq 0 ]
	chmod 644 "$BATS_TEST_TMPDIR/both"
	hup
	err_has b "warning: $BATS_TEST_TMPDIR/both: everybody on this machine may read this private key"
}

@test "a certificate that runs out is warned of" {
	begin --log-level debug --tls-cert "$C/soon.pem" --tls-key "$C/soon.key"
	err_has b "warning: $C/soon.pem: this certificate runs out on 20"
}

@test "nothing of the key is in the log" {
	start
	run bash -c "tr -d '\n' <'$C/one.key' | cut -c40-80"
	[ "$(grep -c -- "$output" "$BATS_TEST_TMPDIR/b.err")" -eq 0 ]
}
