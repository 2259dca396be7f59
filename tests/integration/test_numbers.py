"""Online numbers: reserved once, spent by a receipt, given back, never another installation's (P03)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Installation
from receipts import series
from receipts.models import NumberReservation, NumberSeries, Receipt, SpoiledNumber
from receipts.numbers import format_number
from sync.models import Delivery, IntakeException
from tests.support.envelopes import uuid7
from tests.support.factories import installation_id, make_agent, make_phone, make_series
from tests.support.phone import result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def reservation(number):
    return NumberReservation.objects.get(pk=number)


def test_p03_opening_the_form_a_hundred_times_spends_one_number(phone):
    made = make_series()
    assert {phone.reserve() for _ in range(100)} == {"АВ-00000001"}
    made.refresh_from_db()
    assert (made.next, series.remaining(made)) == (2, 99_999_998)
    assert NumberReservation.objects.count() == 1


def test_asking_and_giving_back_empties_no_series(phone, settings):
    """A phone gone wild, or a stolen cookie: after so many unused in a day offline numbers do."""
    settings.UNUSED_NUMBERS_PER_DAY = 3
    made = make_series()
    for _ in range(10):
        if number := phone.reserve():
            phone.contact(void_numbers=[number])
    made.refresh_from_db()
    assert made.next == 4
    assert phone.reserve() is None
    other = make_phone(agent=Installation.objects.get(pk=installation_id(phone)).agent)
    assert other.reserve() is None  # nor by another of his installations
    assert make_phone().reserve() == "АВ-00000004"  # another agent's phone knows nothing of it
    NumberReservation.objects.update(reserved_at=timezone.now() - timedelta(hours=25))
    assert phone.reserve() == "АВ-00000005"


def test_p03_what_was_used_is_not_counted_as_left(phone, settings):
    settings.UNUSED_NUMBERS_PER_DAY = 1
    make_series()
    for _ in range(3):
        assert result(phone.send(phone.issue_online())[0]) == ("accepted", "")


def test_p03_a_spent_number_is_followed_by_the_next_one(phone):
    make_series(first=41)
    issued = phone.issue_online()
    assert result(phone.send(issued)[0]) == ("accepted", "")
    spent = reservation("АВ-00000041")
    assert (str(spent.receipt_id), spent.spent_at is not None) == (issued.id, True)
    assert phone.reserve() == "АВ-00000042"
    receipt = Receipt.objects.get()
    assert (receipt.number, receipt.number_folded, receipt.counter) == ("АВ-00000041", "АВ00000041", None)
    assert Delivery.objects.filter(pk=receipt.pk).exists()


def test_two_installations_never_get_one_number(phone):
    make_series()
    assert {phone.reserve(), make_phone().reserve()} == {"АВ-00000001", "АВ-00000002"}


@pytest.mark.parametrize("given", [None, {"is_active": False}, {"last": 5, "next": 6}])
def test_where_nothing_is_left_the_answer_is_null(phone, given):
    if given:
        make_series(**given)
    assert phone.reserve() is None
    assert not NumberReservation.objects.exists()


def test_the_next_series_goes_on_where_one_ends(phone):
    make_series(last=1)
    make_series(prefix="ВЕ", digits=6, last=9)
    numbers = [phone.issue_online(), phone.issue_online()]
    phone.send(numbers[0])
    other = phone.issue_online()
    assert [numbers[0].number, numbers[1].number, other.number] == ["АВ-00000001", "АВ-00000001", "ВЕ000001"]


def test_a_number_that_a_receipt_or_another_reservation_has_is_skipped(phone):
    make_series(prefix="", digits=6, first=1, last=500)
    for taken in ("000001", "000002"):
        made = phone.issue()
        phone.send(made)
        Receipt.objects.filter(pk=made.id).update(number=taken)
    NumberSeries.objects.update(next=1)
    other = make_series(prefix="0", digits=5, first=3, last=3, is_active=False)
    NumberReservation.objects.create(
        number="000003", series=other, installation_id=make_phone().installation["id"],
        reserved_at=timezone.now(),
    )  # fmt: skip
    assert phone.reserve() == "000004"
    assert NumberSeries.objects.get(pk__lt=other.pk).next == 5


def test_a_foreign_online_number_is_held(phone):
    make_series()
    number = make_phone().reserve()
    assert result(phone.send(phone.sealed(phone.content(number=number)))[0]) == ("held", "foreign_number")
    assert reservation(number).spent_at is None
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("number", ["АВ-00000009", "42", "\x00", "\ufffd", "🙂", "' OR 1=1 --", ""])
def test_a_number_that_nobody_reserved_is_held(phone, number):
    answer = phone.send(phone.sealed(phone.content(number=number)))[0]
    assert answer["result"] == "held"
    assert IntakeException.objects.get().reason in {"foreign_number", "malformed_content"}


def test_a_training_number_is_held(phone):
    make_series()
    assert phone.send(phone.sealed(phone.content(number="УЧ-К7М3Т-00001")))[0]["result"] == "held"


def test_another_agent_s_session_may_carry_a_receipt_under_an_online_number(phone):
    make_series()
    issued = phone.issue_online()
    assert result(make_phone().send(issued)[0]) == ("accepted", "")
    assert reservation(issued.number).spent_at is not None


def test_f01_the_same_receipt_again_is_already_accepted(phone):
    make_series()
    issued = phone.issue_online()
    assert [result(answer)[0] for answer in phone.send(issued, issued)] == ["accepted", "already_accepted"]
    assert result(phone.send(issued)[0]) == ("already_accepted", "")


def test_f21_a_clone_s_second_receipt_under_one_online_number_is_held(phone):
    make_series()
    first = phone.issue_online()
    later = str(uuid7(timezone.now() + timedelta(seconds=1)))  # ids of one millisecond have no order
    second = phone.sealed(phone.content(number=first.number, id=later))
    assert [result(answer) for answer in phone.send(first, second)] == [
        ("accepted", ""),
        ("held", "number_taken"),
    ]
    assert str(reservation(first.number).receipt_id) == first.id


def test_online_numbers_need_no_order_and_no_predecessor(phone):
    """A series' numbers are spent in any order: no jump, and no doubt about dates by the number before."""
    make_series(first=90_000_000)
    offline = phone.issue()
    early, late = phone.issue_online(), None
    phone.send(early)
    NumberSeries.objects.update(next=99_000_000)
    late = phone.issue_online()
    assert [result(answer)[0] for answer in phone.send(offline, late)] == ["accepted", "accepted"]
    assert set(Receipt.objects.values_list("date_doubt", flat=True)) == {""}


def test_a_batch_of_offline_numbers_asks_nothing_about_series(phone, django_assert_max_num_queries):
    make_series()
    with django_assert_max_num_queries(100) as asked:
        phone.send(phone.issue(), phone.issue())
    assert not [query for query in asked.captured_queries if "numberreservation" in query["sql"]]


# --- void and spoiled


def test_a_number_given_back_is_void_and_the_next_one_is_another(phone):
    make_series()
    number = phone.reserve()
    phone.contact(void_numbers=[number])
    assert reservation(number).voided_at is not None
    assert phone.reserve() == "АВ-00000002"


def test_a_receipt_under_a_voided_number_of_its_own_is_accepted_and_the_voiding_undone(phone):
    make_series()
    issued = phone.issue_online()
    phone.contact(void_numbers=[issued.number])
    assert result(phone.send(issued)[0]) == ("accepted", "")
    spent = reservation(issued.number)
    assert (spent.voided_at, str(spent.receipt_id)) == (None, issued.id)
    assert phone.contact(void_numbers=[issued.number])
    assert reservation(issued.number).voided_at is None


def test_nobody_voids_another_s_number(phone):
    make_series()
    other = make_phone()
    number = other.reserve()
    phone.contact(void_numbers=[number, "АВ-77777777", "БС-42"])
    assert reservation(number).voided_at is None
    assert other.reserve() == number


def test_f20_spoiled_numbers_are_noted_once_and_only_under_the_phone_s_own_codes(phone):
    own = format_number(phone.installation["code"], 3)
    wrong_sign = own[:-1] + ("0" if own[-1] != "0" else "1")
    foreign = format_number(make_phone().installation["code"], 1)
    for _ in range(2):
        phone.contact(spoiled=[own, wrong_sign, foreign, "АВ-00000001", "чушь"])
    assert list(SpoiledNumber.objects.values_list("number", flat=True)) == [own]
    assert str(SpoiledNumber.objects.get().installation_id) == phone.installation["id"]


def test_what_a_phone_reports_is_bounded(phone):
    for kind in ("void_numbers", "spoiled"):
        for wrong in (["х" * 17], ["1"] * 101, "АВ-00000001", [None]):
            body = {
                "contact_token": "", "counter": 0, "cursor": 0, "waiting": {"count": 0, "sum": 0},
                "app_version": "", "device_time": timezone.now().isoformat(), "storage_persisted": None,
            }  # fmt: skip
            assert phone.post("ping", body | {kind: wrong}).status_code == 400


# --- who may ask


def test_p17_who_only_hands_over_gets_no_number():
    make_series()
    phone = make_phone(agent=make_agent(status="handover_only"))
    answer = phone.post("numbers", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert not NumberReservation.objects.exists()


def test_a_stranger_gets_no_number(phone):
    make_series()
    phone.client.cookies.delete("kias_session")
    assert phone.post("numbers", {}).json()["error"]["code"] in {"login_required", "csrf"}
    assert not NumberReservation.objects.exists()


# --- what the office is told


def test_a_series_is_low_from_its_alarm_on():
    made = make_series(last=1000, alarm_at=500, next=500)
    assert not series.is_low(made)
    made.next = 501
    assert (series.remaining(made), series.is_low(made)) == (500, True)


def test_what_the_office_keeps_never_turns_a_series_back(phone):
    stale = make_series()
    phone.reserve()
    stale.name, stale.last = "Другое имя", 50
    series.keep(stale, ["name", "last"])
    stale.refresh_from_db()
    assert (stale.name, stale.last, stale.next) == ("Другое имя", 50, 2)


def test_a_beginning_that_is_changed_before_the_first_number_counts(phone):
    made = make_series()
    made.first = 700
    series.keep(made, ["first"])
    assert phone.reserve() == "АВ-00000700"
