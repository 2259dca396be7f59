"""Logs as one JSON object per line, each with the correlation id. Never a name, document, phone or code.

Our own messages are constant words, their data stands in `extra=`. What other people's code says may quote
a row or a request, so its texts are cleared: see `cleared` and `_traceback`.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

from accounts import correlation

#: `request` and its like would print an address with its query: what somebody searched for.
_LEFT_OUT = {"message", "asctime", "correlation_id", "taskName", "request", "data", "args"}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | _LEFT_OUT
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # an e-mail address
    r"|(?<![\w-])\+?\d[\d \u00a0()-]{8,}\d(?![\w-])"  # a phone, document, ИНН or card number
)
#: In an exception's text also words in Cyrillic, which are names as often as not, and six digits: a code.
_PERSONAL_IN_ERROR = re.compile(_PERSONAL.pattern + r"|[А-Яа-яЁё][А-Яа-яЁё-]*|(?<![\w-])\d{6,}(?![\w-])")
#: The row that a database likes to quote; «\n» is two signs where somebody logs `repr(error)`.
_ROW = re.compile(r"(?:\n|\\n)DETAIL:.*", re.DOTALL)
_MASK = "•••"
_DEEPEST = 5


class CorrelationFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.correlation_id = correlation.current()
        return True


class JsonFormatter(logging.Formatter):
    """`time level logger message correlation_id` and whatever stood in `extra=`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Celery puts the exception into the message of its failed task.
            "message": (_said if record.exc_info else cleared)(record.getMessage()),
            "correlation_id": getattr(record, "correlation_id", ""),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = _traceback(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=_described)


def cleared(text: str) -> str:
    """The text without what looks like an address or a number of a person."""
    return _PERSONAL.sub(_MASK, text)


def _said(text: str) -> str:
    """What may be kept of an exception's own words."""
    return _PERSONAL_IN_ERROR.sub(_MASK, _ROW.sub("", text))


def _described(value: object) -> str:
    return cleared(str(value))


def _traceback(error: BaseException, depth: int = 0) -> str:
    """Where it happened, in full, and what was said, without the row that a database likes to quote."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    own = f"{frames}{type(error).__qualname__}: {_said(str(error))}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return own if cause is None or depth >= _DEEPEST else f"{_traceback(cause, depth + 1)}\n\n{own}"
