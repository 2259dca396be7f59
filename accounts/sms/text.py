"""What stands in the SMS. The last line is what browsers read to fill the code in by themselves (P19)."""

#: One segment of a Cyrillic SMS; the seventy-first sign costs a second one.
SEGMENT = 70


def login_code_text(login_code: str, host: str) -> str:
    """The text of a login SMS for the app on `host`."""
    return f"КИАС: код {login_code}. Никому его не сообщайте\n@{host} #{login_code}"


def number_changed_text(office_phone: str) -> str:
    """What the former number reads when an agent has a new one (P25)."""
    return f"Номер для входа в КИАС изменён. Если это не вы, звоните {office_phone}"
