"""What we ask of KIAS, in our own words: three calls, frozen values, three errors.

The errors are named by what the caller must do: *unavailable* (not taken: send again later), *unknown* (may
have been taken: ask first), *rejected* (a person must look).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol

from receipts.checks import FiscalCheck

#: money taken, or money given back
Kind = Literal["sale", "refund"]


@dataclass(frozen=True, kw_only=True, repr=False)
class KiasDocument:
    """A receipt as KIAS is to hold it. `external_id` is the receipt's id, `amount` is in kopecks.

    `date` is the receipt's calendar date; `accounting_date` differs from it only where a senior set it after
    a `closed_period`. A refund's `amount` is positive too, and `refund_of` is the original's `external_id`.
    Its `repr` names no person: error reports show it.
    """

    external_id: str
    number: str
    date: dt.date
    issued_at: dt.datetime
    agent_contract: str
    product: str
    policy_series: str
    policy_number: str
    policy_date: dt.date | None
    instalment: int
    amount: int
    payment_form: str
    payment_reference: str
    insurant: str
    insurant_kind: str
    payer: str
    check_to: str
    document_kind: str
    #: tag 1245's code of the kind; empty for an ИНН, or a kind without one
    document_code: str
    document_number: str
    contact_phone: str
    contact_email: str
    comment: str
    replaces: str
    accounting_date: dt.date | None = None
    kind: Kind = "sale"
    refund_of: str = ""

    def __repr__(self) -> str:
        return f"KiasDocument({self.external_id}, {self.number})"


@dataclass(frozen=True, kw_only=True)
class FoundDocument:
    """A document that KIAS holds. `external_id` is empty for what was typed in by hand; kopecks.

    What a person typed may lack a `date`, and its `amount` may be negative.

    `state`: `saved`, `fiscalised` (it has a check), `annulled` (сторно: a person took it back in KIAS), or a
    word of KIAS's that we do not know.
    """

    isn: str
    external_id: str
    number: str
    date: dt.date | None
    amount: int
    policy_series: str
    policy_number: str
    instalment: int
    state: str
    check: FiscalCheck | None
    kind: Kind = "sale"
    refund_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """KIAS took the document and gave it this ISN."""

    isn: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of what KIAS holds, in the order of ISN; `more`: there is a page after it."""

    documents: tuple[FoundDocument, ...]
    more: bool


class KiasGateway(Protocol):
    """The conversation with KIAS. A call never lasts longer than `within` seconds, logins included."""

    def save(self, document: KiasDocument, *, within: float) -> Saved:
        """Write a document. Saving twice makes two: the caller asks first (ADR 0003).

        Raises KiasUnavailableError, KiasUnknownError, KiasRejectedError.
        """
        ...

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        """Every document that carries this id or this number; empty when KIAS has none.

        Raises KiasUnavailableError, KiasUnknownError, KiasRejectedError.
        """
        ...

    def list(self, *, since: dt.date, until: dt.date, page: int, within: float) -> Listed:
        """The documents whose `Date` lies in a period, both ends included; pages count from 1.

        A document written while somebody turns the pages comes last. Raises KiasUnavailableError,
        KiasUnknownError, KiasRejectedError.
        """
        ...


class KiasUnavailableError(Exception):
    """KIAS did not take the call: send again, not before `retry_after` seconds where it named them."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail, self.retry_after = detail, retry_after


class KiasUnknownError(Exception):
    """KIAS may have taken the call: ask before sending again. `detail` holds no personal data."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class KiasRejectedError(Exception):
    """KIAS refuses for good: a person must look. `text` is KIAS's own sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text
