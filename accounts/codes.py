"""Installation codes: five signs that stand in every receipt number an installation gives (spec «Numbers»).

`receipts.numbers` takes the alphabet from here for the check symbol.
"""

import re
import secrets

#: Digits and the letters that Cyrillic and Latin share, without О. All letters are Cyrillic.
ALPHABET = "0123456789АВЕКМНРСТУХ"
LENGTH = 5

# A code is read aloud and printed on a client's paper: no swearing, no death, no hate figures. Written in
# plain letters; `_LOOKALIKES` says which signs of the alphabet a reader takes for each.
_OFFENSIVE = (
    "ХУ ХЕР ХРЕН НАХ ПОХ ЕБ БЗД ЖО СУК СУЧ СРАК СРАТ СРУ НАСР УСР ССУ ССАТ АНУС СЕКС ЧМО МРАЗ ТВАР ХАМ "
    "СТЕРВ ВРУ ВРЕТ ВОР КРАХ УКРАЛ КРАСТ МЕНТ ТРУП УМЕР УМРЕ УМРУ МЕРТВ СМЕРТ РАК СТРАХ УБЕ УБИ НКВ ТЕРАК "
    "ХАЧ НЕРУС САТАН ККК 666 88 ХХХ"
)
_LOOKALIKES = {
    "О": "0",
    "И": "1",
    "Л": "1",
    "З": "3",
    "Ч": "4",
    "Б": "6",
    "А": "А4",
    "В": "В8",
    "Е": "Е3",
    "С": "С5",
    "Т": "Т7",
}
_STOP = re.compile(
    "|".join(
        "".join(f"[{_LOOKALIKES.get(letter, letter)}]" for letter in word) for word in _OFFENSIVE.split()
    )
)


def is_shaped(installation_code: str) -> bool:
    """Whether this could be a code at all."""
    return len(installation_code) == LENGTH and all(sign in ALPHABET for sign in installation_code)


def is_fit(installation_code: str) -> bool:
    """Whether this code may be given to an installation: its shape, and nothing offensive in it."""
    return is_shaped(installation_code) and not is_offensive(installation_code)


def is_offensive(signs: str) -> bool:
    """Whether a reader could take offence at these signs of the alphabet."""
    return bool(_STOP.search(signs))


def new() -> str:
    """A random code that is fit. Whether it is free only the database can say."""
    while True:
        installation_code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if is_fit(installation_code):
            return installation_code
