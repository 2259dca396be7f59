"""Intake over HTTP beside its yardsticks, in one run: `python -m bench.intake [--write]`.

(a) the same rows of the same tables by psycopg plus opening the same envelopes; (b) a bare Django view. Every
round has fresh copies of one prepared database; the figure is the median of the rounds.
"""

import argparse
import os
import platform
import re
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import client, rows, stand

PAGE = stand.ROOT / "docs" / "benchmarks.md"
GOAL_SHARE, GOAL_RATE = 0.5, 3000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--receipts", type=int, default=12_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    with stand.prepared() as url:
        from bench import phones  # the settings are there only now

        print("sealing envelopes …", flush=True)
        prepared = phones.prepare(given.receipts)
        results = [_round(url, prepared, number) for number in range(given.rounds)]
    report = _report(results, given.receipts)
    print(report)
    if given.write:
        _write(report)


class Result:
    """One round's figures: receipts or requests a second, milliseconds."""

    def __init__(self, count: int, http: client.Run, rows_seconds: float, bare: client.Run) -> None:
        self.http, self.rows = count / http.seconds, count / rows_seconds
        self.p50, self.p99 = http.percentile(0.5), http.percentile(0.99)
        self.bare = count / bare.seconds
        self.share = self.http / self.rows


def _round(url: str, prepared: "phones.Prepared", number: int) -> Result:  # type: ignore[name-defined]  # noqa: F821
    count = sum(len(batch) for load in prepared.loads for batch in load.batches)
    requests = [load.requests for load in prepared.loads]
    with stand.gunicorn("bench.bare", url) as port:
        bare = client.run(port, requests)
    seconds = rows.run(stand.copy_of(url, "bench_rows"), prepared.work, stand.WORKERS)
    with stand.gunicorn("kias_offline.wsgi", stand.copy_of(url, "bench_http")) as port:
        client.run(port, [[prepared.warm_up] * 4] * len(requests))
        http = client.run(port, requests)
    if http.results["accepted"] != count:
        raise RuntimeError(f"not everything was accepted: {http.results}")
    result = Result(count, http, seconds, bare)
    print(
        f"round {number + 1}: intake {result.http:,.0f}/s, rows {result.rows:,.0f}/s, {result.share:.0%}",
        flush=True,
    )
    return result


def _report(results: Sequence[Result], count: int) -> str:
    def median(name: str) -> float:
        return float(statistics.median(getattr(result, name) for result in results))

    share, rate = median("share"), median("http")
    met = "met" if share >= GOAL_SHARE and rate >= GOAL_RATE else "**not met**"
    return f"""## Intake

`python -m bench.intake --write`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()},
Python {platform.python_version()}, PostgreSQL with fsync on; gunicorn gthread, {stand.WORKERS} workers ×
{stand.THREADS} threads, `--reuse-port`; {count:,} receipts in batches of {stand.BATCH}, gzipped, over 8
connections; client, server and database share the cores; median of {len(results)} rounds.

| | receipts/s | beside (a) |
|---|---|---|
| intake over HTTP: session, csrf, verify, open, judge, store, answer | {rate:,.0f} | {share:.0%} |
| (a) the same rows by psycopg, plus opening the same envelopes | {median("rows"):,.0f} | 100 % |
| (b) a bare Django view that reads the same bodies | {median("bare"):,.0f} | |

A POST of {stand.BATCH} takes {median("p50"):.0f} ms (p50), {median("p99"):.0f} ms (p99). Goal: at least
{GOAL_SHARE:.0%} of (a) and {GOAL_RATE:,} receipts/s on 2 cores: {met}.
"""


def _write(report: str, page: Path = PAGE) -> None:
    """Put the section in place of its former self."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    if re.search(r"^## Intake$", text, re.MULTILINE):
        text = re.sub(
            r"^## Intake\n.*?(?=^## |\Z)", lambda _: report + "\n", text, flags=re.MULTILINE | re.DOTALL
        )
    else:
        text = text.rstrip() + "\n\n" + report
    page.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
