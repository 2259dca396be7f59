"""Agents' withdrawals of their own receipts. The only writer of `Withdrawal` (P01)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.refusals import RefusalError
from receipts import rows
from receipts.models import Withdrawal, WithdrawalEffect, WithdrawalReason

TEXT_LENGTH = 500


class NoTaskError(RefusalError):
    code = "no_task"
    message = "Эту задачу уже закрыли, или её не было. Обновите страницу."


class NoAnswerError(RefusalError):
    code = "invalid"
    message = "Напишите, как решено: исправлен чек, возвращены деньги или отмена была ошибкой."


def record(row: Withdrawal) -> bool:
    """Store it inside the caller's transaction; False where a withdrawal with this id is there already."""
    return bool(rows.insert([row], on_conflict="DO NOTHING", returning="id"))


@transaction.atomic
def end_task(withdrawal_id: UUID, *, staff: User, text: str, now: datetime) -> Withdrawal:
    """A person says how the office's task was solved. Raises `NoTaskError` and `NoAnswerError`."""
    answer = text.strip()
    if not answer:
        raise NoAnswerError(field="text")
    row = (
        Withdrawal.objects.select_for_update().filter(pk=withdrawal_id, effect=WithdrawalEffect.TASK).first()
    )
    if row is None or row.ended_at is not None:
        raise NoTaskError
    row.ended_at, row.ended_by, row.ended_text = now, staff, answer[:TEXT_LENGTH]
    row.save(update_fields=["ended_at", "ended_by", "ended_text"])
    return row


def in_words(reason: str, text: str) -> str:
    """What the agent gave as his reason: «ошибка в сумме», «другое: клиент ушёл»."""
    label = str(WithdrawalReason(reason).label)
    return f"{label}: {text}" if text.strip() else label
