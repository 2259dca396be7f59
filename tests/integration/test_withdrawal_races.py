"""P01 on real PostgreSQL: the relay claims while the withdrawal arrives. Whoever is second sees the first."""

import pytest
from django.db import connection, transaction

from receipts.models import Receipt, Withdrawal
from sync import intake
from sync.clock import database_clock
from sync.relay import deliveries
from sync.relay.runner import Relay
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id
from tests.support.kias_twin import KiasTwin
from tests.support.phone import wait_until
from tests.support.relaying import TERMS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keys")]


def carrier_of(phone):
    return Receipt.installation.field.related_model.objects.get(pk=installation_id(phone))


def test_p01_a_claim_beside_an_uncommitted_withdrawal_finds_nothing(phone):
    issued = phone.issue()
    phone.send(issued)
    carrier, envelope = carrier_of(phone), phone.withdraw(issued).envelope
    with transaction.atomic():
        assert intake.take_in([envelope], carrier=carrier)[0].state == "annulled"
        claim = Elsewhere(lambda: deliveries.claim(60, database_clock)).begin()
        assert claim.result() == []
    assert Elsewhere(lambda: deliveries.claim(60, database_clock)).begin().result() == []
    assert Receipt.objects.get().state == "annulled"


def test_p01_a_withdrawal_beside_an_uncommitted_claim_waits_and_becomes_a_task(phone):
    issued = phone.issue()
    phone.send(issued)
    carrier, envelope = carrier_of(phone), phone.withdraw(issued).envelope
    with transaction.atomic():
        assert deliveries.claim(60, database_clock)
        withdrawal = Elsewhere(lambda: intake.take_in([envelope], carrier=carrier)).begin()
        wait_until(withdrawal.waits_for_a_lock)
    assert withdrawal.result()[0].state == "accepted"
    assert Withdrawal.objects.get().effect == "task"


def test_p01_a_claim_that_was_looking_while_the_withdrawal_committed_takes_nothing(phone):
    """The claim's own look, made to wait where it would skip: PostgreSQL looks at the changed row again."""
    issued = phone.issue()
    phone.send(issued)
    carrier, envelope = carrier_of(phone), phone.withdraw(issued).envelope

    @transaction.atomic
    def look():
        return deliveries.due(database_clock).select_for_update(of=("self",)).first()

    with transaction.atomic():
        intake.take_in([envelope], carrier=carrier)
        other = Elsewhere(look).begin()
        wait_until(other.waits_for_a_lock)
    assert other.result() is None


def test_p01_relay_and_withdrawals_at_once_never_save_an_annulled_receipt_without_a_task(phone):
    """Many receipts, a relay and their withdrawals at full speed: KIAS holds exactly the office's tasks."""
    issued = [phone.issue() for _ in range(30)]
    withdrawn = [phone.withdraw(each).envelope for each in issued]
    phone.send(*issued)
    carrier = carrier_of(phone)
    kias = KiasTwin()
    relay = Elsewhere(lambda: Relay(gateway=kias, terms=TERMS).run(budget_s=20)).begin()
    # from the newest: the relay begins with the oldest
    for envelope in reversed(withdrawn):
        intake.take_in([envelope], carrier=carrier)
    relay.result()
    tasks = set(Withdrawal.objects.filter(effect="task").values_list("receipt__number", flat=True))
    annulled = set(Receipt.objects.filter(state="annulled").values_list("number", flat=True))
    assert tasks | annulled == {each.number for each in issued}
    assert not tasks & annulled
    assert set(kias.numbers()) == tasks


def test_p01_two_withdrawals_of_one_receipt_at_once_annul_it_once(phone):
    issued = phone.issue()
    phone.send(issued)
    carrier = carrier_of(phone)
    envelopes = [phone.withdraw(issued).envelope for _ in range(2)]
    with transaction.atomic():
        intake.take_in([envelopes[0]], carrier=carrier)
        other = Elsewhere(lambda: intake.take_in([envelopes[1]], carrier=carrier)).begin()
        wait_until(other.waits_for_a_lock)
    assert other.result()[0].state == "annulled"
    assert sorted(Withdrawal.objects.values_list("effect", flat=True)) == ["annulled", "nothing"]


def test_f03_one_withdrawal_posted_twice_at_once_is_stored_once(phone):
    issued = phone.issue()
    phone.send(issued)
    carrier, envelope = carrier_of(phone), phone.withdraw(issued).envelope
    posts = [Elsewhere(lambda: intake.take_in([envelope], carrier=carrier)).begin() for _ in range(4)]
    assert sorted(post.result()[0].result for post in posts) == ["accepted"] + ["already_accepted"] * 3
    assert Withdrawal.objects.count() == 1


def test_p01_the_relay_cannot_come_between_a_receipt_and_its_withdrawal_in_one_batch(phone):
    """A relay looks for work at every moment of the intake; it never sees the receipt as its own."""
    carrier = carrier_of(phone)
    issued = phone.issue()
    batch = [issued.envelope, phone.withdraw(issued).envelope]
    seen: list[object] = []
    with connection.execute_wrapper(_looking(seen)):
        intake.take_in(batch, carrier=carrier)
    assert len(seen) > 3
    assert not any(seen)
    assert Receipt.objects.get().state == "annulled"


def _looking(seen):
    def wrapper(execute, sql, params, many, context):
        seen.append(Elsewhere(lambda: deliveries.claim(60, database_clock)).begin().result())
        return execute(sql, params, many, context)

    return wrapper
