"""Whoever may have signed a batch: installations with their codes and the online numbers that are theirs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.models import AgentStatus, InstallationCode
from receipts import numbers, series


@dataclass(slots=True)
class Signer:
    """An installation as the intake needs it. `codes`: every code it was ever given → why.

    `reserved`: of the online numbers in the batch those that were reserved for it, voided or spent ones too.
    """

    id: UUID
    public_key: str
    revoked: bool
    code: str
    counter: int
    agent_id: UUID
    agent_status: str
    agent_status_since: datetime | None
    agent_contacts: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)

    def owns(self, text: str, number: numbers.Number | None) -> bool:
        """Whether this number was its to give; `number` is None for an online one."""
        return text in self.reserved if number is None else number.installation_code in self.codes

    def is_closed_for(self, issued_at: datetime) -> bool:
        """Whether what he issued then is held: all of it, or what is later than his dismissal (P17)."""
        match self.agent_status:
            case AgentStatus.WORKING:
                return False
            case AgentStatus.HANDOVER_ONLY:
                return self.agent_status_since is None or issued_at > self.agent_status_since
            case _:
                return True


def load(installation_ids: Collection[UUID], claimed_numbers: Iterable[str] = ()) -> dict[UUID, Signer]:
    """The known ones among these installations; a second query only where an online number is claimed."""
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
        "installation__agent__phone_number",
        "installation__agent__email",
    )
    for (
        code, reason, installation_id, key, revoked_at, newest_code, counter, agent_id, status, since,
        phone_number, email,
    ) in rows:  # fmt: skip
        if installation_id not in signers:
            contacts = tuple(contact for contact in (phone_number, email) if contact)
            signers[installation_id] = Signer(
                installation_id, key, revoked_at is not None, newest_code, counter, agent_id, status, since,
                contacts,
            )  # fmt: skip
        signers[installation_id].codes[code] = reason
    if online := {text for text in claimed_numbers if numbers.may_be_online(text)}:
        for text, installation_id in series.owners(online):
            if installation_id in signers:
                signers[installation_id].reserved.add(text)
    return signers
