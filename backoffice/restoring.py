"""`manage.py after_restore`: what must happen before a restored database may speak again (spec «Epoch»,
F15).

All of it is one transaction, and its last step counts the database past the high-water mark outside: killed
at any moment, either nothing has happened and the server stays closed, or everything has. Two at once are
one.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit_stream, replay
from accounts.audit_stream import Line
from backoffice import approvals, show, totp
from receipts import forgotten, series
from receipts.clock import database_now
from sync.intake.answers import HeldReceipt
from sync.models import Epoch, HighWater
from sync.restore import annulled, epoch, given_back, high_water, restoring

#: the stream is applied from this long before the backup's last sign: what was under way then is not in it
_OVERLAP = timedelta(minutes=5)


class NotNeededError(Exception):
    """Nothing says that this database was restored."""


def after_restore(*, anyway: bool = False) -> list[str]:
    """Open a new epoch and close everything of the former one; what was done, in words.

    `anyway`: also where the database is not behind the high-water mark (its folder was lost, or the backup
    was only seconds old). Raises `NotNeededError`; `OSError` where the mark cannot be written: run it
    again.
    """
    with transaction.atomic():
        _take_time()
        epoch.only_one()
        if not anyway and not high_water.is_behind():
            raise NotNeededError(_newest())
        words = _all(database_now())
        high_water.count_past()
    high_water.write_outside(set_right=True)
    return words


def _all(now: datetime) -> list[str]:
    backed_up = HighWater.objects.filter(pk=1).values_list("at", flat=True).first()
    begun = epoch.begin_after_restore(now=now)
    words = [
        f"Копия: до {show.moscow(backed_up)} (МСК)." if backed_up else "Копия: без отметки времени.",
        f"Новая эпоха {begun.pk}: телефоны предложат заново всё, чего сервер не знает.",
    ]
    sessions, attempts = replay.end_logins(now=now)
    words.append(f"Завершено входов агентов: {sessions}, начатых входов: {attempts}. Агенты войдут по SMS.")
    words += _staff(now)
    lines = audit_stream.since(backed_up - _OVERLAP) if backed_up else audit_stream.all_lines()
    words += _again(lines, now)
    words += _series(now)
    until = restoring.forget_calls(now=now)
    words.append(
        f"В КИАС ничего не уйдёт до {show.moscow(until)} (МСК), потом про каждую квитанцию сначала спросим."
    )
    words.append("Проверьте «Паузы»: поставленных после копии больше нет, снятые после неё снова действуют.")
    return words


def _staff(now: datetime) -> list[str]:
    sessions, _ = Session.objects.all().delete()
    lapsed = approvals.lapse_all(now=now)
    for device in TOTPDevice.objects.select_for_update():
        totp.spend_until(device, now=timezone.now())
    words = [f"Завершено входов сотрудников: {sessions}. Прежние коды приложений больше не подходят."]
    if lapsed:
        words.append(f"Снято просьб о подтверждении: {lapsed}. Кому нужно, попросит снова.")
    return words


def _again(lines: list[Line], now: datetime) -> list[str]:
    if not settings.AUDIT_STREAM:
        return ["Журнала вне базы нет: отзывы и увольнения после копии повторите вручную."]
    words = [f"Журнал вне базы: строк после копии {len(lines)}."]
    if count := audit_stream.faults():
        words.append(f"ВНИМАНИЕ: в журнале {count} испорченных или пропавших строк, см. runbook.")
    words += replay.apply(lines, now=now)
    if count := annulled.hold_again(lines, reason=HeldReceipt.ANNULLED_BEFORE):
        words.append(f"Аннулированы после копии и снова ждут офис: {count}.")
    words += given_back.warn(lines)
    people = {str(line.told["person"]) for line in lines if line.what == "authenticator"}
    words += [f"Сотрудник {person}: приложение с кодами подключит заново." for person in sorted(people)]
    TOTPDevice.objects.filter(user__in=people).delete()
    return words


def _series(now: datetime) -> list[str]:
    jumped = forgotten.jump(high_water.outside().series, settings.RESTORE_SERIES_MARGIN, now=now)
    words = [f"Серия «{row.name}» продолжит с {series.text_of(row, row.next)}." for row in jumped.series]
    return words + [
        f"СЕРИИ НЕТ: серию № {pk} завели после копии. Заведите её снова, не раньше чем с номера "
        f"{following + settings.RESTORE_SERIES_MARGIN}."
        for pk, following in jumped.lost.items()
    ]


def _newest() -> str:
    newest = Epoch.objects.order_by("-started_at").first()
    return f"{show.moscow(newest.started_at)} (МСК), {newest.reason}" if newest else "эпохи ещё нет"


def _take_time() -> None:
    """Many rows at once, while nobody else is served."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
