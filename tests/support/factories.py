"""Rows for tests, by keyword-only functions; phones that are logged in without an SMS."""

import itertools
import secrets
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone

from accounts import codes, sessions
from accounts.models import AgentStatus, Installation, InstallationCode, User
from kias_offline.wsgi import application
from receipts.models import NumberSeries
from tests.support.envelopes import public_key_b64
from tests.support.phone import Phone

_next = itertools.count(1)


def make_agent(*, status: str = AgentStatus.WORKING, **given: Any) -> User:
    """An agent with a name and a phone number of his own."""
    number = next(_next)
    fields = {
        "username": f"agent-{number}-{secrets.token_hex(3)}",
        "last_name": "Сидоров",
        "first_name": "Пётр",
        "phone_number": f"+7912{secrets.randbelow(10**7):07}",
        "agent_status": status,
    } | given
    return User.objects.create(**fields)


def make_installation(
    *, agent: User, key: ec.EllipticCurvePrivateKey | None = None, **given: Any
) -> Installation:
    """An installation with its first code; `key` is the phone's signing key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    installation = Installation.objects.create(
        **{"agent": agent, "code": codes.new(), "public_key": public_key_b64(key)} | given
    )
    InstallationCode.objects.create(code=installation.code, installation=installation, reason="registered")
    return installation


def make_series(**given: Any) -> NumberSeries:
    """A series that gives «АВ-00000001» and so on."""
    fields = {"name": "Онлайн", "prefix": "АВ-", "digits": 8, "last": 99_999_999} | given
    return NumberSeries.objects.create(**{"next": fields.get("first", 1)} | fields)


class _InProcess(httpx.WSGITransport):
    """Runs a request in this thread and leaves the test's connection open, as Django's test client does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            response = super().handle_request(request)
            response.read()
            response.close()
            return response
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)


def in_process() -> httpx.Client:
    """A browser whose requests run in this thread, inside the test's own transaction."""
    return httpx.Client(transport=_InProcess(application), base_url="http://testserver")


def make_phone(*, agent: User | None = None, client: httpx.Client | None = None, **given: Any) -> Phone:
    """A phone with session, installation, setup and first contact, without the SMS."""
    agent = agent or make_agent()
    phone = Phone(client or in_process())
    installation = make_installation(agent=agent, key=phone.signing_key, **given)
    session, token = sessions.open_for(agent, now=timezone.now())
    session.installation = installation
    session.save()
    phone.client.cookies.set("kias_session", token, path="/api/")
    phone.ping()
    phone.fetch_setup()
    phone.contact()
    return phone


def installation_id(phone: Phone) -> UUID:
    assert phone.installation is not None
    return UUID(phone.installation["id"])


def agent_of(phone: Phone) -> User:
    return Installation.objects.get(pk=installation_id(phone)).agent
