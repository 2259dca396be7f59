"""From «line back» to «in KIAS»: twenty receipts issued without network in a real browser.

`python -m bench.way [--write]`
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench import page
from tests.browser import app
from tests.support import servers
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Stack, wait_for

RECEIPTS = 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    started = servers.prepare()
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = _measure(Path(folder))
    finally:
        if started:
            started.stop()
    print(report)
    if given.write:
        page.write("From the phone to KIAS", report)


def _measure(folder: Path) -> str:
    with (
        Stack(folder / "stack", os.environ["TESTS_POSTGRES"]) as stack,
        sync_playwright() as playwright,
    ):
        line, agent = Line(stack.port), stack.new_agent()
        phone = Phone(playwright, folder / "phone", line.url)
        view = phone.open()
        app.log_in(view, stack, agent)
        app.wait_ready(view)
        line.cut()
        client = app.Client()
        numbers = set()
        for count in range(RECEIPTS):
            numbers.add(app.issue(view, replace(client, policy_number=f"{count:010d}")))
            app.done(view)
        line.restore()
        begun = time.perf_counter()
        view.evaluate("dispatchEvent(new Event('online'))")  # what a phone's browser says itself
        accepted = _until(begun, lambda: _count(stack, "receipts_receipt") == RECEIPTS)
        in_kias = _until(begun, lambda: numbers <= {each["number"] for each in stack.ledger()["documents"]})
        known = _until(begun, lambda: _count(stack, "receipts_receipt", "state = 'fiscalised'") == RECEIPTS)
        phone.close()
        line.close()
    return f"""`python -m bench.way --write`: {RECEIPTS} receipts issued without network in Chromium, sent by
themselves; seconds from the moment the line is back:

| all accepted by the server | all in KIAS's ledger | all with a check (the simulator forms one after 2 s) |
|---|---|---|
| {accepted:.1f} | {in_kias:.1f} | {known:.1f} |
"""


def _until(begun: float, met: object) -> float:
    wait_for(met, "the next step", 120)  # type: ignore[arg-type]
    return time.perf_counter() - begun


def _count(stack: Stack, table: str, where: str = "true") -> int:
    return int(stack.query(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


if __name__ == "__main__":
    main()
