"""Phones of the intake bench: agents, sessions, sealed envelopes, and the rows they will become."""

from dataclasses import dataclass

import django

django.setup()

from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.utils import timezone  # noqa: E402
from psycopg.types.json import Json  # noqa: E402

from accounts import sessions  # noqa: E402
from accounts.csrf import _token as csrf_token  # noqa: E402
from accounts.models import Installation  # noqa: E402
from bench import stand  # noqa: E402
from bench.rows import Statement, Work  # noqa: E402
from receipts import feed, rows  # noqa: E402
from receipts.models import Receipt, ReceiptEvent  # noqa: E402
from sync import sealing_keys  # noqa: E402
from sync.intake import signers  # noqa: E402
from sync.intake.carriers import Carrier  # noqa: E402
from sync.intake.judging import judge  # noqa: E402
from sync.intake.opening import Opened, open_up, take_apart  # noqa: E402
from sync.models import Delivery  # noqa: E402
from sync.restore import epoch  # noqa: E402
from tests.support.factories import make_agent, make_installation  # noqa: E402

PHONES = 8


@dataclass(frozen=True)
class Prepared:
    loads: list[stand.Load]
    work: list[list[Work]]
    warm_up: bytes


def prepare(count: int) -> Prepared:
    """Fill the database `prepared` with agents, seal `count` receipts and leave no connection open."""
    call_command("migrate", verbosity=0)
    sealing_keys.make()
    epoch.current()
    raw = sealing_keys.raw_public_key(sealing_keys.current())
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(PHONES)]
    per_phone = count // PHONES // stand.BATCH * stand.BATCH
    # A drain begins with a contact that reports the counter.
    installations = [make_installation(agent=make_agent(), key=key, counter=per_phone) for key in keys]
    connection.close()
    envelopes = stand.seal_all(
        [
            stand.Sealer({"id": str(row.pk), "code": row.code, "counter": 0}, _der(key), raw, per_phone)
            for row, key in zip(installations, keys, strict=True)
        ]
    )
    loads = [_load(row, sealed) for row, sealed in zip(installations, envelopes, strict=True)]
    work = [
        [_work(row, batch) for batch in load.batches] for row, load in zip(installations, loads, strict=True)
    ]
    warm_up = _load(installations[0], ["garbage"] * stand.BATCH).requests[0]
    connection.close()
    return Prepared(loads, work, warm_up)


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(installation: Installation, envelopes: list[str]) -> stand.Load:
    session, token = sessions.open_for(installation.agent, now=timezone.now())
    session.installation = installation
    session.save()
    csrf = stand.new_token()
    return stand.load_of(envelopes, f"kias_session={token}; kias_csrf={csrf}", csrf_token(csrf))


def _work(installation: Installation, envelopes: list[str]) -> Work:
    """What the intake would store for this batch, as plain values."""
    known = signers.load([installation.pk])
    at, begun = timezone.now(), epoch.current()
    opened = [open_up(take_apart(text), known) for text in envelopes]  # type: ignore[arg-type]
    carrier = Carrier(installation_id=installation.pk)
    receipts = judge([o for o in opened if isinstance(o, Opened)], carrier=carrier, arrived_at=at).rows
    if len(receipts) != len(envelopes):
        raise RuntimeError("an envelope of the bench is not good")
    first = receipts[0].counter or 1
    for receipt in receipts:
        receipt.state, receipt.reason = "accepted", ""
    events = [
        ReceiptEvent(receipt=r, agent_id=r.agent_id, change=first + i, state="accepted", actor="phone", at=at)
        for i, r in enumerate(receipts)
    ]
    deliveries = [
        Delivery(receipt=r, agent_id=r.agent_id, epoch=begun, accepted_at=at, due_at=at, stage="save")
        for r in receipts
    ]
    taken = Statement(feed._TAKE, [installation.agent_id, len(receipts)])
    new = {"on_conflict": "DO NOTHING", "returning": "id"}
    return Work(
        envelopes,
        installation.public_key,
        plain=[
            _plain(receipts, " ON CONFLICT DO NOTHING RETURNING id"),
            taken,
            _plain(events),
            _plain(deliveries),
        ],
        ours=[
            Statement(*rows.statement(receipts, **new)),
            taken,
            Statement(*rows.statement(events)),
            Statement(*rows.statement(deliveries)),
        ],
    )


def _plain(instances: "list[Receipt] | list[ReceiptEvent] | list[Delivery]", tail: str = "") -> Statement:
    """The multi-row INSERT that one would write by hand."""
    meta = instances[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    values = [getattr(instance, field.attname) for instance in instances for field in fields]
    values = [Json(value) if isinstance(value, dict) else value for value in values]
    sql = f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {", ".join([row] * len(instances))}{tail}'
    return Statement(sql, values)
