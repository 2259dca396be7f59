"""A line that loses, doubles and delays whole requests: a TCP proxy that reads HTTP and rolls dice.

`tests.support.line.Line` cuts and slows a connection; this one plays with requests. Each connection carries
one request, so the phones must send `Connection: close`.
"""

import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress

LARGEST = 8 * 1024 * 1024
#: what befalls a request, and how often in a hundred; the rest passes
FATES = {"lost_answer": 14, "lost_request": 8, "doubled": 9, "late_echo": 5, "delayed": 8}


class RoughLine:
    """Between phones and the server, on a port of its own. `smooth()` ends all trouble."""

    def __init__(self, upstream_port: int, seed: str) -> None:
        self._upstream = ("127.0.0.1", upstream_port)
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._rough = False
        self._echoes = 0
        self.happened: Counter[str] = Counter()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def rough(self) -> None:
        self._rough = True

    def smooth(self) -> None:
        self._rough = False

    @property
    def quiet(self) -> bool:
        """No late echo of a request is under way any more."""
        return self._echoes == 0

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    # --- how it is done ---

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(phone,), daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        with phone, suppress(OSError):
            phone.settimeout(60)
            if request := _read(phone):
                phone.sendall(self._fated(request))

    def _fated(self, request: bytes) -> bytes:
        """What the phone gets for this request; nothing where request or answer is lost."""
        fate, pause = self._fate(request)
        if fate == "lost_request":
            self._exchange(request[: len(request) // 2], wait=False)
            return b""
        if fate == "delayed":
            time.sleep(pause)  # others overtake
        elif fate == "doubled":
            other = threading.Thread(target=self._exchange, args=(request,), daemon=True)
            other.start()
        elif fate == "late_echo":
            with self._lock:
                self._echoes += 1
            threading.Thread(target=self._echo, args=(request, pause * 4), daemon=True).start()
        answer = self._exchange(request)
        return b"" if fate == "lost_answer" else answer

    def _echo(self, request: bytes, pause: float) -> None:
        """The same request once more, long after its answer."""
        try:
            time.sleep(pause)
            self._exchange(request)
        finally:
            with self._lock:
                self._echoes -= 1

    def _fate(self, request: bytes) -> tuple[str, float]:
        with self._lock:
            rolled, pause = self._dice.uniform(0, 100), self._dice.uniform(0.1, 0.7)
            fate = "passed"
            for name, share in FATES.items():
                rolled -= share
                if rolled < 0:
                    fate = name
                    break
            if not self._rough:
                fate = "passed"
            # What speaks of the phone's own storage is not handed over twice by any line that exists.
            elif fate == "late_echo" and not request.startswith(b"POST /api/receipts "):
                fate = "delayed"
            self.happened[fate] += 1
            return fate, pause

    def _exchange(self, request: bytes, *, wait: bool = True) -> bytes:
        """The server's whole answer; empty when it went away."""
        answer = b""
        with suppress(OSError), socket.create_connection(self._upstream, 5) as server:
            server.settimeout(60)
            server.sendall(request)
            while wait and (data := server.recv(65536)):
                answer += data
        return answer


def _read(phone: socket.socket) -> bytes:
    """One request with its body; empty when the phone went away."""
    data = b""
    wanted: int | None = None
    while wanted is None or len(data) < wanted:
        part = phone.recv(65536)
        if not part or len(data) > LARGEST:
            return b""
        data += part
        if wanted is None and b"\r\n\r\n" in data:
            head = data.split(b"\r\n\r\n", 1)[0]
            lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            wanted = len(head) + 4 + (int(lengths[0].split(b":")[1]) if lengths else 0)
    return data
