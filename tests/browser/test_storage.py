"""The phone's memory: power lost, dropped, cleared, full; sending while the app is closed (F17, F22–F24)."""

import random
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENT = Client()
SAID = "сохранена на этом телефоне"
FULL = "На телефоне кончилось место, сохранить не удалось."
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def cdp(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def insurant(page: Page) -> str:
    return page.get_by_label("Страхователь", exact=True).input_value()


@pytest.mark.parametrize("moment", ["said", "tapped", "typed"])
def test_f17_what_was_said_is_there_whenever_the_power_goes(
    line: Line, phone: Phone, page: Page, moment: str
) -> None:
    """Killed at the word, at a random moment after the tap (between draft and receipt), and while typing."""
    line.cut()
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENT)
    said = moment == "said"
    if moment == "typed":
        page.wait_for_timeout(1_000)  # the draft is written a moment after the last key
    else:
        page.get_by_role("button", name="Сохранить").last.click(no_wait_after=True)
        if said:
            page.wait_for_function("word => document.body.innerText.includes(word)", arg=SAID, polling=2)
        else:
            time.sleep(random.uniform(0, 0.06))  # the moment is the test's own
            said = SAID in page.evaluate("document.body.innerText")
    phone.kill()
    page = phone.open("/unsent")
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()
    saved = app.row(page, number)
    page.goto("/new")
    expect(page.get_by_label("Номер квитанции")).to_have_value(re.compile("^БС-"))
    drafted = page.get_by_label("Номер квитанции").input_value() == number
    page.goto("/unsent")
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()
    if drafted:  # not said yet: the form is there as it was typed, and no half of a receipt
        assert not said
        expect(saved).to_have_count(0)
        page.goto("/new")
        expect(page.get_by_label("Страхователь", exact=True)).to_have_value(CLIENT.insurant)
    else:
        expect(saved).to_be_visible()
    assert moment != "typed" or drafted


def drop_connections(page: Page) -> None:
    """Chromium's own «Force close»: every connection ends as when iOS drops it, data stays."""
    tab = page.context.new_page()
    tab.goto("chrome://indexeddb-internals/")
    tab.get_by_text("Force close").first.click()
    expect(tab.get_by_text(re.compile("Open connections|connections")).first).to_be_visible()
    tab.close()


def test_f22_a_dropped_connection_is_opened_again_and_the_form_is_intact(line: Line, page: Page) -> None:
    line.cut()
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENT)
    drop_connections(page)
    page.get_by_label("Страхователь", exact=True).fill("Другая Анна Петровна")  # the draft is written
    page.wait_for_timeout(1_000)
    drop_connections(page)
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    expect(page.get_by_text(SAID).first).to_be_visible()
    drop_connections(page)
    app.done(page)
    drop_connections(page)
    assert app.issue(page, Client(policy_number="0123456780")) != number
    line.restore()
    page.goto("/unsent")
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=60_000)


def test_f23_cleared_storage_is_noticed_told_and_the_office_knows(
    stack: Stack, line: Line, agent: Agent, page: Page
) -> None:
    former = stack.query("SELECT code FROM accounts_installation WHERE agent_id = %s", agent.id)[0][0]
    cdp(page).send("Storage.clearDataForOrigin", {"origin": line.url, "storageTypes": "indexeddb"})
    page.goto("/")
    expect(page.get_by_text("Данных приложения здесь нет")).to_be_visible()
    app.log_in(page, stack, agent)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("dialog").get_by_text("Требуют внимания").click()
    expect(page.get_by_text(f"нет данных прежней установки {former}")).to_be_visible()
    rows = stack.query(
        "SELECT code, storage_lost_at FROM accounts_installation WHERE agent_id = %s", agent.id
    )
    lost = {code for code, at in rows if at}
    assert lost == {former}
    assert len({code for code, _ in rows}) == 2


#: Another database of the same origin takes all the room there is, to the last hundred bytes.
FILL = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open('filler', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('s', {autoIncrement: true});
    asked.onsuccess = () => done(asked.result);
  });
  const put = (size) => new Promise((done) => {
    const tx = db.transaction('s', 'readwrite', {durability: 'strict'});
    tx.objectStore('s').add(crypto.getRandomValues(new Uint8Array(size)));
    tx.oncomplete = () => done(true);
    tx.onabort = () => done(false);
  });
  for (let size = 65536; size > 100;) if (!(await put(size))) size /= 2;
}"""


def test_f24_no_room_left_leaves_the_form_intact_and_nothing_half_stored(
    line: Line, phone: Phone, page: Page
) -> None:
    line.cut()
    page = phone.reopen(None)
    browser = cdp(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": line.url, "quotaSize": 4_000_000})
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENT)
    page.evaluate(FILL)
    app.save(page)
    expect(page.get_by_text(FULL)).to_be_visible()
    expect(page.get_by_text("Освободите память")).to_be_visible()
    assert insurant(page) == CLIENT.insurant
    browser.send("Storage.overrideQuotaForOrigin", {"origin": line.url})
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    page.goto("/unsent")
    expect(app.row(page, number)).to_have_count(1)


def test_f24_little_space_is_said_ahead(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    # Chromium tells every page the same quota, whatever the disk; without that it tells the truth.
    page = new_phone(flags=["--disable-features=PredictableReportedQuota,StaticStorageQuota"]).open()
    app.log_in(page, stack, agent)
    cdp(page).send("Storage.overrideQuotaForOrigin", {"origin": line.url, "quotaSize": 20_000_000})
    page.goto("/")
    expect(page.get_by_text("На телефоне мало места")).to_be_visible()
    page.goto("/offline")
    expect(page.get_by_text("Пока не готов к работе без интернета")).to_be_visible()
    expect(page.get_by_text("Мало места:")).to_be_visible()


def test_p36_what_is_ready_stands_line_by_line_and_the_check_names_nobody(
    stack: Stack, line: Line, agent: Agent, page: Page
) -> None:
    line.cut()
    app.issue(page, CLIENT)
    app.done(page)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Работа без интернета").click()
    expect(page.get_by_text("Телефон готов: можно работать без интернета")).to_be_visible()
    for words in (
        "Приложение открывается без интернета",
        "Справочники от",
        "PIN-код задан",
        "Место на телефоне есть",
        "Часы",
    ):
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("button", name="Проверка телефона").click()
    text = page.locator("pre")
    expect(text).to_contain_text(re.compile(r"Ждут отправки: 1 на 3\s245,50\s₽"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("delete Navigator.prototype.share")
    page.get_by_role("button", name="Поделиться").click()
    expect(page.get_by_text("Текст скопирован")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "КИАС Офлайн" in copied
    family, *names = agent.name.split()
    told = [family, *names, *CLIENT.insurant.split(), CLIENT.policy_number, CLIENT.passport.replace(" ", "")]
    told += [agent.phone_number[2:], "912", "345-67-89"]
    assert [word for word in told if word in copied] == []


def test_f23_on_an_iphone_a_tab_opens_no_new_form_without_network(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    page = new_phone(user_agent=IPHONE).open()
    app.log_in(page, stack, agent)
    expect(page.get_by_text("Без интернета работает только установленное приложение")).to_be_visible()
    page.get_by_role("button", name="Меню").click()
    expect(page.get_by_text("Пока не готов", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    page.get_by_role("button", name="Новая квитанция").click()
    expect(page.get_by_text("Откройте «КИАС Офлайн» по значку")).to_be_visible()
    expect(page.get_by_role("button", name="Как установить")).to_be_visible()
    assert page.get_by_label("Номер квитанции").count() == 0
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    app.number_shown(page)  # with network it is an online form


def test_p15_what_waits_leaves_with_the_app_closed_and_locked(
    stack: Stack, line: Line, agent: Agent, phone: Phone, page: Page
) -> None:
    line.cut()
    number = app.issue(page, CLIENT)
    browser = cdp(page)
    workers: list[dict[str, str]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    browser.send("ServiceWorker.enable")
    while not workers:
        page.wait_for_timeout(50)
    other = page.context.new_page()  # the browser goes on, on a page that is not ours
    other.goto("about:blank")
    waker = cdp(other)
    waker.send("ServiceWorker.enable")
    page.close()  # and locked: the key to the readable rows was in its memory alone
    line.restore()
    waker.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": line.url,
            "registrationId": workers[0]["registrationId"],
            "tag": "drain",
            "lastChance": False,
        },
    )
    wait_for(
        lambda: [one for one in stack.ledger()["documents"] if one["number"] == number],
        "the document in KIAS",
        60,
    )
    assert stack.query("SELECT count(*) FROM receipts_receipt WHERE number = %s", number) == [(1,)]
    page = phone.reopen("/unsent")
    expect(page.get_by_text("Всё отправлено")).to_be_visible()
