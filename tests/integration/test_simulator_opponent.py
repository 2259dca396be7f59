"""The simulator as a worthy opponent: what it does by seed, by plan and by hand, and what outlives it."""

import json
import os
import socket
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.kias.gateway import KiasUnavailableError, KiasUnknownError
from sync.kias.repertoire import fit
from sync.kias.simulator.control import World
from sync.kias.simulator.ledger import Ledger
from sync.kias.simulator.rules import Rules
from sync.kias.simulator.service import Service
from tests.support.kias_documents import make_document
from tests.support.kias_process import KiasProcess, MemorySession
from tests.support.phone import wait_until

HOSTILE = json.loads((Path(__file__).parent.parent / "cases" / "hostile_text.json").read_text())["cases"]


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_p31_in_windows_1251_every_text_reaches_kias_and_its_page(
    kias: KiasProcess, case: dict[str, Any]
) -> None:
    fitted = fit(case["text"], "windows-1251", {})
    isn = kias.gateway().save(make_document(insurant=fitted, comment=fitted), within=5).isn
    assert [(row["isn"], row["insurant"]) for row in kias.documents()] == [(isn, fitted)]
    page = httpx.get(f"{kias.address}/ledger", trust_env=False)
    assert page.status_code == 200
    assert escape(fitted.strip()[:20]) in page.text


def test_what_was_answered_or_promised_outlives_a_kill(tmp_path: Path) -> None:
    with KiasProcess(tmp_path) as kias:
        gateway, late = kias.gateway(), make_document()
        isn = gateway.save(make_document(), within=5).isn
        kias.control(faults=[{"kind": "commit_late", "seconds": 1.5, "only": "save"}])
        with pytest.raises(KiasUnknownError):
            gateway.save(late, within=0.5)
        kias.stop()  # -9
        kias.start()
        assert [row["isn"] for row in kias.documents()][:1] == [isn]
        wait_until(lambda: [row["number"] for row in kias.documents()][1:] == [late.number])


def test_the_same_seed_brings_the_same_faults(kias: KiasProcess) -> None:
    def run() -> list[str]:
        kias.control(clear=True, seed="17", rates={"http_500": {"rate": 0.4, "only": "find"}})
        gateway, ends = kias.gateway(), []
        for _ in range(12):
            try:
                gateway.find(external_id="x", number="y", within=5)
                ends.append("ok")
            except KiasUnknownError:
                ends.append("500")
        return ends

    first = run()
    assert first == run()
    assert {"ok", "500"} == set(first)
    assert kias.control()["seed"] == "17"


@pytest.mark.parametrize(
    "latency",
    [
        {"kind": "fixed", "seconds": 0.3},
        {"kind": "uniform", "low": 0.3, "high": 0.4},
        {"kind": "lognormal", "median": 5, "sigma": 0},
    ],
)
def test_latency_is_drawn_from_a_distribution(kias: KiasProcess, latency: dict[str, Any]) -> None:
    session = MemorySession()
    kias.gateway(session).find(external_id="x", number="y", within=5)  # logged in
    kias.control(latency=latency)
    with pytest.raises(KiasUnknownError, match=r"time-out|ReadTimeout"):
        kias.gateway(session).find(external_id="x", number="y", within=0.2)


def test_calls_at_once_are_those_that_somebody_waits_for(tmp_path: Path) -> None:
    """Who has hung up is not under way any more, however long KIAS takes to see it."""
    world = World(Service(Ledger(tmp_path / "ledger", 0.0), Rules(), "offline", "secret"))
    lines = [socket.socketpair() for _ in range(4)]
    for caller, _ in lines[:2]:
        world.enter("", caller)
    assert world.most_at_once == 2
    lines[0][1].close()
    world.enter("", lines[2][0])
    assert world.most_at_once == 2
    world.enter("", lines[3][0])
    assert world.most_at_once == 3
    for ends in lines:
        for end in ends:
            end.close()


def test_an_outage_can_be_planned_and_says_when_it_ends(kias: KiasProcess) -> None:
    gateway = kias.gateway()
    assert gateway.save(make_document(), within=5).isn
    kias.control(outages=[{"in": 0, "for": 1000}])
    with pytest.raises(KiasUnavailableError) as away:
        gateway.save(make_document(), within=5)
    assert away.value.retry_after is not None
    assert 900 < away.value.retry_after <= 1000
    kias.control(clear=True, outages=[{"in": 1000, "for": 10}])
    assert gateway.save(make_document(), within=5).isn


def test_more_calls_a_second_than_kias_bears_are_turned_away(kias: KiasProcess) -> None:
    gateway = kias.gateway()
    gateway.find(external_id="x", number="y", within=5)
    kias.control(rate_limit=1)
    turned_away = None
    for _ in range(50):
        try:
            gateway.find(external_id="x", number="y", within=5)
        except KiasUnavailableError as error:
            turned_away = error
            break
    assert turned_away is not None
    assert turned_away.detail == "HTTP 429"
    assert turned_away.retry_after == 1


@pytest.mark.parametrize(("sessions", "logins"), [("one", 3), ("many", 2)])
def test_a_new_login_ends_the_older_session_or_not(kias: KiasProcess, sessions: str, logins: int) -> None:
    kias.control(sessions=sessions)
    before = kias.control()["logins"]
    ours, theirs = kias.gateway(), kias.gateway()
    for gateway in (ours, theirs, ours):
        gateway.find(external_id="x", number="y", within=5)
    kias.control(sessions="one")
    assert kias.control()["logins"] == before + logins


def test_a_person_adds_changes_and_takes_back_by_the_page_s_forms(kias: KiasProcess) -> None:
    def post(**form: str) -> None:
        own = {"Origin": kias.address}
        answer = httpx.post(f"{kias.address}/ledger", data=form, headers=own, trust_env=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/ledger?done")

    post(act="write", Number="БС-1", Date="22.11.2026", Sum="100", PolicySeries="ХХХ", PolicyNumber="1")
    (row,) = kias.documents()
    assert (row["number"], row["by_hand"], row["external_id"]) == ("БС-1", True, "")
    post(act="change", isn=row["isn"], Number="БС-2", Sum="200")
    post(act="annul", isn=row["isn"])
    (row,) = kias.documents()
    assert (row["number"], row["sum"], row["state"]) == ("БС-2", "200", "annulled")
    assert "сторно" in httpx.get(f"{kias.address}/ledger", trust_env=False).text
    post(act="remove", isn=row["isn"])
    assert kias.documents() == []


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://elsewhere.example"}])
def test_a_page_of_another_origin_cannot_write_into_the_ledger(
    kias: KiasProcess, origin: dict[str, str]
) -> None:
    answer = httpx.post(
        f"{kias.address}/ledger", data={"act": "write", "Number": "x"}, headers=origin, trust_env=False
    )
    assert answer.status_code == 403
    assert kias.documents() == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"])
def test_no_name_that_a_stranger_points_here_reads_the_ledger_or_writes_into_it(
    kias: KiasProcess, host: str
) -> None:
    port = kias.address.rsplit(":", 1)[1]
    foreign = {"Host": f"{host}:{port}" if host else "", "Origin": f"http://{host}:{port}"}
    with httpx.Client(base_url=kias.address, headers=foreign, trust_env=False) as page:
        answers = [page.get(path) for path in ("/", "/ledger", "/ledger.json", "/control")]
        answers += [
            page.post("/ledger", data={"act": "write", "Number": "x"}),
            page.post("/control", json={"outage": True}),
        ]
    assert {answer.status_code for answer in answers} == {403}
    assert kias.documents() == []
    assert not kias.control()["outage"]


def test_it_does_not_start_in_production(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sync.kias.simulator",
        "--port",
        "0",
        "--ledger",
        str(tmp_path / "ledger"),
    ]
    ended = subprocess.run(
        command, env=os.environ | {"DEPLOYMENT": "production"}, capture_output=True, timeout=20, check=False
    )
    assert ended.returncode == 1
    assert "не запускается" in ended.stderr.decode()


def test_what_a_person_does_wrong_is_said_and_changes_nothing(kias: KiasProcess) -> None:
    for form in ({"act": "annul", "isn": "1"}, {"act": "write", "Nonsense": "1"}, {"act": "explode"}, {}):
        answer = httpx.post(
            f"{kias.address}/ledger", data=form, headers={"Origin": kias.address}, trust_env=False
        )
        assert answer.status_code == 303
    assert kias.documents() == []
    assert "Не получилось" in httpx.get(f"{kias.address}/ledger?wrong", trust_env=False).text
