"""Servers and the load client as processes, and rounds of them."""
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / os.environ.get("BUILD", "build")
CORES = sorted(os.sched_getaffinity(0))
PIPE_BYTES = 1 << 20


class Skip(Exception):
    """This server is not here; the text says how to get it."""


def pinned(core):
    """To a core of its own, where there are two, and before whatever else runs, where that is allowed."""
    def settle():
        if len(CORES) > 1:
            os.sched_setaffinity(0, {CORES[core]})
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        except PermissionError:
            pass
    return settle


def children(pid):
    """pid and all below it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += children(int(child))
    return found


class Server:
    """One process that is fed on standard input and says its port; a with block stops it."""
    name, path, post = "server", "/ws", None
    answers = True  # to the text "ping"
    share = 1  # of what others are given back to back, where that takes too long

    def __init__(self, **options):
        self.options = options
        self.folder = None

    def argv(self):
        raise NotImplementedError

    def env(self):
        return dict(os.environ, KATO_LIVE_SETTINGS="/dev/null")

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        argv = self.argv()
        out, self.feed = os.pipe()
        try:
            import fcntl
            fcntl.fcntl(self.feed, 1031, PIPE_BYTES)  # F_SETPIPE_SZ
        except OSError:
            pass
        self.said = open(f"{self.folder}/said", "w+")
        self.process = subprocess.Popen(argv, stdin=out, stdout=self.said, stderr=self.said, preexec_fn=pinned(0), env=self.env(),
                                        cwd=self.folder, pass_fds=self.options.get("pass_fds", ()))
        os.close(out)
        try:
            self.port = self.wait_port()
        except RuntimeError:
            self.__exit__()
            raise
        self.pids = children(self.process.pid)
        return self

    def find_port(self, said):
        raise NotImplementedError

    def wait_port(self, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            said = pathlib.Path(f"{self.folder}/said").read_text()
            port = self.find_port(said)
            if port:
                return port
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} did not start: {said}")

    def cpu(self):
        """ns, of all its threads and processes so far."""
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in self.pids)

    def kill(self):
        for pid in reversed(children(self.process.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def __exit__(self, *_):
        self.kill()
        os.close(self.feed)
        self.said.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Floor(Server):
    name = "floor"

    def argv(self):
        return [BUILD / "bench/floor", *self.options.get("args", [])]

    def find_port(self, said):
        return int(said) if said.endswith("\n") else None


class Ours(Server):
    name = "ours"

    def argv(self):
        return [BUILD / "bin/broadcaster", "--port", "0", "--max-clients", "100000", *self.options.get("args", [])]

    def find_port(self, said):
        lines = [line for line in said.splitlines() if "listening" in line]
        return int(lines[0].rsplit(":", 1)[1].split()[0].rstrip("/")) if lines else None


class Load:
    """The load client at a server; each command gives its answer as a dict."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.process = subprocess.Popen([BUILD / "bench/load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=pinned(1 if len(CORES) > 1 else 0), pass_fds=[self.server.feed])
        self.at(self.server)
        return self

    def at(self, server, feed=True):
        where = f"post={server.post}" if server.post else f"feed={server.feed}" if feed else ""
        return self.do(f"server port={server.port} pids={','.join(map(str, server.pids))} {where}")

    def do(self, command, seconds=300):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise RuntimeError(f"no answer in {seconds} s: {command}")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load client ended in: {command}")
        answer = json.loads(line)
        if answer.get("error"):
            raise RuntimeError(f"{answer['error']}: {command}")
        return answer

    def open(self, clients, **how):
        words = " ".join(f"{k}={v}" for k, v in how.items())
        answer = self.do(f"open clients={clients} {words or 'path=' + self.server.path}")
        if answer["opened"] != clients:
            raise RuntimeError(f"{self.server.name}: {answer['opened']} of {clients} clients could connect")
        return answer

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def lost(name, what, answer):
    """A figure is worth nothing where something was lost."""
    bad = {k: answer[k] for k in ("missing", "doubled", "wrong", "ended") if answer[k]}
    if bad:
        print(f"  {name}: {what}: {bad}", file=sys.stderr)


def measure(row, rounds, peers, clients, figures=False):
    """{server name: [figures of each round]}"""
    found, skipped = {}, {}
    for turn in range(min(rounds, row.rounds or rounds)):
        for make in row.servers(peers):
            server = make()
            if server.name in skipped:
                continue
            try:
                with server, Load(server) as load:
                    got = row.job(server, load, clients)
                    found.setdefault(server.name, []).append(got)
                    if figures:
                        print(f"  {server.name}: " + " ".join(f"{k} {v:.4g}" for k, v in got.items()), flush=True)
            except Skip as why:
                skipped[server.name] = why
                print(f"  {server.name} left out: {why}", file=sys.stderr)
            except (RuntimeError, OSError, KeyError) as why:
                print(f"  {server.name}, round {turn + 1}: {why}", file=sys.stderr)
    return found
