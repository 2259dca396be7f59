"""Series of online numbers in the office: what may be defined, what is frozen, when it warns."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice import dashboard, html
from receipts import series
from receipts.models import NumberReservation, NumberSeries, SpoiledNumber
from tests.support.factories import make_agent, make_installation, make_series
from tests.support.office import make_receipt, office_client

pytestmark = pytest.mark.django_db
ADD = "/admin/receipts/numberseries/add/"


@pytest.fixture
def office() -> Client:
    return office_client()


def wanted(**given: Any) -> dict[str, Any]:
    return {
        "name": "Онлайн", "prefix": "АВ-", "digits": 8, "first": 1, "last": 1000, "alarm_at": 100,
        "is_active": "on",
    } | given  # fmt: skip


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


def reserve() -> str | None:
    return series.reserve(make_installation(agent=make_agent()), now=timezone.now())


def test_a_new_series_gives_from_its_first_number_on(office: Client) -> None:
    assert office.post(ADD, wanted(first=500, prefix="аг-")).status_code == 302
    assert NumberSeries.objects.get().next == 500
    assert reserve() == "АГ-00000500"


@pytest.mark.parametrize("prefix", ["БС-", "бс", "BC-", "ВС", "УЧ-", "Б-С", "БСХ"])
def test_a_prefix_that_phones_use_themselves_is_refused_in_any_spelling(office: Client, prefix: str) -> None:
    assert "Выберите другой префикс" in errors(office.post(ADD, wanted(prefix=prefix)))["prefix"][0]
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"prefix": "А В"}, "prefix", "Например: АВ-"),
        ({"prefix": "\u202eАВ"}, "prefix", ""),
        ({"digits": 14}, "digits", "длиннее 16 знаков"),
        ({"digits": 3}, "last", "не поместится"),
        ({"first": 0}, "first", ""),
        ({"first": 2000}, "last", "меньше первого"),
        ({"first": ""}, "first", ""),
        ({"last": 10**20}, "last", ""),
        ({"digits": 40000}, "digits", ""),
    ],
)
def test_a_slip_is_told_at_its_field(
    office: Client, given: dict[str, Any], field: str, sentence: str
) -> None:
    assert sentence in errors(office.post(ADD, wanted(**given)))[field][0]
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize(
    ("given", "meets"),
    [
        ({"first": 900, "last": 2000}, True),
        ({"prefix": "AB-"}, True),  # Latin letters that look alike
        ({"prefix": "АВ"}, True),  # the same when typed without the dash
        ({"prefix": "АВ-0", "digits": 7}, True),
        ({"prefix": "АВ-1", "digits": 7}, False),
        ({"first": 1001, "last": 2000}, False),
        ({"prefix": "ВЕ-"}, False),
        ({"digits": 7}, False),
    ],
)
def test_two_series_never_hold_one_number(office: Client, given: dict[str, Any], meets: bool) -> None:
    make_series(last=1000)
    answer = office.post(ADD, wanted(**given))
    if meets:
        assert "пересекаются" in errors(answer)["first"][0]
    else:
        assert answer.status_code == 302


def test_what_stands_on_receipts_is_frozen_once_a_number_was_given(office: Client) -> None:
    made = make_series(last=1000)
    page = html.page_of(made)
    assert office.post(page, wanted(prefix="ВЕ-", first=10)).status_code == 302
    assert reserve() == "ВЕ-00000010"
    office.post(page, wanted(prefix="АВ-", digits=9, first=1, name="Другое", last=500, alarm_at=7))
    made.refresh_from_db()
    assert (made.prefix, made.digits, made.first, made.next) == ("ВЕ-", 8, 10, 11)
    assert (made.name, made.last, made.alarm_at) == ("Другое", 500, 7)


def test_the_last_number_is_never_below_what_was_given(office: Client) -> None:
    made = make_series(next=51)
    assert "АВ-00000050 уже выданы" in errors(office.post(html.page_of(made), wanted(last=49)))["last"][0]
    assert office.post(html.page_of(made), wanted(last=50)).status_code == 302
    made.refresh_from_db()
    assert series.remaining(made) == 0
    assert reserve() is None


def test_a_switched_off_series_gives_nothing_and_nobody_deletes_one(office: Client) -> None:
    made = make_series()
    assert office.post(html.page_of(made), wanted(is_active="")).status_code == 302
    assert reserve() is None
    assert office.post(html.page_of(made).replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_the_list_says_what_is_left_used_and_coming_to_its_end(office: Client) -> None:
    made = make_series(last=10_000, next=9_001)
    NumberReservation.objects.create(
        number="АВ-00000007", series=made, installation=make_installation(agent=make_agent()),
        reserved_at=timezone.now(), spent_at=timezone.now(),
    )  # fmt: skip
    page = office.get("/admin/receipts/numberseries/").content.decode()
    assert "1\u202f000" in page
    assert "хватает" in page
    assert "АВ-00000001 … АВ-00010000" in page
    NumberSeries.objects.update(alarm_at=1000)
    assert "кончаются" in office.get("/admin/receipts/numberseries/").content.decode()
    NumberSeries.objects.update(next=10_001)
    assert "кончились" in office.get("/admin/receipts/numberseries/").content.decode()
    assert "АВ-00000001 … АВ-00010000" in office.get(html.page_of(made)).content.decode()


def warns() -> bool:
    return any(card.title == "Номера кончаются" for card in dashboard.to_do(timezone.now()))


def test_the_first_page_warns_when_every_series_comes_to_its_end(office: Client) -> None:
    assert not warns()
    first = make_series(last=1000, next=501, alarm_at=500)
    assert warns()
    assert "Номера кончаются" in office.get("/admin/").content.decode()
    second = make_series(prefix="ВЕ-", last=1000, alarm_at=500)
    assert not warns()
    NumberSeries.objects.filter(pk=second.pk).update(next=1001)
    assert warns()
    NumberSeries.objects.filter(pk__in=[first.pk, second.pk]).update(is_active=False)
    assert not warns()


def test_reservations_and_spoiled_numbers_are_to_be_read_only(office: Client) -> None:
    made, phone = make_series(), make_installation(agent=make_agent())
    receipt = make_receipt(number="АВ-00000001")
    rows = [
        NumberReservation.objects.create(
            number=f"АВ-0000000{number}", series=made, installation=phone, reserved_at=timezone.now(), **given
        )
        for number, given in enumerate(
            [
                {"spent_at": timezone.now(), "receipt_id": receipt.pk},
                {"voided_at": timezone.now()},
                {},
            ],
            1,
        )
    ]
    spoiled = SpoiledNumber.objects.create(
        number="БС-К7М3Т-00041-5", installation=phone, reported_at=timezone.now()
    )
    listed = "/admin/receipts/numberreservation/"
    page = office.get(listed).content.decode()
    assert html.page_of(receipt) in page
    for fate, row in zip(("spent", "void", "open"), rows, strict=True):
        assert list(office.get(listed, {"fate": fate}).context["cl"].queryset) == [row]
    assert "БС-К7М3Т-00041-5" in office.get("/admin/receipts/spoilednumber/").content.decode()
    for row in (rows[0], spoiled):
        address = html.page_of(row)
        assert office.get(address).status_code == 200
        assert office.post(address, {"number": "1"}).status_code == 403
        assert office.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert office.get(listed + "add/").status_code == 403
