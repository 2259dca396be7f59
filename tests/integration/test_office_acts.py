"""What the office does to one receipt: release, retry, link to KIAS, annul; how exceptions end (P02, P04)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backoffice import demo, html
from backoffice.roles import Role
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from sync.kias.document import document_of
from sync.models import Delivery, IntakeException, Stage
from sync.office import acts
from sync.restore import epoch
from tests.support.office import (
    make_attempt,
    make_delivery,
    make_exception,
    make_receipt,
    make_staff,
    staff_client,
)
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def server_s_memory() -> None:
    epoch.current()


@pytest.fixture
def person() -> User:
    return make_staff(Role.OPERATOR)


@pytest.fixture
def operator() -> Client:
    return staff_client(Role.OPERATOR)


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
    with pytest.raises(acts.NotPossibleError, match="перешла в другое состояние"):
        acts.release(receipt.pk, staff=person, text="")


# --- annul


def test_an_annulled_receipt_never_goes_to_kias(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    acts.annul(receipt.pk, staff=person, text="Ошибка в сумме.", clock=desk.clock)
    desk.settle()
    assert state(receipt) == State.ANNULLED
    assert desk.kias.saves == 0
    assert delivery(receipt).stage == Stage.STOPPED
    assert receipt.events.last().text == "Ошибка в сумме."  # what the agent reads


@pytest.mark.parametrize("outcome", ["", "unknown", "ok"])
def test_a_receipt_that_kias_may_have_is_not_annulled(person: User, outcome: str) -> None:
    receipt = make_receipt()
    make_attempt(delivery=make_delivery(receipt=receipt), outcome=outcome)
    with pytest.raises(acts.MayBeInKiasError):
        acts.annul(receipt.pk, staff=person, text="")
    assert state(receipt) == State.ACCEPTED


def test_a_receipt_that_a_runner_holds_is_not_annulled(person: User) -> None:
    receipt = make_receipt()
    make_delivery(receipt=receipt, claim=uuid.uuid4(), lease_until=timezone.now() + timedelta(seconds=60))
    with pytest.raises(acts.MayBeInKiasError):
        acts.annul(receipt.pk, staff=person, text="")


@pytest.mark.parametrize("outcome", ["unavailable", "dropped", "rejected"])
def test_a_receipt_that_kias_surely_has_not_is_annulled(person: User, outcome: str) -> None:
    receipt = make_receipt()
    make_attempt(delivery=make_delivery(receipt=receipt), outcome=outcome)
    acts.annul(receipt.pk, staff=person, text="")
    assert state(receipt) == State.ANNULLED


def test_a_receipt_in_kias_is_not_annulled(person: User) -> None:
    receipt = make_receipt(state=State.HELD, kias_isn="1700001")
    with pytest.raises(acts.InKiasError):
        acts.annul(receipt.pk, staff=person, text="")


# --- «Уже есть в КИАС — связать»


def by_hand(desk: Desk, receipt: Receipt, **typed: Any) -> str:
    """The office typed the receipt into KIAS, perhaps with a slip; the document's ISN."""
    return desk.kias.write_by_hand(replace(document_of(receipt), **typed))


def test_f39_a_document_typed_by_hand_with_a_slip_is_linked_by_a_person(desk: Desk, person: User) -> None:
    receipt = desk.accept(ask_first="paper")
    isn = by_hand(desk, receipt, amount=324_500)
    desk.run()
    assert state(receipt) == State.HELD
    linked = acts.link_to_kias(
        receipt.pk, document=isn, staff=person, text="Опечатка.", gateway=desk.kias, clock=desk.clock
    )
    assert (linked.state, linked.kias_isn) == (State.REGISTERED, isn)
    assert "Сумма, полис, взнос или дата там другие" in receipt.events.last().text
    desk.settle()
    assert state(receipt) == State.FISCALISED
    assert desk.kias.saves == 0
    assert len(desk.kias.documents) == 1


@pytest.mark.parametrize(("two_people", "linked"), [(True, False), (False, True)])
def test_p20_a_document_of_another_sum_swallows_no_large_receipt_by_one_person_s_word(
    desk: Desk, person: User, settings: Any, two_people: bool, linked: bool
) -> None:
    settings.TWO_PEOPLE = two_people
    receipt = desk.accept(amount=5_000_000)
    registry.hold(receipt.pk, reason="doubtful_date")
    by_hand(desk, receipt, number="А7-000123", amount=100)
    given: dict[str, Any] = {"staff": person, "text": "", "gateway": desk.kias, "clock": desk.clock}
    if linked:
        acts.link_to_kias(receipt.pk, document="А7-000123", **given)
        assert state(receipt) == State.REGISTERED
        return
    with pytest.raises(acts.OtherSumError):
        acts.link_to_kias(receipt.pk, document="А7-000123", **given)
    assert state(receipt) == State.HELD
    by_hand(desk, receipt, number="А7-000124")  # the sum put right
    acts.link_to_kias(receipt.pk, document="А7-000124", **given)
    assert state(receipt) == State.REGISTERED


def test_p20_another_receipt_s_document_is_linked_to_nothing_else(desk: Desk, person: User) -> None:
    """Even while its own receipt has not heard of it yet: the save's answer was lost."""
    other, receipt = desk.accept(), desk.accept()
    desk.kias.save(document_of(other), within=5)
    with pytest.raises(acts.LinkedElsewhereError):
        acts.link_to_kias(
            receipt.pk, document=other.number, staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    assert state(receipt) == State.ACCEPTED


def test_f39_a_document_under_another_number_is_linked_by_that_number(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    registry.hold(receipt.pk, reason="doubtful_date")
    isn = by_hand(desk, receipt, number="А7-000123")
    acts.link_to_kias(
        receipt.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock
    )
    receipt.refresh_from_db()
    assert receipt.kias_isn == isn
    assert "Номер документа там: А7-000123." in receipt.events.last().text


def test_what_kias_does_not_show_is_never_linked(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    with pytest.raises(acts.NotInKiasError):
        acts.link_to_kias(
            receipt.pk, document="9999999", staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    desk.kias.outage = True
    with pytest.raises(acts.KiasSilentError):
        acts.link_to_kias(
            receipt.pk, document="1", staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    assert state(receipt) == State.ACCEPTED


def test_one_document_is_linked_to_one_receipt(desk: Desk, person: User) -> None:
    first, second = desk.accept(), desk.accept()
    isn = by_hand(desk, first, number="А7-000123")
    acts.link_to_kias(
        first.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock
    )
    with pytest.raises(acts.LinkedElsewhereError):
        acts.link_to_kias(
            second.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    assert Receipt.objects.get(kias_isn=isn) == first
    assert state(second) == State.ACCEPTED


def test_linking_keeps_out_of_the_way_of_a_call_under_way(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    by_hand(desk, receipt)
    soon = desk.clock.moment + timedelta(seconds=60)
    Delivery.objects.update(claim=uuid.uuid4(), lease_until=soon)
    with pytest.raises(acts.NotPossibleError, match="говорит с КИАС"):
        acts.link_to_kias(
            receipt.pk, document=receipt.number, staff=person, text="", gateway=desk.kias, clock=desk.clock
        )


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


def test_the_lists_of_the_held_and_the_rejected_say_why_how_long_and_who_acts(operator: Client) -> None:
    long_ago = timezone.now() - timedelta(days=10)
    make_receipt(state=State.HELD, reason="counter_jump", accepted_at=long_ago)
    make_receipt(state=State.REJECTED, reason="unknown_policy", acts="agent")
    held = operator.get("/admin/receipts/receipt/?state__exact=held").content.decode()
    assert "Скачок номера" in held
    assert "office-badge-rejected" in held  # ten days are red
    assert "10\u00a0дней" in held
    rejected = operator.get("/admin/receipts/receipt/?state__exact=rejected").content.decode()
    assert "Кто действует" in rejected
    assert ">агент<" in rejected


def test_a_receipt_is_found_by_its_client_s_phone_and_by_its_isn(operator: Client) -> None:
    receipt = make_receipt(contact_phone="+79131112233", kias_isn="1700042")
    make_receipt()
    for typed in ("8 913 111-22-33", "+7(913)1112233", "1700042"):
        found = operator.get("/admin/receipts/receipt/", {"q": typed}).context["cl"].queryset
        assert list(found) == [receipt], typed


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("product_code=kasko", {"product_code": "kasko"}),
        ("payment_form=card", {"payment_form": "card"}),
        ("doubt=contact", {"contact_doubt": "shared"}),
        ("doubt=no_slip", {"no_reference_reason": "терминал не печатает"}),
        ("doubt=no_contact", {"no_contact": True}),
        ("acts=office", {"acts": "office"}),
    ],
)
def test_the_registry_is_filtered(operator: Client, query: str, given: dict[str, Any]) -> None:
    demo.fill()  # the choices are the directories' rows
    wanted = make_receipt(**given)
    make_receipt()
    found = operator.get(f"/admin/receipts/receipt/?{query}").context["cl"].queryset
    assert list(found) == [wanted]


def test_one_receipt_s_page_shows_its_chain(operator: Client) -> None:
    first = make_receipt(state=State.REJECTED)
    second = make_receipt(replaces=first.pk, installation=first.installation)
    third = make_receipt(replaces=second.pk, installation=first.installation)
    make_receipt()
    for receipt in (first, second, third):
        story = operator.get(html.page_of(receipt)).context["story"]
        told = zip(story.chain.links, (first, second, third), strict=True)
        assert [str(link.number).count(each.number) for link, each in told] == [1, 1, 1]


def test_p26_opening_a_receipt_is_in_the_audit_with_fields_and_without_values(operator: Client) -> None:
    receipt = make_receipt()
    operator.get(html.page_of(receipt))
    entry = LogEntry.objects.latest("pk")
    assert entry.change_message == "Показаны: страхователь, плательщик, документ, телефон, e-mail"
    assert (entry.action_flag, entry.object_id) == (4, str(receipt.pk))
    assert receipt.document_number not in entry.change_message + entry.object_repr
    auditor = staff_client(Role.AUDITOR)
    shown = auditor.get("/admin/admin/logentry/?action_flag=4").content.decode()
    assert "просмотр" in shown
    assert receipt.number in shown


# --- intake exceptions


def test_an_exception_shows_both_sides_and_what_differs(operator: Client) -> None:
    receipt = make_receipt(insurant="Сидорова Аглая Потаповна", amount=324_550)
    content = f'{{"number": "{receipt.number}", "amount": 100000, "insurant": "Сидорова Аглая Потаповна"}}'
    row = make_exception(claimed_number=receipt.number, content=content)
    lines = {line.label: line for line in operator.get(html.page_of(row)).context["lines"]}
    assert lines["Сумма"].differs
    assert "1\u202f000" in lines["Сумма"].values[0]
    assert "3\u202f245,50" in lines["Сумма"].values[1]
    assert not lines["Страхователь"].differs


@pytest.mark.parametrize("content", ["", "не json", "[1]", '{"amount": "сто", "insurant": {"a": 1}}'])
def test_an_exception_of_any_content_has_a_page(operator: Client, content: str) -> None:
    row = make_exception(claimed_number=make_receipt().number, content=content)
    assert operator.get(html.page_of(row)).status_code == 200


@pytest.mark.parametrize(("how", "word"), [("discard", "Отброшено"), ("solve", "Решено")])
def test_an_exception_is_ended_once_with_a_reason(operator: Client, how: str, word: str) -> None:
    row = make_exception()
    address = html.page_of(row).replace("/change/", f"/end/{how}/")
    assert operator.post(address, {"reason": ""}).status_code == 200
    assert operator.post(address, {"reason": "двойник"}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_by, row.ended_reason) == (operator.person, f"{word}: двойник")  # type: ignore[attr-defined]
    assert row.envelope  # whole, for ever
    assert "уже разобрано" in operator.post(address, {"reason": "ещё раз"}).content.decode()
    assert IntakeException.objects.get(pk=row.pk).ended_reason.endswith("двойник")


def test_the_first_page_turns_amber_and_red_with_age(operator: Client) -> None:
    def tone() -> str:
        cards = operator.get("/admin/").context["cards"]
        return next(card.tone for card in cards if card.title == "Исключения приёма")

    assert tone() == "done"
    row = make_exception()
    assert tone() == "registered"
    for days, expected in ((4, "held"), (9, "rejected")):
        IntakeException.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(days=days))
        assert tone() == expected
