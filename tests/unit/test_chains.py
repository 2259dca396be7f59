"""P08: what counts in a chain of replacements, by the table that the phone runs too."""

import pytest

from receipts.chains import Link, uncounted
from tests.support import cases

CASES = cases.load("chains")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_p08_money_follows_the_chain(case):
    assert uncounted([Link(*link) for link in case["links"]]) == set(case["uncounted"])
