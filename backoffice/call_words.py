"""What a call to KIAS ended with, in the office's words. The relay writes details for its log, in English
(`sync.kias`): here a person reads them. A detail without words is shown as it is, never hidden.
"""

import re

from backoffice import reasons

_EXACT = {
    "no time left to call": "на вызов не осталось времени",
    "compressed, though we asked for no compression": "ответ сжат, хотя мы просили несжатый",
    "answer too long": "ответ слишком длинный",
    "an answer without one ISN": "в ответе нет одного ISN",
    "an answer with one ISN twice": "в ответе один ISN дважды",
    "an answer about another receipt": "ответ о другой квитанции",
    "a page that does not say whether there is another": "список не говорит, есть ли следующая страница",
    "a page out of order": "страница списка не по порядку",
    "a page of another period": "страница списка за другие дни",
    "session refused right after a login": "КИАС не принял сеанс сразу после входа",
    "login refused": "КИАС не принял имя или пароль",
    "login refused a moment ago": "КИАС только что не принял имя или пароль",
    "another worker's login has not ended": "другой исполнитель ещё входит в КИАС",
    "login: no Sid in the answer": "вход: в ответе нет сеанса",
}
_BEGINNINGS = {
    "answer lost: ": "ответ КИАС потерялся",
    "no connection: ": "нет соединения с КИАС",
    "an answer with an unreadable field: ": "в ответе не читается поле",
}
_ANSWER = re.compile(r"HTTP (\d{3})(?:: (.*))?", re.DOTALL)


def words(detail: str) -> str:
    """The detail of an attempt or a delivery's last error, in Russian; codes of refusals by `reasons`."""
    known = _EXACT.get(detail)
    if known:
        return known
    if detail.startswith("login: "):
        return f"вход: {words(detail.removeprefix('login: '))}"
    for beginning, russian in _BEGINNINGS.items():
        if detail.startswith(beginning):
            return f"{russian} ({detail.removeprefix(beginning)})"
    if answer := _ANSWER.fullmatch(detail):
        status, wrong = answer.groups()
        return f"ответ не разобрать (HTTP {status}: {wrong})" if wrong else f"КИАС ответил HTTP {status}"
    return reasons.words(detail)
