"""An SMS provider's address for tests: real HTTP, remembers what came, answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Answer:
    """`{to}` and `{text}` in the body are filled in: the real ones like to repeat what they were given."""

    status: int = 200
    body: str = ""
    slow: bool = False  # the headers at once, the body sign by sign and without an end
    silent: bool = False  # nothing, and the line stays open


@dataclass
class SmsServer:
    """`answers` are used once each; then `usual` is given."""

    url: str
    usual: Answer
    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    #: which fields hold the number and the text
    names: tuple[str, str] = ("To", "Body")

    @property
    def texts(self) -> list[str]:
        return [request[self.names[1]] for request in self.requests]

    def fill(self, body: str, sms: dict[str, str]) -> bytes:
        to, text = (sms.get(name, "").replace("\n", "\\n") for name in self.names)
        return body.replace("{to}", to).replace("{text}", text).encode()


@contextmanager
def sms_server(names: tuple[str, str], usual: Answer, *answers: Answer) -> Iterator[SmsServer]:
    """A stand-in that is listening while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            sms = {key: values[0] for key, values in body.items()}
            answer = there.answers.pop(0) if there.answers else there.usual
            there.paths.append(self.path)
            there.headers.append(dict(self.headers))
            there.requests.append(sms)
            if answer.silent:
                over.wait(30)
                return
            self.send_response(answer.status)
            self.end_headers()
            while answer.slow and not over.wait(0.05):
                self.wfile.write(b" ")
            self.wfile.write(there.fill(answer.body, sms))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A caller who hung up is what some tests are about."""

    over = threading.Event()
    server = Server(("127.0.0.1", 0), Handler)
    there = SmsServer(f"http://127.0.0.1:{server.server_address[1]}", usual, list(answers), names=names)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield there
    finally:
        over.set()
        server.shutdown()
        server.server_close()
