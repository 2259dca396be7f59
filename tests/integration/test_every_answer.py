"""What holds for every answer: our JSON under /api/ whatever was asked, our hosts only, the same headers."""

from typing import Any

import httpx
import pytest
from django.test import Client

from kias_offline import middleware
from tests.support.addresses import addresses
from tests.support.office import office_client
from tests.support.phone import Phone

pytestmark = pytest.mark.django_db


def code_of(response: Any) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml;q=0.9", "", "nonsense", "application/json;v=2"]
)
def test_whatever_a_caller_would_accept_he_gets_json(accept: str) -> None:
    assert Client().get("/api/ping", headers={"accept": accept}).status_code == 200
    assert code_of(Client().get("/api/setup", headers={"accept": accept})) == (401, "login_required")


@pytest.mark.parametrize("query", ["format=xml", "format=", "&" * 1500])
def test_no_query_makes_a_5xx(phone: Phone, query: str) -> None:
    assert Client().get(f"/api/ping?{query}").status_code == 200
    assert phone.client.get(f"/api/states?{query}").status_code in (200, 400)


def test_an_unknown_address_is_not_found_by_whatever_method() -> None:
    browser = Client(enforce_csrf_checks=True)
    for method in ("GET", "POST", "PUT", "DELETE", "BREW"):
        assert code_of(browser.generic(method, "/api/nowhere")) == (404, "not_found")


def test_head_asks_the_ping_like_get() -> None:
    assert Client().head("/api/ping").status_code == 200


@pytest.mark.parametrize("address", ["/", "/api/ping", "/api/nowhere", "/admin/login/"])
def test_a_foreign_host_is_refused_everywhere(address: str) -> None:
    answer = Client().get(address, headers={"host": "evil.example"})
    assert answer.status_code == 400
    if address.startswith("/api/"):
        assert code_of(answer) == (400, "invalid")
    else:
        assert "Так к серверу не обращаются" in answer.content.decode()


def test_an_error_in_a_middleware_is_our_json_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, request: Any) -> None:
        raise RuntimeError("Сидорова Аглая")

    monkeypatch.setattr(middleware.ApiBodyMiddleware, "_read", broken)
    answer = Client(raise_request_exception=False).post("/api/receipts")
    assert code_of(answer) == (500, "server_error")
    assert "Сидорова" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize("encoding", ["deflate", "br", "gzip, gzip", "gzip, identity", "zstd"])
def test_an_encoding_that_we_do_not_read_is_named(phone: Phone, encoding: str) -> None:
    response = _post(phone, b"{}", {"Content-Encoding": encoding})
    assert code_of(response) == (415, "unsupported_media_type")


def test_the_plain_encoding_has_a_name_in_any_case(phone: Phone) -> None:
    assert _post(phone, b'{"envelopes": []}', {"Content-Encoding": "Identity"}).status_code == 200


def _post(phone: Phone, body: bytes, headers: dict[str, str]) -> httpx.Response:
    given = {"X-CSRF-Token": phone.csrf, "Content-Type": "application/json"} | headers
    return phone.client.post("/api/receipts", content=body, headers=given)


ADDRESSES = [
    "/", "/new", "/serviceworker.js", "/manifest.json", "/offline/", "/api/ping", "/api/nowhere",
    "/admin/login/", "/nowhere",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_p21_every_answer_is_guarded_and_none_clears_what_lies_on_a_phone(address: str) -> None:
    headers = Client().get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Clear-Site-Data" not in headers
    assert any(word in headers["Cache-Control"] for word in ("no-store", "no-cache"))


def test_p21_no_call_of_the_phone_clears_what_lies_on_it(phone: Phone) -> None:
    """Every call there is, in its success or refusal, the logout last."""
    known = sorted((address for address, _ in addresses("api/")), key=lambda each: each == "/api/logout")
    assert {"/api/numbers", "/api/phone/code", "/api/phone/confirm", "/api/notices/read"} < set(known)
    assert len(known) > 15
    for address in known:
        for method in ("GET", "POST", "DELETE"):
            answer = phone.client.request(method, address, json={}, headers={"X-CSRF-Token": phone.csrf})
            assert answer.status_code < 500, f"{method} {address}"
            assert "Clear-Site-Data" not in answer.headers, f"{method} {address}"
            # the directories name nobody: the browser may keep them and asks by their ETag (F34)
            setup = address == "/api/setup" and answer.status_code == 200
            expected = "private, no-cache" if setup else "no-store"
            assert answer.headers["Cache-Control"] == expected, f"{method} {address}"
    assert phone.client.get("/api/installations").status_code == 401  # the logout was one of them


@pytest.mark.slow
def test_p21_no_page_of_the_office_clears_what_lies_on_a_phone() -> None:
    browser = office_client()
    known = [address for address, name in addresses("admin/") if name != "logout"]
    for address in [*known, "/admin/logout/"]:
        for method in (browser.get, browser.post):
            answer = method(address)
            assert answer.status_code < 500 or "/flower/" in address, address
            assert "Clear-Site-Data" not in answer.headers, address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address


def test_p21_the_worker_s_script_is_kept_by_nobody() -> None:
    assert Client().get("/serviceworker.js").headers["Cache-Control"] == "no-store"


def test_a_file_sent_to_a_form_is_never_written_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", refuse)
    from_office = office_client()
    body = (
        b"--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n"
        + b"x" * 3_000_000
        + b"\r\n--b--\r\n"
    )
    answer = from_office.generic("POST", "/admin/login/", body, "multipart/form-data; boundary=b")
    assert answer.status_code < 500
