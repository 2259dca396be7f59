"""Wakes the worker for a login code, or sends it from here when the broker cannot take the task (P10).

This happens beside the request, in a few threads of the web process: the answer never waits for the broker
or the gateway, so an agent's number takes no longer than a stranger's, and a broker that is away keeps no
web thread busy. A code lost with the process is asked for again after 60 seconds.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connections
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts import correlation, lost_nudges, sending, tasks
from accounts.sms import registry
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.registry import Provider

log = logging.getLogger(__name__)

SEND_HERE_TIMEOUT_S = 5.0
Send = Callable[[uuid.UUID, Sequence[Provider]], None]
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="login-code")


def send_soon(attempt_id: uuid.UUID) -> "Future[None]":
    """See to it that the attempt's code is sent. To be called after the commit."""
    return _threads.submit(_send, tasks.send_login_code, sending.send_code, attempt_id, correlation.current())


def tell_former_number_soon(agent_id: uuid.UUID) -> "Future[None]":
    """See to it that an agent's former number hears of the new one. To be called after the commit."""
    told = (tasks.tell_former_number, sending.tell_former_number, agent_id, correlation.current())
    return _threads.submit(_send, *told)


def _send(task: Any, here: Send, subject: uuid.UUID, correlation_id: str) -> None:
    with correlation.follow(correlation_id):
        try:
            task.delay(str(subject), correlation_id)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("broker away (%s), sending the SMS from here", type(error).__name__)
            lost_nudges.add(lost_nudges.SMS)
            _send_here(here, subject)


def _send_here(here: Send, subject: uuid.UUID) -> None:
    try:
        here(subject, registry.providers(timeout_s=SEND_HERE_TIMEOUT_S))
    except (SmsUnavailableError, SmsRefusedError) as error:
        log.error("SMS not sent: %s", error, extra={"subject": str(subject)})
    finally:
        connections.close_all()  # this thread's own: no request's end will do it
