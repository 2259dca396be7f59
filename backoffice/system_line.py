"""A line of «Состояние системы»: what it is, how it stands, what to do."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from backoffice import html
from sync.figures import Figures

FINE, LOOK, ALARM, FACT = "done", "held", "rejected", "registered"
WORDS = {FINE: "в порядке", LOOK: "посмотрите", ALARM: "тревога", FACT: "для сведения"}
#: after so long without a sign from beat something stands; the alarm's own term
BEAT_LATE_S = 180


@dataclass(frozen=True)
class Line:
    """One line of the page; `level` gives the badge, `note` says what to do."""

    name: str
    value: str
    level: str = FINE
    note: str = ""

    @property
    def badge(self) -> SafeString:
        return html.badge(self.level, WORDS[self.level])


def whole(found: Figures, name: str, **labels: str) -> int:
    return int(found.one(name, **labels) or 0)
