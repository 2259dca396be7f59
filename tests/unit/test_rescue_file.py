"""Rescue file, version 1: what is in it, and whether it is whole; the table is the phone's, too (P36)."""

import pytest

from sync.rescue import file_format
from tests.support.cases import load

TABLE = load("rescue_file")


@pytest.mark.parametrize("case", TABLE["made"], ids=lambda case: case["name"])
def test_what_a_phone_makes_is_read_to_the_last_sign(case):
    found = file_format.read(f"{case['lines']}end.{case['digest']}.{'A' * 86}\n".encode())
    assert found.condition == "whole"
    assert found.digest == case["digest"]
    assert found.envelopes == tuple(row["envelope"] for row in case["rows"])
    said = found.manifest
    assert said is not None
    assert (str(said.installation), said.code, str(said.agent)) == (
        case["installation"],
        case["code"],
        case["agent"],
    )
    assert (said.count, said.offset_min, said.app_version) == (len(case["rows"]), 420, "test")
    assert [list(item) for item in said.items] == [[row["id"], row["number"]] for row in case["rows"]]


@pytest.mark.parametrize("case", TABLE["read"], ids=lambda case: case["name"])
def test_what_became_of_a_file_on_its_way_is_told(case):
    found = file_format.read(case["text"].encode())
    assert found.condition == case["condition"]
    assert list(found.envelopes) == case["envelopes"]
    assert found.fragment == case["fragment"]
    assert (found.manifest is not None) == case["manifest"]


def test_every_cut_of_a_file_is_read_and_none_is_called_whole():
    whole = TABLE["read"][0]["text"].encode()
    for length in range(len(b"kias-rescue1\n"), len(whole) - 1):
        assert file_format.read(whole[:length]).condition == "cut"


def test_no_name_stands_in_a_file():
    """The manifest is readable by whoever finds it: no person in it (P26)."""
    fields = set(file_format.Manifest.__struct_fields__)
    assert fields == {
        "made_at", "offset_min", "app_version", "installation", "code", "agent", "count", "sum", "counters",
        "items",
    }  # fmt: skip
