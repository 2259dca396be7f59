"""Twilio's address for tests: real HTTP, remembers what came, answers as told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class TwilioStandIn:
    """`answers` are HTTP statuses, each used once; then 201. A refusal repeats the text it was given."""

    url: str
    answers: list[int] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        return [request["Body"] for request in self.requests]


@contextmanager
def twilio_stand_in(*answers: int) -> Iterator[TwilioStandIn]:
    """A stand-in that is listening while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            sms = {key: values[0] for key, values in body.items()}
            there.paths.append(self.path)
            there.requests.append(sms)
            if there.silent.is_set():
                release.wait(30)
            status = there.answers.pop(0) if there.answers else 201
            answer: dict[str, Any] = {"sid": "SM0", "status": "queued"}
            if status >= 400:
                answer = {"code": 21211, "message": f"cannot send «{sms['Body']}» to {sms['To']}"}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer, ensure_ascii=False).encode() if status != 202 else b"<html>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    release = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = TwilioStandIn(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        release.set()
        server.shutdown()
        server.server_close()
