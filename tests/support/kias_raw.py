"""A listener that answers KIAS's calls with bytes of the test's choosing, and an adapter pointed at it."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

from sync.kias.soap import SoapGateway
from tests.support.kias_process import MemorySession, soap_gateway

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://kias.local/service"


@contextmanager
def server_that(says: Callable[[socket.socket], None], wrap: Any = None) -> Iterator[str]:
    """A listener that treats each connection as `says(connection)` does; its `host:port`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                try:
                    with wrap(line) if wrap else line as spoken:
                        says(spoken)
                except OSError:
                    continue  # he hung up

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def read_request(line: socket.socket) -> bytes:
    """One request, to its last byte; empty when there is none."""
    got = b""
    while b"\r\n\r\n" not in got:
        if not (more := line.recv(65536)):
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    named = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    length = int(named[1]) if named else 0
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


def soap(data: str) -> bytes:
    """The envelope around the text of an answer's `<data>`."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><ExecProcResponse xmlns="{SERVICE}"><ExecProcResult>'
        f"{escape(data)}</ExecProcResult></ExecProcResponse></s:Body></s:Envelope>"
    ).encode()


def gateway_to(address: str, **given: Any) -> SoapGateway:
    """An adapter that believes it is logged in already."""
    session = MemorySession()
    session.renew("", lambda: "known", 1)
    url = address if "://" in address else f"http://{address}/kias"
    return soap_gateway(url, session, **given)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that answers every call with the same bytes and hangs up."""

    def say(line: socket.socket) -> None:
        if read_request(line):
            line.sendall(answer)

    with server_that(say) as address:
        yield address
