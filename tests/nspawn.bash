# A real systemd, booted from a copy-on-write view of this machine's root, with no network but its own loopback.
# shellcheck shell=bash
#
# boot_why       why it cannot be done here; nothing: it can
# boot DIR       boots in DIR (emptied and removed by boot_end); $BOOT/tree is the machine's root folder from outside
# within CMD…    runs a command inside
# boot_end       all processes and mounts are gone; may be called at any time
#
# The state is in DIR and in the exported BOOT and BOOT_PID, so that tests, each a process, find it.

boot_why() {
	local c
	[ "$(id -u)" = 0 ] || { echo 'only root can boot a container'; return; }
	for c in systemd-nspawn nsenter mount pgrep; do
		command -v "$c" >/dev/null || { echo "there is no $c"; return; }
	done
	[ -x /lib/systemd/systemd ] || { echo 'there is no systemd'; return; }
	grep -qw overlay /proc/filesystems || { echo 'this kernel has no overlay file system'; return; }
}

within() { nsenter -t "$BOOT_PID" -m -p -u -i -n -C -r -w -- "$@"; }

# What starts by itself on this machine is no part of the test.
boot_bare() {
	local etc=$BOOT/tree/etc
	rm -rf "$etc"/systemd/system/*.wants "$etc"/systemd/system/*.requires "$etc"/rc[S0-6].d "$etc"/kato-live "$BOOT"/tree/var/lib/kato-live
	rm -rf "$BOOT"/tree/var/log/journal "$etc"/fstab
	echo 0123456789abcdef0123456789abcdef >"$etc/machine-id"
	mkdir -p "$etc/systemd/system" "$etc/systemd/journald.conf.d"
	printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >"$etc/systemd/journald.conf.d/test.conf"
}

# In a chroot the kernel makes no user namespace, which the units ask for. There the command runs in a mount namespace of
# its own, in which this root has been moved over the real one.
unrooted() {
	exec unshare -m /usr/bin/python3 - "$@" 3<&0 <<-'END'
		import os, subprocess, sys
		here = os.open("/", os.O_RDONLY)
		os.chroot("/tmp")
		for _ in range(100):
		    os.chdir("..")
		os.chroot(".")
		root = os.readlink("/proc/self/fd/%d" % here)
		os.close(here)
		if root != "/":
		    subprocess.check_call(["mount", "--rbind", root, root])
		    os.chdir(root)
		    subprocess.check_call(["mount", "--move", ".", "/"])
		    os.chroot(".")
		os.chdir("/")
		os.dup2(3, 0)
		os.close(3)
		os.execvp(sys.argv[1], sys.argv[1:])
	END
}

boot() {
	export BOOT=$1 BOOT_PID=''
	mkdir -p "$BOOT"
	mount -t tmpfs -o size=1G,mode=755 tmpfs "$BOOT" || return 1
	mkdir "$BOOT/up" "$BOOT/work" "$BOOT/tree"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$BOOT/up,workdir=$BOOT/work" "$BOOT/tree" || return 1
	boot_bare
	unrooted env -i PATH="$PATH" systemd-nspawn -q -D "$BOOT/tree" --boot --register=no --keep-unit --private-network \
		--machine="kato-test-$$" --console=passive --link-journal=no systemd.unit=multi-user.target \
		</dev/null >"$BOOT/console" 2>&1 3>&- &
	echo $! >"$BOOT/nspawn.pid"
	local end=$((SECONDS + 60))
	until BOOT_PID=$(pgrep -P "$(cat "$BOOT/nspawn.pid")" | head -n 1) && [ -n "$BOOT_PID" ] &&
		within systemctl is-active -q multi-user.target 2>/dev/null; do
		if ! kill -0 "$(cat "$BOOT/nspawn.pid")" 2>/dev/null || [ $SECONDS -ge $end ]; then tail -n 20 "$BOOT/console" >&2; return 1; fi
		sleep 0.1
	done
}

boot_end() {
	local pid end=$((SECONDS + 20))
	[ -n "${BOOT-}" ] && [ -d "$BOOT" ] || return 0
	if pid=$(cat "$BOOT/nspawn.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; then
		[ -z "$BOOT_PID" ] || within systemctl poweroff --force 2>/dev/null
		while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $end ]; do sleep 0.1; done
		[ -z "$BOOT_PID" ] || kill -KILL "$BOOT_PID" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	fi
	mountpoint -q "$BOOT/tree" && umount -R -l "$BOOT/tree"
	mountpoint -q "$BOOT" && umount -R -l "$BOOT"
	rmdir "$BOOT" 2>/dev/null
	return 0
}
