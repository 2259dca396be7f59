"""Both SMS gateways, by real HTTP against stand-ins: what a gateway must do, whatever its provider says."""

import logging
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.sms.gateway import SmsGateway, SmsRefusedError, SmsUnavailableError
from accounts.sms.smsc import SmscGateway
from accounts.sms.twilio import TwilioGateway
from scripts.processes import free_port
from tests.support import smsc_stand_in as smsc
from tests.support import twilio_stand_in as twilio
from tests.support.sms_server import Answer, SmsServer

TEXT = "КИАС: код 123456. Никому его не сообщайте\n@kias.example.ru #123456"
NUMBER = "+79120001122"
PAGE = "<html>Войдите в сеть</html>"

pytestmark = pytest.mark.slow  # a server for each


@dataclass(frozen=True)
class Kind:
    """A provider: its stand-in and a gateway that speaks to an address."""

    name: str
    stand_in: Callable[..., AbstractContextManager[SmsServer]]
    gateway: Callable[[str, float], SmsGateway]


TWILIO = Kind(
    "twilio",
    twilio.twilio_stand_in,
    lambda url, timeout_s: TwilioGateway(
        account_sid="AC0", auth_token="secret", sender="KIAS", timeout_s=timeout_s, api_url=url
    ),
)
SMSC = Kind(
    "smsc",
    smsc.smsc_stand_in,
    lambda url, timeout_s: SmscGateway(
        login="office", password="secret", sender="KIAS", timeout_s=timeout_s, api_url=url
    ),
)


@pytest.fixture(params=[TWILIO, SMSC], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def send(kind: Kind, url: str, timeout_s: float = 5) -> None:
    kind.gateway(url, timeout_s).send(NUMBER, TEXT)


def is_silent_about_the_sms(raised: Any, caplog: pytest.LogCaptureFixture) -> bool:
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value.args) + caplog.text
    return not any(secret in told for secret in ("123456", NUMBER, NUMBER[1:], "secret"))


def test_an_sms_is_handed_over_whole(kind: Kind) -> None:
    with kind.stand_in() as server:
        send(kind, server.url)
    assert server.texts == [TEXT]
    assert server.requests[0][server.names[0]] == NUMBER


def test_twilio_is_spoken_to_as_its_api_wants() -> None:
    with twilio.twilio_stand_in() as server:
        send(TWILIO, server.url)
    assert server.requests == [{"To": NUMBER, "From": "KIAS", "Body": TEXT}]
    assert server.paths == ["/2010-04-01/Accounts/AC0/Messages.json"]
    assert server.headers[0]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ({"login": "office", "password": "secret"}, {"login": "office", "psw": "secret"}),
        ({"api_key": "key"}, {"apikey": "key"}),
        ({"api_key": "key", "sender": "KIAS"}, {"apikey": "key", "sender": "KIAS"}),
    ],
)
def test_smsc_is_spoken_to_as_its_api_wants(account: dict[str, str], shown: dict[str, str]) -> None:
    """Nothing of it stands in the address, which proxies log."""
    with smsc.smsc_stand_in() as server:
        SmscGateway(**account, timeout_s=5, api_url=server.url).send(NUMBER, TEXT)
    assert server.requests == [{"phones": NUMBER, "mes": TEXT, "fmt": "3", "charset": "utf-8"} | shown]
    assert server.paths == ["/sys/send.php"]


COMMON = [
    (Answer(500, PAGE), SmsUnavailableError),
    (Answer(502, PAGE), SmsUnavailableError),
    (Answer(503, "{}"), SmsUnavailableError),
    (Answer(429, "{}"), SmsUnavailableError),
    (Answer(302, ""), SmsRefusedError),
    (Answer(403, PAGE), SmsRefusedError),
    (Answer(200, "x" * 70_000), SmsUnavailableError),
]
SMSC_ONLY = [
    (Answer(200, garbage), SmsUnavailableError)
    for garbage in (PAGE, "", "[]", "null", "7", "{}", '{"id": ', '{"error_code": []}', '{"error": "?"}')
]
SMSC_ONLY += [(smsc.error(code), SmsRefusedError) for code in (1, 2, 3, 5, 6, 7, 8)]
SMSC_ONLY += [(smsc.error(code), SmsUnavailableError) for code in (4, 9, 10, 99)]
TWILIO_ONLY = [
    (Answer(202, PAGE), SmsUnavailableError),
    (twilio.refusal(400), SmsRefusedError),
    (twilio.refusal(401, 20003), SmsRefusedError),
    (twilio.refusal(429, 20429), SmsUnavailableError),
    (twilio.refusal(500, 20500), SmsUnavailableError),
]


@pytest.mark.parametrize(
    ("kind", "answer", "error"),
    [(kind, *case) for kind in (TWILIO, SMSC) for case in COMMON]
    + [(SMSC, *case) for case in SMSC_ONLY]
    + [(TWILIO, *case) for case in TWILIO_ONLY],
    ids=lambda value: f"{value.status} {value.body[:40]}" if isinstance(value, Answer) else None,
)
def test_p10_an_error_says_what_to_do_next_and_repeats_nothing_of_the_sms(
    kind: Kind, answer: Answer, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with kind.stand_in(answer) as server, pytest.raises(error) as raised:
        send(kind, server.url)
    assert is_silent_about_the_sms(raised, caplog)


def test_nobody_there_is_unavailable(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SmsUnavailableError) as raised:
        send(kind, f"http://127.0.0.1:{free_port()}")
    assert is_silent_about_the_sms(raised, caplog)


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(slow=True)], ids=["silent", "sign by sign"])
def test_silence_and_an_endless_answer_are_unavailable_after_the_limit(kind: Kind, answer: Answer) -> None:
    with kind.stand_in(answer) as server:
        began = time.monotonic()
        with pytest.raises(SmsUnavailableError, match="Timeout"):
            send(kind, server.url, timeout_s=0.4)
        assert time.monotonic() - began < 5  # and not the stand-in's half minute


def test_p10_the_gateway_forgets_what_it_has_sent(kind: Kind) -> None:
    with kind.stand_in() as server:
        gateway = kind.gateway(server.url, 5)
        gateway.send(NUMBER, TEXT)
    client = getattr(gateway, "_client", None)
    kept = repr(vars(gateway)) + (repr(vars(client.http_client)) if client else "")
    assert "123456" not in kept
    assert NUMBER not in kept
