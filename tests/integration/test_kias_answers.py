"""Whatever KIAS answers ends in one of the gateway's own words, never in an accident (P31, F07)."""

import gzip
from datetime import date

import pytest

from sync.kias.gateway import KiasRejectedError, KiasUnavailableError, KiasUnknownError
from tests.support.kias_documents import make_document
from tests.support.kias_raw import answering, gateway_to, http, soap

DAY = date(2026, 11, 22)
OK = "<data><result>{}</result></data>"
ROW = (
    "<row><ISN>{isn}</ISN><ExternalId>{id}</ExternalId><Number>{number}</Number><Date>{date}</Date>"
    "<Sum>1 000,00</Sum><PolicySeries>ХХХ</PolicySeries><PolicyNumber>1</PolicyNumber></row>"
)
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
ENVELOPE = soap(OK.format("<ISN>7</ISN>"))


def row(isn: str = "7", id: str = "ours", number: str = "БС-1", date: str = "22.11.2026") -> str:
    return ROW.format(isn=isn, id=id, number=number, date=date)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        http(b""),
        http(b"<!doctype html><p>login</p>"),
        http(BOMB),
        http(b"", status="204 No Content"),
        http(b"", "Location: http://login/", status="302 Found"),
        http(b"", status="503 Busy"),
        http(b"", status="504 Gateway Timeout"),
        http(ENVELOPE, status="202 Accepted"),
        http(ENVELOPE[:-20]),
        http(ENVELOPE).replace(b"Content-Length: ", b"Content-Length: 9"),
        http(gzip.compress(ENVELOPE), "Content-Encoding: gzip"),
        http(ENVELOPE, "Content-Type: text/xml; charset=utf-7"),
        http(ENVELOPE.replace(b"ExecProcResult", b"Another")),
        http(ENVELOPE.replace(b"http://kias.local", b"http://elsewhere")),
        http(soap("")),
        http(soap("<data/>")),
        http(soap("<other/>")),
        http(soap("<data><result/></data>")),
        http(soap(OK.format("<ISN/>"))),
        http(soap(OK.format("<ISN>0</ISN>"))),
        http(soap(OK.format("<ISN>-7</ISN>"))),
        http(soap(OK.format("<ISN>seven</ISN>"))),
        http(soap(OK.format("<ISN>7</ISN><ISN>8</ISN>"))),
        http(soap(OK.format("<ISN>7</ISN>") * 2)),
        http(soap("<data><result><ISN>7</ISN></result><result><ISN>8</ISN></result></data>")),
        http(soap("<data><result><ISN>7</ISN></result><error><code>5</code></error></data>")),
        http(soap("<a>" * 3000 + "</a>" * 3000)),
    ],
    ids=lambda answer: ascii(answer[:20]),
)
def test_f07_after_an_answer_that_says_nothing_clear_the_save_is_unknown(answer: bytes) -> None:
    with answering(answer) as address, pytest.raises(KiasUnknownError) as unknown:
        gateway_to(address).save(make_document(), within=3)
    assert len(unknown.value.detail) < 100


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (http(b"", "Retry-After: 7", status="503 Busy"), 7),
        (http(b"", "Retry-After: soon", status="503 Busy"), 30),
        (http(b"", status="429 Slow"), 30),
        (http(b"", "Date: Sun, 22 Nov 2026 07:00:00 GMT", "Retry-After: Sun, 22 Nov 2026 07:02:00 GMT",
              status="429 Slow"), 120),
        (http(b"", status="404 Not Found"), None),
        (http(b"", status="401 Who"), None),
    ],
    ids=lambda each: ascii(each)[:40],
)  # fmt: skip
def test_an_answer_that_nothing_was_begun_is_unavailable(answer: bytes, wait: float | None) -> None:
    with answering(answer) as address, pytest.raises(KiasUnavailableError) as away:
        gateway_to(address).save(make_document(), within=3)
    assert away.value.retry_after == wait


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        ("<error/>", "unnamed", ""),
        ("<error><code>  </code><text>Нельзя</text></error>", "unnamed", "Нельзя"),
        ("<error><code>ORA-20001: Сидорова</code></error>", "unnamed", ""),
        ("<error><code> 42 </code><text> a\nb </text></error>", "42", "a b"),
        ("<error><code>x</code><text>" + "я" * 5000 + "</text></error>", "x", "я" * 300),
    ],
)
def test_a_refusal_is_one_whatever_it_says(error: str, code: str, text: str) -> None:
    with (
        answering(http(soap(f"<data>{error}</data>"))) as address,
        pytest.raises(KiasRejectedError) as refused,
    ):
        gateway_to(address).save(make_document(), within=3)
    assert (refused.value.code, refused.value.text) == (code, text)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (row(id="another's", number="БС-2"), "another receipt"),
        (row() + row(), "one ISN twice"),
        (row(date="yesterday"), "Date"),
        (row().replace("1 000,00", "many"), "Sum"),
        (row(isn=""), "ISN"),
    ],
)
def test_a_found_document_that_cannot_be_ours_or_read_is_no_answer(rows: str, why: str) -> None:
    with answering(http(soap(OK.format(rows)))) as address, pytest.raises(KiasUnknownError, match=why):
        gateway_to(address).find(external_id="ours", number="БС-1", within=3)


def test_a_number_that_a_person_changed_in_kias_is_told_as_it_is() -> None:
    with answering(http(soap(OK.format(row(number="другой", date=""))))) as address:
        (found,) = gateway_to(address).find(external_id="ours", number="БС-1", within=3)
    assert (found.number, found.date, found.amount) == ("другой", None, 100000)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (row(), "another"),
        (row() + "<More>maybe</More>", "another"),
        (row(isn="8") + row(isn="7") + "<More>N</More>", "order"),
        ("<More>Y</More>", "order"),
        (row(date="23.11.2026") + "<More>N</More>", "period"),
        (row(date="") + "<More>N</More>", "period"),
    ],
)
def test_a_page_that_could_hide_something_is_no_page(rows: str, why: str) -> None:
    with answering(http(soap(OK.format(rows)))) as address, pytest.raises(KiasUnknownError, match=why):
        gateway_to(address).list(since=DAY, until=DAY, page=1, within=3)


def test_windows_1251_from_a_kias_that_says_so_only_in_http() -> None:
    body = soap(OK.format(row())).decode().encode("windows-1251")
    with answering(http(body, "Content-Type: text/xml; charset=windows-1251")) as address:
        (found,) = gateway_to(address).find(external_id="ours", number="БС-1", within=3)
    assert found.policy_series == "ХХХ"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml; charset*=utf-8''a%00b",
        f"text/xml; charset*{'1' * 5000}=x",
        "text/xml; charset*0*=utf-8''a%00; charset*1=b",
        "text/xml; charset=",
        ";;;=",
    ],
    ids=lambda each: str(each)[:30],
)
def test_f11_no_content_type_makes_the_adapter_stumble(content_type: str) -> None:
    with answering(http(ENVELOPE, f"Content-Type: {content_type}")) as address:
        assert gateway_to(address).save(make_document(), within=3).isn == "7"


@pytest.mark.parametrize("year", ["0001", "1999", "2200", "9999"])
def test_f11_a_check_of_a_year_that_no_database_can_tell_back_is_no_answer(year: str) -> None:
    check = f"<Check><Fn>1</Fn><Fd>2</Fd><Fpd>3</Fpd><FormedAt>01.01.{year} 00:00</FormedAt></Check></row>"
    rows = row().replace("</row>", check)
    with answering(http(soap(OK.format(rows)))) as address, pytest.raises(KiasUnknownError, match="FormedAt"):
        gateway_to(address).find(external_id="ours", number="БС-1", within=3)


@pytest.mark.parametrize("sid", ["", "s" * 200])
def test_a_login_without_a_sid_that_can_be_kept_is_unavailable(sid: str) -> None:
    with answering(http(soap(OK.format(f"<Sid>{sid}</Sid>")))) as address:
        gateway = gateway_to(address)
        gateway._session = type("Fresh", (), {"sid": lambda _: "", "renew": lambda _, s, login, w: login()})()
        with pytest.raises(KiasUnavailableError, match="login"):
            gateway.save(make_document(), within=3)
