"""The tables in tests/cases against the server's side; vitest runs them against the phone's."""

import pytest

from receipts import text, validation, words
from tests.support import cases

INN, PASSPORTS, EMAILS = cases.load("inn"), cases.load("passports"), cases.load("emails")
CARDS, PLURALS, HOSTILE = cases.load("card_numbers"), cases.load("plurals"), cases.load("hostile_text")
NAMES = cases.load("names")["cases"]
NOUN = words.Noun(*PLURALS["forms"])


@pytest.mark.parametrize("digits", INN["valid"])
def test_a_right_inn_is_taken(digits):
    assert validation.is_inn(digits)


@pytest.mark.parametrize("digits", INN["invalid"])
def test_a_wrong_inn_is_not(digits):
    assert not validation.is_inn(digits)


@pytest.mark.parametrize("digits", PASSPORTS["valid"])
def test_a_passport_is_ten_digits(digits):
    assert validation.is_passport_rf(digits)


@pytest.mark.parametrize("digits", PASSPORTS["invalid"])
def test_anything_else_is_no_passport(digits):
    assert not validation.is_passport_rf(digits)


@pytest.mark.parametrize("address", EMAILS["valid"])
def test_a_check_can_be_sent_to_an_address(address):
    assert validation.is_email(address)


@pytest.mark.parametrize("address", EMAILS["invalid"])
def test_a_check_cannot_be_sent_to_anything_else(address):
    assert not validation.is_email(address)


@pytest.mark.parametrize("typed", CARDS["holds"])
def test_a_card_number_is_recognised(typed):
    assert validation.holds_card_number(typed)


@pytest.mark.parametrize("typed", CARDS["free"])
def test_other_digits_are_no_card_number(typed):
    assert not validation.holds_card_number(typed)


@pytest.mark.parametrize("case", cases.load("amounts")["cases"], ids=lambda case: case["text"])
def test_a_sum_is_understood_as_typed(case):
    assert validation.parse_amount(case["text"]) == case["kopecks"]


@pytest.mark.parametrize(
    "case", cases.load("amounts_in_words")["cases"], ids=lambda case: str(case["kopecks"])
)
def test_a_sum_is_said_in_words(case):
    assert words.amount_in_words(case["kopecks"]) == case["words"]


@pytest.mark.parametrize("kopecks", [-1, 10**14])
def test_a_sum_beyond_words_is_an_error(kopecks):
    with pytest.raises(ValueError, match="out of range"):
        words.amount_in_words(kopecks)


@pytest.mark.parametrize("case", PLURALS["cases"], ids=lambda case: str(case["count"]))
def test_a_count_takes_its_form(case):
    assert words.plural(case["count"], NOUN) == case["form"]


@pytest.mark.parametrize(
    "case", cases.load("policies")["fold"], ids=lambda case: case["series"] + case["number"]
)
def test_a_policy_has_one_spelling(case):
    assert text.fold_policy(case["series"], case["number"]) == case["folded"]


@pytest.mark.parametrize("case", HOSTILE["cases"], ids=lambda case: case["name"])
def test_hostile_signs_are_recognised(case):
    assert text.is_hostile(case["text"]) is case["hostile"]


@pytest.mark.parametrize("case", HOSTILE["cases"], ids=lambda case: case["name"])
def test_what_typing_leaves_is_never_hostile(case):
    """Otherwise the phone would let through what the server holds."""
    assert not text.is_hostile(case["cleaned"])


@pytest.mark.parametrize("case", HOSTILE["cases"], ids=lambda case: case["name"])
def test_a_stand_in_can_always_be_stored(case):
    stored = text.storable(case["text"])
    stored.encode()
    assert "\x00" not in stored
    assert len(stored) == len(case["text"])


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case["name"])
def test_p29_an_organisation_is_known_by_its_name_and_never_shortened_like_a_person(case):
    assert text.is_organisation(case["name"]) is case["organisation"]
    assert text.short_name(case["name"], is_person=True) == case["short"].replace("~", "\u00a0")
