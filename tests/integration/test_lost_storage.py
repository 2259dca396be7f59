"""F23: the browser's storage is gone; its cookies are not, so the server knows what was there."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from accounts.models import AgentNotice, Installation
from tests.support.factories import make_agent
from tests.support.login import Browser

pytestmark = pytest.mark.django_db


def cleared(browser: Browser) -> Browser:
    """IndexedDB is empty, the HttpOnly cookies are still there."""
    browser.key = ec.generate_private_key(ec.SECP256R1())
    return browser


def test_f23_a_new_installation_in_the_same_browser_marks_the_former_one_and_hears_what_may_be_lost() -> None:
    agent = make_agent()
    browser = Browser()
    browser.log_in(agent)
    browser.register()
    Installation.objects.update(waiting_count=3, waiting_sum=1_249_050, last_contact_at=timezone.now())
    former = Installation.objects.get()
    cleared(browser).log_in(agent)
    browser.register()
    former.refresh_from_db()
    assert former.storage_lost_at
    notice = AgentNotice.objects.get(kind="storage_lost")
    assert notice.installation != former
    assert former.code in notice.text
    assert "ждали отправки: 3 шт. на 12\u202f490,50 ₽" in notice.text

    browser.register()  # the answer was lost
    assert AgentNotice.objects.filter(kind="storage_lost").count() == 1


def test_f23_nothing_is_said_of_a_revoked_one_another_agents_or_another_phone() -> None:
    agent = make_agent()
    browser = Browser()
    browser.log_in(agent)
    browser.register()
    second = Browser()
    second.log_in(agent)
    second.register()  # his second phone
    cleared(browser).log_in(make_agent())
    browser.register()  # another agent on the first one
    assert not Installation.objects.exclude(storage_lost_at=None).exists()
    Installation.objects.filter(agent=agent).update(revoked_at=timezone.now())
    cleared(browser).log_in(agent)
    browser.register()
    assert not Installation.objects.exclude(storage_lost_at=None).exists()
    assert not AgentNotice.objects.filter(kind="storage_lost").exists()
