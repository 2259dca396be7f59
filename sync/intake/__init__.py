"""Intake: what happens to each envelope of a batch (docs/protocol.md, «Intake»).

`opening` takes an envelope apart and finds out who signed it, `judging` decides whether a person must look,
`storing` writes everything in one transaction, `withdrawing` takes in what takes a receipt back, `batch`
leads through it. An issued receipt is a fact: every envelope ends as a receipt or withdrawal, as an
`IntakeException` kept to the byte, or is answered `later`.
"""

from sync.intake.answers import Answer
from sync.intake.batch import MAX_ITEMS, TooManyItemsError, take_in, take_in_again, take_in_file

__all__ = ["MAX_ITEMS", "Answer", "TooManyItemsError", "take_in", "take_in_again", "take_in_file"]
