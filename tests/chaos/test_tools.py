"""The chaos's own tools: the rough line does what it says, and a seed rolls the same again."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tests.chaos import rough
from tests.chaos.plan import DECK, Plan
from tests.chaos.rough import RoughLine
from tests.support.stack import wait_for


class Server(HTTPServer):
    bodies: list[bytes]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # cut in the middle
        self.server.bodies.append(body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok " + body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(("127.0.0.1", 0), Handler)
    running.bodies = []
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def line(server: Server) -> Iterator[RoughLine]:
    between = RoughLine(server.server_address[1], "seed")
    yield between
    between.close()


def send(line: RoughLine, body: bytes = b"x" * 5000) -> httpx.Response:
    headers = {"Connection": "close"}
    return httpx.post(f"{line.url}/api/receipts", content=body, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    ("fate", "answered", "arrived"),
    [("lost_answer", False, 1), ("lost_request", False, 0), ("doubled", True, 2), ("late_echo", True, 2),
     ("delayed", True, 1)],
)  # fmt: skip
def test_a_rough_line_does_to_a_request_what_it_says(
    line: RoughLine, server: Server, monkeypatch: pytest.MonkeyPatch, fate: str, answered: bool, arrived: int
) -> None:
    monkeypatch.setattr(rough, "FATES", {fate: 100})
    line.rough()
    if answered:
        assert send(line).text == "ok " + "x" * 5000
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            send(line)
    wait_for(lambda: len(server.bodies) >= arrived and line.quiet, "all copies to arrive")
    assert server.bodies == [b"x" * 5000] * arrived
    assert line.happened == {fate: 1}


def test_a_smooth_line_passes_everything_on(line: RoughLine, server: Server) -> None:
    line.rough()
    line.smooth()
    assert {send(line).text for _ in range(5)} == {"ok " + "x" * 5000}
    assert len(server.bodies) == 5


def test_a_seed_rolls_the_same_faults_again_and_another_seed_rolls_others() -> None:
    def rolled(seed: str) -> tuple[object, ...]:
        plan = Plan(seed=seed)
        deck = list(DECK)
        plan.dice("conductor").shuffle(deck)
        return deck, plan.kias_faults(plan.dice("kias"), 50)

    assert rolled("a") == rolled("a")
    assert rolled("a") != rolled("b")


def test_of_a_hundred_saves_some_twenty_lose_their_answer_and_some_ten_are_late_within_the_settle_time() -> (
    None
):
    plan = Plan(seed="share")
    saves = [each for each in plan.kias_faults(plan.dice("kias"), 4000) if each["only"] == "save"]
    of_kind = {kind: [s for s in saves if s["kind"] == kind] for kind in ("lose_answer", "commit_late")}
    assert 0.17 < len(of_kind["lose_answer"]) / len(saves) < 0.23
    assert 0.08 < len(of_kind["commit_late"]) / len(saves) < 0.12
    low, high = plan.late_range()
    assert all(low <= fault["seconds"] <= high for fault in of_kind["commit_late"])
