"""The simulator's WSDL, read by another's SOAP client: what we write by hand is what it describes."""

from collections.abc import Iterator
from typing import Any

import pytest
import zeep
from lxml import etree

from sync.kias import fields
from sync.kias.markup import SERVICE
from tests.support.kias_documents import make_document
from tests.support.kias_process import PROCEDURES, KiasProcess, MemorySession


@pytest.fixture(scope="module")
def kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias")) as running:
        yield running


@pytest.fixture
def stranger(kias: KiasProcess, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    make: Any = zeep.Client
    return make(f"{kias.address}/kias?wsdl")


def asked(stranger: Any, procedure: str, **params: str) -> Any:
    """The answer's `<data>`; `pData` is put together without a line of ours."""
    data: Any = etree.fromstring("<data><request><reqName/><params/></request></data>")
    data.find("request/reqName").text = procedure
    for name, value in params.items():
        etree.SubElement(data.find("request/params"), name).text = value
    return etree.fromstring(stranger.service.ExecProc(pData=etree.tostring(data, encoding="unicode")))


def test_zeep_finds_the_one_operation(stranger: Any) -> None:
    (service,) = stranger.wsdl.services.values()
    (port,) = service.ports.values()
    assert list(port.binding._operations) == ["ExecProc"]


def test_zeep_and_our_adapter_get_the_same_answers(kias: KiasProcess, stranger: Any) -> None:
    session, document = MemorySession(), make_document(insurant="Әлфия <&> Сидорова")
    gateway = kias.gateway(session)
    isn = gateway.save(document, within=5).isn
    kias.control(check_after=3600)
    (ours,) = gateway.find(external_id=document.external_id, number="", within=5)
    told = asked(stranger, PROCEDURES["find"], Sid=session.sid(), ExternalId=document.external_id)
    (row,) = told.findall("result/row")
    assert (row.findtext("ISN"), row.findtext("Number")) == (isn, ours.number)
    assert row.findtext("Sum") == fields.roubles(ours.amount)
    again = asked(stranger, PROCEDURES["save"], Sid=session.sid(), **fields.of_document(document))
    assert again.findtext("result/ISN") == str(int(isn) + 1)
    rows = [{k: v for k, v in each.items() if k not in {"isn", "saved_at"}} for each in kias.documents()]
    assert rows[0] == rows[1], "what zeep saved is letter for letter what we saved"
    gone = asked(stranger, PROCEDURES["find"], Sid="another", Number="x")
    assert gone.findtext("error/code") == "001"


def test_what_we_send_is_what_zeep_would_send(stranger: Any) -> None:
    body = etree.fromstring(
        etree.tostring(stranger.create_message(stranger.service, "ExecProc", pData="<data/>"))
    )
    assert body.findtext(f".//{{{SERVICE}}}pData") == "<data/>"
    (port,) = next(iter(stranger.wsdl.services.values())).ports.values()
    assert port.binding.get("ExecProc").soapaction == f"{SERVICE}/ExecProc"
