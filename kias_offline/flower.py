"""Flower at `/admin/flower/`: to be looked at by ops, behind the staff login, no more (P10; ADR 0017).

Flower itself listens where nobody but us reaches it. Only GET and HEAD pass, only to its pages: its API,
which could shut a worker down, is not among them. No cookie goes there or comes back.
"""

import logging
import re
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import quote

import httpx
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backoffice import roles

log = logging.getLogger(__name__)

PREFIX = "admin/flower"
#: Flower's own pages; nothing that acts, tells its settings, or logs anybody in
PAGES = re.compile(
    r"|workers|worker/[^/]{1,100}|tasks|tasks/datatable|task/[0-9a-f-]{36}|broker"
    r"|static/(?:favicon\.ico|(?:js|css)/[\w.-]{1,60})"
)
ASKED = ("Accept", "If-None-Match", "If-Modified-Since")
ANSWERED = ("Content-Type", "Etag", "Last-Modified")
MAX_BODY = 16 * 1024 * 1024
#: The one inline script of its pages is let in by its hash: «var autorefresh = 0;».
POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-Plc72SJ5jJr8U3f1AUIRpRT60gipUj+EwCvnh1JkE68='; "
    "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Its list of tasks asks by POST what it could as well ask by GET.
SCRIPT = "static/js/flower.js"
ASKS_BY_POST = re.compile(rb"type: 'POST',(\s+url: url_prefix\(\) \+ '/tasks/datatable')")

_client = httpx.Client(
    timeout=httpx.Timeout(10, connect=2),
    trust_env=False,
    headers={"Accept-Encoding": "identity"},
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # keeps none: one person's would be another's
)


class TooMuchError(Exception):
    """An answer beyond `MAX_BODY`."""


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """A page of Flower for a member of staff who may watch the system; for others the login or a refusal."""
    answer: HttpResponse = _for_staff(request, path)
    return answer


def _pass_on(request: HttpRequest, path: str) -> HttpResponse:
    if not request.user.has_perm(roles.WATCH):
        raise PermissionDenied
    if not settings.FLOWER_URL or not PAGES.fullmatch(path):
        raise Http404
    try:
        found, body = _fetch(request, path)
    except (httpx.HTTPError, TooMuchError) as error:
        log.warning("flower away", extra={"error": type(error).__name__})
        return render(request, "flower_away.html", status=502)
    if path == SCRIPT:
        body = ASKS_BY_POST.sub(rb"type: 'GET',\1", body)
    headers = {name: found.headers[name] for name in ANSWERED if name in found.headers}
    headers["Content-Security-Policy"] = POLICY
    if path.startswith("static/"):
        headers["Cache-Control"] = "private, max-age=3600"
    return HttpResponse(b"" if request.method == "HEAD" else body, status=found.status_code, headers=headers)


def _fetch(request: HttpRequest, path: str) -> tuple[httpx.Response, bytes]:
    query = request.META.get("QUERY_STRING", "")
    url = f"{settings.FLOWER_URL.rstrip('/')}/{PREFIX}/{quote(path, safe='/@')}"
    asked = {name: value for name in ASKED if (value := request.headers.get(name))}
    with _client.stream("GET", f"{url}?{query}" if query else url, headers=asked) as found:
        body = b""
        for part in found.iter_bytes():
            body += part
            if len(body) > MAX_BODY:
                raise TooMuchError
        return found, body


_for_staff = admin.site.admin_view(_pass_on)
