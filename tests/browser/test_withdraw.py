"""An agent takes a receipt back, issues another one instead, hears what KIAS refused (P01, P02, P08, P09)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENT = Client()
WAITS = "Отмена ждёт отправки"
#: the envelope of the receipt with this number, as it lies on the phone
SEALED = """(number) => new Promise((done) => {
    indexedDB.open('kias').onsuccess = ({ target }) => {
        const db = target.result
        db.transaction('outbox').objectStore('outbox').getAll().onsuccess = (found) => {
            done(found.target.result.find((row) => row.kind === 'receipt' && row.number === number).envelope)
            db.close()
        }
    }
})"""


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def documents(stack: Stack, *numbers: str) -> list[dict[str, object]]:
    return [document for document in stack.ledger()["documents"] if document["number"] in numbers]


def state_of(stack: Stack, number: str) -> str | None:
    rows = stack.query("SELECT state FROM receipts_receipt WHERE number = %s", number)
    return str(rows[0][0]) if rows else None


def effect_of(stack: Stack, number: str) -> str | None:
    rows = stack.query(
        "SELECT w.effect FROM receipts_withdrawal w JOIN receipts_receipt r ON r.id = w.receipt_id"
        " WHERE r.number = %s",
        number,
    )
    return str(rows[0][0]) if rows else None


def cut(page: Page, line: Line) -> None:
    line.cut()
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)


def open_receipt(page: Page, number: str) -> None:
    app.row(page, number).click()
    expect(page.get_by_role("heading", name="Квитанция", exact=True)).to_be_visible()


def take_back(page: Page, button: str = "Отменить", reason: str = "ошибка в сумме") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label(reason).check()
    sheet.get_by_role("button", name=re.compile("^Отменить")).click()


def type_series(page: Page, series: str) -> None:
    page.get_by_label("Серия полиса").fill(series)


def issue_with_series(page: Page, series: str, client: Client = CLIENT) -> str:
    page.get_by_role("button", name="Новая квитанция").click()
    number = app.number_shown(page)
    app.fill_form(page, client)
    type_series(page, series)
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    app.done(page)
    return number


def test_p01_a_receipt_withdrawn_without_network_is_annulled_when_the_line_is_back_and_never_in_kias(
    stack: Stack, line: Line, page: Page
) -> None:
    cut(page, line)
    number = app.issue(page, CLIENT)
    app.done(page)
    expect(page.get_by_text("3\u202f245,50\u00a0₽").first).to_be_visible()
    open_receipt(page, number)
    take_back(page)
    expect(page.get_by_text(f"{WAITS}.")).to_be_visible()
    expect(page.get_by_role("button", name="Отменить", exact=True)).to_have_count(0)
    page.go_back()
    expect(app.row(page, number)).to_contain_text(WAITS)
    expect(page.get_by_text(re.compile("на сумму 0"))).to_have_count(1)  # the day's sum, heard by name
    app.open_unsent(page)
    expect(page.get_by_text("Ничего не потеряно: 1\u00a0квитанция ждёт на этом телефоне.")).to_be_visible()
    page.go_back()

    line.restore()
    expect(app.row(page, number)).to_contain_text("отменена", timeout=60_000)
    assert (state_of(stack, number), effect_of(stack, number)) == ("annulled", "annulled")
    open_receipt(page, number)
    expect(page.get_by_text("Отменена вами: ошибка в сумме.")).to_be_visible()
    assert documents(stack, number) == []


def test_p01_after_the_copy_was_shown_the_office_decides(stack: Stack, line: Line, page: Page) -> None:
    cut(page, line)
    number = app.issue(page, CLIENT)
    page.get_by_role("button", name="Показать клиенту").click()
    page.get_by_role("button", name="Закрыть").click()
    app.done(page)
    open_receipt(page, number)
    page.get_by_role("button", name="Отменить", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Копию уже видел клиент, поэтому решает офис")
    page.get_by_label("клиент передумал").check()
    page.get_by_role("button", name="Отменить квитанцию").click()
    expect(page.get_by_text(f"{WAITS}.")).to_be_visible()
    line.restore()
    expect(page.get_by_text("Проверяет офис, от вас ничего не нужно")).to_be_visible(timeout=60_000)
    assert (state_of(stack, number), effect_of(stack, number)) == ("held", "held")
    assert documents(stack, number) == []


def test_p01_after_the_check_the_office_has_a_task(stack: Stack, page: Page) -> None:
    number = app.issue(page, CLIENT)
    app.done(page)
    wait_for(lambda: state_of(stack, number) == "fiscalised", "the check", 60)
    page.reload()
    open_receipt(page, number)
    expect(page.get_by_text("чек готов").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Отменить", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("офис исправит чек или вернёт деньги")
    page.get_by_label("другое").check()
    page.get_by_label("Что случилось").fill("клиент вернулся и забрал деньги")
    page.get_by_role("button", name="Отменить квитанцию").click()
    expect(page.get_by_text("Офис исправит чек или вернёт деньги, от вас ничего не нужно")).to_be_visible(
        timeout=60_000
    )
    assert (state_of(stack, number), effect_of(stack, number)) == ("fiscalised", "task")
    assert len(documents(stack, number)) == 1


def test_p01_f32_withdrawn_and_issued_again_under_a_new_number(stack: Stack, line: Line, page: Page) -> None:
    """A correction is a new receipt: what was sealed once stays as it is."""
    cut(page, line)
    number = app.issue(page, CLIENT)
    sealed = page.evaluate(SEALED, number)
    app.done(page)
    open_receipt(page, number)
    take_back(page, "Отменить и оформить заново")
    expect(page.get_by_text(f"Взамен квитанции № {number}")).to_be_visible()
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value(CLIENT.insurant)
    new = app.number_shown(page)
    assert new != number
    page.get_by_label("Сумма").fill("3000")
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {new}").first).to_be_visible()
    assert page.evaluate(SEALED, number) == sealed != page.evaluate(SEALED, new)
    page.get_by_role("button", name="Показать клиенту").click()
    expect(page.get_by_role("dialog").get_by_text(f"Взамен квитанции № {number}")).to_be_visible()
    page.get_by_role("button", name="Закрыть").click()
    app.done(page)
    expect(page.get_by_text(re.compile("на сумму 3\u202f000"))).to_have_count(1)
    line.restore()
    wait_for(lambda: documents(stack, new), "the new document in KIAS", 60)
    assert documents(stack, number) == []
    assert state_of(stack, number) == "annulled"
    replaced = stack.query(
        "SELECT o.number FROM receipts_receipt n JOIN receipts_receipt o ON o.id = n.replaces"
        " WHERE n.number = %s",
        new,
    )
    assert replaced == [(number,)]
    app.row(page, number).click()
    expect(page.get_by_role("link", name=f"Заменена квитанцией № {new}")).to_be_visible()


def test_an_unfinished_form_is_not_thrown_away_unasked(line: Line, page: Page) -> None:
    cut(page, line)
    number = app.issue(page, CLIENT)
    app.done(page)
    page.get_by_role("button", name="Новая квитанция").click()
    page.get_by_label("Страхователь", exact=True).fill("Галиев Рустам")
    page.get_by_label("Страхователь", exact=True).blur()
    page.go_back()
    open_receipt(page, number)
    take_back(page, "Отменить и оформить заново")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="В форме уже начата квитанция")).to_be_visible()
    sheet.get_by_role("button", name="Оставить начатую").click()
    expect(page.get_by_text(f"{WAITS}.")).to_be_visible()
    page.get_by_role("button", name="Оформить заново").click()
    page.get_by_role("dialog").get_by_role("button", name="Заменить").click()
    expect(page.get_by_text(f"Взамен квитанции № {number}")).to_be_visible()
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value(CLIENT.insurant)


def test_f11_p09_refusals_are_said_to_whom_they_belong_and_the_others_flow(stack: Stack, page: Page) -> None:
    office = issue_with_series(page, "НЕТ")
    mine = issue_with_series(page, "ЯЯЯ", Client(policy_number="0123456790"))
    third = app.issue(page, Client(policy_number="0123456791"))
    app.done(page)
    wait_for(lambda: documents(stack, third), "the third document in KIAS", 60)
    wait_for(lambda: state_of(stack, mine) == state_of(stack, office) == "rejected", "two refusals", 60)
    page.goto("/attention")
    first = page.get_by_role("listitem").filter(has_text=office)
    expect(first).to_contain_text(
        "КИАС пока не провёл квитанцию: этого полиса в КИАС ещё нет. "
        "Этим занимается офис, от вас ничего не нужно.",
        timeout=30_000,
    )
    expect(first.get_by_role("button")).to_have_count(0)
    second = page.get_by_role("listitem").filter(has_text=mine)
    expect(second).to_contain_text("Проверьте серию и номер полиса.")
    second.get_by_role("button", name="Оформить взамен").click()
    expect(page.get_by_text(f"Взамен квитанции № {mine}")).to_be_visible()
    expect(page.get_by_label("Номер полиса")).to_have_attribute("aria-invalid", "true")
    type_series(page, "ХХХ")
    page.get_by_label("Номер полиса").fill("0123456799")
    new = app.number_shown(page)
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {new}").first).to_be_visible()
    app.done(page)
    wait_for(lambda: documents(stack, new), "the replacement in KIAS", 60)
    assert documents(stack, mine) == []
    # of four receipts of 3 245,50 three count: the refused one lives on in its replacement (P08)
    expect(page.get_by_text(re.compile("квитанций: 3, на сумму 9\u202f736,50"))).to_have_count(1)
    page.goto("/attention")
    expect(page.get_by_text(office)).to_be_visible()
    expect(page.get_by_text(mine)).to_have_count(0)
