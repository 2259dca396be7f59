"""How a login code reaches the gateway (P16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import login_codes, sending
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from tests.support.login import make_login_attempt
from tests.support.sms_providers import Inbox


@pytest.mark.django_db
def test_the_code_goes_to_the_number_it_was_asked_for_and_is_counted() -> None:
    attempt, inbox = make_login_attempt(), Inbox()
    sending.send_code(attempt.attempt, [inbox.named()])
    sending.send_code(attempt.attempt, [inbox.named()])
    code = login_codes.derive(attempt.attempt)
    text = f"КИАС: код {code}. Никому его не сообщайте\n@127.0.0.1 #{code}"
    assert inbox.sent == [(attempt.phone_number, text)] * 2
    attempt.refresh_from_db()
    assert attempt.sent_count == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"valid_until": timezone.now() - timedelta(seconds=1)},
        {"used_at": timezone.now()},
        {"throttling_failure_count": 5},
        {"user": None},
    ],
    ids=["past its life", "used", "no tries left", "nobody's number"],
)
def test_a_code_nobody_can_use_is_not_sent(changed: dict[str, object]) -> None:
    attempt, inbox = make_login_attempt(**changed), Inbox()
    sending.send_code(attempt.attempt, [inbox.named()])
    assert inbox.sent == []
    attempt.refresh_from_db()
    assert attempt.sent_count == 0


@pytest.mark.django_db
def test_what_the_gateway_did_not_take_is_not_counted() -> None:
    attempt = make_login_attempt()
    with pytest.raises(SmsUnavailableError):
        sending.send_code(attempt.attempt, [Inbox(SmsUnavailableError).named()])
    attempt.refresh_from_db()
    assert (attempt.sent_count, attempt.provider) == (0, "")


# --- two providers


@pytest.mark.django_db
@pytest.mark.parametrize("error", [SmsUnavailableError, SmsRefusedError])
def test_p16_where_the_first_provider_cannot_the_second_sends_at_once(
    error: type[SmsUnavailableError | SmsRefusedError],
) -> None:
    attempt, second = make_login_attempt(), Inbox()
    sending.send_code(attempt.attempt, [Inbox(error).named("first"), second.named("second")])
    assert len(second.sent) == 1
    attempt.refresh_from_db()
    assert (attempt.sent_count, attempt.provider) == (1, "second")


@pytest.mark.django_db
def test_p16_sending_again_goes_through_the_other_provider_than_last_time() -> None:
    attempt, first, second = make_login_attempt(), Inbox(), Inbox()
    for _ in range(3):
        sending.send_code(attempt.attempt, [first.named("first"), second.named("second")])
    assert (len(first.sent), len(second.sent)) == (2, 1)
    assert len({*first.sent, *second.sent}) == 1  # the same text: the code is repeated
    attempt.refresh_from_db()
    assert attempt.provider == "first"


@pytest.mark.django_db
def test_p16_sending_again_falls_back_to_the_provider_of_last_time() -> None:
    attempt, first = make_login_attempt(provider="first"), Inbox()
    sending.send_code(attempt.attempt, [first.named("first"), Inbox(SmsRefusedError).named("second")])
    assert len(first.sent) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (SmsUnavailableError, SmsRefusedError, SmsUnavailableError),
        (SmsRefusedError, SmsUnavailableError, SmsUnavailableError),
        (SmsRefusedError, SmsRefusedError, SmsRefusedError),
    ],
)
def test_where_both_fail_it_is_tried_again_unless_both_have_refused(
    first: type[SmsRefusedError], second: type[SmsRefusedError], error: type[Exception]
) -> None:
    attempt = make_login_attempt()
    with pytest.raises(error):
        sending.send_code(attempt.attempt, [Inbox(first).named("first"), Inbox(second).named("second")])
    attempt.refresh_from_db()
    assert (attempt.sent_count, attempt.provider) == (0, "")
