"""Twenty receipts over a line of 50 kbit/s each way, 600 ms there and back, 2 % of segments standing still.

`python -m bench.slow [--write] [--seed N]`
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench import page
from tests.browser import app
from tests.support import servers
from tests.support.browser import Phone
from tests.support.line import Line, Shape
from tests.support.stack import Stack, wait_for

RECEIPTS = 20
GOAL_S = 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    options.add_argument("--seed", type=int, nargs="+", default=[1, 2, 3], help="one run for each")
    given = options.parse_args()
    started = servers.prepare()
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = _measure(Path(folder), given.seed)
    finally:
        if started:
            started.stop()
    print(report)
    if given.write:
        page.write("Twenty receipts over a slow line", report)


def _measure(folder: Path, seeds: list[int]) -> str:
    rows = []
    with (
        Stack(folder / "stack", os.environ["TESTS_POSTGRES"]) as stack,
        sync_playwright() as playwright,
    ):
        for seed in seeds:
            line, agent = Line(stack.port), stack.new_agent()
            phone = Phone(playwright, folder / f"phone-{seed}", line.url)
            view = phone.open()
            app.log_in(view, stack, agent)
            app.wait_ready(view)
            line.cut()
            issue(view, RECEIPTS)
            line.restore()
            rows.append(_row(stack, agent.id, view, line.shape(Shape(seed=seed))))
            phone.close()
            line.close()
    return f"""`python -m bench.slow --write`: {RECEIPTS} receipts issued without network in Chromium;
50 kbit/s each way shared by all connections, 600 ms there and back, 2 % of the segments stand still for
1 to 3 s; no nginx in between.
*Ceiling*: the bytes of that run until then at 50 kbit/s plus one round trip for each request made and for
the first connection; nothing stalls, nothing is computed. Goal: {GOAL_S} s.

| seed | all accepted, s | bytes up / down | requests | stalls | ceiling, s | batches | states asked for, s |
|---|---|---|---|---|---|---|---|
{"".join(rows)}"""


def issue(view: Page, count: int) -> set[str]:
    """So many receipts, each for another policy, without network; ends on the list. Their numbers."""
    client = app.Client()
    numbers = set()
    for each in range(count):
        numbers.add(app.issue(view, replace(client, policy_number=f"{each:010d}")))
        app.done(view)
    return numbers


def _row(stack: Stack, agent: str, view: Page, shape: Shape) -> str:
    begun = time.perf_counter()
    view.evaluate("dispatchEvent(new Event('online'))")  # what a phone's browser says itself
    wait_for(lambda: accepted(stack, agent) == RECEIPTS, "all receipts accepted", 180)
    took = time.perf_counter() - begun
    (up, down), requests = tuple(shape.carried), list(shape.requests)
    stalled = shape.stalled
    # the last answer is still on its way; whoever spoke beside the drain spoke on the same line
    ceiling = max(up, down) * 8 / shape.bits + (len(requests) + 1) * shape.round_trip - shape.round_trip / 2
    wait_for(lambda: any("/api/states" in each for each in shape.requests), "the states' feed", 180)
    whole = time.perf_counter() - begun
    batches = sum(each == "POST /api/receipts" for each in requests)
    return (
        f"| {shape.seed} | {took:.1f} | {up:,} / {down:,} | {len(requests)} | {stalled} | {ceiling:.1f}"
        f" | {batches} | {whole:.1f} |\n"
    )


def accepted(stack: Stack, agent: str) -> int:
    """How many receipts of this agent the server has."""
    return int(stack.query("SELECT count(*) FROM receipts_receipt WHERE agent_id = %s", agent)[0][0])


if __name__ == "__main__":
    main()
