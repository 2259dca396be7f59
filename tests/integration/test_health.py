"""`/healthz` and `/readyz`: whether this process can accept a receipt, and nothing else (P14)."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.db import connections
from django.test import Client

from kias_offline import health
from scripts.processes import free_port
from tests.support.phone import Phone, ready_phone
from tests.support.stack import Stack, wait_for

BY_ADDRESS = {"HTTP_HOST": "10.0.0.7:8000"}  # as a load balancer asks: none of our ALLOWED_HOSTS


def ask(path: str) -> tuple[int, str]:
    """The answer, within a time in which a load balancer would still be waiting."""
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(Client().get, path, **BY_ADDRESS).result(timeout=10)
    return answer.status_code, answer.content.decode().strip()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets new connections go to another port of the loopback."""
    return lambda number: monkeypatch.setitem(connections.settings["default"], "PORT", str(number))


@contextmanager
def listener(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that takes every line and does `talk` with it; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        lines: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    lines.append(line)
                    threading.Thread(target=talk, args=[line], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for line in lines:
            line.close()


def mute(line: socket.socket) -> None:
    """A database that takes the line and never says a word."""


def mute_after_login(line: socket.socket) -> None:
    """A database that lets us in and never answers a statement."""
    with suppress(OSError):
        while asked := line.recv(4096):
            if len(asked) == 8:  # TLS or GSS? No.
                line.sendall(b"N")
                continue
            line.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")
            return


def test_a_living_process_says_so_without_a_database_to_whoever_asks_by_address() -> None:
    answer = Client().get("/healthz", **BY_ADDRESS)
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_can_be_sent_to_these_addresses(path: str) -> None:
    assert Client().post(path, "x", content_type="text/plain").status_code == 405


@pytest.mark.django_db
def test_p14_a_process_that_can_accept_a_receipt_is_ready() -> None:
    assert ask("/readyz") == (200, "ready")


@pytest.mark.django_db
def test_p14_a_database_that_is_away_makes_the_process_unready(port: Callable[[int], None]) -> None:
    port(free_port())
    status, words = ask("/readyz")
    assert status == 503
    assert words.startswith("database")


@pytest.mark.django_db
@pytest.mark.parametrize("talk", [mute, mute_after_login])
def test_p14_a_database_that_never_answers_makes_the_process_unready_and_holds_no_thread(
    talk: Callable[[socket.socket], None], port: Callable[[int], None]
) -> None:
    with listener(talk) as hung:
        port(hung)
        assert ask("/readyz") == (503, "database: no answer")
        wait_for(lambda: not looks(), "the end of the look at the hung database")


def looks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "readiness"]


@pytest.mark.django_db
def test_p14_the_process_is_ready_again_as_soon_as_the_database_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as away:
        away.setitem(connections.settings["default"], "PORT", str(free_port()))
        assert ask("/readyz")[0] == 503
    assert ask("/readyz") == (200, "ready")


@pytest.mark.django_db
def test_p14_a_missing_migration_makes_the_process_unready(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = health.needed_migrations() | {("sync", "0999_of_this_code"): frozenset()}
    monkeypatch.setattr(health, "needed_migrations", lambda: needed)
    assert ask("/readyz") == (503, "migrations missing: 1")


def test_p14_newer_migrations_than_this_code_knows_do_not_matter() -> None:
    applied = set(health.needed_migrations()) | {("sync", "0999_of_a_newer_release")}
    assert health.missing_migrations(applied) == []


def test_p14_a_migration_is_there_when_all_those_that_it_replaces_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = {("sync", "0001_a"), ("sync", "0002_b")}
    monkeypatch.setattr(health, "needed_migrations", lambda: {("sync", "0001_all"): frozenset(old)})
    assert health.missing_migrations(old) == []
    assert health.missing_migrations({("sync", "0001_a")}) == ["sync.0001_all"]


@pytest.mark.slow
def test_p14_f12_without_broker_and_beat_the_process_is_ready_and_accepts_a_receipt(tmp_path: Path) -> None:
    with Stack(tmp_path, os.environ["TESTS_POSTGRES"]) as stack:
        phone = logged_in(stack)
        stack.kill("broker")
        stack.kill("beat")
        assert httpx.get(f"{stack.base_url}/readyz").status_code == 200
        issued = phone.issue()
        (answer,) = phone.send(issued)
        assert answer["result"] == "accepted"
        figures = httpx.get(f"{stack.base_url}/metrics").text
        assert "kias_broker_up 0.0" in figures
        assert 'kias_nudges_lost_total{kind="relay"} 1.0' in figures
        stack.execute("UPDATE sync_heartbeat SET at = now() - interval '4 minutes' WHERE name = 'beat'")

        def beat_is_late() -> bool:
            found = httpx.get(f"{stack.base_url}/metrics").text
            line = next(line for line in found.splitlines() if line.startswith("kias_heartbeat_age_seconds "))
            return float(line.split()[1]) > 180

        wait_for(beat_is_late, "the alarm about beat instead (figures are kept for 5 s)")
        stack.start("broker")
        stack.start("beat")
        registered = (
            "SELECT state FROM receipts_receipt WHERE id = %s AND state IN ('registered', 'fiscalised')"
        )
        wait_for(lambda: stack.query(registered, issued.id), "the sweep to find the receipt", 60)


def logged_in(stack: Stack) -> Phone:
    agent = stack.new_agent()
    client = httpx.Client(base_url=stack.base_url, trust_env=False)
    return ready_phone(client, agent.phone_number, stack.sms_code)
