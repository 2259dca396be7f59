"""«Состояние системы»: what ops look at first, from the same figures as the alarms (docs/alerts.yml).

It is read anew by a person's tap only: a page that asked by itself would keep an abandoned session alive.
"""

import math
import platform
from collections.abc import Iterator

import celery
import django
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from backoffice import html, roles, show, system_kias
from backoffice.system_line import ALARM, BEAT_LATE_S, FACT, FINE, LOOK, Line, whole
from receipts.states import State
from sync import broker, figures
from sync.figures import Figures

#: how many entered their code of those who got an SMS, and from how many on this says anything
FEW_ENTERED, ENOUGH_SENT = 0.5, 10


def page(request: HttpRequest) -> TemplateResponse:
    """The page. Raises `PermissionDenied` for staff who are not ops."""
    if not request.user.has_perm(roles.WATCH):
        raise PermissionDenied
    now = timezone.now()
    found = figures.recent(now)
    context = admin.site.each_context(request) | {
        "title": "Состояние системы",
        "sections": sections(found),
        "versions": versions(),
        "at": html.at(now),
        "has_flower": bool(settings.FLOWER_URL),
    }
    return TemplateResponse(request, "backoffice/system_state.html", context)


def sections(found: Figures) -> list[tuple[str, list[Line]]]:
    """Heading and lines, the most pressing first."""
    return [
        ("Передача в КИАС", list(system_kias.relay(found))),
        ("Сверка с КИАС", list(system_kias.reconciliation(found))),
        ("Части системы", list(_parts(found))),
        ("Ждут людей", list(_people(found))),
        ("Вход агентов", list(_login(found))),
        ("Телефоны и номера", list(_phones(found))),
    ]


def _parts(found: Figures) -> Iterator[Line]:
    beat = found.one("kias_heartbeat_age_seconds")
    beat = math.inf if beat is None else beat
    if math.isinf(beat):
        first = "Первый знак приходит через полминуты после запуска; нет и тогда — проверьте beat и worker."
        yield Line("Последний знак от beat", show.span(beat), LOOK, first)
    elif beat > BEAT_LATE_S:
        note = "Приём идёт, передача стоит: проверьте beat, worker и брокер."
        yield Line("Последний знак от beat", show.span(beat), ALARM, note)
    else:
        yield Line("Последний знак от beat", show.span(beat))
    for labels, age in found.by("kias_worker_age_seconds"):
        yield Line(f"Последний знак от {labels['worker']}", show.span(age), FACT)
    if found.one("kias_broker_up"):
        yield Line("Брокер", "отвечает")
    else:
        yield Line("Брокер", "не отвечает", ALARM, "Квитанции принимаются, но ждут. Верните брокер.")
    if found.one("kias_broker_evicts"):
        yield Line("Память брокера", "вытесняет", ALARM, "Поставьте maxmemory-policy noeviction.")
    for labels, length in found.by("kias_queue_length"):
        yield Line(f"Очередь {labels['queue']}", show.figure(int(length)), FACT)
    for labels, lost in found.by("kias_nudges_lost_total"):
        yield Line(f"Брокер не взял задач: {labels['kind']}", show.figure(int(lost)), FACT, "За всё время.")
    if found.one("kias_database_behind"):
        note = "База старее того, что уже обещано телефонам: работа ждёт after_restore."
        yield Line("База данных", "из копии", ALARM, note)
    if found.one("kias_high_water_lost"):
        note = "Отметка начата заново. Базу восстанавливали из копии? Тогда: after_restore --anyway."
        yield Line("Отметка вне базы", "потеряна", ALARM, note)
    if found.one("kias_audit_stream_writable") == 0:
        note = "Отозвать телефон или уволить сейчас нельзя: верните папку AUDIT_STREAM."
        yield Line("Журнал вне базы", "не пишется", ALARM, note)
    keys, incomplete = whole(found, "kias_sealing_keys"), whole(found, "kias_sealing_keys_incomplete")
    if not keys:
        yield Line("Ключи конвертов", "нет", ALARM, "Телефоны не могут оформлять: make_sealing_key.")
    elif incomplete:
        yield Line("Ключи конвертов", f"{keys}, неполных {incomplete}", ALARM, "Верните файлы во все папки.")
    else:
        yield Line("Ключи конвертов", show.figure(keys))


def _people(found: Figures) -> Iterator[Line]:
    yield Line("Проверяет офис", show.figure(whole(found, "kias_receipts", state=State.HELD)), FACT)
    for labels, count in found.by("kias_receipts_rejected"):
        who = {"agent": "действует агент", "office": "действует офис", "wait": "ждём"}[labels["acts"]]
        yield Line(f"КИАС отказал, {who}", show.figure(int(count)), FACT)
    open_ones = found.by("kias_intake_exceptions_open")
    unreadable = sum(count for labels, count in open_ones if labels["reason"] == "unreadable")
    others = sum(count for _, count in open_ones) - unreadable
    yield Line("Исключения приёма", show.figure(int(others)), LOOK if others else FINE)
    note = "Цел ли каждый ключ? Конверты сохранены до байта." if unreadable else ""
    yield Line("Нечитаемые конверты", show.figure(int(unreadable)), ALARM if unreadable else FINE, note)


def _login(found: Figures) -> Iterator[Line]:
    sent, entered = whole(found, "kias_login_codes_sent_10m"), whole(found, "kias_login_codes_entered_10m")
    few = sent >= ENOUGH_SENT and entered < sent * FEW_ENTERED
    note = "Доходят ли SMS? Проверьте оператора и второй путь." if few else ""
    value = f"отправлено {show.figure(sent)}, введено {show.figure(entered)}"
    yield Line("Коды за 10 минут", value, ALARM if few else FINE, note)
    names = {
        "phone_number": "номера",
        "address": "адреса",
        "total": "все вместе",
        "office_address": "вход офиса",
    }
    for labels, count in found.by("kias_login_throttled"):
        level = ALARM if count and labels["purse"] == "total" else LOOK if count else FINE
        yield Line(f"Исчерпан предел в этот час: {names[labels['purse']]}", show.figure(int(count)), level)


def _phones(found: Figures) -> Iterator[Line]:
    yield Line("Телефонов в работе", show.figure(whole(found, "kias_installations")), FACT)
    waiting, silent = whole(found, "kias_installations_waiting"), whole(found, "kias_installations_silent")
    total = show.amount(whole(found, "kias_phones_waiting_kopecks"))
    yield Line("С неотправленными", f"{show.figure(waiting)}, {total}", FACT)
    yield Line("Из них молчат 3 дня", show.figure(silent), LOOK if silent else FINE)
    heard, same = whole(found, "kias_phones_heard_1h"), whole(found, "kias_phones_same_skew")
    off = found.one("kias_phones_same_skew_seconds") or 0
    accused = bool(found.one("kias_server_clock_suspect"))
    clocks = f"за час {show.figure(heard)}"
    if same > 1:
        word = "спешат" if off > 0 else "отстают"
        clocks += f", одинаково {word} {show.figure(same)}: на {show.span(abs(off))}"
    note = "Похоже, неверны часы сервера: проверьте их. Даты квитанций пока не отмечаются." if accused else ""
    yield Line("Часы телефонов", clocks, ALARM if accused else FINE, note)
    releases = [
        f"{show.visible(labels['release'])}: {show.figure(int(phones))}"
        for labels, phones in found.by("kias_phones_by_release")
    ]
    outdated = whole(found, "kias_phones_outdated")
    note = (
        "Ниже SECURITY_RELEASE: прошлые квитанции там закрыты, пока приложение не обновится."
        if outdated
        else ""
    )
    yield Line("Версии приложения", ", ".join(releases) or "нет", LOOK if outdated else FACT, note)
    for labels, left in found.by("kias_series_remaining"):
        low = left <= (found.one("kias_series_alarm_at", **labels) or 0)
        note = "Попросите старшего завести следующую серию." if low else ""
        name = f"Осталось номеров: {show.visible(labels['series'])}"
        yield Line(name, show.figure(int(left)), ALARM if low else FINE, note)


def versions() -> list[tuple[str, str]]:
    """What runs here."""
    seen = broker.look()
    database = "SQLite"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0]}"
    return [
        ("КИАС Офлайн", figures.version()),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Celery", celery.__version__),
        ("База данных", database),
        ("Брокер", seen.version if seen else html.NOTHING),
    ]
