"""Foreign text, badges and links as HTML that cannot do harm: everything is escaped here, once."""

from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice import reasons, show
from receipts.states import State

NOTHING = "—"

#: state → the badge's colour and shape (office.css); the word stands beside them
STATE_BADGES = {
    State.ACCEPTED: "waiting",
    State.HELD: "held",
    State.REGISTERED: "registered",
    State.FISCALISED: "done",
    State.REJECTED: "rejected",
    State.ANNULLED: "annulled",
}


def text(value: str | None) -> SafeString | str:
    """Foreign text: escaped, hidden signs shown by name, its direction kept to itself (P31)."""
    return format_html("<bdi>{}</bdi>", show.visible(value)) if value else NOTHING


def at(moment: datetime | None) -> SafeString | str:
    """«22.11.2026 10:05 (МСК)»; a narrow column breaks it between day and time. A dash for nothing."""
    if moment is None:
        return NOTHING
    day, time = show.moscow(moment).split()
    one = '<span><span class="office-amount">{}</span> <span class="office-amount">{} (МСК)</span></span>'
    return format_html(one, day, time)


def number(value: str) -> SafeString | str:
    """A number that people read out: never broken over two lines."""
    return format_html('<bdi class="office-amount">{}</bdi>', show.visible(value)) if value else NOTHING


def code(value: object) -> SafeString | str:
    """Bytes and ids, to be read sign by sign and copied."""
    return format_html('<code class="office-code">{}</code>', show.visible(str(value))) if value else NOTHING


def block(value: str) -> SafeString | str:
    """A long text kept as it is, line by line."""
    if not value:
        return NOTHING
    return format_html('<pre class="office-block" tabindex="0">{}</pre>', show.visible_lines(value))


def badge(kind: str, words: str) -> SafeString:
    """Colour, shape and word: no state is told by its colour alone."""
    return format_html('<span class="office-badge office-badge-{}">{}</span>', kind, words)


def state_badge(state: str) -> SafeString:
    return badge(STATE_BADGES[State(state)], State(state).label)


def link(found: Model | None, words: str = "") -> SafeString | str:
    """The page of a row, under its name."""
    if found is None:
        return NOTHING
    return format_html(
        '<a class="office-link" href="{}">{}</a>', page_of(found), show.visible(words or str(found))
    )


def page_of(found: Model) -> str:
    meta: Any = found._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[found.pk])


def list_of(model: type[Model], query: str = "") -> str:
    """The address of a model's list, filtered by `query`."""
    meta: Any = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{query}" if query else address


def clipped(value: str, longest: int = 48) -> SafeString | str:
    """Foreign text in a list: at most `longest` signs, the whole of it in the tooltip."""
    if not value:
        return NOTHING
    whole = show.visible(value)
    shown = whole if len(whole) <= longest else f"{whole[: longest - 1]}…"
    return format_html('<bdi class="office-clip" title="{}">{}</bdi>', whole, shown)


def amount(kopecks: int) -> SafeString:
    """An amount in a column: figures of one width, never broken."""
    return format_html('<span class="office-amount">{}</span>', show.amount(kopecks))


def state_and_reason(state: str, reason: str) -> SafeString:
    if not reason:
        return state_badge(state)
    return format_html("{} {}", state_badge(state), show.visible(reasons.of(state, reason)))
