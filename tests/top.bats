#!/usr/bin/env bats
# katoctl top: on a terminal and on a pipe.
# shellcheck shell=bats

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KATO_CONTROL=$BATS_TEST_TMPDIR/control
	cat >p.conf <<-'E'
		collect a sh -c 'printf "evil \033[31m \302\233 7m \303\251\n" >&2; while :; do echo x; sleep 0.02; done'
		sink s katoctl record out
	E
	start_run
}
teardown() { stop_all; }

start_run() {
	spawn run katoctl run --config p.conf --patience 0.5
	wait_for 10 katoctl status
	wait_for 10 test -s out
}
gone() { ! kill -0 "$1" 2>/dev/null; }

# on_terminal COLUMNS CODE: katoctl top on a pty in python: m is the master, read() what came, size(c, r)
on_terminal() {
	/usr/bin/python3 - "$@" <<-'E'
		import fcntl, os, pty, re, select, signal, struct, sys, termios, time
		m, t = pty.openpty()
		def size(c, r): fcntl.ioctl(m, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))
		size(int(sys.argv[1]), 24)
		before = termios.tcgetattr(t)
		pid = os.fork()
		if pid == 0:
		    os.setsid(); fcntl.ioctl(t, termios.TIOCSCTTY, 0)
		    for fd in (0, 1, 2): os.dup2(t, fd)
		    os.environ["TERM"] = "xterm"
		    os.execvp("katoctl", ["katoctl", "top", "--interval", "0.2"])
		got = b""
		def read(until, seconds=10):
		    global got
		    end = time.monotonic() + seconds
		    while not re.search(until, got):
		        assert time.monotonic() < end, (until, got[-2000:])
		        if select.select([m], [], [], 0.2)[0]: got += os.read(m, 65536)
		def ended():
		    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
		    read(rb"\033\[\?25h\033\[\?1049l")
		    assert termios.tcgetattr(t) == before
		read(rb"a .*\033\[32mrunning")
		exec(sys.argv[2])
	E
}

@test "piped: a block of plain text each interval, the reader may leave" {
	katoctl top --interval 0.1 | head -n 30 >blocks
	run ! grep -q $'\033' blocks
	[ "$(grep -c '^katoctl top  ' blocks)" -ge 3 ]
	[ "$(grep -c '^a  *[rs]' blocks)" -ge 3 ]
}

@test "--once: one block; rates, and the last words made harmless" {
	run -0 katoctl top --once
	[[ ${lines[0]} = *"2 stages: "* ]]
	[[ $output = *$'a: evil ?[31m ? 7m é'* ]]
	[[ $output != *$'\033'* ]]
	[[ $output != *$'\302\233'* ]]
}

@test "a dumb terminal gets no escapes" {
	TERM=dumb timeout 5 script -qec 'katoctl top --interval 0.1 | head -n 12' /dev/null </dev/null >screen
	run ! grep -q $'\033' screen
}

@test "on a terminal it draws in place, q ends it and puts the terminal back" {
	on_terminal 120 '
assert got.startswith(b"\033[?1049h\033[?25l")
assert b"\302\233" not in got and b"\033[31m" not in got
os.write(m, b"q")
ended()'
}

@test "TERM and ctrl-C put the terminal back" {
	on_terminal 120 '
os.kill(pid, signal.SIGTERM)
ended()'
	on_terminal 120 '
os.write(m, b"\x03")
ended()'
}

@test "no line is wider than the window, also when that changes" {
	on_terminal 120 '
def widest():
    text = re.sub(rb"\033\[[0-9?;]*[A-Za-z]", b"", got[got.rfind(b"\033[H"):]).decode()
    return max(len(line) for line in re.split("[\r\n]+", text))
got = b""
size(40, 10); os.kill(pid, signal.SIGWINCH)
read(rb"(?s)\033\[H.*\033\[H[^H]*\033\[J")
assert widest() <= 40, got
os.write(m, b"q")
ended()'
}

@test "it survives the end of katoctl run and says so" {
	spawn top katoctl top --interval 0.1
	wait_for 10 out_has top 'running'
	stop run
	wait_for 10 err_has top 'waiting for it'
	start_run
	wait_for 10 err_has top 'katoctl run is back'
	stop top
	run -1 katoctl top --control /nowhere
}
