"""One id that follows a tap on the phone through API, task and call to KIAS into every log line."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("correlation_id", default="")
_ALLOWED = re.compile(r"[A-Za-z0-9-]{8,64}")


def current() -> str:
    """The id of what is being done now, empty outside of any request or task."""
    return _current.get()


def accepted(given: str) -> str:
    """`given` where it may be logged as it is (8–64 of letters, digits, dash), else a new id."""
    return given if _ALLOWED.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def follow(correlation_id: str) -> Iterator[None]:
    """Everything inside carries this id."""
    token = _current.set(correlation_id)
    try:
        yield
    finally:
        _current.reset(token)
