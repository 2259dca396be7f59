"""A call on a database connection of its own, beside the test's: for races on real PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Elsewhere(threading.Thread):
    """Runs a call on a connection of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call, self.outcome, self.pid = call, None, 0
        self.started = threading.Event()

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            self.started.set()
            self.outcome = self._call()
        except Exception as error:
            self.outcome = error
        finally:
            connection.close()

    def begin(self) -> "Elsewhere":
        self.start()
        assert self.started.wait(10)
        return self

    def result(self) -> Any:
        self.join(20)
        assert not self.is_alive()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def waits_for_a_lock(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [self.pid])
            return cursor.fetchone() == ("Lock",)
