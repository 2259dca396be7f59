"""«Принять файл с телефона» in the office: shown first, taken in once, by those who may (P20, P36, F35)."""

import io
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts import installations
from accounts.models import Installation
from backoffice.roles import Role
from receipts.models import Receipt
from sync.models import IntakeException
from sync.models.rescue import RescueImport
from sync.rescue import importing
from sync.rescue.file_format import MAX_BYTES
from tests.support.factories import installation_id, make_agent, make_phone
from tests.support.office import staff_client
from tests.support.pages import english
from tests.support.rescue import cut, ended, rescue_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]

UPLOAD = "/admin/sync/rescueimport/upload/"


@pytest.fixture
def browser():
    return staff_client(Role.OPERATOR)


def bring(browser, raw, name="kias-BC-K7M3T-2026-11-22.kias.txt"):
    file = io.BytesIO(raw)
    file.name = name
    return browser.post(UPLOAD, {"file": file}, follow=True)


def take(browser, row):
    return browser.post(reverse("admin:sync_rescueimport_take", args=[row.pk]), follow=True)


def text_of(answer):
    return (
        " ".join(answer.content.decode().split())
        .replace("\u202f", " ")
        .replace("&nbsp;", " ")
        .replace("\xa0", " ")
    )


def test_what_is_in_it_is_shown_before_anything_is_taken_in(browser):
    agent = make_agent(last_name="Ермолаев")
    phone = make_phone(agent=agent)
    issued = [phone.issue(amount=100_000), phone.issue(amount=250_050)]
    phone.send(issued[0])
    page = bring(browser, rescue_file(phone, issued))
    said = text_of(page)
    assert "2 на 3 500,50 ₽" in said
    for words in (
        "Ермолаев",
        "целый",
        "сходится",
        "уже есть",
        "новая",
        "Принять: 2 конверта",
        issued[1].number,
    ):
        assert words in said
    assert english(page.content, known={"BC", "kias"}) == set()
    assert Receipt.objects.count() == 1
    page = take(browser, RescueImport.objects.get())
    said = text_of(page)
    assert "Файл принят: принято 1, уже было 1." in said
    assert "принята" in said
    assert "Принять:" not in said
    assert Receipt.objects.count() == 2
    assert english(page.content, known={"BC", "kias"}) == set()


def test_the_same_file_again_says_who_took_it_in_and_changes_nothing(browser):
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue()])
    bring(browser, raw)
    row = RescueImport.objects.get()
    take(browser, row)
    other = staff_client(Role.OPERATOR, last_name="Зуев")
    said = text_of(bring(other, raw))
    assert "Этот файл уже принят" in said
    assert "Орлов" in said
    assert "Этот файл уже принят. Ничего не изменилось." in text_of(take(other, row))
    assert RescueImport.objects.count() == Receipt.objects.count() == 1
    row.refresh_from_db()
    assert row.imported_by.last_name == "Орлов"


def test_the_list_names_nobody_who_took_in_a_file_that_only_lies_there(browser):
    phone = make_phone()
    bring(browser, rescue_file(phone, [phone.issue()]))
    row = RescueImport.objects.select_related("imported_by").get()
    said = text_of(browser.get("/admin/sync/rescueimport/"))
    table = said[said.index("Кто принял") :]
    assert "ещё не принят" in table
    assert row.uploaded_by.last_name not in table.split("Всего")[0]


def test_who_brought_and_who_took_in_stands_in_the_audit(browser):
    phone = make_phone()
    bring(browser, rescue_file(phone, [phone.issue(), phone.issue()]))
    take(browser, RescueImport.objects.get())
    notes = list(LogEntry.objects.order_by("id").values_list("user", "change_message"))
    assert notes == [
        (browser.person.pk, "Файл с телефона загружен: конвертов 2"),
        (browser.person.pk, "Файл с телефона принят: принято 2"),
    ]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPS])
def test_p20_who_may_not_brings_and_takes_in_nothing(role, browser):
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue()])
    bring(browser, raw)
    stranger = staff_client(role)
    assert stranger.get(UPLOAD).status_code == 403
    assert bring(stranger, raw).status_code == 403
    assert take(stranger, RescueImport.objects.get()).status_code == 403
    assert not Receipt.objects.exists()


def test_an_auditor_reads_what_came_of_it_and_is_offered_nothing(browser):
    phone = make_phone()
    bring(browser, rescue_file(phone, [phone.issue()]))
    row = RescueImport.objects.get()
    said = text_of(staff_client(Role.AUDITOR).get(reverse("admin:sync_rescueimport_change", args=[row.pk])))
    assert "новая" in said
    assert "Принять:" not in said


def test_taking_in_by_a_link_does_nothing(browser):
    phone = make_phone()
    bring(browser, rescue_file(phone, [phone.issue()]))
    assert (
        browser.get(reverse("admin:sync_rescueimport_take", args=[RescueImport.objects.get().pk])).status_code
        == 405
    )
    assert browser.post(reverse("admin:sync_rescueimport_take", args=[2**31])).status_code == 404
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "Файл пустой"),
        (b"PK\x03\x04", "Это не файл с телефона агента"),
        (b"\xff\xfe\x00" * 100, "Это не файл с телефона агента"),
        (b"kias-rescue7\n{}\n", "более новая версия"),
        (b"kias-rescue1\n{}\n" + b"kias1.a.b.c\n" * 10_000, "больше 1000 конвертов"),
        (b"kias-rescue1\n" + b"x" * MAX_BYTES, "Файл больше 2 МБ"),
        (b"kias-rescue1\n" + b"x" * 4_000_000, "Файл больше 2 МБ"),
    ],
)
def test_bad_input_gets_a_sentence_at_the_field_and_keeps_nothing(raw, words, browser):
    page = bring(browser, raw)
    assert page.status_code == 200
    assert words in text_of(page)
    assert not RescueImport.objects.exists()


@pytest.mark.parametrize("body", [{}, {"file": "no file"}, {"file": ""}])
def test_a_form_without_a_file_asks_for_one(body, browser):
    page = browser.post(UPLOAD, body)
    assert page.status_code == 200
    assert "Выберите файл" in text_of(page)


def test_a_name_that_breaks_pages_does_no_harm(browser):
    phone = make_phone()
    page = bring(browser, rescue_file(phone, [phone.issue()]), name="<script>alert(1)</script>\u202e.txt")
    assert page.status_code == 200
    assert b"<script>alert" not in page.content


def test_p31_a_hostile_manifest_does_no_harm(browser):
    phone = make_phone()
    raw = rescue_file(
        phone, [phone.issue()], app_version="<img src=x>\u202e", code="<b>", items=[["<i>", "\x07"]]
    )
    page = bring(browser, raw)
    assert page.status_code == 200
    assert b"<img src=x>" not in page.content
    assert "\u202e" not in page.content.decode()


def test_a_cut_file_says_what_is_missing_and_what_to_do(browser):
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue() for _ in range(5)])
    said = text_of(bring(browser, cut(raw, 3)))
    assert "Файл обрезан. Не хватает: 2 конверта." in said
    assert "Попросите агента прислать файл ещё раз" in said


def test_f35_a_revoked_phones_receipts_are_shown_as_held(browser):
    phone = make_phone()
    issued = phone.issue()
    installations.revoke(Installation.objects.get(pk=installation_id(phone)), now=timezone.now())
    bring(browser, rescue_file(phone, [issued]))
    said = text_of(take(browser, RescueImport.objects.get()))
    assert "проверяет офис" in said
    assert "Установка приложения отозвана" in said


def test_p02_what_cannot_be_read_yet_is_told_and_may_be_tried_again(browser):
    phone = make_phone()
    good, newer = phone.issue(), phone.issue()
    bring(browser, rescue_file(phone, [good], f"kias2.{newer.envelope[6:]}", "kias1.junk"))
    row = RescueImport.objects.get()
    said = text_of(take(browser, row))
    assert "Сервер ещё не умеет его прочитать" in said
    assert "Принять ещё раз: 1 конверт" in said
    assert "в исключениях приёма" in said
    assert "принят не весь" in text_of(browser.get("/admin/sync/rescueimport/"))
    assert IntakeException.objects.count() == 1
    assert not importing.is_finished(RescueImport.objects.get())


def test_the_receipts_page_says_that_it_came_by_file_and_who_brought_it(browser):
    phone = make_phone()
    issued = phone.issue()
    bring(browser, rescue_file(phone, [issued]))
    take(browser, RescueImport.objects.get())
    said = text_of(browser.get(reverse("admin:receipts_receipt_change", args=[issued.id])))
    assert "из файла" in said
    assert "пришла файлом" in said
    assert "Орлов" in said


@pytest.mark.parametrize(
    ("made_at", "offset_min"),
    [
        ("0001-01-01T00:00:00Z", -1440),
        ("0001-01-01T00:00:00+14:00", 0),
        ("9999-12-31T23:59:59Z", 1440),
        ("9999-12-31T23:59:59Z", 180),
    ],
)
def test_a_manifest_from_the_end_of_time_hides_no_file_from_the_office(made_at, offset_min, browser):
    """What a phone says of its own time is shown or left out: the page that takes the file in stays."""
    phone = make_phone()
    first, said, envelope, *_ = rescue_file(phone, [phone.issue()]).decode().split("\n")
    said = json.dumps(json.loads(said) | {"made_at": made_at, "offset_min": offset_min})
    page = bring(browser, ended(phone, f"{first}\n{said}\n{envelope}\n"))
    assert page.status_code == 200
    assert "Принять: 1 конверт" in text_of(page)
    assert "принято 1" in text_of(take(browser, RescueImport.objects.get()))
