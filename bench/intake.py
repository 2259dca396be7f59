"""Intake over HTTP beside its yardsticks, in one run: `python -m bench.intake [--write]`.

(a) the same rows of the same tables by psycopg plus opening the same envelopes; (b) a bare Django view;
(c) as (a) with the intake's own statements, encoded beforehand: the ceiling. Every round has fresh copies of
one prepared database; the figure is the median of the rounds.
"""

import argparse
import os
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench import client, cpu, page, rows, stand

if TYPE_CHECKING:
    from bench import phones

GOAL_SHARE, GOAL_RATE = 0.5, 3000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--receipts", type=int, default=12_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    with stand.prepared() as database:
        from bench import phones  # the settings are there only now

        print("sealing envelopes …", flush=True)
        prepared = phones.prepare(given.receipts)
        results = [_round(database, prepared, number) for number in range(given.rounds)]
    report = _report(results, given.receipts)
    print(report)
    if given.write:
        page.write("Intake", report)


class Result:
    """One round's figures: receipts a second, milliseconds, microseconds of CPU per receipt."""

    def __init__(
        self,
        count: int,
        http: client.Run,
        rows_s: float,
        ceiling_s: float,
        bare: client.Run,
        *,
        http_cpu: float,
        rows_cpu: float,
    ) -> None:
        self.http, self.rows, self.bare = count / http.seconds, count / rows_s, count / bare.seconds
        self.ceiling = count / ceiling_s
        self.p50, self.p99 = http.percentile(0.5), http.percentile(0.99)
        self.http_cpu, self.rows_cpu = http_cpu / count * 1e6, rows_cpu / count * 1e6
        self.share, self.cpu_share = self.http / self.rows, self.rows_cpu / self.http_cpu


def _round(database: stand.Database, prepared: "phones.Prepared", number: int) -> Result:
    count = sum(len(batch) for load in prepared.loads for batch in load.batches)
    requests = [load.requests for load in prepared.loads]
    with stand.gunicorn("bench.bare", database.url) as (port, _):
        bare = client.run(port, requests)
    ceiling = rows.run(stand.copy_of(database.url, "bench_ceiling"), prepared.work, stand.WORKERS, "ours")
    url, before = stand.copy_of(database.url, "bench_rows"), cpu.spent(os.getpid())
    seconds = rows.run(url, prepared.work, stand.WORKERS, "plain")
    rows_cpu = cpu.spent(os.getpid()) - before
    with stand.gunicorn("kias_offline.wsgi", stand.copy_of(database.url, "bench_http")) as (port, _):
        client.run(port, [[prepared.warm_up] * 4] * len(requests))
        before = cpu.spent(os.getpid())
        http = client.run(port, requests)
        http_cpu = cpu.spent(os.getpid()) - before
    if http.results["accepted"] != count:
        raise RuntimeError(f"not everything was accepted: {http.results}")
    result = Result(count, http, seconds, ceiling, bare, http_cpu=http_cpu, rows_cpu=rows_cpu)
    print(
        f"round {number + 1}: intake {result.http:,.0f}/s, rows {result.rows:,.0f}/s,"
        f" {result.share:.0%} (by CPU {result.cpu_share:.0%})",
        flush=True,
    )
    return result


def _report(results: Sequence[Result], count: int) -> str:
    def median(name: str) -> float:
        return float(statistics.median(getattr(result, name) for result in results))

    share, rate = median("share"), median("http")
    met = "met" if share >= GOAL_SHARE and rate >= GOAL_RATE else "**not met in this run**"
    return f"""`python -m bench.intake --write`: PostgreSQL with fsync on; gunicorn gthread, {stand.WORKERS} workers ×
{stand.THREADS} threads, `--reuse-port`; {count:,} receipts in batches of {stand.BATCH}, gzipped, over 8 connections.
Client, server and database share the cores. Median of {len(results)} rounds.

| | receipts/s | beside (a) | CPU per receipt, µs |
|---|---|---|---|
| intake over HTTP: session, csrf, verify, open, judge, store, answer | {rate:,.0f} | {share:.0%} | {median("http_cpu"):,.0f} |
| (a) the same rows by psycopg, plus opening the same envelopes | {median("rows"):,.0f} | 100% | {median("rows_cpu"):,.0f} |
| (b) a bare Django view that reads the same bodies | {median("bare"):,.0f} | | |
| (c) as (a), with the intake's own statements encoded beforehand: the ceiling | {median("ceiling"):,.0f} | | |

By CPU, which others on the machine disturb less, the intake reaches {median("cpu_share"):.0%} of (a). A POST of
{stand.BATCH} takes {median("p50"):.0f} ms (p50), {median("p99"):.0f} ms (p99). Goal: at least {GOAL_SHARE:.0%} of (a)
and {GOAL_RATE:,} receipts/s on 2 cores: {met}.

Why it is shaped so: opening an envelope (a signature check and an ECDH, about 150 µs) cannot be cheaper. Rows go
in by one INSERT per table whose rows are one JSON parameter (half the CPU of a VALUES list on both sides); events
take their numbers with one UPDATE per agent; the broker hears of a batch by one message, at most 20 times a
second per process; only indexes that a query needs exist.
"""  # noqa: E501 (a table's row is one line)


if __name__ == "__main__":
    main()
