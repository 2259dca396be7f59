"""What the broker says of itself: whether it answers, whether it may evict, how much waits in it (P28)."""

from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings

SOUND_POLICY = "noeviction"
QUEUES = ("sms", "relay")
_REDIS = ("redis://", "rediss://", "unix://")
_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A look at the broker. `policy` is None where it does not tell, `memory_used` a share of its bound."""

    policy: str | None
    queues: dict[str, int]
    memory_used: float
    version: str


def look() -> Broker | None:
    """The broker now; None when it does not answer within half a second or is no Redis."""
    if not settings.CELERY_BROKER_URL.startswith(_REDIS):
        return None
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=_WITHIN_S, socket_connect_timeout=_WITHIN_S
    )
    try:
        info: Any = client.info()
        queues = {name: int(client.llen(name)) for name in QUEUES}
        bound = int(info.get("maxmemory", 0))
        return Broker(
            policy=policy_of(client),
            queues=queues,
            memory_used=int(info.get("used_memory", 0)) / bound if bound else 0.0,
            version=str(info.get("valkey_version") or info.get("redis_version") or ""),
        )
    except (redis.RedisError, OSError):
        return None
    finally:
        client.close()


def policy_at(url: str) -> str | None:
    """The policy of the broker with this address, over a line of its own; None where it cannot be known.

    Raises `redis.RedisError` when it does not answer.
    """
    if not url.startswith(_REDIS):
        return None
    with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
        return policy_of(client)


def policy_of(client: Any) -> str | None:
    """`maxmemory-policy`: from the configuration, or where that is forbidden from INFO."""
    try:
        found = client.config_get("maxmemory-policy")["maxmemory-policy"]
    except (redis.ResponseError, KeyError):
        try:
            found = client.info("memory")["maxmemory_policy"]
        except (redis.ResponseError, KeyError):
            return None
    return found.decode() if isinstance(found, bytes) else str(found)
