"""The login calls of the phone's API: parse, one call of the domain, cookies, answer (docs/protocol.md)."""

import base64
import binascii

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import addresses, cookies, csrf, installations, known_browsers, login, sessions
from accounts.api_schema import CSRF_HEADER, refusals
from accounts.authentication import AnyBrowser, HasSession, session_of
from accounts.serializers import (
    InstallationAnswerSerializer,
    InstallationRequestSerializer,
    LoggedInSerializer,
    LoginAttemptSerializer,
    LoginCodeRequestSerializer,
    LoginConfirmSerializer,
    NothingSerializer,
)


class LoginCodeView(APIView):
    permission_classes = [AnyBrowser]

    @extend_schema(
        operation_id="login_code",
        request=LoginCodeRequestSerializer,
        responses={202: LoginAttemptSerializer} | refusals(400, 403, 413, 415, 429, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Ask for a login code, or for the same one again."""
        asked_for = LoginCodeRequestSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        asked = login.ask_for_code(
            asked_for.validated_data["phone_number"],
            attempt_token=request.COOKIES.get(cookies.ATTEMPT, ""),
            known_installations=known_browsers.ids_of(request),
            address=addresses.address_of(request),
        )
        response = Response(LoginAttemptSerializer(asked).data, status=202)
        cookies.put(response, cookies.ATTEMPT, asked.token, life=cookies.ATTEMPT_LIFE)
        return response


class LoginConfirmView(APIView):
    permission_classes = [AnyBrowser]

    @extend_schema(
        operation_id="login_confirm",
        request=LoginConfirmSerializer,
        responses={200: LoggedInSerializer} | refusals(400, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Confirm the code; the answer's cookie is the agent's session."""
        typed = LoginConfirmSerializer(data=request.data)
        typed.is_valid(raise_exception=True)
        confirmed = login.confirm(
            typed.validated_data["code"],
            attempt_token=request.COOKIES.get(cookies.ATTEMPT, ""),
            former_token=sessions.token_of(request),
            known_installations=known_browsers.ids_of(request),
        )
        response = Response(LoggedInSerializer({"agent": confirmed.session.agent}).data)
        sessions.set_cookie(response, confirmed.token)
        cookies.drop(response, cookies.ATTEMPT)
        return response


class InstallationView(APIView):
    permission_classes = [HasSession]

    @extend_schema(
        operation_id="installation",
        request=InstallationRequestSerializer,
        responses={200: InstallationAnswerSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Register this browser's signing key and bind the session to its installation."""
        offered = InstallationRequestSerializer(data=request.data)
        offered.is_valid(raise_exception=True)
        given = offered.validated_data
        installation = installations.register(
            session_of(request),
            public_key=given["public_key"],
            proof=_bytes_of(given["proof"]),
            csrf_token=request.headers[csrf.HEADER],
            device=installations.Device(given["name"], given["app_version"]),
            known=installations.Known(**given["known"]) if given.get("known") else None,
            here=known_browsers.ids_of(request),
        )
        response = Response(InstallationAnswerSerializer({"installation": installation}).data)
        known_browsers.remember(request, response, installation)
        return response


class LogoutView(APIView):
    permission_classes = [HasSession]

    @extend_schema(
        operation_id="logout",
        request=None,
        responses={200: NothingSerializer} | refusals(401, 403, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """End the session. What waits on the phone stays there: never `Clear-Site-Data` (P21)."""
        sessions.end(session_of(request), now=timezone.now())
        response = Response({})
        cookies.drop(response, cookies.SESSION)
        return response


def _bytes_of(text: str) -> bytes:
    """The bytes of a base64 text; nothing for garbage, which no signature check accepts."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
