"""Bad requests: coded answers in Russian, no 5xx, nothing lost (spec «Bad input»)."""

import base64
import gzip
import json
import string

import httpx
import pytest

from accounts.models import Installation
from receipts.models import Receipt
from sync import sealing_keys
from sync.models import IntakeException
from tests.support.factories import in_process, installation_id, make_phone
from tests.support.phone import Phone

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()


@pytest.fixture
def phone() -> Phone:
    return make_phone()


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert any("а" <= sign <= "я" for sign in error["message"].lower())
    return response.status_code, error["code"]


def raw(phone: Phone, body: bytes, path: str = "receipts", **headers: str) -> httpx.Response:
    given = {"X-CSRF-Token": phone.csrf, "Content-Type": "application/json"} | headers
    return phone.client.post(f"/api/{path}", content=body, headers=given)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"\xff\xfe",
        b"NaN",
        b'{"envelopes": [NaN]}',
        b"[" * 50_000,
        b'{"a":"\\ud8',
        b"\x00",
    ],
)
@pytest.mark.parametrize("path", ["receipts", "receipts/status", "receipts/search", "ping", "login/code"])
def test_what_is_no_json_is_said_to_be_none(phone, path, body):
    assert refusal(raw(phone, body, path)) == (400, "not_json")


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "42", '"x"', "{}", '{"envelopes": null}', '{"envelopes": {}}']
)
def test_a_request_without_envelopes_names_the_field(phone, body):
    response = raw(phone, body.encode())
    assert refusal(response) == (400, "invalid")
    assert response.json()["error"]["field"] == "envelopes"


@pytest.mark.parametrize("body", ["null", "[]", "42", '"x"', "{}"])
@pytest.mark.parametrize("path", ["ping", "receipts/status"])
def test_json_of_another_shape_is_refused(phone, path, body):
    assert refusal(raw(phone, body.encode(), path)) == (400, "invalid")


def test_ten_megabytes_are_too_large(phone):
    body = json.dumps({"envelopes": ["A" * 10_000_000]}).encode()
    assert refusal(raw(phone, body)) == (413, "too_large")


def test_a_gzip_bomb_is_too_large(phone):
    bomb = gzip.compress(b" " * 500_000_000, compresslevel=9)
    assert len(bomb) < 1_000_000
    assert refusal(raw(phone, bomb, **{"Content-Encoding": "gzip"})) == (413, "too_large")


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b'{"envelopes": []}', mtime=0)[:-9], b""])
def test_a_broken_gzip_body_is_no_json(phone, body):
    assert refusal(raw(phone, body, **{"Content-Encoding": "gzip"})) == (400, "not_json")


def test_a_batch_of_a_thousand_has_too_many_items(phone):
    issued = phone.issue()
    response = phone.post("receipts", {"envelopes": [issued.envelope, *["x"] * 999]}, packed=True)
    assert refusal(response) == (413, "too_many_items")
    assert Receipt.objects.count() == IntakeException.objects.count() == 0


def test_a_hundred_are_not_too_many(phone):
    answers = phone.send(*[phone.issue() for _ in range(100)])
    assert {answer["result"] for answer in answers} == {"accepted"}


def test_an_empty_batch_is_a_batch(phone):
    assert phone.send() == []


@pytest.mark.parametrize("item", ["A" * 40_000, ["A" * 40_000], {"a": "A" * 40_000}])
def test_an_item_beyond_its_size_is_a_request_too_large(phone, item):
    assert refusal(phone.post("receipts", {"envelopes": [item]})) == (413, "too_large")
    assert IntakeException.objects.count() == 0


def test_without_a_session_nothing_is_taken_and_the_phone_is_asked_to_log_in(phone):
    stranger = Phone(in_process())
    stranger.ping()
    issued = phone.issue()
    for path in ("receipts", "receipts/status", "receipts/search", "ping"):
        assert refusal(stranger.post(path, {"envelopes": [issued.envelope]})) == (401, "login_required")
    for path in ("setup", "states", f"receipts/{issued.id}"):
        assert refusal(stranger.get(path)) == (401, "login_required")
    assert Receipt.objects.count() == 0


def test_f35_a_revoked_session_ends_at_the_next_request(phone):
    Installation.objects.filter(pk=installation_id(phone)).update(revoked_at="2026-11-22T00:00:00Z")
    assert refusal(phone.get("states")) == (401, "login_required")


def test_a_foreign_pages_post_is_refused(phone):
    phone.csrf = "0" * 64
    assert refusal(phone.post("receipts", {"envelopes": []})) == (403, "csrf")


def test_another_method_and_another_type_are_refused(phone):
    assert refusal(phone.get("receipts")) == (405, "method_not_allowed")
    assert refusal(raw(phone, b"<a/>", **{"Content-Type": "text/xml"})) == (415, "unsupported_media_type")
    assert refusal(phone.get("nowhere")) == (404, "not_found")
    assert refusal(phone.get("receipts/42")) == (404, "not_found")


@pytest.mark.parametrize("after", ["x", "-1", "9223372036854775808", "1e9", "1" * 5000, "\u0661"])
def test_a_strange_cursor_of_states_names_its_field(phone, after):
    response = phone.get("states", after=after)
    if after == "\u0661":  # an Arabic one is a number, too
        assert response.status_code == 200
        return
    assert refusal(response) == (400, "invalid")
    assert response.json()["error"]["field"] == "after"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counter", -1),
        ("counter", 2**31),
        ("counter", "x"),
        ("cursor", 2**63),
        ("waiting", {"count": 10**20, "sum": 0}),
        ("waiting", {"count": 1, "sum": 2**63}),
        ("device_time", "yesterday"),
        ("app_version", "\x00"),
        ("app_version", "\ud800"),
        ("app_version", "1" * 33),
        ("contact_token", ["x"]),
        ("contact_token", "x" * 65),
        ("storage_persisted", "maybe"),
        ("storage_usage", -1),
        ("storage_quota", 2**63),
    ],
    ids=str,
)
def test_a_contact_out_of_bounds_names_its_field(phone, field, value):
    with pytest.raises(AssertionError, match=r"400 .*\"invalid\".*\"field\":\"" + field):
        phone.contact(**{field: value})


@pytest.mark.parametrize("ids", [["x"], [None], "x", [-1], ["01a2041a-cad3-7aff-962c-0b8bf4771374"] * 501])
def test_strange_ids_are_refused(phone, ids):
    assert refusal(phone.post("receipts/status", {"ids": ids})) == (400, "invalid")


@pytest.mark.parametrize("q", ["\x00", "\ud800", "x" * 101, None, 1e400])
def test_a_strange_search_is_refused_or_finds_nothing(phone, q):
    response = phone.post("receipts/search", {"q": q, "before": None})
    assert response.status_code in (200, 400)


def test_every_answer_is_json_and_never_kept(phone):
    for response in (phone.get("ping"), phone.get("nowhere"), phone.post("receipts", []), raw(phone, b"{")):
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        assert "clear-site-data" not in response.headers


def test_f03_another_spelling_of_the_same_signature_is_the_same_receipt(phone):
    """ECDSA has a twin for every signature (s and n − s), base64url spare bits in its last sign."""
    envelope = phone.issue().envelope
    signed, _, spelt = envelope.rpartition(".")
    r_s = base64.urlsafe_b64decode(spelt + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin = r_s[:32] + (order - int.from_bytes(r_s[32:], "big")).to_bytes(32, "big")
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    spare = spelt[:-1] + alphabet[alphabet.index(spelt[-1]) ^ 1]
    others = [f"{signed}.{base64.urlsafe_b64encode(twin).decode().rstrip('=')}", f"{signed}.{spare}"]
    assert [answer["result"] for answer in phone.send(envelope, *others)] == [
        "accepted",
        "already_accepted",
        "already_accepted",
    ]
    assert (Receipt.objects.count(), IntakeException.objects.count()) == (1, 0)
