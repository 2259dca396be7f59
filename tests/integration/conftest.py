"""Fixtures that several integration tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from backoffice.roles import Role
from receipts.models import NumberSeries
from sync import sealing_keys
from sync.restore import epoch, high_water
from tests.support.factories import make_phone, make_series
from tests.support.kias_process import KiasProcess
from tests.support.office import make_staff, staff_client
from tests.support.phone import Phone
from tests.support.relaying import Desk


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> None:
    """A sealing key of this test's own, kept twice."""
    settings.SEALING_KEY_DIRS = [tmp_path / "keys-a", tmp_path / "keys-b"]
    sealing_keys.make()


@pytest.fixture
def outside(settings: Any, tmp_path: Path, keys: None, first_epoch: None) -> Path:
    """The folder outside the database, with the audit stream and the high-water mark."""
    settings.AUDIT_STREAM = str(tmp_path / "audit")
    high_water.note(at_once=True)
    return tmp_path / "audit"


@pytest.fixture
def phone(keys: None) -> Phone:
    """A registered phone of a new agent, logged in."""
    return make_phone()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def first_epoch(db: None) -> None:
    """As on any server that a phone has spoken to."""
    epoch.current()


@pytest.fixture
def series(db: None) -> NumberSeries:
    """Where receipts of the office have their numbers from."""
    return make_series()


@pytest.fixture
def person() -> User:
    """Who acts where the office is not asked by its pages; a senior may do all of it."""
    return make_staff(Role.SENIOR)


@pytest.fixture
def operator() -> Client:
    return staff_client(Role.OPERATOR)


@pytest.fixture
def senior() -> Client:
    return staff_client(Role.SENIOR, last_name="Седова", first_name="Ирина", middle_name="Львовна")


@pytest.fixture(scope="module")
def running_kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias")) as running:
        yield running


@pytest.fixture
def kias(running_kias: KiasProcess) -> KiasProcess:
    """The simulator with an empty ledger and no faults, one process for a module."""
    running_kias.control(clear=True, clear_ledger=True)
    return running_kias
