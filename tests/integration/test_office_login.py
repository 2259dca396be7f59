"""The office's door: password, then a code; set up at the first login; for a while only (P20)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from backoffice import html
from backoffice.roles import Role
from tests.support.office import enter, make_staff, staff_client, token
from tests.support.pages import english

pytestmark = pytest.mark.django_db
PASSWORD = "a long phrase of the operator"
CODE = "/admin/login/code/"


@pytest.fixture
def operator() -> User:
    person = make_staff(Role.OPERATOR)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def known(operator: User) -> User:
    """An operator whose authenticator is set up."""
    TOTPDevice.objects.create(user=operator, confirmed=True)
    return operator


def password_typed(person: User, wanted: str = "/admin/receipts/receipt/") -> Client:
    browser = Client()
    answer = browser.post(f"/admin/login/?next={wanted}", {"username": person.username, "password": PASSWORD})
    assert answer.headers["Location"].startswith(CODE)
    return browser


def test_the_password_alone_opens_nothing_but_the_code_s_page(known: User) -> None:
    browser = password_typed(known)
    for address in ("/admin/", "/admin/receipts/receipt/", "/admin/jsi18n/", "/admin/password_change/"):
        assert browser.get(address).status_code == 302, address
    assert browser.get("/admin/login/").headers["Location"].startswith(CODE)


def test_the_right_code_leads_where_the_person_wanted_to_go(known: User) -> None:
    browser = password_typed(known)
    before = browser.cookies["kias_admin"].value
    answer = browser.post(f"{CODE}?next=/admin/receipts/receipt/", {"token": token(known)})
    assert answer.headers["Location"] == "/admin/receipts/receipt/"
    assert browser.cookies["kias_admin"].value != before  # nobody who saw the half-open session owns this one
    assert browser.get("/admin/receipts/receipt/").status_code == 200
    assert LogEntry.objects.filter(user=known, change_message="Вход", action_flag=5).exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_login_leads_to_no_foreign_page(known: User, elsewhere: str) -> None:
    browser = password_typed(known)
    answer = browser.post(f"{CODE}?next={elsewhere}", {"token": token(known)})
    assert answer.headers["Location"] == "/admin/"


def test_a_code_is_good_once(known: User) -> None:
    code = token(known)
    password_typed(known).post(CODE, {"token": code})
    again = password_typed(known).post(CODE, {"token": code})
    assert "Код не подошёл" in again.content.decode()


def test_wrong_codes_make_the_next_try_wait(known: User) -> None:
    browser = password_typed(known)
    for _ in range(2):
        answer = browser.post(CODE, {"token": "000000"})
    assert "Слишком много попыток. Подождите" in answer.content.decode()
    right = browser.post(CODE, {"token": token(known)})
    assert right.status_code == 200  # even the right one waits
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=5))
    assert browser.post(CODE, {"token": token(known)}).status_code == 302


def test_an_address_that_tries_many_codes_waits(known: User, settings: Any) -> None:
    settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | {"office_address": 1}
    browser = password_typed(known)
    browser.post(CODE, {"token": "000000"})
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert "Слишком много попыток" in browser.post(CODE, {"token": token(known)}).content.decode()


def test_the_first_login_sets_the_authenticator_up(operator: User) -> None:
    browser = password_typed(operator)
    page = browser.get(CODE)
    text = page.content.decode()
    assert "data:image/svg+xml" in text
    assert english(page.content, known={operator.username, "staff"}) == set()
    offered = TOTPDevice.objects.get(user=operator)
    assert not offered.confirmed
    assert browser.get(CODE).content.decode().count(secret_in(text)) == 1  # a reload offers the same key
    TOTPDevice.objects.update(confirmed=True)
    code = token(operator)
    TOTPDevice.objects.update(confirmed=False)
    assert browser.post(CODE, {"token": code}).status_code == 302
    assert TOTPDevice.objects.get(user=operator).confirmed
    assert browser.get("/admin/").status_code == 200
    assert "data:image" not in password_typed(operator).get(CODE).content.decode()  # never shown again


def secret_in(page: str) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1]


def test_a_device_being_set_up_opens_no_office(operator: User) -> None:
    """A session that names an unconfirmed device is a half-open one."""
    browser = enter(operator)
    TOTPDevice.objects.update(confirmed=False)
    assert browser.get("/admin/").status_code == 302


def test_p20_a_session_ends_after_twelve_hours_however_busy(known: User) -> None:
    browser = enter(known)
    session = browser.session
    session["office_since"] = (timezone.now() - timedelta(hours=12, seconds=1)).timestamp()
    session.save()
    assert "/admin/login/" in browser.get("/admin/").headers["Location"]
    assert not browser.session.get("_auth_user_id")  # password and code, both anew


def test_p20_a_session_ends_after_fifteen_idle_minutes(known: User) -> None:
    browser = enter(known)
    answer = browser.get("/admin/")
    assert answer.cookies["kias_admin"]["max-age"] == 15 * 60  # and every request begins them anew
    assert abs(browser.session.get_expiry_age() - 15 * 60) <= 1


def test_whoever_is_half_way_in_may_leave(known: User) -> None:
    browser = password_typed(known)
    assert "/admin/login/" in browser.post(CODE, {"leave": "1"}).headers["Location"]
    assert not browser.session.get("_auth_user_id")


def test_a_senior_resets_a_colleague_s_device_with_a_code_of_his_own(known: User) -> None:
    senior = staff_client(Role.SENIOR)
    address = html.page_of(known).replace("/change/", "/reset-code/")
    assert "Сбросить приложение с кодами" in senior.get(html.page_of(known)).content.decode()
    colleague = enter(known)
    wrong = senior.post(address, {"token": "000000"})
    assert wrong.status_code == 200
    assert TOTPDevice.objects.filter(user=known).exists()
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    assert senior.post(address, {"token": token(senior.person)}).status_code == 302
    assert not TOTPDevice.objects.filter(user=known).exists()
    assert colleague.get("/admin/").status_code == 302
    assert "Сброшено приложение с кодами" in LogEntry.objects.latest("id").get_change_message()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.OPS])
def test_nobody_else_resets_a_device_and_nobody_his_own(known: User, role: Role) -> None:
    address = html.page_of(known).replace("/change/", "/reset-code/")
    assert staff_client(role).post(address, {"token": "000000"}).status_code == 403
    senior = staff_client(Role.SENIOR)
    own = html.page_of(senior.person).replace("/change/", "/reset-code/")
    assert senior.post(own, {"token": token(senior.person)}).status_code == 403


def test_the_keys_of_the_staff_stand_on_no_page(known: User) -> None:
    assert staff_client(Role.SENIOR).get("/admin/otp_totp/totpdevice/").status_code == 404
