"""Real worker processes: one killed in the middle of a call (F05), two that share one login (F10)."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.processes import Child, Part, start_all
from scripts.system import ROOT
from tests.support.phone import Phone, ready_phone
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.slow

TERMS = {"KIAS_TIMEOUT_S": "4", "KIAS_LEASE_S": "13", "KIAS_SETTLE_S": "0.5"}
DONE = "SELECT id FROM receipts_receipt WHERE state = 'fiscalised'"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("workers"), os.environ["TESTS_POSTGRES"], **TERMS) as stack:
        yield stack


@pytest.fixture
def phone(running: Stack) -> Phone:
    agent = running.new_agent()
    client = httpx.Client(base_url=running.base_url, trust_env=False)
    return ready_phone(client, agent.phone_number, running.sms_code)


@pytest.fixture
def second_worker(running: Stack, tmp_path: Path) -> Iterator[Child]:
    command = [sys.executable, "-m", "celery", "-A", "kias_offline", "worker", "-Q", "relay", "-c", "4"]
    command += ["-n", "second@%h", "--loglevel", "info"]
    child = Child("second worker", command, log=tmp_path / "second.log", env=running.env, cwd=ROOT)
    start_all([Part(child, lambda: " ready." in child.said())])
    yield child
    child.stop()


def control(stack: Stack, **order: Any) -> dict[str, Any]:
    """Say what KIAS is to do wrong; what it has seen so far."""
    told: dict[str, Any] = httpx.post(f"{stack.kias_url}/control", json=order, trust_env=False).json()
    return told


def all_done(stack: Stack, ids: set[str]) -> bool:
    return ids <= {str(row[0]) for row in stack.query(DONE)}


def relayed_by(said: str) -> bool:
    return "Task sync.tasks.relay[" in said and "succeeded" in said


def test_f05_a_worker_killed_in_the_middle_of_its_call_loses_its_claim_and_another_takes_over(
    running: Stack, phone: Phone
) -> None:
    control(running, slow_s=3)
    issued = phone.issue()
    phone.send(issued)
    calling = "SELECT 1 FROM sync_attempt WHERE delivery_id = %s AND outcome = '' AND operation = 'save'"
    wait_for(lambda: running.query(calling, issued.id), "the worker to be in its call")
    running.kill("worker")
    control(running, slow_s=0)
    held = "SELECT 1 FROM sync_delivery WHERE receipt_id = %s AND claim IS NOT NULL AND lease_until > now()"
    assert running.query(held, issued.id), "the dead worker's claim lives until its lease runs out"
    running.start("worker")
    wait_for(lambda: all_done(running, {issued.id}), "another worker to take over", 60)
    documents = [
        document for document in running.ledger()["documents"] if document["number"] == issued.number
    ]
    assert len(documents) == 1
    made = running.query(
        "SELECT operation, outcome FROM sync_attempt WHERE delivery_id = %s ORDER BY id", issued.id
    )
    assert made[0] == ("save", ""), "the dead worker's call has no end"
    assert made[1] == ("find", "ok"), "the other one asked before anything else"


def test_f10_two_worker_processes_share_one_login_and_do_not_throw_each_other_out(
    running: Stack, phone: Phone, second_worker: Child
) -> None:
    first = {issued.id for issued in send_some(phone)}
    wait_for(lambda: all_done(running, first), "the first receipts, with a login made", 60)
    before = control(running, end_sessions=True, slow_s=0.1)["logins"]
    started_at = running.query("SELECT count(*) FROM sync_attempt")[0][0]
    ids: set[str] = set()

    def both_have_worked() -> bool:
        ids.update(issued.id for issued in send_some(phone))
        wait_for(lambda: all_done(running, ids), "these receipts", 60)
        return relayed_by(second_worker.said()) and relayed_by(running.log("worker"))

    wait_for(both_have_worked, "both workers to relay", 120)
    control(running, slow_s=0)
    assert control(running, slow_s=0)["logins"] == before + 1, "one login for both"
    ended = "SELECT DISTINCT outcome FROM (SELECT outcome FROM sync_attempt ORDER BY id OFFSET %s) AS newer"
    assert running.query(ended, started_at) == [("ok",)], "nothing failed and nothing was sent twice"
    numbers = [document["number"] for document in running.ledger()["documents"]]
    assert len(numbers) == len(set(numbers))


def send_some(phone: Phone) -> list[Any]:
    batch = [phone.issue() for _ in range(12)]
    assert {answer["result"] for answer in phone.send(*batch)} == {"accepted"}
    return batch
