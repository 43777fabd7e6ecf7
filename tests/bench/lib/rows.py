"""What is measured: each row a job that gives figures of a server, and how they are judged."""
import os
import statistics

from peers import FastApi, Nchan, NodeWs
from run import Floor, Ours, lost

US, KIB = 1e3, 1024


def fan_out(server, load, clients, messages, bytes_, every):
    """One event at a time to all: CPU of each delivery, and when the last had it."""
    load.open(clients, path=server.path)
    load.do("quiet ms=100")
    load.do(f"pace count={max(messages // 5, 3)} bytes={bytes_} every_ms={every}")
    a = load.do(f"pace count={messages} bytes={bytes_} every_ms={every}")
    lost(server.name, "paced", a)
    return {"us": a["cpu_ns"] / US / max(a["delivered"], 1), "last": a["last"], "p50": a["p50"], "p99": a["p99"]}


def fan1000(server, load, clients):
    return fan_out(server, load, clients or 1000, 100, 1024, 20)


def fan10000(server, load, clients):
    return fan_out(server, load, clients or 10000, 20, 1024, 150)


def burst(server, load, clients, bytes_, count, window):
    load.open(clients, path=server.path)
    load.do("quiet ms=100")
    load.do(f"burst count={count // 5} bytes={bytes_} window={window}")
    a = load.do(f"burst count={count} bytes={bytes_} window={window}")
    lost(server.name, "back to back", a)
    return {"us": a["cpu_ns"] / US / max(a["delivered"], 1), "per_s": a["delivered"] / max(a["feeding"], 1e-9)}


def burst1k(server, load, clients):
    return burst(server, load, clients or 1000, 1024, 2000, 256)


def burst16k(server, load, clients):
    return burst(server, load, clients or 1000, 16384, 200, 16)


def crowd10000(server, load, clients):
    """Opening them, what each costs idle, and lone messages from them."""
    clients = clients or 10000
    before = load.do("idle seconds=0.1")
    a = load.open(clients, path=server.path)
    q = load.do("quiet ms=200")
    figures = {"us": (a["cpu_ns"] + q["cpu_ns"]) / US / clients, "per_s": clients / a["seconds"],
               "bytes": (q["rss_kib"] - before["rss_kib"]) * KIB / clients}
    if not server.answers:
        return figures
    n = 3000
    load.do("say count=500 per_second=1000")
    s = load.do(f"say count={n} per_second=1000")
    if s["answers"] not in (n, 0):
        lost(server.name, f"{s['answers']} answers to {n} messages", s)
    return dict(figures, said_us=s["cpu_ns"] / US / n)


class Line:
    """A row with its figures."""

    def __init__(self, row, value, all_, others):
        self.row, self.value, self.all, self.others = row, value, all_, others
        self.good = value is not None and (value <= row.bar if row.low else value >= row.bar)
        self.aimed = value is not None and (value <= row.aim if row.low else value >= row.aim)

    def text(self, shown):
        word = "aim met" if self.aimed else "good" if self.good else "MISSED"
        spread = " ".join(shown(v) for v in self.all)
        others = "".join(f"; {name} {shown(v)}" for name, v in self.others.items())
        return f"{self.row.name}: {self.row.title}: {shown(self.value)} {self.row.unit} (bar {self.row.bar}, aim {self.row.aim}: {word}; rounds {spread}{others}; load {os.getloadavg()[0]:.1f})"


class Row:
    """value: of a server's and the floor's figures of one round; low: less is better."""

    def __init__(self, name, title, job, value, bar, aim, unit="x the floor", low=True, quick=True, long=False, servers=None, against="floor"):
        self.name, self.title, self.job, self.value, self.bar, self.aim = name, title, job, value, bar, aim
        self.unit, self.low, self.quick, self.long, self.against = unit, low, quick, long, against
        self.makers = servers or [Floor, Ours]

    def servers(self, peers):
        return self.makers + (PEERS if peers else [])

    def ratios(self, found, name):
        pairs = zip(found.get(name, []), found.get(self.against, found.get(name, [])))
        return [self.value(a, b) for a, b in pairs if self.measured(a, b)]

    def measured(self, a, b):
        try:
            self.value(a, b)
        except (KeyError, ZeroDivisionError):
            return False
        return True

    def judge(self, found):
        ours = self.ratios(found, "ours")
        others = {n: self.ratios(found, n) for n in found if n not in ("ours", self.against)}
        others = {n: statistics.median(v) for n, v in others.items() if v}
        return Line(self, statistics.median(ours) if ours else None, ours, others)


def ratio(key):
    return lambda a, b: a[key] / b[key]


PEERS = [Nchan, NodeWs, FastApi]
ROWS = [
    Row("cpu1000", "CPU per delivered message, 1 KiB to 1,000 clients", fan1000, ratio("us"), 1.30, 1.15),
    Row("cpu10000", "CPU per delivered message, 1 KiB to 10,000 clients", fan10000, ratio("us"), 1.30, 1.15),
    Row("last10000", "last of 10,000 clients", fan10000, ratio("last"), 1.30, 1.15),
    Row("burst1k", "back to back 1 KiB to 1,000 clients, messages a second", burst1k, ratio("per_s"), 6, 8, low=False),
    Row("burst16k", "back to back 16 KiB to 1,000 clients, CPU", burst16k, ratio("us"), 0.9, 0.6),
    Row("handshake", "CPU per handshake while opening 10,000", crowd10000, ratio("us"), 2.2, 1.5),
    Row("memory", "resident memory per idle client", crowd10000, lambda a, b: a["bytes"] / 1000, 3.0, 2.5, unit="KB"),
    Row("received", "CPU per message received with 10,000 connected, both answer", crowd10000, ratio("said_us"), 1.8, 1.2),
]


def markdown(lines, shown):
    others = [n for n in dict.fromkeys(n for line in lines for n in line.others)]
    head = ["what", "bar", "aim", "ours", *others]
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for line in lines:
        out.append("| " + " | ".join([line.row.title, shown(line.row.bar), shown(line.row.aim),
                                      f"{shown(line.value)} {line.row.unit}", *(shown(line.others.get(n)) for n in others)]) + " |")
    return "\n".join(out)
