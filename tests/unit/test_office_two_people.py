"""The office's pure rules: what takes two people (P20), and how old a task is in working days."""

from datetime import UTC, datetime

import pytest

from backoffice.ageing import working_days
from backoffice.approvals import needs_two
from backoffice.compare import _said
from backoffice.models import Action
from receipts.models import Receipt
from receipts.states import FOLLOWS, State
from sync.office import acts

LIMIT = 1_500_000  # kopecks
MOSCOW = "Europe/Moscow"


@pytest.mark.parametrize("action", [action for action in Action if action != Action.RELEASE])
def test_p20_everything_but_a_release_takes_two_people_whatever_its_sum(action: Action) -> None:
    assert needs_two(action, 0, alone_max=LIMIT, two_people=True)


@pytest.mark.parametrize(("amount", "two"), [(LIMIT - 1, False), (LIMIT, False), (LIMIT + 1, True)])
def test_p20_a_release_takes_two_people_above_the_limit(amount: int, two: bool) -> None:
    assert needs_two(Action.RELEASE, amount, alone_max=LIMIT, two_people=True) is two


@pytest.mark.parametrize("action", Action)
def test_p20_the_setting_lets_one_person_do_everything(action: Action) -> None:
    assert not needs_two(action, LIMIT + 1, alone_max=LIMIT, two_people=False)


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        ("2026-11-20T09:00", "2026-11-20T18:00", 0),
        ("2026-11-20T09:00", "2026-11-22T12:00", 0),  # a Friday's task on Sunday
        ("2026-11-20T09:00", "2026-11-23T08:59", 0),
        ("2026-11-20T09:00", "2026-11-23T09:00", 1),  # on Monday at the same hour
        ("2026-11-16T09:00", "2026-11-23T09:00", 5),
        ("2026-11-23T09:00", "2026-11-20T09:00", 0),  # from the future: a clock was wrong
    ],
)
def test_a_task_ages_by_working_days_only(since: str, now: str, days: int) -> None:
    begun, moment = (datetime.fromisoformat(f"{text}+03:00") for text in (since, now))
    assert working_days(begun, moment, MOSCOW) == days
    assert working_days(begun.astimezone(UTC), moment.astimezone(UTC), MOSCOW) == days


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_no_button_leads_where_the_table_of_states_does_not(state: State) -> None:
    possible = acts.may(Receipt(state=state, amount=100))
    assert ("annul" in possible) == (State.ANNULLED in FOLLOWS[state])
    assert "release" not in possible or State.ACCEPTED in FOLLOWS[state]
    assert "link" not in possible or state == State.ACCEPTED or State.ACCEPTED in FOLLOWS[state]
    assert possible or state in {State.FISCALISED, State.ANNULLED}


@pytest.mark.django_db
def test_what_kias_holds_is_never_offered_for_annulling() -> None:
    assert "annul" not in acts.may(Receipt(state=State.HELD, amount=100, kias_isn="1700001"))
    assert "annul" not in acts.may(Receipt(state=State.HELD, amount=100, reason="doubled_in_kias"))


@pytest.mark.django_db
def test_a_sum_that_no_check_carries_is_never_offered_for_release() -> None:
    assert acts.may(Receipt(state=State.HELD, amount=0)) == {"annul"}


@pytest.mark.parametrize("value", ["сто", None, [], {"a": 1}, 10**30, True])
def test_a_content_of_any_kind_can_be_put_beside_a_receipt(value: object) -> None:
    assert isinstance(_said(value, lambda kopecks: f"{kopecks:,}"), str)
