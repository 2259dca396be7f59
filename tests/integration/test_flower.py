"""Flower for ops alone, to be looked at only, with ids alone in it (P10); and «Состояние системы»."""

import base64
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import flower as flower_package
import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright
from tornado.template import filter_whitespace

from backoffice.roles import Role
from kias_offline import flower
from scripts.processes import free_port
from scripts.tools import chromium
from sync.models import Heartbeat
from tests.support.office import make_delivery, make_exception, make_receipt, office_client, staff_client
from tests.support.phone import ready_phone
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.django_db


class Upstream(BaseHTTPRequestHandler):
    """Flower as far as these tests need it; it remembers what it was asked."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        body = self.server.body  # type: ignore[attr-defined]
        self.send_response(200)
        for name, value in {
            "Content-Type": "text/html; charset=UTF-8",
            "Content-Length": str(len(body)),
            "Set-Cookie": "_xsrf=2|secret; Path=/",
            "Server": "TornadoServer/6",
            "Access-Control-Allow-Origin": "*",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def upstream(settings: Any) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.asked, server.body = [], b"<p>workers</p>"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.FLOWER_URL = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


# --- who, and what


def test_p10_flower_is_for_the_role_ops_alone(upstream: Any) -> None:
    assert staff_client(Role.OPS).get("/admin/flower/").status_code == 200
    for role in (Role.OPERATOR, Role.SENIOR, Role.AUDITOR):
        assert staff_client(role).get("/admin/flower/").status_code == 403, role
    answer = Client().get("/admin/flower/tasks")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_p10_nothing_but_looking_passes(method: str, upstream: Any) -> None:
    ops = staff_client(Role.OPS)
    for path in ("", "tasks", "tasks/datatable", "api/worker/shutdown/celery@vm"):
        assert getattr(ops, method)(f"/admin/flower/{path}").status_code == 405
    assert upstream.asked == []


@pytest.mark.parametrize(
    "path",
    ["api/workers", "api/task/info/x", "metrics", "healthcheck", "login", "logout", "static/../app.py",
     "static/js/%2e%2e/x", "task/x", "worker/a/b", "//example.org/", "tasks/"],
)  # fmt: skip
def test_p10_only_flower_s_own_pages_are_asked_for(path: str, upstream: Any) -> None:
    assert staff_client(Role.OPS).get(f"/admin/flower/{path}").status_code == 404
    assert upstream.asked == []


def test_p10_no_cookie_goes_there_or_comes_back_and_no_foreign_header(upstream: Any) -> None:
    ops = staff_client(Role.OPS)
    answer = ops.get("/admin/flower/worker/celery@vm?refresh=1", headers={"authorization": "Basic eA=="})
    assert answer.content == b"<p>workers</p>"
    path, headers = upstream.asked[0]
    assert path == "/admin/flower/worker/celery@vm?refresh=1"
    assert {"cookie", "authorization", "x-forwarded-for"}.isdisjoint(name.lower() for name in headers)
    assert "_xsrf" not in answer.cookies
    assert "Server" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == flower.POLICY


def test_head_says_what_get_would_without_the_body(upstream: Any) -> None:
    answer = staff_client(Role.OPS).head("/admin/flower/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_answer_without_end_is_not_taken_in(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flower, "MAX_BODY", 10)
    assert staff_client(Role.OPS).get("/admin/flower/").status_code == 502


def test_flower_away_is_said_in_a_sentence(settings: Any) -> None:
    settings.FLOWER_URL = f"http://127.0.0.1:{free_port()}"
    answer = staff_client(Role.OPS).get("/admin/flower/")
    assert answer.status_code == 502
    assert "Flower сейчас не отвечает" in answer.content.decode()


def test_without_flower_there_is_no_such_address(settings: Any) -> None:
    settings.FLOWER_URL = ""
    assert staff_client(Role.OPS).get("/admin/flower/").status_code == 404


# --- «Состояние системы»


def test_the_system_s_state_is_for_ops_and_says_what_to_do(settings: Any) -> None:
    cache.clear()
    make_delivery(receipt=make_receipt())
    make_exception(reason="unreadable")
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(minutes=4))
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    page = staff_client(Role.OPS).get("/admin/system/").content.decode()
    for words in (
        "Состояние системы",
        "Последний знак от beat",
        "передача стоит: проверьте beat",
        "Квитанции принимаются, но ждут. Верните брокер.",
        "Нечитаемые конверты",
        "Цел ли каждый ключ?",
        "Celery",
    ):
        assert words in page, words
    for role in (Role.OPERATOR, Role.SENIOR, Role.AUDITOR):
        assert staff_client(role).get("/admin/system/").status_code == 403
    assert Client().get("/admin/system/").status_code == 302


def test_the_system_s_state_names_no_person(settings: Any) -> None:
    cache.clear()
    make_delivery(receipt=make_receipt(insurant="Сидорова Аглая Потаповна"))
    page = office_client().get("/admin/system/").content.decode()
    assert "Сидорова" not in page
    assert "0411" not in page


# --- the real one


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder, quiet = (
        tmp_path_factory.mktemp("flower"),
        {"SWEEP_EVERY_S": "600"},
    )  # ten tasks fill its first page
    with Stack(folder, os.environ["TESTS_POSTGRES"], with_flower=True, **quiet) as stack:
        yield stack


@pytest.mark.slow
def test_p10_the_real_flower_shows_workers_and_tasks_with_ids_alone_and_breaks_no_policy(
    running: Stack, tmp_path: Path
) -> None:
    cookie = running.manage("shell", "-v", "0", "-c", OPS_COOKIE).strip().splitlines()[-1]
    wait_for(lambda: "celery@" in system_fetch(running, cookie, "workers"), "Flower to see the worker")
    agent = running.new_agent("Несекретная")
    phone = ready_phone(
        httpx.Client(base_url=running.base_url, trust_env=False), agent.phone_number, running.sms_code
    )
    code = running.sms_code(agent.phone_number)
    issued = phone.issue()
    phone.send(issued)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        page = browser.new_context().new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        cookies = [{"name": "kias_admin", "value": cookie, "url": f"{running.base_url}/admin/"}]
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto(f"{running.base_url}/admin/flower/workers")
        page.get_by_text("celery@").first.wait_for()
        page.screenshot(path=tmp_path / "workers.png")
        page.goto(f"{running.base_url}/admin/flower/tasks")
        page.get_by_text("accounts.tasks.send_login_code").first.wait_for()
        page.screenshot(path=tmp_path / "tasks.png")
        page.locator("table a[href*='/admin/flower/task/']").first.click()
        page.get_by_text("Keyword arguments").first.wait_for()
        page.goto(f"{running.base_url}/admin/flower/broker")
        page.locator("table").first.wait_for()
        with page.expect_response(re.compile("tasks/datatable")) as answered:
            page.goto(f"{running.base_url}/admin/flower/tasks")
        asked = answered.value.request
        assert asked.method == "GET"
        query = asked.url.partition("?")[2].replace("length=10&", "length=100&")
        browser.close()
    assert complaints == []
    found = json.loads(system_fetch(running, cookie, f"tasks/datatable?{query}"))
    tasks = [task for task in found["data"] if not task["name"].endswith((".sweep", ".heartbeat"))]
    assert {"accounts.tasks.send_login_code", "sync.tasks.relay"} <= {task["name"] for task in tasks}
    for task in tasks:
        shown = system_fetch(running, cookie, f"task/{task['uuid']}")
        for secret in (code, agent.phone_number, agent.phone_number[1:], "Несекретная", issued.number):
            assert secret not in shown.replace(task["uuid"], "")
        arguments = re.findall(r"[\w-]+", f"{task['args']} {task['kwargs']}")
        assert all(re.fullmatch(IDS_ALONE, word) for word in arguments), arguments


#: an id, a correlation id, the relay's one argument, JSON's own words
IDS_ALONE = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|others|[0-4]|None"


def system_fetch(stack: Stack, cookie: str, path: str) -> str:
    answer = httpx.get(
        f"{stack.base_url}/admin/flower/{path}", cookies={"kias_admin": cookie}, trust_env=False, timeout=15
    )
    assert answer.status_code == 200, answer.text
    return answer.text


OPS_COOKIE = """
from tests.support.office import staff_client
from backoffice.roles import Role
print(staff_client(Role.OPS).cookies["kias_admin"].value)
"""


def test_flower_s_one_inline_script_is_the_one_that_the_policy_lets_in() -> None:
    """A newer Flower may write another one; then the hash in `flower.POLICY` is to be renewed."""
    templates = Path(flower_package.__file__).parent / "templates"
    inline = [
        script
        for template in templates.glob("*.html")
        for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", template.read_text(), re.S)
    ]
    (script,) = inline
    shown = filter_whitespace("single", script.replace("{{ autorefresh }}", "0"))
    assert base64.b64encode(hashlib.sha256(shown.encode()).digest()).decode() in flower.POLICY


def test_flower_s_script_asks_for_its_tasks_where_we_make_it_a_get() -> None:
    script = (Path(flower_package.__file__).parent / "static" / "js" / "flower.js").read_bytes()
    assert len(flower.ASKS_BY_POST.findall(script)) == 1
