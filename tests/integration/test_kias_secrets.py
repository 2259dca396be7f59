"""Neither a sid, a password nor a person is told by accident: logs, errors and all they carry, attempts."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from kias_offline.logs import JsonFormatter
from sync.kias.gateway import KiasDocument
from sync.kias.session import SharedSession
from sync.kias.soap import SoapGateway
from sync.models import Attempt, Delivery
from sync.relay.runner import Relay
from tests.support.kias_documents import make_document
from tests.support.kias_process import KiasProcess, MemorySession
from tests.support.kias_raw import answering, gateway_to, http, soap
from tests.support.relaying import TERMS, accept

PERSON = ("Сидорова", "0411123456", "79123456789", "offline-demo")
ROW = "<row><ISN>7</ISN><Number>Сидорова</Number><Sum>Сидорова</Sum></row>"
ERROR = "<error><code>Сидорова Аглая</code><text>Сидорова</text></error>"

#: what KIAS answers to the save
ANSWERS = {
    "lost": b"",
    "page": http("<p>Сидорова 0411123456</p>".encode()),
    "broken": http(soap("<data>")[:-9]),
    "fault": http("<s:Fault>Сидорова</s:Fault>".encode(), status="500 Broken"),
    "row": http(soap(f"<data><result>{ROW}</result></data>")),
    "refusal": http(soap(f"<data>{ERROR}</data>")),
    "busy": http("Сидорова".encode(), "Retry-After: 5", status="503 Busy"),
    "not found": http("Сидорова".encode(), status="404 Not Found"),
}


@pytest.fixture(scope="module")
def kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias")) as running:
        yield running


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any logger says, at its most talkative, as our formatter writes it."""
    told, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(told), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield told
    root.removeHandler(handler)
    root.setLevel(level)


def whole_story(error: BaseException) -> str:
    """What an error reporter would send: every error in the chain, every frame's variables."""
    told, seen = [], set()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told += [repr(each), str(each), *traceback.format_exception(each, chain=False)]
        told += [repr(value) for value in vars(each).values() if value is not getattr(each, "text", None)]
        told += frames(each.__traceback__)
        chain += [each.__cause__, each.__context__]
    return "\n".join(told)


def frames(at: TracebackType | None) -> Iterator[str]:
    """The variables of every frame below the test's own."""
    while at is not None:
        if "/tests/" not in at.tb_frame.f_code.co_filename:
            yield from (f"{name}={value!r}" for name, value in at.tb_frame.f_locals.items())
        at = at.tb_next


def ends_of(call: Callable[[], Any]) -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (whichever: it is searched)
        call()
    return whole_story(raised.value)


def assert_silent(told: str, *secrets: str) -> None:
    for secret in (*PERSON, *secrets):
        assert secret not in told


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("operation", ["save", "find"])
def test_no_answer_makes_an_error_tell_a_person_or_a_secret(
    answer: bytes, operation: str, logged: io.StringIO
) -> None:
    document = make_document()

    def call(gateway: SoapGateway) -> Any:
        if operation == "save":
            return gateway.save(document, within=3)
        return gateway.find(external_id=document.external_id, number="БС-1", within=3)

    with answering(answer) as address:
        told = ends_of(lambda: call(gateway_to(address)))
    assert_silent(told + logged.getvalue(), "'known'")


def test_no_line_makes_an_error_tell_a_person_or_a_secret(logged: io.StringIO) -> None:
    told = ends_of(lambda: gateway_to("127.0.0.1:9").save(make_document(), within=3))
    told += ends_of(lambda: gateway_to("127.0.0.1:9").save(make_document(comment="a\0b"), within=3))
    assert_silent(told + logged.getvalue(), "'known'")


def test_a_refused_or_lost_login_tells_no_password(kias: KiasProcess, logged: io.StringIO) -> None:
    told = ""
    for fault in ("bare_error", "malformed", "lose_answer"):
        kias.control(clear=True, faults=[{"kind": fault, "only": "auth"}])
        gateway = kias.gateway()
        told += ends_of(lambda gateway=gateway: gateway.save(make_document(), within=5))  # type: ignore[misc]
        told += str(gateway._password in told)
    assert_silent(told + logged.getvalue())
    assert "True" not in told


def test_a_document_s_repr_names_no_person() -> None:
    document = make_document()
    assert isinstance(document, KiasDocument)
    assert_silent(repr(document) + str(document) + f"{[document]}")
    assert document.number in repr(document)


@pytest.mark.django_db(transaction=True)
def test_neither_attempts_nor_deliveries_nor_logs_tell_a_person_or_a_secret(
    tmp_path: Path, logged: io.StringIO
) -> None:
    kinds = [
        "lose_answer",
        "malformed",
        "http_500",
        "bare_error",
        "two_results",
        "refuse",
        "expire",
        "not_ours",
    ]
    with KiasProcess(tmp_path) as kias:
        gateway = kias.gateway(SharedSession())
        for kind in kinds:
            accept(at=datetime.now(UTC), insurant="Сидорова Аглая Потаповна")
            kias.control(faults=[{"kind": kind, "only": "save"}])
            Relay(gateway=gateway, terms=TERMS).run(budget_s=5)
        sid = SharedSession().sid()
    rows = [
        *Attempt.objects.values_list("detail", flat=True),
        *Delivery.objects.values_list("last_error", flat=True),
    ]
    assert len(rows) >= 2 * len(kinds)
    assert sid
    assert_silent(str(rows) + logged.getvalue(), sid)


def test_a_session_held_in_memory_is_not_part_of_any_of_it(kias: KiasProcess, logged: io.StringIO) -> None:
    kias.control(clear=True)
    session = MemorySession()
    gateway = kias.gateway(session)
    gateway.find(external_id="x", number="y", within=5)
    kias.control(faults=["expire", {"kind": "malformed", "only": "save"}])
    told = ends_of(lambda: gateway.save(make_document(), within=5))
    assert_silent(told + logged.getvalue(), session.sid())
