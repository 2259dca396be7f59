"""What has arrived waits on its phone no longer: the installation's last report is lowered at once.

Its next contact says it anew; but a phone that another agent now carries, or whose owner was dismissed, may
have none for long, and the office decides by the report (P17, P35).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import Installation
from sync.intake.answers import Answer
from sync.intake.opening import Opened, Postponed, Problem, Withdrawn


def note(
    outcomes: Iterable[tuple[Opened | Withdrawn | Problem | Postponed, Answer]],
    *,
    before: Mapping[UUID, datetime],
    by_file: bool,
) -> None:
    """Lower the reports of those that signed what was answered for good; never below nothing.

    `before`: when receipts that are offered again were accepted first. A phone has counted those if it has
    told a report since; else they have lowered it already. A file does not tell what its phone still holds.
    """
    left: dict[UUID, dict[UUID | None, int]] = defaultdict(dict)
    for item, answer in outcomes:
        if answer.result == "later" or isinstance(item, Postponed) or item.signer is None:
            continue
        if answer.id in before and by_file:
            continue
        left[item.signer.id][answer.id] = item.content.amount if isinstance(item, Opened) else 0
    for installation_id, amounts in left.items():
        for since, counted in _by_moment(amounts, before).items():
            reported = Installation.objects.filter(pk=installation_id, waiting_count__gt=0)
            if since is not None:
                reported = reported.filter(last_contact_at__gt=since)
            reported.update(
                waiting_count=Greatest(F("waiting_count") - Value(len(counted)), Value(0)),
                waiting_sum=Greatest(F("waiting_sum") - Value(sum(counted)), Value(0)),
            )


def _by_moment(
    amounts: Mapping[UUID | None, int], before: Mapping[UUID, datetime]
) -> dict[datetime | None, list[int]]:
    """The sums of what is new under None, of the others under the moment of their first acceptance."""
    found: dict[datetime | None, list[int]] = defaultdict(list)
    for answer_id, amount in amounts.items():
        found[before.get(answer_id) if answer_id else None].append(amount)
    return found
