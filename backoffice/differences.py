"""Differences with KIAS in the office's words: what each means, what to do, both sides field by field."""

from collections.abc import Callable, Iterator
from datetime import date as Date  # noqa: N812 - a field called `date` stands beside it
from typing import Any

from django.utils.safestring import SafeString

from backoffice import html, show
from backoffice.compare import Line
from receipts.models import Kind
from receipts.numbers import fold
from receipts.states import State
from receipts.text import fold_policy
from sync.models import Difference, ReconciliationFinding

#: difference → badge, what it means, what to do
WORDS: dict[Difference, tuple[str, str, str]] = {
    Difference.TWICE: (
        "rejected",
        "В КИАС больше одного документа одной квитанции: премия и чек учтены дважды.",
        "Сравните документы и сторнируйте в КИАС лишний. Если чеки сформированы по обоим, лишний чек "
        "возвращают в КИАС. Следующая сверка закроет строку сама.",
    ),
    Difference.ONLY_OURS: (
        "rejected",
        "У нас квитанция числится в КИАС, а КИАС такого документа не показывает или он там сторнирован.",
        "Узнайте в КИАС, кто и почему убрал документ. Если это ошибка, пусть его восстановят.",
    ),
    Difference.ONLY_KIAS: (
        "held",
        "В КИАС документ с нашим идентификатором, а квитанции с ним у нас нет.",
        "Посмотрите «Исключения приёма» и номер на телефоне агента. После восстановления сервера из копии "
        "квитанция ещё придёт с телефона, и строка закроется сама.",
    ),
    Difference.BY_HAND: (
        "held",
        "В КИАС внесли вручную документ с номером нашей серии, а квитанция с этим номером к нам не пришла.",
        "Обычно она ещё на телефоне агента: придёт и свяжется с документом сама. Если агент её не "
        "оформлял, узнайте, кто внёс документ.",
    ),
    Difference.HELD_HERE: (
        "rejected",
        "У нас квитанция остановлена, отклонена или аннулирована, а в КИАС её документ есть.",
        "Если документ верный, свяжите с ним квитанцию. Если нет, сторнируйте документ в КИАС.",
    ),
    Difference.ISN: (
        "held",
        "Квитанция связана с одним документом КИАС, а её идентификатор теперь несёт другой.",
        "Похоже, документ в КИАС внесли заново. Проверьте, что прежний сторнирован.",
    ),
    Difference.AMOUNT: (
        "rejected",
        "Суммы у нас и в КИАС разные. Деньги у агента — по квитанции.",
        "Сверьте с копией клиента. Неверную сумму исправляют в КИАС, неверный чек — действием на странице "
        "квитанции.",
    ),
    Difference.NUMBER: (
        "held",
        "Номер или идентификатор документа в КИАС не тот, что у квитанции.",
        "Исправьте номер в КИАС: на чеке и у клиента номер квитанции.",
    ),
    Difference.POLICY: (
        "held",
        "Полис или номер взноса у нас и в КИАС разные.",
        "Сверьте с копией клиента и исправьте в КИАС.",
    ),
    Difference.DATE: (
        "held",
        "Дата документа в КИАС не та, что у квитанции.",
        "Дата квитанции не меняется. Исправьте дату документа; другой период учёта — это дата проводки.",
    ),
    Difference.SALE: (
        "rejected",
        "У нас и в КИАС разный вид чека: приход и возврат.",
        "Если деньги возвращали в самой КИАС, оформите возврат и здесь. Если нет, сторнируйте документ там.",
    ),
    Difference.CHECK: (
        "held",
        "Чек у нас и в КИАС не совпадает, или в КИАС его больше нет.",
        "Посмотрите чек в КИАС и у оператора фискальных данных: верен тот, который есть там.",
    ),
    Difference.CHECK_MISSING: (
        "held",
        "В КИАС чек сформирован, а у нас квитанция его не дождалась.",
        "Нажмите на странице квитанции «Передать снова»: система спросит КИАС и возьмёт чек.",
    ),
}


def badge(finding: ReconciliationFinding) -> SafeString:
    difference = Difference(finding.difference)
    return html.badge(WORDS[difference][0], difference.label)


def heads(finding: ReconciliationFinding) -> list[str]:
    """The columns: ours, if we have it, then each document."""
    documents = [f"КИАС, ISN {show.visible(each['isn'])}" for each in finding.facts["documents"]]
    return [*(["У нас"] if finding.facts["receipt"] else []), *documents]


def lines(finding: ReconciliationFinding) -> Iterator[Line]:
    """Both sides as the last run saw them."""
    ours, documents = finding.facts["receipt"], finding.facts["documents"]
    sides = [*([ours] if ours else []), *documents]
    for label, name, shown, folded in _FIELDS:
        said = {folded(side.get(name)) for side in sides}
        compared = len(sides) > 1 and folded is not _not_compared
        yield Line(label, [shown(side.get(name)) for side in sides], compared and len(said) > 1)
    states = [_state(ours["state"])] if ours else []
    yield Line("Состояние", [*states, *(_kias_state(each["state"]) for each in documents)], False)
    origin = ["—"] if ours else []
    yield Line("Кто внёс", [*origin, *(_origin(each["id"], ours) for each in documents)], False)


def _text(value: Any) -> SafeString | str:
    return html.text(str(value or ""))


def _number(value: Any) -> SafeString | str:
    return html.number(str(value or ""))


def _amount(value: Any) -> SafeString | str:
    return html.amount(int(value))


def _day(value: Any) -> str:
    return show.day(Date.fromisoformat(value)) if value else html.NOTHING


def _kind(value: Any) -> str:
    return str(Kind(value).label)


def _folded(value: Any) -> str:
    return fold(str(value))


def _folded_policy(value: Any) -> str:
    return fold_policy(str(value))


def _plain(value: Any) -> str:
    return str(value)


def _not_compared(value: Any) -> str:
    return ""


def _state(state: str) -> SafeString | str:
    return html.state_badge(state) if state in State.values else html.text(state)


def _kias_state(state: str) -> SafeString | str:
    words = {"saved": "записан", "fiscalised": "чек сформирован", "annulled": "сторнирован"}
    return html.text(words.get(state, state))


def _origin(external_id: str, ours: dict[str, Any] | None) -> SafeString | str:
    if not external_id:
        return "внесён вручную"
    if ours and external_id.strip().lower() == ours["id"]:
        return "наша система"
    return html.code(external_id)


#: label, name in the facts, how it is shown, in what form it is compared
_FIELDS: tuple[tuple[str, str, Callable[[Any], SafeString | str], Callable[[Any], str]], ...] = (
    ("Номер", "number", _number, _folded),
    ("Сумма", "amount", _amount, _plain),
    ("Дата", "date", _day, _plain),
    ("Полис", "policy", _text, _folded_policy),
    ("Взнос №", "instalment", _text, _plain),
    ("Вид чека", "kind", _kind, _plain),
    ("Чек: ФН · ФД · ФПД", "check", _text, _plain),
    ("ISN", "isn", _text, _not_compared),
)
