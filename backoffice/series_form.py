"""What a series of online numbers may be (docs/protocol.md, «Online numbers»)."""

import re
from typing import Any

from django import forms

from receipts import numbers, series
from receipts.models import NumberSeries

_PREFIX = re.compile(r"[А-ЯA-Z0-9/-]*")


class SeriesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checked under the series' row lock, so that no phone is given a number meanwhile."""

    def clean_prefix(self) -> str:
        prefix = str(self.cleaned_data["prefix"]).upper()
        if not _PREFIX.fullmatch(prefix):
            raise forms.ValidationError("В префиксе бывают заглавные буквы, цифры, «-» и «/». Например: АВ-")
        if numbers.is_kept_for_phones(prefix):
            raise forms.ValidationError(
                "С «БС» и «УЧ» начинаются номера, которые телефоны дают без связи и при обучении. "
                "Выберите другой префикс, например АВ-"
            )
        return prefix

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        wanted = NumberSeries(
            **{name: getattr(self.instance, name) for name in ("prefix", "digits", "first", "last")}
        )
        for name in ("prefix", "digits", "first", "last"):
            if name in self.fields:
                if cleaned.get(name) is None:
                    return cleaned  # told at its field already
                setattr(wanted, name, cleaned[name])
        if self.instance.pk is not None:
            self._check_given(series.locked(self.instance.pk), wanted)
        if not self.errors:
            self._check_shape(wanted)
        if not self.errors:
            self._check_others(wanted)
        return cleaned

    def _check_given(self, now: NumberSeries, wanted: NumberSeries) -> None:
        if not series.has_given(now):
            return
        if {"prefix", "digits", "first"} & set(self.changed_data):
            self.add_error(None, "Пока вы правили, из серии уже выдали номер. Обновите страницу.")
        elif wanted.last < now.next - 1:
            given = series.text_of(now, now.next - 1)
            self.add_error("last", f"Номера по {given} уже выданы: последний не может быть меньше.")

    def _check_shape(self, wanted: NumberSeries) -> None:
        if wanted.first < 1:
            self.add_error("first", "Номера начинаются с 1.")
        elif wanted.last < wanted.first:
            self.add_error("last", "Последний номер меньше первого.")
        elif len(str(wanted.last)) > wanted.digits:
            self.add_error("last", f"В номере {wanted.digits} цифр: такой последний номер не поместится.")
        elif len(series.text_of(wanted, wanted.last)) > numbers.MAX_LENGTH:
            self.add_error(
                "digits",
                f"Номер длиннее {numbers.MAX_LENGTH} знаков не поместится в чек. "
                "Сократите префикс или число цифр.",
            )

    def _check_others(self, wanted: NumberSeries) -> None:
        for other in NumberSeries.objects.exclude(pk=self.instance.pk):
            if series.meet(wanted, other):
                self.add_error("first", f"Эти номера пересекаются с серией «{other}». Возьмите другие.")
                return
