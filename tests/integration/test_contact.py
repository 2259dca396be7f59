"""Ping, contact token, epoch (docs/protocol.md, «Ping»)."""

import base64
import io
import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Installation, InstallationCode
from sync import sealing_keys, server_time
from sync.models import Epoch, VerifiedBackup
from tests.support.factories import in_process, installation_id, make_phone, make_series
from tests.support.phone import Phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def installation_of(phone: Phone) -> Installation:
    return Installation.objects.get(pk=installation_id(phone))


def test_anybody_may_ask_whether_this_is_our_server():
    answer = Phone(in_process()).ping()
    assert (answer["agent"], answer["installation"]) == (None, None)
    assert answer["epoch"] == str(Epoch.objects.get().pk)
    assert answer["csrf"]


def test_a_ping_has_no_side_effects_but_the_csrf_cookie(phone):
    before = Installation.objects.values().get(pk=installation_id(phone))
    response = phone.get("ping")
    assert Installation.objects.values().get(pk=installation_id(phone)) == before
    assert response.headers.get("set-cookie") is None
    assert "kias_csrf" in Phone(in_process()).get("ping").headers["set-cookie"]


def test_a_ping_says_who_the_phone_is(phone):
    answer = phone.ping()
    installation = installation_of(phone)
    assert answer["agent"]["id"] == str(installation.agent_id)
    assert answer["installation"] == {"id": str(installation.pk), "code": installation.code, "counter": 0}


def test_the_server_time_is_signed_for_this_installation(phone):
    given = phone.ping()["server_time"]
    assert server_time.is_ours(given["time"], given["signature"], installation_id(phone))
    assert not server_time.is_ours(given["time"], given["signature"], make_phone_id())
    assert not server_time.is_ours("2026-11-22T07:05:11.123Z", given["signature"], installation_id(phone))
    assert len(base64.b64decode(given["signature"])) == 32


def make_phone_id():
    return installation_id(make_phone())


def test_a_drain_notes_what_the_phone_reports(phone):
    phone.counter = 17
    space = {"storage_persisted": False, "storage_usage": 3_000_000, "storage_quota": 40_000_000}
    answer = phone.contact(waiting={"count": 3, "sum": 1249000}, app_version="1.2.3", **space)
    installation = installation_of(phone)
    assert (installation.waiting_count, installation.waiting_sum) == (3, 1249000)
    assert (installation.app_version, installation.storage_persisted) == ("1.2.3", False)
    assert (installation.storage_usage, installation.storage_quota) == (3_000_000, 40_000_000)
    assert installation.counter == answer["installation"]["counter"] == 17
    assert abs(installation.clock_skew_s) <= 2
    assert installation.last_contact_at


def test_the_jumps_of_a_phones_clock_are_noted_and_never_forgotten(phone):
    """P13. A wiped storage begins to count anew; the office still sees what was."""
    phone.contact(backward_jumps=3)
    phone.contact()
    assert installation_of(phone).clock_jumps == 3


def test_a_phone_hears_up_to_when_everything_is_in_a_verified_backup(phone):
    assert phone.contact()["backed_up_until"] is None
    now = timezone.now()
    for hours in (30, 6, 54):
        call_command("note_backup", (now - timedelta(hours=hours)).isoformat(), stdout=io.StringIO())
    safely = now - timedelta(hours=6, minutes=1)  # what was under way when the snapshot began is not in it
    assert phone.contact()["backed_up_until"] == server_time.as_text(safely)


@pytest.mark.parametrize("moment", ["вчера", "2026-11-22T03:00:00", "2999-01-01T00:00:00Z"])
def test_a_backup_is_noted_with_a_moment_that_has_passed(moment):
    with pytest.raises(CommandError):
        call_command("note_backup", moment)
    assert not VerifiedBackup.objects.exists()


def test_the_counter_never_goes_back(phone):
    phone.counter = 17
    phone.contact()
    assert phone.contact(counter=3)["installation"]["counter"] == 17


def test_a_skewed_clock_is_stored_and_logged(phone, caplog):
    with caplog.at_level(logging.WARNING, "sync.contact"):
        phone.contact(device_time=(timezone.now() + timedelta(hours=2)).isoformat())
    assert 7190 < installation_of(phone).clock_skew_s < 7210
    assert "clock" in caplog.text


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_absurd_clock_is_a_report_like_any_other(phone, year):
    phone.contact(device_time=f"{year}-06-01T00:00:00Z")
    assert abs(installation_of(phone).clock_skew_s) > 10**9


def test_a_token_is_renewed_when_the_current_one_is_presented(phone):
    tokens = [phone.contact()["contact_token"] for _ in range(4)]
    assert len(set(tokens)) == 4
    assert InstallationCode.objects.filter(installation_id=installation_id(phone)).count() == 1


def test_a_lost_answer_is_no_clone(phone):
    """The phone kept the previous token: it gets the current one once more, and no code changes."""
    phone.contact()
    kept = phone.contact_token
    lost = phone.contact()["contact_token"]
    assert phone.contact(contact_token=kept)["contact_token"] == lost
    assert phone.contact(contact_token=kept)["contact_token"] == lost
    assert phone.contact(contact_token=lost)["contact_token"] != lost
    assert installation_of(phone).codes.count() == 1


def test_the_very_first_answer_may_be_lost_too(phone):
    first = phone.contact_token
    assert phone.contact(contact_token=None)["contact_token"] == first
    assert installation_of(phone).codes.count() == 1


def test_f21_a_clone_gets_a_new_code_at_once_and_the_office_is_told(phone, caplog):
    old = phone.contact_token
    former = phone.installation["code"]
    phone.contact()
    phone.contact()
    phone.counter = 9
    with caplog.at_level(logging.WARNING, "sync.contact"):
        answer = phone.contact(contact_token=old)
    assert answer["installation"]["code"] != former
    assert answer["installation"]["counter"] == 0
    assert "clone" in caplog.text
    assert {code.reason for code in installation_of(phone).codes.all()} == {"registered", "clone"}


def test_f21_both_clones_end_with_codes_of_their_own(phone):
    phone.contact()
    copy = Phone(phone.client, phone.signing_key, contact_token=phone.contact_token, csrf=phone.csrf)
    phone.contact()
    phone.contact()
    copy.contact()
    phone.contact()
    assert copy.installation["code"] != phone.installation["code"]
    assert installation_of(phone).code == phone.installation["code"]


def test_f21_clones_are_offered_different_online_numbers(phone):
    make_series()
    phone.contact()
    copy = Phone(phone.client, phone.signing_key, contact_token=phone.contact_token, csrf=phone.csrf)
    phone.contact()
    phone.contact()
    mine = phone.reserve()
    copy.contact()
    assert copy.reserve() != mine
    receipt = phone.issue(number=mine)
    assert (
        phone.send(receipt)[0]["result"] == "accepted"
    )  # what stood in its form already is its own all the same


def test_f21_a_storage_without_a_token_is_a_rollback(phone):
    phone.contact()
    former = phone.installation["code"]
    assert phone.contact(contact_token=None)["installation"]["code"] != former


def test_f15_a_new_epoch_takes_any_token_once(phone):
    phone.contact()
    phone.contact()
    former = phone.installation["code"]
    begun = Epoch.objects.create(started_at=timezone.now() + timedelta(seconds=1), reason="восстановление")
    answer = phone.contact(contact_token="a token of the forgotten future")
    assert answer["epoch"] == str(begun.pk)
    assert answer["installation"]["code"] == former
    phone.contact()
    assert phone.contact(contact_token="another")["installation"]["code"] != former


def test_a_token_of_another_installation_is_worth_nothing(phone):
    other = make_phone()
    phone.contact()
    former = phone.installation["code"]
    assert phone.contact(contact_token=other.contact_token)["installation"]["code"] != former


def test_the_highest_change_is_told(phone):
    assert phone.contact()["highest"] == 0
    phone.send(phone.issue(), phone.issue())
    assert phone.contact()["highest"] == 2


def test_f40_without_a_sealing_key_in_two_places_phones_get_none(phone, settings):
    for path in settings.SEALING_KEY_DIRS[1].iterdir():
        path.unlink()
    answer = phone.get("setup")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "try_later")


def test_setup_gives_what_issuing_needs(phone, settings):
    setup = phone.fetch_setup()
    assert setup["sealing_key"]["id"] == sealing_keys.key_id(phone.sealing_key)
    assert setup["backdate_days"] == settings.BACKDATE_DAYS
    assert isinstance(setup["products"], list)
    assert isinstance(setup["payment_forms"], list)
