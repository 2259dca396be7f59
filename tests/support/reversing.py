"""«Вернуть деньги» and «Исправить чек» in tests: a receipt in KIAS, and what the office makes of it."""

from dataclasses import replace
from datetime import date

from accounts.models import User
from receipts import chains
from receipts.models import PaidBy, Receipt
from receipts.states import State
from sync.office import correcting, refunding
from sync.office.correcting import Right
from sync.office.refunding import Payout
from tests.support.relaying import Desk, state

TODAY = date(2026, 11, 23)
PAYOUT = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=TODAY)


def in_kias(desk: Desk, **given: object) -> Receipt:
    receipt = desk.accept(**given)
    desk.run()
    assert state(receipt) == State.REGISTERED
    return receipt


def give_back(receipt: Receipt, person: User, desk: Desk, **given: object) -> Receipt:
    fields = {"payout": PAYOUT, "text": "клиент передумал", "today": TODAY} | given
    return refunding.refund(receipt.pk, staff=person, clock=desk.clock, **fields)  # type: ignore[arg-type]


def put_right(receipt: Receipt, person: User, desk: Desk, **changed: object) -> Receipt:
    receipt.refresh_from_db()
    right = replace(Right.of(receipt), **changed)  # type: ignore[arg-type]
    return correcting.correct(
        receipt.pk, right=right, staff=person, text="лишний ноль", today=TODAY, clock=desk.clock
    )


def money(receipt: Receipt) -> int:
    chain = chains.around(receipt.pk)
    dead = chains.not_counted(chain)
    return sum(each.amount for each in chain if each.pk not in dead)
