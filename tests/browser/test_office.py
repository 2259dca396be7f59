"""The office and the demo desk in a real browser: everything works, and no policy is violated (ADR 0005)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import WCAG, Axe
from tests.support.browser import Phone
from tests.support.stack import Agent, Stack
from tests.support.staff import new_staff

LISTEN = """document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} on ${location.pathname}`);
})"""


@pytest.fixture
def desk_browser(new_phone: Callable[..., Phone]) -> Phone:
    """A computer's browser. At its end no error may stand in the console, a violated policy included."""
    return new_phone(width=1280, height=900, touch=False, time_zone="Europe/Moscow")


@pytest.fixture
def office(desk_browser: Phone, stack: Stack) -> Iterator[Page]:
    page = desk_browser.open(None)
    page.add_init_script(LISTEN)
    new_staff(stack).log_in(page)
    yield page
    assert desk_browser.errors == []


def test_the_whole_office_works_under_its_policy(office: Page) -> None:
    for name in (
        "Реестр квитанций", "Исключения приёма", "Ждут подтверждения", "Передачи", "Вызовы", "Паузы",
        "Агенты и сотрудники", "Телефоны агентов", "Код для входа агента", "Виды страхования",
        "Формы оплаты", "Журнал действий",
    ):  # fmt: skip
        office.get_by_role("link", name=name, exact=True).click()
        expect(office.locator("#changelist")).to_be_visible()


def test_filters_apply_under_the_policy(office: Page) -> None:
    office.goto("/admin/receipts/receipt/")
    office.get_by_role("button", name="Фильтры").press("Enter")
    office.locator("#filter-form").get_by_text("проверяет офис", exact=True).click()
    office.locator("input[name=receipt_date_from]").fill("01.11.2026")
    office.locator("#filter-form .select2-selection").last.click()
    expect(office.locator(".select2-results__option", has_text="Антонова")).to_be_visible()
    office.locator(".select2-results__option", has_text="Антонова").click()
    office.get_by_role("button", name="Применить").click()
    office.wait_for_url("**receipt_date_from=01.11.2026**")
    assert "state__exact=held" in office.url
    expect(office.locator("#changelist")).to_be_visible()


def test_a_pause_is_set_with_calendar_and_clock_under_the_policy(office: Page) -> None:
    office.goto("/admin/sync/kiaspause/add/")
    office.locator(".field-ended_at .date-icon").click()
    office.locator(".calendarbox").last.get_by_text("Завтра").click()
    expect(office.locator("#id_ended_at_0")).not_to_have_value("")
    office.locator(".field-ended_at .clock-icon").click()
    office.locator(".clockbox").last.get_by_text("6 утра").click()
    expect(office.locator("#id_ended_at_1")).to_have_value("06:00:00")
    office.get_by_label("Почему").fill("Проверка календаря")
    # A pause that has ended before anything could wait for it: other tests relay receipts meanwhile.
    office.locator("#id_started_at_0").fill("01.01.2026")
    office.locator("#id_ended_at_0").fill("01.01.2026")
    office.locator("#id_started_at_1").fill("05:00:00")
    office.get_by_role("button", name="Сохранить", exact=True).click()
    expect(office.get_by_text("закончилась").first).to_be_visible()


def test_the_theme_changes_to_dark_and_stays_dark(office: Page) -> None:
    office.get_by_text("Ольга Ковалёва").click()
    office.get_by_text("Тёмная", exact=True).click()
    expect(office.locator("html.dark")).to_be_visible()
    office.reload()
    expect(office.locator("html.dark")).to_be_visible()


def test_the_office_and_the_demo_desk_keep_to_wcag_in_both_themes(office: Page) -> None:
    office.emulate_media(reduced_motion="reduce")
    axe = Axe(office, WCAG)
    found = []
    for theme in ("light", "dark"):
        office.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for path in ("/admin/receipts/receipt/", "/admin/system/", "/demo/"):
            office.goto(path)
            expect(office.get_by_role("heading").first).to_be_visible()
            found += [f"{theme} {path} {problem}" for problem in axe.problems()]
    assert found == []


def test_f35_a_phone_is_revoked_after_one_question(
    office: Page, agent: Agent, stack: Stack, new_phone: Callable[..., Phone]
) -> None:
    made = stack._python("-c", MAKE_INSTALLATION, agent.id).strip()
    office.goto(f"/admin/accounts/installation/{made}/change/")
    revoke = office.get_by_role("link", name="Отозвать", exact=True)
    revoke.click()
    dialog = office.locator("#modal-content")
    expect(dialog.get_by_text("Отозвать установку?")).to_be_visible()
    dialog.get_by_text("Отмена").click()
    expect(dialog).to_be_hidden()
    revoke.click()
    dialog.get_by_label("Причина").fill("Потерян в автобусе, позвонил сам агент")
    dialog.get_by_role("button", name="Отозвать").click()
    expect(office.get_by_text("отозвана", exact=False).first).to_be_visible()
    expect(office.locator(".office-badge-rejected").first).to_be_visible()


MAKE_INSTALLATION = """
import sys, uuid
import django
django.setup()
from accounts import codes
from accounts.models import Installation
made = Installation.objects.create(agent_id=sys.argv[1], code=codes.new(), public_key=uuid.uuid4().hex)
print(made.pk)
"""


def test_the_demo_desk_shows_the_code_by_itself_and_turns_kias_off_and_on(
    desk_browser: Phone, stack: Stack
) -> None:
    page = desk_browser.open(None)
    page.add_init_script(LISTEN)
    page.goto("/demo/")
    expect(page.get_by_role("status")).to_have_text("работает")
    with (stack.var / "sms.jsonl").open("a", encoding="utf-8") as inbox:
        inbox.write('{"to": "+79990000000", "text": "КИАС: код 739152", "at": "2026-11-22T07:00:00Z"}\n')
    expect(page.locator(".code").first).to_have_text("739152")

    outage = page.get_by_role("button", name="КИАС недоступен")
    outage.click()
    expect(outage).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status")).to_have_text("недоступен")
    page.get_by_role("button", name="Всё исправить").click()
    expect(page.get_by_role("status")).to_have_text("работает")
    expect(outage).to_have_attribute("aria-pressed", "false")
    assert desk_browser.errors == []


@pytest.mark.parametrize("path", ["/admin/login/", "/demo/"])
@pytest.mark.parametrize("width", [320, 390])
def test_pages_fit_a_phone_s_width(new_phone: Callable[..., Phone], path: str, width: int) -> None:
    page = new_phone(width=width, height=700).open(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
