"""SMSC.ru's address for tests, as their description of `sys/send.php` has it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.sms_server import Answer, SmsServer, sms_server

TAKEN = Answer(200, '{"id": 4711, "cnt": 1}')
_WITH_ID = {3, 6, 7, 8}


def error(code: int) -> Answer:
    """Their refusals are HTTP 200."""
    its_id = ', "id": 4711' if code in _WITH_ID else ""
    return Answer(200, f'{{"error": "«{{text}}» to {{to}}", "error_code": {code}{its_id}}}')


@contextmanager
def smsc_stand_in(*answers: Answer) -> Iterator[SmsServer]:
    """After `answers`, once each, it takes everything."""
    with sms_server(("phones", "mes"), TAKEN, *answers) as server:
        yield server
