"""The KIAS simulator as the demo desk sees it: its ledger, its faults, and the buttons for them.

The simulator is spoken to over HTTP like anybody else's server, never imported. That it is away is a state
of the desk, not an error.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

_TIMEOUT_S = 2.0
#: a policy series that is refused on purpose, beside the one that the simulator refuses always
_ALWAYS_UNKNOWN, _REFUSED = "НЕТ", "ХХХ"


@dataclass(frozen=True)
class Switch:
    """Stays until it is switched off: `key` of /control holds `on` or `off`. `shows`: what one then sees."""

    name: str
    words: str
    shows: str
    key: str
    on: Any
    off: Any


@dataclass(frozen=True)
class Fault:
    """Befalls the next save, once."""

    name: str
    words: str
    shows: str
    kind: str
    seconds: float = 0.0

    @property
    def order(self) -> dict[str, Any]:
        return {"faults": [{"kind": self.kind, "seconds": self.seconds, "only": "save"}]}


SWITCHES = (
    Switch(
        "outage", "КИАС недоступен",
        "Квитанции ждут на сервере и уйдут сами, когда КИАС вернётся. Офис видит это в «Состоянии системы».",
        "outage", True, False,
    ),
    Switch(
        "slow", "Отвечает через 5 секунд",
        "Всё проходит, только медленнее. Агент этого не ждёт: его квитанция уже сохранена.",
        "slow_s", 5, 0,
    ),
    Switch(
        "busy", "Не больше одного вызова в секунду",
        "На лишние вызовы КИАС отвечает «позже». Сервер притормозит и наберёт темп сам.",
        "rate_limit", 1, 0,
    ),
    Switch(
        "reject", "Не знает полисов ХХХ",
        "Квитанция не проходит, и решает офис: «КИАС отказал» в реестре квитанций. Серию ЯЯЯ КИАС не берёт "
        "никогда, это исправляет агент: «Оформить взамен».",
        "unknown_series", [_ALWAYS_UNKNOWN, _REFUSED], [_ALWAYS_UNKNOWN],
    ),
)  # fmt: skip
_FOUND = "Исход неизвестен: через минуту сервер спросит КИАС и найдёт документ. Он один."
FAULTS = (
    Fault("lose_answer", "Записать и потерять ответ", _FOUND, "lose_answer"),
    Fault("http_500_after", "Записать и ответить ошибкой 500", _FOUND, "http_500_after"),
    Fault("malformed", "Записать и ответить испорченным XML", _FOUND, "malformed"),
    Fault("commit_late", "Записать через 20 секунд, не ответив", _FOUND, "commit_late", 20),
    Fault(
        "commit_too_late", "Записать через 3 минуты, не ответив",
        "Так долго сервер не ждёт: документа нет, он передаёт ещё раз, и документов становится два. "
        "Через 15 минут их находит «Сверить сейчас» в офисе.",
        "commit_late", 180,
    ),
    Fault(
        "double", "Записать дважды",
        "Квитанция проходит, а в реестре КИАС два документа: «Сверить сейчас» найдёт и такие.",
        "double",
    ),
    Fault(
        "refuse", "Не принять: «вернитесь через 10 секунд»",
        "Не записано, и это известно точно. Сервер подождёт столько, сколько просили, и передаст снова.",
        "refuse", 10,
    ),
    Fault(
        "http_500", "Не записать и ответить ошибкой 500",
        "Та же ошибка, что и при записи. Через минуту сервер спросит, документа не найдёт и передаст снова.",
        "http_500",
    ),
    Fault(
        "not_ours", "Ответить чужой страницей",
        "Так отвечает сеть, которая просит войти. Верить ей нельзя: сервер спросит и передаст снова.",
        "not_ours",
    ),
    Fault(
        "expire", "Закончить сеанс",
        "Сервер войдёт в КИАС заново, и квитанция пройдёт.",
        "expire",
    ),
)  # fmt: skip

#: what a button of the desk orders from the simulator's /control
ORDERS: dict[str, dict[str, Any]] = {
    **{f"{each.name}_on": {each.key: each.on} for each in SWITCHES},
    **{f"{each.name}_off": {each.key: each.off} for each in SWITCHES},
    **{each.name: each.order for each in FAULTS},
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
        "switches": {each.name: control.get(each.key) == each.on for each in SWITCHES},
        "faults": [_name(fault) for fault in control.get("faults", [])],
    }


def _name(fault: dict[str, Any]) -> str:
    """The button that ordered it; the simulator's own word for one that came from elsewhere."""
    ordered = (each.name for each in FAULTS if each.order["faults"] == [fault])
    return next(ordered, str(fault.get("kind")))


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
