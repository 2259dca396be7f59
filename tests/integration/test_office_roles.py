"""Every page of the office for every role: allowed or 403, by the one table (spec «Back office»)."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import LoginAttempt, OfficeCode
from backoffice import demo, html, roles
from backoffice.models import Action, Approval
from backoffice.roles import Role
from receipts.models import NumberReservation, SpoiledNumber, Withdrawal
from receipts.states import State
from sync.models import KiasPause, KiasWindow, ReconciliationFinding, ReconciliationRun
from sync.models.rescue import RescueImport
from tests.support.factories import make_agent, make_installation
from tests.support.office import (
    make_attempt,
    make_delivery,
    make_exception,
    make_receipt,
    make_staff,
    staff_client,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: model → who may open its list, and who may add a row; whatever is missing here fails the test
SEES = {
    "receipts.receipt": "operator senior auditor",
    "receipts.withdrawal": "operator senior auditor",
    "sync.intakeexception": "operator senior auditor",
    "sync.rescueimport": "operator senior auditor",
    "sync.delivery": "operator senior auditor ops",
    "sync.attempt": "operator senior auditor ops",
    "sync.kiaspause": "operator senior auditor ops",
    "sync.kiaswindow": "operator senior auditor ops",
    "sync.kiasrefusal": "operator senior auditor",
    "sync.reconciliationfinding": "operator senior auditor",
    "sync.reconciliationrun": "operator senior auditor ops",
    "accounts.user": "operator senior auditor",
    "accounts.installation": "operator senior auditor",
    "accounts.officecode": "operator senior auditor",
    "receipts.numberseries": "operator senior auditor",
    "receipts.numberreservation": "operator senior auditor",
    "receipts.spoilednumber": "operator senior auditor",
    "receipts.product": "operator senior auditor",
    "receipts.paymentform": "operator senior auditor",
    "receipts.documentkind": "operator senior auditor",
    "backoffice.approval": "operator senior auditor",
    "admin.logentry": "senior auditor",
}
ADDS = {
    "accounts.user": "operator senior",
    "sync.kiaspause": "senior ops",
    "sync.kiaswindow": "senior ops",
    "sync.kiasrefusal": "senior",
    "receipts.numberseries": "senior",
    "receipts.product": "senior",
    "receipts.paymentform": "senior",
    "receipts.documentkind": "senior",
}


@pytest.fixture
def rows() -> dict[str, Model]:
    """A row of every model that has a page."""
    demo.fill()
    now = timezone.now()
    agent = make_agent()
    installation = make_installation(agent=agent, waiting_count=1)
    receipt = make_receipt(installation=installation, state=State.HELD)
    delivery = make_delivery(receipt=receipt)
    operator = make_staff(Role.OPERATOR)
    attempt = LoginAttempt.objects.create(user=agent, browser_hash="b", phone_number="+79120000000")
    made: list[Model] = [
        receipt, delivery, make_attempt(delivery=delivery), make_exception(signer=installation),
        KiasPause.objects.create(started_at=now, reason="Плановые работы"), agent, installation,
        KiasWindow.objects.create(starts_at=now, minutes=60, reason="Плановые работы"),
        OfficeCode.objects.create(
            attempt=attempt, asked_by=operator, confirmed_by=make_staff(Role.SENIOR), valid_until=now
        ),
        Approval.objects.create(
            action=Action.ANNUL, subject=str(receipt.pk), agent=agent, asked_by=operator, asked_at=now
        ),
        LogEntry.objects.create(user=operator, object_repr="что-то", action_flag=2, change_message="[]"),
        SpoiledNumber.objects.create(number="БС-1", installation=installation, reported_at=now),
        RescueImport.objects.create(
            file_hash="0" * 64, file=b"kias-rescue1\n", condition="cut", installation=installation,
            signed=False, envelopes=0, uploaded_at=now, uploaded_by=operator,
        ),
        Withdrawal.objects.create(
            id=receipt.pk, receipt=receipt, agent=agent, installation=installation, reason="other",
            withdrawn_at=now, copy_shown=False, effect="task", accepted_at=now,
        ),
    ]  # fmt: skip
    run = ReconciliationRun.objects.create(
        since=now.date(), until=now.date(), reason="asked", created_at=now, day=now.date(), due_at=now
    )
    made += [
        run,
        ReconciliationFinding.objects.create(
            difference="only_ours", key=str(receipt.pk), receipt=receipt, number=receipt.number,
            amount=receipt.amount, first_day=now.date(), last_day=now.date(), found_at=now, found_in=run,
            facts={"receipt": None, "documents": []}, seen_in=run,
        ),
    ]  # fmt: skip
    for model in admin.site._registry:
        if not any(isinstance(row, model) for row in made) and (row := model._default_manager.first()):
            made.append(row)
    series = next(row for row in made if row._meta.label_lower == "receipts.numberseries")
    made.append(
        NumberReservation.objects.create(
            number="АВ-00000001", series=series, installation=installation, reserved_at=now
        )
    )
    return {row._meta.label_lower: row for row in made}


def models() -> Iterator[type[Model]]:
    yield from (model for model in admin.site._registry)


def may(table: dict[str, str], model: type[Model], role: Role) -> bool:
    return role.value in table.get(model._meta.label_lower, "").split()


@pytest.mark.parametrize("role", Role)
def test_every_list_and_page_opens_for_those_who_may_see_it_and_for_nobody_else(
    role: Role, rows: dict[str, Model]
) -> None:
    browser = staff_client(role)
    assert browser.get("/admin/").status_code == 200
    wrong = {}
    for model in models():
        label = model._meta.label_lower
        assert label in SEES, f"{label} has a page and stands in no role's table"
        expected = 200 if may(SEES, model, role) else 403
        for address in (html.list_of(model), html.page_of(rows[label])):
            if (got := browser.get(address).status_code) != expected:
                wrong[address] = got
        history = html.page_of(rows[label]).replace("/change/", "/history/")
        if (got := browser.get(history).status_code) != expected:
            wrong[history] = got
    assert wrong == {}


@pytest.mark.parametrize("role", Role)
def test_every_form_for_a_new_row_opens_for_those_who_may_add_one(role: Role, rows: dict[str, Model]) -> None:
    browser = staff_client(role)
    wrong = {}
    for model in models():
        expected = 200 if may(ADDS, model, role) else 403
        got = browser.get(f"{html.list_of(model)}add/").status_code
        if got != expected:
            wrong[model._meta.label_lower] = got
    assert wrong == {}


@pytest.mark.parametrize("role", Role)
def test_nobody_deletes_anything(role: Role, rows: dict[str, Model]) -> None:
    browser = staff_client(role)
    for model in models():
        address = html.page_of(rows[model._meta.label_lower]).replace("/change/", "/delete/")
        assert browser.post(address, {"post": "yes"}).status_code == 403, address
        assert model._default_manager.filter(pk=rows[model._meta.label_lower].pk).exists()


def post_addresses(rows: dict[str, Model]) -> Iterator[str]:
    """Everything under /admin/ that could change something: every page and every action of every page."""
    for model, page in admin.site._registry.items():
        row = rows[model._meta.label_lower]
        yield html.list_of(model)
        yield f"{html.list_of(model)}add/"
        yield html.page_of(row)
        for pattern in page.get_urls():
            if pattern.name is None or pattern.name.endswith(("_changelist", "_add", "_history", "_delete")):
                continue
            route = str(pattern.pattern)
            for name in ("object_id", "receipt_id", "pk", "id"):
                for kind in ("path", "uuid", "int", "str"):
                    route = route.replace(f"<{kind}:{name}>", str(row.pk))
            for name, values in {
                "name": ("release", "annul", "retry", "link"),
                "how": ("discard", "solve"),
            }.items():
                if f"<str:{name}>" in route:
                    yield from (
                        f"{html.list_of(model)}{route.replace(f'<str:{name}>', value)}" for value in values
                    )
                    break
            else:
                if "<" not in route:
                    yield f"{html.list_of(model)}{route}"


def test_an_auditor_changes_nothing_whatever_he_posts(rows: dict[str, Model]) -> None:
    auditor = staff_client(Role.AUDITOR)
    before = {
        label: type(row)._default_manager.filter(pk=row.pk).values().get() for label, row in rows.items()
    }
    typed = {"reason": "потому", "token": "000000", "document": "1", "phone_number": "+79120000001"}
    addresses = set(post_addresses(rows))
    assert len(addresses) > 60
    for address in sorted(addresses):
        answer = auditor.post(address, typed)
        # A list takes a POST for the choice of an action; without a right there is none to choose.
        assert answer.status_code in {403, 404} or address in {html.list_of(model) for model in models()}, (
            address
        )
    for label, row in rows.items():
        assert type(row)._default_manager.filter(pk=row.pk).values().get() == before[label], label


def test_ops_see_no_person_and_no_client(rows: dict[str, Model]) -> None:
    ops = staff_client(Role.OPS)
    receipt, agent = rows["receipts.receipt"], rows["accounts.user"]
    pages = ["/admin/", *(html.list_of(type(rows[f"sync.{name}"])) for name in ("delivery", "attempt"))]
    pages += [html.page_of(rows["sync.delivery"]), html.page_of(rows["sync.attempt"])]
    for address in pages:
        text = ops.get(address).content.decode()
        assert agent.last_name not in text, address
        assert receipt.insurant.split()[0] not in text, address


def test_the_menu_shows_nobody_what_he_may_not_open(rows: dict[str, Model]) -> None:
    for role in Role:
        browser = staff_client(role)
        context = browser.get("/admin/").context
        for group in context["sidebar_navigation"]:
            for item in group["items"]:
                assert browser.get(str(item["link"])).status_code in {200, 302, 502, 503}, (
                    role,
                    item["link"],
                )
        for card in context["cards"]:
            assert browser.get(card.address).status_code == 200, (role, card.title)


def test_staff_without_a_role_see_nothing() -> None:
    person = make_staff(Role.OPERATOR)
    person.groups.clear()
    from_nowhere = Client()
    from_nowhere.force_login(person)
    assert from_nowhere.get("/admin/receipts/receipt/").status_code == 302


def test_the_groups_hold_what_the_table_says_after_every_run() -> None:
    roles.apply()
    senior = Group.objects.get(name="senior")
    held = senior.permissions.count()
    senior.permissions.clear()
    Group.objects.get(name="ops").permissions.add(*Group.objects.get(name="auditor").permissions.all())
    roles.apply()
    assert senior.permissions.count() == held
    assert Group.objects.get(name="ops").permissions.filter(codename="view_receipt").count() == 0
    for role, table in roles.TABLE.items():
        wanted = {
            f"{model.split('.')[0]}.{verb}_{model.split('.')[1]}" for model in table for verb in table[model]
        }
        person = make_staff(role)
        assert wanted <= person.get_all_permissions(), f"{role}: a permission that no model has"
        assert person.get_all_permissions() - wanted == set(roles.MORE.get(role, ()))


def test_every_address_of_the_office_is_behind_the_login() -> None:
    """Whatever is added to the site: without a session it answers with the login, never with a page."""
    stranger = Client()
    for model in models():
        for address in (html.list_of(model), f"{html.list_of(model)}add/"):
            answer = stranger.get(address)
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/admin/login/"), address
