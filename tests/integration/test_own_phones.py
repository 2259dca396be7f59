"""An agent's phones as he sees them: the list, revoking, notices (F19, F25, F35, F37, P11, P35)."""

import uuid

import pytest
from django.utils import timezone

from accounts.models import AgentNotice, Installation
from backoffice.roles import Role
from receipts.models import Receipt
from sync import intake
from tests.support.factories import in_process, installation_id, make_agent, make_installation, make_phone
from tests.support.login import Browser
from tests.support.office import make_staff
from tests.support.phone import Phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def code(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def listed(phone: Phone) -> list[dict]:
    return phone.get("installations").json()["installations"]


def test_f35_the_list_holds_his_living_phones_the_one_heard_of_last_first() -> None:
    agent = make_agent()
    make_installation(agent=agent, revoked_at=timezone.now())
    make_installation(agent=make_agent())
    silent = make_installation(agent=agent, name="iPhone, Safari")
    other = make_phone(agent=agent, name="Android, Chrome")
    phone = make_phone(agent=agent)
    other.contact(waiting={"count": 2, "sum": 649_100})
    rows = listed(phone)
    assert [row["id"] for row in rows] == [
        other.installation["id"], phone.installation["id"], str(silent.pk)
    ]  # fmt: skip
    assert [row["this"] for row in rows] == [False, True, False]
    assert rows[0]["waiting"] == {"count": 2, "sum": 649_100}
    assert rows[0]["name"] == "Android, Chrome"
    assert rows[2]["last_contact_at"] is None
    assert set(rows[0]) == {"id", "code", "name", "registered_at", "last_contact_at", "this", "waiting"}


def test_p35_a_contact_tells_what_waits_on_his_other_living_phones() -> None:
    agent = make_agent()
    phone, other, lost = (make_phone(agent=agent) for _ in range(3))
    other.contact(waiting={"count": 2, "sum": 649_100})
    lost.contact(waiting={"count": 7, "sum": 100})
    make_phone().contact(waiting={"count": 9, "sum": 9})
    Installation.objects.filter(pk=installation_id(lost)).update(revoked_at=timezone.now())
    assert phone.contact()["elsewhere"] == {"count": 2, "sum": 649_100}
    assert other.contact()["elsewhere"] == {"count": 0, "sum": 0}


def test_f35_an_agent_revokes_his_other_phone_and_its_session_is_over_at_its_next_request() -> None:
    agent = make_agent()
    phone, lost, third = (make_phone(agent=agent) for _ in range(3))
    accepted = lost.issue()
    lost.send(accepted)
    unsent = lost.issue()
    AgentNotice.objects.all().delete()
    address = f"installations/{lost.installation['id']}/revoke"
    assert phone.post(address, {}).json() == {}
    assert code(lost.post("receipts", {"envelopes": []})) == (401, "login_required")
    ping = lost.get("ping").json()
    assert (ping["agent"], ping["revoked"]) == (None, True)
    assert phone.get("ping").json()["revoked"] is False
    left = {third.installation["id"], phone.installation["id"]}
    assert {row["id"] for row in listed(phone)} == left
    told = AgentNotice.objects.get()
    assert told.installation_id == installation_id(third)  # not the one it was done from, nor the revoked one
    assert "с другого вашего телефона" in told.text
    # what is already here is safe, what comes later is examined
    assert Receipt.objects.get(pk=accepted.id).state == "accepted"
    (answer,) = phone.send(unsent)
    assert (answer["result"], answer["reason"]) == ("held", "revoked_installation")
    assert phone.post(address, {}).json() == {}  # once more changes nothing
    assert AgentNotice.objects.count() == 1


def test_f35_his_present_phone_is_left_by_logging_out_not_by_revoking() -> None:
    phone = make_phone()
    assert code(phone.post(f"installations/{phone.installation['id']}/revoke", {})) == (403, "not_allowed")
    assert phone.get("setup").status_code == 200


def test_f37_another_agent_s_phone_is_answered_like_an_unknown_one() -> None:
    phone, other = make_phone(), make_phone()
    answers = [
        phone.post(f"installations/{known}/revoke", {}) for known in (other.installation["id"], uuid.uuid4())
    ]
    assert [code(answer) for answer in answers] == [(404, "not_found")] * 2
    assert answers[0].json() == answers[1].json()
    assert other.get("setup").status_code == 200


def test_p11_a_login_on_a_new_phone_is_told_on_the_others_and_a_known_key_is_not_news() -> None:
    agent = make_agent()
    phone = make_phone(agent=agent)
    browser = Browser()
    browser.log_in(agent)
    browser.register()
    (notice,) = phone.contact()["notices"]
    assert notice["kind"] == "new_login"
    assert "Android, Chrome" in notice["text"]
    assert not AgentNotice.objects.filter(installation=browser.session.installation).exists()
    browser.post("logout")
    browser.log_in(agent)
    browser.register()
    assert AgentNotice.objects.count() == 1


def test_notices_are_told_until_read_and_nobody_reads_another_s() -> None:
    phone, other = make_phone(), make_phone()
    now = timezone.now()
    mine, his = (
        AgentNotice.objects.create(installation_id=installation_id(each), kind="revoked", text="Т", at=now)
        for each in (phone, other)
    )
    assert [row["id"] for row in phone.contact()["notices"]] == [str(mine.pk)]
    assert [row["id"] for row in phone.contact()["notices"]] == [str(mine.pk)]
    for _ in range(2):
        ids = [str(mine.pk), str(his.pk), str(uuid.uuid4())]
        assert phone.post("notices/read", {"ids": ids}).json() == {}
    assert phone.contact()["notices"] == []
    assert len(other.contact()["notices"]) == 1


@pytest.mark.parametrize(
    "ids", [None, "x", ["x"], [None], [[]], ["01a2041a-cad3-7aff-962c-0b8bf4771374"] * 101]
)
def test_strange_ids_of_notices_are_refused(ids) -> None:
    assert code(make_phone().post("notices/read", {"ids": ids})) == (400, "invalid")


@pytest.mark.parametrize(
    "body", [{}, {"phone_number": None}, {"phone_number": ["x"]}, {"phone_number": "\x00"}]
)
def test_a_strange_new_number_is_refused_at_its_field(body) -> None:
    answer = make_phone().post("phone/code", body)
    assert code(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "phone_number"


def test_without_a_session_every_call_asks_for_a_login() -> None:
    stranger = Phone(in_process())
    stranger.ping()
    calls = ["phone/code", "phone/confirm", "notices/read", f"installations/{uuid.uuid4()}/revoke"]
    assert {code(stranger.post(path, {})) for path in calls} == {(401, "login_required")}
    assert code(stranger.get("installations")) == (401, "login_required")
    assert code(stranger.get("installations/42/revoke")) == (404, "not_found")


def test_f25_two_agents_on_one_phone_the_second_carries_and_reads_nothing_of_the_first() -> None:
    first, second = make_phone(), make_phone()
    issued = first.issue()
    (answer,) = second.send(issued)
    assert answer["result"] == "accepted"
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.agent_id == Installation.objects.get(pk=installation_id(first)).agent_id
    assert receipt.installation_id == installation_id(first)
    assert receipt.carrier_id == installation_id(second)
    assert second.fetch_states() == []
    assert second.search()["receipts"] == []
    assert second.receipt(issued.id).status_code == 404
    assert second.status(issued.id)[issued.id]["result"] == "unknown"
    assert [row["id"] for row in first.fetch_states()] == [issued.id]


def test_f19_each_of_his_phones_hears_of_the_other_s_receipts_and_their_numbers_never_meet() -> None:
    agent = make_agent()
    phone, other = make_phone(agent=agent), make_phone(agent=agent)
    here, there = phone.issue(), other.issue()
    assert here.number != there.number
    phone.send(here)
    other.send(there)
    for each in (phone, other):
        heard = {row["id"]: row["installation"] for row in each.fetch_states()}
        assert heard == {here.id: phone.installation["id"], there.id: other.installation["id"]}


def test_p35_what_has_arrived_waits_no_longer_whoever_carried_it() -> None:
    phone, carrier = make_phone(), make_phone()
    first, second = phone.issue(), phone.issue(amount=100)
    phone.contact(waiting={"count": 3, "sum": 324_750})
    installation = Installation.objects.get(pk=installation_id(phone))

    def reported() -> tuple[int, int]:
        installation.refresh_from_db()
        return installation.waiting_count, installation.waiting_sum

    carrier.send(first, first)
    assert reported() == (2, 200)
    phone.send(second)
    assert reported() == (1, 100)
    phone.send(phone.issue(), phone.issue())  # more than it had reported: never below nothing
    assert reported() == (0, 0)


def test_p35_what_comes_again_lowers_the_report_only_where_the_phone_has_counted_it_since() -> None:
    phone = make_phone()
    first, second = phone.issue(), phone.issue(amount=100)
    installation = Installation.objects.get(pk=installation_id(phone))

    def reported() -> tuple[int, int]:
        installation.refresh_from_db()
        return installation.waiting_count, installation.waiting_sum

    phone.contact(waiting={"count": 3, "sum": 324_750})
    phone.send(first)
    phone.send(first)  # the answer was lost, the report is the same: it is lowered once
    assert reported() == (2, 200)
    phone.contact(waiting={"count": 3, "sum": 324_750})
    phone.send(first)
    assert reported() == (2, 200)
    operator = make_staff(Role.OPERATOR)
    for envelopes in ([first.envelope], [first.envelope, second.envelope], [second.envelope]):
        intake.take_in_file(envelopes, staff=operator)  # three files that overlap
    assert reported() == (1, 100)
