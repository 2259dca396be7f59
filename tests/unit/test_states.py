"""The life of a receipt is one table; its picture in the docs is drawn from it."""

from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from receipts.checks import FiscalCheck
from receipts.states import FOLLOWS, State, WrongStateError, check_move


def test_every_state_has_its_followers():
    assert set(FOLLOWS) == set(State)


@pytest.mark.parametrize("state", [State.ANNULLED, State.FISCALISED])
def test_nothing_follows_an_end(state):
    for wanted in State:
        with pytest.raises(WrongStateError):
            check_move(state, wanted)


def test_the_picture_has_not_drifted():
    call_command("state_diagram", "--check", stdout=StringIO())


def test_a_drifted_picture_is_noticed(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="state_diagram"):
        call_command("state_diagram", "--check")
    call_command("state_diagram")
    call_command("state_diagram", "--check")


def test_the_qr_of_a_check_is_what_the_tax_app_reads():
    check = FiscalCheck(
        fn="9251440300046840",
        fd="29414",
        fpd="1250830908",
        formed_at=datetime(2020, 1, 15, 21, 10, tzinfo=timezone(timedelta(hours=3))),
        amount=103005,
    )
    assert check.qr == "t=20200115T2110&s=1030.05&fn=9251440300046840&i=29414&fp=1250830908&n=1"


def test_a_check_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        FiscalCheck(fn="1", fd="2", fpd="3", formed_at=datetime(2020, 1, 15, 21, 10), amount=1)  # noqa: DTZ001
    assert FiscalCheck(fn="1", fd="2", fpd="3", formed_at=datetime(2020, 1, 1, tzinfo=UTC), amount=7).qr
