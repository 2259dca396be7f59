"""What the office does to one receipt on its page: release, retry; which buttons there are (P02)."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from backoffice import html
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from sync.models import Delivery
from sync.office import acts, refused
from tests.support.office import make_receipt
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]


def act(browser: Client, receipt: Receipt, name: str, **typed: str) -> Any:
    address = html.page_of(receipt).replace("/change/", f"/act/{name}/")
    return browser.post(address, {"reason": "проверено"} | typed)


# --- release and retry


def test_f11_a_held_receipt_is_released_and_kias_is_asked_before_the_save(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    registry.hold(receipt.pk, reason="doubtful_date")
    assert desk.run() == "nothing_due"
    acts.release(receipt.pk, staff=person, text="дата верна", clock=desk.clock)
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "ok")]
    assert state(receipt) == State.REGISTERED
    event = receipt.events.get(state=State.ACCEPTED, staff=person)
    assert event.text == "дата верна"


def test_a_held_receipt_that_never_had_a_delivery_gets_one(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    registry.hold(receipt.pk, reason="doubtful_date")
    Delivery.objects.filter(pk=receipt.pk).delete()
    acts.release(receipt.pk, staff=person, text="", clock=desk.clock)
    assert delivery(receipt).ask_first == "released"


def test_f11_a_rejected_receipt_is_sent_again_after_asking(desk: Desk, person: User) -> None:
    receipt = desk.accept(policy_series="НЕТ")
    desk.run()
    assert state(receipt) == State.REJECTED
    Receipt.objects.filter(pk=receipt.pk).update(policy_series="ХХХ")  # KIAS knows the policy by now
    acts.retry(receipt.pk, staff=person, text="полис внесли", clock=desk.clock)
    desk.run()
    assert calls(receipt)[1:] == [("find", "ok"), ("save", "ok")]


def test_a_waiting_receipt_is_tried_now_and_not_when_its_pause_is_over(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    desk.kias.order("malformed", only="save")  # the answer is lost: asked once the settle time has passed
    desk.run()
    desk.kias.order("malformed", only="find")
    desk.run_after(desk.terms.timeout_s + desk.terms.settle_s + 1)
    assert desk.run() == "nothing_due"  # the question had no answer: it waits its pause
    acts.retry(receipt.pk, staff=person, text="", clock=desk.clock)
    desk.run()
    assert state(receipt) == State.REGISTERED
    assert (desk.kias.finds, desk.kias.saves) == (2, 1)
    assert len(desk.kias.documents) == 1


@pytest.mark.parametrize("where", [State.FISCALISED, State.ANNULLED, State.ACCEPTED])
def test_a_release_from_another_state_says_that_it_has_moved_on(person: User, where: str) -> None:
    receipt = make_receipt(state=where)
    with pytest.raises(refused.NotPossibleError, match="перешла в другое состояние"):
        acts.release(receipt.pk, staff=person, text="")


# --- the pages


def test_buttons_stand_only_where_the_states_allow_them(operator: Client) -> None:
    shown = {
        state: {
            words
            for words in ("Отпустить в КИАС", "Передать снова", "Уже есть в КИАС — связать", "Аннулировать")
            if words in operator.get(html.page_of(make_receipt(state=state))).content.decode()
        }
        for state in State
    }
    assert shown == {
        State.ACCEPTED: {"Передать снова", "Уже есть в КИАС — связать", "Аннулировать"},
        State.HELD: {"Отпустить в КИАС", "Уже есть в КИАС — связать", "Аннулировать"},
        State.REGISTERED: {"Передать снова"},
        State.FISCALISED: set(),
        State.REJECTED: {"Передать снова", "Уже есть в КИАС — связать", "Аннулировать"},
        State.ANNULLED: set(),
    }


def test_an_act_is_done_only_with_a_reason_and_stands_in_the_audit(operator: Client) -> None:
    receipt = make_receipt(state=State.HELD, reason="doubtful_date")
    assert act(operator, receipt, "release", reason="").status_code == 200
    assert state(receipt) == State.HELD
    assert act(operator, receipt, "release").status_code == 302
    assert state(receipt) == State.ACCEPTED
    entry = LogEntry.objects.latest("pk")
    assert entry.user == operator.person  # type: ignore[attr-defined]
    assert "отпущена" in entry.change_message


def test_what_waits_for_a_senior_has_no_button_until_he_has_decided(operator: Client) -> None:
    receipt = make_receipt(state=State.HELD, amount=4_500_000)
    address = f"/admin/receipts/receipt/{receipt.pk}/act/release/"
    assert address in operator.get(html.page_of(receipt)).content.decode()
    operator.post(address, {"reason": "Звонили клиенту"})
    page = operator.get(html.page_of(receipt)).content.decode()
    assert "Ждёт подтверждения" in page
    assert address not in page
    assert "/act/annul/" in page


def test_an_act_that_came_too_late_is_told_and_loses_nothing_typed(operator: Client) -> None:
    receipt = make_receipt(state=State.FISCALISED)
    page = act(operator, receipt, "annul", reason="Слишком поздно").content.decode()
    assert "перешла в другое состояние" in page
    assert "Слишком поздно" in page


@pytest.mark.parametrize("name", ["delete", "hold", "accept"])
def test_there_are_no_other_acts(operator: Client, name: str) -> None:
    assert act(operator, make_receipt(), name).status_code == 404


def test_rejected_receipts_are_sent_again_many_at_once(operator: Client) -> None:
    rejected = [make_receipt(state=State.REJECTED, reason="unknown_policy") for _ in range(3)]
    other = make_receipt(state=State.HELD)
    ticked = [str(receipt.pk) for receipt in [*rejected, other]]
    answer = operator.post(
        "/admin/receipts/receipt/", {"action": "retry_many", "_selected_action": ticked}, follow=True
    )
    assert "Передаются снова: 3\u00a0квитанции." in answer.content.decode()
    assert {state(receipt) for receipt in rejected} == {State.ACCEPTED}
    assert state(other) == State.HELD
