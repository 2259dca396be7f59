"""How KIAS's XML, its fields and its HTTP statuses are read: what is understood, what is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sync.kias import answers, http_status, markup
from sync.kias.gateway import KiasUnavailableError
from sync.kias.markup import BadMarkupError

RUSSIAN = "<data><text>Полис не найден</text></data>"


@pytest.mark.parametrize(
    ("given", "charset"),
    [
        (RUSSIAN.encode(), ""),
        (b"\xef\xbb\xbf" + RUSSIAN.encode(), ""),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN.encode("windows-1251"), ""),
        (b"<?xml version='1.0' encoding='Windows-1251' ?>" + RUSSIAN.encode("windows-1251"), "utf-8"),
        (RUSSIAN.encode("windows-1251"), "windows-1251"),
        (b'<?xml version="1.0" encoding="koi8-r"?>' + RUSSIAN.encode("koi8-r"), ""),
        (("\ufeff" + '<?xml version="1.0" encoding="utf-16"?>' + RUSSIAN).encode("utf-16-le"), ""),
        # the byte order mark is right and the declaration is not
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN.encode(), ""),
    ],
)
def test_russian_is_read_in_whichever_way_it_is_written(given: bytes, charset: str) -> None:
    assert markup.read(given, charset).findtext("text") == "Полис не найден"


def test_the_inner_text_may_declare_what_it_likes() -> None:
    assert markup.read('\ufeff<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN).tag == "data"


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><data>&b;</data>'


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b" ",
        b"not XML",
        b"<data>",
        b"<data/><data/>",
        b"<data>\xff</data>",
        b"<data>\x00</data>",
        b"<data>&#0;</data>",
        b"<data>&undeclared;</data>",
        RUSSIAN.encode("windows-1251"),  # says nothing, so it is UTF-8, and is not
        b'<?xml version="1.0" encoding="utf-8"?>' + RUSSIAN.encode("windows-1251"),
        b'<?xml version="1.0" encoding="punycode"?><data/>',
        b'<?xml version="1.0" encoding="zlib"?><data/>',
        b'<?xml version="1.0" encoding="no-such"?><data/>',
        LAUGHS.encode(),
        ("\ufeff" + LAUGHS).encode("utf-16-le"),
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><data/>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><data>&f;</data>',
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<!doctype html><html><body>Wi-Fi login</body></html>",
    ],
    ids=lambda given: ascii(given[:40]),
)
def test_what_is_not_plain_xml_is_refused_and_never_quoted(given: bytes) -> None:
    with pytest.raises(BadMarkupError) as bad:
        markup.read(given)
    assert len(str(bad.value)) < 40
    assert bad.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("3245.50", 324550), ("3245,5", 324550), ("3 245,50", 324550), ("3\u00a0245", 324500), ("0.01", 1),
        ("3245.5000", 324550), (" 10 ", 1000), ("-5.00", -500),
    ],
)  # fmt: skip
def test_a_sum_as_kias_writes_it_becomes_kopecks(text: str, kopecks: int) -> None:
    assert answers.kopecks(text) == kopecks


@pytest.mark.parametrize("text", ["", "1e3", "1.005", "1,2,3", "٣", "NaN", "1.", "9" * 13])
def test_what_is_no_sum_is_unreadable(text: str) -> None:
    with pytest.raises(answers.UnreadableError, match="Sum"):
        answers.kopecks(text)


@pytest.mark.parametrize("text", ["22.11.2026", "22.11.2026 00:00:00", "22.11.2026 7:05", "22.11.2026T10:00"])
def test_a_date_may_carry_a_time_of_day(text: str) -> None:
    assert answers.day(text) == date(2026, 11, 22)


def test_a_date_may_be_missing() -> None:
    assert answers.day("") is None


@pytest.mark.parametrize("text", ["2026-11-22", "31.02.2026", "22.11.26", "22.11.2026 tomorrow", "сегодня"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(answers.UnreadableError, match="Date"):
        answers.day(text)


ROW = "<row><ISN>7</ISN><Number>БС-1</Number><Date>22.11.2026</Date><Sum>1,00</Sum>{}</row>"
CHECK = "<Check><Fn>1</Fn><Fd>2</Fd><Fpd>3</Fpd><FormedAt>{}</FormedAt></Check>"
MOSCOW = ZoneInfo("Europe/Moscow")


def test_a_row_needs_no_more_than_isn_and_sum() -> None:
    found = answers.document(markup.read(ROW.format("<Unheard>x</Unheard><State>В архиве</State>")), MOSCOW)
    assert (found.isn, found.amount, found.kind, found.instalment, found.check) == ("7", 100, "sale", 1, None)
    assert found.state == "В архиве"


@pytest.mark.parametrize("moment", ["22.11.2026 10:05:00", "22.11.2026 10:05"])
def test_a_check_s_moment_is_told_in_kias_s_zone(moment: str) -> None:
    check = answers.document(markup.read(ROW.format(CHECK.format(moment))), MOSCOW).check
    assert check is not None
    assert check.formed_at == datetime(2026, 11, 22, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inner", "field"),
    [
        ("<ISN>8</ISN>", "ISN"), ("<Kind>gift</Kind>", "Kind"),
        ("<Instalment>one</Instalment>", "Instalment"),
        (CHECK.format("yesterday"), "FormedAt"), (CHECK.format("").replace("<Fn>1", "<Fn>x"), "Fn"),
        ("<ExternalId>" + "x" * 201 + "</ExternalId>", "ExternalId"), ("<State><b/></State>", "State"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_understood_names_the_field_alone(inner: str, field: str) -> None:
    with pytest.raises(answers.UnreadableError, match=f"^{field}$"):
        answers.document(markup.read(ROW.format(inner)), MOSCOW)


SUNDAY = "Sun, 22 Nov 2026 07:00:00 GMT"


@pytest.mark.parametrize(
    ("named", "seconds"),
    [
        ("120", 120), ("0", 1), ("999999999", 86400), ("soon", 30), (None, 30), ("-5", 30), ("٣", 30),
        ("", 30),
        ("Sun, 22 Nov 2026 07:02:00 GMT", 120), ("Sun, 22 Nov 2026 06:00:00 GMT", 1),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 86400),
    ],
)  # fmt: skip
def test_retry_after_in_seconds_or_as_a_moment(named: str | None, seconds: float) -> None:
    assert http_status.retry_after(named, SUNDAY) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "not_taken"),
    [
        (429, {}, True), (503, {"Retry-After": "5"}, True), (503, {}, False), (404, {}, True),
        (401, {}, True),
        (413, {}, True), (409, {}, False), (422, {}, False), (500, {}, False), (502, {}, False),
        (504, {"Retry-After": "5"}, False), (200, {}, False), (302, {}, False), (307, {}, False),
    ],
)  # fmt: skip
def test_unavailable_is_only_what_was_surely_not_taken(
    status: int, headers: dict[str, str], not_taken: bool
) -> None:
    if not_taken:
        with pytest.raises(KiasUnavailableError):
            http_status.refuse_what_was_not_taken(status, headers)
    else:
        http_status.refuse_what_was_not_taken(status, headers)
