"""People: agents, staff, or both."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class AgentStatus(models.TextChoices):
    """What an agent may do (P17); empty for a person who is staff only."""

    WORKING = "working", "работает"
    HANDOVER_ONLY = "handover_only", "только передача"
    CLOSED = "closed", "закрыт"


class User(AbstractUser):
    """A person: agent, staff, or both. The phone number is an attribute, never the identity (P25)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone_number = models.CharField("телефон", max_length=16, null=True, blank=True, unique=True)
    middle_name = models.CharField("отчество", max_length=150, blank=True)
    agent_status = models.CharField("работа агентом", max_length=16, choices=AgentStatus, blank=True)
    status_since = models.DateTimeField("с какого времени", null=True, blank=True)
    #: since when the present number is his: for 24 h new installations read no personal data (P25)
    number_changed_at = models.DateTimeField("номер изменён", null=True, blank=True)
    #: the number he had before, to be told of the change; no longer his way in
    former_number = models.CharField("прежний номер", max_length=16, blank=True)
    #: an agent silent for 90 days is locked until the office has opened him again (P25)
    opened_at = models.DateTimeField("открыт офисом", null=True, blank=True)
    agent_contract = models.CharField("договор агента", max_length=64, blank=True)

    class Meta:
        verbose_name = "человек"
        verbose_name_plural = "люди"
        permissions = [
            ("close_with_unsent", "Закрывать агента, на телефонах которого есть неотправленные квитанции"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def full_name(self) -> str:
        """Фамилия, имя, отчество, as far as they are known."""
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def is_agent(self) -> bool:
        return bool(self.agent_status)

    @property
    def may_hand_over(self) -> bool:
        """An agent who may log in and send: working, or dismissed and handing over the rest (P17)."""
        return self.is_active and self.agent_status in {AgentStatus.WORKING, AgentStatus.HANDOVER_ONLY}

    @property
    def may_read(self) -> bool:
        """An agent who may issue and see receipts; one who only hands over reads nothing (P17)."""
        return self.is_active and self.agent_status == AgentStatus.WORKING

    def may_log_in(self, phone_number: str) -> bool:
        """Whether this person logs in with this number now; it may have changed since he asked for a code."""
        return self.may_hand_over and self.phone_number == phone_number
