"""A seized phone: its whole profile is searched for what clients told the agent (P27, F35)."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support import seizure
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

SAVED = Client(
    insurant="Тюленбаева Изольда Ерофеевна", passport="4509 837261", phone_number="+7 916 503-82-47"
)
TYPED = Client(insurant="Щекочихин Гордей Фомич", passport="3817 264905", phone_number="+7 927 614-39-05")
#: Must be found, or the search proves nothing: short and long, in one-byte and two-byte strings.
CONTROLS = ["kontrol-one-7731", "контроль-два-7731", "контроль-три-7731"]
STORE_CONTROLS = """controls => new Promise((stored, failed) => {
  const asked = indexedDB.open('controls', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('texts');
  asked.onerror = failed;
  asked.onsuccess = () => {
    const tx = asked.result.transaction('texts', 'readwrite', { durability: 'strict' });
    const [one, two, three] = controls;
    tx.objectStore('texts').put(one, 1);
    tx.objectStore('texts').put(two, 2);
    tx.objectStore('texts').put('повтор '.repeat(20_000) + three, 3);
    tx.oncomplete = stored;
  };
})"""


def parts(client: Client) -> list[str]:
    """A client's words and numbers in all the spellings that people and programs give them."""
    document = client.passport.replace(" ", "")
    digits = "".join(sign for sign in client.phone_number if sign.isdigit())[1:]
    area, rest = digits[:3], f"{digits[3:6]}-{digits[6:8]}-{digits[8:]}"
    name = client.insurant
    return [
        *name.split(), *name.upper().split(), *name.lower().split(),
        client.passport, document, f"{document[:2]} {document[2:4]} {document[4:]}",
        digits, rest, f"{area} {rest}", f"({area}) {rest}",
    ]  # fmt: skip


def assert_nothing_in(profile: Path) -> None:
    assert sorted(seizure.search(profile, CONTROLS)) == sorted(CONTROLS)
    assert seizure.search(profile, parts(SAVED) + parts(TYPED)) == {}


def test_f35_p27_p30_a_seized_phone_tells_nothing_of_clients_whenever_it_was_taken(
    stack: Stack, agent: Agent, line: Line, new_phone: Callable[..., Phone], tmp_path: Path
) -> None:
    phone, profile = new_phone(), tmp_path / "phone-0"
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    page.evaluate(STORE_CONTROLS, CONTROLS)
    page = phone.reopen()  # a browser that is killed at once forgets its newest cookies
    line.cut()
    number = app.issue(page, SAVED)
    phone.kill()  # in the very moment of «сохранена»
    assert_nothing_in(profile)

    page = phone.open("/new")
    type_and_wait(page)
    phone.kill()  # in the form
    assert_nothing_in(profile)

    page = phone.open("/new")
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value(TYPED.insurant)
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    asked = "SELECT 1 FROM receipts_receipt WHERE number = %s AND state IN ('registered', 'fiscalised')"
    wait_for(lambda: stack.query(asked, number), "KIAS has the receipt", 60)
    page.get_by_role("button", name="Назад").click()
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Закрыть PIN-кодом").click()
    phone.close()
    assert_nothing_in(profile)


def type_and_wait(page: Page) -> None:
    """Everything typed, nothing saved; until the draft is on the disk."""
    expect(page.get_by_label("Номер квитанции")).to_be_visible()
    before = page.evaluate(DRAFT_REV)
    app.fill_form(page, TYPED)
    page.get_by_label("Номер полиса").click()
    page.wait_for_function(f"async before => await ({DRAFT_REV})() > before", arg=before)


DRAFT_REV = """() => new Promise(told => {
  const asked = indexedDB.open('kias');
  asked.onsuccess = () => {
    const all = asked.result.transaction('rows').objectStore('rows').getAll();
    all.onsuccess = () => {
      asked.result.close();
      told(Math.max(-1, ...all.result.filter(row => row.kind === 'draft').map(row => row.rev)));
    };
  };
})"""
