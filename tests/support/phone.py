"""A phone in Python: keys, numbers, envelopes and the whole protocol over HTTP (docs/protocol.md).

`Phone(client)` talks through any `httpx.Client`: a real server's address, or `in_process()` for the WSGI
application without a server. Nothing here or in `envelopes` imports the product but the check symbol's
formula, so that a mistake in the server's envelope code cannot hide in a shared helper.
"""

import base64
import gzip
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from receipts.numbers import format_number
from tests.support.envelopes import base64url, public_key_b64, seal, sign, uuid7


def moment(at: datetime) -> str:
    """As a browser writes it: `2026-11-22T07:05:11.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Issued:
    """One receipt on this phone."""

    id: str
    number: str
    content: dict[str, Any]
    envelope: str


@dataclass
class Phone:
    """One agent's app instance. What a real phone keeps in IndexedDB lies in its attributes."""

    client: httpx.Client
    signing_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    installation: dict[str, Any] | None = None
    sealing_key: bytes | None = None
    counter: int = 0
    cursor: int = 0
    contact_token: str | None = None
    server_time: dict[str, str] | None = None
    csrf: str = ""
    offset_min: int = 420
    zone: str = "Asia/Krasnoyarsk"

    # --- transport

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.get(f"/api/{path}", params=params)

    def post(self, path: str, body: Any, *, packed: bool = False) -> httpx.Response:
        """POST as the app does: the token of the last ping, the body gzipped on demand."""
        data = json.dumps(body).encode()  # lone surrogates as JavaScript writes them
        headers = {"X-CSRF-Token": self.csrf, "Content-Type": "application/json"}
        if packed:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        return self.client.post(f"/api/{path}", content=data, headers=headers)

    # --- who am I

    def ping(self) -> dict[str, Any]:
        return self._heard(_ok(self.get("ping")))

    def log_in(self, phone_number: str, read_code: Callable[[str], str]) -> dict[str, Any]:
        """Ask for a code, let `read_code(phone_number)` read the SMS, confirm."""
        self.ping()
        _ok(self.post("login/code", {"phone_number": phone_number}))
        return _ok(self.post("login/confirm", {"code": read_code(phone_number)}))

    def register(self, name: str = "Python") -> dict[str, Any]:
        """Register the signing key; the answer's installation is kept."""
        self.ping()
        proof = sign(self.signing_key, f"kias-offline/installation/1|{self.csrf}".encode())
        answer = _ok(
            self.post(
                "installation",
                {
                    "public_key": public_key_b64(self.signing_key),
                    "proof": base64.b64encode(proof).decode(),
                    "name": name,
                    "app_version": "1.0.0",
                    "known": self.installation,
                },
            )
        )
        self._adopt(answer["installation"])
        return answer

    def fetch_setup(self) -> dict[str, Any]:
        setup = _ok(self.get("setup"))
        self.sealing_key = base64.b64decode(setup["sealing_key"]["public_key"])
        return setup

    def contact(self, **changed: Any) -> dict[str, Any]:
        """Open a drain. The new contact token is kept before anything is sent."""
        body = {
            "contact_token": self.contact_token,
            "counter": self.counter,
            "cursor": self.cursor,
            "waiting": {"count": 0, "sum": 0},
            "app_version": "1.0.0",
            "device_time": datetime.now(timezone(timedelta(minutes=self.offset_min))).isoformat(),
            "storage_persisted": True,
        } | changed
        answer = self._heard(_ok(self.post("ping", body)))
        self.contact_token = answer["contact_token"]
        return answer

    # --- online numbers

    def reserve(self) -> str | None:
        """What the form asks for when it opens with network."""
        number: str | None = _ok(self.post("numbers", {}))["number"]
        return number

    def issue_online(self, **changed: Any) -> Issued:
        """A receipt under the number that the server has reserved for this installation."""
        number = self.reserve()
        assert number is not None, "no series has a number left"
        return self.sealed(self.content(number=number, **changed))

    # --- receipts

    def issue(self, **changed: Any) -> Issued:
        """Take the next number and seal a receipt; `changed` overrides fields of the content."""
        assert self.installation is not None
        self.counter += 1
        content = self.content(**changed)
        return self.sealed(content)

    def content(self, **changed: Any) -> dict[str, Any]:
        """A content of version 1, under the present counter unless `number` is given."""
        assert self.installation is not None
        now = datetime.now(UTC)
        local = now.astimezone(timezone(timedelta(minutes=self.offset_min)))
        return {
            "v": 1,
            "id": str(uuid7(now)),
            "installation": self.installation["id"],
            "number": "" if "number" in changed else format_number(self.installation["code"], self.counter),
            "issued_at": moment(now),
            "offset_min": self.offset_min,
            "zone": self.zone,
            "receipt_date": local.date().isoformat(),
            "product": "osago",
            "policy_series": "ХХХ",
            "policy_number": f"{secrets.randbelow(10**10):010}",
            "policy_date": None,
            "instalment": 1,
            "amount": 324550,
            "payment_form": "cash",
            "payment_reference": "",
            "insurant": "Сидорова Аглая Потаповна",
            "insurant_kind": "person",
            "payer": "",
            "check_to": "insurant",
            "document_kind": "passport_rf",
            "document_number": "0411123456",
            "contact_phone": "+79123456789",
            "contact_email": "",
            "no_contact": False,
            "comment": "",
            "replaces": None,
            "check_token": base64url(os.urandom(10)),
            "evidence": {
                "server_time": self.server_time["time"] if self.server_time else None,
                "server_signature": self.server_time["signature"] if self.server_time else None,
                "since_server_ms": None,
                "highest_wall": moment(now),
                "backward_jumps": 0,
            },
            "app_version": "1.0.0",
        } | changed

    def sealed(self, content: dict[str, Any], **header: Any) -> Issued:
        """The envelope of this content; `header` overrides what stands outside of the seal."""
        assert self.sealing_key is not None, "fetch_setup() first"
        head = {key: content[key] for key in ("id", "installation", "number") if key in content} | header
        envelope = seal(
            json.dumps(content, ensure_ascii=True).encode(),
            header=head,
            sealing_key=self.sealing_key,
            signing_key=self.signing_key,
        )
        return Issued(str(content.get("id")), str(content.get("number")), content, envelope)

    def withdraw(self, issued: Issued, **changed: Any) -> Issued:
        """Take a receipt back a minute after saving; `changed` overrides fields of the content."""
        assert self.installation is not None
        saved_at = datetime.fromisoformat(issued.content["issued_at"])
        return self.withdrawal_sealed(
            {
                "v": 1,
                "id": str(uuid7()),
                "installation": self.installation["id"],
                "receipt": issued.id,
                "number": issued.number,
                "reason": "amount",
                "text": "",
                "withdrawn_at": moment(saved_at + timedelta(minutes=1)),
                "offset_min": self.offset_min,
                "zone": self.zone,
                "saved_at": issued.content["issued_at"],
                "copy_shown": False,
                "evidence": issued.content["evidence"],
                "app_version": "1.0.0",
            }
            | changed
        )

    def withdrawal_sealed(self, content: dict[str, Any]) -> Issued:
        """The envelope of this withdrawal."""
        return self.sealed(content, kind="withdrawal")

    def send(self, *receipts: Issued | str, packed: bool = True) -> list[dict[str, Any]]:
        """Hand over one batch; the answers in their order."""
        envelopes = [item.envelope if isinstance(item, Issued) else item for item in receipts]
        answers: list[dict[str, Any]] = _ok(self.post("receipts", {"envelopes": envelopes}, packed=packed))[
            "answers"
        ]
        assert len(answers) == len(envelopes)
        return answers

    def status(self, *ids: str) -> dict[str, dict[str, Any]]:
        answer = _ok(self.post("receipts/status", {"ids": list(ids)}))
        return {row["id"]: row for row in answer["receipts"]}

    def fetch_states(self) -> list[dict[str, Any]]:
        """Everything that changed since the last call."""
        changes: list[dict[str, Any]] = []
        more = True
        while more:
            answer = _ok(self.get("states", after=self.cursor))
            changes += answer["changes"]
            self.cursor, more = answer["cursor"], answer["more"]
        return changes

    def search(self, q: str = "", before: str | None = None) -> dict[str, Any]:
        return _ok(self.post("receipts/search", {"q": q, "before": before}))

    def receipt(self, receipt_id: str) -> httpx.Response:
        return self.get(f"receipts/{receipt_id}")

    # --- what it heard

    def _heard(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.csrf, self.server_time = answer["csrf"], answer["server_time"]
        if answer["installation"] is not None:
            self._adopt(answer["installation"])
        return answer

    def _adopt(self, installation: dict[str, Any]) -> None:
        self.installation = installation
        self.counter = max(self.counter, installation["counter"])  # it goes on under a new code, too


def ready_phone(
    client: httpx.Client, phone_number: str, read_code: Callable[[str], str], **given: Any
) -> Phone:
    """A phone that has logged in, registered, fetched its setup and opened a drain."""
    phone = Phone(client, **given)
    phone.log_in(phone_number, read_code)
    phone.register()
    phone.fetch_setup()
    phone.contact()
    return phone


def result(answer: dict[str, Any]) -> tuple[str, str]:
    """What became of one envelope, and why."""
    return answer["result"], answer.get("reason", "")


def wait_until(met: Callable[[], bool], *, seconds: float = 30) -> None:
    """Poll until `met`; fails after `seconds`."""
    limit = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < limit, "the awaited condition never came"
        time.sleep(0.05)


def _ok(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, f"{response.request.url}: {response.status_code} {response.text[:500]}"
    answer: dict[str, Any] = response.json()
    return answer
