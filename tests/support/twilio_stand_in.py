"""Twilio's address for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.sms_server import Answer, SmsServer, sms_server

TAKEN = Answer(201, '{"sid": "SM0", "status": "queued"}')


def refusal(status: int, code: int = 21211) -> Answer:
    return Answer(status, f'{{"code": {code}, "message": "cannot send «{{text}}» to {{to}}"}}')


@contextmanager
def twilio_stand_in(*answers: Answer) -> Iterator[SmsServer]:
    """After `answers`, once each, it takes everything."""
    with sms_server(("To", "Body"), TAKEN, *answers) as server:
        yield server
