"""How the screens behave under a hand: fields, menu, Back, drafts, announcements."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

CLIENT = Client()
#: What an agent types for one client; everything else stands there already (P12).
TYPED = {
    "Номер полиса": CLIENT.policy_number,
    "Страхователь": CLIENT.insurant,
    "Паспорт": CLIENT.passport,
    "Сумма": CLIENT.amount,
    "Телефон": CLIENT.phone_number,
}

#: What reaches over the right edge: its words. What an input holds may be longer than the input.
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter((each) => each.checkVisibility() && !each.closest('.unseen')
        && each.getBoundingClientRect().right > 321)
    .map((each) => `${each.tagName} ${each.className}: ${each.textContent}`)"""


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_p30_the_browser_remembers_and_corrects_nothing_of_a_client(page: Page) -> None:
    page.goto("/new")
    app.number_shown(page)
    page.get_by_role("button", name="Ещё поля").click()
    page.get_by_text("Карта", exact=True).click()
    fields = page.locator("main input:not([type=radio]):not([type=checkbox]), main select")
    expect(fields.first).to_be_visible()
    assert {field.get_attribute("autocomplete") for field in fields.all()} == {"off"}
    texts = page.locator("main input:not([type]):not([readonly])")
    assert {field.get_attribute("autocorrect") for field in texts.all()} == {"off"}
    assert {field.get_attribute("spellcheck") for field in texts.all()} == {"false"}
    for name in ("Страхователь", "Плательщик"):
        field = page.get_by_label(name, exact=True)
        expect(field).to_have_attribute("autocapitalize", "words")


def test_p30_a_document_shows_its_last_four_signs_once_it_is_left(page: Page) -> None:
    page.goto("/new")
    passport = page.get_by_label("Паспорт")
    passport.fill("0411 123456")
    page.get_by_label("Сумма").click()
    expect(passport).to_have_value(re.compile(r"^••••\s3456$"))
    passport.click()
    expect(passport).to_have_value("0411123456")


def test_p30_a_phone_in_english_speaks_russian_and_covers_itself_in_the_background(
    stack: Stack, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    page = new_phone(locale="en-US").open()
    app.log_in(page, stack, agent)
    app.issue(page, replace(CLIENT, amount="3245.50"))
    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile(r"3\s245,50\s₽"))
    page.evaluate("""() => {
        Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    expect(page.locator("body")).to_have_css("opacity", "0")


def test_what_is_missing_is_said_at_the_field_and_the_first_one_gets_the_focus(page: Page) -> None:
    page.goto("/new")
    app.number_shown(page)
    app.save(page)
    policy = page.get_by_label("Номер полиса")
    expect(policy).to_be_focused()
    expect(policy).to_have_attribute("aria-invalid", "true")
    expect(policy).to_have_accessible_description("Введите номер полиса.")
    page.get_by_label("Сумма").fill("3 245,50")
    expect(page.get_by_text("Три тысячи двести сорок пять рублей 50 копеек")).to_be_visible()
    expect(page.get_by_label("Сумма")).not_to_have_attribute("aria-invalid", "true")


def test_a_draft_survives_a_reload_under_its_number(page: Page) -> None:
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENT)
    page.wait_for_timeout(1000)  # nothing on the screen tells that the last key has been written
    page.reload()
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value(CLIENT.insurant)
    expect(page.get_by_label("Сумма")).to_have_value(re.compile(r"^3\s245,50$"))
    assert app.number_shown(page) == number
    page.get_by_role("button", name="Очистить").click()
    page.get_by_role("button", name="Стереть").click()
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("")
    assert app.number_shown(page) == number


def test_the_menu_holds_the_focus_and_closes_on_escape_and_on_back(page: Page) -> None:
    opener = page.get_by_role("button", name="Меню", exact=True)
    menu = page.get_by_role("dialog", name="Меню")
    for leave in (lambda: page.keyboard.press("Escape"), page.go_back):
        opener.click()
        expect(menu).to_be_visible()
        for _ in range(8):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
            )
        leave()
        expect(menu).to_have_count(0)
        expect(opener).to_be_focused()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def test_losing_the_line_is_shown_and_spoken_and_so_is_its_return(page: Page, line: Line) -> None:
    app.wait_ready(page)
    spoken = page.get_by_role("status")
    expect(spoken).to_have_text("")
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_role("main").get_by_text(app.OFFLINE)).to_be_visible(timeout=40_000)
    expect(spoken).to_contain_text(app.OFFLINE, timeout=15_000)
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("main").get_by_text(app.OFFLINE)).to_have_count(0, timeout=40_000)
    expect(spoken).to_contain_text("Снова есть связь", timeout=15_000)


def test_p12_from_nothing_to_the_saved_page_in_at_most_nine_taps(page: Page, line: Line) -> None:
    app.wait_ready(page)
    line.cut()
    page.evaluate("addEventListener('click', () => { window.taps = (window.taps || 0) + 1 }, true)")
    page.get_by_role("button", name="Новая квитанция").tap()
    app.number_shown(page)
    for name, text in TYPED.items():
        page.get_by_label(re.compile(f"^{name}")).tap()  # «Паспорт: Сидорова А. П.»
        page.keyboard.type(text)
    page.get_by_role("button", name="Сохранить").tap()
    expect(page.get_by_text("сохранена на этом телефоне").first).to_be_visible()
    assert page.evaluate("window.taps") <= 9


def test_p12_the_next_form_begins_with_the_product_of_the_last_receipt(page: Page, line: Line) -> None:
    page.goto("/new")
    app.number_shown(page)
    product = page.get_by_label("Вид страхования")
    expect(product).not_to_have_value("")
    chosen = product.locator("option").last.get_attribute("value") or ""
    product.select_option(chosen)
    for name, text in TYPED.items():
        page.get_by_label(re.compile(f"^{name}")).fill(text)
    app.save(page)
    app.done(page)
    page.get_by_role("button", name="Новая квитанция").click()
    expect(page.get_by_label("Вид страхования")).to_have_value(chosen)


def test_p29_a_legal_form_in_the_name_makes_an_organisation_and_asks_for_its_inn(page: Page) -> None:
    page.goto("/new")
    app.number_shown(page)
    page.get_by_label("Страхователь", exact=True).fill("ООО «Ромашка»")
    expect(page.get_by_role("radio", name="Организация")).to_be_checked()
    expect(page.get_by_label("ИНН")).to_be_visible()
    expect(page.get_by_role("contentinfo")).to_contain_text("ООО «Ромашка»")
    page.get_by_role("radio", name="Человек").check()
    page.get_by_label("Страхователь", exact=True).fill("ООО «Ромашка» и Ко")
    expect(page.get_by_role("radio", name="Человек")).to_be_checked()


def test_p12_another_receipt_for_the_same_client_asks_for_policy_and_sum_only(page: Page, line: Line) -> None:
    app.wait_ready(page)
    line.cut()
    first = app.issue(page, CLIENT)
    page.get_by_role("button", name="Ещё этому клиенту").click()
    assert app.number_shown(page) != first
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value(CLIENT.insurant)
    expect(page.get_by_label("Паспорт")).to_have_value(re.compile("3456$"))
    expect(page.get_by_label("Номер полиса")).to_have_value("")
    expect(page.get_by_label("Сумма")).to_have_value("")
    page.get_by_label("Номер полиса").fill("0123456790")
    page.get_by_label("Сумма").fill("1000")
    app.save(page)
    expect(page.get_by_text(re.compile(r"Принято от клиента: 2\sквитанции"))).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def test_f25_leaving_with_unsent_receipts_says_how_many_and_needs_a_second_tap(
    page: Page, line: Line
) -> None:
    app.wait_ready(page)
    line.cut()
    number = app.issue(page, CLIENT)
    app.done(page)
    page.get_by_role("button", name="Меню", exact=True).click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_text("Чтобы войти снова, нужны связь и код из SMS.")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"На телефоне 1\sнеотправленная квитанция\. Она останется здесь"))
    ).to_be_visible()
    page.get_by_role("button", name="Остаться").click()
    expect(page.get_by_role("main").get_by_text(number)).to_be_visible()


def test_p15_sending_without_a_line_is_answered_once_and_no_longer_when_all_has_gone(
    page: Page, line: Line
) -> None:
    app.wait_ready(page)
    line.cut()
    app.issue(page, CLIENT)
    app.done(page)
    app.open_unsent(page)
    page.get_by_role("button", name="Отправить сейчас").click()
    expect(
        page.get_by_text(re.compile("Пока не отправилось. Нет связи с сервером. Ничего не потеряно"))
    ).to_be_visible()
    expect(page.locator(".notice")).to_have_count(1)
    line.restore()
    expect(page.get_by_role("heading", name="На этом телефоне")).to_have_count(0, timeout=15_000)
    expect(page.get_by_text("Пока не отправилось")).to_have_count(0)


def test_the_form_says_at_once_that_the_line_is_gone(page: Page, line: Line) -> None:
    """The number asked for in vain is the first to know it; spec 4."""
    app.wait_ready(page)
    line.cut()
    page.get_by_role("button", name="Новая квитанция").click()
    app.number_shown(page, "БС-")
    expect(page.get_by_text(app.OFFLINE)).to_be_visible(timeout=4_000)


@pytest.mark.parametrize("type_size", [100, 200])
def test_nothing_is_wider_than_a_small_phone_whatever_the_size_of_the_type(
    new_phone: Callable[..., Phone], line: Line, stack: Stack, agent: Agent, type_size: int
) -> None:
    """A page wider than the phone also shifts its buttons out from under the thumb."""
    page = new_phone(width=320, height=640).open()
    page.emulate_media(reduced_motion="reduce")  # a drawer that slides in is outside for a moment

    def fits() -> None:
        page.evaluate("size => { document.documentElement.style.fontSize = size + '%'; }", type_size)
        wide = page.evaluate(TOO_WIDE)
        page.evaluate("document.documentElement.style.fontSize = ''")
        assert wide == []

    fits()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    fits()
    page.get_by_role("button", name="Меню", exact=True).click()
    fits()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Новая квитанция").click()
    app.number_shown(page)
    app.save(page)
    page.get_by_role("button", name="Ещё поля").click()
    page.get_by_label("Плательщик", exact=True).fill("Иванова Мария Петровна")
    fits()
    page.get_by_label("Плательщик", exact=True).fill("")
    app.fill_form(page, CLIENT)
    line.cut()
    app.save(page)
    expect(page.get_by_text("сохранена на этом телефоне").first).to_be_visible(timeout=40_000)
    fits()
    app.done(page)
    page.get_by_text("Сидорова").click()
    page.get_by_role("button", name="Отменить и оформить заново").click()
    fits()
    page.get_by_label("ошибка в сумме").check()
    page.get_by_role("dialog").get_by_role("button", name="Отменить и оформить заново").click()
    expect(page.get_by_text("Взамен квитанции")).to_be_visible()
    app.save(page)
    page.get_by_role("button", name="Показать клиенту").click()
    expect(page.get_by_role("dialog").get_by_text("Взамен квитанции")).to_be_visible()
    fits()
