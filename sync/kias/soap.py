"""KIAS's dialect, and the only file that speaks it.

SOAP 1.1 with one operation `ExecProc(pData)`; `pData` is an XML text with the procedure's name and its
parameters, the answer another. Dates are `dd.mm.yyyy`, sums roubles with a point. Source: domain facts, 4;
the procedures and their fields are our own contract on top and can be renamed in the settings.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from accounts import correlation
from sync.kias import answers, fields
from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
    Listed,
    Saved,
)
from sync.kias.session import LoginRefusedError, Session
from sync.kias.wire import Wire

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://kias.local/service"
APPLICATION = "kias-offline"
SESSION_GONE = "001"
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
        params = fields.of_document(document)
        if any(_NOT_FOR_XML.search(value) for value in params.values()):
            raise KiasRejectedError("unsendable_text", "В тексте есть знаки, которые КИАС не принимает.")
        isn = self._execute("save", params, within).findtext("ISN") or ""
        if not answers.ISN.fullmatch(isn):
            raise KiasUnknownError("answer without an ISN")
        return Saved(isn=isn)

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        return self._rows(self._execute("find", {"ExternalId": external_id, "Number": number}, within))

    def list(self, *, since: date, until: date, page: int, within: float) -> Listed:
        period = {"DateFrom": fields.day(since), "DateTo": fields.day(until), "Page": str(page)}
        result = self._execute("list", period, within)
        if (more := result.findtext("More")) not in {
            "Y",
            "N",
        }:  # a list cut short would look like a difference
            raise KiasUnknownError("a page that does not say whether there is another")
        return Listed(documents=self._rows(result), more=more == "Y")

    def _rows(self, result: Element) -> tuple[FoundDocument, ...]:
        try:
            return tuple(answers.document(row, self._zone) for row in result.iterfind("row"))
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
