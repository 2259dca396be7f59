"""What a call to KIAS costs in statements: it grows silently, and nothing else would notice.

A statement is a round trip, and Django's time to word it (ADR 0032; docs/benchmarks.md, «The relay»).
"""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sync.models import Delivery
from sync.relay.runner import _AT_ONCE
from tests.support.factories import make_agent, make_installation
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db

#: facts, the document kind's code, the attempt with the last look, the circuit; then the attempt's end,
#: the receipt locked and moved, its change number, its event, the delivery; two savepoints
CALL = 10 + 2 * 2
#: the slot, the circuit, what is due counted, agents in turn, theirs in order, rows locked, claimed, the turn
#: noted, rows read; a savepoint around it
CLAIM = 9 + 2


def statements_of_saving(desk: Desk, count: int) -> int:
    installation = make_installation(agent=make_agent())
    for _ in range(count):
        desk.accept(installation=installation)
    before = desk.kias.saves
    with CaptureQueriesContext(connection) as captured:
        desk.run()
    assert desk.kias.saves == before + count
    Delivery.objects.update(due_at=None)  # the checks are another story
    return len(captured)


def test_a_save_without_a_question_costs_no_more_statements_than_these() -> None:
    desk = Desk()
    desk.relay = replace(desk.relay, terms=replace(desk.terms, concurrency=1))
    statements_of_saving(desk, 1)  # rows that are made once
    once = statements_of_saving(desk, _AT_ONCE)
    twice = statements_of_saving(desk, 2 * _AT_ONCE)
    assert twice - once <= CLAIM + _AT_ONCE * CALL
