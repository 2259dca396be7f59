"""The directories a receipt refers to: rows, not releases."""

from django.db import models


class Product(models.Model):
    """A kind of insurance. `series_pattern` is a regular expression that warns, never refuses."""

    code = models.SlugField("код", primary_key=True, max_length=32)
    name = models.CharField("вид страхования", max_length=120)
    series_pattern = models.CharField("образец серии", max_length=120, blank=True)
    number_pattern = models.CharField("образец номера", max_length=120, blank=True)
    default_series = models.CharField("обычная серия", max_length=16, blank=True)
    position = models.PositiveSmallIntegerField("порядок", default=100)
    is_active = models.BooleanField("в продаже", default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = "вид страхования"
        verbose_name_plural = "виды страхования"

    def __str__(self) -> str:
        return self.name


class PaymentForm(models.Model):
    """A form of payment: a row, not a release (P33). `check_tag` is 1031 (cash) or 1081 (electronic)."""

    code = models.SlugField("код", primary_key=True, max_length=32)
    name = models.CharField("форма оплаты", max_length=60)
    check_tag = models.PositiveSmallIntegerField(
        "тег чека", choices=[(1031, "1031 наличными"), (1081, "1081 безналичными")]
    )
    is_cash = models.BooleanField("наличные")
    reference_label = models.CharField("что спросить", max_length=120, blank=True)
    reference_pattern = models.CharField("образец ответа", max_length=120, blank=True)
    position = models.PositiveSmallIntegerField("порядок", default=100)
    is_active = models.BooleanField("принимаем", default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = "форма оплаты"
        verbose_name_plural = "формы оплаты"

    def __str__(self) -> str:
        return self.name


class DocumentKind(models.Model):
    """A document that names the person on the check. `check_code` is tag 1245's (21 = РФ passport)."""

    code = models.SlugField("код", primary_key=True, max_length=20)
    name = models.CharField("документ", max_length=60)
    check_code = models.CharField("код тега 1245", max_length=2, blank=True)
    pattern = models.CharField("образец номера", max_length=120, blank=True)
    position = models.PositiveSmallIntegerField("порядок", default=100)
    is_active = models.BooleanField("принимаем", default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = "вид документа"
        verbose_name_plural = "виды документов"

    def __str__(self) -> str:
        return self.name
