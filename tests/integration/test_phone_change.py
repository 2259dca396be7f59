"""«Сменить номер»: the number is an attribute, never the identity (P25)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import login_codes, nudge, phone_change, sending
from accounts.models import AgentNotice, AgentStatus, Installation, LoginAttempt, User
from accounts.phone_change import NumberInUseError, ReasonError, TooSoonError, TwoPeopleError
from accounts.sms.registry import Provider
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser, refusal

pytestmark = pytest.mark.django_db
NEW = "+79120007788"


class Inbox:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, to: str, text: str) -> None:
        self.sent.append((to, text))


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The agents whose former number was to be told."""
    agents: list[str] = []
    monkeypatch.setattr(nudge, "send_soon", lambda attempt_id: None)
    monkeypatch.setattr(nudge, "tell_former_number_soon", lambda agent_id: agents.append(str(agent_id)))
    return agents


def at_work(agent: User) -> Browser:
    browser = Browser()
    browser.log_in(agent)
    assert browser.register().status_code == 200
    return browser


def code_of(browser: Browser) -> str:
    attempt = LoginAttempt.objects.filter(purpose="new_number").latest("pk")
    return login_codes.derive(attempt.attempt)


def ask(browser: Browser, number: str = NEW):
    return browser.post("phone/code", {"phone_number": number})


def confirm(browser: Browser, code: str):
    return browser.post("phone/confirm", {"code": code})


def test_p25_the_code_goes_to_the_new_number_and_changes_it(
    told: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    agent = make_agent()
    before = agent.phone_number
    other = make_installation(agent=agent)
    browser = at_work(agent)
    AgentNotice.objects.all().delete()
    asked = ask(browser, "8 912 000-77-88")
    assert asked.status_code == 202
    assert set(asked.json()) == {"attempt", "sign", "office_phone", "resend_after", "valid_for", "tries_left"}
    attempt = LoginAttempt.objects.get(purpose="new_number")
    assert (attempt.phone_number, attempt.user) == (NEW, agent)
    with django_capture_on_commit_callbacks(execute=True):
        answer = confirm(browser, code_of(browser))
    assert answer.status_code == 200
    assert answer.json()["agent"]["phone_number"] == NEW
    assert browser.cookie("kias_number") == ""
    agent.refresh_from_db()
    assert (agent.phone_number, agent.former_number) == (NEW, before)
    assert told == [str(agent.pk)]
    notices = AgentNotice.objects.filter(kind="number_changed")
    assert {notice.installation_id for notice in notices} == {other.pk, browser.session.installation_id}
    assert all("+7 ••• •••-77-88" in n.text and settings.OFFICE_PHONE in n.text for n in notices)
    assert browser.client.get("/api/states").status_code == 200  # his phone and his session stay his
    assert Browser().log_in(agent).status_code == 200


def test_f01_a_change_whose_answer_was_lost_is_confirmed_again() -> None:
    browser = at_work(make_agent())
    ask(browser)
    code, kept = code_of(browser), browser.cookie("kias_number")
    assert confirm(browser, code).status_code == 200
    browser.client.cookies["kias_number"] = kept  # the answer that took it away never came
    again = confirm(browser, code)
    assert (again.status_code, again.json()["agent"]["phone_number"]) == (200, NEW)
    assert User.objects.filter(phone_number=NEW).count() == 1


def test_p25_the_former_number_reads_that_it_is_changed_and_whom_to_call() -> None:
    inbox = Inbox()
    agent = make_agent(former_number="+79120001111", number_changed_at=timezone.now())
    sending.tell_former_number(agent.pk, [Provider("demo", inbox)])
    text = f"Номер для входа в КИАС изменён. Если это не вы, звоните {settings.OFFICE_PHONE}"
    assert inbox.sent == [("+79120001111", text)]
    User.objects.filter(pk=agent.pk).update(number_changed_at=timezone.now() - timedelta(days=2))
    sending.tell_former_number(agent.pk, [Provider("demo", inbox)])  # a task that slept over it
    assert len(inbox.sent) == 1


def test_p25_another_s_number_is_refused_only_after_its_code_proved_it() -> None:
    other = make_agent(phone_number=NEW)
    agent = make_agent()
    browser = at_work(agent)
    assert ask(browser).status_code == 202  # tells nobody whose number it is
    assert (
        refusal(confirm(browser, "000000" if code_of(browser) != "000000" else "111111"))[1] == "wrong_code"
    )
    answer = confirm(browser, code_of(browser))
    assert refusal(answer) == (400, "number_in_use")
    assert answer.json()["error"]["field"] == "phone_number"
    agent.refresh_from_db()
    other.refresh_from_db()
    assert other.phone_number == NEW != agent.phone_number
    assert agent.number_changed_at is None


def test_five_wrong_codes_end_the_attempt_and_are_counted_in_it() -> None:
    browser = at_work(make_agent())
    ask(browser)
    wrong = "000000" if code_of(browser) != "000000" else "111111"
    left = [confirm(browser, wrong).json()["error"]["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert refusal(confirm(browser, code_of(browser))) == (400, "code_expired")
    assert refusal(confirm(browser, "12345")) == (400, "invalid")


def test_one_s_own_number_a_foreign_one_and_no_number_are_told_at_the_field() -> None:
    agent = make_agent()
    browser = at_work(agent)
    for typed in (agent.phone_number, "+375 29 123-45-67", "912"):
        answer = ask(browser, str(typed))
        assert refusal(answer) == (400, "invalid")
        assert answer.json()["error"]["field"] == "phone_number"


def test_asking_again_within_a_minute_sends_nothing_and_too_often_is_throttled(
    settings, django_capture_on_commit_callbacks
) -> None:
    settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | {"phone_number": 2}
    browser = at_work(make_agent())
    first = ask(browser).json()["attempt"]
    assert ask(browser).json()["attempt"] == first
    for number in ("+79120000001", "+79120000002"):
        last = ask(browser, number)
    assert refusal(last) == (429, "throttled")


def test_p17_who_only_hands_over_changes_no_number() -> None:
    agent = make_agent()
    browser = at_work(agent)
    ask(browser)
    code = code_of(browser)
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.HANDOVER_ONLY)
    assert refusal(ask(browser)) == (403, "not_allowed")
    assert refusal(confirm(browser, code)) == (403, "not_allowed")


def test_f25_the_next_agent_on_this_phone_cannot_use_the_first_one_s_code() -> None:
    first, second = make_agent(), make_agent()
    browser = at_work(first)
    ask(browser)
    code = code_of(browser)
    other = at_work(second)
    other.client.cookies["kias_number"] = browser.cookie("kias_number")
    assert refusal(confirm(other, code)) == (400, "no_attempt")


def test_the_login_s_code_changes_no_number_and_the_number_s_code_opens_no_login() -> None:
    agent = make_agent()
    browser = at_work(agent)
    ask(browser)
    number_code, token = code_of(browser), browser.cookie("kias_number")
    browser.ask(agent.phone_number)
    login_code = browser.read_code()
    browser.client.cookies["kias_number"], browser.client.cookies["kias_attempt"] = (
        browser.cookie("kias_attempt"),
        token,
    )
    assert refusal(confirm(browser, login_code)) == (400, "no_attempt")
    assert refusal(browser.confirm(number_code)) == (400, "no_attempt")


def test_p25_a_second_change_within_a_day_is_refused_or_the_true_owner_would_never_hear() -> None:
    agent = make_agent()
    browser = at_work(agent)
    ask(browser)
    assert confirm(browser, code_of(browser)).status_code == 200
    assert refusal(ask(browser, "+79120009900")) == (403, "not_allowed")
    User.objects.filter(pk=agent.pk).update(number_changed_at=timezone.now() - timedelta(hours=25))
    assert ask(browser, "+79120009900").status_code == 202
    User.objects.filter(pk=agent.pk).update(number_changed_at=timezone.now())  # meanwhile, elsewhere
    session = browser.session
    with pytest.raises(TooSoonError):
        phone_change.confirm(session, code_of(browser), attempt_token=browser.cookie("kias_number"))


def test_p25_a_new_phone_reads_nothing_for_a_day_after_it_but_issues_and_sends() -> None:
    agent = make_agent(number_changed_at=timezone.now() - timedelta(hours=1))
    known = at_work(agent)
    Installation.objects.update(reads_from=None)
    assert known.client.get("/api/states").status_code == 200
    fresh = at_work(agent)
    answer = fresh.client.get("/api/states")
    assert refusal(answer) == (403, "not_allowed")
    assert "Оформлять и отправлять можно уже сейчас" in answer.json()["error"]["message"]
    assert refusal(fresh.post("receipts/search", {"q": ""})) == (403, "not_allowed")
    assert refusal(ask(fresh)) == (403, "not_allowed")
    victim = known.session.installation_id
    assert refusal(fresh.post(f"installations/{victim}/revoke")) == (403, "not_allowed")
    assert fresh.post("receipts", {"envelopes": []}).status_code == 200
    assert fresh.post("numbers").json()["number"] is None  # allowed; there is no series here
    assert fresh.client.get("/api/installations").status_code == 200
    Installation.objects.update(reads_from=timezone.now())
    assert fresh.client.get("/api/states").status_code == 200


def test_p25_a_phone_registered_a_day_later_reads_at_once() -> None:
    agent = make_agent(number_changed_at=timezone.now() - timedelta(hours=24, minutes=1))
    browser = at_work(agent)
    assert Installation.objects.get().reads_from is None
    assert browser.client.get("/api/states").status_code == 200


def test_p20_the_office_changes_a_number_by_two_people_and_neither_is_the_agent(settings) -> None:
    settings.TWO_PEOPLE = True
    agent, one, two = make_agent(), make_agent(), make_agent()
    now = timezone.now()
    given = {"reason": "Потерял SIM, узнали по договору", "now": now}
    for asked, confirmed in ((one, None), (one, one), (agent, two), (one, agent)):
        with pytest.raises(TwoPeopleError):
            phone_change.change_by_office(agent, NEW, asked_by=asked, confirmed_by=confirmed, **given)
    with pytest.raises(ReasonError):
        phone_change.change_by_office(agent, NEW, asked_by=one, confirmed_by=two, reason=" ", now=now)
    with pytest.raises(NumberInUseError):
        phone_change.change_by_office(agent, str(one.phone_number), asked_by=one, confirmed_by=two, **given)
    changed = phone_change.change_by_office(agent, "8 912 000 77 88", asked_by=one, confirmed_by=two, **given)
    assert (changed.phone_number, changed.number_changed_at) == (NEW, now)
