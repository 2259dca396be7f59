"""An agent's phones and his number (docs/protocol.md, «Calls»): parse, one call of the domain, answer."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import addresses, cookies, installations, notices, phone_change
from accounts.api_schema import CSRF_HEADER, refusals
from accounts.authentication import Current, HasInstallation, MayRead, Settled, installation_of, session_of
from accounts.serializers import (
    LoggedInSerializer,
    LoginAttemptSerializer,
    LoginCodeRequestSerializer,
    LoginConfirmSerializer,
    NothingSerializer,
    NoticesReadSerializer,
    OwnInstallationsSerializer,
)


class NewNumberCodeView(APIView):
    permission_classes = [MayRead]

    @extend_schema(
        operation_id="phone_code",
        request=LoginCodeRequestSerializer,
        responses={202: LoginAttemptSerializer} | refusals(400, 401, 403, 413, 415, 429, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Ask for a code to the number he changes to, or for the same one again."""
        asked_for = LoginCodeRequestSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        asked = phone_change.ask(
            session_of(request),
            asked_for.validated_data["phone_number"],
            attempt_token=request.COOKIES.get(cookies.NEW_NUMBER, ""),
            address=addresses.address_of(request),
        )
        response = Response(LoginAttemptSerializer(asked).data, status=202)
        cookies.put(response, cookies.NEW_NUMBER, asked.token, life=cookies.ATTEMPT_LIFE)
        return response


class NewNumberConfirmView(APIView):
    permission_classes = [MayRead]

    @extend_schema(
        operation_id="phone_confirm",
        request=LoginConfirmSerializer,
        responses={200: LoggedInSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Change the number, proved by its code."""
        typed = LoginConfirmSerializer(data=request.data)
        typed.is_valid(raise_exception=True)
        agent = phone_change.confirm(
            session_of(request),
            typed.validated_data["code"],
            attempt_token=request.COOKIES.get(cookies.NEW_NUMBER, ""),
        )
        response = Response(LoggedInSerializer({"agent": agent}).data)
        cookies.drop(response, cookies.NEW_NUMBER)
        return response


class InstallationsView(APIView):
    permission_classes = [Current]

    @extend_schema(
        operation_id="installations",
        responses={200: OwnInstallationsSerializer} | refusals(401, 403, 503),
    )
    def get(self, request: Request) -> Response:
        """The agent's living installations, the one heard of last first."""
        rows = installations.living(session_of(request).agent)
        context = {"this": installation_of(request).pk}
        return Response(OwnInstallationsSerializer({"installations": rows}, context=context).data)


class RevokeView(APIView):
    permission_classes = [Settled]

    @extend_schema(
        operation_id="revoke_installation",
        request=None,
        responses={200: NothingSerializer} | refusals(401, 403, 404, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Revoke another installation of his; once more is no error."""
        installations.revoke_own(session_of(request), installation_id, now=timezone.now())
        return Response({})


class NoticesReadView(APIView):
    permission_classes = [HasInstallation]

    @extend_schema(
        operation_id="notices_read",
        request=NoticesReadSerializer,
        responses={200: NothingSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """These notices were read; what is unknown is passed over."""
        read = NoticesReadSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        notices.mark_read(installation_of(request), read.validated_data["ids"], now=timezone.now())
        return Response({})
