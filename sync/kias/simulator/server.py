"""HTTP around the service: `/kias` with its faults, `/control` for tests and demo, `/ledger` for people."""

import json
import socket
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree.ElementTree import ParseError

from sync.kias.simulator import envelope, page
from sync.kias.simulator.faults import BadControlError, Fault, Faults
from sync.kias.simulator.ledger import FIELDS
from sync.kias.simulator.service import Service, as_text, error

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
LARGEST_BODY = 1024 * 1024


class AnswerLost(Exception):  # noqa: N818 (meant to happen)
    """The connection is to be dropped without an answer."""


class Simulator(ThreadingHTTPServer):
    """The running simulator: the service and what is to go wrong with it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        super().__init__(address, Handler)
        self.service, self.faults = service, Faults()
        self._lock = threading.Lock()
        self.running, self.most_at_once = 0, 0
        self.correlation_ids: list[str] = []

    def enter(self, correlation_id: str) -> None:
        with self._lock:
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            self.correlation_ids = [*self.correlation_ids[-199:], correlation_id]

    def leave(self) -> None:
        with self._lock:
            self.running -= 1

    def told(self) -> dict[str, Any]:
        """What `GET /control` answers."""
        rules, service = self.service.rules, self.service
        return self.faults.told() | {
            "check_after": service.ledger.check_after,
            "page_size": service.page_size,
            "sum_limit": rules.sum_limit,
            "closed_before": rules.closed_before.isoformat(),
            "unknown_series": sorted(rules.unknown_series),
            "logins": service.logins,
            "calls": dict(service.calls),
            "most_at_once": self.most_at_once,
            "correlation_ids": self.correlation_ids,
        }

    def change(self, order: dict[str, Any]) -> None:
        """What `POST /control` does; raises BadControlError before anything is changed for good."""
        if "write" in order:
            _fields_of(order["write"], "write")
        self.faults.change(order)
        self.service.rules.change(order)
        if "check_after" in order:
            self.service.ledger.check_after = float(order["check_after"])
        if "page_size" in order:
            self.service.page_size = max(1, int(order["page_size"]))
        if order.get("end_sessions"):
            self.service.ledger.end_sessions()
        if order.get("clear_ledger"):
            self.service.ledger.clear()
        if order.get("clear"):
            with self._lock:
                self.most_at_once, self.correlation_ids = 0, []
        if "write" in order:
            self.service.ledger.save(_fields_of(order["write"], "write"), by_hand=True)
        self._by_a_person(order)

    def _by_a_person(self, order: dict[str, Any]) -> None:
        """`change`: {isn, fields}, `annul`: isn, `remove`: isn; what somebody does in KIAS itself."""
        ledger = self.service.ledger
        if "change" in order:
            isn = _isn_of((order["change"] or {}).get("isn"))
            if not ledger.change(isn, _fields_of(order["change"].get("fields"), "change")):
                raise BadControlError("no such document")
        for name, act in (("annul", ledger.annul), ("remove", ledger.remove)):
            if name in order and not act(_isn_of(order[name])):
                raise BadControlError("no such document")


def _fields_of(given: Any, order: str) -> dict[str, str]:
    if not isinstance(given, dict) or not given or given.keys() - set(FIELDS):
        raise BadControlError(f"{order}: {', '.join(FIELDS)}")
    return {name: str(value) for name, value in given.items()}


def _isn_of(given: Any) -> int:
    if not str(given).isdigit():
        raise BadControlError("isn: a document's ISN")
    return int(given)


class Handler(BaseHTTPRequestHandler):
    server: Simulator
    protocol_version = "HTTP/1.0"  # one exchange per connection
    timeout = 60

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        host = self.headers.get("Host", "127.0.0.1")
        if path == "/kias" and query.lower() == "wsdl":
            self._send(HTTPStatus.OK, envelope.wsdl(f"http://{host}/kias"), "text/xml; charset=utf-8")
        elif path in {"/", "/ledger"}:
            html = page.ledger(self.server.service.ledger.documents(limit=500), self.server.told())
            self._send(HTTPStatus.OK, html, "text/html; charset=utf-8")
        elif path == "/ledger.json":
            self._send_json(HTTPStatus.OK, {"documents": self.server.service.ledger.documents()})
        elif path == "/healthz":
            self._send_json(HTTPStatus.OK, {"ok": True})
        elif path == "/control" and self._from_here():
            self._send_json(HTTPStatus.OK, self.server.told())
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            self._send_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "too_large"})
            return
        body = self.rfile.read(length)
        if self.path == "/kias":
            self.server.enter(self.headers.get("X-Correlation-Id", ""))
            try:
                self._operation(body)
            except (AnswerLost, ConnectionError):
                self._drop()
            finally:
                self.server.leave()
        elif self.path == "/control" and self._from_here():
            self._control(body)
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def _operation(self, body: bytes) -> None:
        try:
            procedure, params = self.server.service.read(envelope.p_data(body))
        except (ParseError, ValueError) as wrong:
            self._send_xml(HTTPStatus.INTERNAL_SERVER_ERROR, envelope.fault(f"Неверный запрос: {wrong}"))
            return
        if self.server.faults.slow_s:
            time.sleep(self.server.faults.slow_s)
        fault = self.server.faults.next_for(procedure)
        if fault is None or not self._spoilt_before(fault, procedure, params):
            answer = envelope.answer(as_text(self.server.service.perform(procedure, params)))
            if fault is None or not self._spoilt_after(fault):
                self._send_xml(HTTPStatus.OK, answer)

    def _spoilt_before(self, fault: Fault, procedure: str, params: dict[str, str]) -> bool:
        """Whether the fault has answered instead of the service; nothing is done then, or only later."""
        match fault.kind:
            case "refuse":
                self._send_json(
                    HTTPStatus.SERVICE_UNAVAILABLE, {}, {"Retry-After": str(max(1, round(fault.seconds)))}
                )
            case "rate_limit":
                self._send_json(
                    HTTPStatus.TOO_MANY_REQUESTS, {}, {"Retry-After": str(max(1, round(fault.seconds)))}
                )
            case "expire" if procedure != "auth":
                self.server.service.ledger.end_sessions()
                gone = error("001", "Сеанс закончился. Войдите снова.")
                self._send_xml(HTTPStatus.OK, envelope.answer(as_text(gone)))
            case "http_500":
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"<h1>Runtime Error</h1>", "text/html")
            case "soap_fault":
                self._send_xml(
                    HTTPStatus.INTERNAL_SERVER_ERROR, envelope.fault("Server was unable to process")
                )
            case "not_ours":
                self._send(HTTPStatus.OK, b"<!doctype html><p>Wi-Fi login</p>", "text/html")
            case "commit_late":
                time.sleep(fault.seconds)
                self.server.service.perform(procedure, params)
                raise AnswerLost
            case _:
                return False
        return True

    def _spoilt_after(self, fault: Fault) -> bool:
        """The service has done its work; whether the fault has answered in its place."""
        match fault.kind:
            case "delay":
                time.sleep(fault.seconds)
                return False
            case "lose_answer":
                raise AnswerLost
            case "http_500_after":
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"<h1>Runtime Error</h1>", "text/html")
            case "malformed":
                self._send_xml(HTTPStatus.OK, b"<soap:Envelope><soap:Body><ExecProcResp")
            case _:
                return False
        return True

    def _control(self, body: bytes) -> None:
        if self.headers.get_content_type() != "application/json":  # no web page can send this by itself
            self._send_json(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"error": "send application/json"})
            return
        try:
            order = json.loads(body or b"{}")
            if not isinstance(order, dict):
                raise BadControlError("an object is wanted")
            self.server.change(order)
        except ValueError as wrong:
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": str(wrong)})
            return
        self._send_json(HTTPStatus.OK, self.server.told())

    def _from_here(self) -> bool:
        return self.client_address[0] in LOOPBACK

    def _drop(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _send_json(self, status: HTTPStatus, content: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self._send(status, body, "application/json; charset=utf-8", headers)

    def _send_xml(self, status: HTTPStatus, body: bytes) -> None:
        self._send(status, body, "text/xml; charset=utf-8")

    def _send(
        self, status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in ((headers or {}) | {"Content-Type": content_type}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the ledger page and /control tell what happened; lines would hold personal data."""
