"""Russian words for sums and counts: amounts in words as they stand on a receipt, plurals by rule (P36)."""

from typing import NamedTuple

NBSP = "\u00a0"
THIN = "\u202f"  # narrow no-break space: between thousands, never broken at a line's end


class Noun(NamedTuple):
    """The three forms that go with 1, 2 and 5: рубль, рубля, рублей."""

    one: str
    few: str
    many: str
    feminine: bool = False


ROUBLE = Noun("рубль", "рубля", "рублей")
KOPECK = Noun("копейка", "копейки", "копеек", feminine=True)
_SCALES = (
    Noun("тысяча", "тысячи", "тысяч", feminine=True),
    Noun("миллион", "миллиона", "миллионов"),
    Noun("миллиард", "миллиарда", "миллиардов"),
)
_UNITS = (
    "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
    "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
    "девятнадцать",
)  # fmt: skip
_FEMININE = {1: "одна", 2: "две"}
_TENS = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят",
    "девяносто",
)  # fmt: skip
_HUNDREDS = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
)  # fmt: skip


def plural(count: int, noun: Noun) -> str:
    """The form that goes with `count`: 1, 21 квитанция; 2 квитанции; 5, 11, 111 квитанций."""
    tens, ones = abs(count) % 100, abs(count) % 10
    if 10 < tens < 20 or ones == 0 or ones > 4:
        return noun.many
    return noun.one if ones == 1 else noun.few


def amount_in_figures(kopecks: int) -> str:
    """«3 245,50 ₽», «−500 ₽»; whole roubles without kopecks, spaces that never break."""
    roubles, rest = divmod(abs(kopecks), 100)
    tail = f",{rest:02d}" if rest else ""
    return f"{'−' if kopecks < 0 else ''}{roubles:,}".replace(",", THIN) + f"{tail}{NBSP}₽"


def amount_in_words(kopecks: int) -> str:
    """«Три тысячи двести сорок пять рублей 50 копеек». For 0 to 10¹⁴ kopecks; raises `ValueError` outside."""
    if not 0 <= kopecks < 10**14:
        raise ValueError("amount out of range")
    roubles, rest = divmod(kopecks, 100)
    words = _in_words(roubles)
    return f"{words[0].upper()}{words[1:]} {plural(roubles, ROUBLE)} {rest:02} {plural(rest, KOPECK)}"


def _in_words(number: int) -> str:
    if number == 0:
        return "ноль"
    parts: list[str] = []
    for place, scale in enumerate((None, *_SCALES)):
        group = number // 1000**place % 1000
        if group:
            words = _group(group, feminine=bool(scale and scale.feminine))
            parts.insert(0, f"{words} {plural(group, scale)}" if scale else words)
    return " ".join(parts)


def _group(number: int, *, feminine: bool) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10) if rest >= 20 else (0, rest)
    unit = _FEMININE.get(ones, _UNITS[ones]) if feminine else _UNITS[ones]
    return " ".join(word for word in (_HUNDREDS[hundreds], _TENS[tens], unit) if word)
