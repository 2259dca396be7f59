"""All pages of the office together: they speak Russian, and foreign text does no harm on them (P31)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import unfold
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backoffice import demo, html
from receipts.models import DocumentKind, PaymentForm, Product
from receipts.states import State
from receipts.text import is_hostile, storable
from sync.models import KiasPause, KiasRefusal
from tests.support.cases import load
from tests.support.factories import make_agent, make_installation
from tests.support.office import (
    make_attempt,
    make_delivery,
    make_event,
    make_exception,
    make_receipt,
    office_client,
)
from tests.support.pages import english

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TEXTS = [storable(case["text"]) for case in load("hostile_text")["cases"]]
MARKUP = "\"><script>alert('хвать')</script><img src=x onerror=alert(1)>{{ 7*7 }}"


def fill(text: str) -> list[Model]:
    """A row of everything that holds foreign text: first what comes from outside, then the office's own."""
    agent = make_agent(last_name=text[:150], first_name=text[:150], agent_contract=text[:64])
    installation = make_installation(agent=agent, name=text[:120], app_version=text[:32], waiting_count=1)
    receipt = make_receipt(
        installation=installation, state=State.HELD, reason="hostile_text", insurant=text[:256],
        payer=text[:256], comment=text[:500], policy_series=text[:16], policy_number=text[:32],
        document_number=text[:40], contact_email=text[:64], payment_reference=text[:64],
        issued_zone=text[:64], insurant_kind=text[:12], document_kind=text[:20], product_code=text[:32],
        evidence={"server_time": text, "server_signature": text, "backward_jumps": text},
    )  # fmt: skip
    make_event(receipt=receipt, text=text[:500], reason=text[:40])
    delivery = make_delivery(receipt=receipt, last_error=text[:200])
    attempt = make_attempt(delivery=delivery, detail=text[:300], why=text[:24])
    exception = make_exception(
        signer=installation, claimed_number=text[:16], content=text, envelope=text, ended_reason=text[:500]
    )
    pause = KiasPause.objects.create(started_at=timezone.now(), reason=text[:200])
    entry = LogEntry.objects.create(user=agent, object_repr=text[:200], action_flag=2, change_message=text)
    return [receipt, exception, installation, delivery, attempt, agent, pause, entry]


def check(page: str, text: str, address: str) -> None:
    """The text stands on the page as text: nothing of it runs, hides or turns the page round."""
    for harm in ("<script>alert", "<img src=x", "onerror=alert(1)>", "</script><script", "]]><"):
        assert harm not in page, address
    if "<title>" in page:  # a browser's tab shows a person's name as it is, and runs nothing
        page = page.partition("</title>")[2]
    for sign in {sign for sign in text if is_hostile(sign)} - {"\n", "\r", "\t"}:
        assert sign not in page, (address, hex(ord(sign)))


def lists() -> Iterator[str]:
    yield "/admin/"
    for model in admin.site._registry:
        yield html.list_of(model)


def read(office: Client, address: str) -> bytes:
    answer = office.get(address)
    assert answer.status_code == 200, address
    return answer.content


def test_markup_is_only_text_on_every_page_of_the_office() -> None:
    office = office_client()
    rows = fill(MARKUP)
    for address in [*lists(), *(html.page_of(row) for row in rows)]:
        check(read(office, address).decode(), MARKUP, address)


def test_every_hostile_text_is_only_text_in_the_lists() -> None:
    office = office_client()
    for text in TEXTS:
        fill(text)
    for address in lists():
        check(read(office, address).decode(), "".join(TEXTS), address)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_every_hostile_text_is_only_text_on_the_pages_of_what_came_from_outside(text: str) -> None:
    office = office_client()
    receipt, exception, *_ = fill(text)
    for address in (html.page_of(receipt), html.page_of(exception)):
        check(read(office, address).decode(), text, address)


def heading(office: Client, address: str) -> str:
    page = read(office, address).decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[0]).split())
    return words.replace("chevron_right", "›")


def test_a_page_is_called_as_the_menu_calls_it_and_results_are_counted_only_after_a_search() -> None:
    office = office_client()
    receipt = make_receipt()
    assert heading(office, "/admin/receipts/receipt/") == "Реестр квитанций"
    found = heading(office, f"/admin/receipts/receipt/?q={receipt.number}")
    assert found == "Реестр квитанций 1 результат ( Показать все )"
    assert heading(office, html.page_of(receipt)) == f"Реестр квитанций › {receipt.number}"
    assert heading(office, "/admin/accounts/installation/") == "Телефоны агентов"
    assert heading(office, "/admin/admin/logentry/") == "Журнал действий"
    assert heading(office, "/admin/sync/kiaspause/add/") == "Паузы › новая запись"
    assert heading(office, "/admin/password_change/") == "Изменение пароля"


@pytest.mark.parametrize(
    ("address", "tab"),
    [
        ("/admin/sync/delivery/", "Передачи"),
        ("/admin/sync/kiaspause/add/", "Паузы"),
        ("/admin/receipts/product/osago/change/", "ОСАГО | Виды страхования"),
        ("/admin/password_change/", "Изменение пароля"),
    ],
)
def test_the_browser_s_tab_says_in_good_russian_where_one_is(address: str, tab: str) -> None:
    demo.fill()
    page = read(office_client(), address).decode()
    assert " ".join(page.partition("<title>")[2].partition("</title>")[0].split()) == f"{tab} | КИАС Офлайн"


def test_every_page_of_the_office_speaks_russian() -> None:
    office = office_client()
    demo.fill()
    installation = make_installation(agent=make_agent(), name="Android, Chrome", waiting_count=2)
    rows: list[Model] = [installation, installation.agent]
    for state in State:
        receipt = make_receipt(installation=installation, state=state)
        delivery = make_delivery(receipt=receipt)
        rows += [
            receipt,
            delivery,
            make_attempt(delivery=delivery),
            make_attempt(delivery=delivery, why="check"),
        ]
    rows += [make_exception(signer=installation), make_exception(reason="malformed", content="")]
    rows += [KiasPause.objects.create(started_at=timezone.now(), reason="Плановые работы")]
    rows += [Product.objects.get(pk="osago"), PaymentForm.objects.get(pk="card")]
    addresses = [
        *lists(),
        *(html.page_of(row) for row in rows),
        *("/admin/accounts/user/add/", "/admin/sync/kiaspause/add/", "/admin/receipts/product/add/"),
        *("/admin/receipts/receipt/?q=ничего", "/admin/receipts/", "/admin/password_change/"),
        html.page_of(installation).replace("/change/", "/history/"),
    ]
    people = {
        word for person in User.objects.all() for word in (person.username, *person.username.split("-"))
    }
    codes = {"osago", "kasko", "property", "accident", "health", "travel", "cash", "card", "agent", "tap"}
    codes |= {word for kind in DocumentKind.objects.all() for word in kind.code.split("_")}
    codes |= {
        word for row in KiasRefusal.objects.all() for word in f"{row.code}_{row.field}_reason".split("_")
    }
    slips = {
        address: words
        for address in addresses
        if (words := english(read(office, address), known=people | codes))
    }
    assert slips == {}


def test_login_its_refusal_and_leaving_speak_russian() -> None:
    nobody = Client()
    pages = [nobody.get("/admin/login/"), nobody.post("/admin/login/", {"username": "a", "password": "b"})]
    assert "Имя или пароль не подошли." in pages[1].content.decode()
    pages.append(office_client().post("/admin/logout/"))
    assert [english(page.content) for page in pages] == [set(), set(), set()]


def test_the_first_page_counts_what_waits_for_a_person() -> None:
    office = office_client()
    installation = make_installation(agent=make_agent(), waiting_count=3, waiting_sum=1_249_000)
    make_receipt(installation=installation, state=State.HELD, reason="doubtful_date")
    make_receipt(installation=installation, state=State.REJECTED)
    oldest = make_receipt(installation=installation)
    make_delivery(receipt=oldest, accepted_at=timezone.now() - timedelta(hours=3))
    make_delivery(receipt=make_receipt(installation=installation))
    make_exception()
    make_exception(ended_at=timezone.now())
    KiasPause.objects.create(started_at=timezone.now(), reason="Плановые работы до утра")

    answer = office.get("/admin/")
    cards = {card.title: (card.figure, card.note) for card in answer.context["cards"]}
    assert cards["Исключения приёма"][0] == "1"
    assert cards["Проверяет офис"][0] == "1"
    assert cards["КИАС отказал"][0] == "1"
    assert cards["Ждут КИАС"] == ("2", f"Дольше всех ждёт {oldest.number}: 3\u00a0ч.")
    assert cards["На телефонах агентов"][0] == "3"
    assert "На 1\u00a0телефоне, 12\u202f490\u00a0₽" in cards["На телефонах агентов"][1]
    assert "Плановые работы до утра" in answer.content.decode()
    for card in answer.context["cards"]:
        assert office.get(card.address).status_code == 200


def test_an_empty_office_says_so_kindly() -> None:
    page = read(office_client(), "/admin/").decode()
    for words in ("Всё разобрано.", "Проверять нечего.", "Отказов нет.", "Все принятые квитанции переданы."):
        assert words in page


def test_the_theme_s_page_that_we_changed_differs_in_that_one_attribute_only() -> None:
    ours = (
        (settings.BASE_DIR / "kias_offline" / "templates" / "admin" / "actions.html")
        .read_text("utf-8")
        .split("\n", 1)[1]
    )
    theirs = (Path(unfold.__file__).parent / "templates" / "admin" / "actions.html").read_text("utf-8")
    changed = """x-bind:style="{width: changeListWidth + 'px'}\""""
    assert ours == theirs.replace("""x-bind:style="'width: ' + changeListWidth + 'px'\"""", changed)
    assert changed in ours
