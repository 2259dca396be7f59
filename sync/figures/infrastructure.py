"""The parts that the system runs on."""

import math
from collections.abc import Iterator
from datetime import datetime

from accounts import audit_stream, lost_nudges
from sync import broker, heartbeat, sealing_keys
from sync.figures.catalogue import Sample
from sync.figures.relay import age
from sync.models import Heartbeat
from sync.restore import high_water


def samples(now: datetime) -> Iterator[Sample]:
    """Every figure about beat, workers, broker and keys."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    beat = beats.pop(heartbeat.BEAT, None)
    yield "kias_heartbeat_age_seconds", {}, age(beat, now) if beat else math.inf
    for name, at in beats.items():
        yield "kias_worker_age_seconds", {"worker": name.removeprefix(heartbeat.WORKER)}, age(at, now)
    for kind in lost_nudges.KINDS:
        yield "kias_nudges_lost_total", {"kind": kind}, lost_nudges.count(kind)
    yield from _broker()
    yield "kias_database_behind", {}, int(high_water.is_behind())
    yield "kias_high_water_lost", {}, int(high_water.was_lost(now))
    yield "kias_audit_stream_writable", {}, int(audit_stream.is_writable())
    complete, incomplete = sealing_keys.counts()
    yield "kias_sealing_keys", {}, complete
    yield "kias_sealing_keys_incomplete", {}, incomplete


def _broker() -> Iterator[Sample]:
    found = broker.look()
    yield "kias_broker_up", {}, int(found is not None)
    if found is None:
        return
    yield "kias_broker_evicts", {}, int(found.policy not in {None, broker.SOUND_POLICY})
    yield "kias_broker_memory_used_ratio", {}, found.memory_used
    for queue, length in found.queues.items():
        yield "kias_queue_length", {"queue": queue}, length
