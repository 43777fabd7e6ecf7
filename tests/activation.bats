# Listening sockets that outlive the broadcaster: handed down by whoever starts it (sd_listen_fds(3)), or kept for the next one.
# shellcheck shell=bats disable=SC2016,SC2030,SC2031,SC2154 # what eval gets is for later

bats_require_minimum_version 1.5.0
load helper

teardown() {
	stop_all
}

# activated SOCKETS COMMAND...: SOCKETS is a Python list of (name, socket); the command gets them as LISTEN_FDS
activated() {
	exec /usr/bin/python3 -c '
import os, socket, sys, tempfile
def tcp(addr="127.0.0.1", port=0, family=socket.AF_INET, listen=True):
    s = socket.socket(family); s.bind((addr, port))
    if listen: s.listen(64)
    return s
def udp(): s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); return s
def unix(path): s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(64); return s
given = eval(sys.argv[1])
high = [os.dup2(s.fileno(), 100 + i, inheritable=False) for i, (n, s) in enumerate(given)]
for i, fd in enumerate(high): os.dup2(fd, 3 + i, inheritable=True)
os.closerange(3 + len(given), 100)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)), LISTEN_FDNAMES=":".join(n for n, s in given))
os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}
start() { # SOCKETS OPTION...
	local sockets=$1
	shift
	spawn b activated "$sockets" broadcaster "$@"
	PORT=$(port_of b)
}
ok() { curl -s -m 10 -o /dev/null -w '%{http_code}' "$@"; }

@test "a socket that was handed down is listened on, in place of --port" {
	start '[("web", tcp())]' --port 1
	[ "$(ok "http://127.0.0.1:$PORT/healthz")" = 200 ]
	wsclient --count 1 "$PORT"
	[ "$(grep -c 'listening on' "$BATS_TEST_TMPDIR/b.err")" -eq 1 ]
}

@test "several, IPv6 too, and --listen adds to them" {
	start '[("a", tcp()), ("b", tcp("::1", family=socket.AF_INET6))]' --listen 127.0.0.1:0
	wait_for 5 eval '[ "$(grep -c "listening on" "$BATS_TEST_TMPDIR/b.err")" -eq 3 ]'
	while read -r url; do [ "$(ok "$url/healthz")" = 200 ]; done < <(sed -n 's/.*listening on //p' "$BATS_TEST_TMPDIR/b.err")
	grep -q '\[::1\]' "$BATS_TEST_TMPDIR/b.err"
}

@test "a Unix socket is served, and whoever comes through it has no rights of this machine's own" {
	spawn b activated "[('web', unix('$BATS_TEST_TMPDIR/s')), ('tcp', tcp())]" broadcaster --trusted-proxy unix
	PORT=$(port_of b)
	err_has b "listening on unix:$BATS_TEST_TMPDIR/s"
	wsclient --seconds 20 --hold "$PORT" >/dev/null 2>"$BATS_TEST_TMPDIR/c.err" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/c.pid"
	wait_for 5 err_has c '^open'
	local path=/api/v1/ws/subscriptions
	[ "$(curl -s "http://127.0.0.1:$PORT$path" | jq -r '.connections[0].address')" = 127.0.0.1 ]
	[ "$(curl -s --unix-socket "$BATS_TEST_TMPDIR/s" "http://localhost$path" | jq -r '.connections[0].address')" = null ]
}

@test "sockets of somebody else's process are left alone" {
	spawn b env LISTEN_PID=1 LISTEN_FDS=1 broadcaster --port 0
	PORT=$(port_of b)
	[ "$(ok "http://127.0.0.1:$PORT/healthz")" = 200 ]
}

@test "what nobody can connect to is exit 2, with the descriptor, its name and why" {
	refuses() { # SOCKETS WORDS
		run -2 activated "$1" broadcaster </dev/null
		grep -qF -- "LISTEN_FDS: descriptor $2" <<<"$output"
	}
	refuses '[("web", udp())]' '3 (web) is no stream socket'
	refuses '[("web", tcp()), ("x", tcp(listen=False))]' '4 (x) does not listen'
	refuses '[("web", open("/etc/passwd"))]' '3 (web) is no socket'
	run -2 bash -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec broadcaster 3>&- </dev/null'
	grep -qF 'descriptor 3 (unknown) is not open' <<<"$output"
	for n in 65 x -1 99999999999; do
		run -2 bash -c 'LISTEN_PID=$$ LISTEN_FDS='$n' exec broadcaster </dev/null'
		grep -qF 'LISTEN_FDS: not a number of descriptors' <<<"$output"
	done
}

@test "restarted behind one socket, 20 times: no connection refused, each answered" {
	cat >"$BATS_TEST_TMPDIR/keeper" <<-'END'
		import os, signal, socket, subprocess, sys, time
		s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1000)
		os.dup2(s.fileno(), 3, inheritable=True)
		port = s.getsockname()[1]
		def begin(): return subprocess.Popen(["bash", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec broadcaster"], stdin=subprocess.DEVNULL, pass_fds=[3])
		b = begin(); answered = 0
		for i in range(20):
		    b.send_signal(signal.SIGTERM)
		    c = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(10)]
		    for x in c: x.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		    b.wait(); b = begin()
		    for x in c:
		        x.settimeout(10)
		        try: answered += b"alive" in x.recv(4096)
		        except ConnectionResetError: pass
		b.terminate(); b.wait()
		print(answered)
	END
	run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_TMPDIR/keeper"
	echo "# answered: $output of 200" >&3
	[ "$output" -ge 180 ]
}

# conf [OPTION...]: a pipeline with a broadcaster as its sink, run by katoctl
conf() {
	printf '%s\n' "collect gen sh -c 'while :; do echo \"{\\\"type\\\":\\\"x\\\",\\\"timestamp\\\":\\\"2026-11-20T22:04:45.219Z\\\"}\"; sleep 0.2; done'" \
		"sink broadcaster broadcaster $*" >"$BATS_TEST_TMPDIR/p.conf"
}
run_it() {
	spawn k katoctl run --config "$BATS_TEST_TMPDIR/p.conf" --control "$BATS_TEST_TMPDIR/control"
	PORT=$(port_of k)
	wait_for 10 err_has k 'KATO Live:'
}
broadcaster_pid() { katoctl status --control "$BATS_TEST_TMPDIR/control" --json | jq -r '.stages[] | select(.name == "broadcaster" and .state == "running") | .pid'; }
ports() { ss -Hltnp | grep '"broadcaster",pid='"$(broadcaster_pid)", | awk '{print $4}' | sort | paste -sd' '; }

@test "katoctl run: killed 20 times under 200 connects a second, none refused" {
	conf --port 0
	run_it
	cat >"$BATS_TEST_TMPDIR/connects" <<-'END'
		import socket, sys, time
		port, end, n, refused, other = int(sys.argv[1]), time.monotonic() + 60, 0, 0, 0
		t = time.monotonic()
		while time.monotonic() < end:
		    s = socket.socket(); s.settimeout(5)
		    try: s.connect(("127.0.0.1", port)); n += 1
		    except ConnectionRefusedError: refused += 1
		    except OSError: other += 1
		    s.close()
		    t += 0.005
		    if (left := t - time.monotonic()) > 0: time.sleep(left)
		    try: open(sys.argv[2])
		    except OSError: continue
		    break
		print(n, refused, other)
	END
	spawn connects /usr/bin/python3 "$BATS_TEST_TMPDIR/connects" "$PORT" "$BATS_TEST_TMPDIR/enough"
	local pid was=0
	for _ in $(seq 20); do
		wait_for 10 eval 'pid=$(broadcaster_pid); [ -n "$pid" ] && [ "$pid" != '"$was"' ]'
		pid=$(broadcaster_pid)
		kill -KILL "$pid"
		was=$pid
	done
	wait_for 10 eval '[ "$(ok "http://127.0.0.1:$PORT/healthz")" = 200 ]'
	: >"$BATS_TEST_TMPDIR/enough"
	wait "$(pid_of connects)"
	echo "# connected, refused, other: $(cat "$BATS_TEST_TMPDIR/connects.out")" >&3
	read -r n refused other <"$BATS_TEST_TMPDIR/connects.out"
	[ "$n" -gt 300 ]
	[ "$refused" -eq 0 ]
	[ "$other" -eq 0 ]
}

@test "katoctl restart: the port stays, a free one too, and those of --listen" {
	conf --port 0 --listen 127.0.0.2:0 --listen '[::1]:0'
	run_it
	local before
	before=$(ports)
	[ "$(wc -w <<<"$before")" -eq 3 ]
	for _ in 1 2; do
		katoctl restart --control "$BATS_TEST_TMPDIR/control" broadcaster
		wait_for 10 eval '[ "$(ok "http://127.0.0.1:$PORT/healthz")" = 200 ]'
		[ "$(ports)" = "$before" ]
	done
}

@test "a port that the settings no longer name is closed" {
	echo KATO_LIVE_PORT=0 >"$BATS_TEST_TMPDIR/env"
	conf --settings "$BATS_TEST_TMPDIR/env"
	run_it
	local other
	other=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	echo "KATO_LIVE_PORT=$other" >"$BATS_TEST_TMPDIR/env"
	katoctl restart --control "$BATS_TEST_TMPDIR/control" broadcaster
	wait_for 10 eval '[ "$(ok "http://127.0.0.1:$other/healthz")" = 200 ]'
	wait_for 10 eval '[ "$(ok "http://127.0.0.1:$PORT/healthz")" = 000 ]'
	run -7 curl -s "http://127.0.0.1:$PORT/healthz"
}

@test "a stage that stores nothing is started as before" {
	cat >"$BATS_TEST_TMPDIR/p.conf" <<-END
		collect gen sh -c 'echo "{\\"type\\":\\"x\\"}"; sleep 100'
		sink s sh -c 'env | grep -E "^(KATO_[A-Z]*_FD|LISTEN_)" | sort | tr "\\n" " " >$BATS_TEST_TMPDIR/env; exec cat >/dev/null'
	END
	spawn k katoctl run --config "$BATS_TEST_TMPDIR/p.conf" --control "$BATS_TEST_TMPDIR/control"
	wait_for 10 test -s "$BATS_TEST_TMPDIR/env"
	[ "$(cat "$BATS_TEST_TMPDIR/env")" = 'KATO_ACK_FD=4 KATO_READY_FD=3 KATO_STORE_FD=5 ' ]
}

@test "what a sink writes to its store that makes no sense costs nobody anything" {
	cat >"$BATS_TEST_TMPDIR/odd" <<-'END'
		import array, os, socket, sys
		s = socket.socket(fileno=int(os.environ["KATO_STORE_FD"]))
		if "LISTEN_FDS" in os.environ:
		    open(sys.argv[1], "w").write(os.environ["LISTEN_FDS"] + " " + os.environ["LISTEN_FDNAMES"])
		    sys.stdin.read(); sys.exit(0)
		def give(text, *fds): s.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
		f = os.open("/dev/null", os.O_RDONLY)
		for t in (b"", b"nonsense", b"FDSTORE=1", b"FDSTORE=1\nFDNAME=a:b", b"FDSTORE=1\nFDNAME=" + b"x" * 400, b"\0" * 100): give(t or b"\n"); give(t or b"\n", f)
		give(b"FDSTORE=1\nFDNAME=many", f, f, f, f, f, f)
		for i in range(100): give(b"FDSTORE=1\nFDNAME=n%d" % i, f)
		for i in range(100): give(b"FDSTORE=1\nFDNAME=again", f)
		for i in range(98): give(b"FDSTOREREMOVE=1\nFDNAME=n%d" % i, f)
		give(b"FDSTORE=1\nFDNAME=last", f)
		os.kill(os.getpid(), 9)
	END
	printf '%s\n' "collect gen sh -c 'sleep 100'" "sink s /usr/bin/python3 $BATS_TEST_TMPDIR/odd $BATS_TEST_TMPDIR/got" >"$BATS_TEST_TMPDIR/p.conf"
	spawn k katoctl run --config "$BATS_TEST_TMPDIR/p.conf" --control "$BATS_TEST_TMPDIR/control"
	wait_for 20 test -s "$BATS_TEST_TMPDIR/got"
	[ "$(cat "$BATS_TEST_TMPDIR/got")" = '2 many:last' ]
	[ "$(find "/proc/$(pid_of k)/fd" | wc -l)" -lt 40 ]
}
