"""The office's audit: who did or saw what, and when. Rows are only ever added (P26).

Its one home is Django's log of the admin, whose rows every page of ours writes already; a row says which
fields were shown or changed, never their values.
"""

from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model

from accounts.models import User

#: beside Django's own 1 (added), 2 (changed), 3 (deleted)
SEEN, ENTERED = 4, 5


def note(person: User, subject: Model, text: str, *, flag: int = CHANGE) -> None:
    """«text» was done to `subject` by this person."""
    LogEntry.objects.log_actions(person.pk, [subject], flag, change_message=text, single_object=True)


def seen(person: User, subject: Model, fields: Iterable[str]) -> None:
    """This person opened a page with these personal fields."""
    note(person, subject, f"Показаны: {', '.join(fields)}", flag=SEEN)
