"""A load of ready-made requests over a few connections that stay open; as little work as possible."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Run:
    """What a load came to: seconds per request, and how often each result was answered."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def run(port: int, loads: Sequence[Sequence[bytes]]) -> Run:
    """One connection per load, all at once."""
    outcome, gate = Run(), threading.Barrier(len(loads) + 1)
    failures: list[Exception] = []

    def one(requests: Sequence[bytes]) -> None:
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        gate.wait()
        try:
            for request in requests:
                begun = time.perf_counter()
                line.sendall(request)
                answer = _read(line)
                outcome.latencies.append(time.perf_counter() - begun)
                outcome.results["accepted"] += answer.count(b'"accepted","state"')
                if b" 200 OK" not in answer[:20]:
                    raise RuntimeError(answer[:800].decode(errors="replace"))
        except Exception as error:
            failures.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=one, args=(requests,)) for requests in loads]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - begun
    if failures:
        raise failures[0]
    return outcome


def _read(line: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(line)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(line)
    else:
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += _more(line)
    return head + b"\r\n\r\n" + body


def _more(line: socket.socket) -> bytes:
    if chunk := line.recv(65536):
        return chunk
    raise ConnectionError("the server closed the connection")
