"""The whole running system as real processes, each of which can be killed, for browser and chaos tests."""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from scripts import broker, system
from scripts.processes import Child, ProcessError, free_port, start_all
from scripts.run import PREPARE

T = TypeVar("T")

MAKE_AGENTS = """
import json, sys
import django
django.setup()
from django.db import connection
from django.utils import timezone
from accounts.models import AgentStatus, User
for line in sys.stdin:
    person = User(**json.loads(line), agent_status=AgentStatus.WORKING, status_since=timezone.now())
    person.set_unusable_password()
    person.save()
    connection.close()
    print(person.pk, flush=True)
"""


@dataclass(frozen=True)
class Agent:
    """A person whom the system knows as a working agent."""

    id: str
    phone_number: str
    name: str


def wait_for(question: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Ask until the answer is neither None nor false. Raises `AssertionError` saying what was missed."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return answer


class Stack:
    """A database of its own, broker, simulator, web, worker, beat, perhaps Flower; all lies in `folder`.

    Names for `restart`, `kill`, `start` and `stop`: broker, simulator, web, worker, beat, flower. `env`
    overrides settings. Restarting keeps ports and data.
    """

    def __init__(self, folder: Path, postgres_url: str, *, with_flower: bool = False, **env: str) -> None:
        self.folder = folder
        self.port, self.kias_port, self.broker_port = free_port(), free_port(), free_port()
        flower_port = free_port() if with_flower else None
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.kias_url = f"http://127.0.0.1:{self.kias_port}"
        self.var = folder / "var"
        self.var.mkdir(parents=True, exist_ok=True)
        self.logs = folder / "log"
        self.database = f"stack_{uuid.uuid4().hex[:12]}"
        self._server = postgres_url
        self.database_url = postgres_url.rsplit("/", 1)[0] + f"/{self.database}"
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "kias_offline.settings",
            "DEPLOYMENT": "test",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"redis://127.0.0.1:{self.broker_port}/0",
            "VAR_DIR": str(self.var),
            "SEALING_KEY_DIRS": f"{self.var / 'keys-a'},{self.var / 'keys-b'}",
            "SMS_GATEWAY": "demo",
            "DEMO_DESK": "1",
            "SWEEP_EVERY_S": "1",
            "KIAS_URL": f"{self.kias_url}/kias",
            "LOGIN_CODES_PER_ADDRESS": "10000",
            "PYTHONUNBUFFERED": "1",
            "FLOWER_URL": f"http://127.0.0.1:{flower_port}" if flower_port else "",
            **env,
        }
        self._parts = system.parts(
            python=sys.executable,
            env=self.env,
            port=self.port,
            kias_port=self.kias_port,
            ledger=folder / "ledger",
            logs=self.logs,
            flower_port=flower_port,
        )
        self._broker: Child | None = None
        self._agents: subprocess.Popen[str] | None = None  # one process makes them all: Django starts slowly

    def __enter__(self) -> "Stack":
        try:
            self.start_all()
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()
        self.drop_database()

    # --- processes ---

    def start_all(self) -> None:
        """Create, migrate and seed the database, make the keys, start every process, wait for all of them."""
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{self.database}"')
        self._python("-c", PREPARE)
        self.start("broker")
        start_all(self._parts.values())

    def start(self, name: str) -> None:
        if name == "broker":
            self._broker = broker.start(
                port=self.broker_port,
                folder=self.folder / "broker",
                log=self.logs / "broker.log",
                durable=True,
            )
        else:
            start_all([self._parts[name]])

    def _child(self, name: str) -> Child:
        if name == "broker":
            assert self._broker
            return self._broker
        return self._parts[name].child

    def stop(self, name: str) -> None:
        """End it politely."""
        self._child(name).stop(10)

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children, as when the power goes."""
        self._child(name).kill()

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def is_alive(self, name: str) -> bool:
        return self._child(name).alive

    def log(self, name: str) -> str:
        """All that this process has written since its last start."""
        return self._child(name).said()

    def stop_all(self) -> None:
        """Every process, at once: all are asked first, then waited for."""
        if self._agents:
            self._agents.communicate()  # no more lines: it ends
        children = [part.child for part in self._parts.values()] + ([self._broker] if self._broker else [])
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(10)

    def drop_database(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` against this stack; its output. Raises `ProcessError` with both outputs."""
        return self._python("manage.py", *arguments)

    def python(self, program: str, *arguments: str) -> str:
        """Run a piece of Python in this stack's environment; its output. Raises `ProcessError`."""
        return self._python("-c", program, *arguments)

    def _python(self, *arguments: str) -> str:
        run = subprocess.run(
            [sys.executable, *arguments], env=self.env, cwd=system.ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if run.returncode:
            raise ProcessError(f"{arguments[0]} {arguments[1:2]} failed:\n{run.stdout}{run.stderr}")
        return run.stdout

    # --- people, SMS, KIAS ---

    def new_agent(self, last_name: str = "Пробная") -> Agent:
        """A working agent with a phone number that nobody else has."""
        number = f"+79{uuid.uuid4().int % 10**9:09d}"
        person = {
            "username": f"test-{number[1:]}", "phone_number": number, "last_name": last_name,
            "first_name": "Анна", "middle_name": "Ивановна", "agent_contract": "АГ-9999",
        }  # fmt: skip
        if self._agents is None or self._agents.poll() is not None:
            self._agents = subprocess.Popen(
                [sys.executable, "-c", MAKE_AGENTS], env=self.env, cwd=system.ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self._agents.stdin
        assert self._agents.stdout
        self._agents.stdin.write(json.dumps(person) + "\n")
        self._agents.stdin.flush()
        made = self._agents.stdout.readline().strip()
        assert made, "no agent could be made: see the traceback above"
        return Agent(made, number, f"{last_name} Анна Ивановна")

    def sms(self, phone_number: str) -> list[dict[str, Any]]:
        """The messages sent to this number, oldest first: `to`, `text`, `at`."""
        messages = []
        with suppress(FileNotFoundError):
            for line in (self.var / "sms.jsonl").read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):  # a line that is being written just now
                    messages.append(json.loads(line))
        return [message for message in messages if message["to"] == phone_number]

    def sms_code(self, phone_number: str, *, after: int = 0) -> str:
        """The code in the newest message; waits until there are more than `after` messages to this number."""
        messages = wait_for(
            lambda: found if len(found := self.sms(phone_number)) > after else None, f"SMS to {phone_number}"
        )
        code = re.search(r"(?<!\d)\d{4,8}(?!\d)", messages[-1]["text"])
        assert code, f"no code in {messages[-1]['text']!r}"
        return code[0]

    def ledger(self) -> Any:
        """What the simulator has in its books: the JSON of its /ledger.json."""
        body = system.fetch(f"{self.kias_url}/ledger.json")
        assert body is not None, "the simulator does not answer"
        return json.loads(body)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows straight from the stack's database."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, *parameters: Any) -> None:
        """One statement straight into the stack's database, committed."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql, parameters)
