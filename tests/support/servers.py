"""A real PostgreSQL and a real Valkey for one run of pytest, in a temporary folder, gone afterwards.

The process that pytest-xdist starts first (or the only one) starts the servers; the workers inherit their
addresses by the environment. A given TEST_DATABASE_URL or TEST_REDIS_URL wins; DATABASE_URL is never taken
over, so that a test run cannot reach somebody's real data.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from scripts import broker
from scripts.processes import Child, Part, ProcessError, free_port, start_all
from scripts.tools import NO_POSTGRES, postgres_folder


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to become, None to stay who we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@dataclass
class Servers:
    """What was started for this run."""

    folder: Path
    children: list[Child] = field(default_factory=list)

    def stop(self) -> None:
        for child in self.children:
            child.stop(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres(servers: Servers, *, durable: bool = False) -> str:
    """Start a cluster of its own, `durable` or fit for tests only; its URL, database `postgres`."""
    programs = postgres_folder()
    if programs is None:
        raise ProcessError(NO_POSTGRES)
    user = _server_user()
    data = servers.folder / "pg"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    command: list[str | Path] = [programs / "initdb", "-D", data, "-U", "kias", "-A", "trust", "-E", "UTF8"]
    command += ["--no-sync", "--locale", locale]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        extra_groups=[] if user else None,
        group=pwd.getpwnam(user).pw_gid if user else None,
        cwd=data,
    )
    if made.returncode:
        raise ProcessError(f"initdb failed:\n{made.stdout}{made.stderr}")
    port = free_port()
    on = "on" if durable else "off"
    options = {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": str(data), "fsync": on,
        "synchronous_commit": on, "full_page_writes": on, "max_connections": "200",
        "timezone": "UTC", "log_min_messages": "fatal", "log_min_error_statement": "panic",
    }  # fmt: skip
    command = [programs / "postgres", "-D", data, "-p", str(port)]
    command += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    child = Child("PostgreSQL", command, log=servers.folder / "postgres.log", user=user, cwd=data,
                  stop_signal=signal.SIGINT)  # fmt: skip
    servers.children.append(child)
    ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    start_all([Part(child, lambda: subprocess.run(ready, check=False).returncode == 0)], 30)
    return f"postgres://kias@127.0.0.1:{port}/postgres"


def start_valkey(servers: Servers) -> str:
    """Start a broker that keeps nothing; its URL without a database number."""
    port = free_port()
    log = servers.folder / "broker.log"
    servers.children.append(broker.start(port=port, folder=servers.folder / "broker", log=log, durable=False))
    return f"redis://127.0.0.1:{port}"


def prepare() -> Servers | None:
    """Set the environment of this pytest process; returns the servers if it was us who started them.

    Must be called before Django's settings are imported. Without a PostgreSQL server DATABASE_URL points
    nowhere and TESTS_WITHOUT_POSTGRES says why: the conftest then skips what needs a database, loudly.
    """
    started = None
    if "TESTS_FOLDER" not in os.environ:
        started = Servers(Path(tempfile.mkdtemp(prefix="kias-tests-")))
        started.folder.chmod(0o711)  # the postgres user walks through it to its own folder
        os.environ["TESTS_FOLDER"] = str(started.folder)
        try:
            os.environ["TESTS_REDIS"] = os.environ.get("TEST_REDIS_URL") or start_valkey(started)
            if "TEST_DATABASE_URL" not in os.environ and postgres_folder() is None:
                os.environ["TESTS_WITHOUT_POSTGRES"] = NO_POSTGRES
            else:
                os.environ["TESTS_POSTGRES"] = os.environ.get("TEST_DATABASE_URL") or start_postgres(started)
        except ProcessError:
            started.stop()
            raise
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, … or nothing
    number = int(worker.removeprefix("gw") or -1) + 1
    var = Path(os.environ["TESTS_FOLDER"]) / f"var-{worker or 'main'}"
    var.mkdir(exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="kias_offline.settings",
        DEPLOYMENT="test",
        DATABASE_URL=os.environ.get("TESTS_POSTGRES", "postgres://nobody@127.0.0.1:9/none"),
        REDIS_URL=f"{os.environ['TESTS_REDIS']}/{number}",
        VAR_DIR=str(var),
        SEALING_KEY_DIRS=f"{var / 'keys-a'},{var / 'keys-b'}",
        SMS_GATEWAY="demo",
        KIAS_URL="http://127.0.0.1:9/kias",  # nobody listens: a test that talks to KIAS starts its own
        KIAS_IS_SIMULATOR="1",
    )
    return started
