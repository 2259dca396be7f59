"""Wakes the worker for a login code, or sends it from here when the broker cannot take the task (P10).

This happens beside the request, in a few threads of the web process: the answer never waits for the broker
or the gateway, so an agent's number takes no longer than a stranger's, and a broker that is away keeps no
web thread busy. A code lost with the process is asked for again after 60 seconds.
"""

import logging
import uuid
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connections
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts import correlation, sending, tasks
from accounts.sms import registry
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError

log = logging.getLogger(__name__)

SEND_HERE_TIMEOUT_S = 5.0
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="login-code")


def send_soon(attempt_id: uuid.UUID) -> "Future[None]":
    """See to it that the attempt's code is sent. To be called after the commit."""
    return _threads.submit(_send, attempt_id, correlation.current())


def _send(attempt_id: uuid.UUID, correlation_id: str) -> None:
    with correlation.follow(correlation_id):
        try:
            tasks.send_login_code.delay(str(attempt_id), correlation_id)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("broker away (%s), sending the login code from here", type(error).__name__)
            _send_here(attempt_id)


def _send_here(attempt_id: uuid.UUID) -> None:
    try:
        sending.send_code(attempt_id, registry.providers(timeout_s=SEND_HERE_TIMEOUT_S))
    except (SmsUnavailableError, SmsRefusedError) as error:
        log.error("login code not sent: %s", error, extra={"attempt": str(attempt_id)})
    finally:
        connections.close_all()  # this thread's own: no request's end will do it
