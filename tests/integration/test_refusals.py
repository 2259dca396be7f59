"""P09: what KIAS refuses, who has to act, and what the agent reads; the others flow (F11)."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from receipts.models import ReceiptEvent
from sync.models import KiasRefusal
from sync.relay import refusals
from tests.support.relaying import calls, delivery, state

pytestmark = pytest.mark.django_db
OFFICE = "Этим занимается офис, от вас ничего не нужно."


@pytest.fixture(autouse=True)
def _directory():
    refusals.fill()


def event(receipt):
    return ReceiptEvent.objects.get(receipt=receipt, state="rejected")


def test_f11_one_refusal_waits_for_its_person_and_the_others_flow(desk):
    before, refused, after = desk.accept(), desk.accept(policy_series="НЕТ"), desk.accept()
    desk.run()
    assert [state(each) for each in (before, refused, after)] == ["registered", "rejected", "registered"]
    desk.settle()
    assert calls(refused) == [("save", "rejected")]
    assert state(refused) == "rejected"
    assert sorted(desk.kias.numbers()) == sorted([before.number, after.number])


@pytest.mark.parametrize(
    "given", [{"policy_series": "НЕТ"}, {"amount": 2_000_000_000}], ids=["unknown_policy", "sum_limit"]
)
def test_p09_limits_and_missing_policies_are_the_offices(desk, given):
    receipt = desk.accept(**given)
    desk.run()
    told = event(receipt)
    assert (told.acts, told.field) == ("office", "")
    assert told.text.startswith("КИАС пока не провёл квитанцию: ")
    assert told.text.endswith(OFFICE)
    assert state(receipt) == "rejected"
    assert receipt.acts == "office"


def test_p09_a_closed_period_is_the_offices_and_the_date_stays(desk):
    receipt = desk.accept()
    desk.kias.rules.closed_before = receipt.receipt_date + timedelta(days=1)
    desk.run()
    assert event(receipt).acts == "office"
    assert "период в КИАС уже закрыт" in event(receipt).text
    before = receipt.receipt_date
    receipt.refresh_from_db()
    assert receipt.receipt_date == before


def test_p09_only_what_the_directory_gives_the_agent_is_his_with_the_field_to_mark(desk):
    receipt = desk.accept(policy_series="ЯЯЯ")
    desk.run()
    told = event(receipt)
    assert (told.acts, told.field) == ("agent", "policy_number")
    assert told.text == "Проверьте серию и номер полиса. КИАС ответил: Серия полиса не по образцу."
    receipt.refresh_from_db()
    assert receipt.acts == "agent"


def test_p09_an_unknown_code_is_the_offices_with_kiass_own_reason():
    found = refusals.lookup("Z-17", "Счёт заблокирован. ")
    assert found.acts == "office"
    assert found.text == f"КИАС пока не провёл квитанцию: Счёт заблокирован. {OFFICE}"
    assert "причина не названа" in refusals.lookup("Z-17", "  ").text


def test_a_reason_that_looks_like_a_pattern_is_only_text():
    assert "{0} {reason}" in refusals.lookup("Z-17", "{0} {reason}").text
    assert len(refusals.lookup("Z-17", "Ы" * 5000).text) == 500


def test_p09_wait_is_tried_again_by_itself_and_the_state_stays(desk):
    KiasRefusal.objects.filter(pk="bad_policy").update(acts="wait", text="Подождите.")
    receipt = desk.accept(policy_series="ЯЯЯ")
    desk.run()
    assert state(receipt) == "accepted"
    row = delivery(receipt)
    assert (row.failures, row.last_error) == (1, "bad_policy")
    assert row.due_at > desk.clock.moment
    desk.kias.rules.wrong_series = frozenset()
    desk.settle()
    assert state(receipt) == "fiscalised"
    assert calls(receipt)[:2] == [("save", "rejected"), ("find", "ok")]


def test_the_directory_is_filled_once_and_what_the_office_changed_stays(capsys):
    KiasRefusal.objects.filter(pk="sum_limit").update(text="Наш текст.")
    KiasRefusal.objects.filter(pk="bad_sum").delete()
    call_command("fill_directories")
    assert "добавлено 1" in capsys.readouterr().out
    call_command("fill_directories")
    assert "уже заполнены" in capsys.readouterr().out
    assert KiasRefusal.objects.get(pk="sum_limit").text == "Наш текст."


def test_every_first_row_fits_the_directory_and_names_a_field_of_the_form():
    fields = {"policy_number", "policy_date", "instalment", "amount", "insurant", "document_number"}
    for row in KiasRefusal.objects.all():
        row.full_clean()
        assert bool(row.field) == (row.acts == "agent")
        assert row.field in fields | {"", "contact_phone"}
