"""Receipt numbers: the shared table, and the proof that the check symbol catches what people do wrong."""

import itertools

import pytest

from accounts.codes import ALPHABET
from receipts import numbers
from receipts.numbers import NumberError
from tests.support import cases

TABLE = cases.load("numbers")


def test_both_sides_use_one_alphabet():
    assert TABLE["alphabet"] == ALPHABET
    assert len(set(ALPHABET)) == 21


@pytest.mark.parametrize("case", TABLE["format"], ids=lambda case: case["number"])
def test_a_number_is_formatted_and_fits_the_fiscal_tag(case):
    number = numbers.format_number(case["code"], case["counter"])
    assert number == case["number"]
    assert len(number) <= 16
    assert numbers.take_apart(number).is_sound


@pytest.mark.parametrize("case", TABLE["not_formatted"], ids=str)
def test_a_code_or_counter_out_of_bounds_gives_no_number(case):
    with pytest.raises(NumberError):
        numbers.format_number(case["code"], case["counter"])


@pytest.mark.parametrize("case", TABLE["fold"], ids=lambda case: case["text"])
def test_every_spelling_folds_to_one(case):
    assert numbers.fold(case["text"]) == case["folded"]


@pytest.mark.parametrize("case", TABLE["parse"], ids=lambda case: case["text"])
def test_a_typed_number_is_understood(case):
    number = numbers.parse(case["text"])
    assert (number.installation_code, number.counter) == (case["code"], case["counter"])


@pytest.mark.parametrize("text", TABLE["wrong_check"])
def test_a_slip_is_told_from_garbage(text):
    with pytest.raises(NumberError) as refused:
        numbers.parse(text)
    assert refused.value.wrong_check


@pytest.mark.parametrize("text", TABLE["not_a_number"])
def test_garbage_is_no_number(text):
    with pytest.raises(NumberError) as refused:
        numbers.parse(text)
    assert not refused.value.wrong_check


@pytest.mark.parametrize(
    "text", ["bc-К7М3Т-00042-В", "БС-К7М3Т-00042-B", "БС-К7М3Т-٠٠٠٤٢-В", "БС-К7М3Т-42-В"]
)
def test_a_stored_number_has_one_spelling_only(text):
    with pytest.raises(NumberError):
        numbers.take_apart(text)


def contribution(place: int, value: int) -> int:
    return value * (1 + place % 2) % 21


def test_every_single_wrong_symbol_is_caught():
    """The sum is linear: what a wrong symbol changes does not depend on the other ten, so these are all."""
    for place in range(11):
        for right, wrong in itertools.permutations(range(21), 2):
            assert (contribution(place, right) - contribution(place, wrong)) % 21 != 0


def test_every_swap_of_neighbours_is_caught():
    for place in range(10):
        for left, right in itertools.permutations(range(21), 2):
            before = contribution(place, left) + contribution(place + 1, right)
            after = contribution(place, right) + contribution(place + 1, left)
            assert (before - after) % 21 != 0


@pytest.mark.parametrize("code", ["К7М3Т", "00000", "ХХХХХ", "0А9УХ"])
@pytest.mark.parametrize("counter", [1, 42, 9999, 99999])
def test_the_code_itself_catches_them_too(code, counter):
    """The same through the real functions, so that the formula above cannot drift from them."""
    core = numbers.fold(numbers.format_number(code, counter))
    spoiled = {core[:i] + symbol + core[i + 1 :] for i in range(11) for symbol in ALPHABET}
    spoiled |= {core[:i] + core[i + 1] + core[i] + core[i + 2 :] for i in range(10)}
    for wrong in spoiled - {core}:
        with pytest.raises(NumberError):
            numbers.parse(wrong)
