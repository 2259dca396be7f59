"""Patterns of the directories: regular expressions of the office that every phone runs on what is typed."""

import re

MAX_LENGTH = 120
#: so many repetitions of an open length may stand one after another: each multiplies the phone's work
MAX_REPEATS = 4

_ESCAPED = r"\\[dDwWsS^$\\.*+?()\[\]{}|/]"
_CLASS = rf"\[\^?(?:{_ESCAPED}|\\-|[^\\\[\]])+\]"
_ATOM = rf"(?:{_ESCAPED}|{_CLASS}|\.|[^\\^$.*+?()\[\]{{}}|])"
_REPEAT = r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})"
_SEQUENCE = rf"(?:{_ATOM}{_REPEAT}?)*"
_GROUP = rf"\((?:\?:)?{_SEQUENCE}(?:\|{_SEQUENCE})*\)\??"
_SIMPLE = re.compile(rf"\^?(?:{_ATOM}{_REPEAT}?|{_GROUP}|\|)*\$?")
_OPEN = re.compile(r"[*+?]|\{\d+,\d*\}")


class PatternError(ValueError):
    """The sentence tells the office what to change."""


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` for what does not compile, phones read otherwise, or could take for ever.

    The rule is simple and refuses some harmless ones: a group is not repeated and holds no group, there are
    no references and look-arounds, and few repetitions of an open length.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"Образец слишком длинный: не больше {MAX_LENGTH} знаков.")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError("Образец составлен с ошибкой: проверьте скобки. Например: \\d{10}") from error
    if not _SIMPLE.fullmatch(pattern):
        raise PatternError("Образец слишком сложный: скобки нельзя повторять и вкладывать. Например: \\d{10}")
    plain = re.sub(f"{_ESCAPED}|{_CLASS}", "x", pattern).replace("(?:", "(")
    if len(_OPEN.findall(plain)) > MAX_REPEATS:
        raise PatternError(f"Слишком много повторов подряд: не больше {MAX_REPEATS}. Например: \\d{{10}}")
