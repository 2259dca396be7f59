"""What a refusal of KIAS means to people: the directory `KiasRefusal`, and what it holds at first (P09).

A refusal is the agent's to mend only where the directory says so; a code without a row, closed periods,
limits and policies that KIAS does not have yet are the office's: nobody is invited to falsify a date.
"""

from dataclasses import dataclass

from sync.models import Acts, KiasRefusal

OFFICE_TEXT = "КИАС пока не провёл квитанцию: {reason}. Этим занимается офис, от вас ничего не нужно."
_NO_REASON = "причина не названа"
_TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who acts, what the agent reads, and the form's field to mark (empty: none)."""

    acts: Acts
    text: str
    field: str = ""


def _agent(what: str, field: str) -> Refusal:
    return Refusal(Acts.AGENT, f"{what} КИАС ответил: {{reason}}.", field)


def _office(reason: str) -> Refusal:
    return Refusal(Acts.OFFICE, OFFICE_TEXT.replace("{reason}", reason))


#: what the directory is filled with; from then on its rows are the office's
DEFAULTS: dict[str, Refusal] = {
    "bad_policy": _agent("Проверьте серию и номер полиса.", "policy_number"),
    "bad_policy_date": _agent("Проверьте дату полиса.", "policy_date"),
    "bad_instalment": _agent("Проверьте номер взноса.", "instalment"),
    "bad_sum": _agent("Проверьте сумму.", "amount"),
    "bad_insurant": _agent("Проверьте имя страхователя.", "insurant"),
    "bad_document": _agent("Проверьте документ.", "document_number"),
    "bad_contact": _agent("Проверьте телефон и почту клиента.", "contact_phone"),
    "unknown_policy": _office("этого полиса в КИАС ещё нет"),
    "closed_period": _office("период в КИАС уже закрыт"),
    "sum_limit": _office("сумма вне пределов, которые задал КИАС"),
    "bad_number": _office("КИАС не принял номер квитанции"),
    "bad_request": _office("КИАС не понял запрос"),
    "policy_locked": Refusal(
        Acts.WAIT, "Договор в КИАС сейчас изменяют. Квитанция уйдёт сама, когда закончат."
    ),
    "maintenance": Refusal(Acts.WAIT, "КИАС на обслуживании. Квитанция уйдёт сама, когда оно закончится."),
}


def lookup(code: str, kias_text: str) -> Refusal:
    """What this refusal means. `{reason}` in a row's text is KIAS's own text, without its full stop."""
    row = KiasRefusal.objects.filter(pk=code).first()
    found = Refusal(Acts(row.acts), row.text, row.field) if row else Refusal(Acts.OFFICE, OFFICE_TEXT)
    reason = kias_text.strip().rstrip(". ") or _NO_REASON
    return Refusal(found.acts, found.text.replace("{reason}", reason)[:_TEXT_LENGTH], found.field)


def fill() -> int:
    """Add the rows that are missing; what a person has changed stays. How many were added."""
    rows = [
        KiasRefusal(code=code, acts=each.acts, text=each.text, field=each.field)
        for code, each in DEFAULTS.items()
    ]
    known = set(KiasRefusal.objects.values_list("pk", flat=True))
    new = [row for row in rows if row.pk not in known]
    KiasRefusal.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
