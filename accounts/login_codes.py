"""The six digits of an SMS: derived from a secret and the login attempt, so nobody has to keep them (P10)."""

import hmac
import uuid
from hashlib import sha256

from django.conf import settings

DIGITS = 6


def derive(attempt: uuid.UUID) -> str:
    """The code of this attempt: the same at every call, so a resend repeats it."""
    return _digits(b"kias-offline/login-code/1|", attempt)


def derive_office(attempt: uuid.UUID) -> str:
    """The office's code for this attempt: nothing of the SMS's code follows from it (P16)."""
    return _digits(b"kias-offline/office-code/1|", attempt)


def _digits(prefix: bytes, attempt: uuid.UUID) -> str:
    digest = hmac.digest(settings.LOGIN_CODE_SECRET.encode(), prefix + attempt.bytes, sha256)
    # 64 bits over a million codes: the bias is below 10⁻¹².
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def are_equal(typed: str, login_code: str) -> bool:
    """Compare without telling by the time taken how much of it was right."""
    return hmac.compare_digest(typed.encode(), login_code.encode())
