"""The app's shell: one static page for all of the app's addresses, with no user data and no token in it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def app(request: HttpRequest) -> HttpResponse:
    """The built `index.html`. The service worker serves the same bytes without network."""
    page = settings.CLIENT_DIST / "index.html"
    if not page.is_file():
        return HttpResponse(
            "Клиент не собран: выполните make client.", status=503, content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(page.read_bytes(), headers={"Cache-Control": "no-cache"})
