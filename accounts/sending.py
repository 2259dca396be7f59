"""Sends the code of a login attempt: derives it, hands it over, forgets it (P10)."""

import logging
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db.models import F

from accounts import login_codes
from accounts.models import LoginAttempt
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.registry import Provider
from accounts.sms.text import login_code_text

log = logging.getLogger(__name__)


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
    failures: list[SmsUnavailableError | SmsRefusedError] = []
    for provider in sorted(providers, key=lambda each: each.name == attempt.provider):
        try:
            provider.gateway.send(attempt.phone_number, text)
        except (SmsUnavailableError, SmsRefusedError) as error:
            log.warning("login code not taken: %s", error, extra={"attempt": str(attempt_id)})
            failures.append(error)
            continue
        sent = LoginAttempt.objects.filter(pk=attempt.pk)
        sent.update(sent_count=F("sent_count") + 1, provider=provider.name)
        log.info("login code sent", extra={"attempt": str(attempt_id), "provider": provider.name})
        return
    passing = [error for error in failures if isinstance(error, SmsUnavailableError)]
    raise (passing or failures)[0]
