"""One HTTP POST to an SMS provider, with a limit on connecting and one on the whole exchange."""

import threading
from collections.abc import Mapping
from typing import Any

import httpx

from accounts.lines import Line

LONGEST_ANSWER = 64 * 1024  # bytes


def post(
    url: str,
    *,
    data: Mapping[str, Any] | None,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> tuple[int, str]:
    """HTTP status and text of the answer. Raises `httpx.HTTPError`, whose text holds nothing of the SMS.

    Connecting has half the time. A connection of its own for every SMS, which remembers nothing.
    """
    line = Line()
    cutter = threading.Timer(timeout_s, line.cut)  # httpx bounds each read, not the whole answer
    cutter.daemon = True
    cutter.start()
    try:
        with (
            httpx.Client(timeout=httpx.Timeout(timeout_s, connect=timeout_s / 2)) as client,
            client.stream(
                "POST", url, data=data, headers=headers, auth=auth, extensions={"trace": line.watch}
            ) as response,
        ):
            status, text = response.status_code, _text(response)
    except httpx.HTTPError as error:
        raise (httpx.ReadTimeout("cut") if line.was_cut else error) from None
    finally:
        cutter.cancel()
    if line.was_cut:  # an answer without a length ends like a whole one
        raise httpx.ReadTimeout("cut")
    return status, text


def _text(response: httpx.Response) -> str:
    answer = bytearray()
    for chunk in response.iter_bytes():
        answer += chunk
        if len(answer) > LONGEST_ANSWER:
            raise httpx.DecodingError("answer too long")
    return answer.decode("utf-8", "replace")
