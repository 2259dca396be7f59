"""`make run`: the whole system from an empty clone, and the supervisor that keeps its processes together."""

import fcntl
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from scripts import broker, processes, setup, system
from scripts.processes import Child, Part, ProcessError
from scripts.system import ROOT
from scripts.terminal import SetupError, say, step

VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var")
LOGS = VAR / "log"
#: One process of Python for all of it: each start of Django costs a second.
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("roles", verbosity=0)
call_command("make_sealing_key", if_missing=True)
call_command("demo_data")
"""
DEATHS, WITHIN_S = 3, 60


class Ports:
    """Web on `PORT` (8000), the simulator 10 above, the broker 20 above, Flower 30 above."""

    def __init__(self) -> None:
        given = os.environ.get("PORT") or "8000"
        if not given.isdigit() or not 1 <= int(given) <= 65_505:
            raise SetupError(f"PORT={given} is no port: give a number, for example PORT=8000 make run.")
        self.web = int(given)
        self.kias = self.web + 10
        self.broker = self.web + 20
        self.flower = self.web + 30

    def refuse_taken(self, wanted: list[int]) -> None:
        for port in wanted:
            if not processes.is_free(port):
                raise SetupError(
                    f"Port {port} is taken by another program: stop it or choose other ports, "
                    f"for example PORT={self.web + 100} make run."
                )


def environment(ports: Ports) -> dict[str, str]:
    """What the demo's processes and `make manage` run with; what is set already wins."""
    return {
        "DEPLOYMENT": "demo",
        "REDIS_URL": f"redis://127.0.0.1:{ports.broker}/0",
        "KIAS_URL": f"http://127.0.0.1:{ports.kias}/kias",
        "FLOWER_URL": f"http://127.0.0.1:{ports.flower}",
        "VAR_DIR": str(VAR),
        "PYTHONUNBUFFERED": "1",
        **{key: value for key, value in os.environ.items() if value},
        "DJANGO_SETTINGS_MODULE": "kias_offline.settings",
    }


@contextmanager
def only_one() -> Iterator[None]:
    """Hold this folder's lock. Raises `SetupError` while another `make run` holds it."""
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise SetupError(
                f"The system is running from this folder already (process {lock.read().strip() or '?'}): "
                "stop it first with Ctrl-C in its terminal."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def run() -> int:
    """Set up, start everything, watch until Ctrl-C or SIGTERM. Raises `SetupError`."""
    started = time.monotonic()
    ports = Ports()
    own_broker, own_kias = not os.environ.get("REDIS_URL"), not os.environ.get("KIAS_URL")
    with only_one():
        ports.refuse_taken([ports.web, ports.flower] + [ports.kias] * own_kias + [ports.broker] * own_broker)
        say("Starting КИАС Офлайн")
        setup.python_packages()
        setup.client()
        env = environment(ports)
        with step("Database, keys, demo data"):
            _prepare(env)
        supervisor = Supervisor()
        with supervisor.stopping_all():
            with step("Processes"):
                supervisor.start(ports, env, own_broker=own_broker, own_kias=own_kias)
            say(welcome(ports, time.monotonic() - started, own_kias=own_kias))
            supervisor.watch()
    return 0


def _prepare(env: dict[str, str]) -> None:
    made = subprocess.run(
        [setup.PYTHON, "-c", PREPARE], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if made.returncode:
        LOGS.mkdir(parents=True, exist_ok=True)
        (LOGS / "prepare.log").write_text(made.stdout + made.stderr)
        last = made.stderr.strip().splitlines()[-1:] or ["no message"]
        raise SetupError(
            f"The database could not be prepared: {last[0]} (Details: {LOGS / 'prepare.log'}; "
            "make reset gives a fresh demo.)"
        )


def welcome(ports: Ports, seconds: float, *, own_kias: bool = True) -> str:
    """What to open and whom to be."""
    base = f"http://127.0.0.1:{ports.web}"
    books = f"http://127.0.0.1:{ports.kias}/ledger" if own_kias else os.environ["KIAS_URL"]
    places = (
        ("The agent's app", f"{base}/", "phone number +7 900 000-00-01"),
        ("His SMS codes", f"{base}/demo/", "the demo desk; no SMS leaves this machine"),
        ("The office", f"{base}/admin/", "login office, password office-demo, code on the demo desk"),
        ("The system", f"{base}/admin/system/", "how it fares, and Flower behind it: login ops"),
        (
            "KIAS",
            books,
            "what the simulator has in its books" if own_kias else "the one you named in KIAS_URL",
        ),
    )
    width = max(len(url) for _, url, _ in places)
    table = "\n".join(f"  {what:16}  {url:{width}}  {words}" for what, url, words in places)
    return (
        f"\nКИАС Офлайн is running ({seconds:.0f} s).\n\n{table}\n\n"
        f"  Logs: {LOGS}. Ctrl-C ends everything and keeps the data; make reset gives a fresh demo.\n"
    )


class StopRequest(BaseException):
    """A signal asked us to end."""


class Supervisor:
    """Starts the parts, restarts one that dies, gives up when it keeps dying, and leaves no process behind.

    A dead process is started again, since that is what production's supervisor does and what the system is
    built to survive; three deaths within a minute mean that a restart does not help, so everything stops and
    says why.
    """

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self._deaths: dict[str, deque[float]] = {}

    def start(self, ports: Ports, env: dict[str, str], *, own_broker: bool, own_kias: bool) -> None:
        """Everything, and wait until all of it works. Raises `SetupError` with the end of the log."""
        for old in LOGS.glob("*.log"):
            old.replace(old.with_suffix(".log.1"))
        try:
            if own_broker:
                child = broker.start(
                    port=ports.broker, folder=VAR / "broker", log=LOGS / "broker.log", durable=True,
                    python=setup.PYTHON,
                )  # fmt: skip
                self.parts["broker"] = Part(child, lambda: broker.answers(ports.broker))
            self.parts |= system.parts(
                python=setup.PYTHON, env=env, port=ports.web, kias_port=ports.kias, ledger=VAR / "ledger",
                logs=LOGS, flower_port=ports.flower,
            )  # fmt: skip
            if not own_kias:
                del self.parts["simulator"]
            processes.start_all(part for name, part in self.parts.items() if name != "broker")
        except ProcessError as error:
            raise SetupError(str(error)) from error

    def watch(self) -> None:
        """Until a signal comes (`StopRequest`). Raises `SetupError` when a part keeps dying."""
        while True:
            for part in self.parts.values():
                if not part.child.alive:
                    self._restart(part.child)
            time.sleep(0.5)

    def _restart(self, child: Child) -> None:
        deaths = self._deaths.setdefault(child.name, deque(maxlen=DEATHS))
        deaths.append(time.monotonic())
        words = f"{child.name} ended (exit code {child.exit_code}); its last lines:\n{child.tail()}"
        if len(deaths) == DEATHS and deaths[-1] - deaths[0] < WITHIN_S:
            raise SetupError(f"{words}\n{DEATHS} times within a minute: everything stops; see {child.log}.")
        say(f"{words}\nStarting {child.name} again.")
        child.kill()  # what is left of its children
        child.start()

    @contextmanager
    def stopping_all(self) -> Iterator[None]:
        """Signals end the block; whatever ends it, every process is ended, and its children with it."""

        def stop(number: int, frame: FrameType | None) -> None:
            raise StopRequest

        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, stop) for number in signals}
        try:
            yield
        except StopRequest:
            say("\nStopping …")
        finally:
            for number in signals:  # a second Ctrl-C must not leave half of them alive
                signal.signal(number, signal.SIG_IGN)
            children = [part.child for part in reversed(self.parts.values())]
            for child in children:
                if child.name != "broker":  # the others may still want to say something to it
                    child.ask_to_stop()
            for child in children:
                child.stop(8)
            for number, handler in before.items():
                signal.signal(number, handler)
            say("Everything has stopped.")
