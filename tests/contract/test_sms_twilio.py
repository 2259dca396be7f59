"""The Twilio gateway, by its real SDK, against a stand-in over real HTTP."""

import logging
import traceback

import pytest

from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.twilio import TwilioGateway
from tests.support.twilio_stand_in import TwilioStandIn, twilio_stand_in

TEXT = "КИАС: код 123456. Никому его не сообщайте\n@kias.example.ru #123456"
NUMBER = "+79120001122"


pytestmark = pytest.mark.slow  # a server for each


def gateway_to(twilio: TwilioStandIn, timeout_s: float = 5) -> TwilioGateway:
    return TwilioGateway(
        account_sid="AC0", auth_token="secret", sender="KIAS", timeout_s=timeout_s, api_url=twilio.url
    )


def test_an_sms_is_handed_over_whole() -> None:
    with twilio_stand_in() as twilio:
        gateway_to(twilio).send(NUMBER, TEXT)
    assert twilio.requests == [{"To": NUMBER, "From": "KIAS", "Body": TEXT}]
    assert twilio.paths == ["/2010-04-01/Accounts/AC0/Messages.json"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, SmsRefusedError),
        (401, SmsRefusedError),
        (403, SmsRefusedError),
        (429, SmsUnavailableError),
        (500, SmsUnavailableError),
        (503, SmsUnavailableError),
        (202, SmsUnavailableError),  # a proxy's page instead of an answer
        (302, SmsRefusedError),
    ],
)
def test_p10_an_error_says_what_to_do_next_and_repeats_nothing_of_the_sms(
    status: int, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with twilio_stand_in(status) as twilio, pytest.raises(error) as raised:
        gateway_to(twilio).send(NUMBER, TEXT)
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value.args) + caplog.text
    assert "123456" not in told
    assert NUMBER not in told


def test_nobody_there_is_unavailable() -> None:
    with twilio_stand_in() as twilio:
        gateway = gateway_to(twilio)
    with pytest.raises(SmsUnavailableError):
        gateway.send(NUMBER, TEXT)


def test_silence_is_unavailable_after_the_limit() -> None:
    with twilio_stand_in() as twilio:
        twilio.silent.set()
        with pytest.raises(SmsUnavailableError, match="Timeout"):
            gateway_to(twilio, timeout_s=0.4).send(NUMBER, TEXT)


def test_p10_the_gateway_forgets_what_it_has_sent() -> None:
    with twilio_stand_in() as twilio:
        gateway = gateway_to(twilio)
        gateway.send(NUMBER, TEXT)
    client = gateway._client.http_client
    assert "123456" not in repr(vars(client))
    assert "123456" not in repr(vars(gateway))
