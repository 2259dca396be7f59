"""What a person must know of a receipt before he does anything to it: its money or check was given back, KIAS
says otherwise. Shown above its page and above the page of its withdrawal.
"""

from collections.abc import Iterator
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice import differences, html
from receipts.models import OfficeReceipt, Purpose, ReceiptEvent
from receipts.states import State
from sync.models import ReconciliationFinding
from sync.office.reversible import refund_of
from sync.restore.given_back import FORGOTTEN

FINDINGS_AT_MOST = 20


def of_receipt(receipt_id: UUID) -> Iterator[SafeString]:
    """Sentences, the most pressing first."""
    for finding in findings(receipt_id):
        if finding.closed_at is None:
            yield format_html(
                "<b>Сверка нашла расхождение с КИАС:</b> {}. На его странице сказано, что делать.",
                html.link(finding, finding.get_difference_display()),
            )
    if back := refund_of(receipt_id):
        yield in_words(back)
    elif gone := ReceiptEvent.objects.filter(receipt=receipt_id, reason=FORGOTTEN).last():
        yield format_html(
            "<b>{}</b> Его нет в базе. Есть ли он в КИАС, покажет «Сверка»: посмотрите её, прежде чем "
            "возвращать деньги или исправлять чек.",
            gone.text,
        )


def in_words(back: OfficeReceipt) -> SafeString:
    """That it was given back, by which receipt, and how far that one is."""
    if back.purpose == Purpose.REFUND:
        told = "<b>Деньги уже возвращены клиенту:</b> возврат № {}{}. Квитанция больше не считается."
    else:
        told = (
            "<b>Чек уже исправлен:</b> возврат № {}{}. Вместо этой квитанции считается новая, она в цепочке."
        )
    refund = back.receipt
    standing = "" if refund.state == State.FISCALISED else f" ({State(refund.state).label})"
    return format_html(told, html.link(refund, refund.number), standing)


def findings(receipt_id: UUID) -> list[ReconciliationFinding]:
    """Every difference that was found about it, the open ones and the latest first."""
    rows = ReconciliationFinding.objects.filter(receipt=receipt_id)
    return sorted(rows.order_by("-found_at")[:FINDINGS_AT_MOST], key=lambda row: row.closed_at is not None)


def finding_lines(receipt_id: UUID) -> list[tuple[SafeString, SafeString | str, SafeString | str]]:
    """Badge with its link, when it was found, how it ended."""
    return [
        (
            format_html('<a href="{}">{}</a>', html.page_of(row), differences.badge(row)),
            html.at(row.found_at),
            html.text(row.closed_text or "закрыто") if row.closed_at else html.badge("held", "ждёт разбора"),
        )
        for row in findings(receipt_id)
    ]
