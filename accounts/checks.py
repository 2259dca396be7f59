"""What `manage.py check` says before a wrong setting costs money."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.sms.text import SEGMENT, login_code_text


@register("accounts")
def sms_fits_one_segment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A login SMS above 70 signs is paid twice (P19)."""
    length = len(login_code_text("000000", settings.PUBLIC_HOST))
    if length <= SEGMENT:
        return []
    return [
        Error(
            f"The login SMS has {length} signs, {SEGMENT} are one paid segment.",
            hint=f"Use a PUBLIC_HOST that is {length - SEGMENT} signs shorter (at most 19).",
            id="accounts.E001",
        )
    ]
