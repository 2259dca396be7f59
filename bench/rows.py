"""The yardstick: open the same envelopes and write the same rows of the same tables by psycopg alone.

No HTTP, no JSON answers, no session, no judging: the rows are made ready beforehand. As many processes and
connections as the server under test has workers and threads.
"""

import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any, Literal

import psycopg

from receipts import content
from sync import envelope as envelopes
from sync import sealing_keys

Style = Literal["plain", "ours"]


@dataclass(frozen=True)
class Statement:
    """A multi-row INSERT and the values of one batch."""

    sql: str
    values: list[Any]


@dataclass(frozen=True)
class Work:
    """One batch: the envelopes to open, and the statements that store them.

    `plain` as one would write them by hand, `ours` as the intake makes them, with the rows already encoded.
    """

    envelopes: list[str]
    public_key: str
    plain: list[Statement]
    ours: list[Statement]


def run(url: str, loads: Sequence[Sequence[Work]], processes: int, style: Style) -> float:
    """Seconds for all of it, one connection per load."""
    gate = multiprocessing.Barrier(processes + 1)
    shares = [loads[start::processes] for start in range(processes)]
    children = [multiprocessing.Process(target=_process, args=(url, share, gate, style)) for share in shares]
    for child in children:
        child.start()
    gate.wait()
    begun = time.perf_counter()
    for child in children:
        child.join()
        if child.exitcode:
            raise RuntimeError("the yardstick failed")
    return time.perf_counter() - begun


def _process(url: str, loads: Sequence[Sequence[Work]], gate: Barrier, style: Style) -> None:
    connections = [psycopg.connect(url) for _ in loads]
    threads = [
        threading.Thread(target=_one, args=(*pair, style)) for pair in zip(connections, loads, strict=True)
    ]
    gate.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _one(connection: psycopg.Connection[Any], load: Sequence[Work], style: Style) -> None:
    for work in load:
        for text in work.envelopes:
            opened = envelopes.read(text)
            if not envelopes.is_signed_by(opened, work.public_key):
                raise RuntimeError("an envelope of the bench is not good")
            content.read(envelopes.open_sealed(opened, sealing_keys.find))
        for statement in work.plain if style == "plain" else work.ours:
            connection.execute(statement.sql, statement.values)
        connection.commit()
