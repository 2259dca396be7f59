"""Names for the codes that a receipt carries. A code without a row is shown as it is."""

from receipts.models import DocumentKind, PaymentForm, Product

INSURANT_KINDS = {"person": "физическое лицо", "organisation": "организация"}
CHECK_TO = {"insurant": "страхователя", "payer": "плательщика"}


def product(code: str) -> str:
    found = Product.objects.filter(pk=code).first()
    return found.name if found else code


def payment_form(code: str) -> str:
    found = PaymentForm.objects.filter(pk=code).first()
    return found.name if found else code


def document_kind(code: str) -> str:
    """`inn` is no document of the directory (P29)."""
    if code == "inn":
        return "ИНН"
    found = DocumentKind.objects.filter(pk=code).first()
    return found.name if found else code
