"""«Сохранить файл для офиса» from end to end: phone without network, file, office, KIAS once (P36, F33)."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for
from tests.support.staff import new_staff

SAVE = "Сохранить файл для офиса"


def test_what_a_phone_cannot_send_reaches_kias_by_a_file_and_once(
    stack: Stack, line: Line, agent: Agent, new_phone: Callable[..., Phone], tmp_path: Path
) -> None:
    page = new_phone().open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    line.cut()
    number = app.issue(page, Client())
    app.done(page)
    app.open_unsent(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=SAVE).click()
    path = tmp_path / download.value.suggested_filename
    assert re.fullmatch(r"kias-BC-[0-9A-Z]{5}-\d{4}-\d{2}-\d{2}\.kias\.txt", path.name)
    download.value.save_as(path)
    expect(page.get_by_role("main").get_by_text("Передайте файл в офис. Квитанции останутся")).to_be_visible()
    expect(app.row(page, number)).to_be_visible()

    person = new_staff(stack, "operator")
    desk = new_phone(
        base_url=f"http://127.0.0.1:{stack.port}", width=1280, height=900, touch=False
    ).open(None)  # fmt: skip
    person.log_in(desk)
    desk.get_by_role("link", name="Файлы с телефонов").first.click()
    desk.get_by_role("link", name="Принять файл с телефона").click()
    desk.get_by_label("Файл с телефона").set_input_files(path)
    desk.get_by_role("button", name="Показать, что внутри").click()
    expect(desk.get_by_role("row", name=re.compile(number)).get_by_text("новая")).to_be_visible()
    desk.get_by_role("button", name="Принять: 1 конверт").click()
    expect(desk.get_by_text("Файл принят: принято 1.")).to_be_visible()
    wait_for(lambda: documents(stack, number), "the document")

    with page.expect_response(re.compile(r"/api/receipts$"), timeout=60_000) as sent:
        line.restore()
    assert (
        sent.value.ok
    )  # its words are not always there to be read: the integration tests hold `already_accepted`
    expect(app.row(page, number)).to_have_count(0, timeout=30_000)
    expect(page.get_by_role("button", name=SAVE)).to_have_count(0)
    assert len(documents(stack, number)) == 1
    assert stack.query("SELECT source FROM receipts_receipt WHERE number = %s", number) == [("file",)]


def documents(stack: Stack, number: str) -> list[dict[str, object]]:
    return [document for document in stack.ledger()["documents"] if document["number"] == number]
