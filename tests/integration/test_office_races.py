"""Two people, or a person and the relay, at one row at once: whoever is second sees the first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import login_codes, nudge, office_codes, phone_change, sessions
from accounts.models import AgentSession, LoginAttempt, OfficeCode, User
from backoffice.roles import Role
from receipts import registry, series, withdrawals
from receipts.models import NumberSeries, Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.kias.document import document_of
from sync.office import annulling, linking, refused
from sync.relay import deliveries
from sync.restore import epoch
from tests.support.elsewhere import Elsewhere
from tests.support.factories import make_agent, make_installation, make_series
from tests.support.kias_twin import KiasTwin
from tests.support.login import Browser
from tests.support.office import make_delivery, make_receipt, make_staff, make_withdrawal
from tests.support.phone import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    epoch.current()
    monkeypatch.setattr(nudge, "send_soon", lambda attempt_id: None)
    monkeypatch.setattr(nudge, "tell_former_number_soon", lambda agent_id: None)


def second_after(first: Callable[[], Any], second: Callable[[], Any]) -> Elsewhere:
    """`second` begins while what `first` did is not committed yet, and has to wait for it."""
    with transaction.atomic():
        first()
        other = Elsewhere(second).begin()
        wait_until(other.waits_for_a_lock)
    return other


def test_p20_annulling_waits_for_the_relay_s_claim_and_is_refused_after_it() -> None:
    receipt, person = make_receipt(), make_staff(Role.OPERATOR)
    make_delivery(receipt=receipt)
    other = second_after(
        lambda: deliveries.claim(60, database_clock),
        lambda: annulling.annul(receipt.pk, staff=person, text="ошибка"),
    )
    with pytest.raises(refused.MayBeInKiasError):
        other.result()
    receipt.refresh_from_db()
    assert receipt.state == State.ACCEPTED


def test_f39_two_people_link_one_document_to_one_receipt() -> None:
    one, two = make_receipt(), make_receipt()
    person, kias = make_staff(Role.OPERATOR), KiasTwin()
    isn = kias.save(document_of(one), within=1).isn
    for receipt in (one, two):
        registry.hold(receipt.pk, reason="number_taken_in_kias")

    def link(receipt: Receipt) -> Receipt:
        return linking.link(receipt.pk, document=isn, staff=person, text="проверено", gateway=kias)

    def link_the_other() -> Receipt:
        return linking.link(two.pk, document=one.number, staff=person, text="проверено", gateway=kias)

    other = second_after(lambda: link(one), link_the_other)
    with pytest.raises(refused.LinkedElsewhereError):
        other.result()
    assert Receipt.objects.filter(kias_isn=isn).count() == 1


def test_p01_two_people_end_one_task_once() -> None:
    receipt, person = make_receipt(state=State.FISCALISED), make_staff(Role.OPERATOR)
    task = make_withdrawal(receipt=receipt)

    def end() -> Any:
        return withdrawals.end_task(task.pk, staff=person, text="чек исправлен", now=timezone.now())

    with pytest.raises(withdrawals.NoTaskError):
        second_after(end, end).result()


def test_p25_two_phones_of_one_agent_change_his_number_once() -> None:
    agent = make_agent()

    def asked(number: str) -> Callable[[], User]:
        session, _ = sessions.open_for(agent, now=timezone.now())
        token = phone_change.ask(session, number, attempt_token="", address="10.0.0.1").token
        code = login_codes.derive(LoginAttempt.objects.get(phone_number=number).attempt)
        fresh = AgentSession.objects.select_related("agent").get(pk=session.pk)
        return lambda: phone_change.confirm(fresh, code, attempt_token=token)

    other = second_after(asked("+79120007788"), asked("+79120007799"))
    with pytest.raises(phone_change.TooSoonError):
        other.result()
    agent.refresh_from_db()
    assert agent.phone_number == "+79120007788"


def test_p16_two_seniors_give_one_code() -> None:
    browser, agent = Browser(), make_agent()
    browser.ask(agent.phone_number)
    one, two = make_staff(Role.OPERATOR), make_staff(Role.SENIOR)

    def give() -> OfficeCode:
        return office_codes.give(
            browser.attempt, asked_by=one, confirmed_by=two, reason="узнала", now=timezone.now()
        )

    with pytest.raises(office_codes.AlreadyGivenError):
        second_after(give, give).result()


def test_p03_a_series_edited_while_a_number_is_reserved_keeps_its_place() -> None:
    made, phone = make_series(), make_installation(agent=make_agent())
    stale = NumberSeries.objects.get(pk=made.pk)
    stale.name = "Осень"

    other = second_after(
        lambda: series.reserve(phone, now=timezone.now()), lambda: series.keep(stale, ["name"])
    )
    other.result()
    made.refresh_from_db()
    assert (made.name, made.next) == ("Осень", 2)
