"""What the phone's calls take and give (docs/protocol.md). Every text and integer taken is bounded.

The given ones describe answers for OpenAPI; views build the answers themselves, which is much quicker.
"""

from typing import Any

from rest_framework import serializers

from accounts.serializers import AgentSerializer
from receipts.states import State
from sync.feed import MAX_CHANGES
from sync.intake import MAX_ITEMS

MAX_STATUS_IDS = MAX_CHANGES
#: numbers of each kind that one contact may report
MAX_REPORTED = 100
_INT_32 = 2**31 - 1
_INT_63 = 2**63 - 1
_STATES = [(state.value, state.label) for state in State]


# --- ping


class WaitingSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0, max_value=_INT_32)
    sum = serializers.IntegerField(min_value=0, max_value=_INT_63, help_text="Kopecks.")


class ContactRequestSerializer(serializers.Serializer[Any]):
    contact_token = serializers.CharField(max_length=64, allow_null=True, allow_blank=True)
    counter = serializers.IntegerField(min_value=0, max_value=_INT_32)
    cursor = serializers.IntegerField(min_value=0, max_value=_INT_63)
    waiting = WaitingSerializer()
    app_version = serializers.CharField(max_length=32, allow_blank=True)
    device_time = serializers.DateTimeField()
    storage_persisted = serializers.BooleanField(allow_null=True)
    storage_usage = serializers.IntegerField(
        min_value=0, max_value=_INT_63, default=None, allow_null=True, help_text="Bytes, by its estimate."
    )
    storage_quota = serializers.IntegerField(min_value=0, max_value=_INT_63, default=None, allow_null=True)
    backward_jumps = serializers.IntegerField(
        min_value=0,
        max_value=_INT_32,
        default=0,
        help_text="Of the phone's clock, as far as it saw them (P13).",
    )
    void_numbers = serializers.ListField(
        child=serializers.CharField(max_length=16), max_length=MAX_REPORTED, default=list
    )
    spoiled = serializers.ListField(
        child=serializers.CharField(max_length=16), max_length=MAX_REPORTED, default=list
    )


class PingInstallationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    counter = serializers.IntegerField(help_text="The highest counter the server has seen under this code.")


class SessionSerializer(serializers.Serializer[Any]):
    ends_at = serializers.DateTimeField()
    ask_ahead = serializers.BooleanField(help_text="Ask for a new code now, while there is network (P16).")


class ServerTimeSerializer(serializers.Serializer[Any]):
    time = serializers.CharField()
    signature = serializers.CharField()


class PingSerializer(serializers.Serializer[Any]):
    agent = AgentSerializer(allow_null=True)
    installation = PingInstallationSerializer(allow_null=True)
    session = SessionSerializer(allow_null=True)
    revoked = serializers.BooleanField(help_text="The session ended because its installation was revoked.")
    update_required = serializers.BooleanField(help_text="This release of the app must not wait (P21).")
    epoch = serializers.UUIDField()
    server_time = ServerTimeSerializer()
    csrf = serializers.CharField()


class NoticeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class ContactSerializer(PingSerializer):
    contact_token = serializers.CharField(help_text="To be stored before anything is sent.")
    highest = serializers.IntegerField(help_text="The newest change number of this agent.")
    elsewhere = WaitingSerializer(help_text="What his other phones reported as unsent (P35).")
    notices = NoticeSerializer(many=True)
    backed_up_until = serializers.DateTimeField(
        allow_null=True, help_text="What was accepted before is in a verified backup; null before the first."
    )


# --- setup


class SealingKeySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    public_key = serializers.CharField(help_text="Base64 of the raw 65-byte P-256 point.")


class ProductSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    series_pattern = serializers.CharField()
    number_pattern = serializers.CharField()
    default_series = serializers.CharField()


class DocumentKindSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    pattern = serializers.CharField()


class PaymentFormSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    is_cash = serializers.BooleanField()
    reference_label = serializers.CharField()
    reference_pattern = serializers.CharField()


class InsurerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    inn = serializers.CharField()
    address = serializers.CharField()
    licence = serializers.CharField()


class CheckTermsSerializer(serializers.Serializer[Any]):
    deadline_days = serializers.IntegerField(help_text="From the receipt's day to the check's last one.")
    warn_working_days = serializers.IntegerField(help_text="Of waiting, after which the phone warns.")


class SetupSerializer(serializers.Serializer[Any]):
    sealing_key = SealingKeySerializer()
    products = ProductSerializer(many=True)
    payment_forms = PaymentFormSerializer(many=True)
    document_kinds = DocumentKindSerializer(many=True)
    insurer = InsurerSerializer(help_text="As the client's copy names it (P24).")
    backdate_days = serializers.IntegerField()
    pin_required = serializers.BooleanField(help_text="Whether readable rows must lie behind a PIN (P27).")
    check_terms = CheckTermsSerializer(help_text="When the phone speaks of what waits (P39).")
    withdraw_minutes = serializers.IntegerField(help_text="How soon an agent's own withdrawal annuls (P01).")


# --- online numbers


class NumberSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(allow_null=True, help_text="Null: there is none to give.")
    installation = serializers.UUIDField(help_text="Whose it is: a session may have changed meanwhile.")


# --- intake


class BatchSerializer(serializers.Serializer[Any]):
    envelopes = serializers.ListField(child=serializers.CharField(), max_length=MAX_ITEMS)


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True)
    result = serializers.ChoiceField(["accepted", "already_accepted", "held", "later"])
    state = serializers.ChoiceField(_STATES, required=False)
    reason = serializers.CharField(required=False)


class AnswersSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True)


class StatusRequestSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_STATUS_IDS)


class FateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    result = serializers.ChoiceField(["unknown", "accepted", "held"])
    state = serializers.ChoiceField(_STATES, required=False)


class StatusSerializer(serializers.Serializer[Any]):
    receipts = FateSerializer(many=True)


# --- states, list, one receipt


class StatesRequestSerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(min_value=0, max_value=_INT_63, default=0)


class CheckSerializer(serializers.Serializer[Any]):
    fn = serializers.CharField()
    fd = serializers.CharField()
    fpd = serializers.CharField()
    formed_at = serializers.DateTimeField()
    qr = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Any]):
    change = serializers.IntegerField()
    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(_STATES)
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    text = serializers.CharField()
    amount = serializers.IntegerField(help_text="Kopecks.")
    receipt_date = serializers.DateField()
    issued_at = serializers.DateTimeField()
    installation = serializers.UUIDField()
    acts = serializers.CharField(help_text="After a refusal: `agent`, `office` or nobody.")
    field = serializers.CharField(help_text="After a refusal: the form's field to mark.")
    replaces = serializers.UUIDField(allow_null=True)
    refunded = serializers.BooleanField(
        help_text="The office gave its check back: it counts for nothing (P08)."
    )
    check = CheckSerializer(allow_null=True)


class StatesSerializer(serializers.Serializer[Any]):
    changes = ChangeSerializer(many=True)
    cursor = serializers.IntegerField()
    more = serializers.BooleanField()


class SearchRequestSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=100, allow_blank=True, default="")
    before = serializers.CharField(max_length=120, allow_null=True, default=None)


class FoundSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(_STATES)
    amount = serializers.IntegerField(help_text="Kopecks.")
    receipt_date = serializers.DateField()
    issued_at = serializers.DateTimeField()
    insurant = serializers.CharField(help_text="Shortened: «Сидорова А. П.»")


class SearchSerializer(serializers.Serializer[Any]):
    receipts = FoundSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(_STATES)
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    text = serializers.CharField()


class ReceiptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(_STATES)
    reason = serializers.CharField()
    acts = serializers.CharField()
    installation = serializers.UUIDField()
    issued_at = serializers.DateTimeField()
    offset_min = serializers.IntegerField()
    receipt_date = serializers.DateField()
    product = serializers.CharField()
    policy_series = serializers.CharField()
    policy_number = serializers.CharField()
    policy_date = serializers.DateField(allow_null=True)
    instalment = serializers.IntegerField()
    amount = serializers.IntegerField(help_text="Kopecks.")
    payment_form = serializers.CharField()
    payment_reference = serializers.CharField()
    no_reference_reason = serializers.CharField()
    insurant = serializers.CharField()
    insurant_kind = serializers.ChoiceField(["person", "organisation"])
    payer = serializers.CharField()
    check_to = serializers.ChoiceField(["insurant", "payer"])
    document_kind = serializers.CharField()
    document_number = serializers.CharField()
    contact_phone = serializers.CharField()
    contact_email = serializers.CharField()
    no_contact = serializers.BooleanField()
    comment = serializers.CharField()
    replaces = serializers.UUIDField(allow_null=True)
    replaces_number = serializers.CharField(help_text="Empty where it is not known.")
    refunded = serializers.BooleanField()
    check = CheckSerializer(allow_null=True)
    history = StepSerializer(many=True)
