"""A server restored from an older backup, in one process; with real ones: `test_restore_drill.py`."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from sync.models import HighWater
from sync.restore import high_water
from tests.support.phone import Phone


def told_outside(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "high-water.json").read_bytes())
    return told


def go_back() -> None:
    """As a backup has it: the database's mark is behind the file's."""
    high_water.note(at_once=True)
    HighWater.objects.update(value=1)
    high_water._sound.line = None  # a restored database comes with new connections


def after_restore(*options: str) -> str:
    said = io.StringIO()
    call_command("after_restore", *options, stdout=said)
    return said.getvalue()


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def log_in(phone: Phone, agent: User) -> None:
    _, token = sessions.open_for(agent, now=timezone.now())
    phone.client.cookies.set("kias_session", token, path="/api/")
