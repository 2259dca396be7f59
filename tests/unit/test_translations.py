"""The theme speaks Russian: its catalogue is complete, and the compiled file is the one its source makes."""

import gettext as gnu
import io
import re
from pathlib import Path

import pytest
import unfold
from django.utils import translation
from django.utils.translation.template import templatize

from scripts import translations

THEME = Path(unfold.__file__).parent
_CALL = re.compile(
    r"""\b(?P<plural>n)?gettext\(\s*u?(?P<one>'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""",
    re.DOTALL,
)
_UNDERSCORE = re.compile(r"""\b_\(\s*((?:\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))+)""")


def ours(path: Path) -> bool:
    """The parts of the theme that are installed."""
    parts = path.relative_to(THEME).parts
    return parts[0] != "contrib" or parts[1] == "filters"


def strings_of_the_theme() -> set[str]:
    found = set()
    for page in filter(ours, THEME.rglob("*.html")):
        text = page.read_text("utf-8")
        found |= {eval(call["one"]) for call in _CALL.finditer(templatize(text, origin=str(page)))}
        found |= {eval(f"({call[1]})") for call in _UNDERSCORE.finditer(text)}
    for module in filter(ours, THEME.rglob("*.py")):
        found |= {eval(f"({call[1]})") for call in _UNDERSCORE.finditer(module.read_text("utf-8"))}
    return found


def test_every_string_of_the_theme_has_a_russian_translation() -> None:
    strings = strings_of_the_theme()
    assert len(strings) > 80
    with translation.override("ru"):
        english = {
            text
            for text in strings
            if translation.gettext(text) == text and translation.ngettext(text, text, 2) == text
        }
    # One plural of the command palette, which is switched off; looked up by both its forms.
    assert {text for text in english if "Found" not in text} == set()


@pytest.mark.parametrize("source", translations.sources(), ids=str)
def test_the_compiled_catalogue_is_the_one_its_source_makes(source: Path) -> None:
    catalogue = translations.parse(source.read_text("utf-8"))
    assert source.with_suffix(".mo").read_bytes() == translations.compiled(catalogue)


def test_gettext_itself_reads_what_we_compile() -> None:
    catalogue = {
        "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",
        "Save": "Сохранить",
        "%d row\0%d rows": "%d строка\0%d строки",
    }
    read = gnu.GNUTranslations(io.BytesIO(translations.compiled(catalogue)))
    assert read.gettext("Save") == "Сохранить"
    assert read.ngettext("%d row", "%d rows", 2) == "%d строки"


@pytest.mark.parametrize(
    "text",
    ['msgid "a"\nmsgstr ""', 'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"', 'magic "a"', '"orphan"'],
    ids=["not translated", "twice", "no keyword", "no key"],
)
def test_a_broken_catalogue_is_refused(text: str) -> None:
    with pytest.raises(translations.CatalogueError):
        translations.parse(text)
