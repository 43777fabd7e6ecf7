#!/usr/bin/env bats
# Clients that read slowly, not at all, or are gone without a word. Each costs the others nothing and the server a bounded amount.
# shellcheck disable=SC2016 # conditions are for eval
load helper
load broadcaster

teardown() {
	exec 9>&-
	stop_all
	[ ! -e "$BATS_TEST_TMPDIR/netns" ] || ip netns del "$(cat "$BATS_TEST_TMPDIR/netns")"
}

is() { [ "$(counter "$1")" = "$2" ]; }
text() { head -c "$1" /dev/zero | tr '\0' x; }
STAMP='"timestamp":"2026-11-20T22:04:45.219Z"'
# events FIRST LAST BYTES
events() {
	local t i
	t=$(text "$3")
	for i in $(seq "$1" "$2"); do echo '{"type":"session_event","id":"e'"$i"'",'"$STAMP"',"data":"'"$t"'"}'; done >&9
}
memory() { awk '/VmRSS/ { print $2 }' "/proc/$(pid_of b)/status"; }
# What the kernel holds for each connection, in bytes.
kernel() { ss -Htnm "sport = :$PORT" | sed -n 's/.*skmem:.*,w\([0-9]*\),.*/\1/p'; }

@test "who overflows its queue and reads on gets what was begun, then 4108" {
	start --queue-bytes 64K
	client slow --rcvbuf 4096 --closes --seconds 60
	kill -STOP "$(pid_of slow)"
	events 1 150 20000
	wait_for 20 is websocket_slow_closes_total 1
	kill -CONT "$(pid_of slow)"
	ended slow || true
	grep -q '^close 4108 too slow' "$BATS_TEST_TMPDIR/slow.out"
	grep -v '^close' "$BATS_TEST_TMPDIR/slow.out" |
		jq -se 'map(select(.offset and .id) | .offset) | . == [range(1; length + 1)] and length > 5'
	is websocket_queue_bytes 0
}

@test "who overflows its queue and reads no more is cut off ten seconds later, and holds nothing from then on" {
	start --queue-bytes 64K
	client slow --no-read --rcvbuf 4096 --seconds 60
	events 1 150 20000
	wait_for 20 is websocket_slow_closes_total 1
	local began=$SECONDS
	is websocket_active_connections 1
	wait_for 15 is websocket_active_connections 0
	[ $((SECONDS - began)) -ge 8 ]
	[ $((SECONDS - began)) -le 12 ]
	is websocket_queue_bytes 0
	is websocket_kept_bytes 0
}

@test "the kernel holds at most a mebibyte for a client that does not read" {
	start --queue-bytes 16M
	client slow --no-read --rcvbuf 4096 --seconds 60
	events 1 200 20000
	wait_for 20 eval '[ "$(counter websocket_queue_bytes)" -gt 1000000 ]'
	[ "$(kernel | sort -n | tail -n 1)" -le 1048576 ]
}

@test "state for a client that does not read is left out, not queued, and the newest comes when it reads on" {
	start
	client slow --rcvbuf 4096 --until '"n":200' --seconds 60
	kill -STOP "$(pid_of slow)"
	local t i
	t=$(text 100000)
	for i in $(seq 200); do
		echo '{"type":"metrics",'"$STAMP"',"data":{"n":'"$i"',"x":"'"$t"'"}}'
		[ $((i % 40)) -ne 0 ] || sleep 0.1
	done >&9
	wait_for 20 eval '[ "$(counter websocket_conflated_total)" -gt 0 ]'
	is websocket_queue_bytes 0
	kill -CONT "$(pid_of slow)"
	ended slow
	is websocket_slow_closes_total 0
}

@test "many that do not read are bounded together: beyond --unsent-bytes they go, and who reads notices nothing" {
	start --unsent-bytes 8M --queue-bytes 64M
	client slow --no-read --rcvbuf 4096 --clients 60 --seconds 60
	client good --quiet --closes --clients 3 --until '"id":"e80"' --seconds 60
	local before
	before=$(memory)
	for i in $(seq 1 5 80); do
		events "$i" $((i + 4)) 200000
		wait_for 30 eval '[ "$(curl -s "http://127.0.0.1:$PORT/api/v1/events?limit=1" 9>&- | jq .offset)" = '$((i + 4))' ]'
	done
	ended good
	[ "$(counter websocket_slow_closes_total)" -eq 60 ]
	wait_for 15 is websocket_active_connections 0
	is websocket_kept_bytes 0
	# the history of 16 MB is in there, too
	[[ $BUILD == *san* ]] || [ $(($(memory) - before)) -lt 60000 ]
}

@test "a client whose link is cut is gone within 35 seconds, and nobody else is" {
	local ns=kl$$
	ip netns add "$ns" 2>/dev/null || skip "needs the right to make a network"
	echo "$ns" >"$BATS_TEST_TMPDIR/netns"
	ip link add "$ns" type veth peer name far netns "$ns"
	ip addr add 198.18.77.1/30 dev "$ns"
	ip link set "$ns" up
	ip -n "$ns" addr add 198.18.77.2/30 dev far
	ip -n "$ns" link set far up
	start --host 0.0.0.0
	spawn far bash -c 'exec 9>&-; exec "$@"' - ip netns exec "$ns" /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(("198.18.77.1", int(sys.argv[1])))
s.sendall(b"GET /ws HTTP/1.1\r\nHost: 198.18.77.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
while True:
    data = s.recv(65536)
    if b"connected" in data:
        print("open", flush=True)
' "$PORT"
	wait_for 20 out_has far open
	client near --seconds 60 --quiet
	is websocket_active_connections 2
	ip link del "$ns"
	local began=$SECONDS
	feed '{"type":"session_event","id":"x",'"$STAMP"',"data":1}'
	wait_for 40 is websocket_active_connections 1
	[ $((SECONDS - began)) -le 35 ]
	is websocket_ping_timeouts_total 1
	kill -0 "$(pid_of near)"
}
