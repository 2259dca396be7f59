"""Online numbers under two connections at once: one number for one installation, none for two (P03)."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Installation
from receipts import series
from receipts.models import NumberReservation, NumberSeries, Receipt
from sync import contact, intake, sealing_keys
from sync.restore import epoch
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id, make_agent, make_installation, make_phone, make_series
from tests.support.phone import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one():
    return make_installation(agent=make_agent())


@pytest.fixture
def other():
    return make_installation(agent=make_agent())


def reserve(installation):
    return series.reserve(installation, now=timezone.now())


def test_p03_two_calls_of_one_installation_get_one_number(one):
    made = make_series()
    with transaction.atomic():
        first = reserve(one)
        second = Elsewhere(lambda: reserve(one)).begin()
        wait_until(second.waits_for_a_lock)
    assert second.result() == first
    made.refresh_from_db()
    assert made.next == 2


def test_p03_many_calls_of_one_installation_get_one_number(one):
    make_series()
    calls = [Elsewhere(lambda: reserve(one)).begin() for _ in range(8)]
    assert {call.result() for call in calls} == {"АВ-00000001"}
    assert NumberSeries.objects.get().next == 2


def test_p03_calls_that_meet_in_two_series_get_one_number(one):
    """The first series was switched off between them: only the database knows of both."""
    first = make_series()
    make_series(prefix="ВЕ-")
    with transaction.atomic():
        number = reserve(one)
        NumberSeries.objects.filter(pk=first.pk).update(is_active=False)
        second = Elsewhere(lambda: reserve(one)).begin()
        wait_until(second.waits_for_a_lock)
    assert second.result() == number
    assert NumberReservation.objects.count() == 1


def test_two_installations_on_one_series_get_two_numbers(one, other):
    make_series()
    with transaction.atomic():
        mine = reserve(one)
        his = Elsewhere(lambda: reserve(other)).begin()
        wait_until(his.waits_for_a_lock)
    assert (mine, his.result()) == ("АВ-00000001", "АВ-00000002")


def test_many_installations_get_as_many_numbers():
    make_series()
    agent = make_agent()
    installations = [make_installation(agent=agent) for _ in range(10)]
    calls = [Elsewhere(lambda each=each: reserve(each)).begin() for each in installations]
    assert sorted(call.result() for call in calls) == [f"АВ-{number:08}" for number in range(1, 11)]


def test_the_last_number_of_a_series_is_given_once(one, other):
    """Who comes second goes on to the next series, and where there is none hears of none."""
    make_series(last=1)
    with transaction.atomic():
        mine = reserve(one)
        his = Elsewhere(lambda: reserve(other)).begin()
        wait_until(his.waits_for_a_lock)
    assert (mine, his.result()) == ("АВ-00000001", None)
    make_series(prefix="ВЕ-", last=1)
    assert reserve(other) == "ВЕ-00000001"


def test_a_reservation_that_fails_gives_its_number_to_the_next_one(one, other):
    make_series()
    with transaction.atomic():
        reserve(one)
        his = Elsewhere(lambda: reserve(other)).begin()
        wait_until(his.waits_for_a_lock)
        transaction.set_rollback(True)
    assert his.result() == "АВ-00000001"


@pytest.fixture
def phone(settings, tmp_path):
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()
    make_series()
    return make_phone()


def test_a_voiding_that_waits_for_the_receipt_comes_too_late(phone):
    issued = phone.issue_online()
    mine = Installation.objects.get(pk=installation_id(phone))
    with transaction.atomic():
        intake.take_in([issued.envelope], carrier=mine)
        late = Elsewhere(lambda: series.void(mine.pk, [issued.number], now=timezone.now())).begin()
        wait_until(late.waits_for_a_lock)
    late.result()
    kept = NumberReservation.objects.get()
    assert (kept.voided_at, str(kept.receipt_id)) == (None, issued.id)


def test_a_receipt_that_waits_for_the_voiding_undoes_it(phone):
    issued = phone.issue_online()
    mine = Installation.objects.get(pk=installation_id(phone))
    with transaction.atomic():
        series.void(mine.pk, [issued.number], now=timezone.now())
        arriving = Elsewhere(lambda: intake.take_in([issued.envelope], carrier=mine)).begin()
        wait_until(arriving.waits_for_a_lock)
    assert arriving.result()[0].result == "accepted"
    kept = NumberReservation.objects.get()
    assert (kept.voided_at, str(kept.receipt_id)) == (None, issued.id)


def test_a_contact_that_voids_and_an_intake_that_counts_do_not_lock_each_other_out(phone):
    """The intake holds the number and then wants the installation's row; the contact, which holds that row,
    must not be waiting for the number meanwhile."""
    online, offline = phone.issue_online(), phone.issue()
    mine = Installation.objects.get(pk=installation_id(phone))
    told = contact.Report(
        contact_token=phone.contact_token, counter=0, waiting_count=0, waiting_sum=0, app_version="",
        device_time=timezone.now(), storage_persisted=None, void_numbers=[online.number],
    )  # fmt: skip
    begun = epoch.current().pk
    with transaction.atomic():
        series.spend([online.number], at=timezone.now())
        calling = Elsewhere(
            lambda: contact.open_drain(mine.pk, told, epoch_id=begun, now=timezone.now())
        ).begin()
        wait_until(calling.waits_for_a_lock)
        intake.take_in([online.envelope, offline.envelope], carrier=mine)
    assert calling.result().installation.pk == mine.pk
    assert Receipt.objects.count() == 2


def test_a_series_changed_by_the_office_waits_for_the_reservation(one):
    stale = make_series()
    stale.name = "Новая"
    with transaction.atomic():
        reserve(one)
        keeping = Elsewhere(lambda: series.keep(stale, ["name"])).begin()
        wait_until(keeping.waits_for_a_lock)
    keeping.result()
    assert NumberSeries.objects.values_list("name", "next").get() == ("Новая", 2)
