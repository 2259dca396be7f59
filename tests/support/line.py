"""A line between a phone and the server that can be cut, made slow, stall, or lose answers.

Playwright's `set_offline` does not reach service workers reliably, so the tests cut a real TCP connection.
"""

import queue
import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 16 * 1024
#: bytes of payload in one TCP segment, and of headers around it
SEGMENT, HEADER = 1_400, 40
THERE, BACK = 1, 2
PORTAL_PAGE = "<!doctype html><title>Wi-Fi</title><p>Войдите, чтобы пользоваться сетью.</p>".encode()


class LostReply:
    """One answer that is going to get lost; `wait` until the server had given it."""

    def __init__(self, containing: bytes) -> None:
        self.containing = containing
        self.happened = threading.Event()

    def wait(self, seconds: float = 30) -> None:
        assert self.happened.wait(seconds), f"no request with {self.containing!r} came within {seconds} s"


@dataclass(slots=True)
class Shape:
    """A thin line, the same both ways. Bits per second, seconds, share of segments that stand still.

    A stall holds up its own connection and direction, as a segment that TCP has to send again. The same
    seed gives the same stalls, one after another.
    """

    bits: int = 50_000
    round_trip: float = 0.6
    stalls: float = 0.02
    stall_range: tuple[float, float] = (1.0, 3.0)
    seed: int = 1
    #: what was carried: bytes up and down, segments that stood still, connections, requests
    carried: list[int] = field(default_factory=lambda: [0, 0])
    stalled: int = 0
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    _free_at: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def schedule(self, direction: int, size: int) -> tuple[float, float]:
        """When a segment has left on this direction (0 up, 1 down), and when it arrives."""
        with self._lock:
            left = max(time.monotonic(), self._free_at[direction]) + size * 8 / self.bits
            self._free_at[direction] = left
            self.carried[direction] += size
            arrives = left + self.round_trip / 2
            if self._dice.random() < self.stalls:
                self.stalled += 1
                arrives += self._dice.uniform(*self.stall_range)
            return left, arrives

    def opened(self) -> None:
        with self._lock:
            self.connections += 1

    def noted(self, data: bytes) -> None:
        """Remember the request line that begins here, if one does."""
        if data.startswith((b"GET ", b"POST ")):
            with self._lock:
                self.requests.append(data.split(b" HTTP/", 1)[0].decode())


class Line:
    """A TCP proxy on its own port, which stays the same over cuts: the browser's origin must not change."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream = ("127.0.0.1", upstream_port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._lost: list[LostReply] = []
        self._pause_s = 0.0
        self._portal: bytes | None = None
        self._shape: Shape | None = None
        self._flaky: int | None = None
        self.port = 0
        self.restore()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- what can happen to a line ---

    def cut(self) -> None:
        """No network: connections break, new ones are refused."""
        with self._lock:
            if self._listener:
                # `shutdown` wakes the thread in accept(); `close` alone would let it take one more.
                with suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
            for end in self._open:
                _break(end)

    def restore(self) -> None:
        """A good line again: listening, fast, honest; a reply that was to get lost no longer is."""
        self._pause_s = 0.0
        self._portal = self._shape = self._flaky = None
        with self._lock:
            self._lost.clear()
            if self._listener:
                return
            self._listener = listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(64)
            self.port = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def lose_next_reply(self, containing: bytes = b"POST ") -> LostReply:
        """The next request with these bytes reaches the server; its answer is dropped and the line breaks.

        `b"POST /api/receipts HTTP"` is the intake only, not the search.
        """
        lost = LostReply(containing)
        with self._lock:
            self._lost.append(lost)
        return lost

    def slow(self, pause_s: float = 0.3) -> None:
        """Every packet, both ways, takes that much longer (2G: about 0.3 to 1 s)."""
        self._pause_s = pause_s

    def shape(self, shape: Shape) -> Shape:
        """New connections are as thin as this; it counts what they carry."""
        self._shape = shape
        return shape

    def flaky(self) -> None:
        """Every second call of the API breaks in the middle, in turn on its way there and on its way back."""
        self._flaky = 0

    def portal(self, status: str = "200 OK", headers: str = "", body: bytes = PORTAL_PAGE) -> None:
        """A captive portal: everything is answered with a foreign page, by default 200 and HTML (F27)."""
        self._portal = _portal_answer(status, headers or "Content-Type: text/html; charset=utf-8", body)

    def close(self) -> None:
        self.cut()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Cut inside the block."""
        self.cut()
        try:
            yield
        finally:
            self.restore()

    # --- how it is done ---

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                phone, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(phone, listener), daemon=True).start()

    def _serve(self, phone: socket.socket, listener: socket.socket) -> None:
        try:
            server = socket.create_connection(self._upstream, 5)
        except OSError:
            phone.close()
            return
        with self._lock:
            cut_meanwhile = self._listener is not listener
            if not cut_meanwhile:
                self._open |= {phone, server}
        try:
            shape = self._shape
            if not cut_meanwhile and shape:
                self._carry_shaped(phone, server, shape)
            elif not cut_meanwhile:
                self._carry(phone, server)
        except OSError:
            pass  # one side went away, or the line was cut: that is what this is for
        finally:
            with self._lock:
                self._open -= {phone, server}
                for end in (phone, server):
                    _break(end)
                    end.close()

    def _carry(self, phone: socket.socket, server: socket.socket) -> None:
        """Both directions in one thread, until one side closes."""
        losing: LostReply | None = None
        breaking = 0
        while True:
            readable, _, _ = select.select([phone, server], [], [])
            for source in readable:
                data = source.recv(CHUNK)
                if not data:
                    return
                if self._pause_s:
                    time.sleep(self._pause_s)
                if source is phone:
                    if self._portal:
                        phone.sendall(self._portal)
                        return
                    breaking = breaking or self._next_break(data)
                    if breaking == THERE:
                        server.sendall(data[: len(data) // 2])
                        return
                    losing = losing or self._take_lost(data)
                    server.sendall(data)
                elif losing:
                    losing.happened.set()
                    return
                elif breaking:
                    phone.sendall(data[: len(data) // 2])
                    return
                else:
                    phone.sendall(data)

    def _carry_shaped(self, phone: socket.socket, server: socket.socket, shape: Shape) -> None:
        """One thread per direction reads as fast as the line takes it, one more lets it arrive."""
        shape.opened()
        time.sleep(shape.round_trip)  # TCP's own handshake, which a local connect does not show
        up = threading.Thread(target=self._pump, args=(phone, server, shape, 0), daemon=True)
        up.start()
        self._pump(server, phone, shape, 1)
        up.join()

    def _pump(self, source: socket.socket, target: socket.socket, shape: Shape, direction: int) -> None:
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        arriving = threading.Thread(target=_arrive, args=(under_way, target), daemon=True)
        arriving.start()
        last = 0.0
        with suppress(OSError):
            while data := source.recv(SEGMENT):
                if direction == 0:
                    shape.noted(data)
                left, arrives = shape.schedule(direction, len(data) + HEADER)
                last = max(last, arrives)  # nothing overtakes within a connection
                under_way.put((last, data))
                time.sleep(max(0.0, left - time.monotonic()))
        under_way.put((0.0, b""))
        arriving.join()
        for end in (source, target):
            _break(end)

    def _next_break(self, data: bytes) -> int:
        """Whether this request is one of those that break, and where: `THERE` or `BACK`; else 0."""
        if self._flaky is None or not data.startswith((b"GET /api/", b"POST /api/")):
            return 0
        with self._lock:
            self._flaky += 1
            return (0, THERE, 0, BACK)[self._flaky % 4]

    def _take_lost(self, request: bytes) -> LostReply | None:
        with self._lock:
            lost = next((lost for lost in self._lost if lost.containing in request), None)
            if lost:
                self._lost.remove(lost)
            return lost


def _portal_answer(status: str, headers: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


def _arrive(under_way: queue.SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
    with suppress(OSError):
        while True:
            at, data = under_way.get()
            if not data:
                return
            time.sleep(max(0.0, at - time.monotonic()))
            target.sendall(data)


def _break(end: socket.socket) -> None:
    """Nothing passes any more, and the thread that waits for this socket wakes up and closes it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
