"""Installation codes and signing keys."""

import base64
import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from accounts import codes, keys
from tests.support.envelopes import public_key_b64, raw_point, sign

KEY = ec.generate_private_key(ec.SECP256R1())
DATA = b"kias1.header.sealed"


def test_the_alphabet_has_21_signs_all_digits_or_cyrillic_and_no_letter_o() -> None:
    assert len(set(codes.ALPHABET)) == len(codes.ALPHABET) == 21
    assert all(sign.isdigit() or "А" <= sign <= "Я" for sign in codes.ALPHABET)
    assert "О" not in codes.ALPHABET


@pytest.mark.parametrize("code", ["СУКА1", "1СУ4К", "ЕХ666", "АХЕР1", "1МРА3", "8РУН1", "АНУС1", "УМЕР1"])
def test_an_offensive_code_is_never_given_even_when_digits_stand_for_letters(code: str) -> None:
    assert codes.is_shaped(code)
    assert not codes.is_fit(code)


@pytest.mark.parametrize("code", ["К7М3Т", "0А9УХ", "ЕКНРС", "00000"])
def test_an_ordinary_code_is_fit(code: str) -> None:
    assert codes.is_fit(code)


@pytest.mark.parametrize("code", ["", "К7М3", "К7М3ТТ", "К7М3O", "К7М3О", "к7м3т", "K7M3T"])
def test_what_has_not_the_shape_of_a_code_is_none(code: str) -> None:
    assert not codes.is_shaped(code)


def test_the_stop_list_leaves_nearly_all_codes() -> None:
    drawn = {codes.new() for _ in range(2_000)}
    assert all(codes.is_fit(code) for code in drawn)
    assert len(drawn) > 1_900


def test_a_signature_of_the_key_over_exactly_these_bytes_is_good() -> None:
    assert keys.verify(public_key_b64(KEY), sign(KEY, DATA), DATA)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key, signature, data: (key, signature, data + b"."),
        lambda key, signature, data: (key, signature[:-1], data),
        lambda key, signature, data: (key, signature + b"\0", data),
        lambda key, signature, data: (key, bytes(64), data),
        lambda key, signature, data: (key, b"\xff" * 64, data),
        lambda key, signature, data: (key, os.urandom(64), data),
        lambda key, signature, data: (key, b"", data),
        lambda key, signature, data: ("", signature, data),
        lambda key, signature, data: ("ключ", signature, data),
        lambda key, signature, data: (key + "\n", signature, data),
        lambda key, signature, data: (key[:-4], signature, data),
        lambda key, signature, data: (base64.b64encode(bytes(65)).decode(), signature, data),
        lambda key, signature, data: (base64.b64encode(b"\x04" + os.urandom(64)).decode(), signature, data),
        lambda key, signature, data: (
            public_key_b64(ec.generate_private_key(ec.SECP256R1())),
            signature,
            data,
        ),
    ],
)
def test_anything_else_is_a_bad_signature_and_never_an_error(
    spoil: Callable[[str, bytes, bytes], tuple[str, bytes, bytes]],
) -> None:
    assert keys.verify(*spoil(public_key_b64(KEY), sign(KEY, DATA), DATA)) is False


def test_a_key_has_one_spelling() -> None:
    spelled = public_key_b64(KEY)
    assert keys.canonical(spelled) == spelled
    assert len(spelled) == 88
    # The last sign of this base64 carries unused bits: many spellings decode to one key.
    other = spelled[:-2] + chr(ord(spelled[-2]) + 1) + "="
    if base64.b64decode(other) == raw_point(KEY):
        assert keys.canonical(other) == spelled
    assert keys.canonical("AAAA") is None
    assert keys.canonical("не ключ") is None
