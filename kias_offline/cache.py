"""The cache: what may be forgotten at any time. One that is away or full is one that has forgotten (P28)."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Json:
    """Figures and words only. Django's default, pickle, would run what somebody else has put there."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, stored: bytes) -> Any:
        return json.loads(stored)


class ForgetfulCache(RedisCache):
    """Redis, of which nothing is expected: an error is a miss, and a value that was not kept."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try(lambda: super(ForgetfulCache, self).get(key, default, version), default)

    def set(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        self._try(lambda: super(ForgetfulCache, self).set(key, value, timeout, version), None)

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._try(lambda: super(ForgetfulCache, self).delete(key, version), False))

    def _try(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return ask()
        except (RedisError, OSError, ValueError) as error:
            log.warning("cache away", extra={"error": type(error).__name__})
            return otherwise
