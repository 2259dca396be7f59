"""HTTP around the service: the operation and its WSDL, `/ledger` for people, JSON for tests and demo."""

import json
import re
import select
import socket
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import ParseError

from sync.kias.simulator import envelope, page, spoiling
from sync.kias.simulator.control import World
from sync.kias.simulator.faults import BadControlError
from sync.kias.simulator.service import as_text
from sync.kias.simulator.spoiling import HTML, Reply

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
#: by what names it is asked for on its own machine: any other was made to point here (DNS rebinding)
OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}
LARGEST_BODY = 1024 * 1024
JSON = "application/json; charset=utf-8"


class Simulator(ThreadingHTTPServer):
    """The running simulator."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World) -> None:
        super().__init__(address, Handler)
        self.world = world


class Handler(BaseHTTPRequestHandler):
    server: Simulator
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        world = self.server.world
        path, _, query = self.path.partition("?")
        if path == "/kias" and query.lower() == "wsdl":
            host = self.headers.get("Host", "127.0.0.1")
            self._send(HTTPStatus.OK, envelope.wsdl(f"http://{host}/kias"), spoiling.XML)
        elif path == "/healthz":
            self._send_json(HTTPStatus.OK, {"ok": True})
        elif not self._is_named():
            self._send_json(HTTPStatus.FORBIDDEN, {"error": "foreign_host"})
        elif path in {"/", "/ledger"}:
            html = page.ledger(world.service.ledger.documents(limit=500), world.told(), said=query)
            self._send(HTTPStatus.OK, html, HTML)
        elif path == "/ledger.json":
            self._send_json(HTTPStatus.OK, {"documents": world.service.ledger.documents()})
        elif path == "/control" and self._from_here():
            self._send_json(HTTPStatus.OK, world.told())
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def do_POST(self) -> None:
        given = self.headers.get("Content-Length") or "0"
        if not given.isdecimal() or not 0 <= int(given) <= LARGEST_BODY:
            self.close_connection = True
            self._send_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "too_large"})
            return
        body = self.rfile.read(int(given))
        if self.path == "/kias":
            try:
                self._reply(self._counted(body))
            except ConnectionError:
                self._hang_up()
        elif not self._is_named():
            self._send_json(HTTPStatus.FORBIDDEN, {"error": "foreign_host"})
        elif self.path == "/control" and self._from_here():
            self._control(body)
        elif self.path == "/ledger" and self._from_here():
            self._by_a_person(body)
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def _counted(self, body: bytes) -> Reply:
        """The operation while it is under way: until there is an answer, or silence is over."""
        world = self.server.world
        world.enter(self.headers.get("X-Correlation-Id", ""), self.connection)
        try:
            reply = self._operation(body)
            if reply.silent_s is not None:
                select.select([self.connection], [], [], reply.silent_s)  # until then, or until he hangs up
            return reply
        finally:
            world.leave(self.connection)

    def _operation(self, body: bytes) -> Reply:
        world = self.server.world
        service, weather = world.service, world.weather
        if (away := weather.away_for()) is not None:
            return spoiling.later(503, away)
        if (wait := weather.too_many()) is not None:
            return spoiling.later(429, wait)
        try:
            procedure, params = service.read(envelope.p_data(body))
        except (ParseError, ValueError):
            return Reply(500, envelope.fault("Неверный запрос"))
        if pause := weather.slow_s + world.faults.drawn(weather.latency.draw):
            time.sleep(pause)
        fault = world.faults.next_for(procedure)
        if fault is None:
            return Reply(body=envelope.answer(as_text(service.perform(procedure, params))))
        instead = spoiling.before(fault, service, procedure, params)
        if instead is not None:
            return instead
        answer = as_text(service.perform(procedure, params))
        if fault.kind == "delay":
            time.sleep(fault.seconds)
        return spoiling.after(fault, answer)

    def _reply(self, reply: Reply) -> None:
        if reply.silent_s is None:
            self._send(HTTPStatus(reply.status), reply.body, reply.content_type, reply.headers)
            return
        self._hang_up()

    def _control(self, body: bytes) -> None:
        if self.headers.get_content_type() != "application/json":  # no web page can send this by itself
            self._send_json(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"error": "send application/json"})
            return
        try:
            order = json.loads(body or b"{}")
            if not isinstance(order, dict):
                raise BadControlError("an object is wanted")
            self.server.world.change(order)
        except (ValueError, TypeError) as wrong:
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": str(wrong)})
            return
        self._send_json(HTTPStatus.OK, self.server.world.told())

    def _by_a_person(self, body: bytes) -> None:
        """The forms of the ledger's page; a page of another origin is refused."""
        if self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
            self._send_json(HTTPStatus.FORBIDDEN, {"error": "foreign_origin"})
            return
        said = "done"
        try:
            self.server.world.by_a_person(page.order(dict(parse_qsl(body.decode("utf-8", "replace")))))
        except ValueError:
            said = "wrong"
        self._send(HTTPStatus.SEE_OTHER, b"", HTML, {"Location": f"/ledger?{said}"})

    def _from_here(self) -> bool:
        return self.client_address[0] in LOOPBACK

    def _is_named(self) -> bool:
        """Whether it is asked for by a name of this machine: a web page's own name could be pointed here."""
        return re.sub(r":[0-9]+$", "", self.headers.get("Host", "")).lower() in OWN_NAMES

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _send_json(self, status: HTTPStatus, content: Any) -> None:
        self._send(status, json.dumps(content, ensure_ascii=False).encode(), JSON)

    def _send(
        self, status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in ((headers or {}) | {"Content-Type": content_type}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:  # we hung up on purpose, or he did
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the ledger page and /control tell what happened; lines would hold personal data."""
