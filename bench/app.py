"""How fast the app answers an agent's hand: a phone four times slower than this machine, and no server.

`python -m bench.app [--write] [--rounds N] [--saves N]` (make bench-app), after `make client`.
"""

import argparse
import math
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, expect, sync_playwright

from bench import app_page as inside
from bench import page
from bench.app_empty import Empty
from tests.browser import app
from tests.support import servers
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Stack

SLOWER = 4
RECEIPTS = 500
#: rows that fill a screen, and more than it shows
SCREENFUL = 15
#: of each list, from its beginning to its end
THROWS = 3
PIN = "246810"
HOME, UNSENT = "Квитанции", "Неотправленные"
#: figure → the most that it may take, ms; None: said beside the one that counts
GOALS: dict[str, int | None] = {
    "cold start: PIN field has the focus": 1000,
    "unlock: from «Открыть» to the list": 1500,
    "save to durable, few receipts on the phone": 100,
    "save to durable, 500 receipts on the phone": 100,
    "save to the saved page, few": None,
    "save to the saved page, 500": None,
    "home with 500": 300,
    "«Неотправленные» with 500": 300,
}
COLD, OPEN, FEW, MANY, FEW_SHOWN, MANY_SHOWN, AT_HOME, AT_UNSENT = GOALS
Figures = dict[str, list[float]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    options.add_argument("--rounds", type=int, default=10, help="cold starts, unlockings, openings of a list")
    options.add_argument("--saves", type=int, default=24)
    given = options.parse_args()
    started = servers.prepare()
    try:
        with tempfile.TemporaryDirectory() as folder:
            text = _measure(Path(folder), given.rounds, given.saves)
    finally:
        if started:
            started.stop()
    print(text)
    if given.write:
        page.write("The app under the hand", text)


def _measure(folder: Path, rounds: int, saves: int) -> str:
    took: Figures = {name: [] for name in GOALS}
    least: Figures = {name: [] for name in GOALS}
    with Stack(folder / "stack", os.environ["TESTS_POSTGRES"]) as stack, sync_playwright() as playwright:
        line, empty = Line(stack.port), Empty()
        phone = Phone(playwright, folder / "phone", line.url)
        view = phone.open(None)
        view.goto(empty.url)
        view.evaluate("ready")
        view.context.add_init_script(inside.KEEP_KEY)
        view.context.add_init_script(inside.TIMES)
        view.goto("/")
        app.log_in(view, stack, stack.new_agent())
        app.wait_ready(view)
        line.cut()  # from here on nobody answers anything
        empty.stop()
        stack.stop_all()
        app.issue(view, app.Client())
        app.done(view)
        slow(view)
        took[FEW], took[FEW_SHOWN] = _saves(view, saves)
        view.evaluate(inside.FILL, RECEIPTS - saves - 1)
        for _ in range(rounds):
            phone.pin = None
            view = _restart(phone)
            view.goto(empty.url)
            least[COLD].append(view.evaluate(inside.FIELD))
            least[FEW].append(view.evaluate(inside.STORE))
            least[OPEN].append(view.evaluate(inside.DERIVE))
            view = _restart(phone)
            view.goto("/")
            took[COLD].append(view.evaluate(inside.FIELD))
            took[OPEN].append(_unlock(view))
        least[MANY] = least[FEW_SHOWN] = least[MANY_SHOWN] = least[FEW]
        for _ in range(rounds):
            view.get_by_role("button", name="Меню").click()
            took[AT_UNSENT].append(_list(view, UNSENT, view.get_by_role("dialog").get_by_text(UNSENT).click))
            least[AT_UNSENT].append(view.evaluate(inside.REDRAW))
            took[AT_HOME].append(_list(view, HOME, view.get_by_role("button", name="Назад").click))
            least[AT_HOME].append(view.evaluate(inside.REDRAW))
        tasks = {HOME: _scroll(view)}
        app.open_unsent(view)
        tasks[UNSENT] = _scroll(view)
        view.get_by_role("button", name="Назад").click()
        took[MANY], took[MANY_SHOWN] = _saves(view, saves)
        slowed = view.evaluate(inside.SPIN), view.evaluate(inside.DERIVE)
        slow(view, 1)
        plain = view.evaluate(inside.SPIN), view.evaluate(inside.DERIVE)
        phone.close()
    return _report(took, least, tasks, slowed, plain)


def slow(view: Page, rate: int = SLOWER) -> None:
    view.context.new_cdp_session(view).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def _restart(phone: Phone) -> Page:
    """The browser ended and started on the same profile, its first page still empty."""
    view = phone.reopen(None)
    view.context.add_init_script(inside.TIMES)
    slow(view)
    return view


def _unlock(view: Page) -> float:
    view.get_by_label("PIN-код", exact=True).fill(PIN)
    return _list(view, HOME, view.get_by_role("button", name="Открыть").click)


def _list(view: Page, title: str, tap: object) -> float:
    """Milliseconds from the tap to the frame in which the list fills this screen."""
    view.evaluate(inside.LIST, [title, SCREENFUL])
    tap()  # type: ignore[operator]
    return float(view.evaluate(inside.TOOK))


def _saves(view: Page, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the tap on «Сохранить» to the `complete` of the strict transaction that makes the
    receipt durable, and to the frame of the saved page, receipt by receipt."""
    durable, shown = [], []
    for each in range(count):
        view.get_by_role("button", name="Новая квитанция").click()
        app.number_shown(view)
        app.fill_form(view, replace(app.Client(), policy_number=f"{each:010d}"))
        view.wait_for_timeout(1_000)  # an agent looks before he taps; the draft is stored by then
        view.evaluate(inside.SAVED)
        app.save(view)
        stored, drawn = view.evaluate(inside.BOTH)
        durable.append(float(stored))
        shown.append(float(drawn))
        app.done(view)
    return durable, shown


def _scroll(view: Page) -> list[float]:
    """The tasks over 50 ms while a finger throws the list from its beginning to its end, again and again."""
    expect(view.get_by_role("listitem").first).to_be_visible()
    # the ceilings' copies of whole lists are garbage of ours; what the app leaves is counted from here on
    devtools = view.context.new_cdp_session(view)
    devtools.send("HeapProfiler.collectGarbage")
    view.wait_for_timeout(1_000)
    view.evaluate(inside.WATCH_TASKS)
    finger = {"x": 200, "y": 500, "yDistance": -40_000, "speed": 8_000, "gestureSourceType": "touch"}
    for _ in range(THROWS):
        devtools.send("Input.synthesizeScrollGesture", finger)
        view.wait_for_timeout(500)
        view.evaluate("scrollTo(0, 0)")
    return [float(each) for each in view.evaluate(inside.TASKS)]


def _p(values: list[float], share: float) -> float:
    return sorted(values)[math.ceil(len(values) * share) - 1]


def _report(
    took: Figures, least: Figures, tasks: Figures, slowed: tuple[float, float], plain: tuple[float, float]
) -> str:
    rows = [
        f"| {name} | {median(took[name]):.0f} | {_p(took[name], 0.95):.0f} | {max(took[name]):.0f}"
        f" | {goal or '—'} | {median(least[name]):.0f} | {_p(least[name], 0.95):.0f} | {len(took[name])} |"
        for name, goal in GOALS.items()
    ]
    scrolled = "; ".join(
        f"«{name}» {len(each)}" + (f" (longest {max(each):.0f} ms)" if each else "")
        for name, each in tasks.items()
    )
    spin, derive = slowed[0] / plain[0], slowed[1] / plain[1]
    whole = median(took[OPEN]) + (SLOWER - 1) * median(least[OPEN])
    return f"""`make bench-app`: the built app in Chromium at 390 × 844 with the CPU throttled ×{SLOWER},
every server ended; milliseconds. {RECEIPTS} receipts lie unsent on the phone but where it says «few».

| | p50 | p95 | worst | goal | ceiling p50 | ceiling p95 | n |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

*Ceiling*, in the same run: for the start a page that is one field, kept by a service worker; for the
unlocking the PIN's derivation alone; for a save one strict transaction of two rows of that size, to its
`complete`, as «to durable» is the `complete` of the app's own; for a list the browser's own drawing of the
elements that are there, copied. A list is shown when it fills the screen; the rest follows in parts.

Tasks over 50 ms while a finger throws the list of {RECEIPTS} from end to end {THROWS} times: {scrolled}.
Goal: none.

What is slowed: the page's thread (a loop ×{spin:.1f}). Not the service worker's start, nor the browser's own
processes (IndexedDB), and WebCrypto, which works on other threads, ×{derive:.1f}: on a phone whose every
thread is that slow the unlocking takes up to {whole:.0f} ms. A cold start counts from the browser's
navigation, not from the tap on the icon. The receipts are copies, under ids, numbers and names of their own,
of one issued by hand, sealed by its key.
"""


if __name__ == "__main__":
    main()
