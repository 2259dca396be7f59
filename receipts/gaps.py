"""Counters of an installation that no receipt and no report accounts for (F20, P18). A pure function.

A gap is no fault by itself: the receipt may still lie on the phone. It is asked about, never filled in.
"""

from collections.abc import Iterable


def gaps(known: Iterable[int], highest: int) -> list[tuple[int, int]]:
    """The ranges (first, last) within 1…`highest` that are not `known`, in their order.

    `known` are counters of receipts and of numbers reported as spoiled, in any order, repeated or not.
    """
    missing: list[tuple[int, int]] = []
    expected = 1
    for counter in sorted({each for each in known if 1 <= each <= highest}):
        if counter > expected:
            missing.append((expected, counter - 1))
        expected = counter + 1
    if expected <= highest:
        missing.append((expected, highest))
    return missing
