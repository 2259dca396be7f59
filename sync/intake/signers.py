"""Whoever may have signed a batch: installations with all their codes, in one query."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.models import AgentStatus, InstallationCode


@dataclass(slots=True)
class Signer:
    """An installation as the intake needs it. `codes`: every code it was ever given → why."""

    id: UUID
    public_key: str
    revoked: bool
    code: str
    counter: int
    agent_id: UUID
    agent_status: str
    agent_status_since: datetime | None
    codes: dict[str, str] = field(default_factory=dict)

    def is_closed_for(self, issued_at: datetime) -> bool:
        """Whether what he issued then is held: all of it, or what is later than his dismissal (P17)."""
        match self.agent_status:
            case AgentStatus.WORKING:
                return False
            case AgentStatus.HANDOVER_ONLY:
                return self.agent_status_since is None or issued_at > self.agent_status_since
            case _:
                return True


def load(installation_ids: Collection[UUID]) -> dict[UUID, Signer]:
    """The known ones among these installations."""
    signers: dict[UUID, Signer] = {}
    rows = InstallationCode.objects.filter(installation_id__in=installation_ids).values_list(
        "code",
        "reason",
        "installation_id",
        "installation__public_key",
        "installation__revoked_at",
        "installation__code",
        "installation__counter",
        "installation__agent_id",
        "installation__agent__agent_status",
        "installation__agent__status_since",
    )
    for code, reason, installation_id, key, revoked_at, newest_code, counter, agent_id, status, since in rows:
        signer = signers.setdefault(
            installation_id,
            Signer(
                installation_id, key, revoked_at is not None, newest_code, counter, agent_id, status, since
            ),
        )
        signer.codes[code] = reason
    return signers
