"""Ask before save: the one rule that keeps a receipt from becoming two documents in KIAS (ADR 0003).

KIAS has no idempotency of its own, so a save whose predecessor may have been taken must be preceded by a
question. Pure: facts in, decision out. Source: spec «KIAS», «Ask before save».
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.kias.gateway import FoundDocument, KiasDocument


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a delivery just before its next call; moments are of the database's clock.

    `marked` is a reason fixed in the row for ever (from a file or paper, released by a person …). `trouble`:
    since `fresh_for` before its acceptance some call to KIAS, of whatever delivery, ended *unavailable* or
    *unknown*, or a worker died in it. `paused`: a pause was on in that time.
    """

    now: datetime
    accepted_at: datetime
    attempted: bool
    first_acceptance: bool
    marked: str
    trouble: bool
    paused: bool
    fresh_for: timedelta


def must_ask(facts: Facts) -> str | None:
    """Why KIAS must be asked before the save, or None: then nothing can have happened."""
    if facts.attempted:
        return "attempted"
    if facts.marked:
        return facts.marked
    if not facts.first_acceptance:
        return "epoch"
    if facts.now - facts.accepted_at >= facts.fresh_for:
        return "old"
    if facts.trouble:
        return "trouble"
    if facts.paused:
        return "pause"
    return None


@dataclass(frozen=True, kw_only=True)
class Ours:
    """KIAS holds this receipt. `by_hand`: the office typed it in (F39)."""

    isn: str
    by_hand: bool


@dataclass(frozen=True, kw_only=True)
class NumberTaken:
    """Another document stands in KIAS under our number."""

    isn: str


@dataclass(frozen=True, kw_only=True)
class Doubled:
    """More than one document in KIAS carries our id: a person must take one out."""

    isns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Differs:
    """A document carries our id and says something else than our receipt: a person compares the two."""

    isn: str
    reason: str
    text: str


Finding = Ours | NumberTaken | Doubled | Differs | None

ANNULLED = "annulled"
LINKED = "linked"  # `Delivery.ask_first` of what a person linked to a document that he had compared


def judge(found: Iterable[FoundDocument], document: KiasDocument) -> Finding:
    """What KIAS's answer to our question says about `document`; None: KIAS does not have it.

    Ours is what carries our id or, carrying no id at all, agrees in sum, policy, instalment and date.
    """
    found = tuple(found)
    ours = tuple(each for each in found if each.external_id == document.external_id)
    if len(ours) > 1:
        return Doubled(isns=tuple(each.isn for each in ours))
    if ours:
        wrong = differs(
            ours[0],
            external_id=document.external_id,
            number=document.number,
            amount=document.amount,
            kind=document.kind,
        )
        return wrong or Ours(isn=ours[0].isn, by_hand=False)
    by_number = [each for each in found if each.number == document.number]
    by_hand = [each for each in by_number if not each.external_id and agrees(each, document)]
    if len(by_hand) == 1 == len(by_number):
        return Ours(isn=by_hand[0].isn, by_hand=True)
    return NumberTaken(isn=by_number[0].isn) if by_number else None


def differs(found: FoundDocument, *, external_id: str, number: str, amount: int, kind: str) -> Differs | None:
    """What our own document in KIAS says otherwise than our receipt: another's id, taken back there, another
    number, sum or kind. What is in `text` is no personal data."""

    def told(reason: str, text: str) -> Differs:
        return Differs(isn=found.isn, reason=reason, text=text)

    if found.external_id not in {"", external_id}:
        return told("isn_of_another", f"В КИАС под ISN {found.isn} документ другой квитанции.")
    if found.state == ANNULLED:
        return told("annulled_in_kias", f"В КИАС документ ISN {found.isn} сторнирован.")
    if found.kind != kind:
        return told("differs_in_kias", f"В КИАС документ ISN {found.isn} другого вида: {_KINDS[found.kind]}.")
    if (found.number, found.amount) != (number, amount):
        there = f"№ {found.number}, {_roubles(found.amount)}"
        here = f"№ {number}, {_roubles(amount)}"
        return told("differs_in_kias", f"В КИАС документ ISN {found.isn}: {there}. У нас: {here}.")
    return None


def moved(found: Iterable[FoundDocument], *, external_id: str, isn: str) -> Differs | None:
    """Our document, which KIAS once called `isn`, stands there under another ISN alone."""
    other = next((each for each in found if each.external_id == external_id), None)
    if other is None:
        return None
    text = f"В КИАС документ этой квитанции теперь ISN {other.isn}. Раньше КИАС назвал ISN {isn}."
    return Differs(isn=other.isn, reason="differs_in_kias", text=text)


_KINDS = {"sale": "приход", "refund": "возврат"}


def _roubles(kopecks: int) -> str:
    return f"{kopecks // 100},{kopecks % 100:02} ₽"


def agrees(found: FoundDocument, document: KiasDocument) -> bool:
    """Whether a document typed in by hand says what ours says: kind, sum, policy, instalment and date."""
    return (
        found.kind == document.kind
        and found.amount == document.amount
        and _folded(found.policy_series) == _folded(document.policy_series)
        and _folded(found.policy_number) == _folded(document.policy_number)
        and found.instalment == document.instalment
        and found.date == document.date
    )


def _folded(policy_part: str) -> str:
    """People type spaces, dashes and either case; nothing else may differ."""
    return "".join(policy_part.split()).replace("-", "").upper()
