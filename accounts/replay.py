"""After a restore: what the audit stream says of phones and people is done again (spec «Epoch», P17, P25,
F35).

For each phone or person the last line of its kind counts. Doing it again changes nothing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from accounts import audit_stream, installations
from accounts.audit_stream import Line
from accounts.models import AgentSession, Installation, InstallationCode, LoginAttempt, User


def apply(lines: Iterable[Line], *, now: datetime) -> list[str]:
    """Do it all again; what was done, and what nobody but the office can do, in words. In the caller's
    transaction."""
    by_kind: dict[str, dict[str, Line]] = {}
    codes = []
    for line in lines:
        subject = str(line.told.get("installation") or line.told.get("person") or "")
        by_kind.setdefault(line.what, {})[subject] = line
        if line.what == "code":
            codes.append(line)
    words = [_or_words(_code, line, now) for line in codes]
    for what, act in _ACTS.items():
        words += [_or_words(act, line, now) for line in by_kind.get(what, {}).values()]
    words += _numbers(by_kind.get("number", {}).values(), now)
    return [word for word in words if word]


def _or_words(act: Callable[[Line, datetime], str], line: Line, now: datetime) -> str:
    """`act`, or that its line cannot be read: somebody changed it, and the restore must not end at it."""
    try:
        with transaction.atomic():
            return act(line, now)
    except (KeyError, TypeError, ValueError, ValidationError, DataError):
        return f"НЕ ВЫПОЛНЕНО: строку журнала «{line.what}» от {line.at:%d.%m.%Y %H:%M:%S %Z} не прочесть."


def end_logins(*, now: datetime) -> tuple[int, int]:
    """End every session of an agent and every code that may still be entered; how many of each."""
    sessions = AgentSession.objects.filter(ended_at=None).update(ended_at=now)
    attempts = LoginAttempt.objects.filter(used_at=None, valid_until__gt=now).update(used_at=now)
    # Until its first contact each phone is believed what it was told in the forgotten time.
    Installation.objects.update(contact_epoch=installations.FORGOTTEN, contact_serial=0)
    return sessions, attempts


def _revoked(line: Line, now: datetime) -> str:
    told = line.told
    phone = Installation.objects.filter(pk=told["installation"]).first()
    if phone is None:
        phone = _unknown_phone(line)
    if phone is None:
        return (
            f"НЕ ОТОЗВАН: телефон {told['installation_code']} отозвали после копии, а его агента "
            f"({told['agent']}) в ней нет. Когда заведёте агента снова, отзовите этот телефон."
        )
    if phone.revoked_at:
        return ""
    Installation.objects.filter(pk=phone.pk).update(revoked_at=line.at)
    return f"Телефон {phone.code} отозван снова."


def _unknown_phone(line: Line) -> Installation | None:
    """Registered and revoked since the backup: known from now on, so that its key opens nothing."""
    told = line.told
    if not User.objects.filter(pk=told["agent"]).exists():
        return None
    try:
        with transaction.atomic():
            phone = Installation.objects.create(
                id=UUID(told["installation"]),
                agent_id=UUID(told["agent"]),
                code=told["installation_code"],
                public_key=told["key"],
            )
            InstallationCode.objects.create(code=phone.code, installation=phone, reason="restored")
    except IntegrityError:
        return None
    return phone


def _code(line: Line, now: datetime) -> str:
    """A phone that was given another code since: its receipts carry it."""
    told = line.told
    phone = Installation.objects.select_for_update().filter(pk=told["installation"]).first()
    code = str(told["installation_code"])
    if phone is None or InstallationCode.objects.filter(code=code).exists():
        return ""
    InstallationCode.objects.create(code=code, installation=phone, reason="clone")
    phone.code, phone.counter = code, 0
    phone.save(update_fields=["code", "counter"])
    return f"Телефону возвращён код {code}, выданный после копии."


def _status(line: Line, now: datetime) -> str:
    person = User.objects.filter(pk=line.told["person"]).first()
    if person is None or person.agent_status == line.told["status"]:
        return ""
    person.agent_status, person.status_since = str(line.told["status"]), line.at
    person.save(update_fields=["agent_status", "status_since"])
    label = person.get_agent_status_display() if person.agent_status else "не агент"
    return f"Человек {person.pk}: работа агентом снова «{label}»."


def _powers(line: Line, now: datetime) -> str:
    """Of the staff: who works in the office, in which roles."""
    person = User.objects.filter(pk=line.told["person"]).first()
    if person is None:
        return ""
    told = line.told
    flags = {name: bool(told[name]) for name in ("is_active", "is_staff", "is_superuser")}
    flags["is_superuser"] &= (
        person.is_superuser
    )  # a file makes nobody a superuser: that is for a person to do
    roles = sorted(told["roles"])
    known = sorted(person.groups.values_list("name", flat=True))
    if known == roles and all(getattr(person, name) == value for name, value in flags.items()):
        return ""
    User.objects.filter(pk=person.pk).update(**flags)
    person.groups.set(Group.objects.filter(name__in=roles))
    return f"Сотрудник {person.pk}: права снова такие, как после последнего изменения."


def _password(line: Line, now: datetime) -> str:
    """What it was changed to nobody knows any more; what it was before must not open the office again."""
    person = User.objects.filter(pk=line.told["person"]).first()
    if person is None or not person.has_usable_password():
        return ""
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return f"Сотрудник {person.pk}: пароль меняли после копии, прежний больше не подходит. Задайте новый."


_ACTS: dict[str, Callable[[Line, datetime], str]] = {
    "revoked": _revoked,
    "agent_status": _status,
    "powers": _powers,
    "password": _password,
}


def _numbers(lines: Iterable[Line], now: datetime) -> list[str]:
    """Changed phone numbers: all former ones are taken away first, for two people may have exchanged
    theirs.
    """
    moved: list[tuple[User, str | None, Line]] = []
    for line in lines:
        try:
            person = User.objects.filter(pk=line.told["person"]).first()
        except (KeyError, TypeError, ValueError, ValidationError):
            continue
        number = audit_stream.reveal(str(line.told.get("number")))
        if person is not None and person.phone_number != number:
            moved.append((person, number, line))
    for person, _, _ in moved:
        User.objects.filter(pk=person.pk).update(phone_number=None, former_number=person.phone_number or "")
    return [_number(person, number, line) for person, number, line in moved]


def _number(person: User, number: str | None, line: Line) -> str:
    try:
        with transaction.atomic():
            if number:
                User.objects.filter(pk=person.pk).update(phone_number=number, number_changed_at=line.at)
                return f"Агент {person.pk}: вход снова по номеру, на который он сменил прежний."
    except IntegrityError:
        pass
    return (
        f"НЕТ НОМЕРА: агент {person.pk} сменил номер после копии, новый не восстановить, прежний больше не "
        "подходит. Впишите его номер."
    )
