"""What every request passes: correlation id, policies in the headers, the body limits of the API."""

import io
import logging
import time
import zlib
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

from accounts import correlation
from kias_offline import api_errors

log = logging.getLogger("kias_offline.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]

_NOWHERE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_OWN_FORMS = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
#: path prefix → policy; the first that fits. Nothing inline anywhere. What the admin's theme needs beyond
#: the others' policies, 'unsafe-eval', and why: docs/adr/0005-admin-theme-and-csp.md.
POLICIES = (
    (
        "/admin/",
        "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; {_OWN_FORMS}",
    ),
    (
        "/demo/",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"{_OWN_FORMS}; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("/api/", f"default-src 'none'; {_NOWHERE}"),
    (  # kias-worker: the client's one Trusted Types policy, for the address of its service worker
        "/",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        f"{_OWN_FORMS}; require-trusted-types-for 'script'; trusted-types kias-worker",
    ),
)


class CorrelationMiddleware:
    """Takes the phone's correlation id or makes one, logs the request, answers the id back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        correlation_id = correlation.accepted(request.headers.get("X-Correlation-Id", ""))
        started = time.perf_counter()
        with correlation.follow(correlation_id):
            response = self.get_response(request)
            if not request.path.startswith("/static/"):
                took = round((time.perf_counter() - started) * 1000, 1)
                log.info(
                    "request",
                    extra={
                        "method": request.method,
                        "path": request.path,
                        "status": response.status_code,
                        "ms": took,
                    },
                )
        response["X-Correlation-Id"] = correlation_id
        return response


#: Powers of the browser that no page of ours needs, so that no injected script has them either.
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class HeadersMiddleware:
    """Policies for the browser, and nothing to be kept by a cache unless the view says otherwise (P21)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = next(policy for prefix, policy in POLICIES if request.path.startswith(prefix))
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cache-Control", "no-store")
        return response


class BodyTooLargeError(Exception):
    """Raised inside `expand` only."""


def expand(packed: bytes, limit: int) -> bytes:
    """Gunzip at most `limit` bytes. Raises `BodyTooLargeError` beyond it, `zlib.error` for no gzip."""
    machine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    plain = machine.decompress(packed, limit + 1)
    if len(plain) > limit:
        raise BodyTooLargeError
    if not machine.eof:
        raise zlib.error("truncated gzip body")
    return plain


#: bytes; what is smaller fits into one packet anyway
WORTH_GZIP = 1_000


class ApiBodyMiddleware:
    """Bodies under /api/: bounded, gzip both ways; a database away is «later», not 500 (F14, F34)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        refusal = self._read(request)
        return self._pack(request, refusal or self.get_response(request))

    def _pack(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Gzip for a slow line. Never the ping: its answer carries tokens."""
        wanted = "gzip" in request.headers.get("Accept-Encoding", "")
        if not wanted or request.path == "/api/ping" or len(response.content) < WORTH_GZIP:
            return response
        response.content = compress_string(response.content)
        response["Content-Length"] = str(len(response.content))
        response["Content-Encoding"] = "gzip"
        if "ETag" in response:
            response["ETag"] = "W/" + response["ETag"]
        patch_vary_headers(response, ("Accept-Encoding",))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path.startswith("/api/"):
            return None
        if isinstance(error, OperationalError | InterfaceError):
            log.warning("database away", exc_info=error)
            response = api_errors.answer("try_later")
            response["Retry-After"] = "5"
            return response
        log.exception("unhandled error in the API", exc_info=error)
        return api_errors.answer("server_error")

    def _read(self, request: HttpRequest) -> HttpResponse | None:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return api_errors.answer("not_json")
        if length > settings.API_MAX_BODY:
            return api_errors.answer("too_large")
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding == "identity":
            return None
        if encoding != "gzip":
            return api_errors.answer("unsupported_media_type")
        try:
            plain = expand(request.read(settings.API_MAX_BODY + 1), settings.API_MAX_EXPANDED)
        except BodyTooLargeError:
            return api_errors.answer("too_large")
        except zlib.error:
            return api_errors.answer("not_json")
        request._body = plain  # Django's own cache of the body; there is no public way to replace it
        request._stream = io.BytesIO(plain)
        request.META["CONTENT_LENGTH"] = str(len(plain))
        return None
