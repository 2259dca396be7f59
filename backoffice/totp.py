"""The staff's second factor: an authenticator on their phones (RFC 6238), by django-otp.

Every code is good once; failures make the next try wait (django-otp's throttling), and are counted by address
beside them like tries of passwords.
"""

import base64
from datetime import datetime, timedelta

import segno
from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit_stream, throttles
from accounts.models import User
from accounts.refusals import RefusalError
from accounts.throttles import Purse, ThrottledError

_OFFER_LIFE = timedelta(hours=1)


class WrongTokenError(RefusalError):
    code = "wrong_code"
    message = (
        "Код не подошёл. Введите тот, который приложение показывает сейчас. Каждый код годится один раз."
    )


class TooManyTriesError(RefusalError):
    """`retry_after` is in seconds."""

    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        wait = f"{retry_after} с" if retry_after < 60 else f"{-(-retry_after // 60)} мин"
        super().__init__(
            f"Слишком много попыток. Подождите {wait} и введите новый код.",
            field="token",
            retry_after=retry_after,
        )


class SetUpElsewhereError(RefusalError):
    code = "not_allowed"
    message = (
        "Приложение с кодами уже подключено в другом окне. Если это были не вы, сразу скажите старшему. "
        "Если вы, войдите заново."
    )


class NoDeviceError(RefusalError):
    code = "not_allowed"
    message = "Приложение с кодами ещё не подключено. Войдите заново."


def device_of(person: User) -> TOTPDevice | None:
    """The device in use, if one is."""
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=person, confirmed=True).first()
    return found


def offered(person: User, known: int | None, *, now: datetime) -> TOTPDevice:
    """The device that one browser sets up: the same one at every look, until a code of it was typed.

    `known` is what this browser's session was offered before. Never another browser's: whoever had seen that
    key would hold a copy of the authenticator that its owner confirms later.
    """
    mine = TOTPDevice.objects.filter(user=person, confirmed=False)
    mine.filter(created_at__lt=now - _OFFER_LIFE).delete()
    found: TOTPDevice | None = mine.filter(pk=known).first() if known else None
    return found or TOTPDevice.objects.create(user=person, name="Приложение с кодами", confirmed=False)


def accept(device: TOTPDevice, token: str, *, address: str, now: datetime) -> None:
    """Check a code; the first one right makes an offered device the person's only one.

    Raises `WrongTokenError`, `TooManyTriesError`, `SetUpElsewhereError`.
    """
    try:
        throttles.take([Purse(f"office-code:{address}", settings.LOGIN_LIMITS["office_address"])], now=now)
    except ThrottledError as error:
        raise TooManyTriesError(error.extra["retry_after"]) from error
    # The failure is counted in this transaction, so what refuses is raised outside.
    with transaction.atomic():
        User.objects.select_for_update().get(pk=device.user_id)  # one device, whatever is set up at once
        locked = TOTPDevice.objects.select_for_update().filter(pk=device.pk).first()
        if locked is None or (not locked.confirmed and device_of(locked.user)):
            raise SetUpElsewhereError(field="token")
        allowed, why_not = locked.verify_is_allowed()
        right = allowed and locked.verify_token("".join(token.split()))
        if right and not locked.confirmed:
            locked.confirmed = True
            locked.save(update_fields=["confirmed"])
            TOTPDevice.objects.filter(user=locked.user_id, confirmed=False).delete()
            audit_stream.try_to_write("authenticator", person=str(locked.user_id))
    if not allowed:
        until = (why_not or {}).get("locked_until") or now
        raise TooManyTriesError(max(1, int((until - now).total_seconds()) + 1))
    if not right:
        raise WrongTokenError(field="token")


def check_again(person: User, token: str, *, address: str, now: datetime) -> None:
    """A fresh code for a grave action (P20). Raises as `accept`, and `NoDeviceError`."""
    device = device_of(person)
    if device is None:
        raise NoDeviceError
    accept(device, token, address=address, now=now)


def forget(person: User) -> bool:
    """Take the device away: at the next login a new one is set up. Whether there was any.

    Raises `AuditStreamError`.
    """
    with transaction.atomic():
        count, _ = TOTPDevice.objects.filter(user=person).delete()
        if count:
            audit_stream.write("authenticator", person=str(person.pk))
    return bool(count)


def spend_until(device: TOTPDevice, *, now: datetime) -> None:
    """No code that could be typed until now is good any more: a restored row forgot which were used."""
    step = int((now.timestamp() - device.t0) // device.step)
    device.last_t = max(device.last_t, step + device.drift + device.tolerance)
    device.save(update_fields=["last_t"])


def picture(device: TOTPDevice) -> str:
    """The QR to be photographed, as an address for an image."""
    made: str = segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=3, light="white")
    return made


def secret(device: TOTPDevice) -> str:
    """The key to be typed where no camera is, in groups of four."""
    plain = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))
