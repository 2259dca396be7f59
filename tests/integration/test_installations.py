"""Registering a browser's signing key, and the codes that installations carry."""

import base64
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connections
from django.utils import timezone

from accounts import codes, installations, sessions
from accounts.models import Installation, InstallationCode, User
from tests.support.envelopes import public_key_b64, sign
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser, refusal


def logged_in(agent: User | None = None) -> Browser:
    browser = Browser()
    browser.log_in(agent or make_agent())
    return browser


@pytest.mark.django_db
def test_a_first_login_registers_the_key_and_gives_a_code() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    answer = browser.register()
    assert answer.status_code == 200
    installation = Installation.objects.get()
    assert answer.json() == {
        "installation": {"id": str(installation.id), "code": installation.code, "counter": 0}
    }
    assert installation.agent == agent
    assert installation.public_key == public_key_b64(browser.key)
    assert (installation.name, installation.app_version) == ("Android, Chrome", "1.0.0")
    assert codes.is_fit(installation.code)
    given = InstallationCode.objects.get()
    assert (given.code, given.installation, given.reason) == (installation.code, installation, "registered")
    assert browser.session.installation == installation


@pytest.mark.django_db
def test_the_same_key_gets_its_own_installation_back() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    first = browser.register().json()
    assert browser.register().json() == first  # the answer was lost
    browser.log_in(agent)
    assert browser.register(app_version="1.1.0").json() == first
    assert Installation.objects.get().app_version == "1.1.0"
    assert InstallationCode.objects.count() == 1


@pytest.mark.django_db
def test_f19_each_phone_of_an_agent_has_a_code_of_its_own() -> None:
    agent = make_agent()
    given = {logged_in(agent).register().json()["installation"]["code"] for _ in range(3)}
    assert len(given) == 3


@pytest.mark.django_db
def test_f20_a_wiped_phone_gets_a_new_code() -> None:
    agent = make_agent()
    before = logged_in(agent).register().json()["installation"]
    wiped = logged_in(agent)  # another key: the old one is gone with the storage
    after = wiped.register().json()["installation"]
    assert after["code"] != before["code"]
    assert after["id"] != before["id"]


@pytest.mark.django_db
def test_another_agents_key_is_foreign_and_a_fresh_pair_is_taken() -> None:
    first = logged_in()
    first.register()
    second = logged_in()
    second.key = first.key
    answer = second.register()
    assert refusal(answer) == (400, "foreign_key")
    assert second.session.installation is None
    second.key = ec.generate_private_key(ec.SECP256R1())
    assert second.register().status_code == 200


@pytest.mark.django_db
def test_f35_a_revoked_installations_key_is_not_taken_again() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    old = browser.register().json()["installation"]
    installations.revoke(Installation.objects.get(), now=timezone.now())
    browser.log_in(agent)
    assert refusal(browser.register()) == (400, "foreign_key")
    browser.key = ec.generate_private_key(ec.SECP256R1())
    new = browser.register(known=old).json()["installation"]
    assert (new["id"], new["code"]) != (old["id"], old["code"])
    assert new["code"] != old["code"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "proof",
    [
        "",
        "не base64",
        "AAAA",
        base64.b64encode(bytes(64)).decode(),
        base64.b64encode(b"\xff" * 64).decode(),
    ],
)
def test_a_bad_proof_is_refused(proof: str) -> None:
    answer = logged_in().register(proof=proof)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"bad_proof", "invalid"}
    assert answer.json()["error"]["field"] == "proof"
    assert not Installation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "signed",
    [
        lambda browser: b"kias-offline/installation/1|",
        lambda browser: browser.csrf.encode(),
        lambda browser: f"kias-offline/installation/1|{Browser().csrf}".encode(),
    ],
)
def test_a_proof_over_anything_but_this_browsers_token_is_refused(
    signed: Callable[[Browser], bytes],
) -> None:
    browser = logged_in()
    proof = base64.b64encode(sign(browser.key, signed(browser))).decode()
    assert refusal(browser.register(proof=proof)) == (400, "bad_proof")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "AAAA", "ключ", base64.b64encode(bytes(65)).decode(), "A" * 89, None, 1])
def test_what_is_no_key_is_refused_with_the_field(key: object) -> None:
    answer = logged_in().register(public_key=key)
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "public_key"


@pytest.mark.django_db
def test_a_bound_session_is_never_bound_to_another_installation() -> None:
    browser = logged_in()
    browser.register()
    bound_to = browser.session.installation
    browser.key = ec.generate_private_key(ec.SECP256R1())
    assert refusal(browser.register()) == (403, "not_allowed")
    assert browser.session.installation == bound_to
    assert Installation.objects.count() == 1
    assert InstallationCode.objects.count() == 1


@pytest.mark.django_db
def test_registering_needs_a_session() -> None:
    assert refusal(Browser().register()) == (401, "login_required")


# --- after a restore


def remembered(**changed: Any) -> dict[str, Any]:
    """An installation that a phone remembers and the server does not."""
    return {"id": str(uuid.uuid4()), "code": codes.new(), "counter": 41} | changed


@pytest.mark.django_db
def test_f15_a_forgotten_installation_is_registered_again_under_its_id_code_and_counter() -> None:
    known = remembered()
    answer = logged_in().register(known=known)
    assert answer.json() == {"installation": known}
    assert InstallationCode.objects.get().reason == "restored"
    assert Installation.objects.get().counter == 41


@pytest.mark.django_db
def test_f15_a_code_that_another_key_holds_is_not_given_twice_but_the_id_stays() -> None:
    holder = make_installation(agent=make_agent())
    known = remembered(code=holder.code)
    answer = logged_in().register(known=known).json()["installation"]
    assert answer["id"] == known["id"]
    assert answer["code"] != holder.code
    assert answer["counter"] == 0


@pytest.mark.django_db
def test_a_former_code_of_another_installation_is_not_given_either() -> None:
    holder = make_installation(agent=make_agent())
    former = holder.code
    installations.give_code(holder, "clone")
    assert logged_in().register(known=remembered(code=former)).json()["installation"]["code"] != former


@pytest.mark.django_db
def test_an_id_that_another_installation_has_is_not_taken() -> None:
    holder = make_installation(agent=make_agent())
    known = remembered(id=str(holder.id))
    answer = logged_in().register(known=known).json()["installation"]
    assert answer["id"] != known["id"]
    assert (answer["code"] == known["code"], answer["counter"]) == (False, 0)


@pytest.mark.django_db
def test_what_is_known_does_not_change_an_installation_the_server_remembers() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    first = browser.register().json()
    browser.log_in(agent)
    assert browser.register(known=remembered(id=first["installation"]["id"])).json() == first


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["ABCDE", "к7м3т", "-----", "😀😀😀😀😀"])
def test_a_code_that_is_none_is_replaced(code: str) -> None:
    answer = logged_in().register(known=remembered(code=code))
    assert codes.is_fit(answer.json()["installation"]["code"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counter", -1),
        ("counter", 2**31),
        ("counter", 2**70),
        ("counter", "x"),
        ("id", "x"),
        ("code", "К" * 6),
    ],
)
def test_nonsense_about_the_known_installation_names_its_field(field: str, value: object) -> None:
    answer = logged_in().register(known=remembered(**{field: value}))
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == f"known.{field}"


# --- codes


@pytest.mark.django_db
def test_f21_a_new_code_counts_from_zero_and_the_old_one_stays_the_installations() -> None:
    installation = make_installation(agent=make_agent(), counter=77)
    old = installation.code
    new = installations.give_code(installation, "clone")
    installation.refresh_from_db()
    assert (installation.code, installation.counter) == (new, 0)
    assert new != old
    assert set(installation.codes.values_list("code", "reason")) == {(old, "registered"), (new, "clone")}


@pytest.mark.django_db
def test_a_code_drawn_twice_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = make_installation(agent=make_agent()).code
    draws = iter([taken, taken, "К7М3Т" if taken != "К7М3Т" else "К7М3У"])
    monkeypatch.setattr(codes, "new", lambda: next(draws))
    answer = logged_in().register().json()["installation"]
    assert answer["code"] in {"К7М3Т", "К7М3У"}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_registering_one_key_at_once_get_one_installation() -> None:
    agent = make_agent()
    key = ec.generate_private_key(ec.SECP256R1())
    proof = sign(key, b"kias-offline/installation/1|token")
    opened = [sessions.open_for(agent, now=timezone.now())[0] for _ in range(6)]

    def register(session: Any) -> tuple[Any, str]:
        try:
            installation = installations.register(
                session,
                public_key=public_key_b64(key),
                proof=proof,
                csrf_token="token",
                device=installations.Device("", ""),
                known=None,
            )
            return installation.id, installation.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=6) as tabs:
        assert len(set(tabs.map(register, opened))) == 1
    assert InstallationCode.objects.count() == 1
