"""P31: what KIAS gets for the signs that it cannot keep."""

import pytest

from sync.kias.repertoire import USUAL, fit
from tests.support import cases

WINDOWS = "windows-1251"


@pytest.mark.parametrize("case", cases.load("hostile_text")["cases"], ids=lambda case: case["name"])
def test_p31_whatever_is_typed_becomes_text_that_kias_can_keep(case: dict[str, str]) -> None:
    fitted = fit(case["text"], WINDOWS, {})
    fitted.encode(WINDOWS)
    assert fit(fitted, WINDOWS, {}) == fitted, "nothing more to change"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Сидорова Аглая Потаповна", "Сидорова Аглая Потаповна"),
        ("Ҡәҙерғолова Һәҙиә", "Казерголова Хазиа"),
        ("ӘҖҢӨҮҺ әҗңөүһ", "АЖНОУХ ажноух"),
        ("Ӑӗҫӳ", "Аесу"),
        ("Čapek François", "Capek Francois"),
        ("Сидорова 😀", "Сидорова ?"),
        ("محمد", "????"),
        ("1\u202f000 ₽ − скидка", "1 000 руб. - скидка"),
        ("Сидо\u202eрова\u200b", "Сидорова"),
        ("Андрей".replace("й", "и\u0306"), "Андрей"),
    ],
)
def test_p31_the_usual_letters(typed: str, kept: str) -> None:
    assert fit(typed, WINDOWS, {}) == kept


def test_p31_the_insurer_s_own_table_comes_first() -> None:
    assert fit("Әлфия", WINDOWS, {"Ә": "Я"}) == "Ялфия"
    assert fit("Әлфия", WINDOWS, {"Ә": "☺"}) == "Алфия", "a table that writes what KIAS cannot keep"


def test_p31_without_a_repertoire_all_that_xml_carries_stays() -> None:
    assert fit("Әлфия 😀 \u202eа", "", {}) == "Әлфия 😀 \u202eа"
    assert fit("Сидо\0ро\x1bва\ud83d", "", {}) == "Сидорова"


def test_the_usual_letters_are_single_signs_that_windows_1251_lacks() -> None:
    for sign, written in USUAL.items():
        assert len(sign) == 1
        with pytest.raises(UnicodeEncodeError):
            sign.encode(WINDOWS)
        written.encode(WINDOWS)
