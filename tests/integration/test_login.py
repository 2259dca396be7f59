"""Login by SMS code, from the browser's side."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp import devices_for_user
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import nudge
from accounts.models import AgentSession, AgentStatus, LoginAttempt, User
from tests.support.factories import make_agent
from tests.support.login import Browser, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The attempts whose code was to be sent, in their order."""
    attempts: list[str] = []
    monkeypatch.setattr(nudge, "send_soon", lambda attempt_id: attempts.append(str(attempt_id)))
    return attempts


def test_an_agent_logs_in_with_the_code_of_his_sms() -> None:
    agent = make_agent(last_name="Сидоров", first_name="Пётр", middle_name="Ильич")
    browser = Browser()
    asked = browser.ask(agent.phone_number)
    assert asked.status_code == 202
    assert asked.json() == {
        "attempt": str(browser.attempt.attempt),
        "sign": browser.attempt.sign,
        "office_phone": "+7 800 000-00-00",
        "resend_after": 60,
        "valid_for": 600,
        "tries_left": 5,
    }
    answer = browser.confirm(browser.read_code())
    assert answer.status_code == 200
    assert answer.json() == {
        "agent": {
            "id": str(agent.id),
            "name": "Сидоров Пётр Ильич",
            "phone_number": agent.phone_number,
            "status": "working",
            "contract": agent.agent_contract,
        }
    }
    assert browser.session.agent == agent
    assert browser.session.installation is None
    assert browser.cookie("kias_attempt") == ""


@pytest.mark.parametrize("typed", ["8 (912) 000-11-22", "9120001122", "+7 912 000 11 22"])
def test_the_number_may_be_typed_in_any_usual_way(typed: str) -> None:
    make_agent(phone_number="+79120001122")
    browser = Browser()
    assert browser.ask(typed).status_code == 202
    assert browser.confirm(browser.read_code()).status_code == 200


def test_the_code_may_be_typed_with_a_space() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    code = browser.read_code()
    assert browser.confirm(f" {code[:3]} {code[3:]} ").status_code == 200


def test_typing_another_number_begins_another_attempt() -> None:
    first, second = make_agent(), make_agent()
    browser = Browser()
    browser.ask(first.phone_number)
    code_of_first = browser.read_code()
    browser.ask(second.phone_number)
    assert browser.read_code() != code_of_first
    assert browser.confirm(browser.read_code()).json()["agent"]["id"] == str(second.id)


@pytest.mark.parametrize("who", ["nobody", "staff only", "closed", "inactive"])
def test_a_number_that_nobody_may_log_in_with_is_answered_exactly_alike_and_gets_no_sms(
    who: str, sent: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    number = "+79990000001"
    if who != "nobody":
        status = {"closed": AgentStatus.CLOSED, "inactive": AgentStatus.WORKING}.get(who, "")
        make_agent(phone_number=number, status=status, is_active=who != "inactive", is_staff=True)
    theirs, stranger = Browser(), Browser()
    with django_capture_on_commit_callbacks(execute=True):
        known = theirs.ask(make_agent().phone_number)
        unknown = stranger.ask(number)
    assert unknown.status_code == known.status_code == 202
    own = {"attempt": str(stranger.attempt.attempt), "sign": stranger.attempt.sign}
    assert unknown.json() == known.json() | own
    assert unknown.cookies.keys() == known.cookies.keys()
    assert sent == [known.json()["attempt"]]
    wrong = theirs.confirm(theirs.wrong_code())
    assert stranger.confirm(stranger.read_code()).json() == wrong.json()  # even the right guess
    assert not AgentSession.objects.exists()


def test_known_and_unknown_numbers_cost_the_same_questions_to_the_database() -> None:
    def questions(number: str | None) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            Browser().ask(number)
        return [query["sql"].split()[0] for query in asked.captured_queries]

    questions("+79990000000")  # the first of the hour also cleans up
    assert questions(make_agent().phone_number) == questions("+79990000001")


def test_an_agent_who_only_hands_over_logs_in_p17() -> None:
    browser = Browser()
    browser.log_in(make_agent(status=AgentStatus.HANDOVER_ONLY))
    assert browser.session


def test_an_agent_closed_after_asking_does_not_get_in() -> None:
    agent = make_agent()
    browser = Browser()
    browser.ask(agent.phone_number)
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.CLOSED)
    assert refusal(browser.confirm(browser.read_code())) == (400, "wrong_code")


def test_p25_a_new_number_opens_the_same_person_and_the_old_one_nothing() -> None:
    agent = make_agent(phone_number="+79120000001")
    old_number = Browser()
    old_number.ask("+79120000001")
    agent.phone_number = "+79120000002"
    agent.save()
    assert refusal(old_number.confirm(old_number.read_code())) == (400, "wrong_code")
    browser = Browser()
    assert browser.log_in(agent).json()["agent"]["id"] == str(agent.id)
    # The recycled number is another person's now.
    heir = make_agent(phone_number="+79120000001")
    assert Browser().log_in(heir).json()["agent"]["id"] == str(heir.id)


@pytest.mark.parametrize(
    "typed", ["", "912", "+1 202 555 0143", "+375291234567", "телефон", "9" * 41, None, 5]
)
def test_a_foreign_or_impossible_number_is_refused_with_the_field(typed: object) -> None:
    answer = Browser().post("login/code", {"phone_number": typed})
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "phone_number"
    assert not LoginAttempt.objects.exists()


@pytest.mark.parametrize("body", [[], '"text"', "5", {"code": ["1"]}, {"code": {"a": 1}}, {"code": "\0" * 6}])
def test_any_json_is_answered_by_a_coded_refusal(body: object) -> None:
    for path in ("login/code", "login/confirm"):
        assert refusal(Browser().post(path, body)) == (400, "invalid")


def test_confirming_without_having_asked_says_so() -> None:
    assert refusal(Browser().confirm("123456")) == (400, "no_attempt")


def test_a_login_attempt_is_never_a_second_factor_of_the_admin() -> None:
    agent = make_agent(is_staff=True)
    browser = Browser()
    browser.ask(agent.phone_number)
    assert browser.attempt.user == agent
    assert list(devices_for_user(agent)) == []


def test_logging_in_again_ends_the_browsers_former_session() -> None:
    agent = make_agent()
    browser = Browser()
    browser.log_in(agent)
    former = browser.session
    browser.log_in(agent)
    former.refresh_from_db()
    assert former.ended_at is not None
    assert browser.session.ended_at is None
