"""A chain of receipts as its page tells it: what each of them is, how far it is, what they come to (P08)."""

import uuid
from dataclasses import dataclass

from django.utils.safestring import SafeString

from backoffice import html, show
from receipts import chains
from receipts.models import Kind, PaidBy, Purpose, Receipt
from receipts.states import IN_KIAS, State


@dataclass(frozen=True)
class Link:
    """A line of it. `waits`: why it does not go to KIAS yet."""

    number: SafeString | str
    what: str
    state: SafeString
    amount: SafeString
    note: SafeString | str


@dataclass(frozen=True)
class Chain:
    links: list[Link]
    total: SafeString
    words: str


def chain_of(receipt_id: uuid.UUID) -> Chain | None:
    """The chain around a receipt; None where it stands alone."""
    found = chains.around(receipt_id)
    if len(found) < 2:
        return None
    dead = chains.not_counted(found)
    counted = [each for each in found if each.pk not in dead]
    return Chain(
        links=[_link(each, found, is_dead=each.pk in dead, is_here=each.pk == receipt_id) for each in found],
        total=html.amount(sum(each.amount for each in counted)),
        words=_words(found),
    )


def _link(receipt: Receipt, chain: list[Receipt], *, is_dead: bool, is_here: bool) -> Link:
    sign = -1 if receipt.kind == Kind.REFUND else 1
    return Link(
        number=html.number(receipt.number) if is_here else html.link(receipt),
        what=_what(receipt, chain) + (" (эта)" if is_here else ""),
        state=html.state_badge(receipt.state),
        amount=html.amount(sign * receipt.amount),
        note=html.text(_note(receipt, is_dead=is_dead)),
    )


def _what(receipt: Receipt, chain: list[Receipt]) -> str:
    numbers = {each.pk: each.number for each in chain}
    if receipt.kind == Kind.REFUND:
        return "Возврат денег" if receipt.office.purpose == Purpose.REFUND else "Возврат неверного чека"
    if receipt.replaces is None:
        return "Квитанция"
    return f"Взамен № {numbers[receipt.replaces]}" if receipt.replaces in numbers else "Взамен неизвестной"


def _note(receipt: Receipt, *, is_dead: bool) -> str:
    row = getattr(receipt, "office", None)
    told = []
    if receipt.kind == Kind.SALE and is_dead:
        told.append("не считается")
    if row and row.paid_by:
        told.append(f"{PaidBy(row.paid_by).label}: {row.paid_name}, {show.day(row.paid_on)}")
    if row and receipt.state == State.ACCEPTED and row.follows.state not in IN_KIAS:
        told.append(f"ждёт, пока в КИАС попадёт № {row.follows.number}")
    if receipt.accounting_date:
        told.append(f"дата проводки {show.day(receipt.accounting_date)}")
    return " · ".join(told)


def _words(chain: list[Receipt]) -> str:
    """What a person has to do about it, if anything."""
    stuck = [each for each in chain if each.state in {State.REJECTED, State.HELD} and hasattr(each, "office")]
    if not stuck:
        return ""
    if stuck[0].kind == Kind.REFUND:
        return "Возврат не прошёл, и всё, что за ним, ждёт. Откройте его: там сказано почему и что делать."
    return (
        "Возврат ушёл, а новая квитанция не прошла. Откройте её: передайте снова или исправьте чек ещё раз."
    )
