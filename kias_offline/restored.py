"""A database older than what was said answers nobody until `manage.py after_restore` has run (spec
«Epoch»).
"""

from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponse

from kias_offline import api_errors
from sync.restore import high_water

GetResponse = Callable[[HttpRequest], HttpResponse]

_RETRY_AFTER_S = 60
_OFFICE = (
    "Базу восстановили из копии, и сервер пока никого не слушает: иначе в КИАС могли бы попасть дубли, "
    "а отозванные входы снова открылись бы.\n"
    "Администратору: выполните «manage.py after_restore», см. runbook, «Restore»."
)


class RestoredMiddleware:
    """Closes API and office while the database is behind the high-water mark, and moves the mark on after
    what was done. Phones hear «позже» and keep everything.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path.startswith("/api/")
        if not is_api and not request.path.startswith("/admin/"):
            return self.get_response(request)
        try:
            older = high_water.is_older()
        except Error:  # away, or just being restored
            if is_api:
                return _later(5)
            raise
        if older:
            return _later(_RETRY_AFTER_S) if is_api else _closed()
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 500:
            high_water.note()
        return response


def _later(seconds: int) -> HttpResponse:
    response = api_errors.answer("try_later")
    response["Retry-After"] = str(seconds)
    return response


def _closed() -> HttpResponse:
    return HttpResponse(_OFFICE, status=503, content_type="text/plain; charset=utf-8")
