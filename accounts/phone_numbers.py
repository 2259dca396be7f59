"""Phone numbers as people type them → E.164. The same table runs on the phone: tests/cases/phones.json.

Rules (domain facts, 5): `8XXXXXXXXXX`, `7XXXXXXXXXX` and `9XXXXXXXXX` are +7; a number of another country
needs its plus. +76 and +77 are Kazakhstan's.
"""

import re

from accounts.refusals import RefusalError

#: What people put between digits: spaces (also the unbreakable and thin ones), brackets, dots, dashes.
_SEPARATORS = re.compile(r"[\s\u00a0\u2009\u202f().\-\u2010-\u2015\u2212]+")
_TYPED = re.compile(r"(\+?)([0-9]{8,15})", re.ASCII)
_PLUS_SEVEN = re.compile(r"\+7[3-9][0-9]{9}", re.ASCII)
_LONGEST = 40


class PhoneNumberError(RefusalError):
    code = "invalid"
    message = "Введите номер телефона целиком, например +7 912 345-67-89."


class ForeignPhoneNumberError(RefusalError):
    """SMS go to +7 only: other countries' numbers are what SMS pumping lives on (F36)."""

    code = "invalid"
    message = "Войти можно только с номером, который начинается с +7."


def normalise(typed: str) -> str | None:
    """The number as `+` and digits, or None where it cannot be one."""
    if len(typed) > _LONGEST:
        return None
    found = _TYPED.fullmatch(_SEPARATORS.sub("", typed))
    if not found:
        return None
    plus, digits = found.groups()
    # «+8 912 …» is a common slip; no country's code begins with 89.
    if len(digits) == 11 and (digits.startswith("89") or (not plus and digits[0] in "78")):
        digits = "7" + digits[1:]
    elif not plus and len(digits) == 10 and digits[0] == "9":
        digits = "7" + digits
    elif not plus:
        return None
    number = "+" + digits
    return None if digits.startswith(("0", "7")) and not _PLUS_SEVEN.fullmatch(number) else number


def for_login(typed: str) -> str:
    """The number to send a code to. Raises `PhoneNumberError`, `ForeignPhoneNumberError`."""
    number = normalise(typed)
    if number is None:
        raise PhoneNumberError(field="phone_number")
    if not number.startswith("+7"):
        raise ForeignPhoneNumberError(field="phone_number")
    return number
