"""The runbook's «Rolling a release back», the server's side: this code on what a later one left (P22, F41).

There has been no release yet, so the later one is made up of what a migration may do, adding, and of what its
phones may send: more than this code knows. The phone's side: frontend/tests/database-versions.test.ts and
tests/browser/test_updates.py.
"""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Installation
from backoffice.roles import Role
from kias_offline import health
from receipts.models import Receipt
from receipts.states import State
from sync import sealing_keys
from sync.models import Delivery, IntakeException
from tests.support.factories import make_phone
from tests.support.kias_twin import WorkerKilled
from tests.support.office import staff_client
from tests.support.phone import Issued, Phone
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db

LATER = "of_a_later_release"
#: the tables that this code reads and writes all day
GROWN = (
    "accounts_user", "accounts_installation", "receipts_receipt", "receipts_receiptevent",
    "receipts_agentfeed", "sync_delivery", "sync_attempt", "sync_epoch",
)  # fmt: skip


@pytest.fixture
def phone() -> Phone:
    sealing_keys.make()
    return make_phone()


@pytest.fixture
def rolled_back(phone: Phone, desk: Desk) -> list[Receipt]:
    """What the later release left: one done, one whose answer was lost as its worker was stopped; then the
    database had grown, and this code was deployed again."""
    desk.clock.moment = timezone.now()
    phone.send(phone.issue())
    desk.settle(1)
    phone.send(phone.issue())
    desk.kias.order("kill_after", only="save")
    with pytest.raises(WorkerKilled):
        desk.run()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GROWN:
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN {LATER} text NOT NULL DEFAULT 'new'")
            cursor.execute(f"UPDATE {table} SET {LATER} = 'kept'")
        cursor.execute(f"CREATE TABLE {LATER} (id bigint PRIMARY KEY, receipt_id uuid)")
        cursor.execute(f"CREATE INDEX {LATER}_i ON receipts_receipt ({LATER}, state)")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('receipts', '0002_later', now())"
        )
    return list(Receipt.objects.order_by("accepted_at"))


def of_a_later_release(phone: Phone) -> list[Issued | str]:
    """What a newer app may hand over: another envelope, another kind, another content, another withdrawal."""
    newer = phone.issue(v=2, tips=[{"who": "agent", "kopecks": 100}])
    withdrawal = phone.withdraw(phone.issue(), v=2, photo="base64")
    return [
        newer.envelope.replace("kias1.", "kias2."),
        phone.sealed(newer.content, kind="photo"),
        newer,
        withdrawal,
    ]


def later_columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {LATER} FROM {table}")
        return {value for (value,) in cursor.fetchall()}


def test_p22_minute_2_the_older_code_starts_on_the_newer_database(rolled_back: list[Receipt]) -> None:
    """`migrate`, which every start of the stack runs, neither fails nor takes anything back."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    assert ("receipts", "0002_later") in applied
    assert health.missing_migrations(applied) == []
    assert {later for table in GROWN for later in later_columns(table)} == {"kept"}


def test_f41_minute_6_what_is_unsent_arrives_once_and_what_is_too_new_stays_on_the_phone(
    rolled_back: list[Receipt], phone: Phone
) -> None:
    """One too new poisons no batch, is neither kept aside nor taken for broken, and nothing is forgotten."""
    known = phone.issue()
    newer = of_a_later_release(phone)
    answers = phone.send(known, *newer, known)
    assert [(answer["result"], answer.get("reason", "")) for answer in answers] == [
        ("accepted", ""), *[("later", "unknown_version")] * 4, ("already_accepted", ""),
    ]  # fmt: skip
    assert not IntakeException.objects.exists()
    assert {str(pk) for pk in Receipt.objects.values_list("pk", flat=True)} == {
        known.id, *(str(receipt.pk) for receipt in rolled_back),
    }  # fmt: skip
    again = phone.send(*newer)
    assert {answer["result"] for answer in again} == {"later"}, "as often as it is offered"


def test_p22_a_withdrawal_that_this_code_can_read_waits_for_its_receipt_that_it_cannot(
    rolled_back: list[Receipt], phone: Phone
) -> None:
    newer = phone.issue(v=2)
    answers = phone.send(newer, phone.withdraw(newer))
    assert [answer["reason"] for answer in answers] == ["unknown_version", "receipt_first"]


def test_p22_a_newer_app_opens_its_drain_reads_its_feed_and_is_told_what_is_not_there(
    rolled_back: list[Receipt], phone: Phone
) -> None:
    told = phone.contact(app_version="9.9.9", battery=17, waiting={"count": 2, "sum": 5, "photos": 1})
    assert told["installation"]
    assert Installation.objects.get().app_version == "9.9.9"
    assert {change["state"] for change in phone.fetch_states()} >= {"accepted", "fiscalised"}
    absent = phone.post("photos", {"of": "a later release"})
    assert (absent.status_code, absent.json()["error"]["code"]) == (404, "not_found")


def test_f07_what_was_on_its_way_reaches_kias_once_and_the_later_release_s_rows_stay_whole(
    rolled_back: list[Receipt], phone: Phone, desk: Desk
) -> None:
    phone.send(phone.issue())
    desk.clock.turn(3600)
    desk.settle(2)
    assert set(Receipt.objects.values_list("state", flat=True)) == {State.FISCALISED}
    assert sorted(desk.kias.numbers()) == sorted(Receipt.objects.values_list("number", flat=True))
    assert not Delivery.objects.exclude(due_at=None).exists()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {LATER} FROM receipts_receipt")
        told: dict[Any, str] = dict(cursor.fetchall())
    assert [told.pop(receipt.pk) for receipt in rolled_back] == ["kept", "kept"]
    assert list(told.values()) == ["new"], "and its own rows are as if the later release had begun them"


def test_p22_the_office_works_on(rolled_back: list[Receipt]) -> None:
    office = staff_client(Role.SENIOR)
    for receipt in rolled_back:
        page = office.get(f"/admin/receipts/receipt/{receipt.pk}/change/")
        assert page.status_code == 200
        assert receipt.number in page.content.decode()
