"""Two servers, never one: a broker that never evicts, and a cache of which nothing is expected (P28)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.db import connection
from django.test import Client

from kias_offline.cache import ForgetfulCache
from scripts import broker as embedded
from scripts.processes import Child, Part, free_port, start_all
from scripts.system import ROOT
from sync import broker, sealing_keys
from tests.support.factories import make_phone
from tests.support.stack import wait_for


@contextmanager
def server(folder: Path, *options: str) -> Iterator[int]:
    """A real server of the broker's kind with these options; its port."""
    port, program = free_port(), next(embedded.candidates())
    folder.mkdir(exist_ok=True)
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", *options]
    child = Child("valkey", command, log=folder / "valkey.log")
    start_all([Part(child, lambda: embedded.answers(port))], 15)
    try:
        yield port
    finally:
        child.stop(5)


@contextmanager
def worker(folder: Path, url: str) -> Iterator[Child]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "kias_offline",
        "worker",
        "-Q",
        "sms",
        "--pool",
        "solo",
        "-l",
        "info",
    ]
    env = os.environ | {"REDIS_URL": url}
    child = Child("worker", command, log=folder / "worker.log", env=env, cwd=ROOT)
    child.start()
    try:
        yield child
    finally:
        child.stop()


# --- the broker


@pytest.mark.slow
def test_p28_a_worker_refuses_an_evicting_broker_and_says_what_to_set(tmp_path: Path) -> None:
    evicting = ("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    with server(tmp_path / "b", *evicting) as port, worker(tmp_path, f"redis://127.0.0.1:{port}/0") as child:
        wait_for(lambda: not child.alive, "the end of the worker", 60)
        assert child.exit_code == 78
        assert "The broker evicts (maxmemory-policy allkeys-lru)" in child.said()
        assert "Set maxmemory-policy noeviction there" in child.said()
        assert " ready." not in child.said()


NO_CONFIG = ("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-config")


@pytest.mark.slow
def test_p28_a_managed_broker_that_forbids_config_is_used_when_it_keeps_everything(tmp_path: Path) -> None:
    with server(tmp_path / "b", *NO_CONFIG) as port, worker(tmp_path, f"redis://127.0.0.1:{port}/0") as child:
        wait_for(lambda: " ready." in child.said(), "a worker that works", 60)
        assert "maxmemory-policy" not in child.said()


def test_p28_where_config_is_forbidden_the_policy_is_read_from_info(tmp_path: Path) -> None:
    evicting = ("--maxmemory-policy", "volatile-lru")
    with server(tmp_path / "b", *evicting, *NO_CONFIG) as port:
        assert broker.policy_at(f"redis://127.0.0.1:{port}/0") == "volatile-lru"
    with server(tmp_path / "b", *evicting, *NO_CONFIG, "-info") as port:
        assert broker.policy_at(f"redis://127.0.0.1:{port}/0") is None


# --- the cache


@pytest.fixture
def in_place_of_the_cache(settings: Any) -> Iterator[Any]:
    """Lets the default cache be a server at this URL."""

    def put(url: str) -> Any:
        options = {"serializer": "kias_offline.cache.Json", "socket_connect_timeout": 0.2}
        backend = "kias_offline.cache.ForgetfulCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}}
        return caches["default"]

    return put


def test_p28_the_cache_keeps_json_in_the_clear(tmp_path: Path, in_place_of_the_cache: Any) -> None:
    with server(tmp_path / "c") as port:
        cache = in_place_of_the_cache(f"redis://127.0.0.1:{port}/0")
        assert isinstance(cache, ForgetfulCache)
        cache.set("k", ["a", {"b": 1.5}], 60)
        assert cache.get("k") == ["a", {"b": 1.5}]
        with redis.Redis(port=port) as client:
            assert client.get(client.keys()[0]) == b'["a",{"b":1.5}]'


def test_p28_a_foreign_value_in_the_cache_is_nothing(tmp_path: Path, in_place_of_the_cache: Any) -> None:
    with server(tmp_path / "c") as port:
        cache = in_place_of_the_cache(f"redis://127.0.0.1:{port}/0")
        with redis.Redis(port=port) as client:
            client.set(cache.make_key("k"), b"\x80\x04cos\nsystem\n.")
        assert cache.get("k", "nothing") == "nothing"


@pytest.mark.django_db
def test_p28_with_the_cache_away_everything_works(
    in_place_of_the_cache: Any, settings: Any, tmp_path: Path
) -> None:
    settings.SEALING_KEY_DIRS = [tmp_path / "keys-a", tmp_path / "keys-b"]
    sealing_keys.make()
    cache = in_place_of_the_cache(f"redis://127.0.0.1:{free_port()}/0")
    cache.set("k", 1)
    assert cache.get("k") is None
    assert cache.delete("k") is False
    assert "kias_database_up 1.0" in Client().get("/metrics").content.decode()
    phone = make_phone()
    assert phone.send(phone.issue())[0]["result"] == "accepted"


@pytest.mark.slow
def test_cache_and_broker_on_one_address_are_refused() -> None:
    same = {"REDIS_URL": "redis://127.0.0.1:1/0", "CACHE_URL": "redis://127.0.0.1:1/0"}
    read = subprocess.run(
        [sys.executable, "-c", "import kias_offline.settings"],
        env=os.environ | same, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert read.returncode != 0
    assert "CACHE_URL must name another server than REDIS_URL" in read.stderr


@pytest.mark.django_db
def test_p38_no_statement_runs_longer_than_ten_seconds_and_no_idle_transaction_stays() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name LIKE '%%timeout'")
        found = dict(cursor.fetchall())
    assert found["statement_timeout"] == "10000"
    assert found["idle_in_transaction_session_timeout"] == "15000"
