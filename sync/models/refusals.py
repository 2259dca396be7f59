"""The directory of what KIAS may refuse."""

from django.db import models


class Acts(models.TextChoices):
    """Who has to act on a refusal of KIAS (P09)."""

    AGENT = "agent", "агент"
    OFFICE = "office", "офис"
    WAIT = "wait", "никто: подождать и повторить"


class KiasRefusal(models.Model):
    """What a refusal of KIAS means to people. A code without a row is the office's (P09).

    `text` is what the agent reads; `{reason}` in it is KIAS's own text. `field` is the form's field to mark.
    """

    code = models.CharField("код КИАС", primary_key=True, max_length=40)
    acts = models.CharField("кто действует", max_length=8, choices=Acts, default=Acts.OFFICE)
    text = models.CharField("что прочтёт агент", max_length=300)
    field = models.CharField("поле квитанции", max_length=32, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = "отказ КИАС"
        verbose_name_plural = "отказы КИАС"

    def __str__(self) -> str:
        return self.code
