"""The text of an SMS and the gateways that need no network."""

import json
import re
import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts import login_codes
from accounts.checks import sms_fits_one_segment
from accounts.sms import registry
from accounts.sms.console import ConsoleGateway
from accounts.sms.demo import DemoGateway
from accounts.sms.smsc import SmscGateway
from accounts.sms.text import login_code_text
from accounts.sms.twilio import TwilioGateway


def test_the_last_line_is_the_one_browsers_read() -> None:
    text = login_code_text("123456", "kias.example.ru")
    assert text == "КИАС: код 123456. Никому его не сообщайте\n@kias.example.ru #123456"
    assert len(text) == 66


@pytest.mark.parametrize(("host", "is_fine"), [("a" * 19, True), ("a" * 20, False), ("127.0.0.1", True)])
def test_p19_a_host_that_costs_a_second_segment_stops_the_start(
    settings: Settings, host: str, is_fine: bool
) -> None:
    settings.PUBLIC_HOST = host
    found = sms_fits_one_segment(None)
    assert [error.id for error in found] == ([] if is_fine else ["accounts.E001"])


def test_a_code_is_six_digits_the_same_for_its_attempt_and_another_for_the_next(
    settings: Settings,
) -> None:
    attempt = uuid.UUID("018f0000-0000-7000-8000-000000000001")
    first = login_codes.derive(attempt)
    assert first == login_codes.derive(attempt)
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in _many())
    assert len(set(_many())) > 150
    settings.LOGIN_CODE_SECRET = "another"
    assert login_codes.derive(attempt) != first


def _many() -> list[str]:
    return [login_codes.derive(uuid.UUID(int=n)) for n in range(200)]


def test_the_demo_inbox_holds_one_json_line_per_sms(tmp_path: Path) -> None:
    inbox = tmp_path / "var" / "sms.jsonl"
    gateway = DemoGateway(inbox)
    gateway.send("+79120000001", "первая\nстрока")
    gateway.send("+79120000002", "вторая")
    lines = [json.loads(line) for line in inbox.read_text().splitlines()]
    assert [(line["to"], line["text"]) for line in lines] == [
        ("+79120000001", "первая\nстрока"),
        ("+79120000002", "вторая"),
    ]
    assert all(line["at"].endswith("+00:00") for line in lines)
    assert inbox.stat().st_mode & 0o077 == 0


def test_the_console_shows_the_sms(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleGateway().send("+79120000001", "код 123456")
    assert capsys.readouterr().out == "SMS +79120000001: код 123456\n"


@pytest.mark.parametrize(
    ("named", "kinds"),
    [
        (["demo"], [DemoGateway]),
        (["console"], [ConsoleGateway]),
        (["smsc", "twilio"], [SmscGateway, TwilioGateway]),
        (["twilio", "smsc"], [TwilioGateway, SmscGateway]),
    ],
)
def test_the_settings_name_the_providers_in_their_order(
    settings: Settings, named: list[str], kinds: list[type]
) -> None:
    settings.SMS_NAMED = named
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC0", "secret"
    settings.SMSC_API_KEY = "key"
    found = registry.providers(timeout_s=5)
    assert [provider.name for provider in found] == named
    assert [type(provider.gateway) for provider in found] == kinds


def test_p16_the_offices_code_is_another_than_that_of_the_sms() -> None:
    attempts = [uuid.UUID(int=n) for n in range(200)]
    assert all(re.fullmatch(r"[0-9]{6}", login_codes.derive_office(attempt)) for attempt in attempts)
    assert sum(login_codes.derive(each) == login_codes.derive_office(each) for each in attempts) == 0
