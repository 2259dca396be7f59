"""The drill: yesterday's backup is restored under the running system, and all is whole again (F15, F40).

Real processes, a real pg_dump and pg_restore, the simulator with its durable ledger, phones over HTTP. In the
end the three ledgers are compared: what the phones hold, what we hold, what KIAS holds.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from scripts.tools import postgres_folder
from tests.support.phone import Issued, Phone, ready_phone
from tests.support.stack import Agent, Stack, wait_for

pytestmark = pytest.mark.slow

TERMS: dict[str, Any] = {"KIAS_TIMEOUT_S": "2", "KIAS_LEASE_S": "9", "KIAS_SETTLE_S": "1"}
NEW_KEY_AND_DISMISSAL = """
import sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from accounts import agents
from accounts.models import User
person = User.objects.get(pk=sys.argv[1])
agents.set_status(person, "closed", by=person, reason="drill", now=timezone.now())
call_command("make_sealing_key")
"""


@dataclass
class Handset:
    """A phone with all that it has issued: its envelopes are its memory."""

    stack: Stack
    agent: Agent
    phone: Phone
    issued: list[Issued] = field(default_factory=list)

    @classmethod
    def of(cls, stack: Stack, agent: Agent) -> "Handset":
        client = httpx.Client(base_url=stack.base_url, trust_env=False, timeout=30)
        seen = len(stack.sms(agent.phone_number))
        phone = ready_phone(client, agent.phone_number, lambda number: stack.sms_code(number, after=seen))
        return cls(stack, agent, phone)

    def issue(self, *, online: bool = False, **changed: Any) -> Issued:
        made = self.phone.issue_online(**changed) if online else self.phone.issue(**changed)
        self.issued.append(made)
        return made

    def comes_back(self) -> list[str]:
        """Login, registration, contact, the question, the offer: as the app does in a new epoch."""
        seen = len(self.stack.sms(self.agent.phone_number))
        self.phone.log_in(self.agent.phone_number, lambda number: self.stack.sms_code(number, after=seen))
        self.phone.register()
        self.phone.contact()
        known = self.phone.status(*(each.id for each in self.issued))
        unknown = [each for each in self.issued if known[each.id]["result"] == "unknown"]
        return [answer["result"] for answer in self.phone.send(*unknown)] if unknown else []


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(
        tmp_path, os.environ["TESTS_POSTGRES"], AUDIT_STREAM=str(tmp_path / "audit"), **TERMS
    ) as running:
        yield running


@contextmanager
def timed(step: str) -> Iterator[None]:
    """For the runbook: what `pytest -rP` shows."""
    begun = time.monotonic()
    yield
    print(f"{step}: {time.monotonic() - begun:.1f} s")


def tool(name: str) -> Path:
    folder = postgres_folder()
    assert folder is not None
    return folder / name


def back_up(stack: Stack) -> Path:
    dump = stack.folder / "backup.dump"
    subprocess.run([tool("pg_dump"), "-Fc", "-f", dump, stack.database_url], check=True)
    return dump


def restore(stack: Stack, dump: Path, server: str) -> None:
    """Under the running processes: their connections are cut, the database is made anew."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{stack.database}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{stack.database}"')
    subprocess.run([tool("pg_restore"), "--no-owner", "-d", stack.database_url, dump], check=True)


def in_kias(stack: Stack) -> dict[str, dict[str, Any]]:
    """KIAS's ledger by our id; a document that is there twice fails at once."""
    documents = stack.ledger()["documents"]
    found = {each["external_id"]: each for each in documents}
    assert len(found) == len(documents), "a receipt became two documents"
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_f15_f40_yesterday_s_backup_is_restored_and_everything_is_whole_again(stack: Stack) -> None:
    anna, boris, vera = (stack.new_agent(name) for name in ("Анина", "Борисов", "Верина"))
    first, second, lost, his = (Handset.of(stack, each) for each in (anna, anna, anna, boris))
    kept = [first.issue(), his.issue()]
    first.phone.send(kept[0])
    his.phone.send(kept[1])
    wait_for(lambda: {each.id for each in kept} <= in_kias(stack).keys(), "the receipts before the backup")
    reserved_before = second.phone.reserve()
    with timed("pg_dump"):
        dump = back_up(stack)

    # The day that will be forgotten.
    forgotten = [first.issue(), first.issue(online=True), lost.issue()]
    first.phone.send(*forgotten[:2])
    lost.phone.send(forgotten[2])
    second.issue(number=reserved_before)
    in_the_form = first.phone.reserve()  # shown on its form, not yet saved
    stack.python(NEW_KEY_AND_DISMISSAL, boris.id)  # F40: rotated, and the backup knows nothing of it
    former_key = first.phone.sealing_key
    first.phone.fetch_setup()
    assert first.phone.sealing_key != former_key
    under_new_key = first.issue()
    first.phone.send(under_new_key)
    late = Handset.of(stack, vera)  # registered since
    from_late = late.issue()
    late.phone.send(from_late)
    second.phone.send(*second.issued)
    sent = [*forgotten, under_new_key, from_late, *second.issued]
    wait_for(lambda: {each.id for each in sent} <= in_kias(stack).keys(), "the receipts of the forgotten day")
    unsent = first.issue(number=in_the_form)
    on_the_lost_one = lost.issue()
    assert lost.phone.installation is not None
    gone = lost.phone.installation["id"]
    assert first.phone.post(f"installations/{gone}/revoke", {}).status_code == 200
    documents = in_kias(stack)

    with timed("pg_restore"):
        restore(stack, dump, os.environ["TESTS_POSTGRES"])

    # The server notices by itself: nobody is served, nothing goes to KIAS, until the command has run.
    assert refusal(wait_for(lambda: first.phone.get("ping"), "an answer")) == (503, "try_later")
    body = {"envelopes": [unsent.envelope]}
    assert refusal(first.phone.post("receipts", body)) == (503, "try_later")
    assert refusal(his.phone.post("login/code", {"phone_number": boris.phone_number})) == (503, "try_later")
    assert "after_restore" in httpx.get(f"{stack.base_url}/readyz", trust_env=False).text
    assert httpx.get(f"{stack.base_url}/admin/login/", trust_env=False).status_code == 503
    assert stack.query("SELECT count(*) FROM receipts_receipt") == [(len(kept),)]

    with timed("after_restore"):
        said = stack.manage("after_restore")
    assert "отозван снова" in said
    assert "«закрыт»" in said
    assert "Делать нечего" in stack.manage("after_restore")  # idempotent
    assert httpx.get(f"{stack.base_url}/readyz", trust_env=False).status_code == 200

    # Everybody is logged out; the revoked phone and the dismissed agent stay outside.
    assert first.phone.ping()["agent"] is None
    texts = len(stack.sms(boris.phone_number))
    his.phone.ping()
    assert his.phone.post("login/code", {"phone_number": boris.phone_number}).status_code == 202
    with pytest.raises(AssertionError):
        lost.comes_back()
    assert len(stack.sms(boris.phone_number)) == texts

    # The phones come back and offer again what is not known.
    assert set(late.comes_back()) == {"accepted"}
    assert set(first.comes_back()) == {"accepted"}
    assert second.comes_back() == ["accepted"]
    carried = first.phone.send(*lost.issued)
    assert [(each["result"], each["reason"]) for each in carried] == [("held", "revoked_installation")] * 2
    fresh = second.phone.reserve()
    held = {each.id for each in lost.issued}
    whole = {each.id: each for set_ in (first, second, late, his) for each in set_.issued}
    wait_for(
        lambda: (
            stack.query("SELECT count(*) FROM receipts_receipt WHERE state IN ('registered', 'fiscalised')")
            == [(len(whole),)]
        ),
        "everything is in KIAS",
        60,
    )

    # The three ledgers.
    ours = {
        str(pk): (number, amount)
        for pk, number, amount in stack.query("SELECT id, number, amount FROM receipts_receipt")
    }
    books = in_kias(stack)
    assert ours.keys() == whole.keys() | held
    assert {pk: ours[pk] for pk in whole} == {
        pk: (each.number, each.content["amount"]) for pk, each in whole.items()
    }
    assert {pk: books[pk]["number"] for pk in whole} == {pk: each.number for pk, each in whole.items()}
    assert {pk: books[pk]["isn"] for pk in documents} == {pk: documents[pk]["isn"] for pk in documents}
    assert books.keys() == whole.keys() | {forgotten[2].id}  # what the revoked phone had sent before
    assert on_the_lost_one.id not in books

    # No number twice, also of those that nobody remembers having given.
    numbers = [each.number for each in (*whole.values(), *lost.issued)]
    assert len(set(numbers)) == len(numbers)
    assert fresh not in {*numbers, reserved_before, in_the_form}
    # Every save of the forgotten day's receipts was preceded by the question.
    asked = stack.query(
        "SELECT count(*) FROM sync_attempt WHERE operation = 'save' AND why = '' AND delivery_id = ANY(%s)",
        [each.id for each in sent],
    )
    assert asked == [(0,)]
    assert stack.query("SELECT count(*) FROM sync_intakeexception") == [(0,)]
