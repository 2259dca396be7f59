"""«Состояние системы»: the lines about KIAS: relay, rests, reconciliation."""

from collections.abc import Iterator

from backoffice import show
from backoffice.system_line import ALARM, BEAT_LATE_S, FACT, FINE, LOOK, Line, whole
from sync.figures import Figures
from sync.models import Difference, Outcome

WAITING_LONG_S = 900
RECONCILED_LATE_S = 36 * 3600
OVERRUN_S = 1800


def relay(found: Figures) -> Iterator[Line]:
    waiting, oldest = (
        whole(found, "kias_deliveries_waiting"),
        found.one("kias_deliveries_oldest_seconds") or 0,
    )
    value = show.figure(waiting) + (f", старшая {show.span(oldest)}" if waiting else "")
    resting = found.one("kias_pause") or found.one("kias_maintenance")
    late = waiting > 0 and oldest > WAITING_LONG_S
    if late and resting:
        yield Line("Ждут КИАС", value, FACT, "Идёт пауза или обслуживание: уйдут сами, когда закончится.")
    else:
        note = "Отвечает ли КИАС? Ниже сказано, есть ли с ним связь." if late else ""
        yield Line("Ждут КИАС", value, LOOK if late else FINE, note)
    due = whole(found, "kias_deliveries_due")
    stuck = (found.one("kias_deliveries_due_oldest_seconds") or 0) > BEAT_LATE_S and not (
        found.one("kias_slots_in_use") or found.one("kias_circuit_open")
    )
    note = "Их никто не берёт: работает ли worker?" if stuck else ""
    yield Line("Можно передать сейчас", show.figure(due), ALARM if stuck else FINE, note)
    yield Line("В КИАС, чек ещё не готов", show.figure(whole(found, "kias_checks_waiting")), FACT)
    yield from _rests(found)
    if found.one("kias_pause"):
        yield Line("Пауза КИАС", "идёт", LOOK, "Пока она идёт, в КИАС ничего не передаётся.")
    else:
        yield Line("Пауза КИАС", "нет")
    age = found.one("kias_session_age_seconds")
    if found.one("kias_login_refused"):
        yield Line(
            "Вход в КИАС",
            "отказано",
            ALARM,
            "КИАС не принимает наше имя или пароль: KIAS_USER, KIAS_PASSWORD.",
        )
    else:
        yield Line("Вход в КИАС", "ещё не было" if age is None else f"{show.span(age)} назад", FACT)
    in_use, slots = whole(found, "kias_slots_in_use"), whole(found, "kias_slots")
    yield Line("Одновременных вызовов", f"{in_use} из {slots}", FACT)
    for labels, count in found.by("kias_attempts_10m"):
        bad = labels["outcome"] in {Outcome.UNAVAILABLE, Outcome.UNKNOWN, "lost"}
        name = f"Вызовы за 10 минут: {_OPERATIONS[labels['operation']]}, {_outcome(labels['outcome'])}"
        yield Line(name, show.figure(int(count)), LOOK if bad else FACT)


def _rests(found: Figures) -> Iterator[Line]:
    """Whether KIAS takes calls: circuit, slow start, maintenance, late checks."""
    maintained, overrun = found.one("kias_maintenance"), found.one("kias_maintenance_overrun_seconds") or 0
    if found.one("kias_circuit_open"):
        note = "Пробуем по одной, пока не ответит; потом всё уйдёт само. Сообщите тем, кто ведёт КИАС."
        since = show.span(found.one("kias_circuit_open_seconds") or 0)
        yield Line("Связь с КИАС", f"нет {since}", LOOK if maintained else ALARM, note)
    else:
        yield Line("Связь с КИАС", "есть")
    allowed, slots = whole(found, "kias_calls_allowed"), whole(found, "kias_slots")
    if 0 < allowed < slots:
        note = "После перерыва начинаем осторожно: скоро будет больше."
        yield Line("Осторожное начало", f"{allowed} из {slots} вызовов сразу", FACT, note)
    if maintained:
        yield Line("Обслуживание КИАС", "идёт", FACT, "Пока оно идёт, в КИАС ничего не передаётся.")
    elif overrun:
        note = "Окно закончилось, а КИАС не отвечает: спросите тех, кто его обслуживает."
        yield Line(
            "Обслуживание КИАС",
            f"затянулось на {show.span(overrun)}",
            ALARM if overrun > OVERRUN_S else LOOK,
            note,
        )
    if found.one("kias_list_failing"):
        yield Line("Список КИАС за день", "не читается", LOOK, "Чеки ищем по одному: так медленнее.")
    late, overdue = (whole(found, "kias_checks_late", level=level) for level in ("warn", "alarm"))
    level = ALARM if overdue else LOOK if late else FINE
    note = "Офис видит их в реестре: «Чек опаздывает»." if late else ""
    value = f"{show.figure(late)}, просрочено {show.figure(overdue)}" if late else "0"
    yield Line("Чека нет дольше срока", value, level, note)
    too_late = whole(found, "kias_registered_too_late")
    if too_late:
        note = "Квитанцию остановили, а КИАС уже принял: офис решает, что с документом."
        yield Line("Приняты КИАС после остановки", show.figure(too_late), LOOK, note)


def reconciliation(found: Figures) -> Iterator[Line]:
    open_ones = found.by("kias_reconciliation_findings")
    twice = whole(found, "kias_reconciliation_findings", difference=Difference.TWICE)
    note = "Офис: «Сверка». Лишний документ сторнируют в КИАС." if twice else ""
    yield Line("Квитанций дважды в КИАС", show.figure(twice), ALARM if twice else FINE, note)
    others = int(sum(count for _, count in open_ones)) - twice
    yield Line("Другие расхождения", show.figure(others), LOOK if others else FINE)
    age = found.one("kias_reconciliation_age_seconds")
    late = age is not None and age > RECONCILED_LATE_S
    note = "Идёт ли сверка и чего она ждёт: «Ход сверок»." if late else ""
    value = "ещё не было" if age is None else f"{show.span(age)} назад"
    yield Line("Последняя ночная сверка", value, LOOK if late else FACT, note)
    if found.one("kias_reconciliation_refused"):
        yield Line("Последняя сверка", "КИАС отказал", LOOK, "Ответ КИАС: «Ход сверок».")


_OPERATIONS = {"find": "поиск", "save": "сохранение"}


def _outcome(outcome: str) -> str:
    if outcome in Outcome.values:
        return Outcome(outcome).label
    return {"running": "идёт", "lost": "исполнитель пропал"}[outcome]
