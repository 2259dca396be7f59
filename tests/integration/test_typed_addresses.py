"""What the address bar of an agent's phone shows: nothing of his, for no PIN was asked there (P27)."""

import pytest

pytestmark = pytest.mark.django_db

CHROME = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}
OLD_SAFARI = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("headers", [CHROME, OLD_SAFARI, {"Sec-Fetch-Mode": "navigate"}])
@pytest.mark.parametrize("path", ["states?after=0", "receipts/search?q=", "installations", "setup"])
def test_p27_an_address_typed_on_the_phone_shows_nothing_of_the_agent(path, headers, phone):
    answer = phone.client.get(f"/api/{path}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login_required")


def test_p27_a_typed_ping_names_nobody_and_the_apps_own_goes_on(phone):
    assert phone.client.get("/api/ping", headers=CHROME).json()["agent"] is None
    ours = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    assert phone.client.get("/api/ping", headers=ours).json()["agent"]
    assert phone.client.get("/api/setup", headers=ours).status_code == 200
