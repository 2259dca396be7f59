"""What the office does to rights is written outside the database in the same act, or refused in words."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import audit_stream
from accounts.models import Installation, User
from backoffice import html
from sync import sealing_keys
from tests.integration.test_office_people import changed
from tests.support.factories import installation_id, make_agent, make_installation, make_phone
from tests.support.office import office_client

pytestmark = pytest.mark.django_db
PASSWORD = "another phrase altogether"
GIVEN = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}


@pytest.fixture(autouse=True)
def keys(settings: Any, tmp_path: Path) -> None:
    settings.SEALING_KEY_DIRS = [tmp_path / "keys-a", tmp_path / "keys-b"]
    sealing_keys.make()
    settings.AUDIT_STREAM = str(tmp_path / "audit")


@pytest.fixture
def office() -> Client:
    return office_client()


@pytest.fixture
def full(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the stream cannot be written."""

    def fail(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(audit_stream, "_append", fail)


def told() -> list[str]:
    return [line.what for line in audit_stream.all_lines() if line.what != "authenticator"]


def revoke_address(installation: Installation) -> str:
    return html.page_of(installation).replace("/change/", "/revoke/")


def test_f35_revoking_dismissing_powers_and_passwords_are_written_down(office: Client) -> None:
    call_command("roles")
    agent = make_agent()
    installation = make_installation(agent=agent)
    office.post(revoke_address(installation), {"_form_submitted": "True", "reason": "Потерян"})
    office.post(html.page_of(agent), changed(agent, agent_status="handover_only"))
    agent.refresh_from_db()
    office.post(html.page_of(agent), changed(agent, agent_status="handover_only", is_staff="on"))
    office.post(html.page_of(agent).replace("/change/", "/password/"), GIVEN)
    assert told() == ["revoked", "agent_status", "powers", "password"]
    office.post(
        html.page_of(agent), changed(agent, agent_status="handover_only", is_staff="on", last_name="Иной")
    )
    assert len(told()) == 4  # a name is no power


@pytest.mark.usefixtures("full")
def test_f35_a_phone_is_not_revoked_where_it_cannot_be_written_down_and_the_page_says_so(
    office: Client,
) -> None:
    installation = make_installation(agent=make_agent())
    done = office.post(revoke_address(installation), {"_form_submitted": "True", "reason": "Потерян"})
    assert done.status_code == 200
    assert "Не сделано: журнал вне базы" in office.get(html.page_of(installation)).content.decode()
    installation.refresh_from_db()
    assert installation.revoked_at is None


@pytest.mark.usefixtures("full")
def test_p20_no_power_and_no_password_is_given_that_cannot_be_written_down(office: Client) -> None:
    agent = make_agent()
    page = html.page_of(agent)
    assert office.post(page, changed(agent, is_staff="on")).status_code == 302
    assert "Не сделано: журнал вне базы" in office.get(page).content.decode()
    assert office.post(page.replace("/change/", "/password/"), GIVEN).status_code == 302
    office.post(page, changed(agent, agent_status="handover_only"))
    after = User.objects.get(pk=agent.pk)
    assert (after.is_staff, after.check_password(PASSWORD), after.agent_status) == (False, False, "working")


@pytest.mark.usefixtures("full")
def test_f35_an_agent_who_revokes_his_lost_phone_is_told_that_it_was_not_done() -> None:
    agent = make_agent()
    phone, lost = make_phone(agent=agent), make_phone(agent=agent)
    answer = phone.post(f"installations/{installation_id(lost)}/revoke", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "try_later")
    assert "Не сделано" in answer.json()["error"]["message"]
    assert Installation.objects.get(pk=installation_id(lost)).revoked_at is None
