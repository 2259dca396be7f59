"""The life of a receipt as one table. `docs/states.md` is generated from it and checked for drift.

On the phone a receipt is first `draft`, then `waiting`; here it begins with `accepted` or `held`.
"""

from django.db import models


class State(models.TextChoices):
    ACCEPTED = "accepted", "принята, ждёт КИАС"
    HELD = "held", "проверяет офис"
    REGISTERED = "registered", "в КИАС"
    FISCALISED = "fiscalised", "чек готов"
    REJECTED = "rejected", "КИАС отказал"
    ANNULLED = "annulled", "аннулирована"


#: state → the states that may follow. Nothing leaves `annulled`; a check once formed is changed only by
#: new, linked receipts (refund, correction).
FOLLOWS: dict[State, frozenset[State]] = {
    State.ACCEPTED: frozenset(
        {State.REGISTERED, State.FISCALISED, State.HELD, State.REJECTED, State.ANNULLED}
    ),
    State.HELD: frozenset({State.ACCEPTED, State.ANNULLED}),
    State.REGISTERED: frozenset({State.FISCALISED, State.HELD}),
    State.FISCALISED: frozenset(),
    State.REJECTED: frozenset({State.ACCEPTED, State.HELD, State.ANNULLED}),
    State.ANNULLED: frozenset(),
}

#: where nothing may follow: a check once formed is changed by new receipts only
FINAL = frozenset(state for state, following in FOLLOWS.items() if not following)
#: what KIAS holds as a document
IN_KIAS = frozenset({State.REGISTERED, State.FISCALISED})


class WrongStateError(Exception):
    """A move that the table does not know."""

    def __init__(self, current: str, wanted: str) -> None:
        super().__init__(f"{current} → {wanted}")
        self.current, self.wanted = current, wanted


def check_move(current: str, wanted: str) -> None:
    """Raise `WrongStateError` unless `wanted` may follow `current`."""
    if State(wanted) not in FOLLOWS[State(current)]:
        raise WrongStateError(current, wanted)
