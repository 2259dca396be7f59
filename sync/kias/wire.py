"""One HTTP POST to KIAS, sorted by what may have happened: never sent, or perhaps taken.

The border is the moment when the first byte of the request goes out: whatever fails before it (no address, no
connection, no trust in the certificate, a proxy that refuses, a kept connection found dead) is *unavailable*,
whatever fails after it is *unknown*, a kept connection that dies while the request is under way included.
"""

import re
import ssl
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from accounts.lines import Line
from sync.kias import http_status
from sync.kias.gateway import KiasUnavailableError, KiasUnknownError
from sync.kias.private import PrivateBytes

LONGEST_ANSWER = 4 * 1024 * 1024  # bytes
#: read here: the usual parser of MIME can be made to stumble, and nothing may end outside of our errors
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([A-Za-z][\w.-]{0,30})""", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class WireTerms:
    """How KIAS is reached. Seconds; `read_timeout_s` bounds the silence between two pieces of an answer.

    `keep_alive_s`: how long an idle connection may be used again, 0: never. `ca_file` replaces the usual
    authorities; `client_cert` and `client_key` show who we are. `proxy`: an address by `http` or `https`; the
    environment's proxies do not count.
    """

    url: str
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 15.0
    keep_alive_s: float = 2.0
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP's status, the charset that HTTP names, the body."""

    status: int
    charset: str
    body: PrivateBytes


class _Watch:
    """Where one call is: which socket, and whether a byte of the request may have left."""

    def __init__(self, line: Line) -> None:
        self.line, self.sent = line, False

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        self.line.watch(event, info)
        # a proxy's CONNECT goes out as «proxy…», or before TLS stands: that is not our request yet
        if event.endswith("send_request_headers.started") and _is_a_post(info):
            self.sent = True


def _is_a_post(info: dict[str, Any]) -> bool:
    return bool(getattr(info.get("request"), "method", b"POST") == b"POST")


class Wire:
    """Posts to one address. Every thread has a connection of its own, so that each call can be cut."""

    def __init__(self, terms: WireTerms) -> None:
        self._terms = terms
        self._trust = _trust(terms)
        self._mine = threading.local()

    def post(self, body: bytes, headers: dict[str, str], within: float) -> Answer:
        """What is at the address, after at most `within` seconds.

        Raises KiasUnavailableError when KIAS cannot have taken the request, KiasUnknownError when it may.
        """
        if within <= 0:
            raise KiasUnavailableError("no time left to call")
        client, line = self._own()
        line.was_cut = False
        watch = _Watch(line)
        cutter = threading.Timer(within, line.cut)  # httpx bounds each read, not the whole answer
        cutter.daemon = True
        cutter.start()
        failure = ""
        try:
            return self._exchange(client, body, headers, within, watch)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            failure = "time-out" if line.was_cut else type(error).__name__
        finally:
            cutter.cancel()
            cutter.join()  # it must not cut the next call's line
        # outside the except: neither the request nor its text hangs on what is raised
        if watch.sent:
            raise KiasUnknownError(f"answer lost: {failure}")
        raise KiasUnavailableError(f"no connection: {failure}")

    def _exchange(
        self, client: httpx.Client, body: bytes, headers: dict[str, str], within: float, watch: _Watch
    ) -> Answer:
        terms = self._terms
        timeout = httpx.Timeout(
            min(within, terms.read_timeout_s), connect=min(within, terms.connect_timeout_s), pool=within
        )
        with client.stream(
            "POST",
            terms.url,
            content=body,
            headers=headers | {"Accept-Encoding": "identity"},
            timeout=timeout,
            extensions={"trace": watch},
        ) as response:
            http_status.refuse_what_was_not_taken(response.status_code, response.headers)
            named = _CHARSET.search(response.headers.get("Content-Type", ""))
            return Answer(response.status_code, named[1] if named else "", _read(response))

    def _own(self) -> tuple[httpx.Client, Line]:
        """This thread's client and the line that it uses."""
        if not hasattr(self._mine, "client"):
            kept = 1 if self._terms.keep_alive_s else 0
            self._mine.line = Line()
            self._mine.client = httpx.Client(
                verify=self._trust,
                proxy=self._terms.proxy or None,
                limits=httpx.Limits(
                    max_connections=1,
                    max_keepalive_connections=kept,
                    keepalive_expiry=self._terms.keep_alive_s,
                ),
                follow_redirects=False,
                trust_env=False,
            )
        return self._mine.client, self._mine.line


def _trust(terms: WireTerms) -> ssl.SSLContext:
    """Certificates are verified, always. Raises OSError for files that cannot be read."""
    if terms.ca_file:
        trust = ssl.create_default_context(cafile=terms.ca_file)
    else:
        trust = httpx.create_ssl_context(trust_env=False)
    if terms.client_cert:
        trust.load_cert_chain(terms.client_cert, terms.client_key or None)
    return trust


def _read(response: httpx.Response) -> PrivateBytes:
    """The body as it came. We ask for no compression, so nothing can be larger than what we count."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise KiasUnknownError("compressed, though we asked for no compression")
    answer = bytearray()
    for chunk in response.iter_raw():
        answer += chunk
        if len(answer) > LONGEST_ANSWER:
            raise KiasUnknownError("answer too long")
    return PrivateBytes(answer)
