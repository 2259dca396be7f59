"""«Установить»: the browser's prompt where there is one, exact steps otherwise, gone once installed (P36)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

ITEM = "Установить"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)
#: A browser that makes no offer: Chromium's own does not reach the app.
NO_OFFER = """
addEventListener('beforeinstallprompt', (event) => event.isTrusted && event.stopImmediatePropagation(), true);
"""
#: An offer whose dialog can be seen from here: the browser's own is outside the page.
OFFER = """
addEventListener('DOMContentLoaded', () => {
  const offer = new Event('beforeinstallprompt', { cancelable: true });
  const { dataset } = document.documentElement;
  offer.prompt = async () => { dataset.prompted = Number(dataset.prompted ?? 0) + 1; };
  dispatchEvent(offer);
  dataset.kept = offer.defaultPrevented;
});
"""


@pytest.fixture
def enter(stack: Stack, agent: Agent, new_phone: Callable[..., Phone]) -> Callable[..., Page]:
    """Opens the app on a phone whose browser calls itself `user_agent` and logs the agent in."""

    def enter(user_agent: str = PIXEL, script: str = NO_OFFER, **options: Any) -> Page:
        phone = new_phone(user_agent=user_agent, **options)
        page = phone.open(None)
        page.context.add_init_script(script)
        page.goto("/")
        app.log_in(page, stack, agent)
        return page

    return enter


def open_menu(page: Page) -> None:
    page.get_by_role("button", name="Меню", exact=True).click()
    expect(page.get_by_role("button", name="Неотправленные")).to_be_visible()


def open_steps(page: Page) -> None:
    open_menu(page)
    page.get_by_role("dialog").get_by_role("button", name=ITEM).click()  # an Apple tab's list offers it, too
    expect(page.get_by_role("heading", name=ITEM)).to_be_visible()


def pictures_came(page: Page) -> None:
    pictures = page.locator("main li img")
    expect(pictures.first).to_be_visible()
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0


def test_chromium_finds_nothing_that_stands_against_installing(phone: Phone) -> None:
    page = phone.open()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    browser = page.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"id": "/"' in manifest["data"]
    assert browser.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


def test_chromium_itself_offers_and_the_app_keeps_the_offer(enter: Callable[..., Page]) -> None:
    page = enter(script="")
    page.goto("/install")
    expect(page.get_by_role("contentinfo").get_by_role("button", name=ITEM)).to_be_visible()


def test_the_browsers_own_prompt_is_used_where_it_exists(enter: Callable[..., Page]) -> None:
    page = enter(script=NO_OFFER + OFFER)
    whole = page.locator("html")
    expect(whole).to_have_attribute("data-kept", "true")  # otherwise the browser shows a banner of its own
    open_menu(page)
    page.get_by_role("button", name=ITEM).click()
    expect(whole).to_have_attribute("data-prompted", "1")
    expect(page.get_by_role("dialog")).to_have_count(0)
    open_menu(page)
    page.get_by_role("button", name=ITEM).click()  # an offer can be shown once; the steps remain
    expect(page.get_by_role("heading", name="Chrome на Android")).to_be_visible()


@pytest.mark.parametrize(
    ("user_agent", "name", "words"),
    [
        (
            PIXEL,
            "Chrome на Android",
            ["Добавить на гл. экран", "Добавить на главный экран", "Установить приложение"],
        ),
        (
            IPHONE,
            "Safari на айфоне, iOS 18 и старше",
            ["На экран „Домой“", "квитанции, оформленные без сети"],
        ),
        (
            IPHONE.replace("Version/17.5", "Version/26.0"),
            "Safari на айфоне, iOS 26 и новее",
            ["•••", "Поделиться"],
        ),
    ],
)
def test_p36_otherwise_there_are_steps_for_exactly_this_browser(
    enter: Callable[..., Page], user_agent: str, name: str, words: list[str]
) -> None:
    page = enter(user_agent)
    open_steps(page)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    for said in words:
        expect(page.get_by_text(said).first).to_be_visible()
    pictures_came(page)


def test_an_agent_finds_the_steps_of_another_phone(enter: Callable[..., Page]) -> None:
    page = enter()
    open_steps(page)
    page.get_by_role("button", name="У меня другой телефон").click()
    page.get_by_role("button", name="Браузер Samsung").click()
    expect(page.get_by_role("heading", name="Браузер Samsung")).to_be_visible()
    expect(page.get_by_text("Добавить страницу на")).to_be_visible()
    pictures_came(page)


def test_without_network_it_says_so_and_goes_on_by_itself_when_there_is_one(
    enter: Callable[..., Page], line: Line
) -> None:
    page = enter()
    app.wait_ready(page)
    line.cut()
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    page.goto("/install")
    expect(
        page.get_by_role("heading", name="Нет связи").or_(page.get_by_text("Шаги не загрузились"))
    ).to_be_visible()
    expect(page.get_by_text("Работать и сохранять квитанции можно и так")).to_be_visible()
    line.restore()
    page.get_by_role("button", name="Повторить").click()
    expect(page.get_by_role("heading", name="Chrome на Android")).to_be_visible(timeout=30_000)


def test_once_installed_it_is_gone_in_the_other_tab_too(enter: Callable[..., Page]) -> None:
    page = enter()
    other = page.context.new_page()
    other.goto("/")
    for tab in (page, other):
        open_menu(tab)
        expect(tab.get_by_role("button", name=ITEM)).to_be_visible()
    page.evaluate("dispatchEvent(new Event('appinstalled'))")
    for tab in (page, other):
        expect(tab.get_by_role("button", name=ITEM)).to_have_count(0)
    page.reload()  # the menu is open again: it is a place in history
    expect(page.get_by_role("button", name="Неотправленные")).to_be_visible()
    expect(page.get_by_role("button", name=ITEM)).to_have_count(0)


def test_the_installed_app_does_not_offer_itself(enter: Callable[..., Page]) -> None:
    page = enter(IPHONE)
    page.context.add_init_script("Object.defineProperty(navigator, 'standalone', { value: true })")
    page.reload()
    open_menu(page)
    expect(page.get_by_role("button", name=ITEM)).to_have_count(0)


def test_every_way_has_its_steps_and_every_step_its_picture(phone: Phone) -> None:
    page = phone.open()
    ways = page.evaluate("fetch('/static/app/install/steps.json').then((answer) => answer.json())")["ways"]
    assert len({way["id"] for way in ways}) == len(ways)
    for way in ways:
        assert way["steps"], way["id"]
        for step in way["steps"]:
            assert page.request.get(f"/static/app/install/{step['picture']}.svg").ok, step["picture"]


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (390, "dark"), (320, "light"), (320, "dark")])
def test_steps_are_not_wider_than_the_screen(
    enter: Callable[..., Page], width: int, theme: str, tmp_path: Path
) -> None:
    page = enter(IPHONE, width=width, height=760, color_scheme=theme)
    for type_size in (100, 200):
        page.goto("/install")
        page.evaluate("size => { document.documentElement.style.fontSize = size + '%'; }", type_size)
        pictures_came(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"install-{width}-{theme}-{type_size}.png", full_page=True)
