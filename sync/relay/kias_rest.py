"""One question for everybody who calls KIAS: may anything be sent now, and if not, until when?

The relay does not ask it: the same conditions stand in its own statements (`deliveries.due`, `slots`), where
they are decided in the moment of the claim.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sync.clock import Clock, database_clock
from sync.models import KiasCircuit
from sync.relay import pauses

Why = Literal["pause", "maintenance", "circuit"]


@dataclass(frozen=True)
class Rest:
    """Nothing is sent to KIAS now. `until` None: as long as a person's pause lasts.

    `circuit`: KIAS does not answer, or asked us to wait; at `until` one call may try.
    """

    why: Why
    until: datetime | None


def rest(clock: Clock = database_clock) -> Rest | None:
    """Why nothing may be sent to KIAS now, and until when; None: it may, holding a slot (`slots`)."""
    now = clock()
    running = list(pauses.running(now))
    if running:
        ends = [pause.ended_at for pause in running if pause.ended_at]
        until = max(ends) if len(ends) == len(running) else None
        planned = any(pause.calendar for pause in running)
        return Rest("maintenance" if planned else "pause", until)
    held_back = KiasCircuit.objects.filter(pk=1, not_before__gt=now).first()
    return Rest("circuit", held_back.not_before) if held_back else None
