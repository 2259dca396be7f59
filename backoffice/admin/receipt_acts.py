"""What may be done to a receipt on its page: release, try again, link to KIAS, annul, correct its check, give
the money back, set an accounting date (P02, P04, P08, P09, P20)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import django.forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from accounts.refusals import RefusalError
from backoffice import acting, approvals, audit, forms, html, reversal_forms, show, staff_session
from backoffice.approvals import Wish
from backoffice.models import Action, Approval
from backoffice.roles import ACCOUNTING
from receipts.models import Kind, OfficeReceipt, Purpose, Receipt
from receipts.states import IN_KIAS, State
from sync.kias.connect import kias_gateway
from sync.office import accounting, acts, linking, refused

CHANGE = "receipts.change_receipt"
MANY = 200  # receipts that one press may send again: KIAS takes them one after another anyway
_SENIOR_CONFIRMS = "Подтвердит старший."


@dataclass(frozen=True)
class Verb:
    """A button and its page."""

    button: str
    title: str
    words: str
    form: Callable[..., django.forms.Form] = forms.ReasonForm
    danger: bool = False
    right: str = CHANGE


VERBS = {
    "release": Verb(
        "Отпустить в КИАС",
        "Отпустить квитанцию в КИАС",
        "Вы проверили квитанцию, и она верна. Прежде чем передать, система спросит КИАС, нет ли её там.",
    ),
    "accounting": Verb(
        "Задать дату проводки",
        "Задать дату проводки",
        "Период, на который приходится дата квитанции, в КИАС закрыт. КИАС проведёт квитанцию датой, которую "
        "вы зададите; дата самой квитанции, её номер и сумма не изменятся. Прежде чем передать, система "
        "спросит КИАС, нет ли её там.",
        reversal_forms.AccountingForm,
        right=ACCOUNTING,
    ),
    "retry": Verb(
        "Передать снова",
        "Передать квитанцию снова",
        "Система спросит КИАС, нет ли квитанции там, и передаст её ещё раз прямо сейчас.",
    ),
    "link": Verb(
        "Уже есть в КИАС — связать",
        "Связать с документом КИАС",
        "Квитанцию внесли в КИАС вручную? Связанная квитанция второй раз в КИАС не уйдёт.",
        forms.LinkForm,
    ),
    "correct": Verb(
        "Исправить чек",
        "Исправить чек",
        "Чек неверен, а деньги клиенту не возвращают. Система выпустит возврат на всю неверную сумму и новую "
        "квитанцию с тем, что верно; обе уйдут в КИАС, сначала возврат. В расчётах останется только новая: "
        "наличные изменятся на разницу. Агент прочтёт причину, клиент получит оба чека.",
        reversal_forms.CorrectForm,
    ),
    "refund": Verb(
        "Вернуть деньги",
        "Вернуть деньги",
        "Клиент получает назад всю сумму. Система выпустит возврат, он уйдёт в КИАС, и клиент получит чек "
        "возврата. Квитанция останется в истории, но считаться перестанет. Агент прочтёт причину. Отменить "
        "возврат можно только до КИАС.",
        reversal_forms.RefundForm,
        danger=True,
    ),
    "annul": Verb(
        "Аннулировать",
        "Аннулировать квитанцию",
        "Квитанция не уйдёт в КИАС, чека не будет. Агент прочтёт причину на своём телефоне.",
        danger=True,
    ),
}


_ASKED_AS = {
    "annul": Action.ANNUL,
    "release": Action.RELEASE,
    "refund": Action.REFUND,
    "correct": Action.CORRECT,
}


#: forms that are filled or checked by what the receipt says
_KNOWS_RECEIPT = {"correct", "refund", "accounting"}


class ReceiptActs:
    """Mixed into the receipt's admin class."""

    change_form_outer_before_template = "backoffice/receipt_acts.html"
    actions = ["retry_many"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act)  # type: ignore[attr-defined]
        own = path("<uuid:receipt_id>/act/<str:name>/", view, name="receipts_receipt_act")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def acts_for(self, request: HttpRequest, receipt: Receipt) -> list[tuple[Verb, str]]:
        return buttons(request, receipt)

    def act(self, request: HttpRequest, receipt_id: UUID, name: str) -> HttpResponse:
        """The page of one verb."""
        if name not in VERBS:
            raise Http404
        verb = VERBS[name]
        if not (request.user.has_perm(CHANGE) and request.user.has_perm(verb.right)):
            raise PermissionDenied
        receipt = get_object_or_404(Receipt.objects.defer("envelope"), pk=receipt_id)
        wish = _wish(receipt, name, {})
        asks = wish is not None and approvals.takes_two(wish, staff_session.person(request))
        return acting.page(
            request,
            partial(verb.form, receipt=receipt) if name in _KNOWS_RECEIPT else verb.form,
            lambda typed: _do(request, receipt, name, typed),
            title=verb.title,
            about=f"{receipt.number} · {show.amount(receipt.amount)} · {show.visible(receipt.insurant)}",
            words=" ".join([*_warnings(receipt, name), verb.words, *([_SENIOR_CONFIRMS] if asks else [])]),
            button="Попросить старшего" if asks else verb.button,
            back=html.page_of(receipt),
            danger=verb.danger,
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description="Передать в КИАС снова", permissions=["act"]
    )
    def retry_many(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> None:
        """Every rejected receipt of those ticked; the others are left as they are."""
        person = staff_session.person(request)
        done = 0
        for receipt in queryset.filter(state=State.REJECTED)[:MANY]:
            try:
                acts.retry(receipt.pk, staff=person, text="Передать снова.")
            except RefusalError:
                continue
            audit.note(person, receipt, "Передана снова")
            done += 1
        words = f"Передаются снова: {show.count(done, show.RECEIPT)}." if done else "Передавать снова нечего."
        self.message_user(request, words, messages.SUCCESS if done else messages.WARNING)  # type: ignore[attr-defined]

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHANGE)


def buttons(
    request: HttpRequest, receipt: Receipt, only: frozenset[str] = frozenset(VERBS)
) -> list[tuple[Verb, str]]:
    """The buttons of this receipt, in the order of `VERBS`: what is most likely wanted stands first."""
    if not request.user.has_perm(CHANGE):
        return []
    possible = (acts.may(receipt) - _asked_for(receipt)) & only
    return [
        (verb, reverse("admin:receipts_receipt_act", args=[receipt.pk, name]))
        for name, verb in VERBS.items()
        if name in possible and request.user.has_perm(verb.right)
    ]


def _warnings(receipt: Receipt, name: str) -> list[str]:
    """What a person must not overlook: its agent took it back (P01), or it is half of a correction (P08)."""
    taken_back = receipt.withdrawals.first() if name != "annul" else None
    told = [f"Агент отменил эту квитанцию: {taken_back.get_reason_display()}."] if taken_back else []
    row = OfficeReceipt.objects.select_related("follows").filter(pk=receipt.pk).first()
    if row and name == "annul":
        told.append(
            _WITH_ITS_HALF[Purpose(row.purpose), receipt.kind == Kind.REFUND or row.follows.state in IN_KIAS]
        )
    return told


#: purpose, and whether it is the refund, or the right receipt of a refund that KIAS has already
_WITH_ITS_HALF = {
    (Purpose.REFUND, True): "Это возврат денег: без него прежняя квитанция снова считается. Аннулируйте его, "
    "только если клиент денег не получил.",
    (Purpose.CORRECTION, True): "Это половина исправления чека. Новая квитанция исправления без возврата не "
    "живёт, а если возврат уже в КИАС, без неё по договору не останется денег: тогда лучше «Исправить чек».",
    (Purpose.CORRECTION, False): "Это половина исправления чека: вместе с ней отменится и возврат, и прежняя "
    "квитанция снова будет в силе.",
}


def _asked_for(receipt: Receipt) -> set[str]:
    """The verbs that wait for a senior: their button would only say so."""
    asked = set(
        Approval.objects.filter(subject=str(receipt.pk), decision="").values_list("action", flat=True)
    )
    return {verb for verb, action in _ASKED_AS.items() if action in asked}


def _wish(receipt: Receipt, name: str, params: dict[str, Any]) -> Wish | None:
    """What has to be asked for; None for what one person does."""
    action = _ASKED_AS.get(name)
    if action is None:
        return None
    return Wish(action, str(receipt.pk), receipt.agent, params, receipt.amount)


def _do(request: HttpRequest, receipt: Receipt, name: str, typed: dict[str, Any]) -> str:
    person = staff_session.person(request)
    if name not in acts.may(Receipt.objects.get(pk=receipt.pk)):
        raise refused.NotPossibleError
    if wish := _wish(receipt, name, reversal_forms.params(name, receipt, typed)):
        asked = approvals.ask(wish, by=person, reason=typed["reason"], now=timezone.now())
        audit.note(person, receipt, asked.outcome or f"Просит: {Action(wish.action).label.lower()}")
        return asked.outcome or "Попросили старшего. Когда он подтвердит, это будет видно здесь."
    if name == "retry":
        acts.retry(receipt.pk, staff=person, text=typed["reason"])
        done = "Квитанция передаётся снова."
    elif name == "accounting":
        accounting.enter_on(
            receipt.pk, day=typed["day"], staff=person, text=typed["reason"], today=timezone.localdate()
        )
        done = f"Дата проводки: {show.day(typed['day'])}. Квитанция уйдёт в КИАС."
    else:
        document = typed["document"].strip()
        linking.link(
            receipt.pk, document=document, staff=person, text=typed["reason"], gateway=kias_gateway()
        )
        done = "Квитанция связана с документом КИАС."
    audit.note(person, receipt, done)
    return done
