"""Sends the code of a login attempt: derives it, hands it over, forgets it (P10)."""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts import login_codes
from accounts.models import LoginAttempt, User
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.registry import Provider
from accounts.sms.text import login_code_text, number_changed_text

log = logging.getLogger(__name__)

_WORTH_TELLING = timedelta(days=1)


def send_code(attempt_id: uuid.UUID, providers: Sequence[Provider]) -> None:
    """Send the attempt's code, unless it is past its life or its number is nobody's.

    After a provider's refusal or failure the next one is tried at once. A code that was sent before goes
    through another provider than last time, where there is one (P16).

    Raises `SmsUnavailableError` where sending again may help, else `SmsRefusedError`: all have refused.
    """
    attempt = LoginAttempt.objects.filter(attempt=attempt_id).exclude(user=None).first()
    if attempt is None or not attempt.is_open:
        log.info("login code not sent: nobody waits for it", extra={"attempt": str(attempt_id)})
        return
    text = login_code_text(login_codes.derive(attempt.attempt), settings.PUBLIC_HOST)
    others_first = sorted(providers, key=lambda each: each.name == attempt.provider)
    provider = _hand_over(attempt.phone_number, text, others_first)
    LoginAttempt.objects.filter(pk=attempt.pk).update(sent_count=F("sent_count") + 1, provider=provider)
    log.info("login code sent", extra={"attempt": str(attempt_id), "provider": provider})


def tell_former_number(agent_id: uuid.UUID, providers: Sequence[Provider]) -> None:
    """Tell the number that the agent had before that it is his way in no longer (P25); not a day later.

    Raises like `send_code`.
    """
    agent = User.objects.filter(pk=agent_id, number_changed_at__gt=timezone.now() - _WORTH_TELLING).first()
    if agent is None or not agent.former_number:
        return
    provider = _hand_over(agent.former_number, number_changed_text(settings.OFFICE_PHONE), providers)
    log.info("former number told", extra={"agent": str(agent_id), "provider": provider})


def _hand_over(to: str, text: str, providers: Sequence[Provider]) -> str:
    """The name of the first provider that takes it."""
    failures: list[SmsUnavailableError | SmsRefusedError] = []
    for provider in providers:
        try:
            provider.gateway.send(to, text)
        except (SmsUnavailableError, SmsRefusedError) as error:
            log.warning("SMS not taken by %s: %s", provider.name, error)
            failures.append(error)
        else:
            return provider.name
    passing = [error for error in failures if isinstance(error, SmsUnavailableError)]
    raise (passing or failures)[0]
