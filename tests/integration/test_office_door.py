"""Ways around the office's door, each of them shut: the authenticator's setting up, a login half-way in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from backoffice import totp
from backoffice.roles import Role
from tests.support.addresses import addresses
from tests.support.office import (
    enter,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]
PASSWORD = "a long phrase of the operator"
CODE = "/admin/login/code/"
_ROW = "00000000-0000-4000-8000-000000000000"


def newcomer() -> User:
    """An operator with a password and no authenticator yet."""
    person = make_staff(Role.OPERATOR)
    person.set_password(PASSWORD)
    person.save()
    return person


def password_typed(person: User) -> Client:
    browser = Client()
    browser.post("/admin/login/", {"username": person.username, "password": PASSWORD})
    return browser


def offered_to(browser: Client) -> TOTPDevice:
    browser.get(CODE)
    return TOTPDevice.objects.get(pk=browser.session["office_offered"])


def shown_by(device: TOTPDevice) -> str:
    return f"{hotp(device.bin_key, int(timezone.now().timestamp()) // device.step, digits=device.digits):06}"


# --- the authenticator's setting up


def test_whoever_looked_at_the_setting_up_before_holds_no_copy_of_the_owner_s_authenticator() -> None:
    """A leaked first password: the key he saw is not the one that its owner confirms."""
    person = newcomer()
    thief, owner = password_typed(person), password_typed(person)
    seen, own = offered_to(thief), offered_to(owner)
    assert seen.key != own.key
    assert owner.post(CODE, {"token": shown_by(own)}).status_code == 302
    assert TOTPDevice.objects.get(user=person) == own  # what the other one was offered is gone
    answer = thief.post(CODE, {"token": shown_by(seen)})
    assert answer.status_code == 200
    assert thief.get("/admin/").status_code == 302


def test_of_two_set_up_at_once_the_second_becomes_no_second_authenticator() -> None:
    person = newcomer()
    browser = password_typed(person)
    device = offered_to(browser)
    TOTPDevice.objects.create(user=person, confirmed=True)
    with pytest.raises(totp.SetUpElsewhereError):
        totp.accept(device, shown_by(device), address="192.0.2.1", now=timezone.now())
    assert TOTPDevice.objects.filter(user=person, confirmed=True).count() == 1


def test_keys_offered_and_never_confirmed_do_not_pile_up() -> None:
    person = newcomer()
    offered_to(password_typed(person))
    TOTPDevice.objects.update(created_at=timezone.now() - timedelta(hours=2))
    offered_to(password_typed(person))
    assert TOTPDevice.objects.filter(user=person).count() == 1


def test_after_a_reset_an_open_session_sets_up_nothing_without_the_password() -> None:
    person = newcomer()
    stolen = enter(person)
    TOTPDevice.objects.filter(user=person).delete()  # what the reset does
    assert stolen.get("/admin/").status_code == 302
    answer = stolen.get(CODE)
    assert answer.headers["Location"].startswith("/admin/login/?")
    assert not stolen.session.get("_auth_user_id")
    assert not TOTPDevice.objects.filter(user=person).exists()


# --- half-way in


def test_nobody_half_way_in_reaches_any_address_of_the_office() -> None:
    person = make_staff(Role.SENIOR)
    person.is_superuser = True
    person.save()
    TOTPDevice.objects.create(user=person, confirmed=True)
    half = Client()
    half.force_login(person)
    open_to_all = {"login", "second_step", "logout"}
    known = {address: name for address, name in addresses("admin/") if name not in open_to_all}
    assert len(known) > 100
    assert {"/admin/flower/", "/admin/system/", "/admin/autocomplete/", "/admin/jsi18n/", "/admin/search/",
            "/admin/password_change/"} <= known.keys()  # fmt: skip
    for address in known:
        for method in (half.get, half.post):
            answer = method(address)
            refused = answer.status_code == 405 or (
                answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/")
            )
            assert refused, f"{method.__name__} {address}: {answer.status_code}"
