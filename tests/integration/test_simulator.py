"""The simulator as a process, and how the SOAP adapter stands what only a wire can do to it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts import correlation
from sync.kias.gateway import KiasRejectedError, KiasUnavailableError, KiasUnknownError
from sync.kias.soap import SoapGateway
from tests.support.kias_documents import make_document
from tests.support.kias_process import KiasProcess, MemorySession, soap_gateway
from tests.support.phone import wait_until

HOSTILE = json.loads((Path(__file__).parent.parent / "cases" / "hostile_text.json").read_text())["cases"]


@pytest.fixture(scope="module")
def running_kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias")) as running:
        yield running


@pytest.fixture
def kias(running_kias: KiasProcess) -> KiasProcess:
    running_kias.control(clear=True, clear_ledger=True)
    return running_kias


@contextmanager
def server_that(says: Any) -> Iterator[str]:
    """A listener that treats each connection as `says(connection)` does; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    line.recv(65536)
                    says(line)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/kias"
        listener.shutdown(socket.SHUT_RDWR)


def gateway_to(address: str) -> SoapGateway:
    """An adapter that believes it is logged in already."""
    session = MemorySession()
    session.renew("", lambda: "known", 1)
    return soap_gateway(address, session)


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


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(KiasUnavailableError, match="no connection"):
        gateway_to("http://127.0.0.1:9/kias").save(make_document(), within=5)


def test_an_answer_that_trickles_byte_by_byte_is_cut_at_the_end_of_the_calls_time() -> None:
    gone = threading.Event()

    def trickle(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not gone.wait(0.02):
                line.sendall(b" ")
        except OSError:
            gone.set()

    with server_that(trickle) as address:
        gateway = gateway_to(address)
        with pytest.raises(KiasUnknownError, match="time-out"):
            gateway.save(make_document(), within=0.5)
        assert gone.wait(10), "the line was cut"
        gone.set()


def test_an_endless_answer_is_not_read_for_ever() -> None:
    def flood(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                line.sendall(b" " * 65536)
        except OSError:
            return

    with server_that(flood) as address:
        gateway = gateway_to(address)
        with pytest.raises(KiasUnknownError, match="too long"):
            gateway.save(make_document(), within=10)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BOMB), BOMB), KiasUnknownError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", KiasUnknownError),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login/\r\nContent-Length: 0\r\n\r\n", KiasUnknownError),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", KiasUnknownError),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", KiasUnavailableError),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", KiasUnavailableError),
        (b"", KiasUnknownError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", KiasUnknownError),
    ],
)
def test_whatever_stands_at_the_address_the_call_ends_in_one_of_the_named_errors(
    answer: bytes, error: type[Exception]
) -> None:
    with server_that(lambda line: line.sendall(answer)) as address:
        gateway = gateway_to(address)
        with pytest.raises(error):
            gateway.save(make_document(), within=3)


def test_the_correlation_id_goes_along(kias: KiasProcess) -> None:
    with correlation.follow("0123456789abcdef"):
        kias.gateway().find(external_id="x", number="y", within=5)
    assert kias.control()["correlation_ids"][-1] == "0123456789abcdef"


def test_neither_sid_nor_password_nor_a_person_is_ever_logged(
    kias: KiasProcess, caplog: pytest.LogCaptureFixture
) -> None:
    session = MemorySession()
    gateway = kias.gateway(session)
    kias.control(faults=["expire", {"kind": "malformed", "only": "save"}])
    with caplog.at_level("DEBUG"), pytest.raises(KiasUnknownError) as error:
        gateway.save(make_document(), within=5)
    for secret in (session.sid(), "offline-demo", "Сидорова", "0411123456", "79123456789"):
        assert secret not in caplog.text
        assert secret not in str(error.value)
