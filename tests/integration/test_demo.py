"""The demo: its people and directories, and the desk with the SMS inbox and the simulator's switches."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AgentStatus, User
from kias_offline.demo import simulator
from receipts.models import NumberSeries, PaymentForm, Product
from tests.support.kias_process import KiasProcess
from tests.support.pages import english

ORIGIN = "http://testserver"


@pytest.fixture
def desk(settings: Any, tmp_path: Path) -> Client:
    """A browser before a system that has the demo desk, an empty inbox and no simulator."""
    settings.ROOT_URLCONF = "tests.support.demo_urls"
    settings.SMS_DEMO_INBOX = tmp_path / "sms.jsonl"
    settings.KIAS_URL = "http://127.0.0.1:1/kias"
    return Client()


@pytest.fixture
def kias(desk: Client, settings: Any, tmp_path: Path) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path) as running:
        settings.KIAS_URL = f"{running.address}/kias"
        yield running


def press(desk: Client, button: object, content_type: str = "application/json", **headers: str) -> Any:
    return desk.post(
        "/demo/kias", json.dumps({"do": button}), content_type, headers={"Origin": ORIGIN} | headers
    )


# --- people and directories ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_demo_data_brings_the_people_and_the_directories_once() -> None:
    call_command("demo_data", verbosity=0)
    call_command("demo_data", verbosity=0)
    agent = User.objects.get(phone_number="+79000000001")
    assert agent.full_name == "Антонова Мария Сергеевна"
    assert agent.agent_status == AgentStatus.WORKING
    assert not agent.has_usable_password()
    assert User.objects.filter(phone_number="+79000000002", agent_status="working").count() == 1
    office = User.objects.get(username="office")
    assert office.is_superuser
    assert office.check_password("office-demo")
    assert Product.objects.get(pk="osago").default_series == "ХХХ"
    assert {form.code: form.check_tag for form in PaymentForm.objects.all()} == {"cash": 1031, "card": 1081}
    assert "RRN" in PaymentForm.objects.get(pk="card").reference_label
    assert NumberSeries.objects.get(is_active=True).prefix == "АВ-"
    assert User.objects.count() == 7
    roles = {person.username: [group.name for group in person.groups.all()] for person in User.objects.all()}
    for role in ("operator", "senior", "auditor", "ops"):
        assert roles[role] == [role]
        assert User.objects.get(username=role).check_password(f"{role}-demo")


@pytest.mark.django_db
def test_demo_data_leaves_alone_what_a_person_has_changed() -> None:
    call_command("demo_data", verbosity=0)
    User.objects.filter(username="agent-1").update(phone_number="+79000000009", agent_status="closed")
    Product.objects.filter(pk="osago").update(name="ОСАГО для такси")
    call_command("demo_data", verbosity=0)
    agent = User.objects.get(username="agent-1")
    assert (agent.phone_number, agent.agent_status) == ("+79000000009", "closed")
    assert Product.objects.get(pk="osago").name == "ОСАГО для такси"
    assert not User.objects.filter(phone_number="+79000000001").exists()


@pytest.mark.django_db
def test_demo_data_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="createsuperuser"):
        call_command("demo_data")
    assert not User.objects.exists()


# --- the desk --------------------------------------------------------------------------------------------


def test_the_desk_is_not_there_without_its_setting() -> None:
    assert Client().get("/demo/").status_code == 404


def test_the_desk_tells_in_russian_whom_to_be(desk: Client) -> None:
    answer = desk.get("/demo/")
    page = answer.content.decode()
    for shown in ("Антонова Мария Сергеевна", "+7\u00a0900\u00a0000-00-01", "office-demo", 'href="/admin/"'):
        assert shown in page
    assert english(answer.content) <= {"demo", "operator", "senior", "auditor", "ops"}
    assert "style=" not in page
    assert "<script>" not in page


def test_the_inbox_shows_the_newest_message_first_with_its_code(desk: Client, settings: Any) -> None:
    assert desk.get("/demo/sms.json").json() == {"messages": []}
    lines = [
        {
            "to": "+79000000001",
            "text": "КИАС: код 111111. Никому\n@host #111111",
            "at": "2026-11-22T07:00:00Z",
        },
        {
            "to": "+79000000001",
            "text": "КИАС: код 222222. Никому\n@host #222222",
            "at": "2026-11-22T07:01:00Z",
        },
        {"to": "+79000000002", "text": "Без кода", "at": "2026-11-22T07:02:00Z"},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + '\n"мусор"\n{"to": "+7900'
    settings.SMS_DEMO_INBOX.write_text(text, "utf-8")
    messages = desk.get("/demo/sms.json").json()["messages"]
    assert [message["code"] for message in messages] == ["", "222222", "111111"]
    assert messages[1]["to"] == "+79000000001"


def test_a_long_inbox_shows_its_end(desk: Client, settings: Any) -> None:
    line = json.dumps({"to": "+79000000001", "text": "Ы" * 300, "at": "2026-11-22T07:00:00Z"})
    last = json.dumps({"to": "+79000000002", "text": "код 483120", "at": "2026-11-22T08:00:00Z"})
    settings.SMS_DEMO_INBOX.write_text("\n".join([line] * 500 + [last]), "utf-8")
    messages = desk.get("/demo/sms.json").json()["messages"]
    assert messages[0]["code"] == "483120"
    assert len(messages) == 30


def test_an_absent_simulator_is_a_state_of_the_desk(desk: Client) -> None:
    assert desk.get("/demo/kias.json").json() == {"away": True}
    answer = press(desk, "outage_on")
    assert (answer.status_code, answer.json()) == (200, {"away": True})
    assert desk.get("/demo/").status_code == 200


def test_the_switches_turn_the_simulator_s_faults_on_and_off(desk: Client, kias: KiasProcess) -> None:
    calm = desk.get("/demo/kias.json").json()
    assert calm == {
        "away": False, "documents": [], "total": 0, "faults": [],
        "switches": {"outage": False, "slow": False, "busy": False, "reject": False},
    }  # fmt: skip
    for switch in ("outage", "slow", "busy", "reject"):
        assert press(desk, f"{switch}_on").json()["switches"][switch] is True
        assert press(desk, f"{switch}_off").json()["switches"][switch] is False
    press(desk, "reject_on")
    press(desk, "busy_on")
    press(desk, "double")
    assert press(desk, "all_well").json() == calm


def test_every_button_is_an_order_that_the_simulator_understands(desk: Client, kias: KiasProcess) -> None:
    for button in simulator.ORDERS:
        answer = press(desk, button)
        assert (button, answer.status_code, answer.json()["away"]) == (button, 200, False)


def test_every_button_stands_on_the_page_and_tells_what_it_has_ordered(
    desk: Client, kias: KiasProcess
) -> None:
    page = desk.get("/demo/").content.decode()
    for one in (*simulator.SWITCHES, *simulator.FAULTS):
        assert one.words in page
        assert one.shows in page
    for fault in simulator.FAULTS:
        press(desk, "all_well")
        assert press(desk, fault.name).json()["faults"] == [fault.name]


def test_a_fault_that_was_ordered_elsewhere_is_told_by_the_simulator_s_word(
    desk: Client, kias: KiasProcess
) -> None:
    kias.control(faults=[{"kind": "commit_late", "seconds": 7, "only": "save"}])
    assert desk.get("/demo/kias.json").json()["faults"] == ["commit_late"]


def test_the_ledger_is_shown_newest_first_and_doubles_are_marked(desk: Client, kias: KiasProcess) -> None:
    for number in ("БС-К7М3Т-00001-А", "БС-К7М3Т-00002-В", "БС-К7М3Т-00001-А"):
        kias.control(write={"Number": number, "Sum": "3245.50", "PolicySeries": "ХХХ", "PolicyNumber": "1"})
    told = desk.get("/demo/kias.json").json()
    assert told["total"] == 3
    assert [document["twice"] for document in told["documents"]] == [True, False, True]
    assert told["documents"][1]["number"] == "БС-К7М3Т-00002-В"
    assert told["documents"][0]["by_hand"] is True


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}], ids=str
)
def test_a_foreign_page_cannot_press_a_button(
    desk: Client, kias: KiasProcess, headers: dict[str, str]
) -> None:
    assert press(desk, "outage_on", **headers).status_code == 403
    assert press(desk, "outage_on", "text/plain").status_code == 403
    assert desk.post("/demo/kias", {"do": "outage_on"}, headers={"Origin": ORIGIN}).status_code == 403
    assert desk.get("/demo/kias.json").json()["switches"]["outage"] is False


def test_what_is_no_button_is_refused(desk: Client) -> None:
    for button in ("format_disk", None, [], {"a": 1}):
        assert press(desk, button).status_code == 400
    broken = desk.post("/demo/kias", b"{", "application/json", headers={"Origin": ORIGIN})
    assert broken.status_code == 400
    assert desk.get("/demo/kias").status_code == 405
