"""The path with people on it: agents withdraw, the office gives back, corrects, releases and ends; KIAS
refuses, rests in its windows and is away for long; checks are read by pages, reconciliation compares.

What the plain walk promises, that KIAS ends with each receipt, no longer holds: here each receipt must end
where a person sees it, and why.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from accounts.models import User
from accounts.refusals import RefusalError
from backoffice import reasons
from receipts.models import PaidBy, Receipt, ReceiptEvent, Source, Withdrawal, WithdrawalEffect
from receipts.states import IN_KIAS, State
from sync.kias.gateway import FoundDocument
from sync.models import Difference, IntakeException, KiasPause
from sync.models.reconciliation import ReconciliationRun, RunEnd
from sync.office import acts
from sync.office.annulling import annul
from sync.office.correcting import Right, correct
from sync.office.refunding import Payout, refund
from sync.relay import asking, checks, pauses
from tests.property.path import FAULTS, LATEST, LINES, SENDING, Path, in_order
from tests.support.kias_twin import Fault, WorkerKilled
from tests.support.phone import moment
from tests.support.reconciling import open_findings, reconcile
from tests.support.relaying import TERMS

#: a series that KIAS does not know at first
UNKNOWN = "НЕТ"
VERBS = ("release", "annul", "retry", "refund", "correct")
ENDS = {State.FISCALISED, State.ANNULLED, State.HELD, State.REJECTED}


class OfficePath(Path):
    """Few receipts make a crowd here, and a page of KIAS's list holds two."""

    taken = Path.taken | {"held"}

    def __init__(self) -> None:
        super().__init__(asking.must_ask, TERMS)
        self._patch.setattr(checks, "CROWD", 2)
        self._patch.setattr(self.kias, "_enter", self._watched(self.kias._enter))
        self.kias.page_size = 2
        self.in_a_pause: list[str] = []
        self.staff = User.objects.create_user("office", last_name="Орлов")
        self.numbers: dict[UUID, str] = {}
        self.withdrawals: dict[str, str] = {}
        self.begun = self.clock.moment.date()

    def _watched(self, enter: Callable[[str], Fault]) -> Callable[[str], Fault]:
        def watched(operation: str) -> Fault:
            if pauses.running(self.clock.moment).exists():  # an error here would be one of KIAS's
                self.in_a_pause.append(operation)
            return enter(operation)

        return watched

    # --- phones

    @rule(which=st.integers(0, 1), sending=st.sampled_from(SENDING), line=st.sampled_from(LINES))
    def issue_what_kias_does_not_know(self, which: int, sending: str, line: str) -> None:
        self.issue_one(self._pocket(which), line, policy_series=UNKNOWN)
        self.drain(which, sending)

    @rule(
        which=st.integers(0, 1),
        place=st.integers(0, 20),
        sending=st.sampled_from(SENDING),
        copy_shown=st.booleans(),
    )
    def withdraw(self, which: int, place: int, sending: str, copy_shown: bool) -> None:
        """P01: whether the client has seen it or not, at once or when it is done long since."""
        pocket = self._pocket(which)
        assert pocket.phone.installation
        mine = [
            each
            for each in self.issued
            if each.content["installation"] == pocket.phone.installation["id"]
            and each.id not in self.withdrawals.values()
        ]
        if not mine:
            return
        withdrawal = pocket.phone.withdraw(
            chosen := mine[place % len(mine)],
            id=str(in_order(10**6 + len(self.withdrawals))),
            withdrawn_at=moment(self.clock.moment),
            copy_shown=copy_shown,
        )
        self.withdrawals[withdrawal.id] = chosen.id
        pocket.outbox.append(withdrawal)
        self.drain(which, sending)

    # --- KIAS

    @precondition(lambda self: len(self.kias.faults) < 4)
    @rule(
        kind=st.sampled_from((*FAULTS, "bare_error")),
        seconds=st.floats(0, LATEST),
        only=st.sampled_from(["", "save", "find", "list"]),
    )
    def something_will_go_wrong(self, kind: str, seconds: float, only: str) -> None:
        self.kias.order(kind, seconds, only)

    @rule(minutes=st.sampled_from([1, 5]))
    def kias_is_away_for_long(self, minutes: int) -> None:
        """F09: the circuit opens, and only one probe at a time tries, ever more rarely."""
        self.kias.outage = True
        before = self.calls()
        for _ in range(minutes * 6):
            self.run_a_task(10.0)
        self.kias.outage = False
        assert self.calls() - before <= 6 + minutes * 2, "KIAS is away and yet called again and again"

    def calls(self) -> int:
        return self.kias.saves + self.kias.finds + self.kias.lists

    @rule(minutes=st.sampled_from([1, 30]))
    def a_window_of_maintenance_begins(self, minutes: int) -> None:
        now = self.clock.moment
        end = now + timedelta(minutes=minutes)
        KiasPause.objects.get_or_create(
            calendar="walk", started_at=now, defaults={"ended_at": end, "reason": "обслуживание"}
        )

    @rule(known=st.booleans())
    def kias_learns_or_forgets_a_policy(self, known: bool) -> None:
        self.kias.rules.unknown_series = frozenset() if known else frozenset({UNKNOWN})

    # --- the office

    @rule(verb=st.sampled_from(VERBS), place=st.integers(0, 20))
    def the_office_acts(self, verb: str, place: int) -> None:
        """On whatever receipt; what does not fit is refused with a sentence and changes nothing."""
        receipts = list(Receipt.objects.order_by("pk"))
        if not receipts:
            return
        with suppress(RefusalError):
            self._act(verb, receipts[place % len(receipts)])

    def _act(self, verb: str, receipt: Receipt) -> None:
        by = {"staff": self.staff, "text": "Проверено по договору.", "clock": self.clock}
        tomorrow = receipt.receipt_date + timedelta(days=1)
        match verb:
            case "refund":
                payout = Payout(by=PaidBy.DESK, name="Орлов П. И.", day=receipt.receipt_date)
                refund(receipt.pk, payout=payout, today=tomorrow, **by)
            case "correct":
                right = Right(**vars(Right.of(receipt)) | {"amount": receipt.amount + 100})
                correct(receipt.pk, right=right, today=tomorrow, **by)
            case "annul":
                annul(receipt.pk, **by)
            case "release":
                acts.release(receipt.pk, **by)
            case "retry":
                acts.retry(receipt.pk, **by)

    @rule()
    def reconciliation_compares(self) -> None:
        try:
            self._reconcile()
        except WorkerKilled:
            return
        assert Difference.TWICE not in {difference for difference, _ in open_findings()}

    def _reconcile(self) -> ReconciliationRun:
        """The days of this walk, as its phones write them."""
        last = (self.clock.moment + timedelta(days=1)).date()
        return reconcile(self.desk, since=self.begun, until=last)

    # --- what must always hold

    @invariant()
    def nothing_is_called_in_a_pause(self) -> None:
        assert self.in_a_pause == [], "KIAS is called in its maintenance (P37)"

    @invariant()
    def no_number_ever_changes(self) -> None:
        now = dict(Receipt.objects.values_list("pk", "number"))
        assert now.items() >= self.numbers.items(), "a receipt is gone or has another number"
        assert len(set(now.values())) == len(now)
        self.numbers = now

    @invariant()
    def money_is_given_back_once_and_never_before_it_was_taken(self) -> None:
        """P08: in KIAS a refund stands behind its receipt, and a correction behind its refund."""
        place = {document.external_id: n for n, document in enumerate(self.kias.documents)}
        refunds = Receipt.objects.filter(refund_of__isnull=False)
        given_back = [
            str(original) for pk, original in refunds.values_list("pk", "refund_of") if str(pk) in place
        ]
        assert len(given_back) == len(set(given_back))
        for pk, before in refunds.values_list("pk", "office__follows"):
            if str(pk) in place and str(before) in place:
                assert place[str(before)] < place[str(pk)]

    # --- the end

    def everything_heals(self) -> None:
        ends = KiasPause.objects.values_list("ended_at", flat=True)
        self.clock.moment = max([self.clock.moment, *(end for end in ends if end)])
        super().everything_heals()

    def the_books_are_right(self) -> None:
        self.no_number_ever_changes()
        rows = {str(receipt.pk): receipt for receipt in Receipt.objects.select_related("office__follows")}
        issued = {receipt.id: receipt.number for receipt in self.issued}
        assert {pk: row.number for pk, row in rows.items() if row.source == Source.PHONE} == issued
        assert not IntakeException.objects.exists()
        assert self.desk.next_moment() is None, "something still goes on by itself"
        for row in rows.values():
            self._is_explained(row)
        self._agrees_with_kias(rows)
        effects = {str(row.pk): row for row in Withdrawal.objects.select_related("receipt")}
        assert {pk: str(row.receipt_id) for pk, row in effects.items()} == self.withdrawals
        for row in effects.values():
            assert row.effect != WithdrawalEffect.ANNULLED or row.receipt.state == State.ANNULLED
        self.histories_follow_the_table()

    def _is_explained(self, row: Receipt) -> None:
        """Held, rejected and annulled say why; what goes on by itself has nothing left to do."""
        if row.state == State.ACCEPTED:
            assert row.source == Source.OFFICE, f"{row.number} waits and nothing happens"
            assert row.office.follows.state not in IN_KIAS, f"{row.number} waits for nobody"
            return
        assert row.state in ENDS, f"{row.number} is {row.state} and all is at rest"
        last = ReceiptEvent.objects.filter(receipt=row, state=row.state).order_by("change").first()
        assert last
        if row.state == State.HELD:
            assert reasons.HELD.get(row.reason), row.reason
        if row.state == State.REJECTED:
            assert row.reason
            assert reasons.of(row.state, row.reason)
        if row.state == State.ANNULLED:
            assert last.text, "nobody says why it was annulled"

    def _agrees_with_kias(self, rows: dict[str, Receipt]) -> None:
        """A receipt in KIAS has one document; a document of any other is a finding that a person works on."""
        self.desk.settle(hours=1)
        assert self._reconcile().end == RunEnd.DONE
        by_number = {row.number: pk for pk, row in rows.items()}
        owners: dict[str, list[FoundDocument]] = {}
        for document in self.kias.documents:
            owners.setdefault(document.external_id or by_number[document.number], []).append(document)
        for pk, row in rows.items():
            documents = owners.get(pk, [])
            assert len(documents) <= 1
            if row.state in IN_KIAS:
                assert [document.isn for document in documents] == [row.kias_isn]
                assert (documents[0].number, documents[0].amount) == (row.number, row.amount)
        elsewhere = {pk for pk in owners if rows[pk].state not in IN_KIAS}
        assert open_findings() == {(Difference.HELD_HERE, pk) for pk in elsewhere}
