"""KIAS over SOAP 1.1: one operation `ExecProc(pData)`, a session, four procedures.

`pData` is an XML text with the procedure's name and its parameters, the answer another. Source: domain facts,
4; the procedures and their fields are our own contract on top and can be renamed in the settings. The dialect
lives here, in `markup` (XML), `fields` (what we write) and `answers` (what we read), and nowhere else.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from accounts import correlation
from sync.kias import answers, fields, markup
from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
    Listed,
    Saved,
)
from sync.kias.markup import Element
from sync.kias.private import PrivateBytes, PrivateFields, PrivateText
from sync.kias.session import LoginRefusedError, Session
from sync.kias.wire import Answer, Wire, WireTerms

SESSION_GONE = "001"
_CODE = re.compile(r"[\w.-]{1,40}")
_LONGEST_TEXT = 300  # of KIAS's own sentence


class _SessionGoneError(Exception):
    """KIAS does not know our sid (any more) and did nothing."""


class SoapGateway:
    """`KiasGateway` over SOAP. `zone` is the one in which KIAS tells a check's time of day."""

    def __init__(
        self,
        *,
        wire: WireTerms,
        user: str,
        password: str,
        procedures: Mapping[str, str],
        zone: ZoneInfo,
        session: Session,
    ) -> None:
        self._wire = Wire(wire)
        self._user, self._password = user, PrivateText(hashlib.sha512(password.encode()).hexdigest())
        self._procedures, self._zone, self._session = procedures, zone, session

    def save(self, document: KiasDocument, *, within: float) -> Saved:
        params = PrivateFields(fields.of_document(document))
        if not all(map(markup.is_sendable, params.values())):
            raise KiasRejectedError("unsendable_text", "В тексте есть знаки, которые КИАС не принимает.")
        result = self._execute("save", params, within)
        isns = [(each.text or "").strip() for each in result.findall("ISN")]
        if len(isns) != 1 or not answers.ISN.fullmatch(isns[0]):
            raise KiasUnknownError("an answer without one ISN")
        return Saved(isn=isns[0])

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        asked = PrivateFields(ExternalId=external_id, Number=number)
        found = self._rows(self._execute("find", asked, within))
        if any(each.external_id != external_id and each.number != number for each in found):
            raise KiasUnknownError("an answer about another receipt")
        return found

    def list(self, *, since: date, until: date, page: int, within: float) -> Listed:
        period = PrivateFields(DateFrom=fields.day(since), DateTo=fields.day(until), Page=str(page))
        result = self._execute("list", period, within)
        more = result.findtext("More")
        if more not in {"Y", "N"}:  # a list cut short would look like a difference
            raise KiasUnknownError("a page that does not say whether there is another")
        documents = self._rows(result)
        isns = [int(each.isn) for each in documents]
        if isns != sorted(isns) or (more == "Y" and not isns):
            raise KiasUnknownError("a page out of order")
        if any(each.date is None or not since <= each.date <= until for each in documents):
            raise KiasUnknownError("a page of another period")
        return Listed(documents=documents, more=more == "Y")

    def _rows(self, result: Element) -> tuple[FoundDocument, ...]:
        unreadable = ""
        try:
            found = tuple(answers.document(row, self._zone) for row in result.iterfind("row"))
        except (ValueError, ArithmeticError) as error:
            unreadable = str(error) if isinstance(error, answers.UnreadableError) else type(error).__name__
        if unreadable:
            raise KiasUnknownError(f"an answer with an unreadable field: {unreadable}")
        if len({each.isn for each in found}) < len(found):
            raise KiasUnknownError("an answer with one ISN twice")
        return found

    def _execute(self, procedure: str, params: PrivateFields, within: float) -> Element:
        """The procedure's `result`. A session that is gone means one login and one repeat, never more."""
        must_end = time.monotonic() + within
        sid = PrivateText(self._session.sid()) or self._renewed("", must_end)
        try:
            return self._call(procedure, PrivateFields(Sid=sid, **params), must_end)
        except _SessionGoneError:
            sid = self._renewed(sid, must_end)
        try:
            return self._call(procedure, PrivateFields(Sid=sid, **params), must_end)
        except _SessionGoneError as error:
            raise KiasUnavailableError("session refused right after a login") from error

    def _renewed(self, stale: str, must_end: float) -> PrivateText:
        within = must_end - time.monotonic()
        return PrivateText(self._session.renew(stale, lambda: self._log_in(must_end), within))

    def _log_in(self, must_end: float) -> str:
        """A fresh sid. Whatever goes wrong here, nothing of a receipt was sent."""
        try:
            result = self._call("auth", PrivateFields(Name=self._user, Pwd=self._password), must_end)
        except KiasUnknownError as error:
            raise KiasUnavailableError(f"login: {error.detail}") from error
        except (KiasRejectedError, _SessionGoneError) as error:
            raise LoginRefusedError from error
        sid = PrivateText((result.findtext("Sid") or "").strip())
        if not 0 < len(sid) <= answers.LONGEST_SID or not markup.is_sendable(sid):
            raise KiasUnavailableError("login: no Sid in the answer")
        return sid

    def _call(self, procedure: str, params: PrivateFields, must_end: float) -> Element:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{markup.SERVICE}/ExecProc"'}
        if following := correlation.current():
            headers["X-Correlation-Id"] = following
        body = PrivateBytes(markup.request(self._procedures[procedure], params))
        answer = self._wire.post(body, headers, must_end - time.monotonic())
        told = _understood(answer)
        if told.tag == "result":
            return told
        if _code_of(told) == SESSION_GONE:
            raise _SessionGoneError
        raise _refusal(told)


def _code_of(error: Element) -> str:
    code = (error.findtext("code") or "").strip()
    return code if _CODE.fullmatch(code) else "unnamed"


def _refusal(error: Element) -> KiasRejectedError:
    """What KIAS says is made here, so that it stands in no frame that an error report shows."""
    return KiasRejectedError(_code_of(error), _told(error.findtext("text")))


def _understood(answer: Answer) -> Element:
    """The answer's `result` or its `error`, exactly one of them. All else leaves open what KIAS did."""
    wrong = ""
    try:
        data = markup.result_of(answer.body, answer.charset)
        told = [each for each in data if each.tag in {"result", "error"}]
        if answer.status == 200 and len(told) == 1:
            return told[0]
        wrong = "not one result or one error"
    except markup.BadMarkupError as bad:
        wrong = str(bad)
    raise KiasUnknownError(f"HTTP {answer.status}: {wrong}")


def _told(text: str | None) -> str:
    """KIAS's own sentence for people: one line, of a length that a page can show."""
    return "".join(sign if sign.isprintable() else " " for sign in text or "").strip()[:_LONGEST_TEXT]
