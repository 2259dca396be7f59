"""One login to KIAS for all workers on all hosts (F10).

A new login may end the older session, so nobody logs in beside another: the row KiasSession holds the sid,
and whoever finds it gone claims the right to renew it.
"""

import time
from collections.abc import Callable
from typing import Protocol
from uuid import UUID, uuid4

from sync.clock import Clock, database_clock, later, nobody_holds
from sync.compiled import Rows, compiled
from sync.kias.gateway import KiasUnavailableError
from sync.models import KiasSession

LOOK_EVERY_S = 0.05
AFTER_REFUSAL_S = 60.0  # a wrong password tried again and again would lock the account


class LoginRefusedError(Exception):
    """KIAS does not accept our name or password."""


class Session(Protocol):
    """Where the sid is kept."""

    def sid(self) -> str:
        """The present sid, empty when nobody has logged in yet."""
        ...

    def renew(self, stale: str, login: Callable[[], str], within: float) -> str:
        """A sid other than `stale`: another's fresh one, or what `login` returns.

        Raises KiasUnavailableError when there is none after `within` seconds or KIAS refuses the login.
        """
        ...


@compiled
def _sid(_: Clock) -> Rows:
    return KiasSession.objects.filter(pk=1).values_list("sid")


class SharedSession:
    """The session in the database."""

    def __init__(self, clock: Clock = database_clock) -> None:
        self._clock = clock

    def sid(self) -> str:
        found = _sid().row()
        return found[0] if found else ""

    def renew(self, stale: str, login: Callable[[], str], within: float) -> str:
        give_up_at = time.monotonic() + within
        KiasSession.objects.get_or_create(pk=1)
        row = KiasSession.objects.filter(pk=1)
        free = nobody_holds(self._clock())
        while True:
            claim = uuid4()
            if row.filter(free, sid=stale).update(claim=claim, lease_until=later(self._clock, within)):
                sid = self._log_in(login, claim)
                if row.filter(claim=claim).update(
                    sid=sid, taken_at=self._clock(), claim=None, lease_until=None
                ):
                    return sid
            if (present := self.sid()) != stale:
                return present
            if row.filter(claim__isnull=True, lease_until__gt=self._clock()).exists():
                raise KiasUnavailableError("login refused a moment ago", retry_after=AFTER_REFUSAL_S)
            if time.monotonic() >= give_up_at:
                raise KiasUnavailableError("another worker's login has not ended")
            time.sleep(LOOK_EVERY_S)

    def _log_in(self, login: Callable[[], str], claim: UUID) -> str:
        try:
            return login()
        except LoginRefusedError as error:
            pause = later(self._clock, AFTER_REFUSAL_S)
            KiasSession.objects.filter(claim=claim).update(claim=None, lease_until=pause)
            raise KiasUnavailableError("login refused", retry_after=AFTER_REFUSAL_S) from error
        except Exception:
            KiasSession.objects.filter(claim=claim).update(claim=None, lease_until=None)
            raise
