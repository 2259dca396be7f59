"""The second step of the staff's login: a code of the authenticator; at the first login it is set up here."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import addresses
from accounts.refusals import RefusalError
from backoffice import audit, staff_session, totp
from backoffice.forms import TokenField

_OFFERED = "office_offered"


class SecondStepForm(forms.Form):
    token = TokenField()


def go(request: HttpRequest) -> HttpResponse:
    """On to the code; where the person wanted to go stays in the address."""
    return redirect(f"{reverse('admin:second_step')}?{urlencode({'next': _wanted(request)})}")


def answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The page, the typed code, or «Войти под другим именем»."""
    if not staff_session.is_half_open(request) or "leave" in request.POST or staff_session.is_over(request):
        logout(request)
        return redirect(f"{reverse('admin:login')}?{urlencode({'next': _wanted(request)})}")
    now = timezone.now()
    if staff_session.is_open(request, now=now):
        return redirect(_wanted(request))
    person = staff_session.person(request)
    known = totp.device_of(person)
    device = known or _offered(request, now)
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            totp.accept(device, form.cleaned_data["token"], address=addresses.address_of(request), now=now)
        except RefusalError as refusal:
            form.add_error("token", refusal.message)
        else:
            staff_session.begin(request, device, now=now)
            audit.note(
                person,
                person,
                "Вход" if known else "Вход, подключено приложение с кодами",
                flag=audit.ENTERED,
            )
            return redirect(_wanted(request))
    setup = None if known else {"picture": totp.picture(device), "secret": totp.secret(device)}
    shown = {"title": "Код из приложения", "form": form, "setup": setup, "who": str(person)}
    return TemplateResponse(request, "backoffice/second_step.html", context | shown)


def _offered(request: HttpRequest, now: datetime) -> TOTPDevice:
    """The device that this very browser is setting up."""
    device = totp.offered(staff_session.person(request), request.session.get(_OFFERED), now=now)
    request.session[_OFFERED] = device.pk
    return device


def _wanted(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("admin:index")
