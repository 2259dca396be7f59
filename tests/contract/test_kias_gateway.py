"""What every `KiasGateway` must do, run over the SOAP adapter with the real simulator and over the twin."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from tests.support.kias_documents import make_document
from tests.support.kias_process import KiasProcess
from tests.support.kias_worlds import SimulatorWorld, TwinWorld, World
from tests.support.phone import wait_until


@pytest.fixture(scope="module")
def kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias")) as running:
        yield running


@pytest.fixture(params=["twin", "simulator"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "twin":
        yield TwinWorld()
        return
    kias: KiasProcess = request.getfixturevalue("kias")
    kias.control(clear=True, clear_ledger=True, page_size=200)
    yield SimulatorWorld(kias)
    if kias._process is None:
        kias.start()


def save(world: World, document: KiasDocument, within: float = 5.0) -> str:
    return world.gateway.save(document, within=within).isn


def find(world: World, document: KiasDocument, within: float = 5.0) -> tuple[FoundDocument, ...]:
    return world.gateway.find(external_id=document.external_id, number=document.number, within=within)


def test_what_was_saved_is_found_with_all_that_decides_whose_it_is(world: World) -> None:
    document = make_document(amount=100000_05, instalment=3, date=date(2026, 1, 9))
    isn = save(world, document)
    (found,) = find(world, document)
    assert (found.isn, found.external_id, found.number) == (isn, document.external_id, document.number)
    assert (found.amount, found.instalment, found.date) == (100000_05, 3, date(2026, 1, 9))
    assert (found.policy_series, found.policy_number) == ("ХХХ", "0123456789")


def test_it_is_found_by_either_key_alone(world: World) -> None:
    document = make_document()
    save(world, document)
    other = make_document()
    assert world.gateway.find(external_id=document.external_id, number=other.number, within=5)
    assert world.gateway.find(external_id=other.external_id, number=document.number, within=5)


def test_what_was_never_saved_is_not_found(world: World) -> None:
    save(world, make_document())
    assert find(world, make_document()) == ()


def test_saving_twice_makes_two_documents_so_that_our_fault_would_show(world: World) -> None:
    document = make_document()
    assert save(world, document) != save(world, document)
    assert len(find(world, document)) == 2


def test_a_check_appears_some_time_after_the_save(world: World) -> None:
    document = make_document(amount=324550)
    save(world, document)
    wait_until(lambda: find(world, document)[0].check is not None)
    check = find(world, document)[0].check
    assert check is not None
    assert check.fn.isdigit()
    assert len(check.fn) == 16
    assert check.qr.startswith(f"t={check.formed_at:%Y%m%dT%H%M}&s=3245.50&fn={check.fn}&i={check.fd}")
    assert find(world, document)[0].check == check, "the same check at every asking"


def test_what_a_person_typed_into_kias_carries_no_id(world: World) -> None:
    document = make_document()
    world.write_by_hand(document)
    (found,) = find(world, document)
    assert found.external_id == ""
    assert (found.number, found.amount, found.instalment) == (document.number, document.amount, 1)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("unknown_policy", {"policy_series": "НЕТ"}),
        ("sum_limit", {"amount": 4_294_967_295}),
        ("closed_period", {"date": date(2019, 12, 31)}),
    ],
)
def test_a_refusal_has_a_code_and_writes_nothing(world: World, code: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(KiasRejectedError) as refused:
        save(world, make_document(**wrong))
    assert refused.value.code == code
    assert refused.value.text
    assert world.count() == 0


@pytest.mark.parametrize("kind", ["refuse", "rate_limit"])
@pytest.mark.parametrize("operation", ["save", "find"])
def test_a_call_that_was_not_taken_is_unavailable(world: World, kind: str, operation: str) -> None:
    world.order(kind, seconds=7, only=operation)
    call = {"save": save, "find": find}[operation]
    with pytest.raises(KiasUnavailableError) as away:
        call(world, make_document())
    assert away.value.retry_after == 7
    assert world.count() == 0


@pytest.mark.parametrize(
    "kind", ["lose_answer", "http_500_after", "malformed", "empty", "no_result", "two_results"]
)
def test_a_save_whose_answer_is_spoilt_is_unknown_and_may_be_done(world: World, kind: str) -> None:
    document = make_document()
    world.order(kind, only="save")
    with pytest.raises(KiasUnknownError):
        save(world, document)
    assert len(find(world, document)) == 1


@pytest.mark.parametrize("kind", ["http_500", "soap_fault", "not_ours"])
def test_a_save_answered_with_nonsense_is_unknown_and_may_be_undone(world: World, kind: str) -> None:
    document = make_document()
    world.order(kind, only="save")
    with pytest.raises(KiasUnknownError):
        save(world, document)
    assert find(world, document) == ()


@pytest.mark.parametrize(
    "kind",
    ["lose_answer", "http_500", "soap_fault", "not_ours", "malformed", "empty", "no_result", "two_results"],
)
def test_a_question_without_a_clear_answer_is_no_answer(world: World, kind: str) -> None:
    document = make_document()
    save(world, document)
    world.order(kind, only="find")
    with pytest.raises(KiasUnknownError):
        find(world, document)


@pytest.mark.parametrize("operation", ["save", "find"])
def test_a_refusal_without_code_or_text_is_still_a_refusal(world: World, operation: str) -> None:
    world.order("bare_error", only=operation)
    with pytest.raises(KiasRejectedError) as refused:
        {"save": save, "find": find}[operation](world, make_document())
    assert (refused.value.code, refused.value.text) == ("unnamed", "")
    assert world.count() == 0


def test_kias_may_write_one_save_twice_and_both_are_found(world: World) -> None:
    document = make_document()
    world.order("double", only="save")
    isn = save(world, document)
    found = find(world, document)
    assert len(found) == 2
    assert isn in {each.isn for each in found}


def test_f08_kias_may_commit_after_we_stopped_waiting(world: World) -> None:
    document = make_document()
    assert find(world, document) == ()  # logged in
    world.order("commit_late", seconds=2.5, only="save")
    with pytest.raises(KiasUnknownError):
        save(world, document, within=1.0)
    assert find(world, document) == ()
    wait_until(lambda: len(find(world, document)) == 1)


def test_nobody_there_is_unavailable(world: World) -> None:
    world.go_away()
    with pytest.raises(KiasUnavailableError):
        save(world, make_document())
    with pytest.raises(KiasUnavailableError):
        find(world, make_document())


def test_a_refund_tells_its_kind_and_what_it_gives_back(world: World) -> None:
    sale = make_document()
    refund = make_document(kind="refund", refund_of=sale.external_id)
    save(world, sale)
    save(world, refund)
    assert [(each.kind, each.refund_of) for each in find(world, sale)] == [("sale", "")]
    assert [(each.kind, each.refund_of) for each in find(world, refund)] == [("refund", sale.external_id)]


def test_what_a_person_took_back_in_kias_is_still_found_and_says_so(world: World) -> None:
    document = make_document()
    world.annul(save(world, document))
    (found,) = find(world, document)
    assert found.state == "annulled"


def listed(world: World, since: date, until: date, page: int = 1) -> tuple[list[str], bool]:
    told = world.gateway.list(since=since, until=until, page=page, within=5)
    return [each.isn for each in told.documents], told.more


def test_a_period_is_listed_with_both_its_ends_in_the_order_of_isn(world: World) -> None:
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 11, 29), date(2026, 12, 2), date(2026, 11, 30)]
    isns = [save(world, make_document(date=day)) for day in days]
    assert listed(world, date(2026, 11, 30), date(2026, 12, 1)) == ([isns[0], isns[1], isns[4]], False)
    assert listed(world, date(2027, 1, 1), date(2027, 1, 2)) == ([], False)


def test_the_date_of_a_document_decides_not_its_accounting_date(world: World) -> None:
    isn = save(world, make_document(date=date(2026, 10, 31), accounting_date=date(2026, 11, 5)))
    assert listed(world, date(2026, 10, 31), date(2026, 10, 31)) == ([isn], False)
    assert listed(world, date(2026, 11, 5), date(2026, 11, 5)) == ([], False)


def test_a_long_list_comes_by_pages_and_the_last_says_so(world: World) -> None:
    world.page_size(2)
    isns = [save(world, make_document()) for _ in range(4)]
    day = make_document().date
    assert listed(world, day, day, page=1) == (isns[:2], True)
    assert listed(world, day, day, page=2) == (isns[2:], False)
    assert listed(world, day, day, page=3) == ([], False)


def test_a_listed_document_tells_what_a_found_one_tells(world: World) -> None:
    document = make_document(kind="refund", refund_of="the original")
    save(world, document)
    wait_until(lambda: find(world, document)[0].check is not None)
    told = world.gateway.list(since=document.date, until=document.date, page=1, within=5)
    assert told.documents == find(world, document)


@pytest.mark.parametrize("kind", ["lose_answer", "http_500", "soap_fault", "not_ours", "malformed"])
def test_a_list_without_a_clear_answer_is_no_list(world: World, kind: str) -> None:
    world.order(kind, only="list")
    with pytest.raises(KiasUnknownError):
        listed(world, date(2026, 1, 1), date(2026, 12, 31))
