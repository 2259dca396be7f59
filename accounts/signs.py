"""The four signs of a login attempt: the agent reads them out, the office finds his attempt by them (P16).

They are no secret: who holds them has still to be recognised by the operator.
"""

import re
import secrets
from datetime import datetime

from django.db.models import QuerySet

from accounts import codes
from accounts.models import LoginAttempt

LENGTH = 4
_LOOKALIKES = str.maketrans("ABEKMHPCTYXOО", "АВЕКМНРСТУХ00")
_TRIES = 50  # of 160,000: only a flood takes so many in a row, and then a double is what it costs


def free(*, now: datetime) -> str:
    """Signs that no open attempt has. Two requests at the same moment may draw the same: `find` sees both."""
    for _ in range(_TRIES):
        sign = _drawn()
        if not having(sign, now=now).exists():
            break
    return sign


def folded(typed: str) -> str:
    """As they are stored, however they were heard and typed: «k7m-3» and «К7М3» are the same."""
    return re.sub(r"[\s\-–—]", "", typed).upper().translate(_LOOKALIKES)


def having(sign: str, *, now: datetime) -> QuerySet[LoginAttempt]:
    """The open logins with these signs."""
    return LoginAttempt.open_at(now).filter(sign=sign, purpose="login")


def _drawn() -> str:
    while True:
        sign = "".join(secrets.choice(codes.ALPHABET) for _ in range(LENGTH))
        if not codes.is_offensive(sign):
            return sign
