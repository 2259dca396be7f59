"""`/metrics` for Prometheus: the figures of the rows and this process's own (docs/alerts.yml, runbook).

The rows are the same whichever process is asked, so nothing is shared between processes: a count of calls
kept in memory would tell of one worker of gunicorn alone.
"""

import logging
from collections.abc import Iterator

from django.db import Error
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync import figures
from sync.figures import CATALOGUE, Sample, version

log = logging.getLogger(__name__)


class RowsCollector(Collector):
    """The catalogue's metrics, counted when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        always: list[Sample] = [("kias_build_info", {"version": version()}, 1)]
        try:
            samples = [*figures.recent(timezone.now()).samples, ("kias_database_up", {}, 1.0), *always]
        except Error as error:
            log.warning("figures not counted", extra={"error": type(error).__name__})
            samples = [("kias_database_up", {}, 0.0), *always]
        for name, figure in CATALOGUE.items():
            kind = CounterMetricFamily if figure.counts else GaugeMetricFamily
            family = kind(name, figure.words, labels=figure.labels)
            for of, labels, value in samples:
                if of == name:
                    family.add_metric([labels[label] for label in figure.labels], value)
            yield family

    def describe(self) -> list[Metric]:
        """Nothing is counted just because the process starts."""
        return []


registry = CollectorRegistry()
registry.register(RowsCollector())
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)
GCCollector(registry=registry)


def exposition() -> tuple[bytes, str]:
    """The body and its content type."""
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4
