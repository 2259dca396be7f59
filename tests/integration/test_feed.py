"""What an agent hears of his receipts, and of nobody else's (F31, F37)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AgentStatus, Installation, User
from receipts import registry
from receipts.checks import FiscalCheck
from receipts.models import PaidBy, Receipt
from sync import feed
from sync.office import correcting, refunding
from sync.office.correcting import Right
from sync.office.refunding import Payout
from tests.support.factories import installation_id, make_agent, make_phone, make_series
from tests.support.phone import moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]

CHECK = FiscalCheck(
    fn="9251440300046840",
    fd="29414",
    fpd="1250830908",
    formed_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
    amount=324550,
)


def test_states_tell_each_change_once_and_in_order(phone):
    issued = phone.issue()
    phone.send(issued)
    assert [change["state"] for change in phone.fetch_states()] == ["accepted"]
    registry.register(issued.id, isn="1001")
    registry.fiscalise(issued.id, check=CHECK)
    registered, fiscalised = phone.fetch_states()
    assert (registered["state"], registered["change"], registered["check"]) == ("registered", 2, None)
    assert fiscalised["check"] == {
        "fn": "9251440300046840",
        "fd": "29414",
        "fpd": "1250830908",
        "formed_at": "2026-11-22T10:00:00.000Z",
        "qr": CHECK.qr,
    }
    assert (fiscalised["number"], fiscalised["amount"]) == (issued.number, 324550)
    assert phone.fetch_states() == []


def test_a_cursor_ahead_of_us_stays_where_it_is(phone):
    answer = phone.get("states", after=42).json()
    assert answer == {"changes": [], "cursor": 42, "more": False}


def test_many_changes_come_in_slices(phone, monkeypatch):
    monkeypatch.setattr(feed, "MAX_CHANGES", 2)
    issued = [phone.issue() for _ in range(5)]
    phone.send(*issued)
    first = phone.get("states", after=0).json()
    assert (len(first["changes"]), first["cursor"], first["more"]) == (2, 2, True)
    assert [change["change"] for change in phone.fetch_states()] == [1, 2, 3, 4, 5]


def test_a_rejection_says_why(phone):
    issued = phone.issue()
    phone.send(issued)
    registry.reject(issued.id, reason="policy_unknown", text="Полис не найден")
    change = phone.fetch_states()[-1]
    assert (change["state"], change["reason"], change["text"]) == (
        "rejected",
        "policy_unknown",
        "Полис не найден",
    )


def test_f37_another_agents_receipt_is_answered_like_an_unknown_one(phone):
    issued = phone.issue()
    phone.send(issued)
    stranger = make_phone()
    unknown = "01a2041a-cad3-7aff-962c-0b8bf4771374"
    asked, missed = stranger.receipt(issued.id), stranger.receipt(unknown)
    assert (asked.status_code, asked.json()) == (missed.status_code, missed.json())
    assert asked.status_code == 404
    fates = stranger.status(issued.id, unknown)
    assert fates[issued.id] == {"id": issued.id, "result": "unknown"}
    assert stranger.search(issued.number)["receipts"] == []
    assert stranger.fetch_states() == []


def test_f37_an_exception_of_another_agent_is_unknown_too(phone):
    issued = phone.issue(amount="x")
    phone.send(issued)
    assert phone.status(issued.id)[issued.id] == {"id": issued.id, "result": "held"}
    assert make_phone().status(issued.id)[issued.id]["result"] == "unknown"


def test_another_phone_of_the_same_agent_sees_all_of_his(phone):
    issued = phone.issue()
    phone.send(issued)
    second = make_phone(agent=Installation.objects.get(pk=installation_id(phone)).agent)
    assert second.receipt(issued.id).json()["number"] == issued.number
    assert second.status(issued.id)[issued.id]["result"] == "accepted"


def test_f15_the_fate_of_each_id_is_told_in_order(phone):
    accepted, held, unknown = phone.issue(), phone.issue(amount=0), phone.issue()
    phone.send(accepted, held)
    answer = phone.post("receipts/status", {"ids": [unknown.id, held.id, accepted.id, accepted.id]}).json()
    assert answer["receipts"] == [
        {"id": unknown.id, "result": "unknown"},
        {"id": held.id, "result": "held", "state": "held"},
        {"id": accepted.id, "result": "accepted", "state": "accepted"},
        {"id": accepted.id, "result": "accepted", "state": "accepted"},
    ]


def test_one_receipt_comes_whole_with_its_history(phone):
    issued = phone.issue(comment="к", payer="Иванов Иван")
    phone.send(issued)
    registry.register(issued.id, isn="1001")
    registry.fiscalise(issued.id, check=CHECK)
    told = phone.receipt(issued.id).json()
    same = set(issued.content) & set(told)
    assert {key: told[key] for key in same} == {key: issued.content[key] for key in same}
    assert len(same) == 25
    assert [step["state"] for step in told["history"]] == ["accepted", "registered", "fiscalised"]
    assert told["check"]["qr"] == CHECK.qr


@pytest.fixture
def three(phone):
    """Receipts of three clients, one minute apart."""
    now = datetime.now(UTC)
    clients = [
        ("Сидорова Аглая Потаповна", "person", "0123456789"),
        ("Артёмов Пётр", "person", "0123450000"),
        ("ООО Ромашка и Ко", "organisation", "7000000001"),
    ]
    issued = [
        phone.issue(
            insurant=name,
            insurant_kind=kind,
            policy_number=policy,
            issued_at=moment(now - timedelta(minutes=i)),
        )
        for i, (name, kind, policy) in enumerate(clients)
    ]
    phone.send(*issued)
    return issued


def test_the_list_is_newest_first_with_short_names(phone, three):
    found = phone.search()["receipts"]
    assert [row["insurant"] for row in found] == [
        "Сидорова\u00a0А.\u00a0П.",
        "Артёмов\u00a0П.",
        "ООО Ромашка и Ко",
    ]
    assert [row["number"] for row in found] == [issued.number for issued in three]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("сидорова", [0]),
        ("АГЛАЯ сид", [0]),
        ("артемов", [1]),
        ("ромашка", [2]),
        ("xxx 0123456789", [0]),
        ("ХХХ-01234", [0, 1]),
        ("7000000001", [2]),
        ("никто", []),
        ("%", []),
        ("_", []),
    ],
)
def test_search_understands_names_and_policies_as_typed(phone, three, typed, expected):
    found = [row["id"] for row in phone.search(typed)["receipts"]]
    assert found == [three[i].id for i in expected]


def test_search_understands_a_number_in_any_spelling(phone, three):
    latin = three[1].number.translate(str.maketrans("БСАВЕКМНРТУХ", "BCABEKMHPTYX")).lower()
    for typed in (
        three[1].number,
        latin,
        latin[3:],
        three[1].number.replace("-", " "),
        latin[3:].replace("0", "o"),
    ):
        assert [row["id"] for row in phone.search(typed)["receipts"]] == [three[1].id], typed


def test_pages_of_the_list_join_without_gap_or_overlap(phone, monkeypatch):
    monkeypatch.setattr(feed, "PAGE", 2)
    at = moment(datetime.now(UTC))
    issued = [phone.issue(issued_at=at) for _ in range(5)]
    phone.send(*issued)
    seen, before = [], None
    for _ in range(3):
        page = phone.search(before=before)
        seen += [row["id"] for row in page["receipts"]]
        before = page["next"]
    assert before is None
    assert sorted(seen) == sorted(item.id for item in issued)


@pytest.mark.parametrize("before", ["x", "AAAA", "0YI=", "MjAyNi0xMS0yMnx4", "====", "я"])
def test_a_strange_cursor_is_refused_with_its_field(phone, before):
    answer = phone.post("receipts/search", {"q": "", "before": before})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "before")


def test_an_agent_who_only_hands_over_sends_but_reads_nothing():
    agent = make_agent()
    phone = make_phone(agent=agent)
    issued = phone.issue(issued_at=moment(datetime.now(UTC) - timedelta(hours=2)))
    User.objects.filter(pk=agent.pk).update(
        agent_status=AgentStatus.HANDOVER_ONLY, status_since=datetime.now(UTC)
    )
    assert phone.send(issued)[0]["result"] == "accepted"
    assert phone.status(issued.id)[issued.id]["result"] == "accepted"
    for answer in (phone.get("states"), phone.receipt(issued.id), phone.post("receipts/search", {})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


def test_p08_an_agent_hears_that_his_receipt_was_given_back_and_nothing_of_the_refund(phone):
    make_series()
    issued = phone.issue()
    phone.send(issued)
    registry.register(issued.id, isn="1001")
    phone.fetch_states()
    payout = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=timezone.localdate())
    refund = refunding.refund(issued.id, payout=payout, staff=make_agent(), text="Передумал.")
    (told,) = phone.fetch_states()
    assert (told["id"], told["state"], told["reason"]) == (issued.id, "registered", "refunded")
    assert told["text"].startswith("Деньги возвращены клиенту: касса офиса")
    assert told["refunded"] is True
    registry.register(refund.pk, isn="1002")
    answer = phone.get("states", after=0).json()
    assert {change["id"] for change in answer["changes"]} == {issued.id}
    assert answer["cursor"] == feed.highest(User.objects.get(receipts=refund).pk)
    assert phone.get(f"receipts/{refund.pk}").status_code == 404
    assert phone.get(f"receipts/{issued.id}").json()["refunded"] is True


def test_p08_the_right_receipt_of_a_correction_comes_to_the_phone_as_a_replacement(phone):
    make_series()
    issued = phone.issue()
    phone.send(issued)
    registry.register(issued.id, isn="1001")
    phone.fetch_states()
    wrong = Receipt.objects.get(pk=issued.id)
    right = replace(Right.of(wrong), amount=100)
    new = correcting.correct(issued.id, right=right, staff=make_agent(), text="Лишний ноль.")
    told = {change["id"]: change for change in phone.fetch_states()}
    assert (told[issued.id]["reason"], told[issued.id]["refunded"]) == ("corrected", True)
    came = told[str(new.pk)]
    assert (came["replaces"], came["amount"], came["refunded"]) == (issued.id, 100, False)
    assert len(told) == 2
