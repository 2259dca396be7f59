"""The whole system with two of everything that may be doubled, on a PostgreSQL of its own that may be killed.

Web and worker processes live under libfaketime, each kind with a clock file of its own; the database never.
"""

import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from scripts import system, tools
from scripts.processes import Child, Part
from tests.chaos.plan import CONCURRENCY, LEASE_S, RECONCILE_SETTLE_S, SETTLE_S, TIMEOUT_S
from tests.support import servers
from tests.support.stack import Stack, wait_for

TERMS = {
    "KIAS_TIMEOUT_S": str(TIMEOUT_S),
    "KIAS_CONNECT_TIMEOUT_S": "1",
    "KIAS_CONCURRENCY": str(CONCURRENCY),
    "KIAS_LEASE_S": str(LEASE_S),
    "KIAS_SETTLE_S": str(SETTLE_S),
    "KIAS_PROBE_CAP_S": "3",
    "KIAS_SLOW_START_STEP_S": "0.5",
    "RECONCILE_SETTLE_S": str(RECONCILE_SETTLE_S),
    "LOG_LEVEL": "WARNING",
}
CHECK_AFTER_S = 0.3
OPEN_RUNS = "SELECT count(*) FROM sync_reconciliationrun WHERE ended_at IS NULL"
FOUND = "SELECT difference, facts FROM sync_reconciliationfinding WHERE closed_at IS NULL"
PEOPLE = """
import json, sys
import django
django.setup()
from django.utils import timezone
from accounts import sessions
from accounts.models import AgentStatus, User
first, count = map(int, sys.argv[1:])
now = timezone.now()
for i in range(first, first + count):
    person = User(
        username=f"chaos-{i}", phone_number=f"+7955{i:07}", last_name="Смутная", first_name="Анна",
        middle_name="Ивановна", agent_contract=f"АГ-{i}", agent_status=AgentStatus.WORKING, status_since=now,
    )
    person.set_unusable_password()
    person.save()
    print(json.dumps([str(person.pk), sessions.open_for(person, now=now)[1]]))
"""


class Town(Stack):
    """Names beside those of `Stack`: `second web`, `second worker`, `second beat`."""

    def __init__(self, folder: Path, postgres: servers.Servers, postgres_url: str, **env: str) -> None:
        super().__init__(folder, postgres_url, **TERMS | env)
        self._postgres = postgres
        again = system.parts(
            python=sys.executable, env=self.env, port=self.port, kias_port=self.kias_port,
            ledger=folder / "ledger", logs=self.logs / "second",
        )  # fmt: skip
        again["worker"].child.command += ["-n", "second@%h"]
        again["beat"].child.command += ["--schedule", str(self.var / "second-beat-schedule")]
        self._parts |= {f"second {name}": again[name] for name in ("web", "worker", "beat")}
        self.has_clocks = tools.libfaketime() is not None
        for kind in ("web", "worker"):
            self.set_clock(kind, 0)
            for name in (kind, f"second {kind}"):
                self._parts[name].child.env = dict(self.env) | self._clock_env(kind)
        self.deaths: list[str] = []
        self._most_at_once = 0

    # --- clocks ---

    def _clock_env(self, kind: str) -> dict[str, str]:
        library = tools.libfaketime()
        return {} if library is None else {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / f"clock-{kind}"),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).parent / "under_faketime"),
        }  # fmt: skip

    def set_clock(self, kind: str, seconds: int) -> None:
        """The wall clock of all `web` or all `worker` processes is off by so much from now on."""
        new = self.folder / f"clock-{kind}.new"
        new.write_text(f"{seconds:+d}s\n" if seconds else "+0\n")
        new.replace(self.folder / f"clock-{kind}")

    # --- blows ---

    def kill_and_start(self, name: str) -> None:
        """SIGKILL, and started again as production's supervisor does; nobody waits until it is ready."""
        if name == "simulator":
            self.most_at_once()  # it takes what it has seen into its grave
        self.kill(name)
        self._parts[name].child.start()

    def kill_a_child(self, name: str, choose: Any) -> None:
        """SIGKILL to one process of a pool; its parent has to notice."""
        with suppress(OSError, IndexError):
            parent = self._process_id(self._parts[name].child)
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            os.kill(int(choose(children)), signal.SIGKILL)

    @staticmethod
    def _process_id(child: Child) -> int:
        if child.popen is None:
            raise ProcessLookupError
        return child.popen.pid

    def mend(self) -> None:
        """Start again what has ended by itself."""
        for name, part in self._parts.items():
            if not part.child.alive:
                self.deaths.append(f"{name} (exit code {part.child.exit_code}):\n{part.child.tail()}")
                part.child.kill()
                part.child.start()

    def one_of_each_works(self) -> bool:
        """Of what there are two: as long as neither does, a blow hits nobody."""
        return all(
            any(_works(self._parts[name]) for name in (kind, f"second {kind}")) for kind in ("web", "worker")
        )

    def all_ready(self) -> None:
        """Wait until every part works."""
        for name, part in self._parts.items():
            wait_for(lambda part=part: _is_ready(part), f"{name} to work again", 120)

    def flush_broker(self) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.broker_port), 2) as line:
            line.sendall(b"FLUSHALL\r\n")
            line.recv(64)

    def restart_broker(self) -> None:
        self.kill("broker")
        self.start("broker")

    def restart_postgres(self) -> None:
        """An immediate shutdown: every session ends, and the start recovers as after a crash."""
        server = self._postgres.children[0]
        if server.popen:
            server.popen.send_signal(signal.SIGQUIT)
            server.popen.wait(60)
        server.start()
        wait_for(self._database_answers, "PostgreSQL after its crash", 120)

    def _database_answers(self) -> bool:
        try:
            return self.query("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    # --- KIAS ---

    def control(self, **order: Any) -> None:
        """Tell the simulator what to do wrong; in vain where it is just dead."""
        if "clear" in order:
            self.most_at_once()  # it is forgotten with the faults
        with suppress(httpx.HTTPError):
            httpx.post(f"{self.kias_url}/control", json=order, trust_env=False, timeout=10)

    def kias_answers(self) -> bool:
        return system.fetch(f"{self.kias_url}/healthz") is not None

    def most_at_once(self) -> int:
        """Calls that KIAS has ever seen under way together."""
        told = json.loads(system.fetch(f"{self.kias_url}/control") or b"{}")
        self._most_at_once = max(self._most_at_once, told.get("most_at_once", 0))
        return self._most_at_once

    def reconcile(self) -> tuple[tuple[str, str], ...]:
        """Compare these days with KIAS on demand; what is open: difference and ISN, for each document."""
        today = date.fromisoformat(self.query("SELECT current_date::text")[0][0])
        days = ((today + timedelta(days=n)).isoformat() for n in (-2, 2))
        said = self.manage("reconcile", *days)
        wait_for(lambda: self.query(OPEN_RUNS) == [(0,)], f"reconciliation to end: {said}", 180)
        return tuple(
            (difference, document["isn"])
            for difference, facts in self.query(FOUND)
            for document in facts["documents"]
        )

    # --- people ---

    def people(self, first: int, count: int) -> list[tuple[str, str]]:
        """New working agents: id and the token of a session of each."""
        said = self.python(PEOPLE, str(first), str(count))
        return [tuple(json.loads(line)) for line in said.splitlines() if line.startswith("[")]


def _works(part: Part) -> bool:
    return part.child.alive and part.ready()


def _is_ready(part: Part) -> bool:
    if not part.child.alive:
        part.child.kill()
        part.child.start()
    return part.ready()


@contextmanager
def town(keep: Path | None = None, **env: str) -> Iterator[Town]:
    """A running town in a temporary folder; its logs are in `keep` afterwards, where one is given."""
    started = servers.Servers(Path(tempfile.mkdtemp(prefix="kias-chaos-")))
    started.folder.chmod(0o711)  # PostgreSQL's user walks through it to its own folder
    try:
        url = servers.start_postgres(started, durable=True)
        running = Town(started.folder / "town", started, url, **env)
        try:
            running.start_all()
            running.control(check_after=CHECK_AFTER_S)
            yield running
        finally:
            running.stop_all()
            if keep is not None:
                _copy_logs(running, keep)
    finally:
        started.stop()


def _copy_logs(running: Town, keep: Path) -> None:
    for log in running.logs.rglob("*.log"):
        target = keep / "log" / log.relative_to(running.logs)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(log.read_bytes())


def at_rest(question: Any, seconds: float, patience_s: float) -> None:
    """Wait until the answer has not changed for `seconds`, or patience is at its end."""
    give_up = time.monotonic() + patience_s
    last, since = question(), time.monotonic()
    while time.monotonic() - since < seconds and time.monotonic() < give_up:
        time.sleep(0.25)
        if (now := question()) != last:
            last, since = now, time.monotonic()
