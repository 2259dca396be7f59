"""The main job from end to end: a receipt issued without network reaches KIAS under its «БС-» number."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENTS = [
    Client("Сидорова Аглая Потаповна", "0123456789", "3245,50"),
    Client("Галиев Рустам Шамилевич", "0123456790", "7000"),
    Client("Кузнецов Пётр Алексеевич", "0123456791", "2 245"),
]
NUMBER = re.compile(r"БС-[0-9АВЕКМНРСТУХ]{5}-\d{5}-[0-9АВЕКМНРСТУХ]")


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    """The list on a phone whose agent has logged in and which is ready to work without network."""
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def documents(stack: Stack, numbers: list[str]) -> list[dict[str, object]]:
    return [document for document in stack.ledger()["documents"] if document["number"] in numbers]


def test_three_receipts_issued_without_network_reach_kias_under_their_numbers(
    stack: Stack, line: Line, phone: Phone, page: Page
) -> None:
    line.cut()
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    page.reload()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()

    numbers = []
    for client in CLIENTS:
        numbers.append(app.issue(page, client))
        expect(page.get_by_text("сохранена на этом телефоне").first).to_be_visible()
        app.done(page)
    assert len(set(numbers)) == 3
    assert all(NUMBER.fullmatch(number) for number in numbers)

    app.open_unsent(page)
    for number in numbers:
        expect(app.row(page, number)).to_be_visible()

    page = phone.reopen("/unsent")
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()
    for number in numbers:
        expect(app.row(page, number)).to_be_visible()
    assert documents(stack, numbers) == []

    line.restore()
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=60_000)
    in_kias = wait_for(
        lambda: found if len(found := documents(stack, numbers)) == 3 else None, "three documents"
    )
    assert sorted(str(document["number"]) for document in in_kias) == sorted(numbers)
    today = datetime.now(ZoneInfo("Asia/Krasnoyarsk")).date()
    assert {document["date"] for document in in_kias} == {f"{today:%d.%m.%Y}"}

    page.goto("/")
    app.row(page, numbers[0]).click()
    expect(page.get_by_role("img", name=re.compile("QR"))).to_be_visible(timeout=30_000)
    rows = stack.query(
        "SELECT r.number, r.state, array_agg(e.state ORDER BY e.change) FROM receipts_receipt r"
        " JOIN receipts_receiptevent e ON e.receipt_id = r.id WHERE r.number = ANY(%s) GROUP BY 1, 2",
        numbers,
    )
    assert {row[0] for row in rows} == set(numbers)
    assert all(row[2][0] == "accepted" and "registered" in row[2] for row in rows)


def test_f31_a_red_circle_turns_amber_when_the_server_has_the_receipt_and_leaves_when_kias_has_it(
    stack: Stack, line: Line, page: Page
) -> None:
    stack.stop("simulator")
    try:
        line.cut()
        number = app.issue(page, CLIENTS[0])
        app.done(page)
        app.open_unsent(page)
        waiting = page.get_by_role("region", name="На этом телефоне")
        on_server = page.get_by_role("region", name="На сервере, ждут КИАС")
        expect(waiting.get_by_text(number)).to_be_visible()

        line.restore()
        expect(on_server.get_by_text(number)).to_be_visible(timeout=60_000)
        expect(waiting).to_have_count(0)
        expect(page.get_by_text("Всё отправлено")).to_have_count(0)
    finally:
        stack.start("simulator")
    expect(page.get_by_text("Всё отправлено и подтверждено КИАС")).to_be_visible(timeout=90_000)
    assert len(documents(stack, [number])) == 1


def test_f38_two_quick_taps_on_save_make_one_receipt(stack: Stack, page: Page) -> None:
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENTS[0])
    page.get_by_role("button", name="Сохранить").last.dblclick()
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
    wait_for(lambda: documents(stack, [number]), "the document in KIAS")
    assert len(documents(stack, [number])) == 1


def test_f38_one_draft_in_two_tabs_makes_one_receipt(
    stack: Stack, line: Line, phone: Phone, page: Page
) -> None:
    line.cut()
    page.goto("/new")
    number = app.number_shown(page)
    app.fill_form(page, CLIENTS[0])
    page.wait_for_timeout(1500)  # the draft is written a moment after the last key
    other = phone.new_tab("/new")
    assert app.number_shown(other) == number
    expect(other.get_by_label("Страхователь", exact=True)).to_have_value(CLIENTS[0].insurant)
    app.save(page)
    expect(page.get_by_text("сохранена на этом телефоне").first).to_be_visible()
    app.save(other)
    expect(other.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    line.restore()
    wait_for(lambda: documents(stack, [number]), "the document in KIAS", 60)
    assert stack.query("SELECT count(*) FROM receipts_receipt WHERE number = %s", number) == [(1,)]


def test_f17_a_receipt_shown_as_saved_survives_a_killed_browser(line: Line, phone: Phone, page: Page) -> None:
    line.cut()
    number = app.issue(page, CLIENTS[1])
    phone.kill()
    page = phone.open("/unsent")
    expect(app.row(page, number)).to_be_visible()


def test_f18_two_tabs_never_give_the_same_number(line: Line, phone: Phone, page: Page) -> None:
    other = phone.new_tab("/")
    line.cut()
    numbers = []
    for tab, client in zip([page, other, page], CLIENTS, strict=True):
        numbers.append(app.issue(tab, client))
        app.done(tab)
    assert len(set(numbers)) == 3


def test_f19_two_phones_of_one_agent_give_different_numbers_offline(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    pages = []
    for phone in (new_phone(), new_phone()):
        page = phone.open()
        app.log_in(page, stack, agent)
        app.wait_ready(page)
        pages.append(page)
    line.cut()
    first, second = (app.issue(page, CLIENTS[0]) for page in pages)
    assert first.split("-")[1] != second.split("-")[1]


def test_f20_a_wiped_storage_gets_a_new_code(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone]
) -> None:
    numbers = []
    for client in CLIENTS[:2]:
        page = new_phone().open()  # the second: the same phone after its storage was wiped, an empty profile
        app.log_in(page, stack, agent)
        app.wait_ready(page)
        with line.down():
            numbers.append(app.issue(page, client))
    assert all(NUMBER.fullmatch(number) for number in numbers)
    assert numbers[0].split("-")[1] != numbers[1].split("-")[1]


def test_f27_a_captive_portal_is_not_taken_for_the_server(line: Line, page: Page) -> None:
    line.cut()
    number = app.issue(page, CLIENTS[0])
    app.done(page)
    line.restore()
    line.portal()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Эта сеть Wi-Fi просит сначала войти на её странице").first).to_be_visible(
        timeout=40_000
    )
    app.open_unsent(page)
    expect(page.get_by_role("region", name="На этом телефоне").get_by_text(number)).to_be_visible()
    line.restore()
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=90_000)


def test_f01_a_lost_answer_leads_to_the_same_receipt(stack: Stack, line: Line, page: Page) -> None:
    line.cut()
    number = app.issue(page, CLIENTS[0])
    app.done(page)
    line.restore()
    lost = line.lose_next_reply(b"POST /api/receipts HTTP")
    page.evaluate("dispatchEvent(new Event('online'))")
    lost.wait()
    app.open_unsent(page)
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=90_000)
    assert len(documents(stack, [number])) == 1
    assert stack.query("SELECT count(*) FROM receipts_receipt WHERE number = %s", number) == [(1,)]


def test_f28_a_session_that_ends_on_the_way_keeps_the_queue_and_goes_on_after_the_code(
    stack: Stack, line: Line, agent: Agent, page: Page
) -> None:
    line.cut()
    number = app.issue(page, CLIENTS[0])
    app.done(page)
    stack.execute("UPDATE accounts_agentsession SET ended_at = now() WHERE agent_id = %s", agent.id)
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    enter = (
        page.get_by_role("link", name=re.compile("Войти"))
        .or_(page.get_by_role("button", name=re.compile("Войти")))
        .first
    )
    expect(enter).to_be_visible(timeout=40_000)
    enter.click()
    app.log_in(page, stack, agent)
    wait_for(lambda: documents(stack, [number]), "the document in KIAS", 60)
    assert len(documents(stack, [number])) == 1
