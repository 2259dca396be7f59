"""The offline path in three engines. What they cannot show of a real iPhone: docs/iphone.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts import tools
from tests.browser.app import OFFLINE, Client
from tests.support.engines import Engine
from tests.support.engines_browsers import ENGINES, WebKit
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENTS = (Client(), Client("Галиев Рустам Шамилевич", "0123456790", "7000"))
NUMBER = re.compile(r"БС-[0-9АВЕКМНРСТУХ]{5}-\d{5}-[0-9АВЕКМНРСТУХ]")
#: what an iPhone's Lockdown Mode takes from web pages and this app stands on
LOCKDOWN = ("IndexedDBAPI", "CacheAPI", "ServiceWorkers")
PIN = "274918"
RED = "rgb(198, 40, 40)"
MISSING = tools.missing_engines()


def named(engine: type[Engine]) -> str:
    return engine.name


@pytest.fixture(params=ENGINES, ids=named)
def phone(request: pytest.FixtureRequest, line: Line, tmp_path: Path) -> Iterator[Engine]:
    """One phone of this engine, still closed."""
    if request.param.name in MISSING:
        # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
        pytest.skip(f"NOT RUN: {MISSING[request.param.name]}")
    phone: Engine = request.param(tmp_path / "phone", line.url)
    yield phone
    phone.close()


@pytest.fixture
def ready(stack: Stack, agent: Agent, phone: Engine) -> Engine:
    """Its agent has logged in, and it says that it can work without network."""
    phone.open()
    log_in(phone, stack, agent)
    phone.click("button", "Меню")
    phone.wait_text("Телефон готов: можно работать без интернета", 30)
    phone.click("button", "Закрыть меню")
    phone.see("button", "Новая квитанция")
    return phone


def log_in(phone: Engine, stack: Stack, agent: Agent) -> None:
    seen = len(stack.sms(agent.phone_number))
    phone.fill("Телефон", agent.phone_number.removeprefix("+7"), exact=True)
    phone.click("button", "Получить код")
    phone.fill("Код из SMS", stack.sms_code(agent.phone_number, after=seen))
    phone.click("button", "Войти")
    for label, button in (("Придумайте PIN-код", "Дальше"), ("Повторите PIN-код", "Готово")):
        phone.fill(label, PIN, exact=True)
        phone.click("button", button, exact=True)
    phone.see("heading", "Квитанции")


def unlock(phone: Engine) -> None:
    """What every start of the app and every tab asks for, with network or without."""
    phone.fill("PIN-код", PIN, exact=True)
    phone.click("button", "Открыть", exact=True)


def issue(phone: Engine, client: Client) -> str:
    """Fill the form, save; the receipt's number. Ends on the saved page."""
    phone.see("heading", "Новая квитанция")
    number = phone.wait_value("Номер квитанции", NUMBER)
    phone.choose("Вид страхования", "ОСАГО")
    phone.fill("Номер полиса", client.policy_number)
    phone.fill("Страхователь", client.insurant, exact=True)
    phone.fill("Паспорт", client.passport)
    phone.fill("Сумма", client.amount)
    phone.fill("Телефон", client.phone_number, exact=True)
    phone.click("button", "Сохранить")
    phone.wait_text(f"Квитанция № {number}")
    return number


def in_kias(stack: Stack, number: str) -> list[dict[str, Any]]:
    return [document for document in stack.ledger()["documents"] if document["number"] == number]


KEY = """(async () => {
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open('kias');
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const tx = db.transaction('installations', 'readwrite', { durability: 'strict' });
  const rows = await new Promise((done, failed) => {
    const asked = tx.objectStore('installations').getAll();
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  db.close();
  const { privateKey } = rows[0].keys;
  const text = new TextEncoder().encode('a receipt');
  const rule = { name: 'ECDSA', hash: 'SHA-256' };
  const signed = await crypto.subtle.sign(rule, privateKey, text);
  const exported = await Promise.all(['jwk', 'pkcs8'].map((form) =>
    crypto.subtle.exportKey(form, privateKey).then(() => 'given away', (error) => error.name)));
  return {
    durability: tx.durability, key: Object.prototype.toString.call(privateKey), type: privateKey.type,
    extractable: privateKey.extractable, exported, signature: signed.byteLength,
    own: await crypto.subtle.verify(rule, rows[0].keys.publicKey, signed, text),
  };
})()"""


def mark_of(phone: Engine, number: str) -> dict[str, str]:
    """How the receipt's row is marked: state, form and colour as drawn, its word."""
    look = """
    const links = [...document.querySelectorAll('a[href]')];
    const row = links.find((link) => link.textContent.includes(arguments[0]));
    const mark = row.querySelector('[data-state]'), drawn = getComputedStyle(mark);
    return { state: mark.dataset.state, colour: drawn.backgroundColor, round: drawn.borderRadius,
      word: row.querySelector('.row-state')?.textContent ?? '' };
    """
    found: dict[str, str] = phone.evaluate(look, number)
    return found


def test_a_receipt_issued_without_network_outlives_a_killed_browser_and_reaches_kias_once(
    stack: Stack, line: Line, ready: Engine
) -> None:
    phone = ready
    phone.close()
    line.cut()
    phone.open("/")  # a cold start without a server: the shell comes from the worker's cache
    unlock(phone)
    phone.see("heading", "Квитанции")
    phone.wait_text(OFFLINE, 40)
    phone.click("button", "Новая квитанция")
    number = issue(phone, CLIENTS[0])
    phone.wait_text("сохранена на этом телефоне")
    phone.kill()  # «saved» was said, so it must be there (F17)

    phone.open("/unsent")
    unlock(phone)
    phone.wait_text(number)
    mark = mark_of(phone, number)
    assert (mark["state"], mark["colour"], mark["round"]) == ("waiting", RED, "50%")
    assert "на телефоне" in mark["word"]
    assert in_kias(stack, number) == []
    assert phone.await_value(KEY) == {
        "durability": "strict",
        "key": "[object CryptoKey]",
        "type": "private",
        "extractable": False,
        "exported": ["InvalidAccessError", "InvalidAccessError"],
        "signature": 64,
        "own": True,
    }

    line.restore()
    phone.wait_text("Всё отправлено", 60)
    wait_for(lambda: in_kias(stack, number), "the document in KIAS", 60)
    assert len(in_kias(stack, number)) == 1
    assert stack.query("SELECT count(*) FROM receipts_receipt WHERE number = %s", number) == [(1,)]
    assert phone.errors() == []


@pytest.mark.parametrize("phone", ENGINES[1:], ids=named, indirect=True)
def test_two_tabs_never_give_one_number_and_what_they_issued_is_sent_when_the_app_starts(
    stack: Stack, line: Line, ready: Engine
) -> None:
    """F18, and sending on launch, where no Background Sync wakes the worker. Chromium: test_main_job.py."""
    phone = ready
    first = phone.this_tab()
    line.cut()
    second = phone.new_tab("/new")
    unlock(phone)
    numbers = []
    for tab, client in zip((second, first), CLIENTS, strict=True):
        phone.tab(tab)
        if tab == first:
            phone.click("button", "Новая квитанция")
        numbers.append(issue(phone, client))
    assert len(set(numbers)) == 2
    phone.close()
    line.restore()
    phone.open("/unsent")
    unlock(phone)
    phone.wait_text("Всё отправлено", 60)
    wait_for(lambda: all(in_kias(stack, number) for number in numbers), "both documents in KIAS", 60)
    assert [len(in_kias(stack, number)) for number in numbers] == [1, 1]


@pytest.mark.parametrize("phone", [WebKit], ids=named, indirect=True)
def test_a_browser_without_storage_says_so_instead_of_issuing(phone: WebKit) -> None:
    """F22: Lockdown Mode as far as this machine can imitate it."""
    phone.without = LOCKDOWN
    phone.open("/new")
    phone.wait_text("Здесь нельзя хранить квитанции")
    phone.wait_text("режим блокировки")
    assert not phone.has("button", "Сохранить")
    assert phone.errors() == []
