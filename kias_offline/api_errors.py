"""The one place where a refusal becomes HTTP. Shape and codes: docs/protocol.md, «Refusals»."""

import logging
import re
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.refusals import RefusalError

log = logging.getLogger(__name__)

STATUS = {
    "login_required": 401,
    "csrf": 403,
    "installation_required": 403,
    "not_allowed": 403,
    "update_required": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "too_many_items": 413,
    "unsupported_media_type": 415,
    "throttled": 429,
    "server_error": 500,
    "try_later": 503,
}
MESSAGES = {
    "login_required": "Войдите по коду из SMS: квитанции на телефоне сохранятся и уйдут после входа.",
    "csrf": "Страница устарела. Повторите действие.",
    "not_found": "Такого адреса на сервере нет. Обновите приложение.",
    "method_not_allowed": "Так к этому адресу не обращаются. Обновите приложение.",
    "unsupported_media_type": "Сервер понимает только JSON. Обновите приложение.",
    "not_json": "Запрос пришёл испорченным. Повторите ещё раз.",
    "too_large": "Запрос слишком большой. Отправьте меньше квитанций за раз.",
    "server_error": "На сервере ошибка, мы уже знаем о ней. Ничего не потеряно, повторите позже.",
    "try_later": "Сервер временно занят. Ничего не потеряно, повторите позже.",
}
_CODES: list[tuple[type[Exception], str]] = [
    (exceptions.ParseError, "not_json"),
    (exceptions.NotAuthenticated, "login_required"),
    (exceptions.AuthenticationFailed, "login_required"),
    (exceptions.PermissionDenied, "not_allowed"),
    (exceptions.NotFound, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (SuspiciousOperation, "invalid"),
]


def body(code: str, message: str = "", field: str | None = None, **extra: Any) -> dict[str, Any]:
    """The JSON of a refusal."""
    error: dict[str, Any] = {"code": code, "message": message or MESSAGES.get(code, RefusalError.message)}
    if field:
        error["field"] = field
    return {"error": error | extra}


def answer(code: str, **extra: Any) -> JsonResponse:
    """A refusal as a plain Django response, for places outside of DRF (middleware, 404, 500)."""
    return JsonResponse(body(code, **extra), status=STATUS.get(code, 400))


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error under /api/ leaves in one shape."""
    if isinstance(error, RefusalError):
        response = Response(
            body(error.code, error.message, error.field, **error.extra), status=STATUS.get(error.code, 400)
        )
        if "retry_after" in error.extra:
            response["Retry-After"] = str(error.extra["retry_after"])
        return response
    if isinstance(error, exceptions.ValidationError):
        field, message = _first(error.detail)
        return Response(body("invalid", message if _is_russian(message) else "", field), status=400)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Response(body(code), status=STATUS.get(code, 400))
    if isinstance(error, OperationalError | InterfaceError):
        return None  # the database is away: `ApiBodyMiddleware` answers «later» (F14)
    log.exception("unhandled error in the API", exc_info=error)
    return Response(body("server_error"), status=500)


def _first(detail: Any, field: str | None = None) -> tuple[str | None, str]:
    """The first field to blame, dotted, and its sentence."""
    if isinstance(detail, dict):
        key, inner = next(iter(detail.items()))
        name = None if key == "non_field_errors" else str(key)
        return _first(inner, ".".join(part for part in (field, name) if part) or None)
    if isinstance(detail, list):
        return _first(next((item for item in detail if item), ""), field)
    return field, str(detail)


def _is_russian(message: str) -> bool:
    """DRF's own sentences are translated in part only; the rest get our general one."""
    return any("а" <= sign <= "я" for sign in message) and not re.search("[a-z]{3}", message)


@csrf_exempt  # there is nothing to protect, and Django's own refusal is a page
def not_found(request: HttpRequest) -> JsonResponse:
    return answer("not_found")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django answers before any view is asked: a foreign host, too many fields."""
    return answer("invalid") if _is_api(request) else defaults.bad_request(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """An error outside of the views; Django has logged it."""
    return answer("server_error") if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
