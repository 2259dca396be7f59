"""Patterns of the directories: what the office may write so that no phone hangs on it."""

import re
import time

import pytest

from receipts.patterns import PatternError, check_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{10}",
        r"[А-Я]{3}",
        r"[А-Я0-9]{1,8}",
        r"(?:ХХХ|ТТТ)",
        r"^\d{4}\s?\d{6}$",
        r"[A-Z]{2}-\d{7}",
        r"№\d+",
    ],
)
def test_an_ordinary_pattern_is_taken(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(", "a{", "[", r"(a+)+", r"(a|a)*", r"((a))", r"(?=a)a", r"(a)\1", r"\Aa", r"(?i)a", "x" * 121,
     r"\d*\d*\d*\d*\d*", r"(a*)*$", "(" * 60 + ")" * 60],
)  # fmt: skip
def test_a_broken_or_dangerous_one_is_refused_with_a_sentence(pattern):
    with pytest.raises(PatternError, match=r"Образец|образец|повтор"):
        check_pattern(pattern)


def test_the_hardest_pattern_that_is_taken_takes_no_time():
    hardest = r"\d*\d*\d*\d*x"
    check_pattern(hardest)
    began = time.process_time()
    assert re.fullmatch(hardest, "1" * 40) is None
    assert time.process_time() - began < 5  # for ever would be longer
