"""A line between a phone and the server that can be cut, made slow, or lose one answer.

Playwright's `set_offline` does not reach service workers reliably, so the tests cut a real TCP connection.
"""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 16 * 1024
PORTAL_PAGE = "<!doctype html><title>Wi-Fi</title><p>Войдите, чтобы пользоваться сетью.</p>".encode()


class LostReply:
    """One answer that is going to get lost; `wait` until the server had given it."""

    def __init__(self, containing: bytes) -> None:
        self.containing = containing
        self.happened = threading.Event()

    def wait(self, seconds: float = 30) -> None:
        assert self.happened.wait(seconds), f"no request with {self.containing!r} came within {seconds} s"


class Line:
    """A TCP proxy on its own port, which stays the same over cuts: the browser's origin must not change."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream = ("127.0.0.1", upstream_port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._lost: list[LostReply] = []
        self._pause_s = 0.0
        self._portal = False
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
        self._portal = False
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

    def portal(self) -> None:
        """A captive portal: everything is answered 200 with a foreign HTML page (F27)."""
        self._portal = True

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
            if not cut_meanwhile:
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
                        phone.sendall(_portal_answer())
                        return
                    losing = losing or self._take_lost(data)
                    server.sendall(data)
                elif losing:
                    losing.happened.set()
                    return
                else:
                    phone.sendall(data)

    def _take_lost(self, request: bytes) -> LostReply | None:
        with self._lock:
            lost = next((lost for lost in self._lost if lost.containing in request), None)
            if lost:
                self._lost.remove(lost)
            return lost


def _portal_answer() -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(PORTAL_PAGE)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + PORTAL_PAGE


def _break(end: socket.socket) -> None:
    """Nothing passes any more, and the thread that waits for this socket wakes up and closes it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
