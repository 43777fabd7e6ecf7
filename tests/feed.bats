#!/usr/bin/env bats
# katoctl feed and the feed socket: lines of processes that were started elsewhere, with a hub that comes and goes.
# shellcheck shell=bats

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control KATO_FEED=$BATS_TEST_TMPDIR/feed.sock
}
teardown() { stop_all; }

# hub LINE...: a katoctl run with a feed and what the lines say; started as hub
hub() {
	printf '%s\n' "$@" "feed $KATO_FEED" >p.conf
	hub_again
}
hub_again() {
	spawn hub katoctl run --config p.conf --patience 1
	wait_for 10 listening
}
listening() { /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("feed.sock")'; }
# of STAGE MEMBER: what katoctl status says
of() { katoctl status --json | jq -r --arg s "$1" --arg m "$2" '.stages[] | select(.name == $s) | .[$m]'; }
is() { [ "$(of "$1" "$2")" = "$3" ]; }
file_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# serve CODE: a server on the feed socket in python, as peer; s is the listening socket
serve() {
	spawn peer /usr/bin/python3 -c "
import array, os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind('feed.sock')
s.listen()
$1"
	wait_for 10 test -S feed.sock
}

@test "standard input reaches the sinks byte for byte, and all of it is dealt with before it ends" {
	hub 'filter f cat' 'sink s katoctl record out'
	{ lines a 300 3000; head -c 200000 /dev/urandom; printf '\n\n'; lines b 1 1048576; } >in
	katoctl feed <in
	wait_for 10 file_lines out "$(wc -l <in)"
	cmp in out
}

@test "a command's lines, its standard error and its exit status pass through" {
	hub 'sink s katoctl record out'
	run -7 --separate-stderr katoctl feed -- sh -c 'echo one; echo oops >&2; echo two; exit 7'
	# shellcheck disable=SC2154
	[[ $stderr = *oops* ]]
	[ -z "$output" ]
	wait_for 10 file_lines out 2
	[ "$(cat out)" = $'one\ntwo' ]
	run -2 katoctl feed -- sh -c 'exit 2'
	run -1 katoctl feed -- sh -c 'kill -9 $$'
	run -0 katoctl feed -- true
	run -2 katoctl feed -- no-such-program
	run -2 katoctl feed --
	run -2 katoctl feed stray
}

@test "a last line without a newline: cut when its writer failed, else made whole" {
	hub 'sink s katoctl record out'
	run -1 katoctl feed -- sh -c 'echo whole; printf half; exit 1'
	[[ $output = *"ended inside a line; its 4 bytes are cut off"* ]]
	katoctl feed -- printf '{"type":"a"}'
	printf '{"type":"b"}' | katoctl feed
	run -0 katoctl feed <<<$'last\nhal\c'
	printf 'no record' >in
	run -0 katoctl feed <in
	[[ $output = *"cut off"* ]]
	wait_for 10 file_lines out 3
	[ "$(grep -v '^last\|^hal' out)" = $'whole\n{"type":"a"}\n{"type":"b"}' ]
}

@test "a line over 1 MiB is skipped and said, the others arrive" {
	hub 'sink s katoctl record out'
	{ echo first; lines x 1 1100000; echo last; } >in
	run -0 katoctl feed <in
	[[ $output = *"1 lines of more than 1048576 bytes skipped"* ]]
	wait_for 10 file_lines out 2
	[ "$(cat out)" = $'first\nlast' ]
}

@test "lines wait for a hub that comes later; that is said once, and once that it is there" {
	seq 500 >in
	SPAWN_STDIN=in spawn feed katoctl feed
	wait_for 10 err_has feed 'lines are kept'
	hub 'sink s katoctl record out'
	wait_for 10 file_lines out 500
	wait_for 10 gone "$(pid_of feed)"
	cmp in out
	[ "$(grep -c 'lines are kept' feed.err)" -eq 1 ]
	[ "$(grep -c 'connected again' feed.err)" -eq 1 ]
}

@test "nobody there: TERM ends it within its patience, what is lost is counted, exit 1" {
	seq 5 >in
	SPAWN_STDIN=in spawn feed katoctl feed --patience 0.2
	wait_for 10 err_has feed 'lines are kept'
	code=0
	stop feed || code=$?
	[ "$code" -eq 1 ]
	grep -q '5 lines were not given to the hub' feed.err
}

@test "TERM ends the command, its last lines are given, exit 0" {
	hub 'sink s katoctl record out'
	spawn feed katoctl feed -- sh -c 'trap "echo last; exit 0" TERM; echo first; while :; do sleep 0.02; done'
	wait_for 10 file_lines out 1
	stop feed
	wait_for 10 file_lines out 2
	[ "$(cat out)" = $'first\nlast' ]
}

@test "a command that ignores TERM is killed, with all it started" {
	hub 'sink s katoctl record out'
	spawn feed katoctl feed --patience 0.3 -- sh -c 'trap "" TERM; sleep 1000 & echo $$ $!; wait; wait; while :; do sleep 0.1; done'
	wait_for 10 file_lines out 1
	read -r a b <out
	stop feed || true
	wait_for 5 gone "$a"
	wait_for 5 gone "$b"
}

@test "killed again and again, the hub is given every line; none is torn, none is out of place" {
	hub 'filter f cat' 'sink s numbered take out --ack'
	spawn feed katoctl feed -- numbered write w --rate 2000 --count 12000 --size 300
	feed=$(pid_of feed)
	wait_for 10 test -s out
	for _ in $(seq 8); do
		size=$(wc -c <out)
		grown() { [ "$(wc -c <out)" -gt "$size" ]; }
		wait_for 10 grown
		stop hub KILL || true
		hub_again
	done
	wait_for 60 gone "$feed"
	wait "$feed"
	wait_for 10 grep -q '\.12000"' out
	numbered check out >checked
	cat checked
	[ "$(jq .missing checked)" -eq 0 ]
	[ "$(jq .torn checked)" -eq 0 ]
	# what was dealt with and not yet told comes twice, no more: at most what waits, each time
	[ "$(jq .doubled checked)" -lt 3000 ]
	[ "$(jq -r .id out | sort -u | wc -l)" -eq 12000 ]
}

@test "an orderly end of the hub: what it dealt with does not come twice" {
	hub 'filter f cat' 'sink s numbered take out --ack'
	spawn feed katoctl feed -- numbered write w --rate 2000 --count 6000 --size 300
	feed=$(pid_of feed)
	wait_for 10 test -s out
	for _ in 1 2 3; do
		size=$(wc -c <out)
		grown() { [ "$(wc -c <out)" -gt "$size" ]; }
		wait_for 10 grown
		stop hub
		hub_again
	done
	wait_for 60 gone "$feed"
	wait_for 10 grep -q '\.6000"' out
	numbered check out >checked
	cat checked
	jq -e '.missing == 0 and .torn == 0 and .doubled == 0' checked
}

@test "a peer that breaks off in the middle of lines a hundred times gets every line whole" {
	serve "
out = open('got', 'wb')
for i in range(100):
    c, _ = s.accept()
    got, fds, _, _ = socket.recv_fds(c, 3000, 4)
    while got.count(b'\\n') < 3:
        got += c.recv(700)
    whole = got[:got.rfind(b'\\n') + 1]
    taken = b''.join(whole.splitlines(True)[:2])
    os.write(fds[0], b'%d\\n' % taken.count(b'\\n'))
    out.write(taken)
    c.close()
    os.close(fds[0])
c, _ = s.accept()
got, fds, _, _ = socket.recv_fds(c, 3000, 4)
os.write(fds[0], b'0\\n')
n = 0
while got:
    out.write(got)
    out.flush()
    n += got.count(b'\\n')
    os.write(fds[0], b'%d\\n' % n)
    got = c.recv(65536)
"
	seq 3000 | sed 's/.*/{"n":&,"pad":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}/' >in
	katoctl feed <in
	stop peer || true
	cmp in got
}

@test "a peer that tells nothing gets each line once" {
	serve "
out = open('got', 'wb')
while True:
    c, _ = s.accept()
    got = c.recv(65536)
    while got:
        out.write(got)
        out.flush()
        got = c.recv(65536)
"
	seq 20000 >in
	katoctl feed <in
	wait_for 10 cmp in got
}

@test "a peer that never reads: a bounded amount is read, and that is all" {
	serve "
c, _ = s.accept()
time.sleep(1000)
"
	mkfifo pipe
	exec 7<>pipe
	SPAWN_STDIN=pipe spawn feed katoctl feed --max-waiting-bytes 200K 7>&-
	/usr/bin/python3 - <<-'E'
		import os, select
		fd = os.open("pipe", os.O_WRONLY | os.O_NONBLOCK)
		n = 0
		while select.select([], [fd], [], 1)[1]:
		    try:
		        n += os.write(fd, b"x" * 999 + b"\n")
		    except BlockingIOError:
		        break
		assert 200000 <= n <= 1800000, n
	E
	[ "$(awk '/VmRSS/ {print $2}' "/proc/$(pid_of feed)/status")" -lt "${SAN:+1}50000" ]
	exec 7>&-
	stop feed || true
	grep -q 'lines were not given to the hub' feed.err
}

@test "hub: acks that make no sense, noise and foreign descriptors cost nothing" {
	hub 'sink s katoctl record out'
	/usr/bin/python3 - <<-'E'
		import os, socket
		socks = []
		for i in range(40):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("feed.sock")
		    r, w = os.pipe()
		    null = os.open("/dev/null", os.O_WRONLY)
		    a, b = socket.socketpair()
		    socket.send_fds(s, [b"whole %d\n" % i + b"half\0\xff"], [null, a.fileno(), w, null])
		    socket.send_fds(s, [b"\n"], [null, w, a.fileno()])
		    os.close(null); os.close(w); a.close(); b.close()
		    if i % 2:
		        os.close(r)
		    socks.append(s)
		for s in socks:
		    s.send(b"more\n")
		    s.close()
	E
	wait_for 10 file_lines out 120
	wait_for 10 is s lines 120
	left() { [ "$(find "/proc/$(pid_of hub)/fd" -mindepth 1 | wc -l)" -le "$1" ]; }
	wait_for 10 left 20
	echo end | katoctl feed
	wait_for 10 grep -q end out
}

@test "hub: an ack says that every sink has dealt with the line, not before" {
	cat >slow <<-'E'
		import os, sys, time
		os.write(4, b"0\n")
		for n, line in enumerate(sys.stdin, 1):
		    while not os.path.exists("go"):
		        time.sleep(0.02)
		    os.write(4, b"%d\n" % n)
	E
	hub 'filter f cat' 'sink fast katoctl record out' 'sink slow /usr/bin/python3 slow'
	spawn acks /usr/bin/python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX)
s.connect("feed.sock")
r, w = os.pipe()
socket.send_fds(s, [b"a\nb\nc\n"], [w])
os.close(w)
while True:
    print(os.read(r, 100).decode(), end="", flush=True)
'
	wait_for 10 file_lines out 3
	wait_for 10 out_has acks 0
	[ "$(cat acks.out)" = 0 ] || { cat acks.out; katoctl status; return 1; }
	touch go
	wait_for 10 out_has acks 3
}

@test "64 writers feed at once, more have to wait, and that is said" {
	hub 'sink s katoctl record out'
	spawn many /usr/bin/python3 -c '
import os, socket, time
v = []
for i in range(70):
    s = socket.socket(socket.AF_UNIX)
    s.connect("feed.sock")
    s.send(b"%d\n" % i)
    v.append(s)
while not os.path.exists("go"):
    time.sleep(0.02)
for s in v:
    s.close()
time.sleep(1000)
'
	wait_for 10 file_lines out 64
	wait_for 10 err_has hub '64 writers feed now; more have to wait'
	[ "$(wc -l <out)" -eq 64 ]
	touch go
	wait_for 10 file_lines out 70
}
