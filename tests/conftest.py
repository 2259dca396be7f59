"""Real servers for every test, before Django reads its settings; see tests/support/servers.py."""

import atexit
import os

import django
import pytest

from tests.support import servers

# At import, not in a hook: pytest-django wants the settings before any hook of ours could run.
if _started := servers.prepare():
    atexit.register(_started.stop)  # also when a half-written module stops the run before it starts
django.setup()

NEEDS_DATABASE = {"db", "transactional_db", "django_db_setup", "stack"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a PostgreSQL server, skip what needs one and say so; with one nothing is skipped."""
    reason = os.environ.get("TESTS_WITHOUT_POSTGRES")
    if not reason:
        return
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & NEEDS_DATABASE:
            item.add_marker(pytest.mark.skip(reason=f"NOT RUN: {reason}"))
