"""Names for the codes that a receipt carries. A code without a row is shown as it is."""

from receipts.models import PaymentForm, Product

INSURANT_KINDS = {"person": "физическое лицо", "organisation": "организация"}
CHECK_TO = {"insurant": "страхователя", "payer": "плательщика"}
DOCUMENT_KINDS = {
    "inn": "ИНН",
    "passport_rf": "Паспорт РФ",
    "passport_foreign": "Иностранный паспорт",
    "residence_permit": "Вид на жительство",
    "other": "Другой документ",
}


def product(code: str) -> str:
    found = Product.objects.filter(pk=code).first()
    return found.name if found else code


def payment_form(code: str) -> str:
    found = PaymentForm.objects.filter(pk=code).first()
    return found.name if found else code
