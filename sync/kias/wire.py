"""One HTTP POST to KIAS, sorted by what may have happened: never sent, or perhaps taken.

Every call has a connection of its own: a kept one that died between two calls could not be told from an
answer that was lost.
"""

import threading

import httpx

from accounts.lines import Line
from sync.kias.gateway import KiasUnavailableError, KiasUnknownError

LONGEST_ANSWER = 4 * 1024 * 1024  # bytes
RETRY_AFTER_UNNAMED_S = 30.0


class Wire:
    """Posts to one address. `connect_timeout_s` bounds the connecting alone, `within` a whole exchange."""

    def __init__(self, url: str, connect_timeout_s: float) -> None:
        self._url = url
        self._connect_timeout_s = connect_timeout_s
        self._client = httpx.Client(
            limits=httpx.Limits(max_keepalive_connections=0), follow_redirects=False, trust_env=False
        )

    def post(self, body: bytes, headers: dict[str, str], within: float) -> tuple[int, bytes]:
        """HTTP status (2xx or 5xx) and the answer's bytes.

        Raises KiasUnavailableError when KIAS cannot have taken the request, KiasUnknownError when it may.
        """
        if within <= 0:
            raise KiasUnavailableError("no time left to call")
        line = Line()
        cutter = threading.Timer(within, line.cut)  # httpx bounds each read, not the whole answer
        cutter.daemon = True
        timeout = httpx.Timeout(within, connect=min(within, self._connect_timeout_s))
        cutter.start()
        try:
            with self._client.stream(
                "POST",
                self._url,
                content=body,
                headers=headers,
                timeout=timeout,
                extensions={"trace": line.watch},
            ) as response:
                _refuse_what_was_not_taken(response)
                return response.status_code, _read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise KiasUnavailableError(f"no connection: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            how = "time-out" if line.was_cut else type(error).__name__
            raise KiasUnknownError(f"answer lost: {how}") from error
        finally:
            cutter.cancel()


def _refuse_what_was_not_taken(response: httpx.Response) -> None:
    """Raise KiasUnavailableError for the answers that say that nothing was done."""
    status = response.status_code
    wait = _seconds(response.headers.get("Retry-After"))
    if status == 429 or (status == 503 and wait is not None):
        raise KiasUnavailableError(f"HTTP {status}", retry_after=wait or RETRY_AFTER_UNNAMED_S)
    if 400 <= status < 500:
        raise KiasUnavailableError(f"HTTP {status}")


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; a date or nonsense there counts as the usual pause."""
    if header is None:
        return None
    return float(header) if header.strip().isdigit() else RETRY_AFTER_UNNAMED_S


def _read(response: httpx.Response) -> bytes:
    answer = bytearray()
    for chunk in response.iter_bytes():
        answer += chunk
        if len(answer) > LONGEST_ANSWER:
            raise KiasUnknownError("answer too long")
    return bytes(answer)
