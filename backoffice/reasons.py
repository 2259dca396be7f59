"""The office's words for codes: why something is held, kept aside, asked first. Codes: docs/protocol.md."""

from receipts.states import State

HELD = {
    "doubtful_date": "Дата вызывает сомнение",
    "counter_jump": "Скачок номера: между квитанциями большой пропуск",
    "hostile_text": "В тексте скрытые или управляющие знаки",
    "card_number": "В тексте номер банковской карты",
    "revoked_installation": "Установка приложения отозвана",
    "agent_closed": "Агент закрыт или оформил её после увольнения",
    "amount_out_of_range": "Сумма вне допустимых границ",
    "check_symbol": "Контрольный знак номера не сходится",
    "number_taken_in_kias": "Под этим номером в КИАС другой документ",
    "doubled_in_kias": "В КИАС больше одного документа этой квитанции",
    "differs_in_kias": "В КИАС у этой квитанции другие номер, сумма или вид",
    "annulled_in_kias": "Документ этой квитанции в КИАС сторнирован",
    "isn_of_another": "КИАС назвал документ другой нашей квитанции",
    "check_of_another": "КИАС показал чек другой нашей квитанции",
    "withdrawn": "Отменена агентом",
    "annulled_before_restore": "Офис аннулировал её до восстановления сервера",
}
INTAKE = {
    "malformed": "Конверт испорчен, его не разобрать",
    "unknown_installation": "Установка приложения неизвестна",
    "bad_signature": "Подпись не сходится",
    "unreadable": "Конверт не открывается ни одним ключом",
    "malformed_content": "Содержание испорчено",
    "content_mismatch": "Содержание не совпадает с заголовком конверта",
    "foreign_number": "Номер чужой установки",
    "number_taken": "Номер уже занят другой квитанцией",
    "id_conflict": "Та же квитанция пришла с другим содержанием",
    "other_agent_id": "Квитанция с этим id у другого агента",
    "receipt_kept_aside": "Отмена квитанции, которая сама среди исключений",
}
#: KIAS's own refusals; a code without words here is shown as it is, beside KIAS's text
REJECTED = {
    "bad_request": "КИАС не понял запрос",
    "bad_number": "КИАС не принял номер квитанции",
    "unknown_policy": "КИАС не знает этот полис",
    "sum_limit": "Сумма вне пределов, которые задал КИАС",
    "closed_period": "Период в КИАС закрыт",
    "bad_policy": "КИАС не принял серию или номер полиса",
    "bad_policy_date": "КИАС не принял дату полиса",
    "bad_instalment": "КИАС не принял номер взноса",
    "bad_sum": "КИАС не принял сумму",
    "bad_insurant": "КИАС не принял имя страхователя",
    "bad_document": "КИАС не принял документ",
    "bad_contact": "КИАС не принял контакт",
    "policy_locked": "Договор в КИАС сейчас изменяют",
    "maintenance": "КИАС на обслуживании",
}
#: why a date is doubtful; an empty code means it is not
DATE_DOUBT = {
    "before_server_time": "раньше последнего подписанного времени сервера",
    "before_predecessor": "раньше предыдущей квитанции по счётчику",
    "after_arrival": "позже, чем пришла на сервер",
    "wrong_zone": "часовой пояс телефона настроен неверно",
}
#: the text says all
OTHER = dict.fromkeys(
    ("contact_corrected", "refunded", "corrected", "reversal_annulled", "refund_forgotten"), ""
)
_ALL = OTHER | HELD | INTAKE | REJECTED | DATE_DOUBT


def words(code: str) -> str:
    """The reason in Russian. A code that has no words yet is shown as it is, never hidden."""
    return _ALL.get(code, code)


def of(state: str, code: str) -> str:
    """Why a receipt stands where it does. A refusal of KIAS that nobody has met says so before its code."""
    if state == State.REJECTED and code and code not in _ALL:
        return f"КИАС отказал, код незнакомый: {code}"
    return words(code)
