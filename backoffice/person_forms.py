"""The forms of people in the office: one spelling of numbers, clean names, a status that may be set (P17)."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import agents, phone_numbers
from accounts.models import User
from receipts.text import is_hostile


def _readable(name: str) -> str:
    """Names stand on receipts, in KIAS and in page titles: no hidden sign gets into them (P31)."""
    if is_hostile(name):
        raise ValidationError("Здесь есть скрытые знаки. Сотрите и наберите имя заново.")
    return name


class CleanPerson:
    """One spelling for all phone numbers, whatever is typed; an agent cannot do without one; clean names."""

    def clean_phone_number(self) -> str | None:
        typed = (self.cleaned_data.get("phone_number") or "").strip()  # type: ignore[attr-defined]
        if not typed:
            return None
        number = phone_numbers.normalise(typed)
        if number is None:
            raise ValidationError(phone_numbers.PhoneNumberError.message)
        return number

    def clean_last_name(self) -> str:
        return _readable(self.cleaned_data["last_name"])  # type: ignore[attr-defined]

    def clean_first_name(self) -> str:
        return _readable(self.cleaned_data["first_name"])  # type: ignore[attr-defined]

    def clean_middle_name(self) -> str:
        return _readable(self.cleaned_data["middle_name"])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}  # type: ignore[misc]
        number = cleaned.get("phone_number") or self.instance.phone_number  # type: ignore[attr-defined]
        without_number = not number and "phone_number" not in self.errors  # type: ignore[attr-defined]
        if cleaned.get("agent_status") and without_number:
            self.add_error("phone_number", "Агент входит по коду из SMS: укажите его телефон.")  # type: ignore[attr-defined]
        return cleaned


def _phone_number_field() -> forms.CharField:
    """Wider than the column: what is typed holds spaces, brackets and dashes."""
    return forms.CharField(
        label="Телефон", max_length=40, required=False, widget=UnfoldAdminTextInputWidget()
    )


class NewPersonForm(CleanPerson, forms.ModelForm):  # type: ignore[type-arg]
    """A new person. Staff get their password on the next page; agents never need one."""

    phone_number = _phone_number_field()

    class Meta:
        model = User
        fields = ["last_name", "first_name", "middle_name", "phone_number", "agent_status", "agent_contract"]

    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit=False)
        person.username = f"person-{uuid.uuid4().hex[:12]}"
        person.set_unusable_password()
        if commit:
            person.save()
        return person


class PersonForm(CleanPerson, UserChangeForm):  # type: ignore[misc]  # unfold is untyped
    phone_number = _phone_number_field()
    status_reason = forms.CharField(
        label="Причина",
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Почему меняется «работа агентом»: останется в истории.",
    )
    #: the member of staff who fills it in
    staff: User

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "agent_status" in self.changed_data:
            wanted, reason = cleaned.get("agent_status", ""), cleaned.get("status_reason", "")
            try:
                agents.check_status(self.instance, wanted, by=self.staff, reason=reason)
            except agents.UnsentLeftError as refusal:
                field = "status_reason" if refusal.field == "reason" else "agent_status"
                self.add_error(field, refusal.message)
        return cleaned
