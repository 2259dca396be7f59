"""The KIAS simulator as the demo desk sees it: its ledger, its faults, and the switches for them.

The simulator is spoken to over HTTP like anybody else's server, never imported. That it is away is a state
of the desk, not an error.
"""

from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

_TIMEOUT_S = 2.0
#: a policy series that is refused on purpose, beside the one that the simulator refuses always
_ALWAYS_UNKNOWN, _REFUSED = "НЕТ", "ХХХ"

#: what a button of the desk orders from the simulator's /control
ORDERS: dict[str, dict[str, Any]] = {
    "outage_on": {"outage": True},
    "outage_off": {"outage": False},
    "slow_on": {"slow_s": 5},
    "slow_off": {"slow_s": 0},
    "reject_on": {"unknown_series": [_ALWAYS_UNKNOWN, _REFUSED]},
    "reject_off": {"unknown_series": [_ALWAYS_UNKNOWN]},
    "lose_answer": {"faults": [{"kind": "lose_answer", "only": "save"}]},
    "commit_late": {"faults": [{"kind": "commit_late", "seconds": 20, "only": "save"}]},
    "http_500_after": {"faults": [{"kind": "http_500_after", "only": "save"}]},
    "malformed": {"faults": [{"kind": "malformed", "only": "save"}]},
    "end_sessions": {"end_sessions": True},
    "all_well": {"clear": True, "unknown_series": [_ALWAYS_UNKNOWN]},
}


class AwayError(Exception):
    """The simulator does not answer, or not as itself."""


def address() -> str:
    """Where the simulator lives: the host of KIAS_URL."""
    parts = urlsplit(settings.KIAS_URL)
    return f"{parts.scheme}://{parts.netloc}"


def told(limit: int = 30) -> dict[str, Any]:
    """`documents` (newest first, at most `limit`), `total`, `switches`, `faults`. Raises `AwayError`."""
    documents = _call("GET", "/ledger.json").get("documents", [])
    control = _call("GET", "/control")
    numbers = [document.get("number") for document in documents]
    shown = [
        {
            "isn": document.get("isn"),
            "number": document.get("number"),
            "sum": document.get("sum"),
            "policy": document.get("policy"),
            "date": document.get("date"),
            "has_check": bool(document.get("check")),
            "by_hand": bool(document.get("by_hand")),
            "twice": numbers.count(document.get("number")) > 1,
        }
        for document in documents[::-1][:limit]
    ]
    return {
        "documents": shown,
        "total": len(documents),
        "switches": {
            "outage": bool(control.get("outage")),
            "slow": bool(control.get("slow_s")),
            "reject": _REFUSED in control.get("unknown_series", []),
        },
        "faults": [fault.get("kind") for fault in control.get("faults", [])],
    }


def order(name: str) -> None:
    """Do what the button `name` says. Raises `KeyError` for no button, `AwayError`."""
    _call("POST", "/control", ORDERS[name])


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        answer = httpx.request(method, address() + path, json=body, timeout=_TIMEOUT_S, trust_env=False)
        said = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise AwayError from error
    if not isinstance(said, dict):
        raise AwayError
    return said
