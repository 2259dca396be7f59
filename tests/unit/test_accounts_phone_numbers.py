"""Phone numbers (the shared table) and addresses."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts import addresses, phone_numbers
from accounts.refusals import RefusalError

CASES = json.loads((Path(__file__).parent.parent / "cases" / "phones.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["typed"] or "nothing")
def test_a_typed_number_is_understood_as_in_the_shared_table(case: dict[str, Any]) -> None:
    assert phone_numbers.normalise(case["typed"]) == case["phone_number"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["typed"] or "nothing")
def test_codes_go_to_plus_seven_only(case: dict[str, Any]) -> None:
    if case["login"]:
        assert phone_numbers.for_login(case["typed"]) == case["phone_number"]
    else:
        with pytest.raises(RefusalError) as refused:
            phone_numbers.for_login(case["typed"])
        assert (refused.value.code, refused.value.field) == ("invalid", "phone_number")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "198.51.100.1"),
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, None, "198.51.100.1"),
        (1, "garbage", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (5, "203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address_is_believed_only_as_far_as_our_proxies_vouch(
    settings: Settings, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="198.51.100.1")
    assert addresses.address_of(request) == expected


def test_two_addresses_of_one_ipv6_network_share_a_purse() -> None:
    assert addresses.folded("2001:db8:1:2::1") == addresses.folded("2001:db8:1:2:ffff::9")
    assert addresses.folded("2001:db8:1:2::1") != addresses.folded("2001:db8:1:3::1")
