"""The line of the browser tests can be trusted: it cuts, loses and heals as it says."""

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scripts.system import NO_PROXY
from tests.support.line import Line


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    posted: list[bytes] = []

    def do_POST(self) -> None:
        self.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"ours")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def line() -> Iterator[Line]:
    Server.posted = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = Line(server.server_address[1])
        yield line
        line.close()
        server.shutdown()


def ask(line: Line, body: bytes | None = None) -> bytes:
    with NO_PROXY.open(urllib.request.Request(line.url, data=body), timeout=10) as answer:
        return answer.read()


def test_a_cut_line_refuses_and_a_restored_one_answers_on_the_same_port(line: Line) -> None:
    url = line.url
    assert ask(line) == b"ours"
    line.cut()
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(line)
    line.restore()
    assert line.url == url
    assert ask(line) == b"ours"


def test_a_lost_reply_means_that_the_server_has_the_request_and_the_phone_no_answer(line: Line) -> None:
    lost = line.lose_next_reply()
    with pytest.raises(OSError):  # noqa: PT011 - reset or closed, as the kernel likes
        ask(line, b"receipt")
    lost.wait()
    assert Server.posted == [b"receipt"]
    assert ask(line, b"again") == b"ours"


def test_f27_a_portal_answers_for_the_server(line: Line) -> None:
    line.portal()
    assert b"Wi-Fi" in ask(line, b"receipt")
    assert Server.posted == []
    line.restore()
    assert ask(line) == b"ours"
