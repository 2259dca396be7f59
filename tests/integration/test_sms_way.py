"""The way of a code, web → broker → worker → gateway: nowhere else to be read (P10, F12)."""

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.db import connection

from accounts import login_codes, nudge
from scripts import broker
from scripts.processes import Child, free_port
from tests.support import smsc_stand_in as smsc
from tests.support import twilio_stand_in as twilio
from tests.support.factories import make_agent
from tests.support.login import Browser, make_login_attempt
from tests.support.stack import wait_for

pytestmark = pytest.mark.slow  # real workers start and stop


def environment(**given: str) -> dict[str, str]:
    """What another process needs to work on this test's database."""
    db = connection.settings_dict
    password = f":{db['PASSWORD']}" if db["PASSWORD"] else ""
    url = f"postgres://{db['USER']}{password}@{db['HOST']}:{db['PORT']}/{db['NAME']}"
    return os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "DEBUG"} | given


@contextmanager
def worker(folder: Path, **env: str) -> Iterator[Child]:
    command = [sys.executable, "-m", "celery", "-A", "kias_offline", "worker", "-Q", "sms"]
    child = Child("worker", [*command, "--pool", "solo"], log=folder / "worker.log", env=environment(**env))
    child.start()
    try:
        yield child
    finally:
        child.stop()


def whole_broker(url: str) -> str:
    """Every key and value that the broker holds."""
    with redis.Redis.from_url(url) as client:
        dump = [bytes(key) + bytes(client.dump(key) or b"") for key in client.scan_iter("*")]
        lists = [b"".join(client.lrange(key, 0, -1)) for key in client.scan_iter("*", _type="list")]
        hashes = [repr(client.hgetall(key)).encode() for key in client.scan_iter("*", _type="hash")]
    return b"\n".join([*dump, *lists, *hashes]).decode("utf-8", "backslashreplace")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["smsc", "twilio"])
def test_p10_the_code_is_in_the_sms_and_nowhere_else(
    first: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Searched: the broker before, during and after, logs of web and worker. Both providers fail and repeat
    what they were given; later the second one takes it (P16).
    """
    agent, browser = make_agent(), Browser()
    broker_url = os.environ["REDIS_URL"]
    asked = browser.ask(agent.phone_number)
    code = browser.read_code()
    with redis.Redis.from_url(broker_url) as client:
        wait_for(lambda: client.llen("sms"), "the task in the broker")
    held_before = whole_broker(broker_url)
    assert asked.json()["attempt"] in _decoded(held_before)

    failing = {"smsc": [smsc.error(9), smsc.error(6)], "twilio": [twilio.refusal(400)]}
    if first == "twilio":
        failing = {"smsc": [smsc.error(9)], "twilio": [twilio.refusal(429), twilio.refusal(400)]}
    second = {"smsc": "twilio", "twilio": "smsc"}[first]
    with (
        smsc.smsc_stand_in(*failing["smsc"]) as at_smsc,
        twilio.twilio_stand_in(*failing["twilio"]) as at_twilio,
        worker(
            tmp_path,
            SMS_GATEWAY=first,
            SMS_FALLBACK=second,
            SMSC_LOGIN="office",
            SMSC_PASSWORD="secret-of-smsc",
            SMSC_API_URL=at_smsc.url,
            TWILIO_ACCOUNT_SID="AC0",
            TWILIO_AUTH_TOKEN="secret-of-twilio",
            TWILIO_FROM="KIAS",
            TWILIO_API_URL=at_twilio.url,
        ) as celery,
    ):
        wait_for(lambda: "SMS unavailable" in celery.said(), "a failed try", 90)
        held_between = whole_broker(broker_url)
        wait_for(lambda: browser.attempt.sent_count, "the second try", 90)
        held_after = whole_broker(broker_url)
    assert [len(at_smsc.texts), len(at_twilio.texts)] == [2, 2]
    assert all(code in text for text in at_smsc.texts + at_twilio.texts)
    assert browser.attempt.provider == second

    everywhere = "\n".join([*map(_decoded, (held_before, held_between, held_after)), celery.said()])
    everywhere += caplog.text + asked.content.decode()
    # Six digits may turn up in a time or an id by chance: look for them standing alone.
    assert not _stands_alone(code, everywhere)
    assert str(agent.phone_number).removeprefix("+") not in everywhere
    assert "secret-of-" not in everywhere
    assert browser.confirm(code).status_code == 200


def _stands_alone(code: str, text: str) -> bool:
    pieces = text.split(code)
    return any(
        not (before[-1:].isalnum() or before[-1:] in "-." or after[:1].isalnum() or after[:1] == "-")
        for before, after in itertools.pairwise(pieces)
    )


def _decoded(text: str) -> str:
    """The dump with the task's body (base64 JSON) made readable beside it."""
    found = []
    for start in text.split('"body": "')[1:]:
        piece = subprocess.run(
            ["base64", "-d"], input=start.split('"')[0].encode(), capture_output=True, check=False
        )
        found.append(piece.stdout.decode("utf-8", "backslashreplace"))
    return "\n".join([text, *found])


@contextmanager
def silent_broker() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@contextmanager
def full_broker(folder: Path) -> Iterator[str]:
    """A real one whose memory is used up (P28)."""
    port = free_port()
    child = broker.start(port=port, folder=folder, log=folder / "broker.log", durable=False)
    try:
        with redis.Redis(port=port) as client:
            client.config_set("maxmemory", 1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        child.stop()


@contextmanager
def absent_broker() -> Iterator[str]:
    yield f"redis://127.0.0.1:{free_port()}/0"


SEND = """
import sys, uuid
import django
django.setup()
from accounts import nudge
nudge.send_soon(uuid.UUID(sys.argv[1])).result()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["away", "full", "silent"])
def test_f12_when_the_broker_cannot_take_the_task_the_web_process_sends_the_code_itself(
    trouble: str, tmp_path: Path
) -> None:
    attempt = make_login_attempt()
    brokers = {"away": absent_broker, "full": lambda: full_broker(tmp_path / "b"), "silent": silent_broker}
    with brokers[trouble]() as url:
        done = subprocess.run(
            [sys.executable, "-c", SEND, str(attempt.attempt)],
            env=environment(REDIS_URL=url, VAR_DIR=str(tmp_path), SMS_GATEWAY="demo"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    inbox = [json.loads(line) for line in (tmp_path / "sms.jsonl").read_text().splitlines()]
    code = login_codes.derive(attempt.attempt)
    assert [(sms["to"], code in sms["text"]) for sms in inbox] == [(attempt.phone_number, True)]
    assert not _stands_alone(code, done.stderr + done.stdout)
    attempt.refresh_from_db()
    assert attempt.sent_count == 1


@pytest.mark.django_db(transaction=True)
def test_the_answer_does_not_wait_for_broker_or_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever sending takes happens beside the request: known and unknown numbers take the same time."""
    asked_in: list[str] = []
    monkeypatch.setattr(nudge, "_send", lambda *_: asked_in.append(threading.current_thread().name))
    assert Browser().ask(make_agent().phone_number).status_code == 202
    wait_for(lambda: asked_in, "the nudge")
    assert asked_in[0].startswith("login-code")
