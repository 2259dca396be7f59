"""Where a check goes, whose contact it is, and the office's correction of it (P23)."""

import uuid
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone

from receipts import registry
from receipts.models import DocumentKind, Receipt, ReceiptEvent
from receipts.states import State, WrongStateError
from sync import contact_doubts
from sync.kias.document import document_of
from sync.kias.gateway import KiasDocument
from sync.models import Delivery
from tests.support.factories import make_agent, make_installation, make_phone
from tests.support.office import make_receipt, office_client
from tests.support.relaying import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def test_a_client_without_phone_and_mail_gets_his_check_at_the_insurers_own_address() -> None:
    document = document_of(make_receipt(contact_phone="", no_contact=True))
    assert (document.contact_phone, document.contact_email) == ("", project.INSURER_EMAIL)


def test_a_contact_of_the_client_goes_as_it_is_typed() -> None:
    document = document_of(make_receipt())
    assert (document.contact_phone, document.contact_email) == ("+79123456789", "")


@pytest.mark.parametrize(
    ("corrected", "goes"),
    [("+79990001122", ("+79990001122", "")), ("maria@mail.ru", ("", "maria@mail.ru"))],
)
def test_the_offices_correction_goes_to_kias_and_the_original_stays(
    corrected: str, goes: tuple[str, str]
) -> None:
    receipt = make_receipt()
    staff = make_agent()
    registry.correct_contact(receipt.pk, contact=corrected, staff=staff, text="Клиент позвонил.")
    receipt.refresh_from_db()
    document = document_of(receipt)
    assert (document.contact_phone, document.contact_email) == goes
    assert receipt.contact_phone == "+79123456789"
    event = ReceiptEvent.objects.filter(receipt=receipt).latest("change")
    assert (event.state, event.reason, event.staff) == (State.ACCEPTED, "contact_corrected", staff)


@pytest.mark.parametrize("state", [State.FISCALISED, State.ANNULLED])
def test_where_the_check_is_formed_or_never_will_be_nothing_is_corrected(state: State) -> None:
    receipt = make_receipt(state=state)
    with pytest.raises(WrongStateError):
        registry.correct_contact(receipt.pk, contact="+79990001122", staff=make_agent(), text="")
    receipt.refresh_from_db()
    assert receipt.corrected_contact == ""


def test_the_office_corrects_it_on_a_page_and_the_agent_reads_of_it() -> None:
    phone = make_phone()
    issued = phone.issue()
    phone.send(issued)
    phone.fetch_states()
    office = office_client()
    address = f"/admin/receipts/receipt/{issued.id}/contact/"
    assert address in office.get(f"/admin/receipts/receipt/{issued.id}/change/").content.decode()
    wrong = office.post(address, {"contact": "912", "reason": "Клиент позвонил"})
    assert "Введите телефон целиком" in wrong.content.decode()
    office.post(address, {"contact": "8 999 000 11 22", "reason": "Клиент позвонил"})
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.corrected_contact == "+79990001122"
    page = office.get(f"/admin/receipts/receipt/{issued.id}/change/").content.decode()
    assert "исправлен офисом" in page
    (change,) = phone.fetch_states()
    assert (change["state"], change["reason"]) == ("accepted", "contact_corrected")
    assert "+7 ••• •••-11-22" in change["text"]
    assert "9990001122" not in change["text"]


def test_the_agents_own_number_is_marked_at_the_intake() -> None:
    agent = make_agent(phone_number="+79120000001")
    phone = make_phone(agent=agent)
    own, client = phone.issue(contact_phone="+79120000001"), phone.issue()
    answers = phone.send(own, client)
    assert {answer["result"] for answer in answers} == {"accepted"}
    assert Receipt.objects.get(pk=own.id).contact_doubt == "agent"
    assert Receipt.objects.get(pk=client.id).contact_doubt == ""


def test_a_staff_members_contact_and_a_shared_one_are_marked_afterwards() -> None:
    staff = make_agent(status="", is_staff=True, email="kassa@insurer.ru")
    installation = make_installation(agent=make_agent())
    of_staff = make_receipt(installation=installation, contact_phone=staff.phone_number)
    by_mail = make_receipt(installation=installation, contact_phone="", contact_email="kassa@insurer.ru")
    family = [
        make_receipt(installation=installation, contact_phone="+79130000000", insurant=f"Иванов {name}")
        for name in "АБВГД"
    ]
    contact_doubts.mark(now=timezone.now())
    assert {row.contact_doubt for row in Receipt.objects.filter(pk__in=[r.pk for r in family])} == {""}
    sixth = make_receipt(installation=installation, contact_phone="+79130000000", insurant="Чужой")
    again = make_receipt(installation=installation, contact_phone="+79130000000", insurant="Чужой")
    marked = contact_doubts.mark(now=timezone.now())
    assert marked == 7
    for receipt, doubt in ((of_staff, "staff"), (by_mail, "staff"), (sixth, "shared"), (again, "shared")):
        receipt.refresh_from_db()
        assert receipt.contact_doubt == doubt
    assert contact_doubts.mark(now=timezone.now()) == 0


def test_doubtful_contacts_are_a_list_and_a_badge_of_the_office() -> None:
    doubtful = make_receipt(contact_doubt="shared")
    make_receipt(number="БС-К7М3Т-99999-1")
    office = office_client()
    listed = office.get("/admin/receipts/receipt/", {"doubt": "contact"}).context["cl"].queryset
    assert [row.pk for row in listed] == [doubtful.pk]
    page = office.get(f"/admin/receipts/receipt/{doubtful.pk}/change/").content.decode()
    assert "Контакт не клиента?" in page


def test_p29_kias_hears_the_documents_code_of_the_directory() -> None:
    DocumentKind.objects.create(code="passport_foreign", name="Иностранный паспорт", check_code="31")
    assert document_of(make_receipt(document_kind="passport_foreign")).document_code == "31"
    assert document_of(make_receipt(document_kind="inn")).document_code == ""


def test_p33_a_card_number_that_came_all_the_same_is_held_and_never_refused() -> None:
    phone = make_phone()
    given = [phone.issue(comment="4111 1111 1111 1111"), phone.issue(comment="4111 1111 1111 1112")]
    answers = phone.send(*given)
    assert [(answer["result"], answer.get("reason")) for answer in answers] == [
        ("held", "card_number"),
        ("accepted", None),
    ]


def test_a_contact_corrected_while_kias_is_asked_goes_with_the_save(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt, staff, find, save = desk.accept(), make_agent(), desk.kias.find, desk.kias.save
    Delivery.objects.update(ask_first="released")
    sent: list[str] = []

    def find_slowly(**asked: Any) -> Any:
        registry.correct_contact(receipt.pk, contact="right@example.com", staff=staff, text="")
        return find(**asked)

    def noting_save(document: KiasDocument, *, within: float) -> Any:
        sent.append(document.contact_email)
        return save(document, within=within)

    monkeypatch.setattr(desk.kias, "find", find_slowly)
    monkeypatch.setattr(desk.kias, "save", noting_save)
    desk.run()
    assert sent == ["right@example.com"]


def test_a_page_of_an_unknown_receipt_is_no_error() -> None:
    assert office_client().get(f"/admin/receipts/receipt/{uuid.uuid4()}/contact/").status_code == 404
