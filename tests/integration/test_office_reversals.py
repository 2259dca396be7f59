"""The office's pages for «Вернуть деньги», «Исправить чек», «Задать дату проводки» (P08, P09, P20)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from backoffice import html
from backoffice.models import Approval, Decision
from backoffice.roles import Role
from receipts.models import Kind, OfficeReceipt, Receipt
from receipts.states import State
from sync.office import acts
from tests.support.office import make_delivery, make_receipt, staff_client, token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch", "series")]


def in_kias(**given: Any) -> Receipt:
    return make_receipt(**{"state": State.FISCALISED, "kias_isn": "100001"} | given)


def refused(**given: Any) -> Receipt:
    long_ago = timezone.localdate() - timedelta(days=20)
    fields = {"state": State.REJECTED, "reason": "closed_period", "acts": "office", "receipt_date": long_ago}
    receipt = make_receipt(**fields | given)
    make_delivery(receipt=receipt, stage="stopped", due_at=None)
    return receipt


def address(receipt: Receipt, name: str) -> str:
    return html.page_of(receipt).replace("/change/", f"/act/{name}/")


def paid(**typed: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"paid_by": "desk", "paid_name": "Петрова А. И.", "paid_on": today, "reason": "Передумал"} | typed


def corrected(**typed: str) -> dict[str, str]:
    fields = {"amount": "3 000", "policy_series": "ХХХ", "policy_number": "0123456789", "policy_date": ""}
    return fields | {"instalment": "1", "reason": "Лишний ноль"} | typed


def confirm(browser: Client, asked: Approval) -> Any:
    where = html.page_of(asked).replace("/change/", "/confirm/")
    return browser.post(where, {"token": token(browser.person)})  # type: ignore[attr-defined]


def text_of(browser: Client, where: str) -> str:
    return browser.get(where).content.decode().replace("\u202f", " ").replace("\u00a0", " ")


# --- two people


def test_p20_one_asks_for_the_money_back_and_a_senior_gives_it(operator: Client, senior: Client) -> None:
    receipt = in_kias()
    assert operator.post(address(receipt, "refund"), paid()).status_code == 302
    assert not Receipt.objects.filter(kind=Kind.REFUND).exists()
    asked = Approval.objects.get()
    shown = text_of(senior, html.page_of(asked))
    assert "касса офиса, Петрова А. И." in shown
    assert "клиент получает 3 245,50 ₽" in shown
    confirm(senior, asked)
    refund = Receipt.objects.get(kind=Kind.REFUND)
    assert refund.refund_of == receipt
    told = receipt.events.get(reason="refunded")
    assert "Решили: Орлов П. И. и Седова И. Л." in told.text.replace("\u00a0", " ")
    assert LogEntry.objects.filter(object_id=str(receipt.pk)).exists()


def test_p20_one_asks_for_a_correction_and_the_senior_sees_what_becomes_of_what(
    operator: Client, senior: Client
) -> None:
    receipt = in_kias()
    operator.post(address(receipt, "correct"), corrected())
    asked = Approval.objects.get()
    shown = text_of(senior, html.page_of(asked))
    assert "сумма 3 245,50 ₽ → 3 000 ₽; наличных меньше на 245,50 ₽" in shown
    confirm(senior, asked)
    new = Receipt.objects.get(replaces=receipt.pk)
    assert (new.amount, new.state) == (300_000, State.ACCEPTED)
    assert OfficeReceipt.objects.get(pk=new.pk).follows.refund_of == receipt
    asked.refresh_from_db()
    assert new.number in asked.outcome


def test_p20_of_two_requests_for_one_receipt_the_second_lapses_and_says_why(
    operator: Client, senior: Client
) -> None:
    receipt = in_kias()
    operator.post(address(receipt, "refund"), paid())
    operator.post(address(receipt, "correct"), corrected())
    first, second = Approval.objects.order_by("asked_at")
    confirm(senior, first)
    confirm(senior, second)
    second.refresh_from_db()
    assert second.decision == Decision.LAPSED
    assert "уже есть возврат" in second.outcome
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1


def test_p08_a_double_click_where_one_person_is_enough_makes_one_refund(
    operator: Client, settings: Any
) -> None:
    settings.TWO_PEOPLE = False
    receipt = in_kias()
    assert operator.post(address(receipt, "refund"), paid()).status_code == 302
    again = operator.post(address(receipt, "refund"), paid())
    assert again.status_code == 200
    assert "перешла в другое состояние" in again.content.decode()
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1


# --- the forms


def test_p08_the_page_says_what_will_happen_before_the_button(operator: Client) -> None:
    receipt = in_kias()
    shown = text_of(operator, address(receipt, "refund"))
    assert "Клиент получает назад всю сумму" in shown
    assert "Подтвердит старший" in shown
    shown = text_of(operator, address(receipt, "correct"))
    assert 'value="3245,50"' in shown
    assert "сначала возврат" in shown


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("refund", paid(paid_by=""), "Обязательное поле"),
        ("refund", paid(paid_on="2099-01-01"), "ещё не наступил"),
        ("refund", paid(paid_on="2001-01-01"), "раньше, чем взяли"),
        ("correct", corrected(amount="три"), "Напишите сумму"),
        ("correct", corrected(amount="0"), "Напишите сумму"),
        ("correct", corrected(amount="3245,50"), "Ничего не изменилось"),
        ("correct", corrected(instalment="0"), "1"),
    ],
)
def test_p08_a_wrong_answer_is_told_at_once_and_nobody_is_asked(
    operator: Client, name: str, typed: dict[str, str], sentence: str
) -> None:
    answer = operator.post(address(in_kias(), name), typed)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert typed["reason"] in answer.content.decode()
    assert not Approval.objects.exists()


@pytest.mark.parametrize("state", [State.ACCEPTED, State.HELD, State.REJECTED, State.ANNULLED])
def test_p08_before_kias_there_is_no_button_to_give_a_check_back(operator: Client, state: State) -> None:
    shown = text_of(operator, html.page_of(make_receipt(state=state)))
    assert "Вернуть деньги" not in shown
    assert "Исправить чек" not in shown


# --- the chain


def test_p08_the_page_tells_the_chain_with_sums_states_and_what_it_comes_to(
    operator: Client, senior: Client
) -> None:
    receipt = in_kias(amount=500_000)
    operator.post(address(receipt, "correct"), corrected())
    confirm(senior, Approval.objects.get())
    refund = Receipt.objects.get(kind=Kind.REFUND)
    for each in Receipt.objects.all():
        shown = text_of(operator, html.page_of(each))
        assert "Цепочка квитанций" in shown
        for words in ("−5 000 ₽", "Возврат неверного чека", f"Взамен № {receipt.number}", "не считается"):
            assert words in shown
        assert f"ждёт, пока в КИАС попадёт № {refund.number}" in shown
        assert '<b><span class="office-amount">3 000 ₽</span></b>' in shown


def test_p08_a_stuck_refund_is_named_on_every_page_of_the_chain(operator: Client, senior: Client) -> None:
    receipt = in_kias()
    operator.post(address(receipt, "refund"), paid())
    confirm(senior, Approval.objects.get())
    Receipt.objects.filter(kind=Kind.REFUND).update(state=State.REJECTED, reason="unknown_policy")
    assert "Возврат не прошёл" in text_of(operator, html.page_of(receipt))


# --- P09: the accounting date


def test_p09_a_senior_sets_the_day_kias_enters_it_and_both_days_stand_on_the_page(senior: Client) -> None:
    receipt = refused()
    today = timezone.localdate()
    assert "Задать дату проводки" in text_of(senior, html.page_of(receipt))
    answer = senior.post(
        address(receipt, "accounting"), {"day": today.isoformat(), "reason": "Период закрыт"}
    )
    assert answer.status_code == 302
    before = receipt.receipt_date
    receipt.refresh_from_db()
    assert (receipt.state, receipt.accounting_date, receipt.receipt_date) == (State.ACCEPTED, today, before)
    shown = text_of(senior, html.page_of(receipt))
    assert f"{before:%d.%m.%Y}" in shown
    assert f"{today:%d.%m.%Y}: период даты квитанции в КИАС закрыт" in shown
    event = receipt.events.get(state=State.ACCEPTED)
    assert event.text == f"Дата проводки: {today:%d.%m.%Y}. Период закрыт"
    assert LogEntry.objects.filter(object_id=str(receipt.pk)).exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.OPS])
def test_p09_nobody_but_a_senior_sets_it(role: Role) -> None:
    receipt, browser = refused(), staff_client(role)
    answer = browser.post(address(receipt, "accounting"), {"day": "2026-11-23", "reason": "Мне надо"})
    assert answer.status_code == 403
    receipt.refresh_from_db()
    assert receipt.accounting_date is None


@pytest.mark.parametrize("reason", ["unknown_policy", "sum_limit", "что-то новое"])
def test_p09_another_refusal_has_no_accounting_date(senior: Client, reason: str) -> None:
    receipt = refused(reason=reason)
    assert "accounting" not in acts.may(receipt)
    today = timezone.localdate().isoformat()
    answer = senior.post(address(receipt, "accounting"), {"day": today, "reason": "Надо"})
    assert "перешла в другое состояние" in answer.content.decode()
    receipt.refresh_from_db()
    assert (receipt.state, receipt.accounting_date) == (State.REJECTED, None)


@pytest.mark.parametrize("days", [-20, -30, 1])
def test_p09_the_day_lies_behind_the_receipt_s_and_not_in_the_future(senior: Client, days: int) -> None:
    day: date = timezone.localdate() + timedelta(days=days)
    receipt = refused()
    answer = senior.post(address(receipt, "accounting"), {"day": day.isoformat(), "reason": "Надо"})
    assert "Дата проводки" in answer.content.decode()
    assert answer.status_code == 200
    receipt.refresh_from_db()
    assert receipt.accounting_date is None


# --- P20: what the second person reads, and what nobody does about himself


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("refund", paid(paid_name="\u202eПетрова А. И.")),
        ("refund", paid(paid_name="\0")),
        ("refund", paid(paid_on="0001-01-01")),
        ("correct", corrected(policy_number="\u202e0123456789")),
        ("correct", corrected(policy_series="\u200bХХХ")),
        ("correct", corrected(policy_date="0001-01-01")),
        ("correct", corrected(policy_date="9999-12-31")),
        ("correct", corrected(amount="9" * 20)),
        ("correct", corrected(instalment="9" * 5000)),
    ],
)
def test_p20_nobody_is_asked_to_confirm_what_cannot_be_read_or_be(
    operator: Client, name: str, typed: dict[str, str]
) -> None:
    assert operator.post(address(in_kias(), name), typed).status_code == 200
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed"),
    [("accounting", {"day": "", "reason": "Надо"}), ("link", {"document": "100001", "reason": "Надо"})],
)
def test_p20_a_senior_who_is_the_agent_enters_and_links_no_receipt_of_his_own(
    senior: Client, settings: Any, name: str, typed: dict[str, str]
) -> None:
    settings.TWO_PEOPLE = True
    receipt = refused()
    Receipt.objects.filter(pk=receipt.pk).update(agent=senior.person)  # type: ignore[attr-defined]
    typed = typed | ({"day": timezone.localdate().isoformat()} if "day" in typed else {})
    answer = senior.post(address(receipt, name), typed)
    assert answer.status_code == 200
    assert "Это ваша собственная квитанция" in answer.content.decode()
    receipt.refresh_from_db()
    assert receipt.state == State.REJECTED
