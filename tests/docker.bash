# A real Docker Engine for a whole test file, with everything of its own under one folder.
# shellcheck shell=bash
#
#	setup_file() { engine_start "$BATS_FILE_TMPDIR/engine"; }
#	teardown_file() { engine_stop "$BATS_FILE_TMPDIR/engine"; }
#	setup() { engine_use; }
#
# engine_start skips the file, saying why, where no engine can run. It has one image, box:1, of busybox.

engine_start() {
	local dir=$1 why
	export ENGINE_DIR=$dir
	mkdir -p "$dir"
	if [ "$(id -u)" != 0 ]; then
		why='a Docker engine needs root'
	elif ! command -v dockerd >/dev/null; then
		why='there is no dockerd'
	elif ! engine_up "$dir"; then
		why="dockerd does not start: $(grep -a 'failed\|error' "$dir/log" | tail -n 1)"
	elif ! engine_image "$dir"; then
		why="no image could be made: $(tail -n 1 "$dir/image.log")"
	else
		return 0
	fi
	engine_stop "$dir"
	[ "$(id -u)" != 0 ] || { echo "$why" >&2; return 1; }
	skip "$why"
}

# For setup and for single commands: docker and docker-stats talk to this engine.
engine_use() { export DOCKER_HOST=unix://$ENGINE_DIR/docker.sock; }

engine_answers() { curl -sf --max-time 2 --unix-socket "$1/docker.sock" http://localhost/_ping; }

# engine_up DIR: dockerd, in the background; 0 once it answers.
engine_up() {
	local dir=$1 i
	dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --data-root="$dir/data" \
		--exec-root="$dir/exec" --pidfile="$dir/docker.pid" -H "unix://$dir/docker.sock" >>"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/pid"
	for ((i = 0; i < 600; i++)); do
		engine_answers "$dir" >/dev/null && return 0
		kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

engine_image() {
	local dir=$1 tool
	mkdir -p "$dir/box/bin" "$dir/box/tmp"
	cp "$(command -v busybox)" "$dir/box/bin/busybox" || return 1
	for tool in sh sleep true false cat dd yes head tr nice; do ln -sf busybox "$dir/box/bin/$tool"; done
	tar -C "$dir/box" -cf "$dir/box.tar" . && DOCKER_HOST=unix://$dir/docker.sock docker import "$dir/box.tar" box:1 >"$dir/image.log" 2>&1
}

# engine_down DIR: dockerd and its containerd are gone afterwards.
engine_down() {
	local dir=$1 pid
	[ -e "$dir/pid" ] || return 0
	pid=$(cat "$dir/pid")
	kill -TERM "$pid" 2>/dev/null
	engine_gone "$pid" || kill -KILL "$pid" 2>/dev/null
	rm -f "$dir/pid"
}

# engine_gone PID: waits up to 15 s for it to end.
engine_gone() {
	local i
	for ((i = 0; i < 150; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# Processes that name this engine's folder on their command line: containerd and the shims.
engine_pids() {
	local p
	for p in /proc/[0-9]*; do
		[ "${p#/proc/}" = "$$" ] && continue
		{ tr '\0' ' ' <"$p/cmdline"; } 2>/dev/null | grep -qE "^([^ ]*/)?(containerd|containerd-shim[^ ]*|dockerd|runc) .*$1" && echo "${p#/proc/}"
	done
	return 0
}

engine_stop() {
	local dir=$1 pid m ids
	[ -d "$dir" ] || return 0
	if engine_answers "$dir" >/dev/null; then
		ids=$(DOCKER_HOST=unix://$dir/docker.sock docker ps -aq)
		# shellcheck disable=SC2086 # a list of ids
		[ -z "$ids" ] || DOCKER_HOST=unix://$dir/docker.sock docker rm -f $ids >/dev/null 2>&1
	fi
	engine_down "$dir"
	for pid in $(engine_pids "$dir"); do kill -KILL "$pid" 2>/dev/null; done
	grep -o " ${dir}[^ ]* " /proc/self/mounts | sort -r | while read -r m; do umount -l "$m" 2>/dev/null; done
	rm -rf --one-file-system "$dir"
}

# box NAME [docker run options] -- COMMAND...: a container in the background, without a network unless told otherwise.
box() {
	local name=$1 opts=()
	shift
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	docker run -d --init=false --name "$name" --network=none "${opts[@]}" box:1 "$@" >/dev/null
}
