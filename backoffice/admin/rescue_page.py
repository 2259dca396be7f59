"""What the pages of a rescue file show: what is in it before it is taken in, what came of it afterwards."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.utils.safestring import SafeString

from accounts.models import User
from backoffice import html, reasons, show
from receipts.models import Receipt
from receipts.words import Noun
from sync.models import Condition, IntakeException
from sync.models.rescue import RescueImport
from sync.rescue import contents, importing
from sync.rescue.contents import Contents, Line

ENVELOPE = Noun("конверт", "конверта", "конвертов")
KINDS = {"receipt": "квитанция", "withdrawal": "отмена"}
#: what came of an envelope → badge, word in the table, word in a count
_ENDS = {
    "accepted": ("done", "принята", "принято"),
    "already": ("registered", "уже была", "уже было"),
    "held": ("held", "проверяет офис", "проверяет офис"),
    "aside": ("rejected", "в исключениях приёма", "в исключениях приёма"),
    "later": ("waiting", "пока не читается", "пока не читается"),
    "too_long": ("rejected", "не читается", "не читается"),
}
_STANDINGS = {
    "new": ("waiting", "новая"),
    "known": ("registered", "уже есть"),
    "later": ("held", "пока не читается"),
    "aside": ("rejected", "не читается"),
}
_TONES = {
    Condition.WHOLE: "done",
    Condition.CUT: "held",
    Condition.CHANGED: "rejected",
}
LATER = {
    "unknown_version": "Сервер ещё не умеет его прочитать. Он лежит в этом файле: примите файл ещё раз после "
    "обновления сервера.",
    "receipt_first": "Это отмена, а её квитанции у нас ещё нет. Примите файл ещё раз, когда она придёт.",
    "try_later": "Сервер был занят. Примите файл ещё раз.",
    "too_long": "Слишком длинный для конверта. Он лежит в этом файле.",
}


@dataclass(frozen=True)
class Shown:
    """A line of the table of envelopes."""

    number: SafeString | str
    kind: str
    amount: SafeString | str
    badge: SafeString
    note: SafeString | str


class RescuePage:
    """Columns, fields and tables; the verbs are in `backoffice.admin.rescue`."""

    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("uploaded_shown", "uploaded_by"),
                    ("imported_shown", "imported_by"),
                    "hash_shown",
                ]
            },
        ),
    ]

    def page_of(self, row: RescueImport, *, may_take: bool) -> dict[str, Any]:
        """The facts, the table, and whether there is anything to take in."""
        found = contents.look(row)
        taken = row.imported_at is not None
        open_ones = sum(answer["result"] == "later" for answer in row.answers) if taken else len(found.lines)
        return {
            "facts": list(_facts(row, found)),
            "warning": _warning(found),
            "lines": list(_taken(row.answers, found) if taken else _offered(found.lines)),
            "taken": taken,
            "open_words": show.count(open_ones, ENVELOPE) if may_take and open_ones else "",
        }

    @admin.display(description="Загружен", ordering="uploaded_at")
    def uploaded_shown(self, row: RescueImport) -> SafeString | str:
        return html.at(row.uploaded_at)

    @admin.display(description="Принят", ordering="imported_at")
    def imported_shown(self, row: RescueImport) -> SafeString | str:
        return html.at(row.imported_at)

    @admin.display(description="Файл")
    def state_shown(self, row: RescueImport) -> SafeString:
        if row.imported_at is None:
            return html.badge("held", "ещё не принят")
        if not importing.is_finished(row):
            return html.badge("waiting", "принят не весь")
        return html.badge("done", "принят")

    @admin.display(description="Телефон")
    def phone_shown(self, row: RescueImport) -> SafeString | str:
        return html.link(row.installation, row.installation.code) if row.installation else "неизвестен"

    @admin.display(description="Агент")
    def agent_shown(self, row: RescueImport) -> SafeString | str:
        return html.link(row.installation.agent) if row.installation else html.NOTHING

    @admin.display(description="Конвертов")
    def count_shown(self, row: RescueImport) -> str:
        return show.figure(row.envelopes)

    @admin.display(description="Кто принял")
    def by_shown(self, row: RescueImport) -> SafeString | str:
        return html.text(str(row.imported_by)) if row.imported_by else html.NOTHING

    @admin.display(description="Отпечаток файла")
    def hash_shown(self, row: RescueImport) -> SafeString | str:
        return html.code(row.file_hash)


def counted(answers: Iterable[Mapping[str, str]]) -> str:
    """«принято 2, уже было 1»."""
    found = Counter(_end(answer) for answer in answers)
    return ", ".join(f"{words} {found[end]}" for end, (_, _, words) in _ENDS.items() if found[end]) or "пусто"


def _end(answer: Mapping[str, str]) -> str:
    match answer["result"]:
        case "accepted":
            return "accepted"
        case "already_accepted":
            return "already"
        case "held" if answer["reason"] == "too_long":
            return "too_long"
        case "held":
            return "held" if answer["state"] else "aside"
        case _:
            return "later"


def _facts(row: RescueImport, found: Contents) -> Iterable[tuple[str, SafeString | str]]:
    said = found.manifest
    yield "Файл", html.badge(_TONES[Condition(row.condition)], Condition(row.condition).label)
    yield "Конвертов", f"{show.figure(len(found.lines))} на {show.amount(found.total)}"
    if row.imported_at is None:
        yield "Новых", show.figure(found.count("new"))
        yield "Уже есть у нас", show.figure(found.count("known"))
        yield "Не читается", show.figure(found.count("later", "aside"))
    phone = html.link(row.installation) if row.installation else html.text(said.code if said else "")
    yield "Сделан на телефоне", phone
    yield (
        "Подпись телефона",
        (html.badge("done", "сходится") if row.signed else html.badge("held", "не проверить")),
    )
    if said:
        yield "Сделан", show.local_and_moscow(said.made_at, said.offset_min)
        yield "Версия приложения", html.text(said.app_version)
        if said.counters:
            yield "Номера по счётчику", f"{said.counters[0]} – {said.counters[1]}"
    people = User.objects.filter(pk__in=found.agents()).order_by("last_name", "first_name")
    yield "Чьи квитанции", html.text(", ".join(str(person) for person in people))


def _warning(found: Contents) -> str:
    """What is wrong with the file as a whole, and what to do; empty where nothing is."""
    if found.file.condition == Condition.WHOLE:
        return ""
    lost = f" Не хватает: {show.count(found.missing, ENVELOPE)}." if found.missing else ""
    how = "Файл обрезан" if found.file.condition == Condition.CUT else "Файл изменился по дороге"
    return (
        f"{how}.{lost} То, что в нём цело, принять можно: каждый конверт подписан сам. "
        "Попросите агента прислать файл ещё раз, лишнего от этого не будет."
    )


def _offered(lines: Iterable[Line]) -> Iterable[Shown]:
    for line in lines:
        yield Shown(
            html.number(line.number),
            KINDS.get(line.kind, html.NOTHING),
            html.amount(line.amount) if line.amount is not None else html.NOTHING,
            html.badge(*_STANDINGS[line.standing]),
            _reason(line.reason),
        )


def _taken(answers: Iterable[Mapping[str, str]], found: Contents) -> Iterable[Shown]:
    answers = list(answers)
    ids = {UUID(answer["id"]) for answer in answers if answer["id"]}
    receipts = {str(each.pk): each for each in Receipt.objects.filter(pk__in=ids).defer("envelope")}
    kept = {str(each.claimed_id): each for each in IntakeException.objects.filter(claimed_id__in=ids)}
    for answer, line in zip(answers, found.lines, strict=True):
        end = _end(answer)
        badge, words, _ = _ENDS[end]
        row = kept.get(answer["id"]) if end == "aside" else receipts.get(answer["id"])
        number = answer["number"] or line.number
        yield Shown(
            html.link(row, number or "конверт") if row else html.number(number),
            KINDS.get(answer["kind"], html.NOTHING),
            html.amount(line.amount) if line.amount is not None else html.NOTHING,
            html.badge(badge, words),
            _reason(answer["reason"]),
        )


def _reason(code: str) -> SafeString | str:
    return html.text(LATER.get(code) or reasons.words(code)) if code else ""
