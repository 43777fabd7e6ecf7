#!/usr/bin/env bats
# The units, in a systemd that really runs. One boot serves all tests; each begins with nothing started and nothing kept.
# shellcheck shell=bats disable=SC2016,SC2154,SC2317

load helper
load nspawn

U=/usr/local/lib/systemd/system

setup_file() {
	local why
	why=$(boot_why)
	if [ -n "$why" ]; then
		export NO_BOOT=$why
		return 0
	fi
	if ! boot "$BATS_FILE_TMPDIR/machine" 2>"$BATS_FILE_TMPDIR/why"; then
		boot_end
		NO_BOOT="systemd did not boot here: $(tail -n 1 "$BATS_FILE_TMPDIR/why")"
		export NO_BOOT
		return 0
	fi
	export M=$BOOT/tree
	make -C "$ROOT" -s BUILD="$BUILD" install DESTDIR="$M" PREFIX=/usr/local >/dev/null || { boot_end; return 1; }
	cp "$ROOT/tests/tools/numbered" "$M/usr/local/bin/numbered"
	make_programs
	if [ -n "${SAN-}" ]; then
		mkdir -p "$M/etc/systemd/system.conf.d"
		printf '[Manager]\nDefaultEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$M/etc/systemd/system.conf.d/san.conf"
		within systemctl daemon-reexec
	fi
	within systemd-sysusers
	within groupadd -rf docker
	within systemctl daemon-reload
}

teardown_file() { boot_end; }

# Stages and collectors of the tests' own, in the machine's PATH.
make_programs() {
	cat >"$M/usr/local/bin/half-busy" <<'END'
#!/bin/sh
while :; do
	date -u +'{"type":"containers","timestamp":"%FT%T.000Z","source":"half-busy","data":{"aggregated":{"host_cpu_percent":50},"containers":[]}}'
	sleep 0.2
done
END
	cat >"$M/usr/local/bin/try-docker" <<'END'
#!/usr/bin/python3
import socket, sys, time
try:
    socket.socket(socket.AF_UNIX).connect("/run/docker.sock")
    print("docker.sock: opened", file=sys.stderr, flush=True)
except OSError as e:
    print("docker.sock: %s" % e.strerror, file=sys.stderr, flush=True)
time.sleep(1000)
END
	cat >"$M/usr/local/bin/take-once" <<'END'
#!/usr/bin/python3
# A sink that takes an event id once, as the broadcaster does: what a killed one wrote and did not acknowledge comes again.
import os, re, sys
name = re.compile(rb'"id":"([^"]*)"')
file, ack, seen, rest, taken = open(sys.argv[1], "ab+", buffering=0), int(os.environ["KATO_ACK_FD"]), set(), b"", 0
file.seek(0)
kept = file.read()
kept = kept[:kept.rfind(b"\n") + 1]
file.truncate(len(kept))
os.write(ack, b"0\n")
seen.update(name.findall(kept))
while True:
    p = os.read(0, 65536)
    if not p:
        break
    lines = (rest + p).split(b"\n")
    rest = lines.pop()
    new = b""
    for line in lines:
        m = name.search(line)
        if b'"numbered"' in line and m and m[1] not in seen:
            seen.add(m[1])
            new += line + b"\n"
    file.write(new)
    taken += len(lines)
    os.write(ack, b"%d\n" % taken)
END
	chmod 755 "$M"/usr/local/bin/{half-busy,try-docker,take-once}
}

setup() {
	[ -z "${NO_BOOT-}" ] || skip "$NO_BOOT"
	within systemctl stop kato-live-web.socket kato-live.service kato-live-split.target 'kato-collector@*'
	rm -rf "$M/etc/kato-live" "$M"/etc/systemd/system/kato*.d "$M/var/lib/private/kato-live" "$M/var/lib/private/kato-collector"
	mkdir -p "$M/etc/kato-live"
	within systemctl daemon-reload
	within systemctl reset-failed
	since=$(within date +'%F %T.%N')
}

# not COMMAND...: as ! COMMAND, but it fails the test wherever it stands
not() { if "$@"; then return 1; fi; }
start() { within systemctl start "$@"; }
prop() { within systemctl show --value -p "$2" "$1"; }
main_of() { prop "$1" MainPID; }
# drop UNIT LINES: a drop-in
drop() {
	mkdir -p "$M/etc/systemd/system/$1.d"
	printf '%b\n' "$2" >"$M/etc/systemd/system/$1.d/test.conf"
	within systemctl daemon-reload
}
pids_of() { within sh -c "cat /sys/fs/cgroup/systemd/system.slice/'$1'/cgroup.procs /sys/fs/cgroup/systemd/system.slice/*/'$1'/cgroup.procs /sys/fs/cgroup/system.slice/'$1'/cgroup.procs /sys/fs/cgroup/system.slice/*/'$1'/cgroup.procs 2>/dev/null" || true; }
serves() { [ "$(within curl -s -m 1 -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/healthz)" = 200 ]; }
greets() { within timeout 1 katoctl tail ws://127.0.0.1:8080/ws 2>/dev/null | head -n 1 | grep -q .; }
journal() { within journalctl --since "$since" -o json "$@"; }
journal_has() { journal "${@:2}" | jq -r .MESSAGE | grep -q -- "$1"; }
is() { [ "$(within systemctl is-active "$1")" = "$2" ]; }
now_ms() { date +%s%3N; }
# ms_until COMMAND...: how long it takes to become true
ms_until() {
	local begun
	begun=$(now_ms)
	wait_for 20 "$@" || return 1
	echo $(($(now_ms) - begun))
}

@test "systemd-analyze verifies every unit" {
	run within systemd-analyze verify --recursive-errors=no --man=no kato-live.service kato-live-hub.service \
		kato-live-feed.socket kato-live-web.socket kato-live-split.target kato-collector@kato-metrics.service kato-collector@docker-stats.service \
		kato-collector@session-watch.service kato-collector@prom-services.service
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "exposure is at most 1.3, and the network is not cut off" {
	for u in kato-live.service kato-live-hub.service kato-collector@docker-stats.service kato-collector@kato-metrics.service; do
		run within systemd-analyze security --threshold=13 --no-pager "$u"
		echo "$u: $(tail -n 1 <<<"$output")"
		[ "$status" -eq 0 ]
	done
	not grep -r IPAddressDeny "$M$U"/kato*
}

@test "the service is started when it serves, and says how it is" {
	for _ in 1 2 3; do
		start kato-live
		serves
		within systemctl stop kato-live
	done
	start kato-live
	wait_for 5 eval '[[ $(prop kato-live StatusText) == "5 stages running, http://127.0.0.1:8080" ]]'
}

@test "no stage can speak to systemd for the supervisor" {
	start kato-live
	for p in $(pids_of kato-live.service); do
		[ "$p" = "$(main_of kato-live)" ] && continue
		within cat "/proc/$p/environ" | tr '\0' '\n' >"$BATS_TEST_TMPDIR/environ"
		grep -q '^KATO_READY_FD=' "$BATS_TEST_TMPDIR/environ"
		not grep -E '^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_)' "$BATS_TEST_TMPDIR/environ"
	done
	[ "$(pids_of kato-live.service | wc -l)" -ge 6 ]
}

@test "the journal has our priorities and our name" {
	start kato-live
	wait_for 5 journal_has 'kato-metrics: warning:' -u kato-live
	[ "$(journal -u kato-live | jq -r 'select(.MESSAGE | test("^kato-metrics: warning:")) | "\(.PRIORITY) \(.SYSLOG_IDENTIFIER)"' | sort -u)" = '4 kato-live' ]
	[ "$(journal -u kato-live | jq -r 'select(.MESSAGE | test("^broadcaster: listening")) | "\(.PRIORITY) \(.SYSLOG_IDENTIFIER)"')" = '6 kato-live' ]
}

@test "a line in the settings file makes it the diagnostics pipeline, on TopDeck's port, too" {
	cp "$ROOT/share/prom-services.conf" "$M/etc/kato-live/"
	echo 'KATO_PIPELINE=pipeline-diagnostics.conf' >"$M/etc/kato-live/kato-live.env"
	start kato-live
	within curl -sf http://127.0.0.1:8000/healthz
	serves
	[ "$(within katoctl status --json | jq -r '[.stages[] | "\(.name) \(.state)"] | join(", ")')" = \
		'prom-services running, healthd running, alertd running, broadcaster running' ]
	wait_for 5 eval 'within curl -sf http://127.0.0.1:8000/api/v1/state | jq -e ".. | .status? | select(. == \"down\")"'
}

@test "the split set can be the diagnostics pipeline, as kato-operations(7) says" {
	cp "$ROOT/share/prom-services.conf" "$M/etc/kato-live/"
	man-blocks show "$ROOT/man/kato-operations.7" | cut -f 3 | jq -r 'select(contains("^feed hub.conf"))' | sed 's|/usr/share|/usr/local/share|' >"$M/srv/split.sh"
	within sh -e /srv/split.sh
	wait_for 10 within curl -sf http://127.0.0.1:8000/healthz
	wait_for 10 eval 'within curl -sf http://127.0.0.1:8000/api/v1/state | grep -q prom-services'
	is kato-collector@prom-services active
	within systemctl disable --now kato-collector@prom-services
}

@test "a reload changes a threshold" {
	cat >"$M/etc/kato-live/pipeline.conf" <<-'END'
		collect half-busy half-busy
		filter alertd alertd
		sink file katoctl record /var/lib/kato-live/all.ndjson
	END
	local all=$M/var/lib/private/kato-live/all.ndjson pid
	echo 'ALERT_CPU_THRESHOLD=80' >"$M/etc/kato-live/kato-live.env"
	start kato-live
	pid=$(main_of kato-live)
	wait_for 10 grep -q containers "$all"
	echo 'ALERT_CPU_THRESHOLD=40' >"$M/etc/kato-live/kato-live.env"
	not grep -q system_alert "$all"
	within systemctl reload kato-live
	wait_for 10 grep -q '"threshold":40' "$all"
	is kato-live active
	[ "$(main_of kato-live)" = "$pid" ]
}

@test "a loop that does not turn is ended by the watchdog, and serves again" {
	drop kato-live.service '[Service]\nWatchdogSec=2s'
	start kato-live
	local pid
	pid=$(main_of kato-live)
	within kill -STOP "$pid"
	wait_for 15 journal_has "Failed with result 'watchdog'" -u kato-live
	wait_for 10 serves
	[ "$(main_of kato-live)" != "$pid" ]
	# and one that turns is left alone
	pid=$(main_of kato-live)
	sleep 5
	[ "$(main_of kato-live)" = "$pid" ]
}

@test "any of its processes killed: serving again within 2 s, and nobody left" {
	start kato-live
	local p ms what
	for what in broadcaster alertd kato-metrics docker-stats session-watch katoctl; do
		p=$(within pgrep -x "$what")
		within kill -KILL "$p"
		wait_for 5 eval '! within kill -0 '"$p"' 2>/dev/null'
		ms=$(ms_until serves)
		echo "# $what: $ms ms" >&3
		[ "$ms" -le 2000 ]
		[ "$(ms_until greets)" -le 2000 ]
		wait_for 5 is kato-live active
	done
	# the last ones started are all children of the one that supervises
	p=$(main_of kato-live)
	wait_for 5 eval '[ "$(pids_of kato-live.service | wc -l)" -eq 6 ]'
	for c in $(pids_of kato-live.service); do
		[ "$c" = "$p" ] || [ "$(within awk '/^PPid:/ {print $2}' "/proc/$c/status")" = "$p" ]
	done
}

# connects NAME: 100 a second to the web port, until $M/enough is there: connected, refused, other
connects() {
	cat >"$M/usr/local/bin/connects" <<-'END'
		#!/usr/bin/python3
		import os, socket, time
		n = refused = other = 0
		while not os.path.exists("/enough"):
		    s = socket.socket(); s.settimeout(20)
		    try: s.connect(("127.0.0.1", 8080)); n += 1
		    except ConnectionRefusedError: refused += 1
		    except OSError: other += 1
		    s.close(); time.sleep(0.01)
		print(n, refused, other)
	END
	chmod 755 "$M/usr/local/bin/connects"
	rm -f "$M/enough"
	spawn "$1" within connects
}

@test "restarted, reloaded and its supervisor killed: nobody who connects is refused" {
	start kato-live
	wait_for 10 serves
	connects c
	local n refused other
	within systemctl restart kato-live
	wait_for 20 serves
	within kill -KILL "$(main_of kato-live)"
	wait_for 20 is kato-live active
	wait_for 20 serves
	within systemctl reload kato-live
	serves
	: >"$M/enough"
	wait "$(pid_of c)"
	read -r n refused other <"$BATS_TEST_TMPDIR/c.out"
	echo "# connected $n, refused $refused, other $other" >&3
	[ "$n" -gt 50 ]
	[ "$refused" -eq 0 ]
	[ "$other" -eq 0 ]
	# stopped is stopped
	within systemctl stop kato-live
	not serves
}

@test "a socket unit opens the web port, and starts the service on the first connect" {
	start kato-live-web.socket
	is kato-live inactive
	wait_for 10 serves
	wait_for 10 is kato-live active
	wait_for 5 journal_has 'broadcaster: listening on http://127.0.0.1:8080' -u kato-live
	connects c
	within systemctl stop kato-live
	wait_for 20 serves
	: >"$M/enough"
	wait "$(pid_of c)"
	[ "$(awk '{print $2, $3}' "$BATS_TEST_TMPDIR/c.out")" = '0 0' ]
	within systemctl stop kato-live-web.socket kato-live
	not serves
}

@test "settings that are wrong: failed, and not tried again and again" {
	echo 'collect nothing no-such-program' >"$M/etc/kato-live/pipeline.conf"
	run start kato-live
	[ "$status" -ne 0 ]
	is kato-live failed
	[ "$(prop kato-live ExecMainStatus)" = 2 ]
	[ "$(prop kato-live NRestarts)" = 0 ]
}

@test "stop leaves no process and no socket" {
	start kato-live
	within systemctl stop kato-live
	[ "$(prop kato-live Result)" = success ]
	[ -z "$(pids_of kato-live.service)" ]
	not within test -e /run/kato-live
	start kato-live-split.target
	wait_for 10 serves
	within test -S /run/kato-live-feed.sock
	within systemctl stop kato-live-split.target
	wait_for 30 eval '! within pgrep -x "katoctl|alertd|broadcaster|kato-metrics|docker-stats|session-watch"'
	not within test -e /run/kato-live-feed.sock
	not serves
}

@test "what is known outlives a restart, and goes along to the split set" {
	cat >"$M/etc/kato-live/pipeline.conf" <<-'END'
		collect half-busy half-busy
		filter alertd alertd --state alertd.state
		sink file katoctl record /var/lib/kato-live/all.ndjson
	END
	echo 'ALERT_CPU_THRESHOLD=40' >"$M/etc/kato-live/kato-live.env"
	local kept=$M/var/lib/private/kato-live
	start kato-live
	wait_for 10 grep -q '"threshold":40' "$kept/all.ndjson"
	within systemctl restart kato-live
	local n
	n=$(wc -l <"$kept/all.ndjson")
	wait_for 10 eval '[ "$(wc -l <"'"$kept"'/all.ndjson")" -gt '$((n + 5))' ]'
	[ "$(grep -c '"state":"firing"' "$kept/all.ndjson")" -eq 1 ]
	within systemctl stop kato-live
	start kato-live-hub
	wait_for 5 serves
	not journal_has 'set aside' -u kato-live-hub
	[ "$(within stat -c UID=%u /var/lib/private/kato-live/alertd.state)" = "$(within systemctl show -p UID kato-live-hub)" ]
}

@test "one way of running ends the other" {
	start kato-live
	start kato-live-split.target
	wait_for 10 is kato-live inactive
	wait_for 10 is kato-live-hub active
	wait_for 10 serves
	start kato-live
	for u in kato-live-hub.service kato-live-feed.socket kato-collector@kato-metrics.service kato-live-split.target; do
		wait_for 10 is $u inactive
	done
	is kato-live active
	serves
}

@test "only docker-stats can open docker.sock" {
	within systemd-run -q --unit=docker-here -- /usr/bin/python3 -c '
import grp, os, socket, time
s = socket.socket(socket.AF_UNIX); s.bind("/run/docker.sock")
os.chown("/run/docker.sock", 0, grp.getgrnam("docker").gr_gid); os.chmod("/run/docker.sock", 0o660)
s.listen(100); time.sleep(1000)'
	wait_for 5 within test -S /run/docker.sock
	for c in kato-metrics session-watch docker-stats; do
		drop kato-collector@$c.service '[Service]\nExecStart=\nExecStart=/usr/local/bin/katoctl feed -- try-docker'
	done
	start kato-live-split.target
	wait_for 10 journal_has 'docker.sock: opened' -u kato-collector@docker-stats
	wait_for 10 journal_has 'docker.sock: Permission denied' -u kato-collector@kato-metrics
	wait_for 10 journal_has 'docker.sock: Permission denied' -u kato-collector@session-watch
	local users
	users=$(for c in kato-metrics session-watch docker-stats; do within stat -c %u "/proc/$(main_of kato-collector@$c)"; done | sort -u | wc -l)
	[ "$users" -eq 3 ]
	within systemctl stop docker-here
	within rm -f /run/docker.sock
}

@test "no docker group: docker-stats fails, all else runs" {
	drop kato-collector@docker-stats.service '[Service]\nSupplementaryGroups=no-such-group'
	start kato-live-split.target
	wait_for 10 is kato-collector@docker-stats failed
	[ "$(prop kato-collector@docker-stats ExecMainStatus)" = 216 ]
	wait_for 10 serves
	for u in kato-live-hub.service kato-live-feed.socket kato-collector@kato-metrics.service kato-collector@session-watch.service; do
		is $u active
	done
}

@test "the drop-in lets the one service ask Docker" {
	within install -Dm 644 /usr/local/share/kato-live/systemd/docker.conf /etc/systemd/system/kato-live.service.d/docker.conf
	within systemctl daemon-reload
	start kato-live
	local gid
	gid=$(within getent group docker | cut -d: -f3)
	within grep -qw "$gid" <<<"$(within grep '^Groups:' "/proc/$(main_of kato-live)/status")"
}

@test "settings that root alone may read come as a credential" {
	printf 'KATO_LIVE_PORT=8099\n' >"$M/etc/kato-live/secret.env"
	chmod 600 "$M/etc/kato-live/secret.env"
	drop kato-live.service '[Service]\nLoadCredential=settings:/etc/kato-live/secret.env\nEnvironment=KATO_LIVE_SETTINGS=%d/settings'
	start kato-live
	[ "$(within curl -s -m 2 -o /dev/null -w '%{http_code}' http://127.0.0.1:8099/healthz)" = 200 ]
}

@test "50 kills through the split units: no event lost or doubled" {
	cat >"$M/etc/kato-live/hub.conf" <<-'END'
		feed /run/kato-live-feed.sock
		filter alertd alertd --state alertd.state
		sink file take-once /var/lib/kato-live/taken
	END
	drop kato-live-hub.service '[Service]\nEnvironment=KATO_PIPELINE=/etc/kato-live/hub.conf'
	drop kato-collector@numbered.service '[Service]\nEnvironment="KATO_COLLECTOR_ARGUMENTS=write n --rate 2000 --size 400"'
	start kato-live-feed.socket kato-live-hub kato-collector@numbered
	local taken=$M/var/lib/private/kato-live/taken n=0 p
	wait_for 10 test -s "$taken"
	while [ $n -lt 50 ]; do
		p=$({ pids_of kato-live-hub.service; [ $((n % 5)) -ne 0 ] || pids_of kato-collector@numbered.service; } | shuf -n 1)
		[ -n "$p" ] && within kill -KILL "$p" 2>/dev/null && n=$((n + 1))
		sleep 0.$((RANDOM % 4 + 1))
	done
	wait_for 10 is kato-live-hub active
	wait_for 10 is kato-collector@numbered active
	# what flows after the last kill arrives, and after an orderly end nothing is left on its way
	p=$(wc -l <"$taken")
	wait_for 10 eval '[ "$(wc -l <"'"$taken"'")" -gt '$((p + 500))' ]'
	within systemctl stop kato-collector@numbered
	[ "$(prop kato-collector@numbered Result)" = success ]
	within systemctl stop kato-live-feed.socket kato-live-hub
	run numbered check "$taken"
	echo "# 50 kills: $output" >&3
	jq -e '.torn == 0 and .doubled == 0 and .missing == 0 and .lines > 10000' <<<"$output"
}

@test "uninstall leaves /etc and /var, and says so" {
	start kato-live
	within systemctl stop kato-live
	echo '# mine' >"$M/etc/kato-live/kato-live.env"
	run make -C "$ROOT" -s BUILD="$BUILD" uninstall DESTDIR="$M" PREFIX=/usr/local
	[ "$status" -eq 0 ]
	grep -q "/etc/kato-live" <<<"$output"
	grep -q "/var/lib/private/kato-live" <<<"$output"
	[ "$(cat "$M/etc/kato-live/kato-live.env")" = '# mine' ]
	[ -d "$M/var/lib/private/kato-live" ]
	[ -z "$(find "$M$U" "$M/usr/local/bin" -name 'kato*')" ]
	make -C "$ROOT" -s BUILD="$BUILD" install DESTDIR="$M" PREFIX=/usr/local >/dev/null
}
