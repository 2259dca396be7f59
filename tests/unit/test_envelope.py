"""Opening envelopes: the shared cases, and what must not pass."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from receipts import content
from sync import envelope as envelopes
from sync.envelope import MalformedError, UnknownVersionError, UnreadableError
from sync.sealing_keys import key_id
from tests.support import cases
from tests.support.envelopes import raw_point, seal

TABLE = cases.load("envelope_cases")
SEALED_BY_THE_CLIENT = cases.load("envelopes")
ERRORS = {"malformed": MalformedError, "unknown_version": UnknownVersionError, "unreadable": UnreadableError}


def private_key(pkcs8_b64: str) -> ec.EllipticCurvePrivateKey:
    return serialization.load_der_private_key(base64.b64decode(pkcs8_b64), password=None)


SEALING_KEY = private_key(TABLE["sealing_key"]["private_key_pkcs8"])
SIGNING_KEY = private_key(TABLE["signing_key"]["private_key_pkcs8"])


def find_key(key_id):
    return SEALING_KEY if key_id == TABLE["sealing_key"]["id"] else None


def outcome(text: str) -> str | dict:
    """What the server makes of it, in the words of the table."""
    try:
        envelope = envelopes.read(text)
        if not envelopes.is_signed_by(envelope, TABLE["signing_key"]["public_key"]):
            return "bad_signature"
        return json.loads(envelopes.open_sealed(envelope, find_key))
    except tuple(ERRORS.values()) as error:
        return next(name for name, kind in ERRORS.items() if isinstance(error, kind))


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_every_shared_envelope_ends_as_the_table_says(case):
    assert outcome(case["envelope"]) == (TABLE["content"] if case["result"] == "opened" else case["result"])


@pytest.mark.parametrize("case", SEALED_BY_THE_CLIENT["cases"], ids=lambda case: case["zip"])
def test_what_the_client_seals_the_server_opens(case):
    """Frozen examples of the client's own code: every later server must still open them."""
    envelope = envelopes.read(case["envelope"])
    assert envelopes.is_signed_by(envelope, SEALED_BY_THE_CLIENT["installation_key"]["public_key"])
    key = private_key(SEALED_BY_THE_CLIENT["sealing_key"]["private_pkcs8"])
    assert key_id(raw_point(key)) == SEALED_BY_THE_CLIENT["sealing_key"]["id"] == envelope.header.key
    plain = envelopes.open_sealed(envelope, lambda _: key)
    assert json.loads(plain) == case["content"]
    assert content.read(plain)[0].number == envelope.header.number


def sealed(plain: bytes, **header) -> str:
    head = {key: TABLE["content"][key] for key in ("id", "installation", "number")} | header
    return seal(plain, header=head, sealing_key=raw_point(SEALING_KEY), signing_key=SIGNING_KEY)


def test_a_deflate_bomb_is_not_inflated():
    bomb = sealed(b" " * 20_000_000)
    assert len(bomb) < envelopes.MAX_CHARS
    assert outcome(bomb) == "unreadable"


@pytest.mark.parametrize(
    ("size", "opens"), [(envelopes.MAX_CONTENT, True), (envelopes.MAX_CONTENT + 1, False)]
)
def test_content_is_read_up_to_its_limit(size, opens):
    plain = b'"' + b"a" * (size - 2) + b'"'
    assert (outcome(sealed(plain)) == "a" * (size - 2)) is opens


def test_an_envelope_beyond_its_size_is_no_envelope():
    assert outcome("kias1." + "A" * envelopes.MAX_CHARS) == "malformed"


def test_the_header_is_bound_to_the_seal():
    """A signer cannot put another header before a content that he sealed."""
    good, other = sealed(b"{}").split("."), sealed(b"{}", number="БС-К7М3Т-00043-0").split(".")
    opened = envelopes.read(".".join([good[0], other[1], good[2], good[3]]))
    with pytest.raises(UnreadableError):
        envelopes.open_sealed(opened, find_key)


@pytest.mark.parametrize("point", [bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64])
def test_a_point_beside_the_curve_is_unreadable(point):
    parts = sealed(b"{}").split(".")
    raw = base64.urlsafe_b64decode(parts[2] + "===")
    forged = base64.urlsafe_b64encode(point + raw[65:]).rstrip(b"=").decode()
    with pytest.raises(UnreadableError):
        envelopes.open_sealed(envelopes.read(".".join([*parts[:2], forged, parts[3]])), find_key)


def test_a_header_nested_without_end_is_no_envelope():
    """F16: it must stay one bad item and not break the batch it came in."""
    deep = json.dumps(TABLE["content"])[:-1] + ',"a":' + "[" * 5_000 + "]" * 5_000 + "}"
    header = base64.urlsafe_b64encode(deep.encode()).rstrip(b"=").decode()
    assert outcome(f"kias1.{header}.AAAA.AAAA") == "malformed"
