"""The socket of one HTTP call, so that it can be cut: httpx bounds each read, not the whole exchange."""

import socket
from typing import Any


class Line:
    """Give `watch` to the call as httpx's `trace` extension; call `cut` when its time is over."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.was_cut = False

    def watch(self, event: str, info: dict[str, Any]) -> None:
        stream = info.get("return_value")
        if event.endswith(("connect_tcp.complete", "start_tls.complete")) and stream is not None:
            self._socket = stream.get_extra_info("socket")
            if self.was_cut:
                self.cut()

    def cut(self) -> None:
        self.was_cut = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already
