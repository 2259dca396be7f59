"""Offline receipt numbers `БС-К7М3Т-00042-X`: installation code, counter, check symbol (ADR 0002).

The check symbol makes the weighted sum of all eleven symbols 0 modulo 21, the weights being 1, 2, 1, 2, …
from the left. 1, 2 and their difference are units modulo 21, so every single wrong symbol and every swap of
neighbours is caught; `tests/unit/test_numbers.py` walks through all of them.
"""

from dataclasses import dataclass

from accounts.codes import ALPHABET
from receipts.text import storable

PREFIX = "БС"
#: fiscal tag 1192 holds no more
MAX_LENGTH = 16
CODE_LENGTH = 5
COUNTER_DIGITS = 5
MAX_COUNTER = 10**COUNTER_DIGITS - 1

_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_CORE_LENGTH = CODE_LENGTH + COUNTER_DIGITS + 1
_LOOKALIKES = str.maketrans("ABEKMHPCTYXOО", "АВЕКМНРСТУХ00")
_SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u2212_./\u00a0\u202f\u2009№#")
_FOLDED_PREFIXES = ("БС", "ВС")  # Б is no symbol of the alphabet; typed in Latin it comes as B
_TRAINING = "УЧ"  # P40


class NumberError(ValueError):
    """A text that is no offline number. `wrong_check` tells a well-shaped one whose check symbol fails."""

    def __init__(self, text: str, *, wrong_check: bool = False) -> None:
        super().__init__(f"not a receipt number: {text!r}")
        self.wrong_check = wrong_check


@dataclass(frozen=True, slots=True)
class Number:
    """An offline number taken apart. `counter` counts from 1 within its installation code."""

    installation_code: str
    counter: int
    check: str

    @property
    def text(self) -> str:
        """As it is printed and stored: 16 characters, the most that fiscal tag 1192 holds."""
        return f"{PREFIX}-{self.installation_code}-{self.counter:0{COUNTER_DIGITS}}-{self.check}"

    @property
    def is_sound(self) -> bool:
        """Whether the check symbol fits."""
        return self.check == check_symbol(self.installation_code, self.counter)


def check_symbol(installation_code: str, counter: int) -> str:
    """The symbol that brings the weighted sum of code, counter and itself to 0 modulo 21."""
    body = f"{installation_code}{counter:0{COUNTER_DIGITS}}"
    return ALPHABET[-_weighted_sum(body) % len(ALPHABET)]


def format_number(installation_code: str, counter: int) -> str:
    """The number that the installation gives as its `counter`-th. Raises `NumberError` outside of 1–99999."""
    if not 1 <= counter <= MAX_COUNTER or len(installation_code) != CODE_LENGTH:
        raise NumberError(f"{installation_code} {counter}")
    if any(symbol not in _VALUE for symbol in installation_code):
        raise NumberError(installation_code)
    return Number(installation_code, counter, check_symbol(installation_code, counter)).text


def fold(text: str) -> str:
    """One spelling for all: upper case, Cyrillic for Latin look-alikes, 0 for О, no dashes and no prefix.

    Folds anything, also beginnings of numbers and numbers of other series; two spellings of one number fold
    alike. Stored beside the number and searched by.
    """
    folded = text.upper().translate(_SEPARATORS).translate(_LOOKALIKES)
    if len(folded) == _CORE_LENGTH + len(PREFIX) and folded.startswith(_FOLDED_PREFIXES):
        return folded[len(PREFIX) :]
    return folded


def take_apart(text: str) -> Number:
    """The number in `text`, exactly as printed; the check symbol may be wrong. Raises `NumberError`."""
    parts = text.split("-")
    if len(parts) != 4 or parts[0] != PREFIX or [len(part) for part in parts] != [2, 5, 5, 1]:
        raise NumberError(text)
    _, code, digits, check = parts
    if not (digits.isascii() and digits.isdigit()) or any(s not in _VALUE for s in code + check):
        raise NumberError(text)
    if int(digits) == 0:
        raise NumberError(text)
    return Number(code, int(digits), check)


def is_kept_for_phones(prefix: str) -> bool:
    """Whether numbers that begin so, in any spelling, are made by phones alone: offline or for training."""
    return fold(prefix).startswith((*_FOLDED_PREFIXES, _TRAINING))


def may_be_online(text: str) -> bool:
    """Whether this could be a number of a series; which of them are given only reservations say."""
    return 0 < len(text) <= MAX_LENGTH and not text.startswith((PREFIX, _TRAINING)) and text == storable(text)


def parse(text: str) -> Number:
    """The number that a person typed in any spelling. Raises `NumberError` (a slip: `wrong_check`)."""
    folded = fold(text)
    if len(folded) != _CORE_LENGTH:
        raise NumberError(text)
    number = take_apart(f"{PREFIX}-{folded[:5]}-{folded[5:10]}-{folded[10]}")
    if not number.is_sound:
        raise NumberError(text, wrong_check=True)
    return number


def _weighted_sum(symbols: str) -> int:
    return sum(_VALUE[symbol] * (1 + place % 2) for place, symbol in enumerate(symbols))
