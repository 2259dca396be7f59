"""The office's list of phones: what waits on them, and what is wrong with them, by their own word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backoffice import html
from sync import sealing_keys
from tests.support.factories import make_agent, make_installation, make_phone
from tests.support.office import office_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return office_client()


def test_the_list_of_phones_tells_what_waits_on_them(office: Client) -> None:
    silent = make_installation(agent=make_agent())
    busy = make_installation(
        agent=make_agent(), waiting_count=5, waiting_sum=1_249_050, counter=44,
        clock_skew_s=-3600, clock_jumps=2,
        last_contact_at=timezone.now() - timedelta(days=5), storage_persisted=False,
    )  # fmt: skip
    page = office.get("/admin/accounts/installation/").content.decode()
    assert "5\u00a0квитанций" in page
    assert "12\u202f490,50\u00a0₽" in page
    assert "5\u00a0дней назад" in page
    assert "ещё не было" in page
    found = office.get("/admin/accounts/installation/", {"waiting": "yes"}).context["cl"].queryset
    assert list(found) == [busy]
    assert silent not in found
    page = office.get(html.page_of(busy)).content.decode()
    assert "отстают на 60\u00a0мин; переводили назад 2\u00a0раза" in page


def test_f23_f24_phones_in_trouble_are_found_by_what_is_wrong(office: Client) -> None:
    now = timezone.now()
    healthy = {
        "last_contact_at": now,
        "app_version": settings.RELEASE,
        "storage_usage": 5_000_000,
        "storage_quota": 10**10,
    }
    space, lost, clock, silent, old, _fine = (
        make_installation(agent=make_agent(), **healthy | trouble)
        for trouble in (
            {"storage_quota": 25_000_000},
            {"storage_lost_at": now, "storage_persisted": True},
            {"clock_skew_s": -3600},
            {"last_contact_at": now - timedelta(days=4)},
            {"app_version": "0.9.9"},
            {"clock_skew_s": 3},
        )
    )
    make_installation(agent=make_agent(), **healthy | {"app_version": "9999.0.0"})  # its own word alone
    make_installation(agent=make_agent(), **healthy | {"last_contact_at": None})  # registered just now
    address = "/admin/accounts/installation/"
    cases = {"space": space, "lost": lost, "clock": clock, "silent": silent, "old": old}
    for trouble, phone in cases.items():
        assert list(office.get(address, {"trouble": trouble}).context["cl"].queryset) == [phone], trouble
    page = office.get(address).content.decode()
    assert "свободно 20\u00a0МБ" in page
    assert "память пропала" in page
    assert "часы отстают на 60\u00a0мин" in page
    assert "версия 0.9.9" in page
    assert "версия 9999" not in page
    assert f"версия {settings.RELEASE}" not in page
    assert "закреплено" not in office.get(html.page_of(lost)).content.decode()


def test_a_phone_that_lies_as_high_as_it_can_breaks_no_page_of_the_office(
    office: Client, settings: Any, tmp_path: Path
) -> None:
    """Two at the limit: neither their sum nor space beside usage is more than the database can count."""
    settings.SEALING_KEY_DIRS = [tmp_path]
    sealing_keys.make()
    agent = make_agent()
    lies: dict[str, Any] = {"waiting": {"count": 2**31 - 1, "sum": 2**63 - 1}, "backward_jumps": 2**31 - 1}
    for _ in range(2):
        make_phone(agent=agent).contact(**lies, storage_usage=2**63 - 1, storage_quota=2**63 - 1)
    assert make_phone(agent=agent).contact()["elsewhere"]["count"] > 0
    for address in ("/admin/", "/admin/accounts/installation/?trouble=space", "/admin/system/"):
        assert office.get(address).status_code == 200, address
