"""The worker's side of logins: sends SMS, forgets old rows. A task carries ids only."""

import logging
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from accounts import correlation, retention, sending
from accounts.sms import registry
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.registry import Provider

log = logging.getLogger(__name__)

TIMEOUT_S = 20.0  # of all providers together
#: Together well within the code's life of 10 minutes; a try past it sends nothing.
PAUSES_S = (5, 15, 45, 120)


@shared_task(bind=True, max_retries=len(PAUSES_S), ignore_result=True)
def send_login_code(self: "Task[Any, Any]", attempt_id: str, correlation_id: str = "") -> None:
    """Send the code of this attempt; again after a pause while providers are unavailable."""
    _send(self, sending.send_code, attempt_id, correlation_id)


@shared_task(bind=True, max_retries=len(PAUSES_S), ignore_result=True)
def tell_former_number(self: "Task[Any, Any]", agent_id: str, correlation_id: str = "") -> None:
    """Tell an agent's former number of the new one (P25); the number itself is in no message."""
    _send(self, sending.tell_former_number, agent_id, correlation_id)


def _send(
    task: "Task[Any, Any]",
    send: Callable[[uuid.UUID, Sequence[Provider]], None],
    subject: str,
    correlation_id: str,
) -> None:
    with correlation.follow(correlation.accepted(correlation_id)):
        try:
            send(uuid.UUID(subject), registry.providers(timeout_s=TIMEOUT_S))
        except SmsRefusedError as error:
            log.error("SMS refused: %s", error, extra={"subject": subject})
        except SmsUnavailableError as error:
            tries = task.request.retries
            log.warning("SMS unavailable: %s", error, extra={"subject": subject, "retries": tries})
            if tries < len(PAUSES_S):
                raise task.retry(countdown=PAUSES_S[tries]) from None


@shared_task(ignore_result=True)
def forget_old_logins() -> None:
    """What is over goes, a little every hour (P26)."""
    if deleted := retention.forget(now=timezone.now()):
        log.info("old login rows deleted", extra={"count": deleted})
