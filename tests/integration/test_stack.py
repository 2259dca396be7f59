"""The running system as `make run` starts it: every part works, can be killed, and comes back."""

import json
import re
from pathlib import Path

import httpx
import pytest

from scripts import setup, system
from tests.support.line import Line
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.slow


def test_every_part_of_the_running_system_answers(stack: Stack) -> None:
    ping = system.fetch(f"{stack.base_url}/api/ping")
    assert ping
    assert json.loads(ping)["agent"] is None
    assert system.fetch(f"{stack.base_url}/admin/login/")
    assert system.fetch(f"{stack.base_url}/demo/")
    assert isinstance(stack.ledger()["documents"], list)
    agent = stack.new_agent()
    assert stack.query("SELECT phone_number FROM accounts_user WHERE id = %s", agent.id) == [
        (agent.phone_number,)
    ]


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_script_and_style_are_sent_as_the_build_packed_them(stack: Stack, encoding: str) -> None:
    """What the size budget counts is what a phone downloads."""
    ending = {"gzip": ".gz", "br": ".br"}[encoding]
    names = re.findall(r"/static/app/(assets/[^\"]+\.(?:js|css))", httpx.get(f"{stack.base_url}/").text)
    assert {Path(name).suffix for name in names} == {".js", ".css"}
    for name in names:
        sent = httpx.get(f"{stack.base_url}/static/app/{name}", headers={"Accept-Encoding": encoding})
        assert sent.headers["Content-Encoding"] == encoding
        assert int(sent.headers["Content-Length"]) == (setup.DIST / f"{name}{ending}").stat().st_size


def test_a_killed_part_comes_back_on_its_port_and_the_line_finds_it_again(stack: Stack) -> None:
    line = Line(stack.port)
    try:
        stack.kill("web")
        assert system.fetch(f"{line.url}/api/ping") is None
        stack.start("web")
        assert system.fetch(f"{line.url}/api/ping")
    finally:
        line.close()


def test_f12_the_worker_survives_a_restart_of_the_broker(stack: Stack) -> None:
    stack.kill("broker")
    stack.start("broker")
    before = stack.log("worker").count("sync.tasks.sweep")
    wait_for(lambda: stack.log("worker").count("sync.tasks.sweep") > before, "a sweep after the restart")
    assert stack.is_alive("worker")
    assert stack.is_alive("beat")
