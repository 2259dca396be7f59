"""P08: whatever is done to a chain of receipts, in whatever order, it counts what the people hold in hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receipts import ids
from receipts.chains import Link, uncounted
from receipts.models import Kind, Purpose, Source
from receipts.states import State
from sync.office.reversible import Facts, verbs

START = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class Paper:
    """One receipt as its row holds it. `refund_of` of a refund, `replaces` of what was issued instead."""

    id: str
    amount: int
    state: str
    kind: str = Kind.SALE
    source: str = Source.PHONE
    purpose: str = ""
    replaces: str | None = None
    refund_of: str | None = None


@dataclass
class Books:
    """The rows of one chain, and beside them what is true: `cash` that the client's premium comes to."""

    papers: dict[str, Paper] = field(default_factory=dict)
    cash: int = 0
    moment: datetime = START

    def add(self, **given: object) -> Paper:
        self.moment += timedelta(seconds=1)
        after = max((each.id for each in self.papers.values()), default=str(ids.new(START, after=_FIRST)))
        paper = Paper(id=str(ids.new(self.moment, after=_uuid(after))), **given)  # type: ignore[arg-type]
        self.papers[paper.id] = paper
        return paper

    def living_refund(self, paper: Paper) -> Paper | None:
        living = (
            each
            for each in self.papers.values()
            if each.refund_of == paper.id and each.state != State.ANNULLED
        )
        return next(living, None)

    def living_correction(self, paper: Paper) -> Paper | None:
        living = (
            each
            for each in self.papers.values()
            if each.replaces == paper.id and each.source == Source.OFFICE and each.state != State.ANNULLED
        )
        return next(living, None)

    def may(self, paper: Paper) -> frozenset[str]:
        refund = self.living_refund(paper)
        return verbs(
            Facts(
                kind=paper.kind,
                source=paper.source,
                state=paper.state,
                refunded=refund.purpose if refund else "",
                corrected=self.living_correction(paper) is not None,
            )
        )

    def counted(self) -> int:
        sales = [each for each in self.papers.values() if each.kind == Kind.SALE]
        links = [
            Link(each.id, each.state, False, each.replaces, self.living_refund(each) is not None)
            for each in sales
        ]
        dead = uncounted(links)
        return sum(each.amount for each in sales if each.id not in dead)


_FIRST = ids.UUID(int=0)


def _uuid(text: str) -> ids.UUID:
    return ids.UUID(text)


def correct(books: Books, paper: Paper, amount: int) -> None:
    """What `sync.office.correcting.correct` writes."""
    original = paper
    if paper.state not in {State.REGISTERED, State.FISCALISED}:
        original = books.papers[paper.replaces or ""]
        paper.state = State.ANNULLED
    if books.living_refund(original) is None:
        books.add(
            amount=original.amount,
            state=State.ACCEPTED,
            kind=Kind.REFUND,
            source=Source.OFFICE,
            purpose=Purpose.CORRECTION,
            refund_of=original.id,
        )
    books.add(amount=amount, state=State.ACCEPTED, source=Source.OFFICE, replaces=original.id)
    books.cash = amount


def annul(books: Books, paper: Paper) -> None:
    """What `sync.office.annulling.annul` does: halves of an unsent correction fall together."""
    halves = [paper]
    if paper.kind == Kind.REFUND and paper.purpose == Purpose.CORRECTION:
        original = books.papers[paper.refund_of or ""]
        halves += [each for each in [books.living_correction(original)] if each]
    elif paper.source == Source.OFFICE and paper.kind == Kind.SALE:
        refund = books.living_refund(books.papers[paper.replaces or ""])
        if refund and refund.state not in {State.REGISTERED, State.FISCALISED}:
            halves.append(refund)
    for each in halves:
        each.state = State.ANNULLED
    refunds = [each for each in halves if each.kind == Kind.REFUND]
    books.cash = books.papers[refunds[0].refund_of or ""].amount if refunds else 0


def goes_first(books: Books, paper: Paper) -> Paper | None:
    """Whom this one follows: `OfficeReceipt.follows`."""
    if paper.refund_of:
        return books.papers[paper.refund_of]
    if paper.source == Source.OFFICE and paper.replaces:
        return books.living_refund(books.papers[paper.replaces])
    return None


@given(st.data())
def test_p08_a_chain_counts_the_money_that_is_there_after_any_sequence_of_acts(data: st.DataObject) -> None:
    books = Books()
    first = books.add(amount=data.draw(st.integers(1, 10**6), "first sum"), state=State.ACCEPTED)
    books.cash = first.amount
    for _ in range(data.draw(st.integers(0, 25), "acts")):
        paper = books.papers[data.draw(st.sampled_from(sorted(books.papers)), "which")]
        match data.draw(
            st.sampled_from(["kias", "refuse", "release", "check", "refund", "correct", "annul"])
        ):
            case "kias" if paper.state == State.ACCEPTED:
                before = goes_first(books, paper)
                if before is None or before.state in {State.REGISTERED, State.FISCALISED}:
                    paper.state = State.REGISTERED
            case "refuse" if paper.state == State.ACCEPTED:
                paper.state = State.REJECTED
            case "release" if paper.state == State.REJECTED:
                paper.state = State.ACCEPTED
            case "check" if paper.state == State.REGISTERED:
                paper.state = State.FISCALISED
            case "refund" if "refund" in books.may(paper):
                books.add(
                    amount=paper.amount,
                    state=State.ACCEPTED,
                    kind=Kind.REFUND,
                    source=Source.OFFICE,
                    purpose=Purpose.REFUND,
                    refund_of=paper.id,
                )
                books.cash = 0
            case "correct" if "correct" in books.may(paper):
                correct(books, paper, data.draw(st.integers(1, 10**6), "right sum"))
            case "annul" if paper.state in {State.ACCEPTED, State.REJECTED}:
                annul(books, paper)
        assert books.counted() == books.cash
        for each in books.papers.values():
            gives = [
                other
                for other in books.papers.values()
                if other.refund_of == each.id and other.state != State.ANNULLED
            ]
            assert len(gives) <= 1
            before = goes_first(books, each)
            if each.state in {State.REGISTERED, State.FISCALISED} and each.kind == Kind.REFUND:
                assert before is not None
                assert before.state in {State.REGISTERED, State.FISCALISED}
