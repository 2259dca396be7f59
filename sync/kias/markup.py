"""XML as KIAS writes it, read so that no document can harm us, and XML as we write it (ADR 0027).

The signs are decoded here, before the parser sees them: no DTD, so no entity of anybody's; only the encodings
that a Russian core system may speak; nothing fetched; libxml2's own bounds on depth and length.
"""

import codecs
import re
from collections.abc import Mapping

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://kias.local/service"
APPLICATION = "kias-offline"

Element = etree._Element

_NOT_FOR_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}\?>", re.ASCII)
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,150}?\bencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,30})[\"']")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_KNOWN = {
    codecs.lookup(name).name
    for name in ("utf-8", "ascii", "windows-1251", "koi8-r", "iso-8859-5", "cp866", "utf-16-le", "utf-16-be")
}


class BadMarkupError(ValueError):
    """Not XML that we read. The text says what is wrong with it and never quotes it."""


def is_sendable(text: str) -> bool:
    """Whether XML 1.0 can carry every sign of it."""
    return not _NOT_FOR_XML.search(text)


def read(given: bytes | str, charset: str = "") -> Element:
    """The root of a document; `charset` (HTTP's) counts where neither BOM nor declaration names one.

    Raises BadMarkupError.
    """
    text = given.removeprefix("\ufeff") if isinstance(given, str) else _decoded(given, charset)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadMarkupError("DTD")
    text = _DECLARATION.sub("", text, count=1) if text.lstrip().startswith("<?xml") else text
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    problem = ""
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = type(error).__name__
    raise BadMarkupError(problem)  # outside: what the parser quoted in its error is not carried along


def _decoded(given: bytes, charset: str) -> str:
    name = charset or "utf-8"
    for mark, encoding in _BOMS:
        if given.startswith(mark):
            name, given = encoding, given.removeprefix(mark)
            break
    else:
        if declared := _ENCODING.match(given[:300]):
            name = declared[1].decode("ascii")
    try:
        if codecs.lookup(name).name not in _KNOWN:
            raise LookupError
        return given.decode(name)
    except (LookupError, ValueError):
        pass
    raise BadMarkupError("encoding")


def result_of(answer: bytes, charset: str = "") -> Element:
    """The `<data>` inside an answer's `ExecProcResult`. Raises BadMarkupError for whatever else it is."""
    body = read(answer, charset)
    if body.tag != f"{{{SOAP}}}Envelope" or (inner := _only(body, f"{{{SOAP}}}Body")) is None:
        raise BadMarkupError("no envelope")
    if inner.find(f"{{{SOAP}}}Fault") is not None:
        raise BadMarkupError("SOAP fault")
    response = _only(inner, f"{{{SERVICE}}}ExecProcResponse")
    text = None if response is None else _only(response, f"{{{SERVICE}}}ExecProcResult")
    if text is None or len(text):
        raise BadMarkupError("no ExecProcResult")
    data = read(text.text or "")
    if data.tag != "data":
        raise BadMarkupError("no data")
    return data


def _only(parent: Element, name: str) -> Element | None:
    """The child of this name; None where there is none. Raises BadMarkupError when there are several."""
    found = parent.findall(name)
    if len(found) > 1:
        raise BadMarkupError("one thing twice")
    return found[0] if found else None


def request(procedure: str, params: Mapping[str, str]) -> bytes:
    """The envelope around one call of `ExecProc`. Raises ValueError for signs that XML cannot carry."""
    data = etree.Element("data")
    inner = etree.SubElement(data, "request")
    head = {"reqName": procedure, "AppId": APPLICATION, "RequestIp": "", "UserAgent": APPLICATION}
    for name, value in head.items():
        etree.SubElement(inner, name).text = value
    parent = etree.SubElement(inner, "params")
    for name, value in params.items():
        etree.SubElement(parent, name).text = value
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    operation = etree.SubElement(body, f"{{{SERVICE}}}ExecProc", nsmap={"kias": SERVICE})
    etree.SubElement(operation, f"{{{SERVICE}}}pData").text = etree.tostring(data, encoding="unicode")
    sent: bytes = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return sent
