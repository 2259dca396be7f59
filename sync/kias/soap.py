"""KIAS's dialect, and the only file that speaks it.

SOAP 1.1 with one operation `ExecProc(pData)`; `pData` is an XML text with the procedure's name and its
parameters, the answer another. Dates are `dd.mm.yyyy`, sums roubles with a point. Source: domain facts, 4;
the procedures and their fields are our own contract on top and can be renamed in the settings.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from accounts import correlation
from receipts.checks import FiscalCheck
from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
    Saved,
)
from sync.kias.session import LoginRefusedError, Session
from sync.kias.wire import Wire

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://kias.local/service"
APPLICATION = "kias-offline"
SESSION_GONE = "001"
ISN = re.compile(r"\d{1,20}")
_NOT_FOR_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _SessionGoneError(Exception):
    """KIAS does not know our sid (any more) and did nothing."""


class SoapGateway:
    """`KiasGateway` over SOAP. `zone` is the one in which KIAS tells a check's time of day."""

    def __init__(
        self,
        *,
        url: str,
        user: str,
        password: str,
        procedures: Mapping[str, str],
        connect_timeout_s: float,
        zone: ZoneInfo,
        session: Session,
    ) -> None:
        self._wire = Wire(url, connect_timeout_s)
        self._user, self._password = user, hashlib.sha512(password.encode()).hexdigest()
        self._procedures, self._zone, self._session = procedures, zone, session

    def save(self, document: KiasDocument, *, within: float) -> Saved:
        fields = _fields(document)
        if any(_NOT_FOR_XML.search(value) for value in fields.values()):
            raise KiasRejectedError("unsendable_text", "В тексте есть знаки, которые КИАС не принимает.")
        isn = self._execute("save", fields, within).findtext("ISN") or ""
        if not ISN.fullmatch(isn):
            raise KiasUnknownError("answer without an ISN")
        return Saved(isn=isn)

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        result = self._execute("find", {"ExternalId": external_id, "Number": number}, within)
        try:
            return tuple(self._found(row) for row in result.iterfind("row"))
        except (ValueError, ArithmeticError) as error:
            raise KiasUnknownError("answer with unreadable fields") from error

    def _execute(self, procedure: str, params: Mapping[str, str], within: float) -> Element:
        """The procedure's `result`. A session that is gone means one login and one repeat, never more."""
        must_end = time.monotonic() + within
        sid = self._session.sid() or self._renewed("", must_end)
        try:
            return self._call(procedure, {"Sid": sid, **params}, must_end)
        except _SessionGoneError:
            sid = self._renewed(sid, must_end)
        try:
            return self._call(procedure, {"Sid": sid, **params}, must_end)
        except _SessionGoneError as error:
            raise KiasUnavailableError("session refused right after a login") from error

    def _renewed(self, stale: str, must_end: float) -> str:
        return self._session.renew(stale, lambda: self._log_in(must_end), must_end - time.monotonic())

    def _log_in(self, must_end: float) -> str:
        """A fresh sid. Whatever goes wrong here, nothing of a receipt was sent."""
        try:
            result = self._call("auth", {"Name": self._user, "Pwd": self._password}, must_end)
        except KiasUnknownError as error:
            raise KiasUnavailableError(f"login: {error.detail}") from error
        except (KiasRejectedError, _SessionGoneError) as error:
            raise LoginRefusedError from error
        if not (sid := result.findtext("Sid")):
            raise KiasUnavailableError("login: no Sid in the answer")
        return sid

    def _call(self, procedure: str, params: Mapping[str, str], must_end: float) -> Element:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{SERVICE}/ExecProc"'}
        if following := correlation.current():
            headers["X-Correlation-Id"] = following
        body = _envelope(self._procedures[procedure], params)
        status, answer = self._wire.post(body, headers, must_end - time.monotonic())
        result = _result(status, answer)
        error = result.find("error")
        if error is None:
            return result.find("result") or Element("result")
        code = error.findtext("code") or "unnamed"
        if code == SESSION_GONE:
            raise _SessionGoneError
        raise KiasRejectedError(code, error.findtext("text") or "")

    def _found(self, row: Element) -> FoundDocument:
        def text(name: str) -> str:
            return row.findtext(name) or ""

        isn, amount = text("ISN"), _kopecks(text("Sum"))
        if not ISN.fullmatch(isn):
            raise ValueError("ISN")
        check = row.find("Check")
        return FoundDocument(
            isn=isn,
            external_id=text("ExternalId"),
            number=text("Number"),
            date=_date(text("Date")),
            amount=amount,
            policy_series=text("PolicySeries"),
            policy_number=text("PolicyNumber"),
            instalment=int(text("Instalment") or 1),
            state=text("State"),
            check=None if check is None else self._check(check, amount),
        )

    def _check(self, check: Element, amount: int) -> FiscalCheck:
        fn, fd, fpd = (check.findtext(name) or "" for name in ("Fn", "Fd", "Fpd"))
        if not (
            re.fullmatch(r"\d{1,16}", fn) and re.fullmatch(r"\d{1,10}", fd) and re.fullmatch(r"\d{1,10}", fpd)
        ):
            raise ValueError("check")
        formed = datetime.strptime(check.findtext("FormedAt") or "", "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007
        return FiscalCheck(fn=fn, fd=fd, fpd=fpd, formed_at=formed.replace(tzinfo=self._zone), amount=amount)


def _fields(document: KiasDocument) -> dict[str, str]:
    """The parameters of `save`."""
    fields = {
        "ExternalId": document.external_id,
        "Number": document.number,
        "Date": _dd_mm_yyyy(document.date),
        "AccountingDate": _dd_mm_yyyy(document.accounting_date),
        "IssuedAt": document.issued_at.isoformat(timespec="seconds"),
        "AgentContract": document.agent_contract,
        "Product": document.product,
        "PolicySeries": document.policy_series,
        "PolicyNumber": document.policy_number,
        "PolicyDate": _dd_mm_yyyy(document.policy_date),
        "Instalment": str(document.instalment),
        "Sum": _roubles(document.amount),
        "PaymentForm": document.payment_form,
        "PaymentReference": document.payment_reference,
        "Insurant": document.insurant,
        "InsurantKind": document.insurant_kind,
        "Payer": document.payer,
        "CheckTo": document.check_to,
        "DocumentKind": document.document_kind,
        "DocumentCode": document.document_code,
        "DocumentNumber": document.document_number,
        "Phone": document.contact_phone,
        "Email": document.contact_email,
        "Comment": document.comment,
        "Replaces": document.replaces,
    }
    return {name: value for name, value in fields.items() if value}


def _envelope(procedure: str, params: Mapping[str, str]) -> bytes:
    data = Element("data")
    request = SubElement(data, "request")
    for name, value in (
        ("reqName", procedure),
        ("AppId", APPLICATION),
        ("RequestIp", ""),
        ("UserAgent", APPLICATION),
    ):
        SubElement(request, name).text = value
    parent = SubElement(request, "params")
    for name, value in params.items():
        SubElement(parent, name).text = value
    envelope = Element(f"{{{SOAP}}}Envelope")
    operation = SubElement(SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SERVICE}}}ExecProc")
    SubElement(operation, f"{{{SERVICE}}}pData").text = tostring(data, encoding="unicode")
    body: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return body


def _result(status: int, answer: bytes) -> Element:
    """The inner `data` of an answer. Faults and whatever is not our XML leave open what was done."""
    try:
        envelope = fromstring(answer)
        if envelope.find(f".//{{{SOAP}}}Fault") is not None:
            raise KiasUnknownError(f"SOAP fault, HTTP {status}")
        if status != 200:
            raise KiasUnknownError(f"HTTP {status}")
        data: Any = fromstring(envelope.findtext(f".//{{{SERVICE}}}ExecProcResult") or "")
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise KiasUnknownError(f"not KIAS's XML, HTTP {status}") from error
    if not isinstance(data, Element) or data.tag != "data":
        raise KiasUnknownError("not KIAS's XML")
    return data


def _dd_mm_yyyy(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _date(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 (a calendar date)


def _roubles(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02}"


def _kopecks(roubles: str) -> int:
    """`3245.5` → 324550, without a float in between. KIAS may leave out trailing zeros or write a comma."""
    match = re.fullmatch(r"(\d{1,12})(?:[.,](\d{1,2}))?", roubles.strip())
    if not match:
        raise ValueError("sum")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
