"""docker-compose.yml in earnest: its own commands behind its own proxy, over TLS."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from scripts import system
from tests.support.compose import COMPOSE, Production, missing, services
from tests.support.phone import ready_phone
from tests.support.stack import wait_for

pytestmark = pytest.mark.slow

NEEDED = (
    "SECRET_KEY", "LOGIN_CODE_SECRET", "CONTENT_HASH_SECRET", "ALLOWED_HOSTS", "PUBLIC_HOST", "OFFICE_PHONE",
    "INSURER_NAME", "INSURER_INN", "INSURER_ADDRESS", "INSURER_LICENCE", "INSURER_EMAIL",
    "POSTGRES_PASSWORD", "KIAS_URL", "KIAS_USER", "KIAS_PASSWORD", "SEALING_KEYS_A", "SEALING_KEYS_B",
    "AUDIT_STREAM", "CERTIFICATES",
)  # fmt: skip
OPS_COOKIE = """
from tests.support.office import staff_client
from backoffice.roles import Role
print(staff_client(Role.OPS).cookies["kias_admin"].value)
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    if absent := missing():
        # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
        pytest.skip(f"NOT RUN: apt install {' '.join(absent)}")
    with Production(tmp_path_factory.mktemp("compose"), os.environ["TESTS_POSTGRES"]) as running:
        yield running


@pytest.fixture
def browser(production: Production) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=production.authority)
    with httpx.Client(base_url=production.base_url, verify=context, trust_env=False, timeout=30) as client:
        yield client


def sms_code(production: Production, phone_number: str) -> str:
    def newest() -> str | None:
        inbox = production.var / "sms.jsonl"
        lines = inbox.read_text(encoding="utf-8").splitlines() if inbox.exists() else []
        texts = [said["text"] for line in lines if (said := json.loads(line))["to"] == phone_number]
        return texts[-1] if texts else None

    found = re.search(r"(?<!\d)\d{6}(?!\d)", wait_for(newest, "the SMS"))
    assert found
    return found[0]


# --- the file


def test_the_file_is_valid_and_names_every_variable_it_needs(tmp_path: Path) -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text())) == set(NEEDED)
    program = shutil.which("docker-compose")
    if program is None:
        # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
        pytest.skip("NOT RUN: apt install docker-compose")

    def check(*names: str) -> subprocess.CompletedProcess[str]:
        given = tmp_path / "env"
        given.write_text("".join(f"{name}=/x\n" for name in names))
        command = [program, "--env-file", str(given), "-f", str(COMPOSE), "config", "-q"]
        clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run(command, capture_output=True, text=True, env=clean, check=False)

    assert (valid := check(*NEEDED)).returncode == 0, valid.stderr
    refused = check(*NEEDED[1:])
    assert refused.returncode != 0
    assert "set SECRET_KEY in .env" in refused.stderr


def test_every_setting_of_the_runbook_reaches_the_containers_when_it_is_in_the_env_file(
    tmp_path: Path,
) -> None:
    """P21: the emergency exit, too, is such a line."""
    runbook = (system.ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    table = runbook.split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    passed_on = set(services()["migrate"]["environment"])
    assert documented - passed_on == set()

    program = shutil.which("docker-compose")
    if program is None:
        # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
        pytest.skip("NOT RUN: apt install docker-compose")
    given = tmp_path / "env"
    given.write_text("".join(f"{name}=/x\n" for name in NEEDED) + "EMERGENCY_WORKER=1\n")
    command = [program, "--env-file", str(given), "-f", str(COMPOSE), "config"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    said = subprocess.run(command, capture_output=True, text=True, env=clean, check=True)
    web = yaml.safe_load(said.stdout)["services"]["web"]["environment"]
    assert web["EMERGENCY_WORKER"] == "1"
    assert web.get("SECURITY_RELEASE") is None


def test_broker_database_and_flower_have_no_way_out_and_only_the_proxy_is_published() -> None:
    for name, service in services().items():
        assert bool(service.get("ports")) == (name == "proxy"), name
        if name in {"database", "broker", "cache", "flower"}:
            assert service["networks"] == ["inner"], name
        assert service["logging"]["options"]["max-size"], name
        assert name == "migrate" or service["deploy"]["resources"]["limits"]["memory"], name
    assert services()["broker"]["command"][-1] == "noeviction"


# --- what it starts


def test_an_agent_logs_in_over_tls_and_the_receipt_reaches_kias(
    production: Production, browser: httpx.Client
) -> None:
    phone = ready_phone(browser, "+79000000001", lambda number: sms_code(production, number))
    issued = phone.issue()
    assert phone.send(issued)[0]["result"] == "accepted"
    wait_for(lambda: phone.status(issued.id)[issued.id]["state"] == "fiscalised", "KIAS and its check", 60)
    ledger = system.fetch(f"http://127.0.0.1:{production.ports['kias']}/ledger.json")
    assert ledger
    assert issued.number in ledger.decode()


def test_the_proxy_speaks_http_2_and_sends_plain_http_to_tls(production: Production) -> None:
    context = ssl.create_default_context(cafile=production.authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", production.ports["https"]), 10) as line,
        context.wrap_socket(line, server_hostname="localhost") as tls,
    ):
        assert tls.selected_alpn_protocol() == "h2"
    answer = httpx.get(f"http://127.0.0.1:{production.ports['http']}/new?x=1", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/new?x=1")


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/demo/", "/demo/sms.json"])
def test_what_is_for_the_inner_network_or_the_demo_is_not_passed_on(path: str, browser: httpx.Client) -> None:
    assert browser.get(path).status_code == 404


def test_the_inner_network_sees_readiness_and_figures(production: Production) -> None:
    assert httpx.get(f"{production.web_url}/readyz", trust_env=False).text == "ready\n"
    assert "kias_database_up 1.0" in httpx.get(f"{production.web_url}/metrics", trust_env=False).text


@pytest.mark.parametrize("name", ["web", "flower"])
def test_the_health_checks_of_the_file_say_well(name: str, production: Production) -> None:
    assert production.health_check(name) == 0


def test_p10_flower_is_looked_at_through_the_proxy_by_ops_and_never_acted_through(
    production: Production, browser: httpx.Client
) -> None:
    assert browser.get("/admin/flower/").headers["location"].startswith("/admin/login/")
    browser.cookies.set(
        "kias_admin", production.run("python", "manage.py", "shell", "-c", OPS_COOKIE).split()[-1]
    )
    wait_for(lambda: "celery@" in browser.get("/admin/flower/workers").text, "Flower to see the worker")
    assert browser.post("/admin/flower/api/worker/shutdown/celery@vm").status_code == 403
    assert production.children["worker"].alive


def test_the_app_s_own_headers_pass_unchanged(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "nginx/" not in page.headers.get("server", "")


def test_a_body_beyond_the_bound_never_reaches_the_app(browser: httpx.Client) -> None:
    assert browser.post("/api/receipts", content=b"x" * (3 * 1024 * 1024)).status_code == 413


def test_a_forged_forwarded_address_is_not_believed(production: Production, browser: httpx.Client) -> None:
    token = browser.get("/api/ping").json()["csrf"]
    headers = {"X-CSRF-Token": token, "X-Forwarded-For": "198.51.100.66"}
    browser.post("/api/login/code", json={"phone_number": "+79990001122"}, headers=headers)
    with psycopg.connect(production.env["DATABASE_URL"]) as database:
        rows = database.execute(
            "SELECT key FROM accounts_ratebucket WHERE key LIKE 'login:address:%'"
        ).fetchall()
    assert ("login:address:127.0.0.1",) in rows
    assert not [key for (key,) in rows if "198.51" in key]


def test_the_proxy_s_log_holds_no_queries(production: Production, browser: httpx.Client) -> None:
    browser.get("/admin/receipts/receipt/?q=Sidorova")
    log = production.folder / "log" / "proxy.log"
    wait_for(lambda: "/admin/receipts/receipt/" in log.read_text(), "the line in the proxy's log")
    assert "Sidorova" not in log.read_text()
