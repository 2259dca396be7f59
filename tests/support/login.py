"""A browser that logs in: Django's client with our CSRF token and readable SMS."""

import base64
import os
from datetime import timedelta
from http.cookies import Morsel
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import csrf, login_codes, sessions
from accounts.models import AgentSession, LoginAttempt, User
from tests.support.envelopes import public_key_b64, sign
from tests.support.factories import make_agent

WRONG = "000000"


class Browser:
    """One browser storage: cookies, a csrf token, a signing key."""

    def __init__(self, address: str = "203.0.113.7") -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=address)
        self.key = ec.generate_private_key(ec.SECP256R1())
        first_ping = HttpResponse()
        self.csrf = csrf.token_for(RequestFactory().get("/api/ping"), first_ping)
        self.client.cookies.update(first_ping.cookies)

    def post(self, path: str, body: Any = None, **extra: Any) -> Any:
        """POST JSON to `/api/<path>`; the answer carries `.json()`, `.status_code`, `.cookies`."""
        headers = {"X-CSRF-Token": self.csrf} | extra.pop("headers", {})
        data = {} if body is None else body
        return self.client.post(
            f"/api/{path}", data=data, content_type="application/json", headers=headers, **extra
        )

    def cookie(self, name: str) -> str:
        morsel: Morsel[str] | None = self.client.cookies.get(name)
        return morsel.value if morsel else ""

    @property
    def attempt(self) -> LoginAttempt:
        return LoginAttempt.objects.get(browser_hash=sessions.hashed(self.cookie("kias_attempt")))

    @property
    def session(self) -> AgentSession:
        return AgentSession.objects.get(token_hash=sessions.hashed(self.cookie("kias_session")))

    def read_code(self) -> str:
        """The code that stands in the SMS."""
        return login_codes.derive(self.attempt.attempt)

    def wrong_code(self) -> str:
        return "111111" if self.read_code() == WRONG else WRONG

    def ask(self, phone_number: str | None) -> Any:
        return self.post("login/code", {"phone_number": phone_number})

    def confirm(self, login_code: str) -> Any:
        return self.post("login/confirm", {"code": login_code})

    def log_in(self, agent: User) -> Any:
        assert self.ask(agent.phone_number).status_code == 202
        answer = self.confirm(self.read_code())
        assert answer.status_code == 200, answer.content
        return answer

    def register(self, known: dict[str, Any] | None = None, **changed: Any) -> Any:
        proof = sign(self.key, f"kias-offline/installation/1|{self.csrf}".encode())
        body = {
            "public_key": public_key_b64(self.key),
            "proof": base64.b64encode(proof).decode(),
            "name": "Android, Chrome",
            "app_version": "1.0.0",
            "known": known,
        }
        return self.post("installation", body | changed)


def known_browser(agent: User, address: str = "203.0.113.7") -> Browser:
    """A browser this agent has used before, logged out now."""
    browser = Browser(address)
    browser.log_in(agent)
    assert browser.register().status_code == 200
    assert browser.post("logout").status_code == 200
    return browser


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code of a refused request."""
    return answer.status_code, answer.json()["error"]["code"]


def make_login_attempt(**changed: object) -> LoginAttempt:
    """An open attempt whose code is still to be sent."""
    agent = make_agent()
    given = {
        "user": agent,
        "phone_number": agent.phone_number,
        "browser_hash": os.urandom(32).hex(),
        "valid_until": timezone.now() + timedelta(minutes=10),
    } | changed
    return LoginAttempt.objects.create(**given)
