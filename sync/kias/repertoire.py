"""The signs that KIAS can keep, and what it gets for the others (P31). Pure; the original stays with us."""

import unicodedata
from collections.abc import Mapping

from sync.kias.markup import is_sendable

UNKNOWN = "?"

#: capitals, and what stands for them in Russian letters; small ones follow. What is a letter with a mark only
#: (Ӑ, Ӗ, Ў, é) finds its letter by itself.
_LETTERS = {
    "Ә": "А", "Җ": "Ж", "Ң": "Н", "Ө": "О", "Ү": "У", "Һ": "Х",  # Tatar, Bashkir, Kazakh, Kalmyk, Buryat
    "Ғ": "Г", "Ҙ": "З", "Ҡ": "К", "Ҫ": "С", "Қ": "К", "Ұ": "У",
    "Ҳ": "Х", "Ҷ": "Ч", "Ҹ": "Ч", "Ҝ": "К", "Ҥ": "Н", "Ӊ": "Н", "Ӈ": "Н", "Ԥ": "П", "Ҕ": "Г", "Ӷ": "Г",
    "Ӡ": "ДЗ", "Ӏ": "І", "Ԓ": "Л", "Ӆ": "Л", "Ԯ": "Л", "Ҧ": "П", "Ҟ": "К", "Ҵ": "Ц", "Ҽ": "Ч", "Ҩ": "О",
    "Ҭ": "Т", "Ӄ": "К", "Ԡ": "Л", "Ԩ": "Н", "Ӽ": "Х", "Ӿ": "Х", "Ѣ": "Е", "Ѳ": "Ф", "Ѵ": "И",
    "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Þ": "TH", "ẞ": "SS", "Ð": "D",
}  # fmt: skip
_SIGNS = {
    "ß": "ss", "ı": "i", "ʼ": "'", "ʹ": "'", "′": "'", "″": '"', "−": "-", "‐": "-", "‑": "-", "―": "-",
    "₽": "руб.", "\u2028": " ", "\u2029": " ",
}  # fmt: skip
USUAL = _LETTERS | {capital.lower(): letters.lower() for capital, letters in _LETTERS.items()} | _SIGNS


def fit(text: str, repertoire: str, own: Mapping[str, str]) -> str:
    """`text` in the signs of a character set, such as `windows-1251`; an empty one keeps what XML can carry.

    A sign that it lacks becomes what `own` says, else what is usual, else the letter under its marks, else
    `?`; signs that only steer the writing go. Raises LookupError for an unknown character set.
    """
    text = "".join(sign for sign in text if is_sendable(sign))
    if not repertoire or _fits(text, repertoire):
        return text
    return "".join(_one(sign, repertoire, own) for sign in unicodedata.normalize("NFC", text))


def _one(sign: str, repertoire: str, own: Mapping[str, str]) -> str:
    if _fits(sign, repertoire):
        return sign
    for written in (own.get(sign), USUAL.get(sign), _bare(sign)):
        if written is not None and _fits(written, repertoire):
            return written
    return "" if unicodedata.category(sign)[0] in "CM" else UNKNOWN


def _bare(sign: str) -> str | None:
    """The sign without its marks and its form of writing; None where nothing else is left of it."""
    parts = unicodedata.normalize("NFKD", sign)
    bare = "".join(USUAL.get(part, part) for part in parts if not unicodedata.combining(part))
    return bare if bare and bare != sign else None


def _fits(text: str, repertoire: str) -> bool:
    try:
        text.encode(repertoire)
    except UnicodeEncodeError:
        return False
    return True
