"""The operation itself: from the text of `pData` to the text of the answer. No HTTP, no faults here."""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from sync.kias.simulator.ledger import Ledger
from sync.kias.simulator.rules import Rules, day

PROCEDURES = {
    "Auth": "auth",
    "User_WebKiasReceiptSave": "save",
    "User_WebKiasReceiptFind": "find",
    "User_WebKiasReceiptList": "list",
}
PAGE = 200  # documents

#: what a found document tells beside ISN, state and check
TOLD = (
    "ExternalId", "Number", "Date", "Sum", "PolicySeries", "PolicyNumber", "Instalment", "Kind", "RefundOf",
)  # fmt: skip
CHECK = (("Fn", "fn"), ("Fd", "fd"), ("Fpd", "fpd"), ("FormedAt", "formed_at"), ("Qr", "qr"))


class Refusal(Exception):  # noqa: N818 (an answer of KIAS, not a fault of ours)
    """KIAS's `<error>`: code and text."""


class Service:
    """One KIAS: ledger, rules, one user."""

    def __init__(self, ledger: Ledger, rules: Rules, user: str, password: str) -> None:
        self.ledger, self.rules = ledger, rules
        self._user, self._password = user, hashlib.sha512(password.encode()).hexdigest()
        self.logins = 0
        self.calls: dict[str, int] = dict.fromkeys(("auth", "save", "find", "list", "unknown"), 0)
        self.page_size = PAGE
        self.sessions = "one"  # or "many": whether a login leaves older sessions alive

    @staticmethod
    def read(p_data: str) -> tuple[str, dict[str, str]]:
        """Procedure (`auth`, `save`, `find`, `list`, `unknown`) and parameters. Raises ParseError."""
        request = fromstring(p_data).find("request")  # noqa: S314 (a tool for development on loopback)
        if request is None:
            return "unknown", {}
        params = {each.tag: each.text or "" for each in request.find("params") or ()}
        return PROCEDURES.get(request.findtext("reqName") or "", "unknown"), params

    def session_is_gone(self, procedure: str, params: dict[str, str]) -> bool:
        return procedure != "auth" and not self.ledger.knows_session(params.get("Sid", ""))

    def would_save(self, params: dict[str, str]) -> bool:
        return not self.session_is_gone("save", params) and self.rules.objection(params) is None

    def perform(self, procedure: str, params: dict[str, str]) -> Element:
        """The answer's `<data>`; what KIAS refuses is an `<error>` in it."""
        self.calls[procedure] += 1
        act: Callable[[dict[str, str], Element], None] = getattr(self, f"_{procedure}")
        data = Element("data")
        try:
            if self.session_is_gone(procedure, params):
                raise Refusal("001", "Сеанс не найден. Войдите снова.")
            act(params, SubElement(data, "result"))
        except Refusal as refusal:
            return error(*refusal.args)
        return data

    def _auth(self, params: dict[str, str], result: Element) -> None:
        name_ok = hmac.compare_digest(params.get("Name", "").encode(), self._user.encode())
        if not (name_ok and hmac.compare_digest(params.get("Pwd", "").encode(), self._password.encode())):
            raise Refusal("002", "Неверное имя или пароль.")
        sid = secrets.token_hex(16)
        self.ledger.open_session(sid, alone=self.sessions == "one")
        self.logins += 1
        SubElement(result, "Sid").text = sid

    def _save(self, params: dict[str, str], result: Element) -> None:
        objection = self.rules.objection(params)
        if objection:
            raise Refusal(*objection)
        SubElement(result, "ISN").text = str(self.ledger.save(params))

    def _find(self, params: dict[str, str], result: Element) -> None:
        for row in self.ledger.find(params.get("ExternalId", ""), params.get("Number", "")):
            self._tell(row, result)

    def _list(self, params: dict[str, str], result: Element) -> None:
        try:
            since, until = day(params["DateFrom"]), day(params["DateTo"])
            page = int(params["Page"])
        except (KeyError, ValueError):
            raise Refusal("bad_request", "Период или страница не заданы.") from None
        rows = self.ledger.dated(since, until, max(0, page - 1) * self.page_size, self.page_size + 1)
        for row in rows[: self.page_size]:
            self._tell(row, result)
        SubElement(result, "More").text = "Y" if len(rows) > self.page_size else "N"

    def _tell(self, row: sqlite3.Row, result: Element) -> None:
        parent = SubElement(result, "row")
        told: dict[str, Any] = self.ledger.told(row)
        SubElement(parent, "ISN").text = told["isn"]
        for name in TOLD:
            SubElement(parent, name).text = row[name]
        SubElement(parent, "State").text = told["state"]
        if told["check"]:
            check = SubElement(parent, "Check")
            for name, key in CHECK:
                SubElement(check, name).text = told["check"][key]

    def _unknown(self, params: dict[str, str], result: Element) -> None:
        raise Refusal("404", "Нет такой процедуры.")


def error(code: str, text: str) -> Element:
    data = Element("data")
    parent = SubElement(data, "error")
    SubElement(parent, "code").text = code
    SubElement(parent, "text").text = text
    return data


def as_text(element: Element) -> str:
    return tostring(element, encoding="unicode")
