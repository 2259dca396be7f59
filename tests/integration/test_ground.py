"""The servers under the tests are the real ones."""

import os

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_the_tests_run_on_a_real_postgresql_with_a_russian_alphabet() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ЩУКА'), current_setting('server_version_num')::int")
        assert cursor.fetchone() >= ("щука", 130000)


def test_the_broker_is_a_real_server_that_never_evicts() -> None:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_every_process_of_a_parallel_run_has_a_broker_database_and_a_folder_of_its_own() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert os.environ["REDIS_URL"] == settings.CELERY_BROKER_URL
    assert settings.VAR_DIR.name == f"var-{worker}"
    assert settings.SMS_DEMO_INBOX.parent == settings.VAR_DIR
