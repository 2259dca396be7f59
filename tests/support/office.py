"""Rows as the office sees them, by keyword-only functions. They pass by the intake: for pages only."""

import itertools
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Installation, User
from backoffice import roles
from backoffice.roles import Role
from receipts import feed, numbers
from receipts.models import Receipt, ReceiptEvent, Withdrawal
from receipts.states import State
from receipts.text import fold_name, fold_policy
from sync.models import Attempt, Delivery, Epoch, IntakeException
from sync.relay import turns
from tests.support.factories import make_agent, make_installation

_next = itertools.count(1)


def office_client(**given: Any) -> Client:
    """A browser in which a superuser is logged in, by password and code."""
    return enter(User.objects.create_superuser(f"office-{next(_next)}", password=None, **given))


def staff_client(role: Role, **given: Any) -> Client:
    """A browser in which a member of staff of this role is logged in; `client.person` is who."""
    return enter(make_staff(role, **given))


def make_staff(role: Role, **given: Any) -> User:
    """A member of staff of this role, and the roles as the table has them."""
    roles.apply()
    names = {"last_name": "Орлов", "first_name": "Павел", "middle_name": "Игоревич"}
    person = User.objects.create_user(f"staff-{next(_next)}", **names | given)
    roles.give(person, role)
    return person


def enter(person: User) -> Client:
    """A browser in which this person has typed password and code just now."""
    client = Client(raise_request_exception=True)
    client.force_login(person)
    device, _ = TOTPDevice.objects.get_or_create(user=person, confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session["office_since"] = timezone.now().timestamp()
    session.save()
    client.person = person  # type: ignore[attr-defined]
    return client


def read(browser: Client, address: str) -> str:
    """A page that is there, as text."""
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def token(person: User) -> str:
    """A code that this person's authenticator shows and that was not used yet."""
    device = TOTPDevice.objects.get(user=person, confirmed=True)
    step = max(int(time.time()) // device.step, device.last_t + 1)
    return f"{hotp(device.bin_key, step, digits=device.digits):06}"


def make_receipt(*, installation: Installation | None = None, **given: Any) -> Receipt:
    """A receipt of 3 245,50 ₽ that was accepted just now in Krasnoyarsk."""
    installation = installation or make_installation(agent=make_agent())
    counter = next(_next)
    number = given.pop("number", None) or numbers.format_number(installation.code, counter)
    now = timezone.now()
    fields: dict[str, Any] = {
        "id": uuid.uuid4(),
        "number": number,
        "number_folded": numbers.fold(number),
        "counter": counter,
        "agent": installation.agent,
        "installation": installation,
        "carrier": installation,
        "state": State.ACCEPTED,
        "issued_at": now - timedelta(minutes=5),
        "issued_offset_min": 420,
        "issued_zone": "Asia/Krasnoyarsk",
        "receipt_date": now.date(),
        "product_code": "osago",
        "policy_series": "ХХХ",
        "policy_number": "0123456789",
        "amount": 324550,
        "payment_form": "cash",
        "insurant": "Сидорова Аглая Потаповна",
        "insurant_kind": "person",
        "check_to": "insurant",
        "document_kind": "passport_rf",
        "document_number": "0411123456",
        "contact_phone": "+79123456789",
        "content_hash": "0" * 64,
        "envelope": "kias1.e30.AAAA.BBBB",
        "accepted_at": now,
    }
    fields |= given
    fields["insurant_folded"] = fold_name(fields["insurant"])
    fields["policy_folded"] = fold_policy(fields["policy_series"], fields["policy_number"])
    receipt = Receipt.objects.create(**fields)
    make_event(receipt=receipt)
    return receipt


def make_event(*, receipt: Receipt, **given: Any) -> ReceiptEvent:
    """The next step in a receipt's history."""
    with transaction.atomic():
        change = feed.take({receipt.agent_id: 1})[receipt.agent_id]
    fields = {
        "receipt": receipt,
        "agent": receipt.agent,
        "change": change,
        "state": receipt.state,
        "reason": receipt.reason,
        "actor": "phone",
        "at": timezone.now(),
        "correlation_id": "tap-0123456789",
    }
    return ReceiptEvent.objects.create(**fields | given)


def make_delivery(*, receipt: Receipt, **given: Any) -> Delivery:
    """Its place in the outbox towards KIAS, due now."""
    now = timezone.now()
    epoch = Epoch.objects.first() or Epoch.objects.create(started_at=now, reason="tests")
    fields = {
        "receipt": receipt,
        "agent": receipt.agent,
        "epoch": epoch,
        "accepted_at": receipt.accepted_at,
        "due_at": now,
    }
    turns.join([receipt.agent_id])
    return Delivery.objects.create(**fields | given)


def make_attempt(*, delivery: Delivery, **given: Any) -> Attempt:
    """A save that KIAS took."""
    now = timezone.now()
    fields = {
        "delivery": delivery,
        "operation": "save",
        "started_at": now,
        "ends_by": now + timedelta(seconds=15),
        "ended_at": now + timedelta(seconds=1),
        "outcome": "ok",
        "correlation_id": "tap-0123456789",
    }
    return Attempt.objects.create(**fields | given)


def make_exception(**given: Any) -> IntakeException:
    """An envelope that could not become a receipt."""
    fields: dict[str, Any] = {
        "envelope_hash": uuid.uuid4().hex * 2,
        "envelope": "kias1.e30.AAAA.BBBB",
        "reason": "number_taken",
        "claimed_id": uuid.uuid4(),
        "claimed_number": "БС-К7М3Т-00042-9",
        "content": '{"v": 1, "insurant": "Сидорова Аглая Потаповна"}',
        "received_at": timezone.now(),
    }
    return IntakeException.objects.create(**fields | given)


def make_withdrawal(*, receipt: Receipt | None = None, **given: Any) -> Withdrawal:
    """Its agent took it back after its check was formed: a task for the office."""
    receipt = receipt or make_receipt(state=State.FISCALISED)
    fields: dict[str, Any] = {
        "id": uuid.uuid4(),
        "receipt": receipt,
        "agent": receipt.agent,
        "installation": receipt.installation,
        "reason": "amount",
        "text": "вместо 3 000 ввёл 30 000",
        "withdrawn_at": receipt.issued_at + timedelta(minutes=4),
        "copy_shown": True,
        "effect": "task",
        "accepted_at": timezone.now(),
        "content_hash": "0" * 64,
        "envelope": "kias1.e30.AAAA.BBBB",
    }
    return Withdrawal.objects.create(**fields | given)
