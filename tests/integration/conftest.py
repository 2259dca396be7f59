"""Fixtures that several integration tests share."""

import pytest

from tests.support.relaying import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
