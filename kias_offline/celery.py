"""The alarm clock: `celery -A kias_offline worker -Q sms,relay` and `celery -A kias_offline beat`."""

import logging
import os
from typing import Any

from celery import Celery, bootsteps
from celery.exceptions import WorkerShutdown
from django.conf import settings

from sync import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kias_offline.settings")
app = Celery("kias_offline")
#: Its own settings and no others: a worker tells all it has to whoever asks, and Flower shows that (P10).
app.config_from_object(
    {name: getattr(settings, name) for name in dir(settings) if name.startswith("CELERY_")},
    namespace="CELERY",
)
app.autodiscover_tasks()

log = logging.getLogger(__name__)
EX_CONFIG = 78


class BrokerPolicy(bootsteps.StartStopStep):
    """A worker takes no task from a broker that evicts: tasks would vanish without a word (P28).

    Looked at on every connection, so an evicting broker that takes the place of a sound one is seen as well.
    """

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: Any) -> None:
        policy = broker.policy_at(consumer.connection.as_uri(include_password=True))
        if policy is None:
            log.warning("The broker does not tell its maxmemory-policy: see to it that it is noeviction.")
        elif policy != broker.SOUND_POLICY:
            log.critical(
                "The broker evicts (maxmemory-policy %s): tasks would be lost. Set maxmemory-policy "
                "noeviction there, and name another server for the cache in CACHE_URL. "
                "See docs/runbook.md, «Broker and cache».",
                policy,
            )
            raise WorkerShutdown(EX_CONFIG)


app.steps["consumer"].add(BrokerPolicy)
