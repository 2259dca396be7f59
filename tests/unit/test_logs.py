"""Logs are JSON lines with the correlation id, and hold nobody's name, document, phone number or code."""

import json
import logging
from typing import Any

import pytest
from django.test import RequestFactory

from accounts import correlation
from kias_offline.logs import CorrelationFilter, JsonFormatter


def line(record: logging.LogRecord) -> dict[str, Any]:
    assert CorrelationFilter().filter(record)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    read: dict[str, Any] = json.loads(written)
    return read


def record(message: str = "accepted", **extra: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "sync", "levelno": 20, "levelname": "INFO", "msg": message})
    vars(made).update(extra)
    return made


def test_a_line_carries_the_id_of_the_tap_that_caused_it() -> None:
    with correlation.follow("tap-0123456789"):
        written = line(record(count=3))
    assert written["correlation_id"] == "tap-0123456789"
    assert written["message"] == "accepted"
    assert written["count"] == 3
    assert written["level"] == "info"
    assert written["time"].endswith("+00:00")


def test_outside_of_any_request_the_id_is_empty() -> None:
    assert line(record())["correlation_id"] == ""


def test_an_error_says_where_it_happened_and_not_whose_receipt_it_was() -> None:
    content = 'bad content: "Сидорова Аглая" 0411 123456 a.sidorova@mail.example, code 483120'
    row = "duplicate key\nDETAIL:  Key (phone_number)=(+79123456789) already exists."
    try:
        try:
            raise ValueError(content)
        except ValueError as error:
            raise RuntimeError(row) from error
    except RuntimeError as error:
        failed = record("failed", exc_info=(type(error), error, error.__traceback__))
    traceback = line(failed)["traceback"]
    for secret in ("Сидорова", "Аглая", "123456", "sidorova", "79123456789", "483120", "DETAIL"):
        assert secret not in traceback
    assert "ValueError: bad content" in traceback
    assert "RuntimeError: duplicate key" in traceback
    assert "test_logs.py" in traceback


def test_a_failed_task_does_not_tell_the_row_in_its_message_either() -> None:
    """Celery logs «Task … raised unexpected: repr(error)»."""
    error = RuntimeError("null value\nDETAIL:  Failing row contains (7, Сидорова, IVANOV PETR).")
    failed = record(f"Task relay raised: {error!r}", exc_info=(type(error), error, None))
    written = line(failed)
    for secret in ("Сидорова", "IVANOV"):
        assert secret not in json.dumps(written, ensure_ascii=False)
    assert written["message"].startswith("Task relay raised: RuntimeError('null value")


def test_what_the_office_searched_for_is_not_logged() -> None:
    request = RequestFactory().get("/admin/receipts/receipt/?q=Сидорова")
    written = line(
        record("Internal Server Error: /admin/receipts/receipt/", request=request, status_code=500)
    )
    assert "request" not in written
    assert written["status_code"] == 500


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("sms to +79123456789 failed", "9123456789"),
        ("sms to 8 912 345-67-89 failed", "345-67-89"),
        ("passport 0411123456", "0411123456"),
        ("mail to a.sidorova@mail.example", "sidorova"),
    ],
)
def test_numbers_and_addresses_of_people_are_cleared_from_any_message(said: str, secret: str) -> None:
    assert secret not in line(record(said))["message"]


def test_ids_stay_readable_so_that_a_line_can_be_followed() -> None:
    receipt_id = "01935f2e-7b1c-7c3a-9f00-123456789012"
    written = line(record(f"task {receipt_id} done in 1234 ms", receipt=receipt_id))
    assert receipt_id in written["message"]
    assert written["receipt"] == receipt_id
