"""Agents, staff and phones in the office: one spelling of phone numbers, dated status, revoking."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import AgentStatus, Installation, User
from backoffice import html
from tests.support.factories import make_agent, make_installation, make_phone
from tests.support.office import enter, make_exception, make_receipt, office_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]
ADD = "/admin/accounts/user/add/"


@pytest.fixture
def office() -> Client:
    return office_client()


def new_person(**given: Any) -> dict[str, Any]:
    return {
        "last_name": "Галиев",
        "first_name": "Рустам",
        "middle_name": "Шамилевич",
        "phone_number": "8 (912) 345-67-89",
        "agent_status": "working",
        "agent_contract": "АГ-7",
    } | given


def changed(person: User, **given: Any) -> dict[str, Any]:
    """The person's form as the page would send it."""
    known = {
        name: getattr(person, name) or ""
        for name in ("last_name", "first_name", "middle_name", "phone_number", "agent_status", "username")
    }
    return known | {"agent_contract": person.agent_contract} | given


@pytest.mark.parametrize("typed", ["8 (912) 345-67-89", "9123456789", "+7 912 345 67 89"])
def test_an_agent_s_phone_number_is_kept_in_one_spelling(office: Client, typed: str) -> None:
    assert office.post(ADD, new_person(phone_number=typed)).status_code == 302
    person = User.objects.get(last_name="Галиев")
    assert person.phone_number == "+79123456789"
    assert person.agent_status == AgentStatus.WORKING
    assert abs(timezone.now() - person.status_since) < timedelta(minutes=1)
    assert not person.has_usable_password()
    assert not person.is_staff


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"phone_number": "912"}, "phone_number", "Введите номер телефона целиком"),
        ({"phone_number": ""}, "phone_number", "Агент входит по коду из SMS: укажите его телефон."),
        ({"last_name": "Гал\u202eиев"}, "last_name", "Здесь есть скрытые знаки"),
    ],
)
def test_a_slip_in_the_form_is_told_at_its_field(
    office: Client, given: dict[str, str], field: str, sentence: str
) -> None:
    answer = office.post(ADD, new_person(**given))
    assert answer.status_code == 200
    assert sentence in answer.context["adminform"].form.errors[field][0]
    assert not User.objects.filter(agent_contract="АГ-7").exists()


def test_a_phone_number_belongs_to_one_person_however_it_is_typed(office: Client) -> None:
    make_agent(phone_number="+79123456789")
    answer = office.post(ADD, new_person(phone_number="8-912-345-67-89"))
    assert answer.status_code == 200
    assert "phone_number" in answer.context["adminform"].form.errors


def test_two_members_of_staff_may_have_no_phone_number(office: Client) -> None:
    for last_name in ("Первая", "Вторая"):
        person = new_person(last_name=last_name, phone_number="", agent_status="")
        assert office.post(ADD, person).status_code == 302
    assert User.objects.filter(phone_number=None, last_name__in=["Первая", "Вторая"]).count() == 2


def test_a_new_status_is_dated_and_other_changes_leave_its_date(office: Client) -> None:
    long_ago = timezone.now() - timedelta(days=90)
    agent = make_agent(status_since=long_ago)
    page = html.page_of(agent)
    assert office.post(page, changed(agent, agent_contract="АГ-8")).status_code == 302
    agent.refresh_from_db()
    assert agent.status_since == long_ago
    assert office.post(page, changed(agent, agent_status="handover_only")).status_code == 302
    agent.refresh_from_db()
    assert agent.agent_status == AgentStatus.HANDOVER_ONLY
    assert agent.status_since is not None
    assert agent.status_since > long_ago


def test_people_are_found_by_name_login_and_any_spelling_of_their_number(office: Client) -> None:
    agent = make_agent(last_name="Артёмова", first_name="Алёна", phone_number="+79123456780")
    make_agent(last_name="Другой")
    for typed in ("артемова", "АЛЁНА артёмова", "8 912 345-67-80", agent.username):
        found = office.get("/admin/accounts/user/", {"q": typed}).context["cl"].queryset
        assert list(found) == [agent], typed


def test_nobody_deletes_a_person_and_only_a_superuser_gives_power(office: Client) -> None:
    agent = make_agent()
    page = html.page_of(agent)
    assert office.post(page.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(User._meta.get_field("user_permissions").related_model.objects.all())
    limited = enter(clerk)
    assert limited.post(page, changed(agent, is_staff="on", is_superuser="on")).status_code == 302
    agent.refresh_from_db()
    assert not agent.is_staff
    assert not agent.is_superuser


def test_who_is_no_superuser_gives_no_member_of_staff_a_password(office: Client) -> None:
    boss = User.objects.create_superuser("boss", password="a long phrase of the boss")
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(User._meta.get_field("user_permissions").related_model.objects.all())
    limited = enter(clerk)
    new = "another phrase altogether"
    given = {"password1": new, "password2": new, "usable_password": "true"}
    address = html.page_of(boss).replace("/change/", "/password/")
    assert limited.post(address, given).status_code == 403
    assert limited.post(html.page_of(boss), changed(boss, username="taken")).status_code == 403
    boss.refresh_from_db()
    assert (boss.username, boss.check_password(new)) == ("boss", False)
    weak = office.post(address, given | {"password1": "1234567890", "password2": "1234567890"})
    assert weak.status_code == 200
    assert office.post(address, given).status_code == 302


def test_an_address_that_tries_many_passwords_waits_and_no_other_does(settings: Any) -> None:
    settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | {"office_address": 3}
    User.objects.create_superuser("boss", password="a long phrase of the boss")
    right = {"username": "boss", "password": "a long phrase of the boss"}
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(3):
        stranger.post("/admin/login/", {"username": "boss", "password": "guess"})
    refused = stranger.post("/admin/login/", right)
    assert "Слишком много попыток входа" in refused.content.decode()
    assert Client(REMOTE_ADDR="203.0.113.10").post("/admin/login/", right).status_code == 302


def test_f35_a_lost_phone_is_revoked_and_its_session_is_over(office: Client) -> None:
    phone = make_phone()
    assert phone.client.get("/api/setup").status_code == 200
    assert phone.installation is not None
    installation = Installation.objects.get(pk=phone.installation["id"])
    address = html.page_of(installation).replace("/change/", "/revoke/")

    asked = office.get(address)
    assert "Отозвать установку?" in asked.content.decode()
    installation.refresh_from_db()
    assert installation.revoked_at is None

    done = office.post(address, {"_form_submitted": "True", "reason": "Потерян"})
    assert done.headers["HX-Redirect"] == html.page_of(installation)
    installation.refresh_from_db()
    assert installation.revoked_at is not None
    assert phone.client.get("/api/setup").status_code == 401
    assert "Установка отозвана" in LogEntry.objects.latest("id").get_change_message()
    assert office.post(address, {"_form_submitted": "True"}).status_code == 403


def test_f35_who_may_only_look_cannot_revoke() -> None:
    installation = make_installation(agent=make_agent())
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(
        User._meta.get_field("user_permissions").related_model.objects.get(codename="view_installation")
    )
    client = enter(clerk)
    page = html.page_of(installation)
    assert "Отозвать" not in client.get(page).content.decode()
    assert client.post(page.replace("/change/", "/revoke/"), {"_form_submitted": "True"}).status_code == 403


def test_an_intake_exception_shows_its_whole_content_and_what_it_collides_with(office: Client) -> None:
    receipt = make_receipt()
    long_name = "Ы" * 3000
    row = make_exception(
        claimed_number=receipt.number,
        content=json.dumps({"insurant": long_name, "comment": "<b>жирно</b>"}, ensure_ascii=False),
        envelope="kias1.испорчен\u202e." + "A" * 9000,
    )
    page = office.get(html.page_of(row)).content.decode()
    assert long_name in page
    assert "A" * 9000 in page
    assert "испорчен⟨U+202E⟩" in page
    assert "&lt;b&gt;жирно&lt;/b&gt;" in page
    assert html.page_of(receipt) in page
    assert "Номер уже занят другой квитанцией" in page
    waiting = office.get("/admin/sync/intakeexception/", {"ended": "no"}).context["cl"].queryset
    assert list(waiting) == [row]
    folded = office.get("/admin/sync/intakeexception/", {"q": receipt.number}).context["cl"].queryset
    assert list(folded) == [row]
