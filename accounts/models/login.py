"""Login attempts, office codes, sessions, and how often things were tried."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_otp.models import CooldownMixin, SideChannelDevice, ThrottlingMixin, TimestampMixin

from accounts import login_codes
from accounts.models.installations import Installation
from accounts.models.people import User


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
    #: what the code is for: `login`, or `new_number` for «Сменить номер» (P25)
    purpose = models.CharField(max_length=12, default="login")
    #: four signs that the agent reads out to the office (P16)
    sign = models.CharField(max_length=4, blank=True, db_index=True)
    #: the SMS provider that took it last; «Отправить ещё раз» goes through the other one (P16)
    provider = models.CharField(max_length=12, blank=True)
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
        return self.is_open_at(timezone.now())

    def is_open_at(self, now: datetime) -> bool:
        return self.used_at is None and self.tries_left > 0 and now < self.valid_until

    @classmethod
    def open_at(cls, now: datetime) -> models.QuerySet["LoginAttempt"]:
        """All attempts of which `is_open_at(now)` is true."""
        return cls.objects.filter(
            used_at=None, valid_until__gt=now, throttling_failure_count__lt=settings.LOGIN_CODE_TRIES
        )

    @property
    def is_his(self) -> bool:
        """Whether its person may still use it: log in with this number, or change to it while working."""
        if self.user is None:
            return False
        return self.user.may_log_in(self.phone_number) if self.purpose == "login" else self.user.may_read

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
        """Whether this is the SMS's code, or the one the office has shown; true once only.

        To be called with the row locked. A number that nobody has is compared like any other, always wrong.
        """
        allowed, _ = self.verify_is_allowed()
        now = timezone.now()
        shown = OfficeCode.objects.filter(attempt=self, shown_at__isnull=False, valid_until__gt=now).first()
        by_office = (
            login_codes.are_equal(token, login_codes.derive_office(self.attempt)) and shown is not None
        )
        right = login_codes.are_equal(token, login_codes.derive(self.attempt)) or by_office
        if not allowed:
            return False
        if not right or not self.is_his:
            self.throttle_increment()
            return False
        if by_office and shown is not None:
            shown.used_at = now
            shown.save(update_fields=["used_at"])
        self.used_at = now
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


class OfficeCode(models.Model):
    """A login code that the office reads out instead of an SMS: for one attempt, shown once (P16, P20).

    Given by two different people, or by one where `TWO_PEOPLE` is off: then `confirmed_by` is empty. The code
    itself is derived, never stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    attempt = models.OneToOneField(LoginAttempt, on_delete=models.PROTECT, related_name="office_code")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="запросил")
    confirmed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="подтвердил"
    )
    reason = models.CharField("причина", max_length=300)
    given_at = models.DateTimeField("выдан", default=timezone.now)
    valid_until = models.DateTimeField("действует до")
    shown_at = models.DateTimeField("показан", null=True, blank=True)
    used_at = models.DateTimeField("использован", null=True, blank=True)

    class Meta:
        verbose_name = "код из офиса"
        verbose_name_plural = "коды из офиса"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="office_code_takes_two_people",
            )
        ]

    def __str__(self) -> str:
        return f"{self.given_at:%d.%m.%Y %H:%M}"
