"""The registry: the list, its search and filters, and a receipt's page. All of it to be read only."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice import demo, html
from backoffice.roles import Role
from receipts.models import DocumentKind, PaymentForm, Product, Receipt
from receipts.states import State
from tests.support.factories import make_agent, make_installation
from tests.support.office import (
    enter,
    make_attempt,
    make_delivery,
    make_event,
    make_receipt,
    office_client,
    read,
    staff_client,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/receipts/receipt/"


@pytest.fixture
def office() -> Client:
    return office_client()


def numbers_found(office: Client, query: str) -> set[str]:
    answer = office.get(LIST, dict(part.split("=", 1) for part in query.split("&")))
    assert answer.status_code == 200
    return {receipt.number for receipt in answer.context["cl"].queryset}


def test_a_doubtful_date_is_reviewed_and_a_wrong_zone_only_noted(office: Client) -> None:
    """P13."""
    make_receipt()
    doubtful, zone = make_receipt(date_doubt="before_predecessor"), make_receipt(date_doubt="wrong_zone")
    assert numbers_found(office, "doubt=date") == {doubtful.number}
    assert numbers_found(office, "doubt=zone") == {zone.number}


def test_the_list_tells_state_number_insurant_policy_amount_agent_and_dates(office: Client) -> None:
    agent = make_agent(last_name="Антонова", first_name="Мария", middle_name="Сергеевна")
    receipt = make_receipt(
        installation=make_installation(agent=agent),
        accepted_at=datetime(2026, 11, 22, 7, 5, tzinfo=UTC),
        receipt_date=date(2026, 11, 22),
    )
    page = read(office, LIST)
    for shown in (
        receipt.number,
        "принята, ждёт КИАС",
        "office-badge-waiting",
        "Сидорова Аглая Потаповна",
        "ХХХ 0123456789",
        "3\u202f245,50\u00a0₽",
        "Антонова\u00a0М.\u00a0С.",
        "22.11.2026",
        "22.11 14:05 (МСК+4)",
    ):
        assert shown in page


def test_a_list_never_shows_a_document_or_a_contact(office: Client) -> None:
    make_receipt(document_number="0411123456", contact_phone="+79123456789", contact_email="a@mail.example")
    page = read(office, LIST)
    for secret in ("0411123456", "9123456789", "345-67-89", "a@mail.example"):
        assert secret not in page


@pytest.mark.parametrize(
    "spelling",
    [
        "БС-К7М3Т-00042-{check}",
        "К7М3Т00042{check}",
        "k7m3t 00042",  # Latin look-alikes, lower case, a space
        "БСК7М3Т00042{check}",
        "К7М3Т-ОО042",  # letters О for zeros
        "к7м3т",
        " бс-к7м3т-00042 ",
    ],
)
def test_a_number_is_found_in_any_spelling(office: Client, spelling: str) -> None:
    installation = make_installation(agent=make_agent(), code="К7М3Т")
    wanted = make_receipt(installation=installation, number="БС-К7М3Т-00042-9")
    make_receipt(number="БС-ЕУ3А7-00042-9")
    assert numbers_found(office, "q=" + spelling.format(check=wanted.number[-1])) == {wanted.number}


def test_a_policy_a_name_an_isn_and_an_id_are_found_too(office: Client) -> None:
    wanted = make_receipt(
        insurant="Алёхина Ирина ПЕТРОВНА", policy_series="ТТТ", policy_number="7000000001", kias_isn="104242"
    )
    make_receipt()
    for typed in ("петровна алехина", "АЛЁХИНА", "TTT 7000000001", "7000000001", "104242", str(wanted.pk)):
        assert numbers_found(office, f"q={typed}") == {wanted.number}, typed
    assert numbers_found(office, "q=ничего такого") == set()


def test_filters_narrow_by_state_reason_date_agent_and_source(office: Client) -> None:
    held = make_receipt(state=State.HELD, reason="doubtful_date", receipt_date=date(2026, 11, 3))
    other = make_receipt(state=State.FISCALISED, receipt_date=date(2026, 11, 20), source="file")
    assert numbers_found(office, "state__exact=held") == {held.number}
    assert numbers_found(office, "why_held=doubtful_date") == {held.number}
    assert numbers_found(office, "receipt_date_from=10.11.2026") == {other.number}
    assert numbers_found(office, "receipt_date_to=10.11.2026") == {held.number}
    assert numbers_found(office, f"agent__id__exact={other.agent_id}") == {other.number}
    assert numbers_found(office, "source__exact=file") == {other.number}


def test_nonsense_in_the_address_is_no_server_error(office: Client) -> None:
    make_receipt()
    for query in (
        "q=%00",
        "q=***(",
        "q=" + "Ы" * 5000,
        "receipt_date_from=вчера",
        "state__exact=чужое",
        "p=-1",
    ):
        assert office.get(f"{LIST}?{query}").status_code in {200, 302, 400}
    for pk in ("нет", str(uuid.uuid4())):
        assert office.get(f"{LIST}{pk}/change/").status_code == 302


def test_the_page_tells_the_whole_receipt_with_its_history_and_attempts(office: Client) -> None:
    Product.objects.update_or_create(code="osago", defaults={"name": "ОСАГО"})
    PaymentForm.objects.update_or_create(
        code="card", defaults={"name": "Карта", "check_tag": 1081, "is_cash": False}
    )
    DocumentKind.objects.update_or_create(code="passport_rf", defaults={"name": "Паспорт РФ"})
    agent = make_agent(last_name="Антонова", first_name="Мария")
    installation = make_installation(agent=agent, name="Android, Chrome")
    carrier = make_installation(agent=make_agent(last_name="Галиев"))
    replaced = make_receipt(installation=installation, number="БС-К7М3Т-00041-А")
    receipt = make_receipt(
        installation=installation,
        carrier=carrier,
        number="БС-К7М3Т-00042-9",
        replaces=replaced.pk,
        state=State.FISCALISED,
        kias_isn="104242",
        issued_at=datetime(2026, 11, 22, 7, 5, tzinfo=UTC),
        accepted_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        payment_form="card",
        payment_reference="123456789012",
        check_fn="9251440300046840",
        check_fd="29414",
        check_fpd="1250830908",
        check_formed_at=datetime(2026, 11, 22, 9, 1, tzinfo=UTC),
        check_qr="t=20261122T1201&s=3245.50&fn=9251440300046840&i=29414&fp=1250830908&n=1",
    )
    make_event(receipt=receipt, state="registered", actor="kias", text="внесена в КИАС вручную")
    delivery = make_delivery(receipt=receipt, stage="done", ask_first="paper", due_at=None)
    make_attempt(delivery=delivery, outcome="unknown", detail="нет ответа за 15 с")
    make_attempt(delivery=delivery, operation="find", outcome="")

    page = read(office, reverse("admin:receipts_receipt_change", args=[receipt.pk]))
    for shown in (
        receipt.number, "чек готов", "3\u202f245,50\u00a0₽",
        "Три тысячи двести сорок пять рублей 50 копеек", "ОСАГО", "Карта · 123456789012",
        "22.11.2026 14:05 по месту (МСК+4), 10:05 по Москве", "Паспорт РФ: 0411123456",
        "+7\u00a0912\u00a0345-67-89", "Антонова Мария", "Галиев", replaced.number, "Asia/Krasnoyarsk",
        "Выдана не позже 22.11 16:00 (МСК+4)", "104242", "9251440300046840 / 29414 / 1250830908",
        "tap-0123456789", "внесена в КИАС вручную", "в КИАС", "исход неизвестен", "нет ответа за 15 с",
        "идёт или оборвался", "принята с бумаги", receipt.envelope,
    ):  # fmt: skip
        assert shown in page, shown


def test_a_held_receipt_says_why_in_words(office: Client) -> None:
    receipt = make_receipt(state=State.HELD, reason="counter_jump", date_doubt="before_predecessor")
    page = read(office, html.page_of(receipt))
    assert "Скачок номера" in page
    assert "раньше предыдущей квитанции по счётчику" in page
    assert "ещё не передавалась" in page


@pytest.mark.parametrize("amount", [0, -5, 10**15])
def test_a_held_receipt_with_an_impossible_sum_can_be_looked_at(office: Client, amount: int) -> None:
    receipt = make_receipt(state=State.HELD, reason="amount_out_of_range", amount=amount)
    assert receipt.number in read(office, html.page_of(receipt))


def test_nobody_adds_changes_or_deletes_a_receipt_here(office: Client) -> None:
    receipt = make_receipt()
    page = html.page_of(receipt)
    assert office.get(f"{LIST}add/").status_code == 403
    assert office.post(page, {"insurant": "Другой"}).status_code == 403
    assert office.post(page.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    office.post(LIST, {"action": "delete_selected", "_selected_action": str(receipt.pk), "post": "yes"})
    assert Receipt.objects.get(pk=receipt.pk).insurant == "Сидорова Аглая Потаповна"


def test_a_stranger_and_a_person_without_rights_see_nothing() -> None:
    receipt = make_receipt()
    page = html.page_of(receipt)
    assert Client().get(page).status_code == 302
    agent = make_agent()
    agent.is_staff = True
    agent.save()
    staff = enter(agent)
    assert staff.get(page).status_code == 403
    assert staff.get(LIST).status_code == 403
    assert receipt.number not in staff.get("/admin/").content.decode()


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
        found = operator.get(LIST, {"q": typed}).context["cl"].queryset
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
