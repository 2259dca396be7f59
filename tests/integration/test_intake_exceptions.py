"""What cannot become a receipt is kept whole and answered (F40, docs/protocol.md, «Intake»)."""

import io

import pytest
from django.core.management import call_command

from accounts.models import Installation
from receipts.models import Receipt
from receipts.numbers import format_number
from sync import sealing_keys
from sync.models import Delivery, IntakeException
from tests.support.factories import agent_of, installation_id, make_agent, make_installation, make_phone
from tests.support.phone import result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def test_a_foreign_number_is_held(phone):
    other = make_installation(agent=make_agent())
    issued = phone.issue(number=format_number(other.code, 1))
    assert result(phone.send(issued)[0]) == ("held", "foreign_number")


def test_a_former_code_of_the_installation_is_still_its_own(phone):
    installation = Installation.objects.get(pk=installation_id(phone))
    issued = phone.issue()
    phone.contact(contact_token="from an old backup")  # not confirmed yet: no clone, but let a new code come
    phone.contact()
    phone.contact(contact_token="from an old backup")
    installation.refresh_from_db()
    assert f"-{installation.code}-" not in issued.number
    assert result(phone.send(issued)[0])[0] == "accepted"
    installation.refresh_from_db()
    assert installation.counter == 0  # the former code's counter says nothing about the new one


@pytest.mark.parametrize("key", ["id", "installation", "number"])
def test_a_header_that_contradicts_the_content_is_held(phone, key):
    issued = phone.issue()
    other = make_installation(agent=agent_of(phone), key=None)
    lie = {
        "id": "01a2041a-cad3-7aff-962c-0b8bf4771374",
        "installation": str(other.pk),
        "number": format_number(phone.installation["code"], 77),
    }[key]
    forged = phone.sealed(issued.content | {key: lie}, **{key: issued.content[key]})
    assert result(phone.send(forged)[0]) == ("held", "content_mismatch")
    assert Receipt.objects.count() == 0


def test_an_unknown_installation_is_held(phone):
    issued = phone.issue(installation="01a2041a-cad3-7aff-962c-0b8bf4771374")
    assert result(phone.send(issued)[0]) == ("held", "unknown_installation")


def test_a_signature_by_another_installation_is_held(phone):
    issued = phone.issue()
    thief = make_phone()
    thief.installation, thief.counter = phone.installation, phone.counter
    assert result(thief.send(thief.sealed(issued.content))[0]) == ("held", "bad_signature")
    assert IntakeException.objects.get().signer is None


def test_f40_an_envelope_that_no_key_opens_is_kept_as_bytes(phone, settings, tmp_path):
    from_a_lost_key = tmp_path / "lost"
    settings.SEALING_KEY_DIRS, present = [from_a_lost_key, from_a_lost_key / "b"], settings.SEALING_KEY_DIRS
    sealing_keys.make()
    phone.fetch_setup()
    issued = phone.issue()
    settings.SEALING_KEY_DIRS = present
    answer = phone.send(issued)[0]
    assert result(answer) == ("held", "unreadable")
    assert IntakeException.objects.get().envelope == issued.envelope


@pytest.mark.parametrize(
    "changed", [{"v": 0}, {"amount": "1"}, {"insurant": "Ы" * 1000}, {"number": "БС-42"}], ids=str
)
def test_a_content_of_another_shape_is_kept_whole(phone, changed):
    issued = phone.issue(**changed)
    assert result(phone.send(issued)[0]) == ("held", "malformed_content")
    assert IntakeException.objects.get().envelope == issued.envelope


@pytest.mark.parametrize(
    "item", ["", "x", "\x00", "\ud800", "kias1...", "К" * 1000, None, 42, {"a": [1]}, [], True]
)
def test_malformed_garbage_is_kept_and_answered(phone, item):
    assert phone.send(item, packed=False) == [{"id": None, "result": "held", "reason": "malformed"}]
    assert IntakeException.objects.get().reason == "malformed"


def test_an_unknown_version_stays_on_the_phone(phone):
    newer = phone.issue(v=2).envelope
    answers = phone.send("kias2.abc", phone.sealed(phone.issue().content, kind="letter"), newer)
    assert [result(a) for a in answers] == [("later", "unknown_version")] * 3
    assert IntakeException.objects.count() == Receipt.objects.count() == 0


def test_f40_p06_an_envelope_kept_while_its_key_was_gone_is_taken_in_when_the_file_is_back(phone, settings):
    issued = phone.issue()
    away = []
    for folder in settings.SEALING_KEY_DIRS:
        for path in folder.glob("*.pem"):
            away.append((path, path.read_bytes()))
            path.unlink()
    sealing_keys._opened.clear()
    sealing_keys.make()
    assert phone.send(issued)[0] | {"id": None} == {"id": None, "result": "held", "reason": "unreadable"}
    assert IntakeException.objects.get().envelope == issued.envelope
    said = io.StringIO()
    call_command("take_in_again", stdout=said)
    assert "Принято: 0. Осталось в исключениях: 1." in said.getvalue()
    for path, pem in away:
        path.write_bytes(pem)
    call_command("take_in_again", stdout=said)
    assert "Принято: 1. Осталось в исключениях: 0." in said.getvalue()
    assert IntakeException.objects.get().ended_at is not None
    assert phone.status(issued.id)[issued.id]["result"] == "accepted"
    assert Delivery.objects.get().ask_first == "released"
    assert phone.send(issued)[0]["result"] == "already_accepted"
