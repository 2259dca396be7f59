"""Throughput of the relay into the simulator: `python -m bench.relay [--write]`.

Real Celery workers, a durable PostgreSQL, the simulator as a process of its own. Each round has a fresh copy
of one prepared database full of accepted receipts; counted are KIAS's calls within a window in which there is
always more to do. The ceiling of a round is its concurrency divided by KIAS's latency.
"""

import argparse
import json
import os
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import cpu, page, stand
from scripts.processes import Child, Part, free_port, is_listening, start_all

GOAL_SHARE = 0.8
WARM_UP_S, WINDOW_S = 6.0, 15.0
AGENTS = 40
#: latency of KIAS in ms, calls at once
ROUNDS = ((200, 4), (200, 8), (50, 4), (50, 16), (0, 4))


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round's figures: per second of the window, CPU in milliseconds per call."""

    latency_ms: int
    concurrency: int
    calls: float
    registered: float
    most_at_once: int
    worker_cpu: float
    database_cpu: float
    simulator_cpu: float

    @property
    def ceiling(self) -> float | None:
        return self.concurrency / (self.latency_ms / 1000) if self.latency_ms else None

    @property
    def cores(self) -> float:
        return self.calls * (self.worker_cpu + self.database_cpu + self.simulator_cpu) / 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--receipts", type=int, default=12_000)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    with stand.prepared() as database:
        from bench import relay_rows  # the settings are there only now

        relay_rows.fill(given.receipts, AGENTS)
        rounds = [_round(database, *each, number) for number, each in enumerate(ROUNDS)]
    report = _report(rounds, given.receipts)
    print(report)
    if given.write:
        page.write("The relay into KIAS", report)


def _round(database: stand.Database, latency_ms: int, concurrency: int, number: int) -> Round:
    url = stand.copy_of(database.url, f"bench_relay_{number}")
    folder = Path(os.environ["VAR_DIR"]) / f"round-{number}"
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": url,
        "KIAS_URL": f"http://127.0.0.1:{port}/kias",
        "KIAS_IS_SIMULATOR": "1",
        "KIAS_CONCURRENCY": str(concurrency),
        "SWEEP_EVERY_S": "1",
        "KIAS_FRESH_S": "3600",  # a question before each save is not what is measured
        "VAR_DIR": str(folder),
    }
    folder.mkdir()

    def child(name: str, *words: str) -> Child:
        return Child(
            name, [sys.executable, "-m", *words], log=folder / f"{name}.log", env=env, cwd=stand.ROOT
        )

    simulator = child(
        "simulator", "sync.kias.simulator", "--port", str(port), "--ledger", str(folder / "ledger.sqlite3"),
        "--check-after", "3600",
    )  # fmt: skip
    celery = ("celery", "-A", "kias_offline")
    worker = child(
        "worker", *celery, "worker", "-Q", "sms,relay", "--concurrency", str(concurrency),
        "--loglevel", "warning", "--without-gossip", "--without-mingle",
    )  # fmt: skip
    beat = child("beat", *celery, "beat", "--pidfile=", "--loglevel", "warning")
    children = [simulator, worker, beat]
    try:
        start_all([Part(simulator, lambda: is_listening(port))])
        _control(port, slow_s=latency_ms / 1000)
        start_all([Part(worker, lambda: True), Part(beat, lambda: True)])
        _warm(port)
        before, spent = _counted(url, port), _spent(worker, database, simulator)
        begun = time.perf_counter()
        time.sleep(WINDOW_S)
        seconds = time.perf_counter() - begun
        after, spent_after = _counted(url, port), _spent(worker, database, simulator)
        most = int(_control(port)["most_at_once"])
    finally:
        for each in reversed(children):
            each.stop(20)
    calls = after[0] - before[0]
    if after[1] >= _total(url):
        raise RuntimeError("everything was relayed before the window ended: give more --receipts")
    worker_cpu, database_cpu, simulator_cpu = (
        (late - early) / max(calls, 1) * 1000 for early, late in zip(spent, spent_after, strict=True)
    )
    found = Round(
        latency_ms=latency_ms,
        concurrency=concurrency,
        calls=calls / seconds,
        registered=(after[1] - before[1]) / seconds,
        most_at_once=most,
        worker_cpu=worker_cpu,
        database_cpu=database_cpu,
        simulator_cpu=simulator_cpu,
    )
    print(f"{latency_ms} ms, {concurrency} at once: {found.calls:,.0f} calls/s", flush=True)
    return found


def _total(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM receipts_receipt").fetchone()
    return int(row[0]) if row else 0


def _warm(port: int) -> None:
    """Until calls flow, and some seconds more: slow start and the workers' own start are not the question."""
    deadline = time.monotonic() + 60
    while not sum(_control(port)["calls"].values()):
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not call")
        time.sleep(0.1)
    time.sleep(WARM_UP_S)


def _counted(url: str, port: int) -> tuple[int, int]:
    """Calls that KIAS has answered, receipts that it has."""
    calls = _control(port)["calls"]
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM receipts_receipt WHERE state = 'registered'"
        ).fetchone()
    return sum(calls.values()) - calls.get("auth", 0), int(row[0]) if row else 0


def _spent(worker: Child, database: stand.Database, simulator: Child) -> tuple[float, float, float]:
    return cpu.spent(stand.pid(worker)), cpu.spent(database.pid), cpu.spent(stand.pid(simulator))


def _control(port: int, **order: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/control",
        data=json.dumps(order).encode() if order else None,
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told


def _report(rounds: list[Round], receipts: int) -> str:
    lines = []
    for each in rounds:
        share = f"{each.calls / each.ceiling:.0%}" if each.ceiling else ""
        ceiling = f"{each.ceiling:,.0f}" if each.ceiling else "the cores"
        lines.append(
            f"| {each.latency_ms} | {each.concurrency} | {ceiling} | {each.calls:,.0f} | {share}"
            f" | {each.registered:,.0f} | {each.most_at_once} | {each.worker_cpu:.1f}"
            f" / {each.database_cpu:.1f} / {each.simulator_cpu:.1f} | {each.cores:.1f} |"
        )
    bound = [each for each in rounds if each.ceiling]
    met = all(each.calls >= GOAL_SHARE * (each.ceiling or 0) or round(each.cores, 1) >= 1 for each in bound)
    table = "\n".join(lines)
    return f"""`python -m bench.relay --write`: Celery workers (prefork), as many processes as calls at once; PostgreSQL with
fsync on; the simulator with its durable ledger; {receipts:,} accepted receipts of {AGENTS} agents wait, each a plain
save. A window of {WINDOW_S:.0f} s after the slow start. Everything shares the cores.

| KIAS's latency, ms | at once | ceiling, calls/s | calls/s | of it | receipts registered/s | most at once, seen by KIAS | CPU per call, ms: worker / database / simulator | cores |
|---|---|---|---|---|---|---|---|---|
{table}

*Ceiling*: concurrency divided by latency. Goal: {GOAL_SHARE:.0%} of it until a core is full: {"met" if met else "**not met in this run**"}.
"""  # noqa: E501 (a table's row is one line)


if __name__ == "__main__":
    main()
