"""The simulator as a process: its ledger, its control, the session, hostile text through the adapter."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts import correlation
from sync.kias.gateway import KiasRejectedError, KiasUnavailableError, KiasUnknownError
from tests.support.kias_documents import make_document
from tests.support.kias_process import KiasProcess, MemorySession
from tests.support.phone import wait_until

HOSTILE = json.loads((Path(__file__).parent.parent / "cases" / "hostile_text.json").read_text())["cases"]


# --- the simulator


def test_the_ledger_outlives_the_process(tmp_path: Path) -> None:
    document = make_document()
    with KiasProcess(tmp_path) as kias:
        isn = kias.gateway().save(document, within=5).isn
    with KiasProcess(tmp_path) as kias:
        assert [row["isn"] for row in kias.documents()] == [isn]
        assert int(kias.gateway().save(make_document(), within=5).isn) == int(isn) + 1


def test_the_ledger_is_told_as_json_and_as_a_page(kias: KiasProcess) -> None:
    document = make_document(insurant="<b>Жирный</b>")
    isn = kias.gateway().save(document, within=5).isn
    (row,) = kias.documents()
    assert row["isn"] == isn
    assert row["external_id"] == document.external_id
    assert (row["number"], row["date"], row["sum"]) == (document.number, "22.11.2026", "3245.50")
    assert row["policy"] == "ХХХ 0123456789"
    wait_until(lambda: kias.documents()[0]["check"] is not None)
    check = kias.documents()[0]["check"]
    (found,) = kias.gateway().find(external_id=document.external_id, number="", within=5)
    assert found.check is not None
    assert found.check.qr == check["qr"], "our QR is letter for letter the one KIAS printed"
    page = httpx.get(f"{kias.address}/ledger", trust_env=False).text
    assert document.number in page
    assert "3\u202f245,50" in page
    assert "<b>Жирный" not in page


def test_a_number_that_stands_there_twice_is_marked_on_the_page(kias: KiasProcess) -> None:
    document = make_document()
    for _ in range(2):
        kias.gateway().save(document, within=5)
    assert httpx.get(f"{kias.address}/ledger", trust_env=False).text.count("номер повторяется") == 2


def test_the_wsdl_names_the_one_operation_and_its_address(kias: KiasProcess) -> None:
    wsdl = httpx.get(f"{kias.address}/kias?wsdl", trust_env=False).text
    assert 'operation name="ExecProc"' in wsdl
    assert f"{kias.address}/kias" in wsdl


def test_the_control_takes_json_only_so_no_web_page_can_use_it(kias: KiasProcess) -> None:
    control = f"{kias.address}/control"
    answer = httpx.post(
        control, content='{"outage": true}', headers={"Content-Type": "text/plain"}, trust_env=False
    )
    assert answer.status_code == 415
    assert kias.control()["outage"] is False


@pytest.mark.parametrize(
    "order",
    [[], {"faults": ["explode"]}, {"faults": [{"kind": "delay", "seconds": -1}]}, {"rates": {"explode": 1}},
     {"write": {"Nonsense": "1"}}, {"closed_before": "gestern"}, {"slow_s": "x"}, {"check_after": "x"}],
)  # fmt: skip
def test_a_wrong_order_is_answered_400_and_changes_nothing(kias: KiasProcess, order: Any) -> None:
    before = kias.control()
    assert httpx.post(f"{kias.address}/control", json=order, trust_env=False).status_code == 400
    assert kias.control() == before


def test_faults_by_rate_befall_about_so_many_calls(kias: KiasProcess) -> None:
    kias.control(rates={"http_500": 0.5}, seed=1)
    gateway, failed = kias.gateway(), 0
    for _ in range(40):
        try:
            gateway.find(external_id="x", number="y", within=5)
        except (KiasUnknownError, KiasUnavailableError):
            failed += 1
    assert 5 < failed < 35


def test_an_outage_refuses_everything_until_it_is_over(kias: KiasProcess) -> None:
    kias.control(outage=True)
    with pytest.raises(KiasUnavailableError):
        kias.gateway().save(make_document(), within=5)
    assert "КИАС сейчас недоступен" in httpx.get(f"{kias.address}/ledger", trust_env=False).text
    kias.control(outage=False)
    assert kias.gateway().save(make_document(), within=5).isn


# --- the adapter on the wire


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_p31_hostile_text_is_taken_over_whole_or_refused_before_it_is_sent(
    kias: KiasProcess, case: dict[str, Any]
) -> None:
    document = make_document(insurant=case["text"])
    try:
        kias.gateway().save(document, within=5)
    except KiasRejectedError as error:
        refusal = error.code
    else:
        refusal = ""
    taken = [row["insurant"] for row in kias.documents()]
    assert (refusal, taken) in [("", [case["text"]]), ("unsendable_text", [])]
    assert not refusal or case["hostile"], "what the intake lets through, the adapter must be able to send"


def test_f10_an_expired_session_costs_one_login_and_one_repeat(kias: KiasProcess) -> None:
    gateway = kias.gateway()
    gateway.find(external_id="x", number="y", within=5)
    before = kias.control()
    kias.control(faults=["expire"])
    assert gateway.save(make_document(), within=5).isn
    after = kias.control()
    assert after["logins"] == before["logins"] + 1
    assert after["calls"]["save"] == before["calls"]["save"] + 1
    assert len(kias.documents()) == 1


def test_a_session_that_is_refused_right_after_the_login_is_not_tried_a_third_time(kias: KiasProcess) -> None:
    session = MemorySession()
    gateway = kias.gateway(session)
    gateway.find(external_id="x", number="y", within=5)
    logins = kias.control(faults=["expire", {"kind": "expire", "only": "save"}])["logins"]
    with pytest.raises(KiasUnavailableError):
        gateway.save(make_document(), within=5)
    assert kias.control()["logins"] == logins + 1
    assert kias.documents() == []


def test_a_login_with_a_lost_answer_is_unavailable_because_nothing_of_the_receipt_was_sent(
    kias: KiasProcess,
) -> None:
    kias.control(faults=[{"kind": "lose_answer", "only": "auth"}])
    with pytest.raises(KiasUnavailableError):
        kias.gateway().save(make_document(), within=5)
    assert kias.documents() == []


def test_the_correlation_id_goes_along(kias: KiasProcess) -> None:
    with correlation.follow("0123456789abcdef"):
        kias.gateway().find(external_id="x", number="y", within=5)
    assert kias.control()["correlation_ids"][-1] == "0123456789abcdef"
