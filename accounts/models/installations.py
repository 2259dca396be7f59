"""The phones' app instances and what is told to them."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.people import User


class Installation(models.Model):
    """One agent on one browser storage: its own code, counter and signing key.

    `code` is the one in use; every code ever given is an `InstallationCode`. `contact_serial` counts the
    renewals of the contact token, `counter` is the highest counter seen in an envelope or a contact.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(
        User, verbose_name="агент", on_delete=models.PROTECT, related_name="installations"
    )
    code = models.CharField("код", max_length=5, unique=True)
    public_key = models.CharField("открытый ключ", max_length=88, unique=True)
    name = models.CharField("устройство", max_length=120, blank=True)
    registered_at = models.DateTimeField("зарегистрирована", default=timezone.now)
    revoked_at = models.DateTimeField("отозвана", null=True, blank=True)
    #: until then this installation issues and sends, but reads no personal data (P25)
    reads_from = models.DateTimeField("читает с", null=True, blank=True)
    counter = models.PositiveIntegerField("счётчик", default=0)
    contact_serial = models.PositiveIntegerField(default=0)
    contact_epoch = models.UUIDField(null=True, blank=True)
    last_contact_at = models.DateTimeField("последняя связь", null=True, blank=True)
    waiting_count = models.PositiveIntegerField("не отправлено, шт.", default=0)
    waiting_sum = models.PositiveBigIntegerField("не отправлено, коп.", default=0)
    app_version = models.CharField("версия", max_length=32, blank=True)
    clock_skew_s = models.IntegerField("часы спешат, с", null=True, blank=True)
    #: backward jumps of its clock that the phone itself has seen (P13)
    clock_jumps = models.PositiveIntegerField("часы переводили назад, раз", default=0)
    storage_persisted = models.BooleanField("хранилище закреплено", null=True, blank=True)
    #: bytes, as its browser estimates them; null where it does not tell (F24)
    storage_usage = models.PositiveBigIntegerField("занято, байт", null=True, blank=True)
    storage_quota = models.PositiveBigIntegerField("можно занять, байт", null=True, blank=True)
    #: when another installation of this agent was made in the same browser, without this one's data (F23)
    storage_lost_at = models.DateTimeField("память пропала", null=True, blank=True)

    class Meta:
        verbose_name = "установка приложения"
        verbose_name_plural = "установки приложения"

    def __str__(self) -> str:
        return f"{self.code} · {self.agent}"


class InstallationCode(models.Model):
    """A code once given stays its installation's for ever; a clone or rollback gets another (F20, F21)."""

    code = models.CharField("код", primary_key=True, max_length=5)
    installation = models.ForeignKey(Installation, on_delete=models.PROTECT, related_name="codes")
    given_at = models.DateTimeField("выдан", default=timezone.now)
    reason = models.CharField("почему", max_length=32)

    class Meta:
        verbose_name = "код установки"
        verbose_name_plural = "коды установок"

    def __str__(self) -> str:
        return self.code


class AgentNotice(models.Model):
    """What one installation of an agent is to be told once: a new login, a changed number, a revocation.

    Unread until its phone says so; `text` is the sentence the agent reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    installation = models.ForeignKey(Installation, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField("о чём", max_length=24)
    text = models.CharField("сообщение", max_length=500)
    at = models.DateTimeField("когда", default=timezone.now)
    read_at = models.DateTimeField("прочитано", null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = "сообщение агенту"
        verbose_name_plural = "сообщения агентам"

    def __str__(self) -> str:
        return self.text
