"""What the intake bench stands on: a durable PostgreSQL, a broker, prepared phones, gunicorn."""

import gzip
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from scripts.processes import Child, Part, free_port, is_listening, start_all
from tests.support import servers

ROOT = Path(__file__).resolve().parent.parent
BATCH = 20
WORKERS = 2
THREADS = 4


@dataclass(frozen=True)
class Load:
    """The batches of one phone: envelopes, and whole HTTP requests that carry them gzipped."""

    batches: list[list[str]]
    requests: list[bytes]


@dataclass(frozen=True)
class Sealer:
    """All that a process needs to seal for one phone."""

    installation: dict[str, object]
    private_key: bytes
    sealing_key: bytes
    count: int


@dataclass(frozen=True)
class Database:
    """The prepared database and the process of its server."""

    url: str
    pid: int


@contextmanager
def prepared() -> Iterator[Database]:
    """Servers in a temporary folder; the environment points at the database `prepared`."""
    started = servers.Servers(Path(tempfile.mkdtemp(prefix="kias-bench-")))
    started.folder.chmod(0o711)
    try:
        postgres = servers.start_postgres(started, durable=True)
        broker = servers.start_valkey(started)
        url = postgres.rsplit("/", 1)[0] + "/prepared"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("CREATE DATABASE prepared")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="kias_offline.settings",
            DEPLOYMENT="test",
            DATABASE_URL=url,
            REDIS_URL=f"{broker}/0",
            VAR_DIR=str(started.folder / "var"),
            SEALING_KEY_DIRS=f"{started.folder}/keys-a,{started.folder}/keys-b",
            ALLOWED_HOSTS="127.0.0.1",
        )
        (started.folder / "var").mkdir()
        yield Database(url, pid(started.children[0]))
    finally:
        started.stop()
        shutil.rmtree(started.folder, ignore_errors=True)


def copy_of(url: str, name: str) -> str:
    """A fresh copy of the prepared database; its URL."""
    base = url.rsplit("/", 1)[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE prepared")
        connection.execute("CHECKPOINT")
    return f"{base}/{name}"


@contextmanager
def gunicorn(application: str, database_url: str) -> Iterator[tuple[int, int]]:
    """The application under gunicorn as production runs it; gives its port and process."""
    port = free_port()
    log = Path(os.environ["VAR_DIR"]) / "web.log"
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--reuse-port",
        "--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS),
        "--keep-alive", "30", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    child = Child("web", command, log=log, env=os.environ | {"DATABASE_URL": database_url}, cwd=ROOT)
    start_all([Part(child, lambda: is_listening(port))])
    try:
        yield port, pid(child)
    finally:
        child.stop()


def pid(child: Child) -> int:
    if child.popen is None:
        raise RuntimeError(f"{child.name} does not run")
    return child.popen.pid


def request_bytes(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A whole HTTP/1.1 request on a connection that stays open."""
    given = {
        "Host": "127.0.0.1",
        "Content-Length": str(len(body)),
        "Content-Type": "application/json",
    } | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def seal_all(sealers: list[Sealer]) -> list[list[str]]:
    """Envelopes for each phone, sealed by as many processes as there are cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(_seal, sealers))


def _seal(sealer: Sealer) -> list[str]:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    from tests.support.phone import Phone

    phone = Phone(
        None,  # type: ignore[arg-type]
        signing_key=load_der_private_key(sealer.private_key, None),  # type: ignore[arg-type]
        installation=sealer.installation,
        sealing_key=sealer.sealing_key,
    )
    return [phone.issue().envelope for _ in range(sealer.count)]


def load_of(envelopes: list[str], cookies: str, csrf: str) -> Load:
    batches = [envelopes[start : start + BATCH] for start in range(0, len(envelopes), BATCH)]
    headers = {"Cookie": cookies, "X-CSRF-Token": csrf, "Content-Encoding": "gzip"}
    bodies = [gzip.compress(json.dumps({"envelopes": batch}).encode(), 6) for batch in batches]
    return Load(batches, [request_bytes("/api/receipts", body, headers) for body in bodies])


def new_token() -> str:
    return secrets.token_urlsafe(32)
