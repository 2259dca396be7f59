"""Ways around the office's roles and two people, each of them shut (P10, P20; SECURITY.md)."""

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.models import User
from backoffice import html
from backoffice.models import Action, Approval
from backoffice.roles import Role
from kias_offline.celery import app
from receipts.models import Receipt
from receipts.states import State
from sync.models import Attempt, Delivery
from tests.support.factories import make_agent, make_installation
from tests.support.office import (
    make_attempt,
    make_delivery,
    make_receipt,
    make_staff,
    staff_client,
    token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]
PASSWORD = "a long phrase of the operator"
CODE = "/admin/login/code/"
_ROW = "00000000-0000-4000-8000-000000000000"


# --- roles


@pytest.mark.parametrize(
    "asked",
    [
        "delivery/?agent__phone_number__startswith=%2B7",
        "delivery/?receipt__insurant__startswith=С",
        "delivery/?receipt__agent__password__startswith=p",
        "attempt/?delivery__receipt__insurant__contains=С",
        "attempt/?delivery__agent__last_name=Сидоров",
    ],
)
def test_ops_guess_no_person_by_what_a_list_is_asked(asked: str) -> None:
    ops = staff_client(Role.OPS)
    make_attempt(delivery=make_delivery(receipt=make_receipt()))
    answer = ops.get(f"/admin/sync/{asked}")
    assert (answer.status_code, Delivery.objects.count(), Attempt.objects.count()) == (400, 1, 1)


@pytest.mark.parametrize("order", ["3", "-3", "8.3", "99", "agent__last_name"])
def test_ops_see_no_person_by_the_order_of_a_list(order: str) -> None:
    ops = staff_client(Role.OPS)
    make_delivery(receipt=make_receipt())
    answer = ops.get(f"/admin/sync/delivery/?o={order}")
    if answer.status_code == 200:
        assert "last_name" not in str(answer.context_data["cl"].queryset.query.order_by)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "field",
    ["sync.delivery.receipt", "sync.delivery.agent", "accounts.installation.agent", "receipts.receipt.agent"],
)
def test_ops_get_no_person_from_the_suggestions(field: str) -> None:
    app_label, model, name = field.split(".")
    query = {"app_label": app_label, "model_name": model, "field_name": name, "term": ""}
    assert staff_client(Role.OPS).get("/admin/autocomplete/", query).status_code == 403


@pytest.mark.parametrize("role", [Role.SENIOR, Role.AUDITOR])
def test_nobody_guesses_passwords_by_what_a_list_is_asked(role: Role) -> None:
    browser = staff_client(role)
    for asked in ("accounts/user/?password__startswith=p", "admin/logentry/?user__password__startswith=p"):
        assert browser.get(f"/admin/{asked}").status_code == 400, asked


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SENIOR])
def test_only_a_superuser_gives_passwords_to_agents_too(role: Role) -> None:
    """An agent who becomes staff later would have one that an operator knows."""
    agent = make_agent()
    address = html.page_of(agent).replace("/change/", "/password/")
    typed = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert staff_client(role).post(address, typed).status_code == 403
    agent.refresh_from_db()
    assert not agent.check_password(PASSWORD)


def test_an_operator_makes_nobody_powerful_by_crafted_fields() -> None:
    operator, agent = staff_client(Role.OPERATOR), make_agent()
    typed = {
        "last_name": "Сидоров", "first_name": "Пётр", "middle_name": "", "agent_contract": "1",
        "agent_status": "working", "status_reason": "", "phone_number": "+79990000000",
        "username": "root", "password": "x", "is_staff": "on", "is_superuser": "on", "is_active": "on",
        "groups": "1", "user_permissions": "1",
    }  # fmt: skip
    before = (agent.username, agent.phone_number, agent.password)
    assert operator.post(html.page_of(agent), typed).status_code == 302
    agent.refresh_from_db()
    assert agent.agent_contract == "1"  # the form itself was taken
    assert (agent.username, agent.phone_number, agent.password) == before
    assert (agent.is_staff, agent.is_superuser, agent.groups.exists()) == (False, False, False)


def test_opening_a_withdrawal_s_page_is_written_down_like_every_page_with_a_client() -> None:
    for model, page in admin.site._registry.items():
        shows = str(getattr(page, "fieldsets", "")) + str(getattr(page, "fields", ""))
        if "insurant" in shows or model is Receipt:
            assert getattr(page, "personal", ()), model


# --- two people


def test_p20_an_agent_who_works_in_the_office_releases_nothing_of_his_own_alone() -> None:
    operator = staff_client(Role.OPERATOR)
    person: User = operator.person  # type: ignore[attr-defined]
    person.agent_status, person.phone_number = "working", "+79120001122"
    person.save()
    receipt = make_receipt(
        installation=make_installation(agent=person), state=State.HELD, reason="date_in_future", amount=100
    )
    make_delivery(receipt=receipt)
    operator.post(html.page_of(receipt).replace("/change/", "/act/release/"), {"reason": "всё верно"})
    receipt.refresh_from_db()
    assert receipt.state == State.HELD
    assert Approval.objects.get().decision == ""


def test_p20_looking_at_the_pages_of_an_approval_does_nothing() -> None:
    receipt = make_receipt(state=State.HELD, reason="date_in_future")
    asked = Approval.objects.create(
        action=Action.ANNUL, subject=str(receipt.pk), agent=receipt.agent, reason="двойная",
        asked_by=make_staff(Role.OPERATOR), asked_at=timezone.now(),
    )  # fmt: skip
    senior = staff_client(Role.SENIOR)
    page = html.page_of(asked)
    for verb in ("confirm", "decline", "withdraw"):
        senior.get(page.replace("/change/", f"/{verb}/"), {"token": token(senior.person), "reason": "нет"})
    asked.refresh_from_db()
    assert asked.decision == ""


def test_p20_a_foreign_page_confirms_nothing() -> None:
    receipt = make_receipt(state=State.HELD, reason="date_in_future")
    asked = Approval.objects.create(
        action=Action.ANNUL, subject=str(receipt.pk), agent=receipt.agent, reason="двойная",
        asked_by=make_staff(Role.OPERATOR), asked_at=timezone.now(),
    )  # fmt: skip
    senior = staff_client(Role.SENIOR)
    senior.handler.enforce_csrf_checks = True
    answer = senior.post(
        html.page_of(asked).replace("/change/", "/confirm/"), {"token": token(senior.person)}
    )
    assert answer.status_code == 403
    asked.refresh_from_db()
    assert asked.decision == ""


def test_p20_what_was_asked_for_cannot_be_changed_before_it_is_confirmed() -> None:
    asked = Approval.objects.create(
        action=Action.NUMBER, subject=_ROW, params={"phone_number": "+79120000001"}, reason="потерял",
        asked_by=make_staff(Role.OPERATOR), asked_at=timezone.now(),
    )  # fmt: skip
    for role in (Role.OPERATOR, Role.SENIOR):
        answer = staff_client(role).post(html.page_of(asked), {"params": '{"phone_number": "+79999999999"}'})
        assert answer.status_code == 403
    asked.refresh_from_db()
    assert asked.params == {"phone_number": "+79120000001"}


def test_p20_the_wish_of_one_who_was_dismissed_meanwhile_is_not_carried_out() -> None:
    operator, senior = make_staff(Role.OPERATOR), staff_client(Role.SENIOR)
    receipt = make_receipt(state=State.HELD, reason="date_in_future")
    asked = Approval.objects.create(
        action=Action.ANNUL, subject=str(receipt.pk), agent=receipt.agent, reason="двойная",
        asked_by=operator, asked_at=timezone.now(),
    )  # fmt: skip
    operator.is_active = False
    operator.save()
    address = html.page_of(asked).replace("/change/", "/confirm/")
    senior.post(address, {"token": token(senior.person)})  # type: ignore[attr-defined]
    asked.refresh_from_db()
    receipt.refresh_from_db()
    assert (asked.decision, receipt.state) == ("lapsed", State.HELD)
    assert "Попросите заново" in asked.outcome


def test_p25_whoever_decides_about_a_number_reads_the_whole_of_it() -> None:
    agent, senior = make_agent(), staff_client(Role.SENIOR)
    asked = Approval.objects.create(
        action=Action.NUMBER, subject=str(agent.pk), agent=agent, params={"phone_number": "+79120000001"},
        reason="потерял", asked_by=make_staff(Role.OPERATOR), asked_at=timezone.now(),
    )  # fmt: skip
    page = html.page_of(asked)
    assert "000-00-01" in senior.get(page.replace("/change/", "/confirm/")).content.decode()
    assert "000-00-01" not in senior.get(html.list_of(Approval)).content.decode()


# --- what ops are shown


def test_p10_a_worker_tells_flower_nothing_of_our_settings() -> None:
    """Its page of a worker lists all that the worker has: its own settings alone, without passwords."""
    told = app.conf.table(with_defaults=False, censored=True)
    assert [name for name in told if name.isupper() and not name.startswith("CELERY_")] == []


@pytest.mark.parametrize(
    "address",
    [
        "sync/reconciliationfinding/²/change/",
        "backoffice/approval/²/change/",
        "sync/intakeexception/²/change/",
        "sync/rescueimport/²/change/",
        "sync/reconciliationfinding/99999999999999999999999/end/",
        "sync/reconciliationfinding/?difference=%00&ended=%00",
        "sync/reconciliationfinding/?q=%00",
        "sync/reconciliationrun/?end=%00",
        "receipts/receipt/?state=%00",
        "backoffice/approval/?action=%00",
        "admin/logentry/?action_flag=²",
    ],
)
def test_no_address_that_a_person_makes_up_is_an_error_of_ours(address: str) -> None:
    answer = staff_client(Role.SENIOR).get(f"/admin/{address}")
    assert answer.status_code < 500
