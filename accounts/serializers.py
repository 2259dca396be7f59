"""What the login calls take and give (docs/protocol.md, «Calls»). Every text and integer is bounded."""

from typing import Any

from rest_framework import serializers

from accounts.models import Installation

MAX_NOTICES = 100
LARGEST_COUNTER = 2_147_483_647  # what the column holds


class LoginCodeRequestSerializer(serializers.Serializer[Any]):
    phone_number = serializers.CharField(max_length=40, help_text="As typed; normalised by the server.")


class LoginAttemptSerializer(serializers.Serializer[Any]):
    attempt = serializers.UUIDField()
    sign = serializers.CharField(help_text="Four signs to be read out to the office (P16).")
    office_phone = serializers.CharField(help_text="Where to call when no SMS comes.")
    resend_after = serializers.IntegerField(help_text="Seconds until the code may be sent again.")
    valid_for = serializers.IntegerField(help_text="Seconds the code is still good for.")
    tries_left = serializers.IntegerField()


class LoginConfirmSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=16)


class AgentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(source="full_name")
    phone_number = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["working", "handover_only"], source="agent_status")
    contract = serializers.CharField(source="agent_contract", help_text="Stands on the client's copy (P24).")


class LoggedInSerializer(serializers.Serializer[Any]):
    agent = AgentSerializer()


class KnownInstallationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField(max_length=5)
    counter = serializers.IntegerField(min_value=0, max_value=LARGEST_COUNTER)


class InstallationRequestSerializer(serializers.Serializer[Any]):
    public_key = serializers.CharField(max_length=88, help_text="Base64 of the raw 65-byte P-256 point.")
    proof = serializers.CharField(max_length=88, help_text="Base64 of r‖s over the prefix and csrf token.")
    name = serializers.CharField(max_length=120, allow_blank=True)
    app_version = serializers.CharField(max_length=32, allow_blank=True)
    known = KnownInstallationSerializer(required=False, allow_null=True)


class InstallationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    counter = serializers.IntegerField()


class InstallationAnswerSerializer(serializers.Serializer[Any]):
    installation = InstallationSerializer()


class WaitingOnPhoneSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(source="waiting_count")
    sum = serializers.IntegerField(source="waiting_sum", help_text="Kopecks.")


class OwnInstallationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    registered_at = serializers.DateTimeField()
    last_contact_at = serializers.DateTimeField(allow_null=True)
    this = serializers.SerializerMethodField(help_text="The one that asks.")
    waiting = WaitingOnPhoneSerializer(source="*", help_text="As it reported at its last contact.")

    def get_this(self, row: Installation) -> bool:
        return bool(row.pk == self.context["this"])


class OwnInstallationsSerializer(serializers.Serializer[Any]):
    installations = OwnInstallationSerializer(many=True)


class NoticesReadSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_NOTICES)


class NothingSerializer(serializers.Serializer[Any]):
    """An empty object."""
