"""Two contacts of one installation at once: the second waits for the first (F21)."""

from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Installation
from sync import contact, sealing_keys
from sync.restore import epoch
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id, make_phone
from tests.support.phone import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def report(token: str | None, counter: int) -> contact.Report:
    return contact.Report(
        contact_token=token,
        counter=counter,
        waiting_count=0,
        waiting_sum=0,
        app_version="1.0.0",
        device_time=timezone.now(),
        storage_persisted=True,
    )


@pytest.fixture
def open_drain(settings, tmp_path):
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()
    installation = installation_id(make_phone())
    epoch_id = epoch.current().pk

    def call(token: str | None, counter: int = 7) -> contact.Contact:
        return contact.open_drain(installation, report(token, counter), epoch_id=epoch_id, now=timezone.now())

    return call


def test_f21_two_contacts_with_one_token_are_told_apart(open_drain):
    """A clone's contact arrives while the original's is being written: it sees what that one has written."""
    token = open_drain(open_drain(None).token).token
    with transaction.atomic():
        first = open_drain(token, counter=50)
        second = Elsewhere(partial(open_drain, token)).begin()
        wait_until(second.waits_for_a_lock)
    # It is the previous token by then, whose answer may have been lost: the same new one again, not another.
    assert second.result().token == first.token
    assert Installation.objects.get().contact_serial == 3
    assert Installation.objects.get().counter == 50  # what it read before it waited would set it back to 7


def test_f21_a_counter_kept_under_the_former_code_is_not_taken_for_the_new_one(open_drain):
    """The answer with a new code was lost: the phone still counts under the former one."""
    token = open_drain(open_drain(None).token).token
    stranger = open_drain("of a rolled-back storage")  # gives a new code, counting from 0
    assert stranger.installation.counter == 0
    again = open_drain(token)
    assert again.installation.counter == 0
    assert again.installation.code != stranger.installation.code
