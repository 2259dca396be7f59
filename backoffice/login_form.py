"""The office's login: an address that keeps trying passwords has to wait."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.forms import AuthenticationForm

from accounts import addresses, throttles
from accounts.throttles import Purse, ThrottledError


class OfficeLoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold is untyped
    """Tries count per address, never per login: a stranger must not be able to keep the staff out."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "Имя или пароль не подошли. Проверьте раскладку и большие буквы.",
    }

    def clean(self) -> dict[str, Any]:
        purse = Purse(f"office:{addresses.address_of(self.request)}", settings.LOGIN_LIMITS["office_address"])
        try:
            throttles.take([purse], now=timezone.now())
        except ThrottledError as error:
            minutes = -(-error.extra["retry_after"] // 60)
            wait = f"Слишком много попыток входа. Попробуйте снова через {minutes} мин."
            raise ValidationError(wait) from error
        cleaned: dict[str, Any] = super().clean()
        return cleaned
