"""Who works here: people, their phones' app instances, their sessions and login attempts."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django_otp.models import CooldownMixin, SideChannelDevice, ThrottlingMixin, TimestampMixin

from accounts import login_codes


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
    agent_contract = models.CharField("договор агента", max_length=64, blank=True)

    class Meta:
        verbose_name = "человек"
        verbose_name_plural = "люди"

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
    counter = models.PositiveIntegerField("счётчик", default=0)
    contact_serial = models.PositiveIntegerField(default=0)
    contact_epoch = models.UUIDField(null=True, blank=True)
    last_contact_at = models.DateTimeField("последняя связь", null=True, blank=True)
    waiting_count = models.PositiveIntegerField("не отправлено, шт.", default=0)
    waiting_sum = models.PositiveBigIntegerField("не отправлено, коп.", default=0)
    app_version = models.CharField("версия", max_length=32, blank=True)
    clock_skew_s = models.IntegerField("часы спешат, с", null=True, blank=True)
    storage_persisted = models.BooleanField("хранилище закреплено", null=True, blank=True)

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


class AgentSession(models.Model):
    """An agent's confirmed login in one browser: 30 days from the last contact, at most 90 from the SMS.

    Only the SHA-256 of the cookie's token is kept. `installation` is bound right after login, for good.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    agent = models.ForeignKey(User, on_delete=models.CASCADE, related_name="agent_sessions")
    installation = models.ForeignKey(
        Installation, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions"
    )
    confirmed_at = models.DateTimeField("подтверждена кодом", default=timezone.now)
    last_contact_at = models.DateTimeField("последняя связь", default=timezone.now)
    ended_at = models.DateTimeField("завершена", null=True, blank=True)

    class Meta:
        verbose_name = "сеанс агента"
        verbose_name_plural = "сеансы агентов"

    def __str__(self) -> str:
        return f"{self.agent} · {self.confirmed_at:%d.%m.%Y %H:%M}"


class LoginAttempt(TimestampMixin, CooldownMixin, ThrottlingMixin, SideChannelDevice):
    """One browser asking for one phone number: an SMS device in django-otp's terms.

    The row belongs to the asking browser (its cookie's SHA-256), so a stranger's wrong codes count against
    the stranger alone (P19, F42). `user` is empty for a number that nobody has: the attempt then behaves
    exactly alike and no SMS is sent. The code is derived, never stored (P10): the inherited `token` stays
    out of the table.
    """

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)  # type: ignore[assignment]
    # Never a person's second factor in the admin: django-otp offers confirmed devices only.
    confirmed = models.BooleanField(default=False, editable=False)
    attempt = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    browser_hash = models.CharField(max_length=64, unique=True)
    phone_number = models.CharField(max_length=16)
    sent_count = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    token = None  # the code is derived from the attempt and stands in no column

    class Meta:
        verbose_name = "попытка входа"
        verbose_name_plural = "попытки входа"

    def __str__(self) -> str:
        return f"{self.attempt}"

    @property
    def tries_left(self) -> int:
        return max(0, int(settings.LOGIN_CODE_TRIES) - self.throttling_failure_count)

    @property
    def is_open(self) -> bool:
        """Whether its code may still be sent and entered: not used, not expired, not all tries spent."""
        return self.used_at is None and self.tries_left > 0 and timezone.now() < self.valid_until

    def get_cooldown_duration(self) -> float:
        return float(settings.LOGIN_CODE_RESEND_AFTER.total_seconds())

    def get_throttle_factor(self) -> float:
        # No growing delays between tries: a person who types the right code is never told that it is wrong.
        # The failures are counted all the same, and `verify_is_allowed` ends them after five.
        return 0

    @property
    def may_be_sent_again(self) -> bool:
        """Whether 60 s have passed since the code was last sent (`CooldownMixin`)."""
        allowed, _ = self.generate_is_allowed()
        return bool(allowed)

    def generate_challenge(self) -> None:
        """Note that the code is being sent now. Whoever sends it derives it from the attempt."""
        self.cooldown_set()

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        allowed, why_not = super().verify_is_allowed()
        return (True, None) if allowed and self.is_open else (False, why_not)

    def verify_token(self, token: str) -> bool:
        """Whether this is the code; true once only. To be called with the row locked.

        A number that nobody has is compared like any other and is always wrong.
        """
        allowed, _ = self.verify_is_allowed()
        right = login_codes.are_equal(token, login_codes.derive(self.attempt))
        if not allowed:
            return False
        if not right or self.user is None or not self.user.may_log_in(self.phone_number):
            self.throttle_increment()
            return False
        self.used_at = timezone.now()
        self.cooldown_reset(commit=False)
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True


class RateBucket(models.Model):
    """How often something was done within one window; the throttles' only memory (P28)."""

    key = models.CharField(max_length=120)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window_start"], name="one_bucket_per_window")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
