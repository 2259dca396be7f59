"""How KIAS's rows are read. Whatever cannot be understood raises ValueError: half an answer is none."""

import re
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from receipts.checks import FiscalCheck
from sync.kias.gateway import FoundDocument, Kind

ISN = re.compile(r"[1-9]\d{0,19}", re.ASCII)
_SUM = re.compile(r"(\d{1,12})(?:[.,](\d{1,2})0*)?", re.ASCII)
_KINDS: dict[str, Kind] = {"": "sale", "sale": "sale", "refund": "refund"}


class Row(Protocol):
    """One `<row>` (or `<Check>`) of an answer."""

    def findtext(self, path: str, /) -> str | None: ...
    def find(self, path: str, /) -> "Row | None": ...


def document(row: Row, zone: ZoneInfo) -> FoundDocument:
    """One document; a check's time of day is told in `zone`."""

    def text(name: str) -> str:
        return (row.findtext(name) or "").strip()

    isn, amount, check = text("ISN"), kopecks(text("Sum")), row.find("Check")
    if not ISN.fullmatch(isn):
        raise ValueError("ISN")
    if text("Kind") not in _KINDS:
        raise ValueError("Kind")
    return FoundDocument(
        isn=isn,
        external_id=text("ExternalId"),
        number=text("Number"),
        date=day(text("Date")),
        amount=amount,
        policy_series=text("PolicySeries"),
        policy_number=text("PolicyNumber"),
        instalment=int(text("Instalment") or 1),
        state=text("State"),
        check=None if check is None else _check(check, amount, zone),
        kind=_KINDS[text("Kind")],
        refund_of=text("RefundOf"),
    )


def _check(check: Row, amount: int, zone: ZoneInfo) -> FiscalCheck:
    fn, fd, fpd = (check.findtext(name) or "" for name in ("Fn", "Fd", "Fpd"))
    if not (
        re.fullmatch(r"\d{1,16}", fn) and re.fullmatch(r"\d{1,10}", fd) and re.fullmatch(r"\d{1,10}", fpd)
    ):
        raise ValueError("check")
    formed = datetime.strptime(check.findtext("FormedAt") or "", "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007
    return FiscalCheck(fn=fn, fd=fd, fpd=fpd, formed_at=formed.replace(tzinfo=zone), amount=amount)


def day(text: str) -> date:
    """`dd.mm.yyyy`, whatever time of day stands behind it."""
    return datetime.strptime(text.split(" ")[0], "%d.%m.%Y").date()  # noqa: DTZ007 (a calendar date)


def kopecks(roubles: str) -> int:
    """`3 245,5` → 324550, without a float in between. Zeros, comma and grouping are KIAS's choice."""
    match = _SUM.fullmatch(re.sub(r"[\s\u00a0\u202f]", "", roubles))
    if not match:
        raise ValueError("sum")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
