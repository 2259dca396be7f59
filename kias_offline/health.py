"""`/healthz`: this process lives. `/readyz`: it can accept a receipt (P14). `/metrics`: inner network only.

A load balancer asks a process by its address, so these three are answered before anything looks at the host,
a session or the database of a request. Broker, beat, KIAS and SMS never make a process unready: a receipt
can be accepted without them; they are figures with alarms (docs/alerts.yml).
"""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse

from kias_offline import metrics
from sync.restore import high_water

log = logging.getLogger(__name__)

WITHIN_S = 1.0
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers `/healthz`, `/readyz` and `/metrics`; everything else goes on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": _health, "/readyz": _ready, "/metrics": _metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers=NO_STORE | {"Allow": "GET, HEAD"})
        return answer(request)


def _health(request: HttpRequest) -> HttpResponse:
    return _plain("ok", 200)


def _ready(request: HttpRequest) -> HttpResponse:
    obstacle = readiness.obstacle()
    return _plain(obstacle or "ready", 503 if obstacle else 200)


def _metrics(request: HttpRequest) -> HttpResponse:
    if not is_inner(request):
        return _plain("not found", 404)
    body, content_type = metrics.exposition()
    return HttpResponse(body, content_type=content_type, headers=NO_STORE)


def is_inner(request: HttpRequest) -> bool:
    """Whether the connection itself comes from `METRICS_FROM`, and no proxy has passed the request on."""
    if request.META.get("HTTP_X_FORWARDED_FOR"):
        return False
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in ip_network(network) for network in settings.METRICS_FROM)


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain", headers=NO_STORE)


@cache
def needed_migrations() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """Every migration that this code brings → those it replaces."""
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {key: frozenset(migration.replaces) for key, migration in disk.items()}


def missing_migrations(applied: set[tuple[str, str]]) -> list[str]:
    """What of this code's migrations the database has not seen. Its newer ones do not matter."""
    return [
        ".".join(key)
        for key, replaces in needed_migrations().items()
        if key not in applied and not (replaces and replaces <= applied)
    ]


class Readiness:
    """One look at the database at a time, shared by all who ask meanwhile; nobody waits longer than a second.

    It is made in a thread with a connection of its own: a database that takes the line and never answers
    would hold the asking thread for ever. When the second is over the line is cut, and the thread ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._look: _Look | None = None

    def obstacle(self) -> str:
        """Why no receipt can be accepted; empty when one can."""
        with self._lock:
            if self._look is None or self._look.done.is_set():
                self._look = _Look()
            look = self._look
        if not look.done.wait(WITHIN_S):
            look.cut()
            return "database: no answer"
        return look.obstacle


class _Look:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.obstacle = "database: no answer"
        self._connection: Any = None
        threading.Thread(target=self._run, daemon=True, name="readiness").start()

    def _run(self) -> None:
        try:
            self._connection = connections["default"]
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT app, name FROM django_migrations")
                missing = missing_migrations({(app, name) for app, name in cursor.fetchall()})
            self.obstacle = f"migrations missing: {len(missing)}" if missing else _age()
        except (Error, OSError) as error:
            self.obstacle = f"database: {type(error).__name__}"
        except Exception:
            log.exception("readiness")
            self.obstacle = "error"
        finally:
            self.done.set()
            with suppress(Exception):
                connections.close_all()

    def cut(self) -> None:
        """End the wait of a look that takes too long. Its connecting ends by `connect_timeout`."""
        with suppress(Exception):
            descriptor = self._connection.connection.pgconn.socket
            with socket.socket(fileno=socket.dup(descriptor)) as line:
                line.shutdown(socket.SHUT_RDWR)


def _age() -> str:
    return high_water.WORDS if high_water.is_older() else ""


readiness = Readiness()
