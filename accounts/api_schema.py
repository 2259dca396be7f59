"""How the phone's API describes itself in OpenAPI: its refusals, its session cookie, its CSRF header."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from accounts import cookies, csrf


class RefusalBodySerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For machines; see docs/protocol.md, «Refusals».")
    message = serializers.CharField(help_text="For people, in Russian: what to do.")
    field = serializers.CharField(required=False, help_text="The field to blame.")
    tries_left = serializers.IntegerField(required=False)
    retry_after = serializers.IntegerField(required=False, help_text="Seconds.")


class RefusalSerializer(serializers.Serializer[Any]):
    error = RefusalBodySerializer()


_WHEN = {
    400: "The request cannot be served as it is.",
    401: "`login_required`",
    403: "`csrf`, `installation_required` or `not_allowed`",
    404: "`not_found`",
    413: "`too_large` or `too_many_items`",
    415: "`unsupported_media_type`",
    429: "`throttled`",
    503: "`try_later`",
}
CSRF_HEADER = OpenApiParameter(csrf.HEADER, str, OpenApiParameter.HEADER, required=True)


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """What `extend_schema(responses=…)` says about these HTTP statuses."""
    return {status: OpenApiResponse(RefusalSerializer, _WHEN[status]) for status in statuses}


class AgentAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.AgentAuthentication"
    name = "agentSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": cookies.SESSION}
