"""The whole form and the page after it: contact, document, payment, one client with several policies."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENT = Client()
CARD = "4111 1111 1111 1111"


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    return page


def open_form(page: Page) -> None:
    page.goto("/new")
    expect(page.get_by_label("Номер квитанции")).not_to_have_value("")


def test_p23_under_the_contact_stands_where_the_check_will_go(page: Page) -> None:
    open_form(page)
    page.get_by_label("Телефон", exact=True).fill("9123456789")
    expect(page.get_by_text("Чек придёт на +7 912 345-67-89")).to_be_visible()
    page.get_by_label("E-mail").fill("maria@mail.ru")
    expect(page.get_by_text("Чек придёт на почту m…@mail.ru, на телефон — нет")).to_be_visible()
    page.get_by_label("Нет телефона и почты").check()
    expect(page.get_by_text("Чек можно получить в офисе и по QR-коду в квитанции")).to_be_visible()
    expect(page.get_by_label("Телефон", exact=True)).to_have_count(0)
    page.get_by_label("Нет телефона и почты").uncheck()
    expect(page.get_by_label("E-mail")).to_have_value("maria@mail.ru")


def test_p29_the_document_names_the_person_of_the_check(page: Page) -> None:
    open_form(page)
    page.get_by_label("Страхователь", exact=True).fill(CLIENT.insurant)
    expect(page.get_by_label("Паспорт: Сидорова А. П.")).to_be_visible()
    page.get_by_role("button", name="Ещё поля").click()
    page.get_by_label("Плательщик", exact=True).fill("Иванова Мария Петровна")
    page.get_by_role("radio", name="Плательщика").check()
    expect(page.get_by_label("Паспорт: Иванова М. П.")).to_be_visible()
    page.get_by_label("Документ", exact=True).select_option("Иностранный паспорт")
    foreign = page.get_by_label("Иностранный паспорт: Иванова М. П.")
    foreign.fill("C01X00T47")
    foreign.blur()
    expect(foreign).not_to_have_attribute("aria-invalid", "true")


def test_p29_an_organisation_has_an_inn_of_ten_digits_and_no_passport(page: Page) -> None:
    open_form(page)
    page.get_by_label("Страхователь", exact=True).fill("ООО «Ромашка»")
    inn = page.get_by_label(re.compile("^ИНН"))
    inn.fill("132202672804")
    inn.blur()
    expect(inn).to_have_accessible_description("ИНН организации — 10 цифр.")
    inn.fill("")
    inn.fill("7707067683")
    inn.blur()
    expect(inn).not_to_have_attribute("aria-invalid", "true")
    assert page.get_by_label("Документ", exact=True).locator("option").all_inner_texts() == ["ИНН"]


def test_p33_a_card_payment_needs_its_slip_or_a_reason(page: Page, stack: Stack) -> None:
    open_form(page)
    app.fill_form(page, CLIENT)
    page.get_by_text("Карта", exact=True).click()
    expect(page.get_by_text("Только терминал компании. Перевод на свою карту не принимать.")).to_be_visible()
    app.save(page)
    slip = page.get_by_label("Код операции со слипа (RRN, 12 цифр)")
    expect(slip).to_be_focused()
    expect(slip).to_have_accessible_description(re.compile("отметьте «Нет слипа»"))
    page.get_by_label("Нет слипа", exact=True).check()
    app.save(page)
    expect(page.get_by_label("Почему нет слипа")).to_be_focused()
    page.get_by_label("Почему нет слипа").select_option("Слип забрал клиент")
    number = page.get_by_label("Номер квитанции").input_value()
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    wait_for(
        lambda: stack.query(
            "SELECT 1 FROM receipts_receipt WHERE number = %s AND no_reference_reason = 'Слип забрал клиент'",
            number,
        ),
        "the reason at the office",
    )


def test_p33_no_field_takes_a_card_number(page: Page) -> None:
    open_form(page)
    page.get_by_role("button", name="Ещё поля").click()
    page.get_by_label("Вид страхования").select_option("КАСКО")
    for name in ("Номер полиса", "Страхователь", "Плательщик", "Комментарий"):
        field = page.get_by_label(name, exact=True)
        field.fill(CARD)
        field.blur()
        expect(field).to_have_accessible_description("Номер карты сюда писать нельзя.")
        field.fill("")


def test_p33_a_new_form_of_payment_is_a_row_of_the_office_and_no_release(page: Page, stack: Stack) -> None:
    stack.execute(
        "INSERT INTO receipts_paymentform (code, name, check_tag, is_cash, reference_label,"
        " reference_pattern, position, is_active)"
        " VALUES ('sbp', 'СБП', 1081, false, 'Номер операции СБП', '', 30, true)"
    )
    try:
        open_form(page)
        page.evaluate(  # an hour has passed since the directories came
            """() => new Promise((done, failed) => {
                const opening = indexedDB.open('kias');
                opening.onsuccess = () => {
                    const tx = opening.result.transaction('meta', 'readwrite');
                    const meta = tx.objectStore('meta');
                    meta.get('setup').onsuccess = ({target}) => {
                        meta.put({...target.result, value: {...target.result.value, fetched_at: 0}});
                    };
                    tx.oncomplete = () => { opening.result.close(); done(); };
                    tx.onerror = failed;
                };
            })"""
        )

        def offered() -> bool:
            open_form(page)
            return page.get_by_text("СБП", exact=True).is_visible()

        wait_for(offered, "the new form of payment on the phone")
        page.get_by_text("СБП", exact=True).click()
        expect(page.get_by_label("Номер операции СБП")).to_be_visible()
    finally:
        stack.execute("UPDATE receipts_paymentform SET is_active = false WHERE code = 'sbp'")


def test_the_sum_is_understood_however_it_is_typed_or_pasted_and_said_in_words(page: Page) -> None:
    open_form(page)
    words = page.get_by_text("Три тысячи двести сорок пять рублей 50 копеек")
    for typed in ("3245,50", "3245.50", "3 245,50", "3\u00a0245,50 ₽"):
        page.get_by_label("Сумма").fill("")
        expect(words).to_have_count(0)
        page.get_by_label("Сумма").fill(typed)
        expect(words).to_be_visible()
    page.get_by_label("Сумма").fill("99999999999")
    page.get_by_label("Сумма").blur()
    expect(page.get_by_label("Сумма")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Сумма").fill("-5")
    expect(page.get_by_text("Пять рублей")).to_be_visible()  # the sign is no key of this field


def test_p12_another_policy_of_one_client_takes_four_taps_and_all_are_shared_at_once(
    page: Page, line: Line, new_phone: Callable[..., Phone]
) -> None:
    app.wait_ready(page)
    line.cut()
    app.issue(page, CLIENT)
    page.evaluate("addEventListener('click', () => { window.taps = (window.taps || 0) + 1 }, true)")
    page.get_by_role("button", name="Ещё этому клиенту").tap()
    expect(page.get_by_text("Тот же клиент")).to_be_visible()
    page.get_by_label("Номер полиса").tap()
    page.keyboard.type("0123456790")
    page.get_by_label("Сумма").tap()
    page.keyboard.type("1000")
    page.get_by_role("button", name="Сохранить").tap()
    expect(page.get_by_text(re.compile(r"Принято от клиента: 2\sквитанции, 4\s245,50\s₽"))).to_be_visible()
    assert page.evaluate("window.taps") <= 4


def test_p12_a_visit_survives_the_closing_of_the_app(page: Page, line: Line, phone: Phone) -> None:
    app.wait_ready(page)
    line.cut()
    app.issue(page, CLIENT)
    page.get_by_role("button", name="Ещё этому клиенту").click()
    expect(page.get_by_text("Тот же клиент")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Тот же клиент")).to_be_visible()
    page.get_by_label("Номер полиса").fill("0123456790")
    page.get_by_label("Сумма").fill("1000")
    app.save(page)
    several = page.get_by_text(re.compile(r"Принято от клиента: 2\sквитанции"))
    expect(several).to_be_visible()
    page.reload()
    expect(several).to_be_visible()
    page.evaluate(
        "Object.defineProperty(navigator, 'share', {"
        "value: (given) => { window.given = given.text; return Promise.resolve(); }})"
    )
    page.get_by_role("button", name="Поделиться").click()
    given = page.wait_for_function("window.given").json_value()
    assert given.count("Квитанция на получение страховой премии") == 2
    assert "Получил (агент): Пробная Анна Ивановна, договор № АГ-9999" in given
    assert "Это не кассовый чек" in given
    assert "ИНН 7707067683" in given
    for secret in ("0411", CLIENT.phone_number, "9123456789"):
        assert secret not in given
