"""The database itself says no to a second one, whatever the code above it forgets (F03, F06, F18, P03, P08).

One row for each unique constraint of the project: two rows that share just its columns, the second refused.
"""

import secrets
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from accounts.models import Installation, LoginAttempt, User
from receipts.models import Kind, Receipt, Source
from tests.support.envelopes import uuid7
from tests.support.factories import make_agent, make_installation, make_series
from tests.support.relaying import build_receipt, current_epoch

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
OURS = ("accounts", "receipts", "sync", "backoffice")

#: (model, columns of the constraint) → what both rows say; a callable is made once for both
SHARED: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {
    ("receipts.Receipt", ("id",)): {"id": lambda: uuid7(NOW)},
    ("receipts.Receipt", ("number",)): {"number": "БС-К7М3Т-00042-9"},
    ("receipts.Receipt", ("kias_isn",)): {"kias_isn": "100001"},
    ("receipts.Receipt", ("check_fn", "check_fd", "check_fpd")): {
        "check_fn": "9999078900001234", "check_fd": "77", "check_fpd": "3141592653",
    },
    ("receipts.Receipt", ("refund_of",)): {
        "kind": Kind.REFUND, "source": Source.OFFICE, "refund_of": lambda: receipt(),
    },
    ("receipts.Receipt", ("replaces",)): {"source": Source.OFFICE, "replaces": lambda: receipt().pk},
    ("receipts.ReceiptEvent", ("agent", "change")): {"agent": make_agent, "change": 7},
    ("receipts.NumberReservation", ("number",)): {"number": "АА0000001"},
    ("receipts.NumberReservation", ("installation",)): {"installation": lambda: installation()},
    ("sync.Delivery", ("receipt",)): {"receipt": lambda: receipt()},
    ("sync.IntakeException", ("envelope_hash",)): {"envelope_hash": "e" * 64},
    ("sync.RescueImport", ("file_hash",)): {"file_hash": "f" * 64},
    ("sync.KiasPause", ("calendar", "started_at")): {"calendar": "window:1", "started_at": NOW},
    ("sync.ReconciliationRun", ("nightly_of",)): {"nightly_of": DAY, "ended_at": NOW, "end": "done"},
    ("sync.ReconciliationRun", ("since", "until")): {"since": DAY, "until": DAY, "due_at": NOW},
    ("sync.ReconciliationFinding", ("difference", "key")): {"difference": "twice", "key": "k"},
    ("backoffice.Approval", ("action", "subject")): {"action": "annul", "subject": uuid4},
    ("accounts.RateBucket", ("key", "window_start")): {"key": "login:total", "window_start": NOW},
    ("accounts.User", ("phone_number",)): {"phone_number": "+79123456789"},
    ("accounts.Installation", ("code",)): {"code": "К7М3Т"},
    ("accounts.Installation", ("public_key",)): {"public_key": "p" * 88},
    ("accounts.AgentSession", ("token_hash",)): {"token_hash": "t" * 64},
    ("accounts.LoginAttempt", ("attempt",)): {"attempt": uuid4},
    ("accounts.LoginAttempt", ("browser_hash",)): {"browser_hash": "b" * 64},
    ("accounts.OfficeCode", ("attempt",)): {"attempt": lambda: row(LoginAttempt)},
}  # fmt: skip


def installation() -> Installation:
    return make_installation(agent=make_agent())


def receipt(**given: Any) -> Receipt:
    made = build_receipt(installation=installation(), at=NOW, **given)
    made.save(force_insert=True)
    return made


def row(model: type[models.Model], **given: Any) -> models.Model:
    """A row with these values and others that no second one has."""
    if model is Receipt:
        return receipt(**given)
    fields = {field.name: _value(field) for field in model._meta.concrete_fields if _is_wanted(field)}
    made = model(**fields | {"end": ""} | given if hasattr(model, "end") else fields | given)
    made.save(force_insert=True)
    return made


def _is_wanted(field: Any) -> bool:
    return not (field.has_default() or field.null or isinstance(field, models.AutoField))


def _value(field: Any) -> Any:
    if field.related_model:
        return {User: make_agent, Installation: installation, Receipt: receipt}.get(
            field.related_model, lambda: _other(field.related_model)
        )()
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.DecimalField):
        return Decimal(1)
    if isinstance(field, models.BinaryField):
        return b"bytes"
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.IntegerField):
        return 1
    if field.blank:
        return ""
    return secrets.token_hex(32)[: field.max_length or 64]


def _other(model: type[models.Model]) -> models.Model:
    if model._meta.label == "sync.Epoch":
        return current_epoch(NOW)
    if model._meta.label == "receipts.NumberSeries":
        return make_series()
    if model._meta.label == "sync.ReconciliationRun":
        return row(model, due_at=NOW, since=DAY - timedelta(days=secrets.randbelow(10**5)))
    return row(model)


def declared() -> set[tuple[str, tuple[str, ...]]]:
    """Every unique constraint that our models name, other than a surrogate or shared key."""
    found = set()
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        label = model._meta.label
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                found.add((label, tuple(constraint.fields)))
        found |= {(label, (f.name,)) for f in model._meta.local_fields if f.unique and not f.primary_key}
    return found


#: keys that stand for «one of each»
KEYS = {
    ("receipts.Receipt", ("id",)),
    ("receipts.NumberReservation", ("number",)),
    ("sync.Delivery", ("receipt",)),
}


def test_each_unique_constraint_of_the_models_is_tried_here() -> None:
    named = {case for case in SHARED if case not in KEYS}
    assert declared() - {("accounts.User", ("username",))} == named


@pytest.mark.parametrize("case", SHARED, ids=lambda case: f"{case[0]}-{'-'.join(case[1])}")
def test_f03_f06_f18_p03_p08_a_second_one_is_refused(case: tuple[str, tuple[str, ...]]) -> None:
    label, columns = case
    model = apps.get_model(label)
    shared = {name: value() if callable(value) else value for name, value in SHARED[case].items()}
    row(model, **shared)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row(model, **shared)
    names = ", ".join(model._meta.get_field(name).column for name in columns)
    assert f"Key ({names})=" in str(refused.value)
