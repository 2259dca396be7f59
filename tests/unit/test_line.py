"""The line of the browser tests can be trusted: it cuts, loses and heals as it says."""

import http.client
import http.server
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scripts.system import NO_PROXY
from tests.support.line import Line, Shape


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
        return bytes(answer.read())


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


@pytest.mark.parametrize("status", ["302 Found", "511 Network Authentication Required"])
def test_f27_a_portal_may_answer_as_it_likes(line: Line, status: str) -> None:
    line.portal(
        status, "Content-Type: application/json\r\nLocation: http://127.0.0.1:9/login", b'{"login": true}'
    )
    with pytest.raises(urllib.error.URLError):
        ask(line, b"receipt")
    assert Server.posted == []


def test_f34_a_shaped_line_carries_no_more_than_its_rate_and_counts_it(line: Line) -> None:
    shape = line.shape(Shape(bits=400_000, round_trip=0.1, stalls=0))
    begun = time.monotonic()
    assert ask(line, b"r" * 20_000) == b"ours"
    took = time.monotonic() - begun
    up, down = shape.carried
    assert up > 20_000
    assert took >= up * 8 / 400_000 + 0.1  # what is promised is a lower bound: a busy machine is only slower
    assert down > 0
    assert shape.connections == 1
    assert shape.requests[0].startswith("POST ")
    assert Server.posted == [b"r" * 20_000]


def test_f34_the_same_seed_stalls_the_same_segments() -> None:
    made = [Shape(stalls=0.5, seed=7) for _ in range(2)]
    for shape in made:
        for _ in range(40):
            shape.schedule(0, 100)
    assert made[0].stalled == made[1].stalled > 5


def test_f34_on_a_flaky_line_every_second_call_breaks_there_or_back_in_turn(line: Line) -> None:
    line.flaky()
    line_url = f"{line.url}/api/receipts"

    def call() -> bool:
        try:
            with NO_PROXY.open(urllib.request.Request(line_url, data=b"receipt"), timeout=10) as answer:
                return bool(answer.read() == b"ours")
        except (OSError, http.client.HTTPException):
            return False

    assert [call() for _ in range(5)] == [False, True, False, True, False]
    assert Server.posted.count(b"receipt") == 3  # two that came through and one whose answer broke
