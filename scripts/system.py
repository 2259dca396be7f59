"""The processes of the running system, for `make run` and the tests: how to start each and see it ready."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from scripts.processes import Child, Part, is_listening

ROOT = Path(__file__).resolve().parent.parent
#: where `make test` leaves one JUnit file per suite
RESULTS = ROOT / "var" / "results"
#: To look at only, under the address of the staff's pages, remembering little, asking for nothing by itself.
FLOWER = ("--url_prefix=admin/flower", "--read_only=True", "--auto_refresh=False", "--max_tasks=5000")
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def parts(
    *,
    python: Path | str,
    env: Mapping[str, str],
    port: int,
    kias_port: int,
    ledger: Path,
    logs: Path,
    flower_port: int | None = None,
) -> dict[str, Part]:
    """Simulator, web, worker, beat and, where it has a port, Flower. `env` says everything else."""

    def child(name: str, *command: str | Path) -> Child:
        return Child(name, [python, "-m", *command], log=logs / f"{name}.log", env=env, cwd=ROOT)

    simulator = child("simulator", "sync.kias.simulator", "--port", str(kias_port), "--ledger", ledger)
    web = child(
        "web", "gunicorn", "kias_offline.wsgi", "--bind", f"127.0.0.1:{port}", "--reuse-port",
        "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "5",
        "--no-control-socket", "--log-level", "warning",
    )  # fmt: skip
    celery = ("celery", "-A", "kias_offline")
    # One more than KIAS_CONCURRENCY: a login code never waits until the relay has worked through its backlog.
    worker = child(
        "worker", *celery, "worker", "-Q", "sms,relay", "--concurrency", "5", "--loglevel", "info",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip
    beat = child("beat", *celery, "beat", "--pidfile=", "--loglevel", "info")
    made = {
        "simulator": Part(simulator, lambda: is_listening(kias_port)),
        "web": Part(web, lambda: fetch(f"http://127.0.0.1:{port}/api/ping") is not None),
        "worker": Part(worker, lambda: " ready." in worker.said()),
        "beat": Part(beat, lambda: "beat: Starting" in beat.said()),
    }
    if flower_port:
        flower = child("flower", *celery, "flower", "--address=127.0.0.1", f"--port={flower_port}", *FLOWER)
        made["flower"] = Part(flower, lambda: is_listening(flower_port))
    return made


def fetch(url: str) -> bytes | None:
    """The body of a 200 answer, else None; no proxy."""
    try:
        with NO_PROXY.open(url, timeout=10) as answer:
            body: bytes = answer.read()
            return body if answer.status == 200 else None
    except (OSError, urllib.error.URLError):
        return None
