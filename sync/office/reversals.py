"""Giving a check back (P08): «Вернуть деньги» and «Исправить чек», receipts of the office's own (ADR 0029).

A refund gives a whole check back; a correction is such a refund and, behind it, a new receipt with what is
right. Both go the way of every receipt: a delivery, a question before the save, a document, a check.
`possible` decides by facts alone; the database holds that no receipt is given back twice.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from receipts import chains, ids, registry, series, withdrawals
from receipts.clock import database_now
from receipts.models import (
    Actor,
    Kind,
    OfficeReceipt,
    PaidBy,
    Purpose,
    Receipt,
    Source,
    Withdrawal,
    WithdrawalEffect,
)
from receipts.numbers import fold
from receipts.states import IN_KIAS, State
from receipts.text import fold_policy, is_hostile
from receipts.validation import is_amount
from receipts.words import amount_in_figures
from sync.clock import Clock, database_clock
from sync.office import annulling
from sync.office.refused import AlreadyRefundedError, NoNumbersError, NotPossibleError
from sync.relay import deliveries

#: the events on the original that tell its agent (docs/protocol.md, «States»)
REFUNDED, CORRECTED = "refunded", "corrected"
ASK_FIRST = "office"

#: copied as they are: whose money it was, for which policy, where the check goes
_SAME = (
    "agent_id", "installation_id", "product_code", "policy_series", "policy_number", "policy_folded",
    "policy_date", "instalment", "amount", "payment_form", "payment_reference", "no_reference_reason",
    "insurant", "insurant_folded", "insurant_kind", "payer", "check_to", "document_kind", "document_number",
    "contact_phone", "contact_email", "no_contact", "corrected_contact",
)  # fmt: skip


class BadAnswerError(NotPossibleError):
    code = "invalid"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides. `refunded`: why its check was given back, empty where it was not; `corrected`: there is a
    living new receipt for it.
    """

    kind: str
    source: str
    state: str
    refunded: str
    corrected: bool


def verbs(facts: Facts) -> frozenset[str]:
    """`refund` and `correct` as far as there is a check in KIAS to give back, and only once.

    A correction whose new receipt came to nothing can be finished, and one that KIAS or the office doubts can
    be put right, without a second refund.
    """
    if facts.kind == Kind.REFUND:
        return frozenset()
    if facts.state in IN_KIAS:
        if not facts.refunded:
            return frozenset({"refund", "correct"})
        unfinished = facts.refunded == Purpose.CORRECTION and not facts.corrected
        return frozenset({"correct"}) if unfinished else frozenset()
    wrong_again = facts.source == Source.OFFICE and facts.state in {State.REJECTED, State.HELD}
    return frozenset({"correct"}) if wrong_again else frozenset()


def possible(receipt: Receipt) -> frozenset[str]:
    """`verbs` of this receipt as it stands."""
    refund = _refund_of(receipt.pk)
    return verbs(
        Facts(
            kind=receipt.kind,
            source=receipt.source,
            state=receipt.state,
            refunded=refund.purpose if refund else "",
            corrected=_corrections(receipt.pk).exists(),
        )
    )


@dataclass(frozen=True, kw_only=True)
class Payout:
    """Who gave the money back to the client, out of whose cash, and when."""

    by: PaidBy
    name: str
    day: date

    @property
    def words(self) -> str:
        return f"{self.by.label}, {self.name}, {self.day:%d.%m.%Y}"


@dataclass(frozen=True, kw_only=True)
class Right:
    """What should have stood in the check. `amount` is in kopecks."""

    amount: int
    policy_series: str
    policy_number: str
    policy_date: date | None
    instalment: int

    @classmethod
    def of(cls, receipt: Receipt) -> "Right":
        return cls(**{name: getattr(receipt, name) for name in cls.__annotations__})

    def differences(self, other: "Right") -> list[str]:
        """What is said otherwise in `other`, «сумма 5 000 ₽ → 3 000 ₽», in the form's order."""
        told = [
            ("сумма", amount_in_figures(self.amount), amount_in_figures(other.amount)),
            ("полис", self._policy, other._policy),
            ("дата полиса", _day(self.policy_date), _day(other.policy_date)),
            ("взнос №", str(self.instalment), str(other.instalment)),
        ]
        return [f"{what} {was} → {becomes}" for what, was, becomes in told if was != becomes]

    @property
    def _policy(self) -> str:
        return f"{self.policy_series} {self.policy_number}".strip()


def payout_objection(day: date, *, receipt_date: date, today: date) -> str:
    """What speaks against money having been given back on this day; empty: nothing."""
    if day > today:
        return "Этот день ещё не наступил. Напишите, когда деньги выданы."
    return "Деньги не могли вернуть раньше, чем взяли." if day < receipt_date else ""


def refund(
    receipt_id: UUID,
    *,
    payout: Payout,
    staff: User,
    text: str,
    today: date | None = None,
    clock: Clock = database_clock,
) -> Receipt:
    """The client has his money back: a refund for the whole sum; the receipt counts for nothing any more.

    Answers the refund. Raises `Receipt.DoesNotExist`, `NotPossibleError`, `AlreadyRefundedError`,
    `NoNumbersError`, `BadAnswerError`.
    """
    with transaction.atomic():
        original = _locked(receipt_id, "refund")
        today = today or timezone.localdate()
        if not payout.name.strip() or is_hostile(payout.name):
            raise BadAnswerError("Напишите, кто выдал деньги: фамилию и инициалы.", field="paid_name")
        if against := payout_objection(payout.day, receipt_date=original.receipt_date, today=today):
            raise BadAnswerError(against, field="paid_on")
        made = _make(
            original,
            OfficeReceipt(
                purpose=Purpose.REFUND,
                follows=original,
                paid_by=payout.by,
                paid_name=payout.name.strip()[:120],
                paid_on=payout.day,
            ),
            {"kind": Kind.REFUND, "refund_of_id": original.pk, "receipt_date": payout.day},
            staff=staff,
            text=f"Возврат по квитанции № {original.number}: {payout.words}. {text}",
            clock=clock,
        )
        words = f"Деньги возвращены клиенту: {payout.words}. Чек возврата № {made.number}. {text}"
        _tell(original, REFUNDED, words, staff=staff)
    return made


def correct(
    receipt_id: UUID,
    *,
    right: Right,
    staff: User,
    text: str,
    today: date | None = None,
    clock: Clock = database_clock,
) -> Receipt:
    """The check was wrong, the client keeps his insurance: its whole sum is given back by a refund, and a new
    receipt says what is right. The cash changes by the difference. Answers the new receipt.

    The new one is sent after its refund, so KIAS never shows more money than there was. Of a new receipt that
    was wrong again and is not in KIAS only itself is replaced. Raises as `refund`.
    """
    with transaction.atomic():
        wrong = _locked(receipt_id, "correct")
        _check(wrong, right)
        today = today or timezone.localdate()
        if wrong.state in IN_KIAS:
            original, before = wrong, _refund_of(wrong.pk)
        else:  # the right receipt was not right either
            original = Receipt.objects.get(pk=wrong.replaces or wrong.pk)
            before = _refund_of(original.pk)
            annulling.end_alone(wrong, staff=staff, text=text, clock=clock)
        back = (
            before.receipt
            if before
            else _make(
                original,
                OfficeReceipt(purpose=Purpose.CORRECTION, follows=original),
                {"kind": Kind.REFUND, "refund_of_id": original.pk, "receipt_date": today},
                staff=staff,
                text=f"Возврат по квитанции № {original.number} с ошибкой. {text}",
                clock=clock,
            )
        )
        new = _make(
            wrong,
            OfficeReceipt(purpose=Purpose.CORRECTION, follows=back),
            {
                "replaces": original.pk,
                "receipt_date": original.receipt_date,
                "policy_folded": fold_policy(right.policy_series, right.policy_number),
            }
            | {name: getattr(right, name) for name in Right.__annotations__},
            staff=staff,
            text=f"Взамен квитанции № {original.number} с ошибкой. {text}",
            clock=clock,
            after=max(wrong.pk, back.pk),
        )
        what = "; ".join(Right.of(wrong).differences(right))
        _tell(
            original, CORRECTED, f"Чек исправлен: {what}. Новая квитанция № {new.number}. {text}", staff=staff
        )
    return new


def _locked(receipt_id: UUID, verb: str) -> Receipt:
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    if verb in possible(receipt):
        return receipt
    raise AlreadyRefundedError if _refund_of(receipt_id) else NotPossibleError


def _refund_of(receipt_id: UUID) -> OfficeReceipt | None:
    living = chains.living_refunds().filter(refund_of=receipt_id)
    return OfficeReceipt.objects.select_related("receipt").filter(receipt__in=living).first()


def _corrections(receipt_id: UUID) -> Any:
    return Receipt.objects.filter(replaces=receipt_id, source=Source.OFFICE).exclude(state=State.ANNULLED)


def _check(wrong: Receipt, right: Right) -> None:
    if not is_amount(right.amount):
        raise BadAnswerError("Такую сумму чек не вместит: больше 0 и до 42 949 672,95 ₽.", field="amount")
    if not right.policy_number.strip() or is_hostile(right.policy_series + right.policy_number):
        raise BadAnswerError("Напишите номер полиса буквами и цифрами.", field="policy_number")
    if not Right.of(wrong).differences(right):
        raise BadAnswerError("Ничего не изменилось: исправьте то, что в чеке неверно.", field="amount")


def _make(
    like: Receipt,
    row: OfficeReceipt,
    fields: dict[str, Any],
    *,
    staff: User,
    text: str,
    clock: Clock,
    after: UUID | None = None,
) -> Receipt:
    """Store a receipt of the office with its row and its delivery, under a number of its own.

    Raises `AlreadyRefundedError` where the database knows of another that lives.
    """
    at = database_now()
    made = Receipt(
        **{name: getattr(like, name) for name in _SAME}
        | {
            "id": ids.new(at, after=after or like.pk),
            "source": Source.OFFICE,
            "state": State.ACCEPTED,
            "issued_at": at,
            "issued_offset_min": _offset_min(at),
            "issued_zone": timezone.get_current_timezone_name(),
            "accepted_at": at,
        }
        | fields
    )
    number = series.give(like.installation, made.pk, now=at)
    if number is None:
        raise NoNumbersError
    made.number, made.number_folded = number, fold(number)
    try:
        with transaction.atomic():
            stored = registry.insert_new([made], actor=Actor.OFFICE, staff=staff, text=text)
    except IntegrityError as error:
        raise NotPossibleError from error
    if not stored:
        raise AlreadyRefundedError
    row.receipt = made
    row.save(force_insert=True)
    deliveries.release(made.pk, clock=clock, ask_first=ASK_FIRST)
    transaction.on_commit(lambda: deliveries.nudge(1))
    return made


def _tell(original: Receipt, reason: str, text: str, *, staff: User) -> None:
    """Its agent reads it, and the office's open task is solved by it (P01)."""
    registry.note(original.pk, reason=reason, text=text, staff=staff)
    tasks = Withdrawal.objects.filter(receipt=original, effect=WithdrawalEffect.TASK, ended_at=None)
    for task_id in list(tasks.values_list("pk", flat=True)):
        withdrawals.end_task(task_id, staff=staff, text=text, now=database_now())


def _offset_min(at: datetime) -> int:
    offset = timezone.localtime(at).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "нет"
