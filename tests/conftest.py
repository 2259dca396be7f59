"""Real servers for every test, before Django reads its settings; see tests/support/servers.py."""

import atexit
import os
from collections.abc import Iterator

import django
import pytest
from django.conf import settings

from tests.support import servers
from tests.support.stack import Stack

NEEDS_DATABASE = {"db", "transactional_db", "django_db_setup", "stack"}

if settings.configured:
    raise pytest.UsageError(
        "Unset DJANGO_SETTINGS_MODULE: the tests set it themselves, once their servers run."
    )
# At import, not in a hook: pytest-django wants the settings before any hook of ours could run.
if _started := servers.prepare():
    atexit.register(_started.stop)  # also when a half-written module stops the run before it starts
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """A worker of xdist inherits our environment, and pytest-django would read its settings from this
    variable before the worker's own conftest has named its own broker database and folder."""
    if config.getoption("dist", "no") != "no":
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a PostgreSQL server, skip what needs one and say so; with one nothing is skipped."""
    reason = os.environ.get("TESTS_WITHOUT_POSTGRES")
    if not reason:
        return
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & NEEDS_DATABASE:
            # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
            item.add_marker(pytest.mark.skip(reason=f"NOT RUN: {reason}"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, running; shared by all tests of the run, so every test takes an agent of its own."""
    with Stack(tmp_path_factory.mktemp("stack"), os.environ["TESTS_POSTGRES"]) as running:
        yield running
