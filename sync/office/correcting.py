"""«Исправить чек» (P08): the wrong check is given back, and behind it a new receipt says what is right
(ADR 0029)."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from receipts.models import Kind, OfficeReceipt, Purpose, Receipt
from receipts.states import IN_KIAS
from receipts.text import fold_policy, is_hostile
from receipts.validation import is_amount
from receipts.words import amount_in_figures
from sync.clock import Clock, database_clock
from sync.office import annulling
from sync.office.making import make, tell
from sync.office.refused import BadAnswerError
from sync.office.reversible import locked, refund_of
from sync.restore import given_back

#: the event on the original that tells its agent (docs/protocol.md, «States»)
CORRECTED = "corrected"


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
        wrong = locked(receipt_id, "correct")
        _check(wrong, right)
        today = today or timezone.localdate()
        if wrong.state in IN_KIAS:
            original, before = wrong, refund_of(wrong.pk)
        else:  # the right receipt was not right either
            original = Receipt.objects.get(pk=wrong.replaces or wrong.pk)
            before = refund_of(original.pk)
            annulling.end_alone(wrong, staff=staff, text=text, clock=clock)
        back = (
            before.receipt
            if before
            else make(
                original,
                OfficeReceipt(purpose=Purpose.CORRECTION, follows=original),
                {"kind": Kind.REFUND, "refund_of_id": original.pk, "receipt_date": today},
                staff=staff,
                text=f"Возврат по квитанции № {original.number} с ошибкой. {text}",
                clock=clock,
            )
        )
        new = make(
            wrong,
            OfficeReceipt(purpose=Purpose.CORRECTION, follows=back),
            {
                "replaces": original.pk,
                "receipt_date": original.receipt_date,
                "policy_folded": fold_policy(right.policy_series, right.policy_number),
            }
            | asdict(right),
            staff=staff,
            text=f"Взамен квитанции № {original.number} с ошибкой. {text}",
            clock=clock,
            after=max(wrong.pk, back.pk),
        )
        what = "; ".join(Right.of(wrong).differences(right))
        tell(
            original, CORRECTED, f"Чек исправлен: {what}. Новая квитанция № {new.number}. {text}", staff=staff
        )
        if before is None:
            given_back.write_down(back)
    return new


def _check(wrong: Receipt, right: Right) -> None:
    if not is_amount(right.amount):
        raise BadAnswerError("Такую сумму чек не вместит: больше 0 и до 42 949 672,95 ₽.", field="amount")
    if not right.policy_number.strip() or is_hostile(right.policy_series + right.policy_number):
        raise BadAnswerError("Напишите номер полиса буквами и цифрами.", field="policy_number")
    if not Right.of(wrong).differences(right):
        raise BadAnswerError("Ничего не изменилось: исправьте то, что в чеке неверно.", field="amount")


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "нет"
