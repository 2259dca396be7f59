"""The line to KIAS: time-outs, kept connections, TLS, proxies; what is unavailable and what is unknown."""

import datetime as dt
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.kias.gateway import KiasUnavailableError, KiasUnknownError
from tests.support.kias_documents import make_document
from tests.support.kias_raw import answering, gateway_to, http, read_request, server_that, soap

SAVED = http(soap("<data><result><ISN>7</ISN></result></data>"))
FOUND = http(soap("<data><result/></data>"))


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(KiasUnavailableError, match="no connection"):
        gateway_to("127.0.0.1:9").save(make_document(), within=5)


def test_a_host_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(KiasUnavailableError, match="no connection"):
        gateway_to("http://no-such-host.invalid/kias").save(make_document(), within=5)


def test_silence_is_waited_for_no_longer_than_the_read_time_out() -> None:
    def say_nothing(line: socket.socket) -> None:
        read_request(line)
        line.recv(1)  # until he hangs up

    with server_that(say_nothing) as address:
        gateway = gateway_to(address, read_timeout_s=0.2)
        with pytest.raises(KiasUnknownError, match="ReadTimeout"):
            gateway.save(make_document(), within=30)


def test_an_answer_that_trickles_byte_by_byte_is_cut_at_the_end_of_the_call_s_time() -> None:
    gone = threading.Event()

    def trickle(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not gone.wait(0.02):
                line.sendall(b" ")
        except OSError:
            gone.set()

    with server_that(trickle) as address:
        with pytest.raises(KiasUnknownError, match="time-out"):
            gateway_to(address).save(make_document(), within=0.5)
        assert gone.wait(10), "the line was cut"
        gone.set()


def test_an_endless_answer_is_not_read_for_ever() -> None:
    def flood(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            line.sendall(b" " * 65536)

    with server_that(flood) as address, pytest.raises(KiasUnknownError, match="too long"):
        gateway_to(address).save(make_document(), within=10)


@pytest.mark.parametrize(("keep_alive_s", "connections"), [(30, 1), (0, 3)])
def test_one_connection_serves_several_calls_where_it_may(keep_alive_s: float, connections: int) -> None:
    lines = []

    def serve(line: socket.socket) -> None:
        lines.append(line)
        while read_request(line):
            line.sendall(SAVED)

    with server_that(serve) as address:
        gateway = gateway_to(address, keep_alive_s=keep_alive_s)
        for _ in range(3):
            gateway.save(make_document(), within=5)
    assert len(lines) == connections


def test_a_kept_connection_that_ended_meanwhile_is_replaced_before_anything_is_sent() -> None:
    closed = threading.Event()

    def serve(line: socket.socket) -> None:
        read_request(line)
        line.sendall(SAVED)
        line.close()
        closed.set()

    with server_that(serve) as address:
        gateway = gateway_to(address, keep_alive_s=30)
        for _ in range(3):
            closed.clear()
            assert gateway.save(make_document(), within=5).isn == "7"
            assert closed.wait(5)


def test_f07_a_kept_connection_that_dies_after_the_request_went_out_is_unknown_and_not_repeated() -> None:
    requests = []

    def serve(line: socket.socket) -> None:
        while request := read_request(line):
            requests.append(request)
            if len(requests) > 1:
                return
            line.sendall(SAVED)

    with server_that(serve) as address:
        gateway = gateway_to(address, keep_alive_s=30)
        gateway.save(make_document(), within=5)
        with pytest.raises(KiasUnknownError, match="answer lost"):
            gateway.save(make_document(), within=5)
    assert len(requests) == 2


def test_a_call_that_was_cut_leaves_the_next_one_whole() -> None:
    seen = []

    def serve(line: socket.socket) -> None:
        while read_request(line):
            seen.append(1)
            if len(seen) == 1:
                line.recv(1)  # until he hangs up
                return
            line.sendall(SAVED)

    with server_that(serve) as address:
        gateway = gateway_to(address, keep_alive_s=30)
        with pytest.raises(KiasUnknownError, match=r"time-out|ReadTimeout"):
            gateway.save(make_document(), within=0.3)
        assert gateway.save(make_document(), within=5).isn == "7"


# --- TLS


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, signed by itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


def test_tls_is_trusted_by_the_named_authority_and_by_nobody_else(tmp_path: Path) -> None:
    requests = []

    def serve(line: socket.socket) -> None:
        requests.append(read_request(line))
        line.sendall(SAVED)

    ours, context = certificate(tmp_path, "localhost")
    wrap = lambda line: context.wrap_socket(line, server_side=True)  # noqa: E731
    with server_that(serve, wrap) as address:
        url = f"https://localhost:{address.split(':')[1]}/kias"
        with pytest.raises(KiasUnavailableError, match="no connection"):
            gateway_to(url).save(make_document(), within=5)
        with pytest.raises(KiasUnavailableError, match="no connection"):  # another name than it shows
            gateway_to(url.replace("localhost", "127.0.0.1"), ca_file=str(ours)).save(
                make_document(), within=5
            )
        assert requests == [], "nothing of a receipt goes to whom we do not trust"
        assert gateway_to(url, ca_file=str(ours)).save(make_document(), within=5).isn == "7"


def test_kias_may_ask_who_we_are(tmp_path: Path) -> None:
    theirs, context = certificate(tmp_path, "localhost")
    mine, _ = certificate(tmp_path, "client")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(mine)
    shown: list[Any] = []

    def serve(line: socket.socket) -> None:
        assert isinstance(line, ssl.SSLSocket)
        shown.append(line.getpeercert())
        read_request(line)
        line.sendall(SAVED)

    with server_that(serve, lambda line: context.wrap_socket(line, server_side=True)) as address:
        url = f"https://localhost:{address.split(':')[1]}/kias"
        gateway = gateway_to(url, ca_file=str(theirs), client_cert=str(mine))
        assert gateway.save(make_document(), within=5).isn == "7"
    assert shown[0]["subject"] == ((("commonName", "client"),),)


# --- proxies and redirects


def test_the_environment_s_proxies_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering(SAVED) as address:
        assert gateway_to(address).save(make_document(), within=5).isn == "7"


def test_a_named_proxy_is_used_and_one_that_refuses_is_unavailable() -> None:
    with answering(SAVED) as proxy:
        gateway = gateway_to("http://kias.invalid/kias", proxy=f"http://{proxy}")
        assert gateway.save(make_document(), within=5).isn == "7"
    with answering(http(b"", status="502 Bad Gateway")) as proxy:  # the answer to CONNECT
        gateway = gateway_to("https://kias.invalid/kias", proxy=f"http://{proxy}")
        with pytest.raises(KiasUnavailableError, match="no connection"):
            gateway.save(make_document(), within=5)


def test_a_redirect_is_never_followed() -> None:
    with answering(SAVED) as elsewhere:
        moved = http(b"", f"Location: http://{elsewhere}/kias", status="307 Moved")
        with answering(moved) as address, pytest.raises(KiasUnknownError, match="HTTP 307"):
            gateway_to(address).save(make_document(), within=5)
