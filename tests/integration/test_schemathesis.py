"""A short run of schemathesis over our own OpenAPI document: whatever a client sends, no 5xx."""

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from kias_offline.wsgi import application
from sync import sealing_keys
from tests.support.factories import make_phone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EXAMPLES = 20  # per call, right ones and wrong ones each
NOT_TRIED = {"/api/logout"}  # it would end the session of all the others


def every_operation() -> list:
    """The calls of the document that `manage.py spectacular` writes."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = application
    found = [operation.ok() for operation in schema.get_all_operations()]
    return [operation for operation in found if operation.path not in NOT_TRIED]


OPERATIONS = every_operation()


def test_the_document_holds_the_whole_protocol():
    calls = {(operation.method.upper(), operation.path) for operation in OPERATIONS}
    assert {
        ("GET", "/api/ping"),
        ("POST", "/api/ping"),
        ("GET", "/api/setup"),
        ("POST", "/api/receipts"),
        ("POST", "/api/receipts/status"),
        ("POST", "/api/receipts/search"),
        ("GET", "/api/receipts/{receipt_id}"),
        ("GET", "/api/states"),
        ("POST", "/api/login/code"),
        ("POST", "/api/login/confirm"),
        ("POST", "/api/installation"),
    } <= calls


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_nothing_an_agents_client_sends_makes_a_5xx(operation, mode, settings_folders):
    phone = make_phone()
    cookies = {cookie.name: cookie.value for cookie in phone.client.cookies.jar}

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=True,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case):
        answer = case.call(headers={"X-CSRF-Token": phone.csrf}, cookies=cookies)
        assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
        assert answer.headers["content-type"][0] == "application/json"

    tried()


@pytest.fixture
def settings_folders(settings, tmp_path):
    """A sealing key of this test's own."""
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()
