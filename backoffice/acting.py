"""A page on which a member of staff does one thing: what it means, a short form, a button, the way back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.refusals import RefusalError


def page(
    request: HttpRequest,
    form_class: Callable[..., forms.Form],
    do: Callable[[dict[str, Any]], str],
    *,
    title: str,
    about: str,
    words: str,
    button: str,
    back: str,
    danger: bool = False,
    **more: Any,
) -> HttpResponse:
    """Show the form, or do it and go `back`; a refusal is told at its field and nothing typed is lost.

    `do` takes the cleaned values and returns the sentence that says what became of it.
    """
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = do(form.cleaned_data)
        except RefusalError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, done)
            return redirect(back)
    context = admin.site.each_context(request) | {
        "title": title,
        "about": about,
        "words": words,
        "button": button,
        "variant": "danger" if danger else "primary",
        "back": back,
        "form": form,
    }
    return TemplateResponse(request, "backoffice/act.html", context | more)
