"""Thousands of receipts wait for their checks: a day is read page by page, and never asked for one by one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from receipts.models import Receipt
from receipts.states import State
from sync.kias.gateway import KiasRejectedError
from sync.models import Delivery, KiasCircuit, KiasListing, KiasPause, Stage
from sync.relay import checks, deliveries, slots, turns
from tests.support.factories import make_agent, make_installation
from tests.support.kias_documents import make_document
from tests.support.relaying import Desk, build_receipt, current_epoch, delivery, state

pytestmark = pytest.mark.django_db


def registered(desk: Desk, count: int, **given: Any) -> list[Receipt]:
    """So many receipts in KIAS whose check is due to be looked for."""
    installation = make_installation(agent=make_agent())
    at = desk.clock.moment
    epoch = current_epoch(at)
    receipts = []
    for _ in range(count):
        receipt = build_receipt(installation=installation, at=at, state=State.REGISTERED, **given)
        document = make_document(
            external_id=str(receipt.pk),
            number=receipt.number,
            date=receipt.receipt_date,
            amount=receipt.amount,
        )
        receipt.kias_isn = desk.kias._write(document)
        receipts.append(receipt)
    with transaction.atomic():
        Receipt.objects.bulk_create(receipts)
        Delivery.objects.bulk_create(
            Delivery(
                receipt=each,
                agent_id=each.agent_id,
                epoch=epoch,
                accepted_at=at,
                stage=Stage.CHECK,
                due_at=at,
            )
            for each in receipts
        )
        turns.join(each.agent_id for each in receipts)
    return receipts


def ids(receipts: list[Receipt]) -> list[UUID]:
    return [each.pk for each in receipts]


def test_thousands_without_a_check_cost_as_many_calls_as_their_days_have_pages(desk: Desk) -> None:
    desk.kias.check_after = timedelta(days=30)
    desk.kias.page_size = 500
    days = [desk.clock.moment.date() - timedelta(days=back) for back in (0, 5)]
    for day in days:
        registered(desk, 1000, receipt_date=day)
    while desk.run() == "budget":
        pass
    assert (desk.kias.lists, desk.kias.finds) == (4, 0)
    assert not Delivery.objects.filter(due_at__lte=desk.clock.moment).exists()
    desk.settle(hours=0.1)
    assert desk.kias.finds == 0
    assert desk.kias.lists <= 4 + 2 * 7, "a fresh day is read each minute, an older one every ten"


@pytest.mark.parametrize(("dice", "listed_before"), [(0.0, 1), (0.2, 0)])
def test_one_claim_in_eight_looks_for_checks_however_many_saves_wait(
    desk: Desk, dice: float, listed_before: int
) -> None:
    registered(desk, 60)
    for _ in range(3):
        desk.accept()
    seen: list[int] = []
    desk.kias.during = lambda: seen.append(desk.kias.lists)
    desk.relay = replace(desk.relay, dice=lambda: dice)
    desk.run()
    assert seen[0] == listed_before
    assert (desk.kias.lists, desk.kias.saves) == (1, 3)


def test_a_page_brings_every_check_that_is_formed(desk: Desk) -> None:
    receipts = registered(desk, 60)
    desk.run()
    assert (desk.kias.lists, desk.kias.finds) == (1, 0)
    fiscalised = Receipt.objects.filter(state=State.FISCALISED, check_qr__endswith="&n=1")
    assert fiscalised.count() == len(receipts)
    assert set(Delivery.objects.values_list("stage", flat=True)) == {Stage.DONE}


def test_few_are_asked_for_one_by_one(desk: Desk) -> None:
    registered(desk, checks.CROWD - 1)
    desk.run()
    assert (desk.kias.lists, desk.kias.finds) == (0, checks.CROWD - 1)


def test_saves_go_before_pages(desk: Desk) -> None:
    registered(desk, 60)
    desk.accept()
    seen: list[int] = []
    real = desk.kias.list

    def listed(**given: Any) -> Any:
        seen.append(desk.kias.saves)
        return real(**given)

    desk.kias.list = listed  # type: ignore[method-assign]
    desk.run()
    assert seen == [1]


def test_what_stands_on_no_page_is_asked_for_alone_and_says_so(desk: Desk) -> None:
    receipts = registered(desk, 60)
    lost = receipts[7]
    desk.kias.change(lost.kias_isn, date=lost.receipt_date - timedelta(days=1))
    desk.run()
    assert delivery(lost).last_error == checks.NOT_LISTED
    assert state(lost) == State.REGISTERED
    desk.settle(hours=0.5)
    assert state(lost) == State.FISCALISED
    assert desk.kias.finds == 1


def test_one_runner_at_a_time_turns_the_pages_and_the_next_goes_on_where_a_dead_one_was(desk: Desk) -> None:
    desk.kias.page_size = 20
    registered(desk, 60)
    day = [desk.clock.moment.date()]
    first = checks.take_page(day, 60, desk.clock)
    assert first is not None
    assert first.number == 1
    assert checks.take_page(day, 60, desk.clock) is None
    listed = desk.kias.list(since=day[0], until=day[0], page=1, within=1)
    checks.record(first, listed, dice=0.5, clock=desk.clock)
    second = checks.take_page(day, 60, desk.clock)
    assert second is not None
    assert second.number == 2
    desk.clock.turn(61)
    again = checks.take_page(day, 60, desk.clock)
    assert again is not None
    assert again.number == 2
    checks.record(second, listed, dice=0.5, clock=desk.clock)
    assert KiasListing.objects.get().page == 2, "whoever lost the claim turns no page"


@pytest.mark.parametrize("kind", ["malformed", "http_500", "refused"])
def test_a_list_that_cannot_be_read_leaves_the_questions_one_by_one(desk: Desk, kind: str) -> None:
    receipts = registered(desk, 60)
    if kind == "refused":

        def refuse(**_: Any) -> Any:
            raise KiasRejectedError("no_such_procedure", "нет")

        desk.kias.list = refuse  # type: ignore[method-assign]
    else:
        desk.kias.order(kind, only="list")
    desk.run()
    assert KiasListing.objects.get().failures == 1
    assert Receipt.objects.filter(state=State.FISCALISED).count() == len(receipts)
    assert desk.kias.finds == 60


def test_an_unavailable_list_opens_the_circuit_and_the_page_stays_the_next_one(desk: Desk) -> None:
    registered(desk, 60)
    desk.kias.outage = True
    assert desk.run() == "away"
    assert KiasCircuit.objects.get().opened_at is not None
    listing = KiasListing.objects.get()
    assert (listing.page, listing.claim, listing.failures) == (1, None, 0)
    desk.kias.outage = False
    desk.settle(hours=0.1)
    assert set(Receipt.objects.values_list("state", flat=True)) == {State.FISCALISED}


def test_no_page_is_asked_for_in_a_pause_nor_with_a_lease_that_would_not_outlast_the_call(desk: Desk) -> None:
    registered(desk, 60)
    page = checks.take_page([desk.clock.moment.date()], 60, desk.clock)
    assert page is not None
    assert checks.may_ask(page, 15, desk.clock)
    desk.clock.turn(46)
    assert not checks.may_ask(page, 15, desk.clock)
    desk.clock.turn(-46)
    KiasPause.objects.create(started_at=desk.clock.moment, reason="работы")
    assert not checks.may_ask(page, 15, desk.clock)
    slot = slots.take(4, 60, desk.clock)
    assert slot is not None
    assert not slots.may_call(slot, 61, desk.clock)


def test_a_page_s_call_is_dropped_when_its_lease_would_not_outlast_it(desk: Desk) -> None:
    registered(desk, 60)
    slot = slots.take(4, 120, desk.clock)
    assert slot is not None
    terms = replace(desk.terms, lease_s=60, timeout_s=61)
    day = [desk.clock.moment.date()]
    assert not checks.read_page(desk.kias, terms, day, slot, desk.clock, lambda: 0.5)
    assert desk.kias.lists == 0


def test_f13_a_check_in_another_runner_s_hand_is_left_to_him(desk: Desk) -> None:
    receipts = registered(desk, 60)
    (his,) = deliveries.claim(60, desk.clock, stages=[Stage.CHECK])
    slot = slots.take(4, 60, desk.clock)
    assert slot is not None
    day = [desk.clock.moment.date()]
    assert checks.read_page(desk.kias, desk.terms, day, slot, desk.clock, lambda: 0.5)
    assert Delivery.objects.get(pk=his.pk).claim == his.claim
    done = set(Receipt.objects.filter(state=State.FISCALISED).values_list("pk", flat=True))
    assert done == {each.pk for each in receipts} - {his.pk}


# --- what a registered receipt's document may have become


def changed(desk: Desk, one_by_one: bool, **fields: Any) -> Receipt:
    receipts = registered(desk, 1 if one_by_one else 60)
    desk.kias.change(receipts[0].kias_isn, **fields)
    desk.run()
    return receipts[0]


@pytest.mark.parametrize("one_by_one", [True, False])
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"number": "БС-ДРУГОЙ"}, "differs_in_kias"),
        ({"amount": 100}, "differs_in_kias"),
        ({"external_id": "0192f000-0000-7000-8000-000000000000"}, "isn_of_another"),
        ({"state": "annulled"}, "annulled_in_kias"),
    ],
)
def test_a_document_that_was_changed_in_kias_is_held_with_both(
    desk: Desk, one_by_one: bool, fields: dict[str, Any], reason: str
) -> None:
    if reason == "isn_of_another" and one_by_one:
        fields = fields | {"number": "БС-ДРУГОЙ"}
    receipt = changed(desk, one_by_one, **fields)
    if reason == "isn_of_another" and one_by_one:
        assert delivery(receipt).last_error == "документа нет в КИАС"
        return
    assert state(receipt) == State.HELD
    assert receipt.reason == reason
    told = receipt.events.last().text  # type: ignore[union-attr]
    assert receipt.kias_isn in told
    if "amount" in fields:
        assert "1,00 ₽" in told
        assert "3245,50 ₽" in told
    assert delivery(receipt).stage == Stage.STOPPED


@pytest.mark.parametrize("one_by_one", [True, False])
def test_another_receipts_check_is_held_and_the_other_keeps_it(desk: Desk, one_by_one: bool) -> None:
    owner = registered(desk, 1)[0]
    desk.run()
    assert state(owner) == State.FISCALISED
    desk.clock.turn(10)
    victims = registered(desk, 1 if one_by_one else 60)
    real = desk.kias._told

    def told(row: Any) -> Any:
        found = real(row)
        if found.isn == victims[0].kias_isn:
            theirs = next(each for each in desk.kias._rows if each.document.isn == owner.kias_isn)
            return type(found)(**vars(found) | {"check": real(theirs).check, "state": "fiscalised"})
        return found

    desk.kias._told = told  # type: ignore[method-assign]
    desk.run()
    assert state(victims[0]) == State.HELD
    assert victims[0].reason == "check_of_another"
    assert state(owner) == State.FISCALISED


def test_p04_what_a_person_linked_knowing_the_difference_is_not_held_again(desk: Desk) -> None:
    receipt = registered(desk, 1)[0]
    Delivery.objects.filter(pk=receipt.pk).update(ask_first="linked")
    desk.kias.change(receipt.kias_isn, number="БС-ОФИС")
    real = desk.kias.find
    desk.kias.find = lambda **given: real(**given | {"number": "БС-ОФИС"})  # type: ignore[method-assign]
    desk.run()
    assert state(receipt) == State.FISCALISED
