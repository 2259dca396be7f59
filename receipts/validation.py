"""What people type: documents, e-mail, card numbers, sums (domain facts, «Validation»).

The twin of frontend/src/domain; both run the tables in tests/cases. The server never refuses a receipt for
any of this: it is for warnings, search and the office.
"""

import re

#: Kopecks; the most that a check's field holds (42 949 672,95 ₽).
MAX_AMOUNT = 4_294_967_295

_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11TH = (7, *_INN_10)
_INN_12TH = (3, *_INN_11TH)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_LONG_DIGITS = re.compile(r"[0-9](?:[ \u00a0\u202f-]?[0-9]){12,18}")
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_ROUBLES = re.compile(r"(₽|руб(\.|лей|ля|ль)?|р\.?)$", re.IGNORECASE)
_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{0,2}))?")


def is_inn(digits: str) -> bool:
    """Whether these are an ИНН of 10 or 12 digits. All zeros pass the sum and are refused expressly."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", digits) or not digits.strip("0"):
        return False
    if len(digits) == 10:
        return _inn_sum(digits, _INN_10) == int(digits[9])
    return _inn_sum(digits, _INN_11TH) == int(digits[10]) and _inn_sum(digits, _INN_12TH) == int(digits[11])


def _inn_sum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11 % 10


def is_passport_rf(digits: str) -> bool:
    """Series (4) and number (6) of a Russian passport; there is no check sum, only number 000000 is none."""
    return re.fullmatch(r"[0-9]{10}", digits) is not None and not digits.endswith("000000")


def is_email(text: str) -> bool:
    """Whether a check can be sent there: `name@host`, at most 64 characters (tag 1008)."""
    return len(text) <= 64 and _EMAIL.fullmatch(text) is not None


def holds_card_number(text: str) -> bool:
    """Whether 13–19 digits in it pass the Luhn check (P33): a card number belongs into no field."""
    return any(_luhn(re.sub(r"[^0-9]", "", found)) for found in _LONG_DIGITS.findall(text))


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        weighed = int(digit) * (1 + place % 2)
        total += weighed - 9 if weighed > 9 else weighed
    return total % 10 == 0


def parse_amount(text: str) -> int | None:
    """Kopecks of «3245,50», «3245.50», «3 245,50 ₽»; None for what is no sum. Zero and too much are sums."""
    found = _AMOUNT.fullmatch(_ROUBLES.sub("", _SPACES.sub("", text)))
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def is_amount(kopecks: int) -> bool:
    """Whether a check can carry it: above 0, at most 42 949 672,95 ₽."""
    return 0 < kopecks <= MAX_AMOUNT
