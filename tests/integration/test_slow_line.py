"""F34: what the server does for a slow line: nothing unchanged is sent again, and long answers are packed."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sync import sealing_keys
from tests.support.phone import Phone

pytestmark = pytest.mark.django_db


def test_f34_the_directories_are_not_sent_again_while_they_are_the_same(phone: Phone, settings: Any) -> None:
    first = phone.client.get("/api/setup")
    tag = first.headers["etag"]
    again = phone.client.get("/api/setup", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"].removeprefix("W/") == tag.removeprefix("W/")

    settings.BACKDATE_DAYS += 1
    changed = phone.client.get("/api/setup", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["backdate_days"] == settings.BACKDATE_DAYS


def test_f34_a_new_sealing_key_is_sent_whatever_the_phone_has_kept(
    phone: Phone, settings: Any, tmp_path: Path
) -> None:
    kept = phone.client.get("/api/setup")
    settings.SEALING_KEY_DIRS = [tmp_path / "c"]
    sealing_keys.make()
    after = phone.client.get("/api/setup", headers={"If-None-Match": kept.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["sealing_key"] != kept.json()["sealing_key"]


def test_f34_what_is_kept_says_nothing_to_a_phone_without_a_session(phone: Phone) -> None:
    tag = phone.client.get("/api/setup").headers["etag"]
    stranger = Client().get("/api/setup", headers={"If-None-Match": tag})
    assert stranger.status_code == 401


def test_f34_a_long_answer_is_packed_and_a_short_one_is_not(phone: Phone) -> None:
    phone.send(*[phone.issue() for _ in range(20)])
    long = phone.client.get("/api/states?after=0")
    assert long.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in long.headers["vary"]
    assert len(long.json()["changes"]) == 20
    assert int(long.headers["content-length"]) < len(long.content) / 4
    assert "content-encoding" not in phone.client.get("/api/states?after=20").headers


def test_f34_an_answer_with_tokens_is_never_packed(phone: Phone) -> None:
    assert "content-encoding" not in phone.client.get("/api/ping").headers


def test_f34_who_cannot_unpack_gets_it_plain(phone: Phone) -> None:
    phone.send(*[phone.issue() for _ in range(20)])
    plain = phone.client.get("/api/states?after=0", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(plain.content)
