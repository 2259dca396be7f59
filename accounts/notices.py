"""What an agent's phones are told: new logins, a changed number, revocations (P11, P16, P25)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import AgentNotice, Installation, User

AT_ONCE = 20


def tell(agent: User, *, kind: str, text: str, now: datetime, but: Installation | None = None) -> None:
    """Tell every living installation of this agent, except the one that acts."""
    living = Installation.objects.filter(agent=agent, revoked_at=None)
    if but is not None:
        living = living.exclude(pk=but.pk)
    AgentNotice.objects.bulk_create(
        AgentNotice(installation=installation, kind=kind, text=text, at=now) for installation in living
    )


def unread(installation: Installation) -> list[AgentNotice]:
    """The newest ones that its phone has not shown yet, at most 20."""
    return list(AgentNotice.objects.filter(installation=installation, read_at=None)[:AT_ONCE])


def mark_read(installation: Installation, ids: Sequence[UUID], *, now: datetime) -> None:
    """These were read; what is another's or unknown is no error."""
    AgentNotice.objects.filter(installation=installation, pk__in=ids, read_at=None).update(read_at=now)
