"""A bare Django view: reads the body, answers as many items as the intake. No middleware, no database."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="bench")  # noqa: S106

ANSWER = {"id": "01a2041a-cad3-7aff-962c-0b8bf4771374", "result": "accepted", "state": "accepted"}


def view(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"answers": [ANSWER] * 20, "read": len(request.body)})


urlpatterns = [path("api/receipts", view)]
application = get_wsgi_application()
