"""What one withdrawal's page shows: itself beside its receipt, and how its task was solved."""

from django.contrib import admin
from django.utils.safestring import SafeString

from backoffice import html, show
from receipts import withdrawals
from receipts.models import Withdrawal, WithdrawalEffect
from receipts.text import short_name

EFFECT_BADGES = {
    WithdrawalEffect.ANNULLED: "annulled",
    WithdrawalEffect.HELD: "held",
    WithdrawalEffect.TASK: "rejected",
    WithdrawalEffect.NOTHING: "annulled",
}


class WithdrawalPage:
    """The fields of the page and of the list; mixed into its admin class."""

    fieldsets = [
        (
            "Отмена",
            {
                "fields": [
                    ("effect_shown", "ended_shown"),
                    ("reason_shown", "copy_shown_shown"),
                    ("withdrawn_shown", "after_shown"),
                    ("accepted_long", "installation_shown"),
                ]
            },
        ),
        (
            "Квитанция",
            {
                "fields": [
                    ("receipt_shown", "state_long"),
                    ("amount_shown", "issued_shown"),
                    ("insurant_shown", "agent_link"),
                ]
            },
        ),
        ("Решение офиса", {"fields": [("ended_by_shown", "ended_long"), "ended_text_shown"]}),
        ("Для поддержки", {"classes": ["collapse"], "fields": ["id_shown", "envelope_shown"]}),
    ]

    @admin.display(description="Квитанция", ordering="receipt__number")
    def number_shown(self, row: Withdrawal) -> SafeString | str:
        return html.number(row.receipt.number)

    @admin.display(description="Что стало", ordering="effect")
    def effect_shown(self, row: Withdrawal) -> SafeString:
        return html.badge(EFFECT_BADGES[WithdrawalEffect(row.effect)], row.get_effect_display())

    @admin.display(description="Что стало", ordering="effect")
    def outcome_shown(self, row: Withdrawal) -> SafeString:
        """In the list: a task that was solved waits for nobody any more."""
        return self.effect_shown(row) if row.ended_at is None else html.badge("done", "решил офис")

    @admin.display(description="Задача", ordering="ended_at")
    def ended_shown(self, row: Withdrawal) -> SafeString | str:
        if row.effect != WithdrawalEffect.TASK:
            return html.NOTHING
        return html.badge("held", "ждёт решения") if row.ended_at is None else html.badge("done", "решена")

    @admin.display(description="Агент", ordering="agent__last_name")
    def agent_shown(self, row: Withdrawal) -> SafeString | str:
        return html.text(short_name(str(row.agent), is_person=True))

    @admin.display(description="Агент")
    def agent_link(self, row: Withdrawal) -> SafeString | str:
        return html.link(row.agent)

    @admin.display(description="Причина агента", ordering="reason")
    def reason_shown(self, row: Withdrawal) -> SafeString | str:
        return html.text(withdrawals.in_words(row.reason, row.text))

    @admin.display(description="Сумма", ordering="receipt__amount")
    def amount_shown(self, row: Withdrawal) -> SafeString:
        return html.amount(row.receipt.amount)

    @admin.display(description="Квитанция сейчас", ordering="receipt__state")
    def state_shown(self, row: Withdrawal) -> SafeString:
        return html.state_badge(row.receipt.state)

    @admin.display(description="Состояние")
    def state_long(self, row: Withdrawal) -> SafeString:
        return html.state_and_reason(row.receipt.state, row.receipt.reason)

    @admin.display(description="Принята сервером", ordering="accepted_at")
    def accepted_shown(self, row: Withdrawal) -> str:
        return show.local(row.accepted_at, row.receipt.issued_offset_min)

    @admin.display(description="Отмена принята сервером")
    def accepted_long(self, row: Withdrawal) -> str:
        return show.local_and_moscow(row.accepted_at, row.receipt.issued_offset_min)

    @admin.display(description="Отменена агентом")
    def withdrawn_shown(self, row: Withdrawal) -> str:
        return show.local_and_moscow(row.withdrawn_at, row.receipt.issued_offset_min)

    @admin.display(description="После сохранения прошло")
    def after_shown(self, row: Withdrawal) -> str:
        if row.withdrawn_at < row.receipt.issued_at:
            return "по часам телефона — раньше сохранения"
        return show.ago(row.receipt.issued_at, row.withdrawn_at)

    @admin.display(description="Копию клиент видел")
    def copy_shown_shown(self, row: Withdrawal) -> str:
        return "да" if row.copy_shown else "нет"

    @admin.display(description="С телефона")
    def installation_shown(self, row: Withdrawal) -> SafeString | str:
        return html.link(row.installation)

    @admin.display(description="Квитанция")
    def receipt_shown(self, row: Withdrawal) -> SafeString | str:
        return html.link(row.receipt)

    @admin.display(description="Оформлена")
    def issued_shown(self, row: Withdrawal) -> str:
        return show.local_and_moscow(row.receipt.issued_at, row.receipt.issued_offset_min)

    @admin.display(description="Страхователь")
    def insurant_shown(self, row: Withdrawal) -> SafeString | str:
        return html.clipped(row.receipt.insurant)

    @admin.display(description="Кто решил")
    def ended_by_shown(self, row: Withdrawal) -> SafeString | str:
        return html.link(row.ended_by)

    @admin.display(description="Когда")
    def ended_long(self, row: Withdrawal) -> SafeString | str:
        return html.at(row.ended_at)

    @admin.display(description="Как решено")
    def ended_text_shown(self, row: Withdrawal) -> SafeString | str:
        return html.text(row.ended_text)

    @admin.display(description="id отмены")
    def id_shown(self, row: Withdrawal) -> SafeString | str:
        return html.code(row.pk)

    @admin.display(description="Конверт")
    def envelope_shown(self, row: Withdrawal) -> SafeString | str:
        return html.block(row.envelope)
