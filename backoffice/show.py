"""How the office sees amounts, moments, documents and foreign text. Pure functions, no HTML."""

import math
from datetime import UTC, datetime, timedelta
from datetime import date as Date  # noqa: N812 - a field called `date` stands beside it

from receipts.text import is_hostile
from receipts.words import NBSP as NBSP
from receipts.words import THIN as THIN
from receipts.words import Noun, amount_in_figures, plural

MOSCOW_OFFSET_MIN = 180

RECEIPT = Noun("квитанция", "квитанции", "квитанций", feminine=True)
ON_PHONE = Noun("телефоне", "телефонах", "телефонах")
TIME = Noun("раз", "раза", "раз")
DAY = Noun("день", "дня", "дней")


def visible(text: str) -> str:
    """The text with every invisible or reversing sign replaced by its name, «⟨U+202E⟩» (P31).

    So a held text can be judged, and no sign of it acts on the office's page.
    """
    if not is_hostile(text):
        return text
    return "".join(f"⟨U+{ord(sign):04X}⟩" if is_hostile(sign) else sign for sign in text)


def visible_lines(text: str) -> str:
    """`visible` for a text of several lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def amount(kopecks: int) -> str:
    """«3 245,50 ₽»; whole roubles without kopecks. Takes kopecks."""
    return amount_in_figures(kopecks)


def typed_amount(kopecks: int) -> str:
    """«3245,50»: an amount as a person types it into a field."""
    roubles, rest = divmod(kopecks, 100)
    return f"{roubles},{rest:02d}" if rest else str(roubles)


def figure(number: int) -> str:
    """«12 345»: a count, its thousands apart."""
    return f"{number:,}".replace(",", THIN)


def count(number: int, noun: Noun) -> str:
    """A number with its noun: 1 квитанция, 2 квитанции, 5 квитанций, 11 квитанций, 21 квитанция."""
    return f"{figure(number)}{NBSP}{plural(number, noun)}"


def phone_number(number: str | None) -> str:
    """«+7 912 345-67-89»; numbers of other countries as they are, a dash for nothing."""
    if not number:
        return "—"
    if not (number.startswith("+7") and len(number) == 12):
        return number
    return NBSP.join(["+7", number[2:5], f"{number[5:8]}-{number[8:10]}-{number[10:]}"])


def masked_number(number: str | None) -> str:
    """«+7 ••• •••-67-89»: enough to recognise a number, too little to call it."""
    if not number:
        return "—"
    return f"{number[:2]}{NBSP}•••{NBSP}•••-{number[-4:-2]}-{number[-2:]}"


def moscow(moment: datetime | None) -> str:
    """«22.11.2026 10:05» by Moscow's clock; a dash for nothing."""
    return "—" if moment is None else _at(moment, MOSCOW_OFFSET_MIN).strftime("%d.%m.%Y %H:%M")


def zone(offset_min: int) -> str:
    """An offset from UTC as people here say it: «МСК», «МСК+4», «МСК−1», «МСК+2:30»."""
    hours, minutes = divmod(abs(offset_min - MOSCOW_OFFSET_MIN), 60)
    if not hours and not minutes:
        return "МСК"
    sign = "+" if offset_min > MOSCOW_OFFSET_MIN else "−"
    return f"МСК{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def local(moment: datetime, offset_min: int) -> str:
    """«22.11 14:05 (МСК+4)»: the clock where the receipt was issued (P35)."""
    return f"{_at(moment, offset_min):%d.%m %H:%M} ({zone(offset_min)})"


def local_and_moscow(moment: datetime, offset_min: int) -> str:
    """«22.11.2026 14:05 по месту (МСК+4), 10:05 по Москве»; the other day is named where it is another."""
    there, here = _at(moment, offset_min), _at(moment, MOSCOW_OFFSET_MIN)
    if offset_min == MOSCOW_OFFSET_MIN:
        return f"{there:%d.%m.%Y %H:%M} (МСК)"
    other_day = "" if there.date() == here.date() else f"{here:%d.%m} "
    return f"{there:%d.%m.%Y %H:%M} по месту ({zone(offset_min)}), {other_day}{here:%H:%M} по Москве"


def day(value: Date | None) -> str:
    """«22.11.2026»; a dash for nothing."""
    return "—" if value is None else f"{value:%d.%m.%Y}"


def ago(moment: datetime, now: datetime) -> str:
    """How long something has been waiting: «меньше минуты», «4 мин», «3 ч», «2 дня»."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if not minutes:
        return f"меньше{NBSP}минуты"
    if minutes < 60:
        return f"{minutes}{NBSP}мин"
    if minutes < 48 * 60:
        return f"{minutes // 60}{NBSP}ч"
    return count(minutes // (24 * 60), DAY)


def span(seconds: float) -> str:
    """«40 с», «4 мин», «3 ч», «2 дня»; «никогда» for infinity."""
    if math.isinf(seconds):
        return "никогда"
    if seconds < 60:
        return f"{seconds:.0f}{NBSP}с"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f}{NBSP}мин"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f}{NBSP}ч"
    return count(int(seconds // 86400), DAY)


def _at(moment: datetime, offset_min: int) -> datetime:
    return moment.astimezone(UTC) + timedelta(minutes=offset_min)
