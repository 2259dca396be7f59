"""SOAP around the operation: envelope, fault, WSDL."""

from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://kias.local/service"


def p_data(body: bytes) -> str:
    """The text of `pData` in a request. Raises ParseError and ValueError."""
    text = fromstring(body).findtext(f".//{{{SERVICE}}}pData")  # noqa: S314 (a tool for development)
    if text is None:
        raise ValueError("no pData")
    return text


def answer(data: str) -> bytes:
    return _around(
        f'<ExecProcResponse xmlns="{SERVICE}"><ExecProcResult>{escape(data)}</ExecProcResult>'
        "</ExecProcResponse>"
    )


def fault(text: str) -> bytes:
    return _around(
        f"<soap:Fault><faultcode>soap:Server</faultcode><faultstring>{escape(text)}</faultstring></soap:Fault>"
    )


def _around(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}">'
        f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    ).encode()


def wsdl(address: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{SERVICE}" name="Kias" targetNamespace="{SERVICE}">
  <types><xs:schema targetNamespace="{SERVICE}" elementFormDefault="qualified">
    <xs:element name="ExecProc"><xs:complexType><xs:sequence>
      <xs:element name="pData" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="ExecProcResponse"><xs:complexType><xs:sequence>
      <xs:element name="ExecProcResult" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
  <message name="ExecProcIn"><part name="parameters" element="tns:ExecProc"/></message>
  <message name="ExecProcOut"><part name="parameters" element="tns:ExecProcResponse"/></message>
  <portType name="KiasPort"><operation name="ExecProc">
    <input message="tns:ExecProcIn"/><output message="tns:ExecProcOut"/></operation></portType>
  <binding name="KiasSoap" type="tns:KiasPort">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="ExecProc"><soap:operation soapAction="{SERVICE}/ExecProc"/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
  </binding>
  <service name="Kias"><port name="KiasSoap" binding="tns:KiasSoap">
    <soap:address location="{escape(address)}"/></port></service>
</definitions>
""".encode()
