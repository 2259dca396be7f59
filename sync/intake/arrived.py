"""What has arrived waits on its phone no longer: the installation's last report is lowered at once.

Its next contact says it anew; but a phone that another agent now carries, or whose owner was dismissed, may
have none for long, and the office decides by the report (P17, P35).
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import Installation
from sync.intake.answers import Answer
from sync.intake.opening import Opened, Postponed, Problem, Withdrawn


def note(outcomes: Iterable[tuple[Opened | Withdrawn | Problem | Postponed, Answer]]) -> None:
    """Lower the reports of those that signed what was answered for good; never below nothing."""
    left: dict[UUID, dict[str, int]] = defaultdict(dict)
    for item, answer in outcomes:
        if answer.result == "later" or isinstance(item, Postponed) or item.signer is None:
            continue
        amount = item.content.amount if isinstance(item, Opened) else 0
        left[item.signer.id][str(answer.id)] = amount
    for installation_id, amounts in left.items():
        Installation.objects.filter(pk=installation_id, waiting_count__gt=0).update(
            waiting_count=Greatest(F("waiting_count") - Value(len(amounts)), Value(0)),
            waiting_sum=Greatest(F("waiting_sum") - Value(sum(amounts.values())), Value(0)),
        )
