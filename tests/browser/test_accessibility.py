"""WCAG 2.2 AA on every screen and state, and the main job by the keyboard alone."""

from collections.abc import Callable
from itertools import cycle

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.tour import Tour
from tests.support.axe import Axe
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

#: width, theme, size of the type in per cent: every screen is seen in two of them, opposites of each other
LOOKS = (
    ((390, "light", 100), (320, "dark", 200)),
    ((390, "dark", 200), (320, "light", 100)),
    ((390, "dark", 100), (320, "light", 200)),
)
#: What a finger needs (WCAG 2.5.8: 24 px; ours 48): a field is hit wherever its frame is.
SMALL = """() => [...document.querySelectorAll('button, a[href], select, input')]
  .filter((each) => each.checkVisibility() && !each.closest('.unseen, p, label')
      && (!document.querySelector('dialog[open]') || each.closest('dialog')))
  .map((each) => [each, (each.closest('.field, .search') ?? each).getBoundingClientRect()])
  .filter(([, box]) => box.height < 47.5 || box.width < 24)
  .map(([each, box]) => `small: ${each.outerHTML.slice(0, 120)} ${box.width} x ${box.height}`)"""
NAMES = """() => [...document.querySelectorAll('button[aria-label], a[aria-label]')]
  .filter((each) => each.innerText.trim() && !each.ariaLabel.includes(each.innerText.trim()))
  .map((each) => `name: ${each.outerHTML.slice(0, 120)}`)"""
FOCUS = """() => {
  const each = document.activeElement;
  const label = each.labels?.[0]?.innerText ?? '';
  const style = getComputedStyle(each);
  return [label || each.ariaLabel || each.innerText,
    style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    !!each.closest('.field:focus-within, .search:focus-within, .segments:focus-within, label:focus-within')];
}"""
HELD = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [`wider than the screen: ${document.documentElement.scrollWidth}`] : []"""


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def test_every_screen_and_state_keeps_to_wcag_in_both_themes_on_small_screens_and_with_large_type(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    found: dict[str, list[str]] = {}
    looks = cycle(LOOKS)
    axe: list[Axe] = []

    def see(page: Page, name: str) -> None:
        if not axe:
            page.emulate_media(reduced_motion="reduce")
            axe.append(Axe(page))
        problems: list[str] = []
        for width, theme, type_size in next(looks):
            page.set_viewport_size({"width": width, "height": 844 if width > 320 else 640})
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate("size => { document.documentElement.style.fontSize = size + '%'; }", type_size)
            seen = axe[0].problems()
            for question in (SMALL, NAMES, WIDE):
                seen += page.evaluate(question)
            problems += [f"{width} {theme} {type_size} %: {each}" for each in seen]
        page.evaluate("document.documentElement.style.fontSize = ''")
        if problems:
            found[name] = problems
            print(name, *problems, sep="\n  ")

    Tour(stack, line, agent, new_phone(pin=None), see).walk()
    assert found == {}


def focus_shown(page: Page) -> str:
    """What has the focus, by its words; fails where the eye would not find it."""
    words, outline, within = page.evaluate(FOCUS)
    assert outline or within, f"no focus to be seen on {words}"
    return str(words)


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Tab until the focus says `name`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body") and name in focus_shown(page):
            return
    raise AssertionError(f"no Tab reaches {name}")


def test_the_main_job_is_done_by_the_keyboard_alone(page: Page, line: Line) -> None:
    """The order of the focus is the form's; dialogs hold it and give it back; Escape closes them."""
    line.cut()
    tab_to(page, "Меню")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Меню")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Меню")).to_be_focused()
    tab_to(page, "Новая квитанция")
    page.keyboard.press("Enter")
    number = app.number_shown(page)
    for name, text in (
        ("Номер полиса", "0123456789"),
        ("Страхователь", "Сидорова Аглая Потаповна"),
        ("Паспорт", "0411123456"),
        ("Сумма", "3245,50"),
        ("Телефон", "9123456789"),
    ):
        tab_to(page, name)
        page.keyboard.type(text)
    tab_to(page, "Сохранить")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    tab_to(page, "Показать клиенту")
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog")
    expect(shown).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(page.get_by_role("button", name="Показать клиенту")).to_be_focused()
    tab_to(page, "Готово")
    page.keyboard.press("Enter")
    tab_to(page, number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    tab_to(page, "Назад")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
