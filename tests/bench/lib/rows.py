"""What is measured: each row a job, and how its figures are judged."""
import os
import statistics

import jobs
from peers import FastApi, Nchan, NodeWs
from run import Floor, Ours

PEERS = [Nchan, NodeWs, FastApi]


def with_(kind, name=None, **options):
    """Makes servers of that kind."""
    def make():
        server = kind(**options)
        server.name = name or server.name
        return server
    return make


class Line:
    """A row with its figures."""

    def __init__(self, row, value, all_, others):
        self.row, self.value, self.all, self.others = row, value, all_, others
        self.good = value is not None and (value <= row.bar if row.low else value >= row.bar)
        self.aimed = value is not None and (value <= row.aim if row.low else value >= row.aim)

    def text(self, shown):
        word = "not measured" if self.value is None else "aim met" if self.aimed else "good" if self.good else "MISSED"
        others = "".join(f"; {name} {shown(v)}" for name, v in self.others.items())
        return (f"{self.row.name}: {self.row.title}: {shown(self.value)} {self.row.unit} (bar {self.row.bar:g}, aim {self.row.aim:g}: {word}; "
                f"rounds {' '.join(shown(v) for v in self.all)}{others}; load {os.getloadavg()[0]:.1f})")


class Row:
    """value: of a server's and the other's (against) figures of one round. low: less is better."""

    def __init__(self, name, title, job, value, bar, aim, unit="x", low=True, quick=True, long=False, servers=None, against="floor",
                 peers=False, rounds=None):
        self.name, self.title, self.job, self.value, self.bar, self.aim = name, title, job, value, bar, aim
        self.unit, self.low, self.quick, self.long, self.against = unit, low, quick, long, against
        self.makers, self.peers, self.rounds = servers or [Floor, Ours], peers, rounds

    def servers(self, peers):
        return self.makers + (PEERS if peers and self.peers else [])

    def ratios(self, found, name):
        out = []
        for a, b in zip(found.get(name, []), found.get(self.against, found.get(name, []))):
            try:
                out.append(self.value(a, b))
            except (KeyError, ZeroDivisionError):
                pass  # this server does not do that
        return out

    def judge(self, found):
        ours = self.ratios(found, "ours")
        others = {n: self.ratios(found, n) for n in found if n not in ("ours", self.against)}
        return Line(self, statistics.median(ours) if ours else None, ours, {n: statistics.median(v) for n, v in others.items() if v})


def ratio(key):
    return lambda a, b: a[key] / b[key]


def figure(key):
    return lambda a, b: a[key]


def less(key):
    """Percent of the full set that a page does without."""
    return lambda a, b: 100 * (1 - a[key] / a["full"])


FAN_10000 = jobs.fan(10000, 20, 150)
DEFLATED = [with_(Ours, "plain"), with_(Ours, deflate=1)]
SQUEEZED_1K, SQUEEZED_16K = jobs.squeezed(1024, 60), jobs.squeezed(16384, 40)
SETS = [with_(Ours, "five", sets=5), with_(Ours, sets=1000)]
ALONE = [Ours]

ROWS = [
    Row("cpu1000", "CPU a delivered message, 1 KiB to 1,000 clients, one at a time, against one `send()`", jobs.fan(1000, 100, 20), ratio("us"),
        1.30, 1.15, peers=True),
    Row("cpu10000", "the same to 10,000 clients", FAN_10000, ratio("us"), 1.30, 1.15, peers=True),
    Row("last10000", "when the last of 10,000 has it", FAN_10000, ratio("last"), 1.30, 1.15, peers=True),
    Row("burst1k", "back to back, 1 KiB to 1,000 clients: messages a second (more is better)", jobs.burst(1000, 2000, 1024, 256), ratio("per_s"),
        6, 8, low=False, peers=True),
    Row("burst16k", "the same with 16 KiB: CPU", jobs.burst(1000, 200, 16384, 16), ratio("us"), 0.9, 0.6, peers=True),
    Row("deflate1k", "compressed for all of 1,000 clients, 1 KiB: CPU against uncompressed", SQUEEZED_1K, ratio("us"), 1.2, 1.0, servers=DEFLATED,
        against="plain"),
    Row("deflate16k", "the same with 16 KiB", SQUEEZED_16K, ratio("us"), 1.2, 1.0, servers=DEFLATED, against="plain"),
    Row("deflatemem", "and the memory it takes more for each client", SQUEEZED_16K, lambda a, b: a["bytes"] - b["bytes"], 1024, 350, unit="B",
        servers=DEFLATED, against="plain"),
    Row("mixed", "10,000 clients of five sets of topics, a `realtime_update` and four events a second: CPU", jobs.mixed, ratio("us"), 1.3, 1.1),
    Row("sets1000", "an event to 1,000 clients of 1,000 different sets of topics: CPU against five sets", jobs.sets, ratio("us"), 1.5, 1.2,
        servers=SETS, against="five"),
    Row("handshake", "CPU a handshake, while 10,000 connect", jobs.crowd, ratio("us"), 2.2, 1.5, peers=True),
    Row("memory", "memory of an idle client", jobs.crowd, lambda a, b: a["bytes"] / 1000, 3.0, 2.5, unit="KB", peers=True),
    Row("received", "CPU a message received, 10,000 connected, each answered", jobs.crowd, ratio("said_us"), 1.8, 1.2, peers=True),
    Row("stopped", "100 of 1,000 stopped reading: p99 of the others against none stopped", jobs.stopped, ratio("p99"), 1.3, 1.1,
        servers=[with_(Ours, "none", stop=0), with_(Ours, stop=100)], against="none", quick=False),
    Row("resume", "1,000 clients back at once with `since` after a `kill -9`: events missing or doubled", jobs.resume,
        lambda a, b: a["missing"] + a["doubled"], 0, 0, unit="events", servers=ALONE, rounds=3),
    Row("storm", "1,000 clients back at once: who got in", jobs.storm, figure("percent"), 99, 100, unit="%", low=False, servers=ALONE, rounds=3),
    Row("restless", "42,000 connects of one address in a minute to OpenRisk's path: p99 of 1,000 others against before and after", jobs.restless,
        figure("p99"), 1.3, 1.1, servers=ALONE, quick=False, rounds=3),
    Row("restlessmem", "memory that takes", jobs.restless, figure("rss_mb"), 8, 2, unit="MB", servers=ALONE, quick=False, rounds=3),
    Row("restlesstold", "of those refused, who was told 429", jobs.restless, figure("told"), 100, 100, unit="%", low=False, servers=ALONE,
        quick=False, rounds=3),
    Row("idle", "1,000 connected, nothing to send", jobs.idle, figure("percent"), 0.3, 0.3, unit="% of a core", servers=ALONE, quick=False, rounds=1),
    Row("hundred", "100 clients, collectors at 3 s", jobs.hundred, figure("percent"), 5, 1, unit="% of a core", servers=ALONE, quick=False, rounds=1),
    Row("overview", "bytes a minute that the page's Overview does without, of the full set", jobs.page_bytes, less("overview"), 13, 13, unit="%",
        low=False, servers=ALONE, rounds=1),
    Row("sessions", "the same for Sessions", jobs.page_bytes, less("sessions"), 77, 77, unit="%", low=False, servers=ALONE, rounds=1),
    Row("alerts", "the same for the alerts alone", jobs.page_bytes, less("alerts"), 90, 90, unit="%", low=False, servers=ALONE, rounds=1),
    Row("read", "CPU a message received and answered, against a floor that only reads it", jobs.crowd, ratio("said_us"), 1.8, 1.2, long=True,
        servers=[with_(Floor, args=["--silent"]), Ours]),
    Row("containers", "1,000 clients with a container each of 1,000, all changed: CPU against five", jobs.own_containers, ratio("us"), 1.5, 1.2,
        servers=SETS, against="five", long=True),
    Row("hold", "18,000 clients for ten minutes, fed each second: lost", jobs.hold, figure("lost"), 0, 0, unit="messages", servers=ALONE, long=True,
        rounds=1),
    Row("soak", "memory over 10 million messages, last tenth against first", jobs.soak_messages, figure("growth"), 2, 0, unit="%", servers=ALONE,
        long=True, rounds=1),
    Row("churn", "memory over a million connects and disconnects, last tenth against first", jobs.soak_connects, figure("growth"), 2, 0, unit="%",
        servers=ALONE, long=True, rounds=1),
]


PEER_NAMES = {"nchan": "nginx + nchan", "ws": "Node ws", "fastapi": "FastAPI"}


def cells(line, shown):
    unit = "" if line.row.unit == "x" else " " + line.row.unit
    ours = "-" if line.value is None else shown(line.value) + unit + ("" if line.good else " (missed)")
    return [line.row.title, f"{line.row.bar:g}{unit}", ours, *(shown(line.others.get(n)) for n in PEER_NAMES)]


def markdown(table):
    """Of lists of cells."""
    head = ["what", "bar", "ours", *PEER_NAMES.values()]
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] + ["---:"] * (len(head) - 1), *table)])


def merged(old, new):
    """The rows of a table in Markdown, those measured anew replaced, in the order of ROWS."""
    kept = {}
    for text in old.splitlines():
        row = [c.strip() for c in text.strip("|").split("|")]
        if len(row) == 3 + len(PEER_NAMES):
            kept[row[0]] = row
    kept.update({row[0]: row for row in new})
    return [kept[r.title] for r in ROWS if r.title in kept]
