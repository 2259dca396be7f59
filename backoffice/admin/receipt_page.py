"""What one receipt's page shows, in the order in which the office asks for it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice import directories, evidence, html, reasons, show
from receipts.contacts import ContactDoubt
from receipts.models import Receipt
from receipts.words import amount_in_words


class ReceiptPage:
    """The fields of the receipt's page; mixed into its admin class."""

    fieldsets = [
        (
            "Квитанция",
            {
                "fields": [
                    ("state_long", "number_shown"),
                    ("amount_shown", "amount_in_words"),
                    ("payment_shown", "comment_shown"),
                    ("receipt_day", "issued_shown"),
                    "accounting_shown",
                    ("source", "accepted_long"),
                    ("kind_shown", "replaces_shown"),
                ]
            },
        ),
        (
            "Клиент",
            {
                "fields": [
                    ("insurant_long", "payer_shown"),
                    ("document_shown", "check_to_shown"),
                    ("phone_shown", "email_shown"),
                    "check_contact_shown",
                ]
            },
        ),
        (
            "Полис",
            {"fields": [("product_shown", "policy_shown"), ("policy_day", "instalment")]},
        ),
        (
            "Время и устройство",
            {
                "fields": [
                    "evidence_shown",
                    ("doubt_shown", "zone_shown"),
                    ("agent_long", "installation_shown"),
                    ("carrier_shown", "app_version_shown"),
                ]
            },
        ),
        (
            "Чек",
            {"fields": [("kias_isn_shown", "check_shown"), ("check_formed", "qr_shown")]},
        ),
        (
            "Для поддержки",
            {"classes": ["collapse"], "fields": ["id_shown", "content_hash_shown", "envelope_shown"]},
        ),
    ]

    @admin.display(description="Номер", ordering="number")
    def number_shown(self, receipt: Receipt) -> SafeString | str:
        return html.number(receipt.number)

    @admin.display(description="Полис", ordering="policy_folded")
    def policy_shown(self, receipt: Receipt) -> SafeString | str:
        return html.number(f"{receipt.policy_series} {receipt.policy_number}".strip())

    @admin.display(description="Сумма", ordering="amount")
    def amount_shown(self, receipt: Receipt) -> SafeString:
        return html.amount(receipt.amount)

    @admin.display(description="Состояние")
    def state_long(self, receipt: Receipt) -> SafeString:
        return html.state_and_reason(receipt.state, receipt.reason)

    @admin.display(description="Прописью")
    def amount_in_words(self, receipt: Receipt) -> str:
        try:
            return amount_in_words(receipt.amount)
        except ValueError:  # a held receipt may carry a sum that no words were made for
            return html.NOTHING

    @admin.display(description="Форма оплаты")
    def payment_shown(self, receipt: Receipt) -> SafeString | str:
        name = directories.payment_form(receipt.payment_form)
        if receipt.no_reference_reason:
            return html.text(f"{name} · нет слипа: {receipt.no_reference_reason}")
        return html.text(f"{name} · {receipt.payment_reference}" if receipt.payment_reference else name)

    @admin.display(description="Дата квитанции")
    def receipt_day(self, receipt: Receipt) -> str:
        return show.day(receipt.receipt_date)

    @admin.display(description="Оформлена")
    def issued_shown(self, receipt: Receipt) -> str:
        return show.local_and_moscow(receipt.issued_at, receipt.issued_offset_min)

    @admin.display(description="Принята сервером")
    def accepted_long(self, receipt: Receipt) -> str:
        return show.local_and_moscow(receipt.accepted_at, receipt.issued_offset_min)

    @admin.display(description="Дата проводки")
    def accounting_shown(self, receipt: Receipt) -> str:
        """KIAS enters it under this day because its own is closed; both days stand here (P09)."""
        if receipt.accounting_date is None:
            return "совпадает с датой квитанции"
        return f"{show.day(receipt.accounting_date)}: период даты квитанции в КИАС закрыт"

    @admin.display(description="Вид чека")
    def kind_shown(self, receipt: Receipt) -> SafeString | str:
        if receipt.refund_of is None:
            return receipt.get_kind_display()
        return format_html("{} по {}", receipt.get_kind_display(), html.link(receipt.refund_of))

    @admin.display(description="Взамен")
    def replaces_shown(self, receipt: Receipt) -> SafeString | str:
        if receipt.replaces is None:
            return html.NOTHING
        replaced = Receipt.objects.filter(pk=receipt.replaces).first()
        return html.link(replaced) if replaced else html.code(receipt.replaces)

    @admin.display(description="Комментарий")
    def comment_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(receipt.comment)

    @admin.display(description="Страхователь")
    def insurant_long(self, receipt: Receipt) -> SafeString | str:
        kind = directories.INSURANT_KINDS.get(receipt.insurant_kind, receipt.insurant_kind)
        return html.text(f"{receipt.insurant} ({kind})")

    @admin.display(description="Плательщик")
    def payer_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(receipt.payer or "он же")

    @admin.display(description="Документ")
    def document_shown(self, receipt: Receipt) -> SafeString | str:
        kind = directories.document_kind(receipt.document_kind)
        return html.text(f"{kind}: {receipt.document_number}")

    @admin.display(description="Чек на")
    def check_to_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(directories.CHECK_TO.get(receipt.check_to, receipt.check_to))

    @admin.display(description="Телефон")
    def phone_shown(self, receipt: Receipt) -> SafeString | str:
        if receipt.no_contact:
            return "Нет телефона и почты"
        return html.text(show.phone_number(receipt.contact_phone))

    @admin.display(description="E-mail")
    def email_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(receipt.contact_email)

    @admin.display(description="Контакт для чека")
    def check_contact_shown(self, receipt: Receipt) -> SafeString | str:
        if receipt.corrected_contact:
            contact = receipt.corrected_contact
            shown = contact if "@" in contact else show.phone_number(contact)
            return html.text(f"{shown} (исправлен офисом)")
        if receipt.contact_doubt in ContactDoubt.values:
            doubt = ContactDoubt(receipt.contact_doubt)
            return html.badge("held", f"Контакт не клиента? {doubt.label.capitalize()}")
        return "адрес страховщика" if receipt.no_contact else "как ввёл агент"

    @admin.display(description="Вид страхования")
    def product_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(directories.product(receipt.product_code))

    @admin.display(description="Дата полиса")
    def policy_day(self, receipt: Receipt) -> str:
        return show.day(receipt.policy_date)

    @admin.display(description="Что известно о времени")
    def evidence_shown(self, receipt: Receipt) -> str:
        return evidence.in_words(receipt)

    @admin.display(description="Сомнение в дате")
    def doubt_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(reasons.words(receipt.date_doubt) if receipt.date_doubt else "нет")

    @admin.display(description="Часовой пояс телефона")
    def zone_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(f"{show.zone(receipt.issued_offset_min)} {receipt.issued_zone}".strip())

    @admin.display(description="Агент")
    def agent_long(self, receipt: Receipt) -> SafeString | str:
        return html.link(receipt.agent)

    @admin.display(description="Установка приложения")
    def installation_shown(self, receipt: Receipt) -> SafeString | str:
        return html.link(receipt.installation)

    @admin.display(description="Кто передал")
    def carrier_shown(self, receipt: Receipt) -> SafeString | str:
        if receipt.carrier_id == receipt.installation_id:
            return "сам телефон агента"
        return html.link(receipt.carrier)

    @admin.display(description="Версия приложения")
    def app_version_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(receipt.app_version)

    @admin.display(description="ISN в КИАС")
    def kias_isn_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(receipt.kias_isn)

    @admin.display(description="ФН / ФД / ФПД")
    def check_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(
            " / ".join(part for part in (receipt.check_fn, receipt.check_fd, receipt.check_fpd) if part)
        )

    @admin.display(description="Чек сформирован")
    def check_formed(self, receipt: Receipt) -> str:
        if receipt.check_formed_at is None:
            return html.NOTHING
        return show.local_and_moscow(receipt.check_formed_at, receipt.issued_offset_min)

    @admin.display(description="Строка QR-кода чека")
    def qr_shown(self, receipt: Receipt) -> SafeString | str:
        return html.code(receipt.check_qr)

    @admin.display(description="id квитанции (ExternalId в КИАС)")
    def id_shown(self, receipt: Receipt) -> SafeString | str:
        return html.code(receipt.id)

    @admin.display(description="Отпечаток содержания")
    def content_hash_shown(self, receipt: Receipt) -> SafeString | str:
        return html.code(receipt.content_hash)

    @admin.display(description="Конверт")
    def envelope_shown(self, receipt: Receipt) -> SafeString | str:
        return html.block(receipt.envelope)
