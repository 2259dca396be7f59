"""New releases, security releases, the emergency exit, a rolled-back one (F29, F41, P21, P22)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser import app
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.releases import Release, Releases
from tests.support.stack import Agent, Stack, wait_for

READ_OUTBOX = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open('kias');
  request.onerror = reject;
  request.onsuccess = () => {
    const db = request.result, tx = db.transaction(['outbox', 'rows']);
    const sent = tx.objectStore('outbox').getAll(), rows = tx.objectStore('rows').getAll();
    tx.oncomplete = () => {
      db.close();
      const waiting = sent.result.filter((row) => row.state === 'waiting').map((row) => row.number);
      resolve([waiting, rows.result.filter((row) => row.kind === 'draft').map((row) => row.number)]);
    };
  };
})"""
LATER_DATABASE = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open('kias', 99);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('photos', { keyPath: 'id' });
    const walk = request.transaction.objectStore('outbox').openCursor();
    walk.onsuccess = () => {
      if (!walk.result) return;
      walk.result.update({ ...walk.result.value, of_a_later_release: [1] });
      walk.result.continue();
    };
  };
  request.onerror = reject;
  request.onsuccess = () => { request.result.close(); resolve(); };
})"""
LOOK = (
    "() => navigator.serviceWorker.getRegistration().then((found) => found.update()).catch(() => undefined)"
)
RELEASE = "() => document.querySelector('meta[name=release]').content"
NEW_VERSION = "Есть новая версия"


@pytest.fixture
def releases(stack: Stack, tmp_path: Path) -> Iterator[Releases]:
    served = Releases(stack.port, Release(tmp_path / "one", "1.0.0"))
    yield served
    served.stop()


@pytest.fixture
def newer(tmp_path: Path) -> Release:
    return Release(tmp_path / "two", "1.0.1")


@pytest.fixture
def line(releases: Releases) -> Iterator[Line]:
    line = Line(releases.port)
    yield line
    line.close()


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    """A phone with the first release, logged in, its shell stored."""
    page = phone.open()
    app.log_in(page, stack, agent)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def begin_form(page: Page, insurant: str) -> str:
    page.get_by_role("button", name="Новая квитанция").or_(
        page.get_by_role("link", name="Новая квитанция")
    ).first.click()
    number = app.number_shown(page)
    page.get_by_label("Страхователь", exact=True).fill(insurant)
    return number


def is_release(page: Page, version: str) -> None:
    expect(page.locator("meta[name=release]")).to_have_attribute("content", version, timeout=20_000)


def until(page: Page, question: str, seconds: float = 20) -> None:
    """Ask the page from outside until it says yes: its policy lets no polling script in."""

    def ask() -> bool:
        try:
            return bool(page.evaluate(question))
        except Error:
            return False  # it is being loaded anew

    wait_for(ask, question, seconds)


def test_f29_a_new_release_waits_for_the_agent_and_keeps_his_form_and_place(
    page: Page, phone: Phone, releases: Releases, newer: Release
) -> None:
    """One file missing first; two tabs; the old release's files are gone from the server."""
    number = begin_form(page, "Сидорова Аглая")
    old_files = {path for path in releases.asked if "/assets/" in path}
    releases.release = newer
    releases.missing = {"/"}
    releases.asked.clear()
    page.evaluate(LOOK)
    until(
        page, "navigator.serviceWorker.getRegistration().then((found) => !found.installing && !found.waiting)"
    )
    expect(page.get_by_text(NEW_VERSION)).to_have_count(0)
    page.reload()
    assert page.evaluate(RELEASE) == "1.0.0"  # the old shell as it was
    releases.missing = set()
    page.evaluate(LOOK)
    expect(page.get_by_text(NEW_VERSION)).to_be_visible()
    assert page.evaluate(RELEASE) == "1.0.0"
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Сидорова Аглая")
    other = phone.new_tab("/unsent")
    expect(other.get_by_text(NEW_VERSION)).to_be_visible()
    other.get_by_role("button", name="Обновить").click()
    is_release(other, "1.0.1")
    expect(other).to_have_url(f"{phone.base_url}/unsent")
    # The first tab is the old page under the new worker: it works on and asks for none of its files.
    page.bring_to_front()
    app.fill_form(page, app.Client(insurant="Сидорова Аглая Потаповна"))
    expect(page.get_by_text(NEW_VERSION)).to_be_visible()
    page.get_by_role("button", name="Обновить").click()
    is_release(page, "1.0.1")
    expect(page).to_have_url(f"{phone.base_url}/new")
    assert app.number_shown(page) == number
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Сидорова Аглая Потаповна")
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    assert not old_files & set(releases.asked)


def test_p21_a_security_release_comes_by_itself_when_the_form_is_left(
    page: Page, stack: Stack, releases: Releases, newer: Release
) -> None:
    """The server's word is put into its answer; what it does with older shells is tested there."""
    page.route(
        "**/api/ping",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            json=answer.json() | {"update_required": route.request.headers["x-app-version"] == "1.0.0"},
        ),
    )
    number = begin_form(page, "Сидорова Аглая")
    app.fill_form(page, app.Client())
    releases.release = newer
    page.evaluate("dispatchEvent(new Event('offline'))")  # it asks its server at once
    expect(page.get_by_text("Важное обновление. Установится само")).to_be_visible()
    assert page.evaluate(RELEASE) == "1.0.0"
    app.save(page)
    is_release(page, "1.0.1")
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    expect(page.get_by_text("Важное обновление")).to_have_count(0)
    page.unroute_all(behavior="ignoreErrors")


def test_f41_the_emergency_exit_empties_the_caches_and_leaves_receipts_and_draft(
    page: Page, phone: Phone, line: Line, releases: Releases, newer: Release
) -> None:
    line.cut()
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    number = app.issue(page, app.Client())
    app.done(page)
    draft = begin_form(page, "Недописанный Клиент")
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Недописанный Клиент")
    until(page, f"({READ_OUTBOX})().then(([, drafts]) => drafts.length === 1)")
    releases.emergency, releases.release = True, newer
    # What waits shall be seen to wait.
    releases.missing.add("/api/receipts")
    line.restore()
    page.evaluate(LOOK)
    is_release(page, "1.0.1")  # loaded anew from the network
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate(READ_OUTBOX) == [[number], [draft]]
    page.goto("/new")
    assert app.number_shown(page) == draft
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Недописанный Клиент")
    releases.missing.clear()
    releases.emergency = False  # the good release's worker is there again, and stores its shell by itself
    page.reload()
    until(page, "caches.keys().then((names) => names.length === 1)")
    until(page, f"({READ_OUTBOX})().then(([waiting]) => waiting.length === 0)")
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Недописанный Клиент")


def test_p22_a_rolled_back_shell_shows_and_sends_what_a_migrated_phone_holds(
    page: Page, phone: Phone, line: Line, new_phone: Callable[..., Phone]
) -> None:
    line.cut()
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    number = app.issue(page, app.Client())
    page.evaluate(LATER_DATABASE)
    page = phone.reopen("/unsent")
    expect(page.get_by_text("На телефоне уже новая версия приложения")).to_be_visible()
    expect(app.row(page, number)).to_be_visible()
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text(app.OFFLINE)).to_have_count(0, timeout=40_000)
    until(page, f"({READ_OUTBOX})().then(([waiting]) => waiting.length === 0)")
