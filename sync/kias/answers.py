"""How KIAS's rows are read. Whatever cannot be understood raises UnreadableError: half an answer is none."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from receipts.checks import FiscalCheck
from sync.kias.gateway import FoundDocument, Kind
from sync.kias.markup import Element

ISN = re.compile(r"[1-9][0-9]{0,19}")
LONGEST_SID = 128
FIRST_YEAR, LAST_YEAR = (
    2000,
    2199,
)  # of a check: in UTC, too, the database and everybody who reads it can tell it
_LONGEST = 200
_SUM = re.compile(r"(-?)([0-9]{1,12})(?:[.,]([0-9]{1,2})0*)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_DAY = re.compile(r"([0-9]{2}\.[0-9]{2}\.[0-9]{4})(?:[ T][0-9:.]{1,15})?")
_KINDS: dict[str, Kind] = {"": "sale", "sale": "sale", "refund": "refund"}


class UnreadableError(ValueError):
    """The name of a field; never what stands in it."""


def document(row: Element, zone: ZoneInfo) -> FoundDocument:
    """One document; a check's time of day is told in `zone`."""
    isn, kind, amount = _text(row, "ISN"), _text(row, "Kind"), kopecks(_text(row, "Sum"))
    instalment, check = _text(row, "Instalment") or "1", row.find("Check")
    for name, known in (
        ("ISN", ISN.fullmatch(isn)),
        ("Kind", kind in _KINDS),
        ("Instalment", re.fullmatch("[0-9]{1,4}", instalment)),
    ):
        if not known:
            raise UnreadableError(name)
    return FoundDocument(
        isn=isn,
        external_id=_text(row, "ExternalId"),
        number=_text(row, "Number"),
        date=day(_text(row, "Date")),
        amount=amount,
        policy_series=_text(row, "PolicySeries"),
        policy_number=_text(row, "PolicyNumber"),
        instalment=int(instalment),
        state=_text(row, "State"),
        check=None if check is None or not len(check) else _check(check, abs(amount), zone),
        kind=_KINDS[kind],
        refund_of=_text(row, "RefundOf"),
    )


def _text(row: Element, name: str) -> str:
    """A field's text without the spaces around it; empty where it is missing."""
    found = row.findall(name)
    if len(found) > 1 or any(len(each) for each in found):
        raise UnreadableError(name)
    text = (found[0].text or "").strip() if found else ""
    if len(text) > _LONGEST:
        raise UnreadableError(name)
    return text


def _check(check: Element, amount: int, zone: ZoneInfo) -> FiscalCheck:
    fn, fd, fpd = (_text(check, name) for name in ("Fn", "Fd", "Fpd"))
    for name, text, longest in (("Fn", fn, 16), ("Fd", fd, 10), ("Fpd", fpd, 10)):
        if not re.fullmatch(f"[0-9]{{1,{longest}}}", text):
            raise UnreadableError(name)
    return FiscalCheck(
        fn=fn, fd=fd, fpd=fpd, formed_at=_moment(_text(check, "FormedAt"), zone), amount=amount
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    for form in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"):
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment
    raise UnreadableError("FormedAt")


def day(text: str) -> date | None:
    """`dd.mm.yyyy`, whatever time of day stands behind it; None for nothing at all."""
    if not text:
        return None
    match = _DAY.fullmatch(text)
    try:
        return datetime.strptime(match[1] if match else "", "%d.%m.%Y").date()  # noqa: DTZ007 (a calendar date)
    except ValueError:
        pass
    raise UnreadableError("Date")


def kopecks(roubles: str) -> int:
    """`3 245,5` → 324550, without a float in between. Zeros, comma and grouping are KIAS's choice."""
    match = _SUM.fullmatch(_SPACES.sub("", roubles))
    if not match:
        raise UnreadableError("Sum")
    amount = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -amount if match[1] else amount
