"""Installations: registered at login, given codes, revoked (docs/protocol.md, «Installation»; F19–F21)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit_stream, codes, keys, lost_storage, notices
from accounts.models import AgentSession, Installation, InstallationCode, User
from accounts.refusals import RefusalError

_NEW_LOGIN = "Вход с нового телефона: {what}. Если это не вы, звоните в офис: {office}."
_REVOKED = "Телефон {what} отозван {where}. Если вы об этом не просили, звоните в офис: {office}."
PROOF_PREFIX = "kias-offline/installation/1|"
#: in `contact_epoch`: the server was restored, and has not heard of this phone since
FORGOTTEN = uuid.UUID(int=0)
_CODE_TRIES = 50  # with a million codes given, three of four still are free: 50 failures in a row are a fault


class PublicKeyError(RefusalError):
    code = "invalid"
    message = "Телефон прислал негодный ключ. Закройте приложение и откройте его снова."


class BadProofError(RefusalError):
    code = "bad_proof"
    message = "Телефон не смог подтвердить свой ключ. Повторите вход."


class ForeignKeyError(RefusalError):
    """The phone makes a fresh pair of keys and repeats."""

    code = "foreign_key"
    message = "Этот телефон нужно зарегистрировать заново. Повторите вход."


class BoundSessionError(RefusalError):
    code = "not_allowed"
    message = "Этот вход принадлежит другой установке приложения. Выйдите и войдите по коду из SMS."


class UnknownInstallationError(RefusalError):
    code = "not_found"
    message = "Такого телефона у вас нет."


class OwnPhoneError(RefusalError):
    code = "not_allowed"
    message = "С этого телефона вы сейчас работаете. Чтобы закончить, нажмите «Выйти»."


@dataclass(frozen=True)
class Known:
    """What a phone remembers of its installation, to be believed only where the server has forgotten it."""

    id: uuid.UUID
    code: str
    counter: int


@dataclass(frozen=True)
class Device:
    """What a phone says about itself."""

    name: str
    app_version: str


def register(
    session: AgentSession,
    *,
    public_key: str,
    proof: bytes,
    csrf_token: str,
    device: Device,
    known: Known | None,
    here: Sequence[uuid.UUID] = (),
) -> Installation:
    """The installation that holds this key, made if nobody has it; the session is bound to it for good.

    `here`: the installations that this browser has had (`known_browsers.ids_of`). If it comes as a new one
    all the same, their storage is gone: the office and the phone are told what may be lost with it (F23).

    Raises `PublicKeyError`, `BadProofError`, `ForeignKeyError` (another agent's key, or one of a revoked
    installation: what it signs is held, so a fresh one is needed), `BoundSessionError`.
    """
    key = keys.canonical(public_key)
    if key is None:
        raise PublicKeyError(field="public_key")
    if not keys.verify(key, proof, (PROOF_PREFIX + csrf_token).encode()):
        raise BadProofError(field="proof")
    now = timezone.now()
    with transaction.atomic():
        installation = _with_key(key) or _new(session.agent, key, device, known, now)
        if installation.agent_id != session.agent_id or installation.revoked_at:
            raise ForeignKeyError(field="public_key")
        _bind(session, installation)
        if known is not None and known.id == installation.pk:
            installation = _reminded(installation, known)
        installation.name, installation.app_version = device.name, device.app_version
        installation.save(update_fields=["name", "app_version"])
        if known is None and installation.last_contact_at is None:
            lost_storage.note(installation, here, now=now)
    return installation


def give_code(installation: Installation, reason: str) -> str:
    """Another code for this installation, counting from 0 again; the former ones stay its own (F20, F21).

    Call it with the installation's row locked.
    """
    with transaction.atomic():
        installation.code = _free_code(installation.pk, reason)
        installation.counter = 0
        installation.save(update_fields=["code", "counter"])
        audit_stream.try_to_write(
            "code", installation=str(installation.pk), installation_code=installation.code
        )
    return installation.code


def revoke(installation: Installation, *, now: datetime, by_phone: Installation | None = None) -> bool:
    """From now on what its key signs is held, and its sessions are over (F35). The agent's other phones are
    told, but the one it is done from. Doing it again changes nothing: False. Raises `AuditStreamError`.
    """
    with transaction.atomic():
        revoked = Installation.objects.filter(pk=installation.pk, revoked_at=None).update(revoked_at=now)
        installation.sessions.filter(ended_at=None).update(ended_at=now)
        if revoked:
            where = "с другого вашего телефона" if by_phone else "офисом"
            what, office = described(installation), settings.OFFICE_PHONE
            text = _REVOKED.format(what=what, where=where, office=office)
            notices.tell(installation.agent, kind="revoked", text=text, now=now, but=by_phone)
            audit_stream.write(
                "revoked",
                installation=str(installation.pk),
                agent=str(installation.agent_id),
                installation_code=installation.code,
                key=installation.public_key,
            )
    installation.refresh_from_db(fields=["revoked_at"])
    return bool(revoked)


def revoke_own(session: AgentSession, installation_id: uuid.UUID, *, now: datetime) -> None:
    """An agent revokes another phone of his own; once revoked, again is no error.

    Raises `UnknownInstallationError`: another agent's is answered exactly like none (F37); `OwnPhoneError`.
    """
    if installation_id == session.installation_id:
        raise OwnPhoneError
    found = Installation.objects.filter(pk=installation_id, agent=session.agent_id).first()
    if found is None:
        raise UnknownInstallationError
    revoke(found, now=now, by_phone=session.installation)


def living(agent: User) -> list[Installation]:
    """His phones, the one heard of last first."""
    found = Installation.objects.filter(agent=agent, revoked_at=None)
    return list(found.order_by(F("last_contact_at").desc(nulls_last=True), "-registered_at"))


def described(installation: Installation) -> str:
    """«К7М3Т (Android, Chrome)»"""
    return f"{installation.code} ({installation.name})" if installation.name else installation.code


def _with_key(key: str) -> Installation | None:
    return Installation.objects.select_related("agent").filter(public_key=key).first()


def _new(agent: User, key: str, device: Device, known: Known | None, now: datetime) -> Installation:
    """A new row, of which the agent's other phones are told (P11). For 24 h after a new number it reads no
    personal data (P25).

    After a restore the phone's own id, code and counter are taken, where nobody else has them.

    The id is kept even when the code is not: what still waits on the phone is signed under it.
    """
    keeps_id = known is not None and not Installation.objects.filter(pk=known.id).exists()
    installation = Installation(
        id=known.id if known and keeps_id else uuid.uuid4(),
        agent=agent,
        public_key=key,
        name=device.name,
        app_version=device.app_version,
        registered_at=now,
        reads_from=_reads_from(agent, now),
    )
    try:
        with transaction.atomic():
            if known and keeps_id and _claim(known.code, installation.pk, "restored"):
                installation.code, installation.counter = known.code, known.counter
            else:
                installation.code = _free_code(installation.pk, "registered")
            installation.save(force_insert=True)
            text = _NEW_LOGIN.format(what=described(installation), office=settings.OFFICE_PHONE)
            notices.tell(agent, kind="new_login", text=text, now=now, but=installation)
    except IntegrityError:
        # The same key in a second tab or a repeated request has made it first; or, hardly, the same id.
        return _with_key(key) or _new(agent, key, device, None, now)
    return installation


def _reminded(installation: Installation, known: Known) -> Installation:
    """A restored server may have forgotten what it told this phone: until its first contact in an epoch the
    phone's own code is believed, where nobody else has it, and its counter.
    """
    locked = Installation.objects.select_for_update().get(pk=installation.pk)
    if locked.contact_epoch != FORGOTTEN:
        return locked
    if known.code != locked.code and _claim(known.code, locked.pk, "restored"):
        locked.code, locked.counter = known.code, known.counter
    elif known.code == locked.code:
        locked.counter = max(locked.counter, known.counter)
    locked.save(update_fields=["code", "counter"])
    return locked


def _reads_from(agent: User, now: datetime) -> datetime | None:
    since = agent.number_changed_at
    return since + settings.NEW_NUMBER_WAIT if since and now < since + settings.NEW_NUMBER_WAIT else None


def _free_code(installation_id: uuid.UUID, reason: str) -> str:
    """Claim a code that nobody ever had."""
    for _ in range(_CODE_TRIES):
        installation_code = codes.new()
        if _claim(installation_code, installation_id, reason):
            return installation_code
    raise RuntimeError("no free installation code in so many draws")


def _claim(installation_code: str, installation_id: uuid.UUID, reason: str) -> bool:
    """Whether the code was free and is this installation's now. The database decides, not a look before.

    The row may stand before its installation's: the foreign key is checked at the commit.
    """
    if not codes.is_shaped(installation_code):
        return False
    try:
        with transaction.atomic():
            InstallationCode.objects.create(
                code=installation_code, installation_id=installation_id, reason=reason
            )
    except IntegrityError:
        return False
    return True


def _bind(session: AgentSession, installation: Installation) -> None:
    """Tie the session to its installation; one that is tied to another stays there."""
    if session.installation_id is None:
        free = AgentSession.objects.filter(pk=session.pk, installation=None)
        if free.update(installation=installation):
            session.installation = installation
            return
        session.refresh_from_db(fields=["installation"])
    if session.installation_id != installation.pk:
        raise BoundSessionError
