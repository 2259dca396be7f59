"""Sends the code of a login attempt: derives it, hands it over, forgets it (P10)."""

import logging
import uuid

from django.conf import settings
from django.db.models import F

from accounts import login_codes
from accounts.models import LoginAttempt
from accounts.sms.gateway import SmsGateway
from accounts.sms.text import login_code_text

log = logging.getLogger(__name__)


def send_code(attempt_id: uuid.UUID, gateway: SmsGateway) -> None:
    """Send the attempt's code, unless it is past its life or its number is nobody's.

    Raises the gateway's `SmsUnavailableError` and `SmsRefusedError`.
    """
    attempt = LoginAttempt.objects.filter(attempt=attempt_id).exclude(user=None).first()
    if attempt is None or not attempt.is_open:
        log.info("login code not sent: nobody waits for it", extra={"attempt": str(attempt_id)})
        return
    gateway.send(
        attempt.phone_number, login_code_text(login_codes.derive(attempt.attempt), settings.PUBLIC_HOST)
    )
    LoginAttempt.objects.filter(pk=attempt.pk).update(sent_count=F("sent_count") + 1)
    log.info("login code sent", extra={"attempt": str(attempt_id)})
