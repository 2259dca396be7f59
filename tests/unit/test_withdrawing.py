"""P01: what a withdrawal does to its receipt, as a table; every combination of facts has one answer."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from receipts.models import WithdrawalEffect as Effect
from receipts.states import FOLLOWS, State
from sync.intake.withdrawing import Facts, effect_of, is_timely

SAVED = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
WITHIN = timedelta(minutes=15)
BOTH = (False, True)


def facts(**given):
    usual = {"state": "accepted", "begun": False, "timely": True, "copy_shown": False, "trusted": True}
    return Facts(**usual | given)


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        ({}, Effect.ANNULLED),
        ({"timely": False}, Effect.HELD),
        ({"copy_shown": True}, Effect.HELD),
        ({"trusted": False}, Effect.HELD),
        ({"begun": True}, Effect.TASK),
        ({"begun": True, "timely": False}, Effect.TASK),
        ({"begun": True, "trusted": False}, Effect.TASK),
        ({"state": "registered", "begun": True}, Effect.TASK),
        ({"state": "fiscalised", "begun": True}, Effect.TASK),
        ({"state": "rejected", "begun": True}, Effect.ANNULLED),
        ({"state": "rejected", "begun": True, "copy_shown": True}, Effect.HELD),
        ({"state": "rejected", "begun": True, "timely": False}, Effect.HELD),
        ({"state": "held"}, Effect.ANNULLED),
        ({"state": "held", "timely": False}, Effect.HELD),
        ({"state": "held", "begun": True}, Effect.TASK),
        ({"state": "annulled"}, Effect.NOTHING),
        ({"state": "annulled", "begun": True, "timely": False}, Effect.NOTHING),
    ],
)
def test_p01_state_time_and_trust_decide_what_a_withdrawal_does(given, effect):
    assert effect_of(facts(**given)) == effect


def test_p01_nothing_is_annulled_that_is_late_shown_or_signed_by_a_revoked_phone():
    for state, begun, timely, shown, trusted in itertools.product(State, BOTH, BOTH, BOTH, BOTH):
        known = Facts(state=state, begun=begun, timely=timely, copy_shown=shown, trusted=trusted)
        if effect_of(known) == Effect.ANNULLED:
            assert timely
            assert trusted
            assert not shown
            assert state in {"accepted", "held", "rejected"}


def test_every_effect_is_a_move_that_the_table_of_states_knows():
    for state, begun, timely, shown, trusted in itertools.product(State, BOTH, BOTH, BOTH, BOTH):
        effect = effect_of(Facts(state=state, begun=begun, timely=timely, copy_shown=shown, trusted=trusted))
        if effect == Effect.ANNULLED:
            assert State.ANNULLED in FOLLOWS[state]
        if effect == Effect.HELD:
            assert state == State.HELD or State.HELD in FOLLOWS[state]


@pytest.mark.parametrize(
    ("after", "jumped", "timely"),
    [
        (timedelta(), False, True),
        (timedelta(minutes=15), False, True),
        (timedelta(minutes=15, milliseconds=1), False, False),
        (timedelta(seconds=-1), False, False),
        (timedelta(minutes=1), True, False),
    ],
)
def test_p13_a_clock_that_was_turned_back_proves_nothing(after, jumped, timely):
    assert is_timely(SAVED, SAVED + after, within=WITHIN, clock_jumped=jumped) is timely
