"""What agents issue: receipts, their history, numbers, withdrawals, and the directories they refer to.

Only `receipts.registry` writes receipts and events, `receipts.withdrawals` withdrawals, `receipts.series`
reservations.
"""

from receipts.models.directories import DocumentKind, PaymentForm, Product
from receipts.models.numbers import ForgottenNumbers, NumberReservation, NumberSeries, SpoiledNumber
from receipts.models.office import OfficeReceipt, PaidBy, Purpose
from receipts.models.receipts import Actor, AgentFeed, Kind, Receipt, ReceiptEvent, Source
from receipts.models.withdrawals import Withdrawal, WithdrawalEffect, WithdrawalReason

__all__ = [
    "Actor",
    "AgentFeed",
    "DocumentKind",
    "ForgottenNumbers",
    "Kind",
    "NumberReservation",
    "NumberSeries",
    "OfficeReceipt",
    "PaidBy",
    "PaymentForm",
    "Product",
    "Purpose",
    "Receipt",
    "ReceiptEvent",
    "Source",
    "SpoiledNumber",
    "Withdrawal",
    "WithdrawalEffect",
    "WithdrawalReason",
]
