"""Over the real relay, the SOAP adapter and the simulator's process: what KIAS and checks say (P08, P09)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backoffice.roles import Role
from receipts.models import Kind, Receipt
from receipts.states import State
from sync.office import accounting, correcting
from sync.office.correcting import Right
from sync.relay.runner import Relay
from sync.restore import epoch
from tests.support.factories import make_series
from tests.support.kias_process import KiasProcess
from tests.support.office import make_staff
from tests.support.relaying import TERMS, TurnedClock, accept, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def kias(tmp_path: Path):
    with KiasProcess(tmp_path, check_after=0.0) as running:
        yield running


@pytest.fixture
def clock() -> TurnedClock:
    epoch.current()
    make_series()
    return TurnedClock(timezone.now())


def settle(relay: Relay, clock: TurnedClock) -> None:
    for _ in range(8):
        relay.run(budget_s=20)
        clock.turn(120)


def test_p08_a_corrected_check_is_a_sale_a_refund_and_a_sale_in_kias(kias, clock) -> None:
    relay = Relay(gateway=kias.gateway(), terms=TERMS, clock=clock, dice=lambda: 0.5)
    original = accept(at=clock.moment, amount=500_000)
    settle(relay, clock)
    assert state(original) == State.FISCALISED
    right = replace(Right.of(original), amount=300_000)
    new = correcting.correct(
        original.pk, right=right, staff=make_staff(Role.SENIOR), text="Лишний ноль.", clock=clock
    )
    settle(relay, clock)
    refund = Receipt.objects.get(kind=Kind.REFUND)
    assert (state(refund), state(new)) == (State.FISCALISED, State.FISCALISED)
    told = {each["external_id"]: each for each in kias.documents()}
    assert len(told) == 3
    assert [told[str(each.pk)]["kind"] for each in (original, refund, new)] == ["sale", "refund", "sale"]
    assert told[str(refund.pk)]["refund_of"] == str(original.pk)
    assert refund.check_qr.endswith("&n=2")
    assert new.check_qr.endswith("&n=1")


def test_p09_an_accounting_date_gets_a_receipt_of_a_closed_period_into_kias(kias, clock) -> None:
    today = timezone.localdate()
    kias.control(closed_before=today.isoformat())
    relay = Relay(gateway=kias.gateway(), terms=TERMS, clock=clock, dice=lambda: 0.5)
    receipt = accept(at=clock.moment, receipt_date=today - timedelta(days=3))
    settle(relay, clock)
    assert (state(receipt), receipt.reason, receipt.acts) == (State.REJECTED, "closed_period", "office")
    accounting.enter_on(
        receipt.pk, day=today, staff=make_staff(Role.SENIOR), text="Закрыт.", today=today, clock=clock
    )
    settle(relay, clock)
    assert state(receipt) == State.FISCALISED
    assert receipt.receipt_date == today - timedelta(days=3)
    (document,) = kias.documents()
    assert (document["external_id"], document["number"]) == (str(receipt.pk), receipt.number)
