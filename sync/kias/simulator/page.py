"""The ledger as a page for people."""

from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#e3e7ee;--ground:#f4f5f7;--card:#fff;
--accent:#1b57c9;--good:#1a7f4b;--wait:#9a6700;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#9aa5b4;--line:#2b333f;--ground:#12161c;--card:#1a2029;
--accent:#7aa7ff;--good:#5ac48d;--wait:#e0b252;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.45 system-ui,sans-serif}main{max-width:1100px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.5rem;margin:0}p{color:var(--soft);margin:.25rem 0 1.25rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;overflow-x:auto}
table{border-collapse:collapse;width:100%;min-width:760px}
th,td{padding:.65rem .9rem;text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:.85rem;border-bottom:1px solid var(--line)}
tr+tr td{border-top:1px solid var(--line)}
td.sum{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.number{font-weight:600;white-space:nowrap}small{display:block;color:var(--soft)}
.good{color:var(--good)}.wait{color:var(--wait)}.bad{color:var(--bad);font-weight:600}
form{display:grid;gap:.5rem;max-width:26rem;padding:.5rem 0}
label{display:grid;font-size:.85rem;color:var(--soft)}
input,button{font:inherit;min-height:40px;padding:0 .6rem;border:1px solid var(--line);border-radius:8px;
background:var(--card);color:var(--ink)}
summary{cursor:pointer;color:var(--accent);font-weight:600;padding:.4rem 0}
.empty{padding:40px 16px;text-align:center;color:var(--soft)}
"""


_SAID = {"done": "Готово.", "wrong": "Не получилось: проверьте, что введено."}
#: what a person types for a document of his own
_TYPED = {
    "Number": "Номер", "Date": "Дата, дд.мм.гггг", "Sum": "Сумма, ₽", "PolicySeries": "Серия полиса",
    "PolicyNumber": "Номер полиса", "Instalment": "Взнос",
}  # fmt: skip


def order(form: dict[str, str]) -> dict[str, Any]:
    """What a form of the page asks of /control's `write`, `change`, `annul`, `remove`."""
    act, isn = form.pop("act", ""), form.pop("isn", "")
    match act:
        case "write":
            return {"write": form}
        case "change":
            return {"change": {"isn": isn, "fields": form}}
        case _:
            return {act: isn}


def ledger(documents: list[dict[str, Any]], state: dict[str, Any], said: str = "") -> bytes:
    """The newest documents first; a number that stands there twice is marked."""
    numbers = [document["number"] for document in documents]
    rows = "".join(_row(document, numbers.count(document["number"]) > 1) for document in reversed(documents))
    table = (
        "<table><thead><tr><th>Квитанция</th><th>Дата</th><th>Полис</th><th>Сумма</th><th>Состояние</th>"
        f"<th>Записан</th></tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else '<div class="empty">Документов пока нет. Они появятся, когда сервер передаст квитанции.</div>'
    )
    outage = '<strong class="bad">КИАС сейчас недоступен.</strong> ' if state["outage"] else ""
    return (
        '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Реестр КИАС (симулятор)</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style><main><h1>Реестр КИАС (симулятор)</h1>"
        f"<p>{outage}Документов: {len(documents)}. Учебные данные, не настоящий КИАС.</p>"
        f'{_note(said)}<div class="card">{table}</div>{_by_hand()}</main></html>'
    ).encode()


def _note(said: str) -> str:
    return f'<p role="status"><strong>{_SAID[said]}</strong></p>' if said in _SAID else ""


def _by_hand() -> str:
    inputs = "".join(
        f'<label>{label} <input name="{name}"{"" if name == "Instalment" else " required"}></label>'
        for name, label in _TYPED.items()
    )
    return (
        f'<details><summary>Внести документ руками</summary><form method="post" action="/ledger">{inputs}'
        '<button name="act" value="write">Внести</button></form></details>'
    )


def _acts(document: dict[str, Any]) -> str:
    return (
        '<details><summary>Изменить</summary><form method="post" action="/ledger">'
        f'<input type="hidden" name="isn" value="{document["isn"]}">'
        f'<label>Номер <input name="Number" value="{escape(document["number"])}"></label>'
        f'<label>Сумма, ₽ <input name="Sum" value="{escape(document["sum"])}"></label>'
        '<button name="act" value="change">Сохранить</button> '
        '<button name="act" value="annul">Сторно</button> '
        '<button name="act" value="remove">Удалить</button></form></details>'
    )


def _row(document: dict[str, Any], twice: bool) -> str:
    check = document["check"]
    state = (
        f'<span class="good">● чек готов</span><small>ФД {check["fd"]}, ФПД {check["fpd"]}</small>'
        if check
        else '<span class="wait">◐ записан, чек формируется</span>'
    )
    if document["kind"] == "refund":
        state = state.replace("чек готов", "чек готов (возврат)")
    if document["state"] == "annulled":
        state = '<span class="bad">✕ сторно</span>'
    saved = datetime.fromisoformat(document["saved_at"]).astimezone(ZoneInfo("Europe/Moscow"))
    marks = [f"ISN {document['isn']}"]
    if document["kind"] == "refund":
        marks.append("возврат")
    if document["by_hand"]:
        marks.append("внесён вручную")
    if twice:
        marks.append('<span class="bad">номер повторяется</span>')
    return (
        f'<tr><td><span class="number">{escape(document["number"])}</span>'
        f"<small>{', '.join(marks)}</small>{_acts(document)}</td>"
        f"<td>{escape(document['date'])}</td><td>{escape(document['policy'])}"
        f"<small>{escape(document['insurant'])}</small></td>"
        f'<td class="sum">{escape(_grouped(document["sum"]))} ₽</td><td>{state}</td>'
        f"<td>{saved:%d.%m, %H:%M:%S}</td></tr>"
    )


def _grouped(roubles: str) -> str:
    whole, _, part = roubles.partition(".")
    groups = f"{int(whole):,}".replace(",", "\u202f") if whole.isdigit() else whole
    return f"{groups},{part}" if part else groups
