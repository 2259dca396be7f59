"""The servers under the tests are the real ones."""

import os

import pytest
import redis
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
