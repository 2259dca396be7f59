"""What the receipt's page says about the moment of issue (P13)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from backoffice import evidence
from receipts.models import Receipt
from sync import server_time

ARRIVED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ISSUED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HELD = "2026-11-22T07:00:00.000Z"


def receipt(**said: Any) -> Receipt:
    installation_id = uuid.uuid4()
    known = {"server_time": HELD, "server_signature": server_time.sign(HELD, installation_id)}
    return Receipt(
        installation_id=installation_id,
        issued_at=ISSUED,
        accepted_at=ARRIVED,
        issued_offset_min=420,
        evidence=known | said,
    )


def test_both_bounds_are_told_in_words() -> None:
    words = evidence.in_words(receipt())
    assert words == "Выдана не раньше 22.11 14:00 (МСК+4) и не позже 22.11 17:00 (МСК+4)."


def test_the_monotonic_distance_narrows_the_lower_bound() -> None:
    assert "не раньше 22.11 14:30" in evidence.in_words(receipt(since_server_ms=30 * 60_000))


@pytest.mark.parametrize(
    "said",
    [
        {"server_signature": "forged"},
        {"server_signature": None},
        {"server_time": "2026-11-22T09:59:00.000Z"},
        {"server_time": None},
        {"server_time": 17},
    ],
)
def test_a_server_time_that_we_did_not_sign_is_no_lower_bound(said: dict[str, Any]) -> None:
    words = evidence.in_words(receipt(**said))
    assert "не раньше" not in words
    assert "не позже 22.11 17:00 (МСК+4)" in words
    assert ("не наша" in words) is bool(said.get("server_time", HELD))


@pytest.mark.parametrize("nonsense", [True, "5", -1, 10**18, None])
def test_a_distance_that_makes_no_sense_moves_nothing(nonsense: object) -> None:
    assert "не раньше 22.11 14:0" in evidence.in_words(receipt(since_server_ms=nonsense))


def test_a_clock_that_once_showed_a_later_time_is_told() -> None:
    words = evidence.in_words(receipt(highest_wall="2026-11-25T07:00:00.000Z"))
    assert words.endswith("До этого часы телефона показывали и 25.11 14:00 (МСК+4).")
    assert "До этого" not in evidence.in_words(receipt(highest_wall="2026-11-22T09:04:00.000Z"))


def test_backward_jumps_are_counted_in_russian() -> None:
    assert evidence.in_words(receipt(backward_jumps=2)).endswith(
        "Часы телефона переводили назад 2\u00a0раза."
    )
    assert "переводили" not in evidence.in_words(receipt(backward_jumps=0))
