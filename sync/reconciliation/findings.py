"""Findings of reconciliation as rows: written once for each difference, closed when gone or by a person."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from accounts.models import User
from accounts.refusals import RefusalError
from receipts.numbers import fold
from sync.kias.gateway import FoundDocument
from sync.models.reconciliation import ReconciliationFinding, ReconciliationRun
from sync.reconciliation.comparing import Found, OurReceipt

_AT_ONCE = 500
_SEEN = ["receipt", "number", "number_folded", "isn", "amount", "first_day", "last_day", "facts", "seen_in"]
_REOPENED = ["found_at", "found_in", "closed_at", "closed_by", "closed_text"]


class EndedError(RefusalError):
    code = "not_allowed"
    message = "Это расхождение уже закрыто. Посмотрите, чем оно кончилось."


def write(run: ReconciliationRun, found: Iterable[Found], now: datetime) -> int:
    """Keep what a run has found; how many are new or open again. Inside the caller's transaction.

    What a person ended stays ended while both sides say the same; what closed by itself opens again.
    """
    rows = {(each.difference.value, each.key[:80]): _row(run, each, now) for each in found}
    fresh = 0
    wanted = sorted(rows)
    for begin in range(0, len(wanted), _AT_ONCE):
        part = wanted[begin : begin + _AT_ONCE]
        known = {
            (row.difference, row.key): row
            for row in ReconciliationFinding.objects.select_for_update()
            .filter(key__in=[key for _, key in part])
            .order_by("pk")
        }
        for row in known.values():
            if new := rows.get((row.difference, row.key)):
                fresh += _seen_again(row, new)
        missing = [rows[key] for key in part if key not in known]
        fresh += len(missing)
        ReconciliationFinding.objects.bulk_create(missing)
    return fresh


def close_gone(run: ReconciliationRun, now: datetime) -> int:
    """Close what this run should have seen and has not; how many. Inside the caller's transaction."""
    gone = ReconciliationFinding.objects.filter(
        closed_at=None, first_day__gte=run.since, last_day__lte=run.until
    ).exclude(seen_in=run)
    return gone.update(
        closed_at=now, closed_text=f"Сверка {run.created_at:%d.%m.%Y} его больше не видит: закрыто само."
    )


def end(pk: int, *, staff: User, text: str, now: datetime) -> ReconciliationFinding:
    """A person has dealt with it; `text` says how. Raises `EndedError` when it was closed before."""
    open_one = ReconciliationFinding.objects.filter(pk=pk, closed_at=None)
    if not open_one.update(closed_at=now, closed_by=staff, closed_text=text[:500]):
        raise EndedError
    return ReconciliationFinding.objects.get(pk=pk)


def _seen_again(known: ReconciliationFinding, new: ReconciliationFinding) -> bool:
    """Bring a known row up to date; whether that opened it again."""
    opens = known.closed_at is not None and (known.closed_by_id is None or known.facts != new.facts)
    changed = [*_SEEN, *(_REOPENED if opens else [])]
    for name in changed:
        setattr(known, name, getattr(new, name))
    known.save(update_fields=changed)
    return opens


def _row(run: ReconciliationRun, found: Found, now: datetime) -> ReconciliationFinding:
    receipt, documents = found.receipt, found.documents
    number = (receipt.number if receipt else documents[0].number)[:80]
    first_day, last_day = found.days
    return ReconciliationFinding(
        difference=found.difference,
        key=found.key[:80],
        receipt_id=receipt.id if receipt else None,
        number=number,
        number_folded=fold(number)[:80],
        isn=documents[0].isn if documents else (receipt.isn if receipt else ""),
        amount=receipt.amount if receipt else documents[0].amount,
        first_day=first_day,
        last_day=last_day,
        facts={
            "receipt": _side(receipt) if receipt else None,
            "documents": [_document(each) for each in sorted(documents, key=lambda each: int(each.isn))],
        },
        found_at=now,
        found_in=run,
        seen_in=run,
    )


def _side(receipt: OurReceipt) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "number": receipt.number,
        "date": _iso(receipt.day),
        "amount": receipt.amount,
        "policy": receipt.policy,
        "instalment": receipt.instalment,
        "kind": str(receipt.kind),
        "state": str(receipt.state),
        "isn": receipt.isn,
        "check": " · ".join(receipt.check) if receipt.check else "",
    }


def _document(document: FoundDocument) -> dict[str, Any]:
    check = document.check
    return {
        "id": document.external_id,
        "number": document.number,
        "date": _iso(document.date),
        "amount": document.amount,
        "policy": f"{document.policy_series} {document.policy_number}".strip(),
        "instalment": document.instalment,
        "kind": str(document.kind),
        "state": document.state,
        "isn": document.isn,
        "check": " · ".join((check.fn, check.fd, check.fpd)) if check else "",
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
