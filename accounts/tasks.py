"""The worker's side of a login code. A task carries ids only."""

import logging
import uuid
from typing import Any

from celery import Task, shared_task

from accounts import correlation, sending
from accounts.sms import registry
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError

log = logging.getLogger(__name__)

TIMEOUT_S = 20.0  # of all providers together
#: Together well within the code's life of 10 minutes; a try past it sends nothing.
PAUSES_S = (5, 15, 45, 120)


@shared_task(bind=True, max_retries=len(PAUSES_S), ignore_result=True)
def send_login_code(self: "Task[Any, Any]", attempt_id: str, correlation_id: str = "") -> None:
    """Send the code of this attempt; again after a pause while providers are unavailable."""
    with correlation.follow(correlation.accepted(correlation_id)):
        try:
            sending.send_code(uuid.UUID(attempt_id), registry.providers(timeout_s=TIMEOUT_S))
        except SmsRefusedError as error:
            log.error("SMS refused: %s", error, extra={"attempt": attempt_id})
        except SmsUnavailableError as error:
            tries = self.request.retries
            log.warning("SMS unavailable: %s", error, extra={"attempt": attempt_id, "retries": tries})
            if tries < len(PAUSES_S):
                raise self.retry(countdown=PAUSES_S[tries]) from None
