"""Every address that the project answers, read from its own table: nothing new escapes who walks it."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver

from kias_offline.urls import urlpatterns

_ROW = "00000000-0000-4000-8000-000000000000"
_NAMES = (
    "object_id", "receipt_id", "installation_id", "pk", "id", "content_type_id", "path", "name", "how",
)  # fmt: skip


def addresses(under: str, patterns: Any = urlpatterns, before: str = "") -> Iterator[tuple[str, str]]:
    """Each address that begins so, with something in the place of what varies, and its name."""
    for pattern in patterns:
        route = before + str(pattern.pattern).lstrip("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(under, pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith(under) and "(?P" not in route:
            for kind in ("path", "uuid", "int", "str"):
                for name in _NAMES:
                    route = route.replace(f"<{kind}:{name}>", "1" if kind == "int" else _ROW)
            yield f"/{route}", pattern.name or ""
