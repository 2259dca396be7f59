"""Signs that break pages, XML and KIAS (P31), and one spelling for policies.

The phone removes such signs on typing. In what an agent has issued the server changes nothing: a receipt that
holds them is `held: hostile_text`, and only the columns get a stand-in for what no database can hold.
"""

import re
import unicodedata

#: Control, format (direction, zero-width) and surrogate signs, line and paragraph separators; besides them
#: the two code points that no XML document may hold.
_HOSTILE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LOOKALIKES = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")
_LEGAL_FORM = re.compile(
    r"^(ООО|[ЗНОП]?АО|АНО|НКО|Ф?ГУП|МУП|[ГМФ]{1,2}[АБК]О?У|ТС[ЖН]|СНТ|[ГЖС]?ПК|[ГЖ]СК)\s|[«»\"„“”]"
)
_POLICY_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_./№#]+")


def is_hostile(text: str) -> bool:
    """Whether the text holds a sign that the phone would have removed."""
    if text.isprintable():  # the fast way for nearly all
        return False
    return any(unicodedata.category(sign) in _HOSTILE_CATEGORIES or sign in "\ufffe\uffff" for sign in text)


def storable(text: str) -> str:
    """The text with U+FFFD in place of NUL and lone surrogates, which no database column can hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def to_cyrillic(text: str) -> str:
    """Cyrillic for the Latin letters that look alike: «XXX» of a policy is «ХХХ»."""
    return text.translate(_LOOKALIKES)


def fold_policy(series: str, number: str = "") -> str:
    """One spelling for a policy however it is typed: series and number together, without separators."""
    return to_cyrillic(_POLICY_SEPARATORS.sub("", series + number).upper())[:48]


def fold_name(name: str) -> str:
    """One spelling for a name however it is typed: lower case, е for ё, single spaces."""
    return " ".join(name.lower().replace("ё", "е").split())[:256]


def is_organisation(name: str) -> bool:
    """Whether the name says so itself: a legal form or quotes (the twin of frontend/src/domain/fields.ts)."""
    return bool(_LEGAL_FORM.search(to_cyrillic(name.lstrip().upper())))


def short_name(name: str, *, is_person: bool) -> str:
    """«Сидорова А. П.», «ИП Иванов И. И.»; organisations and single words stay whole."""
    words = name.split()
    kept = 2 if words[:1] == ["ИП"] else 1
    if not is_person or len(words) <= kept or is_organisation(name):
        return name
    return "\u00a0".join([*words[:kept], *(f"{part[0]}." for part in words[kept : kept + 2])])
