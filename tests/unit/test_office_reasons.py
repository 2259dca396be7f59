"""Every code that can stand in a row has Russian words for the office."""

import re
from pathlib import Path

import pytest

from backoffice import reasons, story
from sync.intake.answers import HeldReceipt, Kept
from tests.support.pages import english

ROOT = Path(__file__).resolve().parents[2]


def codes_in(*modules: str, pattern: str) -> set[str]:
    return {code for module in modules for code in re.findall(pattern, (ROOT / module).read_text("utf-8"))}


@pytest.mark.parametrize("code", [*HeldReceipt, *Kept], ids=str)
def test_every_reason_of_the_intake_has_words(code: str) -> None:
    assert reasons.words(code) != code
    assert english(f"<p>{reasons.words(code)}</p>".encode()) == set()


def test_every_reason_of_the_relay_the_dates_and_the_simulator_has_words() -> None:
    codes = codes_in("sync/relay/runner.py", pattern=r'reason="(\w+)"')
    codes |= codes_in("receipts/dates.py", pattern=r'"((?:wrong|before|after)_\w+)"')
    codes |= codes_in("sync/kias/simulator/rules.py", pattern=r'return "(\w+)", ')
    assert len(codes) >= 10
    assert {code for code in codes if reasons.words(code) == code} == set()


def test_every_reason_to_ask_first_has_words() -> None:
    codes = codes_in("sync/relay/asking.py", pattern=r'return "(\w+)"') | {"file", "paper", "released"}
    assert len(codes) >= 8
    assert codes <= set(story.ASK_FIRST)


def test_a_code_without_words_is_shown_as_it_is_and_never_hidden() -> None:
    assert reasons.words("brand_new_code") == "brand_new_code"
