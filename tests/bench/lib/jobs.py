"""The work: each function has a server and a load client at it, and gives figures of that server."""
import json
import os
import subprocess
import threading
import time

from run import BUILD, ROOT, Load, Ours, Skip, lost

US, KIB = 1e3, 1024
STREAM = ROOT / "share/demo/kato.ndjson"


def settled(load):
    load.do("quiet ms=100")


def paced(server, load, count, bytes_, every):
    """One event at a time to all: CPU of each delivery, and when the last had it."""
    load.do(f"pace count={max(count // 5, 3)} bytes={bytes_} every_ms={every}")
    a = load.do(f"pace count={count} bytes={bytes_} every_ms={every}")
    lost(server.name, "paced", a)
    return {"us": a["cpu_ns"] / US / max(a["delivered"], 1), "last": a["last"], "p50": a["p50"], "p99": a["p99"]}


def fan(clients, count, every):
    def job(server, load, asked):
        load.open(asked or clients, path=server.path)
        settled(load)
        return paced(server, load, count, 1024, every)
    return job


def burst(clients, count, bytes_, window):
    def job(server, load, asked):
        load.open(asked or clients, path=server.path)
        settled(load)
        messages = max(int(count * server.share), 20)
        load.do(f"burst count={messages // 5} bytes={bytes_} window={window}")
        a = load.do(f"burst count={messages} bytes={bytes_} window={window}")
        lost(server.name, "back to back", a)
        return {"us": a["cpu_ns"] / US / max(a["delivered"], 1), "per_s": a["delivered"] / max(a["feeding"], 1e-9)}
    return job


def crowd(server, load, clients):
    """Opening 10,000, what each costs idle, and lone messages from them."""
    clients = clients or 10000
    before = load.do("idle seconds=0.1")
    a = load.open(clients, path=server.path)
    q = load.do("quiet ms=200")
    figures = {"us": (a["cpu_ns"] + q["cpu_ns"]) / US / clients, "per_s": clients / a["seconds"],
               "bytes": (q["rss_kib"] - before["rss_kib"]) * KIB / clients}
    if not server.answers:
        return figures
    count = 3000
    load.do("say count=500 per_second=1000")
    s = load.do(f"say count={count} per_second=1000")
    if s["answers"] not in (count, 0):
        lost(server.name, f"{s['answers']} answers to {count} messages", s)
    return dict(figures, said_us=s["cpu_ns"] / US / count)


def squeezed(bytes_, count):
    """Compressed where the server was made so; the memory of a client after all that."""
    def job(server, load, clients):
        clients, deflate = clients or 1000, server.options.get("deflate", 0)
        before = load.do("idle seconds=0.1")
        load.open(clients, path=server.path, deflate=deflate)
        settled(load)
        figures = paced(server, load, count, bytes_, 30)
        after = load.do("total")
        if deflate and (not after["compressed"] or not after["inflated"]):
            raise Skip("it does not compress")
        return dict(figures, bytes=(after["rss_kib"] - before["rss_kib"]) * KIB / clients, wire=after["bytes"] / after["messages"])
    return job


def sets(server, load, clients):
    """An event to all of 1,000 clients, of so many different sets of topics."""
    load.open(clients or 1000, path="/ws?subscribe=session_events,containers.c%n", sets=server.options["sets"])
    settled(load)
    return paced(server, load, 100, 1024, 20)


def container_line(names, turn):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{turn % 1000:03}Z"
    each = [{"name": name, "id": f"{i:012x}", "image": "kato:3.10.1", "status": "running", "health": "healthy", "cpu": (turn * 7 + i) % 100 + 0.5,
             "memory": {"usage_bytes": 1000000 + i * turn, "limit_bytes": 4294967296, "usage_mb": 1218.15, "limit_mb": 4096.0, "usage_percent": 29.74},
             "pids": 41, "timestamp": stamp} for i, name in enumerate(names)]
    return json.dumps({"type": "containers", "timestamp": stamp,
                       "data": {"aggregated": {"container_count": len(each), "total_cpu_percent": 12.5}, "containers": each}},
                      separators=(",", ":"))


def own_containers(server, load, clients):
    """Each client its own container of 1,000, or one of five; all change in each record."""
    clients = clients or 1000
    names = [f"c{i}" for i in range(1000)]
    load.do("line " + container_line(names, 1))
    load.open(clients, path="/ws?subscribe=containers.c%n", sets=server.options["sets"])
    settled(load)
    before, began = load.do("total"), server.cpu()
    ticks = 20
    for turn in range(2, ticks + 2):
        load.do("line " + container_line(names, turn))
        load.do("idle seconds=0.1")
    settled(load)
    cpu, after = server.cpu() - began, load.do("total")
    got = after["messages"] - before["messages"]
    if got != ticks * clients:
        lost(server.name, f"{got} messages instead of {ticks * clients}", after)
    return {"us": cpu / US / max(got, 1)}


MIXED = ["metrics", "containers", "sessions", "metrics,containers,sessions", "metrics,sessions"]


def sections_of(second):
    """What three collectors say in a second, as in the recording that the product shows itself with."""
    if not sections_of.kept:
        kinds = {"metrics": [], "containers": [], "sessions": []}
        for line in STREAM.read_text().splitlines():
            record = json.loads(line)
            if record["type"] in kinds:
                record.pop("demo", None)
                kinds[record["type"]].append(record)
        sections_of.kept.update(kinds)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return {kind: dict(records[second % len(records)], timestamp=stamp) for kind, records in sections_of.kept.items()}


sections_of.kept = {}


def compact(what):
    return json.dumps(what, separators=(",", ":"))


def mixed(server, load, clients):
    """Five sets of topics; each second the state that each wants, and four events to all."""
    clients, seconds = clients or 10000, 6
    for i, wants in enumerate(MIXED):
        load.open(clients // len(MIXED), set=i, path=f"/ws?set={i}" if server.name == "floor" else f"/ws?subscribe=session_events,{wants}")

    def say_state(second):
        sections = sections_of(second)
        if server.name != "floor":
            for record in sections.values():
                load.do("line " + compact(record))
            return
        for i, wants in enumerate(MIXED):
            data = {kind: sections[kind]["data"] for kind in wants.split(",")}
            load.do(f"line @{i} " + compact({"type": "realtime_update", "timestamp": sections["metrics"]["timestamp"], "data": data}))

    say_state(0)
    settled(load)
    before, began, start = load.do("total"), server.cpu(), time.monotonic()
    for second in range(1, seconds + 1):
        say_state(second)
        load.do("steady count=4 bytes=600 every_ms=220")
        load.do(f"idle seconds={max(start + second - time.monotonic(), 0.001):.3f}")
    settled(load)
    cpu, after = server.cpu() - began, load.do("total")
    got = after["messages"] - before["messages"]
    if got != seconds * clients * 5 or after["missing"] or after["doubled"]:
        lost(server.name, f"mixed: {got} messages instead of {seconds * clients * 5}", after)
    return {"us": cpu / US / got, "core": cpu / 1e9 / (time.monotonic() - start), "kb": (after["bytes"] - before["bytes"]) / got / 1000}


def stopped(server, load, clients):
    """Some of the clients stop reading; what the others see of it."""
    load.open(clients or 1000, path=server.path)
    settled(load)
    load.do("steady count=50 bytes=4096 every_ms=20")
    load.do(f"stop clients={server.options['stop']}")
    a = load.do("steady count=400 bytes=4096 every_ms=20")
    lost(server.name, "the others", {k: v for k, v in a.items() if k != "ended"} | {"ended": 0})
    return {"p99": a["p99_each"], "p50": a["p50"], "max": a["max"], "us": a["cpu_ns"] / US / a["delivered"], "rss_kib": a["rss_kib"]}


def restless(server, load, clients):
    """One address that comes and goes and never rests, at a path whose clients are known to; what the others see of it, and what it is told."""
    seconds, per_second = server.options.get("seconds", 60), 700
    load.do('line {"type":"dashboard","timestamp":"2026-11-20T09:00:00.000Z","data":{"pad":"%s"}}' % ("x" * 15000))
    load.open(clients or 1000, path=server.path)
    settled(load)

    def steady(length):
        a = load.do(f"steady count={length * 20} bytes=1024 every_ms=50")
        lost(server.name, "the others", a)
        return a

    steady(2)
    quiet, storm, before = steady(seconds // 3), {}, load.do("total")["rss_kib"]
    with Load(server) as stormer:
        os.setpriority(os.PRIO_PROCESS, stormer.process.pid, 5)  # it shares a core with the others
        other = threading.Thread(target=lambda: storm.update(stormer.do(
            f"churn times={per_second * seconds} at_once=1700 per_second={per_second} source=99 path=/api/v1/ws/dashboard?token=")))
        other.start()
        a = steady(seconds)
        other.join()
    after = steady(seconds // 3)
    calm = (quiet["p99_each"] + after["p99_each"]) / 2
    return {"p99": a["p99_each"] / calm, "calm_ms": calm, "storm_ms": a["p99_each"], "rss_mb": (a["rss_kib"] - before) / 1024,
            "in": storm["welcomed"], "refused": storm["refused"], "told": 100 * storm["too_many"] / max(storm["refused"], 1),
            "core": a["cpu_ns"] / 1e9 / seconds}


def idle(server, load, clients):
    load.open(clients or 1000, path=server.path)
    settled(load)
    seconds = server.options.get("seconds", 30)
    a = load.do(f"idle seconds={seconds}")
    return {"percent": a["cpu_ns"] / 1e7 / a["seconds"]}


def hundred(server, load, clients):
    """100 clients, three collectors at 3 s."""
    load.open(clients or 100, path=server.path)
    settled(load)
    ticks, began, start = server.options.get("ticks", 5), server.cpu(), time.monotonic()
    for tick in range(ticks):
        for record in sections_of(tick).values():
            load.do("line " + compact(record))
        load.do(f"idle seconds={max(start + 3 * (tick + 1) - time.monotonic(), 0.001):.3f}")
    return {"percent": (server.cpu() - began) / 1e7 / (time.monotonic() - start)}


PAGES = {"full": "", "overview": "?subscribe=source_status,system_alerts,metrics,containers,sessions",
         "sessions": "?subscribe=source_status,system_alerts,sessions,session_events", "alerts": "?subscribe=source_status,system_alerts"}


def page_bytes(server, load, clients):
    """What the pages subscribe to, over ten minutes of the recording, told in a few seconds; the greetings left out."""
    judged = subprocess.run([BUILD / "bin/alertd"], stdin=STREAM.open(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    lines = judged.stdout.splitlines()
    for i, query in enumerate(PAGES.values()):
        load.open(1, set=i, path=f"/ws{query}")
    settled(load)
    before = load.do("total")
    second = None
    for line in lines:
        record = json.loads(line)
        now = record["timestamp"][:19]
        if now != second and second is not None:
            load.do("idle seconds=0.03")  # longer than the window in which state is gathered
        second = now
        load.do("line " + line)
    settled(load)
    after = load.do("total")
    return {name: (after["set_bytes"][i] - before["set_bytes"][i]) / 10 for i, name in enumerate(PAGES)}


def hold(server, load, clients):
    """Very many, fed each second, for minutes."""
    clients, seconds = clients or 18000, server.options.get("seconds", 600)
    load.open(clients, path=server.path, seconds=120)
    settled(load)
    a = load.do(f"steady count={seconds} bytes=1024 every_ms=1000", seconds + 120)
    return {"lost": a["missing"] + a["doubled"] + a["wrong"] + a["ended"] + (clients * seconds - a["delivered"]),
            "core": a["cpu_ns"] / 1e9 / seconds, "last": a["last"], "rss_kib": a["rss_kib"]}


def growth(values):
    """Last tenth against first, in percent; what a process needs to begin with is in the first."""
    return 100 * (values[-1] / values[0] - 1)


def soak_messages(server, load, clients):
    """Ten million lines, a million in each tenth."""
    load.open(clients or 5, path=server.path)
    million, rss = server.options.get("tenth", 1000000), []
    for _ in range(10):
        a = load.do(f"burst count={million} bytes=200 window=2000", 600)
        lost(server.name, "ten million", a)
        rss.append(load.do("quiet ms=200")["rss_kib"])
    return {"growth": growth(rss), "first": rss[0], "last": rss[-1]}


def soak_connects(server, load, clients):
    """A million who come and go, half of them with a reset, a hundred thousand in each tenth."""
    tenth, rss = server.options.get("tenth", 100000), []
    for _ in range(10):
        for reset in (0, 1):
            a = load.do(f"churn times={tenth // 2} at_once=100 reset={reset} path={server.path}", 600)
            if a["welcomed"] != tenth // 2:
                lost(server.name, f"{a['welcomed']} of {tenth // 2} welcomed", a)
        rss.append(load.do("quiet ms=300")["rss_kib"])
    return {"growth": growth(rss), "first": rss[0], "last": rss[-1]}


class Journalled:
    """A broadcaster with a journal that can be killed and started anew, and fed as katoctl run does: what was not acknowledged, again."""

    def __init__(self, folder):
        if "--journal" not in subprocess.run([BUILD / "bin/broadcaster", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout:
            raise Skip("this broadcaster keeps no journal")
        self.journal, self.acked, self.server = f"{folder}/journal", 0, None

    def start(self):
        r, w = os.pipe()
        self.server = Ours(args=["--journal", self.journal, "--ack-fd", str(w)], pass_fds=[w])
        self.server.__enter__()
        os.close(w)
        self.ack, self.taken, self.base = r, 0, self.acked
        os.set_blocking(r, False)
        return self.server

    def look(self):
        try:
            said = os.read(self.ack, 1 << 16).decode()
        except BlockingIOError:
            return
        if said.endswith("\n"):
            self.acked = max(self.acked, self.base + int(said.split()[-1]))

    def feed(self, until, per_ms=20):
        """Events from what is acknowledged on up to that number; 1 is the first."""
        at = self.acked
        os.set_blocking(self.server.feed, True)
        while at < until:
            upto = min(at + per_ms, until)
            lines = "".join(f'{{"type":"session_event","timestamp":"2026-11-20T09:00:00.000Z","n":{n},"id":"k{n}","pad":"{"x" * 200}"}}\n'
                            for n in range(at + 1, upto + 1))
            try:
                os.write(self.server.feed, lines.encode())
            except BrokenPipeError:
                return
            at = upto
            self.look()
            time.sleep(0.001)

    def feed_all(self, until):
        self.feed(until)
        end = time.monotonic() + 20
        while self.acked < until and time.monotonic() < end:
            time.sleep(0.005)
            self.look()

    def killed(self):
        self.server.kill()
        self.look()
        self.server.__exit__()
        os.close(self.ack)


def resume(server, load, clients):
    """Killed while it is fed; fed on, then all come back at once, each from where it was, and more follows."""
    clients, path = clients or 1000, "path=/ws?subscribe=session_events offsets=1"
    kept = Journalled(server.folder)
    kept.start()
    load.at(kept.server, feed=False)
    load.do(f"open clients={clients} {path}")
    load.do("expect number=1")
    feeding = threading.Thread(target=kept.feed, args=(2000,))
    killer = threading.Timer(0.25, kept.server.kill)
    feeding.start()
    killer.start()
    load.do("idle seconds=0.6")
    feeding.join()
    killer.join()
    kept.killed()
    died_at = kept.acked
    kept.start()
    load.at(kept.server, feed=False)
    kept.feed_all(2500)
    feeding = threading.Thread(target=kept.feed, args=(3000,))
    feeding.start()
    a = load.do(f"reopen clients={clients} at_once={clients} {path}")
    feeding.join()
    kept.feed_all(3000)
    load.do("quiet ms=300")
    load.do("settle number=3000")
    t = load.do("total")
    kept.killed()
    return {"missing": t["missing"], "doubled": t["doubled"], "came_back": 100 * a["opened"] / clients, "killed_after": died_at,
            "not_recovered": t["not_recovered"]}


def storm(server, load, clients):
    """Killed and started anew without a journal: who comes back of those who all come at once."""
    clients = clients or 1000
    load.open(clients, path=server.path)
    server.kill()
    load.do("idle seconds=0.2")
    with Ours() as again:
        load.at(again, feed=False)
        a = load.do(f"open clients={clients} at_once={clients} path={server.path} seconds=10")
    return {"percent": 100 * a["opened"] / clients, "seconds": a["seconds"]}
