"""Receipts and their history. Only `receipts.registry` writes them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Installation
from receipts.states import State
from receipts.validation import MAX_AMOUNT


class Source(models.TextChoices):
    PHONE = "phone", "с телефона"
    FILE = "file", "из файла"
    PAPER = "paper", "с бумаги"
    OFFICE = "office", "офис"


class Kind(models.TextChoices):
    """Which check it brings: money taken (приход) or money given back (возврат прихода)."""

    SALE = "sale", "приход"
    REFUND = "refund", "возврат"


class Receipt(models.Model):
    """A premium receipt as its agent issued it. What he typed is frozen; only the state moves on.

    `id` (UUIDv7 made on the phone) is the idempotency key on both hops for ever; `id` and `number` are
    unique without exception. `amount` is in kopecks. `envelope` holds the signed bytes it came in; a receipt
    of the office (`source`) has none, and names agent and installation of the chain it belongs to.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField("номер", max_length=16)
    number_folded = models.CharField(max_length=16)
    counter = models.PositiveIntegerField(null=True, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="агент",
        on_delete=models.PROTECT,
        related_name="receipts",
        db_index=False,
    )
    installation = models.ForeignKey(
        Installation,
        verbose_name="установка",
        on_delete=models.PROTECT,
        related_name="receipts",
        db_index=False,
    )
    carrier = models.ForeignKey(
        Installation,
        verbose_name="передала",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    source = models.CharField("откуда", max_length=8, choices=Source, default=Source.PHONE)

    state = models.CharField("состояние", max_length=12, choices=State.choices)
    reason = models.CharField("причина", max_length=40, blank=True)
    #: after a refusal: who has to act, `agent` or `office` (P09; `sync.models.KiasRefusal`)
    acts = models.CharField("кто действует", max_length=8, blank=True)

    issued_at = models.DateTimeField("оформлена")
    issued_offset_min = models.SmallIntegerField("смещение от UTC, мин")
    issued_zone = models.CharField("часовой пояс", max_length=64, blank=True)
    receipt_date = models.DateField("дата")
    date_doubt = models.CharField("сомнение в дате", max_length=40, blank=True)
    evidence = models.JSONField("свидетельства о времени", default=dict)

    product_code = models.CharField("вид страхования", max_length=32)
    policy_series = models.CharField("серия полиса", max_length=16, blank=True)
    policy_number = models.CharField("номер полиса", max_length=32)
    policy_folded = models.CharField(max_length=48)
    policy_date = models.DateField("дата полиса", null=True, blank=True)
    instalment = models.PositiveSmallIntegerField("взнос №", default=1)
    amount = models.BigIntegerField("сумма, коп.")
    payment_form = models.CharField("форма оплаты", max_length=32)
    payment_reference = models.CharField("код операции", max_length=64, blank=True)
    no_reference_reason = models.CharField("почему нет слипа", max_length=120, blank=True)

    insurant = models.CharField("страхователь", max_length=256)
    insurant_folded = models.CharField(max_length=256, blank=True)
    insurant_kind = models.CharField("кто страхователь", max_length=12)
    payer = models.CharField("плательщик", max_length=256, blank=True)
    check_to = models.CharField("чек на", max_length=8)
    document_kind = models.CharField("документ", max_length=20)
    document_number = models.CharField("номер документа", max_length=40)
    contact_phone = models.CharField("телефон", max_length=16, blank=True)
    contact_email = models.CharField("e-mail", max_length=64, blank=True)
    no_contact = models.BooleanField("нет телефона и почты", default=False)
    #: «Контакт не клиента?»: `agent`, `staff` or `shared` (P23); empty while nothing is doubtful
    contact_doubt = models.CharField("контакт не клиента?", max_length=8, blank=True)
    #: the office's better contact for the check, phone number or e-mail; what was typed stays as it is (P23)
    corrected_contact = models.CharField("исправленный контакт", max_length=64, blank=True)
    comment = models.CharField("комментарий", max_length=500, blank=True)
    replaces = models.UUIDField("взамен", null=True, blank=True)
    kind = models.CharField("вид чека", max_length=8, choices=Kind, default=Kind.SALE)
    #: of a refund: the receipt whose check it gives back, always for its whole sum (ADR 0029)
    refund_of = models.ForeignKey(
        "self",
        verbose_name="возврат по",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
        db_index=False,
    )
    #: the day under which KIAS enters it when its own is closed; the receipt's date stays (P09)
    accounting_date = models.DateField("дата проводки", null=True, blank=True)
    check_token = models.CharField(max_length=16, blank=True)

    content_hash = models.CharField(max_length=64)
    envelope = models.TextField()
    app_version = models.CharField("версия приложения", max_length=32, blank=True)
    accepted_at = models.DateTimeField("принята сервером")

    kias_isn = models.CharField("ISN в КИАС", max_length=20, blank=True)
    check_fn = models.CharField("ФН", max_length=16, blank=True)
    check_fd = models.CharField("ФД", max_length=10, blank=True)
    check_fpd = models.CharField("ФПД", max_length=10, blank=True)
    check_formed_at = models.DateTimeField("чек сформирован", null=True, blank=True)
    check_qr = models.CharField("QR чека", max_length=200, blank=True)

    class Meta:
        ordering = ["-accepted_at"]
        verbose_name = "квитанция"
        verbose_name_plural = "квитанции"
        permissions = [("set_accounting_date", "Задать дату проводки (P09)")]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_receipt_per_number"),
            # KIAS's answer that names another receipt's document, or its check, is held and looked at.
            models.UniqueConstraint(
                fields=["kias_isn"], name="one_receipt_per_isn", condition=~Q(kias_isn="")
            ),
            models.UniqueConstraint(
                fields=["check_fn", "check_fd", "check_fpd"],
                name="one_receipt_per_check",
                condition=~Q(check_fd=""),
            ),
            # A sum that no check can carry is a fact all the same: held, and never let go to KIAS.
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT) | Q(state__in=[State.HELD, State.ANNULLED]),
                name="receipt_amount_in_range",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="receipt_state_known"),
            # Only the office gives money back, and what it gives back is a receipt that is known.
            models.CheckConstraint(
                condition=Q(kind=Kind.SALE, refund_of=None)
                | Q(kind=Kind.REFUND, refund_of__isnull=False, source=Source.OFFICE, replaces=None),
                name="refund_has_its_original",
            ),
            models.CheckConstraint(condition=~Q(refund_of=F("id")), name="refund_is_not_of_itself"),
            # A double click, two operators at once: one living refund, one living correction of a receipt.
            models.UniqueConstraint(
                fields=["refund_of"],
                condition=Q(refund_of__isnull=False) & ~Q(state=State.ANNULLED),
                name="one_living_refund_of_a_receipt",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(source=Source.OFFICE, replaces__isnull=False) & ~Q(state=State.ANNULLED),
                name="one_living_correction_of_a_receipt",
            ),
        ]
        # Every index is paid at every intake: these are all, and the columns say no more on their own
        # (a CharField's or ForeignKey's own index would double most of them; docs/benchmarks.md).
        indexes = [
            models.Index(fields=["accepted_at"], name="receipt_accepted"),
            models.Index(fields=["receipt_date"], name="receipt_day"),
            models.Index(fields=["state"], name="receipt_state"),
            models.Index(fields=["agent", "-issued_at", "id"], name="receipt_of_agent"),
            models.Index(fields=["installation", "counter"], name="receipt_counter"),
            models.Index(fields=["replaces"], name="receipt_replaces", condition=Q(replaces__isnull=False)),
            models.Index(
                fields=["refund_of"], name="receipt_refund_of", condition=Q(refund_of__isnull=False)
            ),
            # Whose contact is it (P23), and the office's search by it.
            models.Index(fields=["contact_phone"], name="receipt_phone", condition=~Q(contact_phone="")),
            models.Index(fields=["contact_email"], name="receipt_email", condition=~Q(contact_email="")),
        ]

    def __str__(self) -> str:
        return self.number


class AgentFeed(models.Model):
    """The newest change number of an agent. Its row lock orders commits, so no cursor passes a gap."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    last_change = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.last_change}"


class Actor(models.TextChoices):
    """Who moved a receipt on."""

    PHONE = "phone", "телефон агента"
    SERVER = "server", "сервер"
    KIAS = "kias", "КИАС"
    OFFICE = "office", "офис"


class ReceiptEvent(models.Model):
    """One dated step of a receipt's life: which state, since when, who and why.

    `at` and the database's clock are one. `change` is the event's place in its agent's feed.
    """

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="events")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    change = models.BigIntegerField()
    state = models.CharField("состояние", max_length=12, choices=State.choices)
    reason = models.CharField("причина", max_length=40, blank=True)
    text = models.CharField("пояснение", max_length=500, blank=True)
    #: after a refusal: who has to act, and the field of the form that is to blame (P09)
    acts = models.CharField("кто действует", max_length=8, blank=True)
    field = models.CharField("поле", max_length=32, blank=True)
    actor = models.CharField("кто", max_length=8, choices=Actor)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="сотрудник",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField("когда")
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["change"]
        verbose_name = "событие"
        verbose_name_plural = "история"
        constraints = [
            models.UniqueConstraint(fields=["agent", "change"], name="one_event_per_change"),
            models.CheckConstraint(condition=Q(change__gt=0), name="change_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.at:%d.%m.%Y %H:%M}"
