"""The office's menu and the tabs over its lists, as the theme wants them."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from accounts.models import Installation, OfficeCode, User
from backoffice import html, late_checks, roles
from backoffice.models import Approval
from receipts.models import (
    DocumentKind,
    NumberReservation,
    NumberSeries,
    PaymentForm,
    Product,
    Receipt,
    SpoiledNumber,
    Withdrawal,
)
from receipts.states import State
from sync.models import (
    Attempt,
    Delivery,
    IntakeException,
    KiasPause,
    KiasRefusal,
    KiasWindow,
    ReconciliationFinding,
    ReconciliationRun,
    RescueImport,
)

_GROUPS: list[tuple[str, list[tuple[str, str, type[Model]]]]] = [
    (
        "Квитанции",
        [
            ("Реестр квитанций", "receipt_long", Receipt),
            ("Исключения приёма", "report", IntakeException),
            ("Отмены агентами", "undo", Withdrawal),
            ("Файлы с телефонов", "upload_file", RescueImport),
            ("Ждут подтверждения", "how_to_reg", Approval),
        ],
    ),
    (
        "КИАС",
        [
            ("Передачи", "outbox", Delivery),
            ("Вызовы", "swap_horiz", Attempt),
            ("Сверка", "balance", ReconciliationFinding),
            ("Ход сверок", "event_repeat", ReconciliationRun),
            ("Паузы", "pause_circle", KiasPause),
            ("Обслуживание", "build", KiasWindow),
        ],
    ),
    (
        "Кто работает",
        [
            ("Агенты и сотрудники", "group", User),
            ("Телефоны агентов", "phone_android", Installation),
            ("Код для входа агента", "pin", OfficeCode),
        ],
    ),
    (
        "Справочники",
        [
            ("Виды страхования", "category", Product),
            ("Формы оплаты", "payments", PaymentForm),
            ("Виды документов", "badge", DocumentKind),
            ("Отказы КИАС", "gpp_maybe", KiasRefusal),
            ("Серии номеров", "pin", NumberSeries),
            ("Резервы номеров", "bookmark", NumberReservation),
            ("Испорченные номера", "block", SpoiledNumber),
        ],
    ),
    ("Порядок", [("Журнал действий", "history", LogEntry)]),
]
#: the registry's workbench: the lists that wait for a person stand beside the whole
_TABS = [
    ("Все", ""),
    ("Проверяет офис", f"state__exact={State.HELD}"),
    ("КИАС отказал", f"state__exact={State.REJECTED}"),
    ("Ждут КИАС", f"state__exact={State.ACCEPTED}"),
    ("В КИАС без чека", f"state__exact={State.REGISTERED}"),
    ("Чек опаздывает", f"{late_checks.PARAMETER}={late_checks.Late.LATE}"),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, without what this member of staff may not see."""
    first = {"title": "Сегодня", "icon": "today", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": None, "items": [first]}]
    for title, items in _GROUPS:
        allowed = [
            {"title": name, "icon": icon, "link": html.list_of(model)}
            for name, icon, model in items
            if may_see(request, model)
        ]
        if allowed:
            groups.append({"title": title, "items": allowed})
    if isinstance(request.user, User) and request.user.has_perm(roles.WATCH):
        state = {"title": "Состояние системы", "icon": "monitor_heart", "link": reverse("system_state")}
        groups.append({"title": "Эксплуатация", "items": [state]})
    return groups


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs over the registry."""
    names = ("state__exact", late_checks.PARAMETER)
    chosen = "&".join(f"{name}={value}" for name in names for value in request.GET.getlist(name))
    items = [
        {
            "title": title,
            "link": html.list_of(Receipt, query),
            "active": chosen == query,
        }
        for title, query in _TABS
    ]
    return [{"models": ["receipts.receipt"], "items": items}]


def place(request: HttpRequest) -> dict[str, str] | None:
    """The list that this page belongs to, called as the menu calls it; None outside the menu's lists."""
    for _, items in _GROUPS:
        for name, _, model in items:
            address = html.list_of(model)
            if request.path.startswith(address):
                return {"title": name, "link": address}
    return None


def may_see(request: HttpRequest, model: type[Model]) -> bool:
    return sees(request.user, model)


def sees(person: AbstractBaseUser | AnonymousUser, model: type[Model]) -> bool:
    """Whether this person may open the model's list."""
    meta = model._meta
    rights = [f"{meta.app_label}.{verb}_{meta.model_name}" for verb in ("view", "change")]
    return isinstance(person, User) and any(person.has_perm(right) for right in rights)


def stylesheet(request: HttpRequest) -> str:
    """The theme's colours and the office's own shapes."""
    return static("backoffice/office.css")


def script(request: HttpRequest) -> str:
    """What the theme's libraries have to be told to live under our policy."""
    return static("backoffice/office.js")


def favicon(request: HttpRequest) -> str:
    return static("backoffice/favicon.svg")
