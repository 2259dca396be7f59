"""Content version 1: strict in shape, tolerant of what is new, safe to store."""

import json

import pytest

from receipts.content import MalformedContentError, NewerContentError, content_hash, read
from tests.support import cases

GOOD = cases.load("envelope_cases")["content"]
#: Those that a name can hold; a longer one is malformed.
HOSTILE = [case for case in cases.load("hostile_text")["cases"] if len(case["text"]) <= 256]


def plain(**changed) -> bytes:
    return json.dumps(GOOD | changed).encode()


def test_a_content_is_read():
    content, hostile = read(plain())
    assert (content.number, content.amount, hostile) == (GOOD["number"], 324550, False)


def test_unknown_keys_are_left_to_the_envelope():
    assert read(plain(from_the_future={"a": [1]}))[0].number == GOOD["number"]


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_every_key_is_needed(missing):
    with pytest.raises(MalformedContentError):
        read(json.dumps({key: value for key, value in GOOD.items() if key != missing}).encode())


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 0},
        {"v": "2"},
        {"id": "42"},
        {"amount": "324550"},
        {"amount": 3245.5},
        {"amount": 2**63},
        {"amount": True},
        {"number": "БС-К7М3Т-00042-ВВ"},
        {"issued_at": "2026-11-22T07:05:11"},
        {"issued_at": "0001-01-01T00:00:00+14:00"},
        {"issued_at": 1},
        {"receipt_date": "22.11.2026"},
        {"receipt_date": "2026-02-30"},
        {"policy_date": "9999-12-31"},
        {"offset_min": 100000},
        {"instalment": -1},
        {"instalment": 40000},
        {"insurant": "Ы" * 257},
        {"insurant": None},
        {"comment": "Ы" * 501},
        {"insurant_kind": "cat"},
        {"evidence": None},
        {"evidence": GOOD["evidence"] | {"backward_jumps": -1}},
        {"evidence": GOOD["evidence"] | {"highest_wall": "yesterday"}},
        {"replaces": "x"},
        {"no_contact": 0},
    ],
    ids=str,
)
def test_what_does_not_fit_is_malformed(changed):
    with pytest.raises(MalformedContentError):
        read(plain(**changed))


@pytest.mark.parametrize("changed", [{"v": 2}, {"v": 3, "amount": {"roubles": 5}, "insurant": None}], ids=str)
def test_p22_what_a_later_release_wrote_is_not_called_malformed(changed):
    with pytest.raises(NewerContentError):
        read(plain(**changed))


@pytest.mark.parametrize(
    "text", [b"", b"null", b"[]", b"{", b"\xff", b'{"v":1', b"[" * 60_000, b'{"a":"\\ud800"}']
)
def test_garbage_is_malformed(text):
    with pytest.raises(MalformedContentError):
        read(text)


@pytest.mark.parametrize("amount", [-(2**63) + 1, 0, 2**63 - 1])
def test_a_sum_out_of_range_is_a_content_all_the_same(amount):
    assert read(plain(amount=amount))[0].amount == amount


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_hostile_text_is_seen_and_can_be_stored(case):
    content, hostile = read(plain(insurant=case["text"]))
    assert hostile is case["hostile"]
    content.insurant.encode()
    assert "\x00" not in content.insurant


def test_the_hash_is_of_the_content_and_keyed(settings):
    first = content_hash(b"{}")
    assert first != content_hash(b"{ }")
    settings.CONTENT_HASH_SECRET = "another"
    assert content_hash(b"{}") != first
