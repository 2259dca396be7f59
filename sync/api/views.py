"""The phone's calls: parse, one call of the domain, shape the answer (docs/protocol.md, «Calls»)."""

import base64
import hashlib
import json
import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import agents, csrf, sessions, versions
from accounts.api_schema import CSRF_HEADER, refusals
from accounts.authentication import AnyBrowser, HasInstallation, MayRead, Works, installation_of, session_of
from accounts.models import AgentSession, Installation
from accounts.refusals import RefusalError
from receipts import series
from receipts.models import DocumentKind, PaymentForm, Product
from sync import contact, feed, intake, sealing_keys, server_time
from sync.api import serializers, shapes
from sync.relay import maintenance
from sync.restore import backups, epoch

log = logging.getLogger(__name__)


class TryLaterError(RefusalError):
    code = "try_later"
    message = "Сервер временно занят. Ничего не потеряно, повторите позже."


class NotABatchError(RefusalError):
    code = "invalid"
    message = "Запрос без квитанций. Обновите приложение."


class PingView(APIView):
    """GET: is this our server, who am I? POST: opens a drain."""

    def get_permissions(self) -> list[BasePermission]:
        return [HasInstallation() if self.request.method == "POST" else AnyBrowser()]

    @extend_schema(operation_id="ping", responses={200: serializers.PingSerializer} | refusals(503))
    def get(self, request: Request) -> Response:
        """Is this our server, who am I; no side effects but the csrf cookie."""
        session = request.auth if isinstance(request.auth, AgentSession) else None
        response = Response()
        response.data = self._who(request, response, session.installation if session else None)
        return response

    @extend_schema(
        operation_id="open_drain",
        request=serializers.ContactRequestSerializer,
        responses={200: serializers.ContactSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Open a drain: contact token, counter, cursor, what is waiting."""
        told = serializers.ContactRequestSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        given = told.validated_data
        report = contact.Report(
            contact_token=given["contact_token"],
            counter=given["counter"],
            waiting_count=given["waiting"]["count"],
            waiting_sum=given["waiting"]["sum"],
            app_version=given["app_version"],
            device_time=given["device_time"],
            storage_persisted=given["storage_persisted"],
            storage_usage=given["storage_usage"],
            storage_quota=given["storage_quota"],
            backward_jumps=given["backward_jumps"],
            void_numbers=given["void_numbers"],
            spoiled=given["spoiled"],
        )
        made = contact.open_drain(
            installation_of(request).pk, report, epoch_id=epoch.current().pk, now=timezone.now()
        )
        response = Response()
        response.data = self._who(request, response, made.installation) | {
            "contact_token": made.token,
            "highest": feed.highest(session_of(request).agent_id),
            "elsewhere": shapes.waiting(agents.waiting_elsewhere(made.installation)),
            "backed_up_until": shapes.moment(backups.backed_up_until()),
            "notices": [shapes.notice(row) for row in maintenance.unread(made.installation, timezone.now())],
        }
        return response

    def _who(self, request: Request, response: Response, installation: Installation | None) -> dict[str, Any]:
        session = request.auth if isinstance(request.auth, AgentSession) else None
        now = server_time.as_text(timezone.now())
        signature = server_time.sign(now, installation.pk if installation else None)
        return {
            "agent": shapes.agent(session.agent) if session else None,
            "installation": shapes.installation(installation) if installation else None,
            "session": shapes.session(session) if session else None,
            "revoked": session is None and sessions.was_revoked(sessions.token_of(request)),
            "update_required": versions.asks_outdated(request),
            "epoch": epoch.current().pk,
            "server_time": {"time": now, "signature": signature},
            "csrf": csrf.token_for(request, response),
        }


class SetupView(APIView):
    @extend_schema(
        operation_id="setup",
        responses={200: serializers.SetupSerializer, 304: None} | refusals(401, 403, 503),
    )
    def get(self, request: Request) -> HttpResponse:
        """What a phone needs to issue without network."""
        try:
            key = sealing_keys.current()
        except sealing_keys.NoSealingKeyError as error:
            log.error("no sealing key lies in all folders: run manage.py make_sealing_key")
            raise TryLaterError(retry_after=60) from error
        raw = sealing_keys.raw_public_key(key)
        told = {
            "sealing_key": {
                "id": sealing_keys.key_id(raw),
                "public_key": base64.b64encode(raw).decode(),
            },
            "products": [shapes.product(row) for row in Product.objects.filter(is_active=True)],
            "payment_forms": [shapes.payment_form(row) for row in PaymentForm.objects.filter(is_active=True)],
            "document_kinds": [
                shapes.document_kind(row) for row in DocumentKind.objects.filter(is_active=True)
            ],
            "insurer": shapes.insurer(),
            "backdate_days": settings.BACKDATE_DAYS,
            "pin_required": settings.PIN_REQUIRED,
            "check_terms": {
                "deadline_days": settings.CHECK_DEADLINE_DAYS,
                "warn_working_days": settings.CHECK_WARN_WORKING_DAYS,
            },
            "withdraw_minutes": int(settings.WITHDRAW_WITHIN.total_seconds() // 60),
        }
        # Asked for every hour, changed a few times a year; no word of any person is in it (P21).
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        response = Response(told, headers={"Cache-Control": "private, no-cache", "ETag": f'"{digest[:16]}"'})
        return get_conditional_response(request, etag=response["ETag"], response=response) or response


class NumbersView(APIView):
    permission_classes = [Works]

    @extend_schema(
        operation_id="reserve_number",
        request=None,
        responses={200: serializers.NumberSerializer} | refusals(401, 403, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """This installation's online number, the same one until it is spent or void."""
        installation = installation_of(request)
        number = series.reserve(installation, now=timezone.now())
        return Response({"number": number, "installation": installation.pk})


class ReceiptsView(APIView):
    @extend_schema(
        operation_id="send_receipts",
        request=serializers.BatchSerializer,
        responses={200: serializers.AnswersSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """Hand over envelopes, at most 100; an answer for each."""
        envelopes = request.data.get("envelopes") if isinstance(request.data, dict) else None
        if not isinstance(envelopes, list):
            raise NotABatchError(field="envelopes")
        answers = intake.take_in(envelopes, carrier=installation_of(request))
        return Response({"answers": [shapes.answer(answer) for answer in answers]})


class StatusView(APIView):
    @extend_schema(
        operation_id="receipts_status",
        request=serializers.StatusRequestSerializer,
        responses={200: serializers.StatusSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """What happened to these ids, at most 500."""
        asked = serializers.StatusRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fates = feed.fates(session_of(request).agent_id, asked.validated_data["ids"])
        return Response({"receipts": [shapes.fate(fate) for fate in fates]})


class StatesView(APIView):
    permission_classes = [MayRead]

    @extend_schema(
        operation_id="states",
        parameters=[serializers.StatesRequestSerializer],
        responses={200: serializers.StatesSerializer} | refusals(400, 401, 403, 503),
    )
    def get(self, request: Request) -> Response:
        """What changed after a cursor, at most 500."""
        asked = serializers.StatesRequestSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        changes = feed.changes_after(session_of(request).agent_id, asked.validated_data["after"])
        return Response(
            {
                "changes": [shapes.change(event) for event in changes.events],
                "cursor": changes.cursor,
                "more": changes.more,
            }
        )


class SearchView(APIView):
    permission_classes = [MayRead]

    @extend_schema(
        operation_id="search_receipts",
        request=serializers.SearchRequestSerializer,
        responses={200: serializers.SearchSerializer} | refusals(400, 401, 403, 413, 415, 503),
        parameters=[CSRF_HEADER],
    )
    def post(self, request: Request) -> Response:
        """The agent's receipts, newest first, by 30. A POST: what is typed is a client's name."""
        asked = serializers.SearchRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        page = feed.search(session_of(request).agent_id, given["q"], given["before"])
        return Response({"receipts": [shapes.found(row) for row in page.receipts], "next": page.next})


class ReceiptView(APIView):
    permission_classes = [MayRead]

    @extend_schema(
        operation_id="receipt",
        responses={200: serializers.ReceiptSerializer} | refusals(401, 403, 404, 503),
    )
    def get(self, request: Request, receipt_id: UUID) -> Response:
        """One of his receipts, whole, with history and check."""
        return Response(shapes.receipt(feed.one(session_of(request).agent_id, receipt_id)))
