"""Security releases: older shells read nothing and still hand over; the emergency worker (P21, F41)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from accounts import versions
from accounts.models import Installation
from receipts.models import Receipt
from scripts.system import ROOT
from sync import sealing_keys
from sync.figures import collect
from tests.support.addresses import addresses
from tests.support.factories import make_agent, make_installation, make_phone
from tests.support.phone import Phone

SENDING = {
    "/api/ping", "/api/logout", "/api/setup", "/api/installation", "/api/receipts", "/api/receipts/status",
    "/api/notices/read", "/api/login/code", "/api/login/confirm",
}  # fmt: skip


@pytest.fixture
def phone(settings: Any, tmp_path: Any, db: None) -> Phone:
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()
    settings.SECURITY_RELEASE = "1.2.0"
    phone = make_phone()
    phone.client.headers[versions.HEADER] = "1.1.9"
    return phone


def test_p21_an_older_shell_reads_nothing_and_is_told_so_kindly(phone: Phone) -> None:
    """Every call of the phone: what is not sending, login or the way out is refused."""
    refused = set()
    for address, _ in addresses("api/"):
        if address == "/api/logout":
            continue
        for method in ("GET", "POST"):
            answer = phone.client.request(method, address, json={}, headers={"X-CSRF-Token": phone.csrf})
            if answer.status_code == 403 and answer.json()["error"]["code"] == "update_required":
                assert "обновление безопасности" in answer.json()["error"]["message"]
                refused.add(address)
            else:
                assert address in SENDING or answer.status_code in (404, 405), (method, address, answer.text)
    assert not refused & SENDING
    assert {"/api/states", "/api/receipts/search", "/api/numbers", "/api/installations"} <= refused
    assert any(address.startswith("/api/receipts/0") or "-" in address for address in refused)


def test_p21_the_receipts_of_an_older_shell_are_accepted_all_the_same(phone: Phone) -> None:
    issued = phone.issue()
    assert [answer["result"] for answer in phone.send(issued)] == ["accepted"]
    assert Receipt.objects.filter(pk=issued.id).exists()


def test_p21_the_ping_says_that_the_update_must_not_wait(phone: Phone) -> None:
    assert phone.client.get("/api/ping").json()["update_required"] is True
    phone.client.headers[versions.HEADER] = "1.2.0"
    assert phone.client.get("/api/ping").json()["update_required"] is False
    assert phone.client.get("/api/states", params={"after": 0}).status_code == 200


@pytest.mark.parametrize("said", ["", "1.1", "99", "2.0.0-rc", "v2.0.0", "1.2.0 0", "1" * 5000])
def test_p21_a_shell_that_names_no_release_is_older_than_any(phone: Phone, said: str) -> None:
    headers = {versions.HEADER: said} if said else {}
    phone.client.headers.pop(versions.HEADER)
    answer = phone.client.get("/api/states", params={"after": 0}, headers=headers)
    assert answer.json()["error"]["code"] == "update_required"


def test_without_a_security_release_no_shell_is_too_old(phone: Phone, settings: Any) -> None:
    settings.SECURITY_RELEASE = ""
    assert phone.client.get("/api/states", params={"after": 0}).status_code == 200
    assert phone.client.get("/api/ping").json()["update_required"] is False


@pytest.mark.parametrize(
    ("release", "outdated"),
    [("1.9.9", True), ("1.10.0", False), ("1.9.10", True), ("2.0.0", False), ("1.10.1", False), ("x", True)],
)
def test_releases_are_compared_by_their_numbers(release: str, outdated: bool) -> None:
    assert versions.is_outdated(release, "1.10.0") is outdated


def test_ops_see_the_phones_by_release(db: None, settings: Any) -> None:
    settings.SECURITY_RELEASE = "1.2.0"
    agent = make_agent()
    for release in ("1.1.0", "1.2.0", "1.2.0", "<b>", ""):
        make_installation(agent=agent, app_version=release, last_contact_at=timezone.now())
    make_installation(agent=agent, app_version="0.9.0", last_contact_at=None)
    found = collect(timezone.now())
    told = {
        labels["release"]: value for name, labels, value in found.samples if name == "kias_phones_by_release"
    }
    assert told == {"1.1.0": 1, "1.2.0": 2, "other": 2}
    assert found.one("kias_phones_outdated") == 3


def test_phones_cannot_make_up_labels_without_end(db: None) -> None:
    agent = make_agent()
    for minor in range(30):
        make_installation(agent=agent, app_version=f"1.{minor}.0", last_contact_at=timezone.now())
    found = collect(timezone.now())
    told = [labels for name, labels, _ in found.samples if name == "kias_phones_by_release"]
    assert len(told) <= 21
    assert Installation.objects.count() == 30


# --- settings and scripts


def start_with(**env: str) -> subprocess.CompletedProcess[str]:
    told = os.environ | {"DEPLOYMENT": "test"} | env
    program = "from kias_offline import settings; print(settings.PWA_SERVICE_WORKER_PATH)"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env=told, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("wrong", ["99.0.0", "1.0", "latest"])
def test_a_security_release_that_no_phone_can_reach_stops_the_start(wrong: str) -> None:
    said = start_with(SECURITY_RELEASE=wrong)
    assert said.returncode != 0
    assert "SECURITY_RELEASE" in said.stderr


def test_the_app_and_the_server_are_one_release() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == configured.RELEASE


def test_p21_one_setting_puts_the_emergency_worker_in_the_worker_s_place() -> None:
    assert start_with().stdout.strip().endswith("dist/serviceworker.js")
    assert start_with(EMERGENCY_WORKER="1").stdout.strip().endswith("kias_offline/emergency_worker.js")


def test_p21_the_emergency_worker_leaves_the_database_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django serves it at the worker's own address, kept by nobody; it names no storage but the caches."""
    script = Path(configured.BASE_DIR) / "kias_offline" / "emergency_worker.js"
    monkeypatch.setattr("pwa.app_settings.PWA_SERVICE_WORKER_PATH", str(script))
    answer = Client().get("/serviceworker.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/javascript"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Clear-Site-Data" not in answer.headers
    text = answer.content.decode()
    code = text[text.index("*/") :]
    assert "caches.delete" in code
    assert "indexedDB" not in code
    assert "fetch" not in code
