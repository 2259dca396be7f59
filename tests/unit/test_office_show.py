"""How the office sees amounts, moments, numbers and foreign text."""

from datetime import UTC, datetime, timedelta

import pytest

from backoffice import html, show
from receipts.text import is_hostile
from tests.support.cases import load

MOMENT = datetime(2026, 11, 22, 7, 5, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kopecks", "shown"),
    [
        (324550, "3\u202f245,50\u00a0₽"),
        (300, "3\u00a0₽"),
        (5, "0,05\u00a0₽"),
        (4_294_967_295, "42\u202f949\u202f672,95\u00a0₽"),
        (-324550, "−3\u202f245,50\u00a0₽"),
    ],
)
def test_amounts_have_thin_spaces_a_comma_and_the_rouble_sign(kopecks: int, shown: str) -> None:
    assert show.amount(kopecks) == shown


@pytest.mark.parametrize(
    ("offset_min", "shown"),
    [
        (180, "22.11 10:05 (МСК)"),
        (420, "22.11 14:05 (МСК+4)"),
        (120, "22.11 09:05 (МСК−1)"),
        (345, "22.11 12:50 (МСК+2:45)"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_its_place_and_its_distance_from_moscow(
    offset_min: int, shown: str
) -> None:
    assert show.local(MOMENT, offset_min) == shown


def test_both_clocks_name_the_day_where_it_is_another() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert show.local_and_moscow(MOMENT, 420) == "22.11.2026 14:05 по месту (МСК+4), 10:05 по Москве"
    assert show.local_and_moscow(late, 720) == "23.11.2026 06:30 по месту (МСК+9), 22.11 21:30 по Москве"
    assert show.local_and_moscow(MOMENT, 180) == "22.11.2026 10:05 (МСК)"


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=-5), "меньше\u00a0минуты"),
        (timedelta(seconds=59), "меньше\u00a0минуты"),
        (timedelta(minutes=1), "1\u00a0мин"),
        (timedelta(minutes=59), "59\u00a0мин"),
        (timedelta(hours=47), "47\u00a0ч"),
        (timedelta(days=2), "2\u00a0дня"),
        (timedelta(days=11), "11\u00a0дней"),
        (timedelta(days=21), "21\u00a0день"),
    ],
)
def test_waiting_is_told_as_people_say_it(passed: timedelta, shown: str) -> None:
    assert show.ago(MOMENT - passed, MOMENT) == shown


def test_a_phone_number_is_read_out_in_groups() -> None:
    assert show.phone_number("+79123456789") == "+7\u00a0912\u00a0345-67-89"
    assert show.phone_number("+375291234567") == "+375291234567"
    assert show.phone_number("") == "—"


@pytest.mark.parametrize("case", load("hostile_text")["cases"], ids=lambda case: case["name"])
def test_hidden_signs_are_shown_by_name_and_never_act(case: dict[str, object]) -> None:
    text = str(case["text"])
    shown = show.visible(text)
    assert not is_hostile(shown)
    assert ("⟨U+" in shown) == is_hostile(text)
    assert is_hostile(text) or shown == text


@pytest.mark.parametrize("case", load("hostile_text")["cases"], ids=lambda case: case["name"])
def test_foreign_text_is_escaped_in_every_form_that_shows_it(case: dict[str, object]) -> None:
    text = str(case["text"])
    for shown in (html.text(text), html.clipped(text), html.code(text), html.block(text), html.number(text)):
        inner = str(shown).split(">", 1)[1].rsplit("<", 1)[0]
        assert "<" not in inner
        assert '"' not in inner
        assert "'" not in inner


def test_a_long_name_is_clipped_in_a_list_and_whole_in_its_tooltip() -> None:
    shown = str(html.clipped("Ы" * 1000))
    assert shown.count("Ы") == 1000 + 47
