"""Intake exceptions: both sides beside each other, ended once by a person."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice import html
from sync.models import IntakeException
from tests.support.office import make_exception, make_receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]


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
