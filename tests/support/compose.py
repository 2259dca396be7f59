"""The commands of docker-compose.yml on servers of the distribution, each on a port of the loopback.

The commands are taken from the file as they are; only addresses and ports change. `DEPLOYMENT` is `test`,
since production refuses the simulator of KIAS and SMS that reach nobody.
"""

import datetime
import ipaddress
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import psycopg
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts import broker, system, tools
from scripts.processes import Child, Part, free_port, is_listening, start_all

COMPOSE = system.ROOT / "docker-compose.yml"
TEMPLATE = system.ROOT / "deploy" / "nginx.conf.template"
PATH = f"{Path(sys.executable).parent}:/usr/sbin:{os.environ['PATH']}"


def missing() -> list[str]:
    """Packages of the distribution that this machine does not have."""
    return [package for program, package in tools.OF_PRODUCTION if not tools.found(program)]


def services() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return read


def make_certificate(folder: Path) -> None:
    """A certificate for localhost that signs itself."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(pem)


class Production:
    """`with Production(folder, postgres_url) as production:` everything that the file starts, and KIAS."""

    def __init__(self, folder: Path, postgres_url: str) -> None:
        self.folder, self._server = folder, postgres_url
        names = ("web", "flower", "broker", "cache", "kias", "http", "https")
        self.ports = {name: free_port() for name in names}
        self.database = f"compose_{uuid.uuid4().hex[:12]}"
        self.var = folder / "var"
        self.var.mkdir()
        self.services = services()
        self.children: dict[str, Child] = {}
        self.env = self._environment()

    @property
    def base_url(self) -> str:
        return f"https://localhost:{self.ports['https']}"

    @property
    def web_url(self) -> str:
        """The web process itself, as the load balancer and Prometheus ask it."""
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def authority(self) -> str:
        return str(self.folder / "certificates" / "fullchain.pem")

    def _environment(self) -> dict[str, str]:
        at = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        ours = {
            "DEPLOYMENT": "test",
            "PUBLIC_HOST": "localhost",
            "ALLOWED_HOSTS": "localhost",
            "DATABASE_URL": self._server.rsplit("/", 1)[0] + f"/{self.database}",
            "REDIS_URL": f"redis://{at['broker']}/0",
            "CACHE_URL": f"redis://{at['cache']}/0",
            "FLOWER_URL": f"http://{at['flower']}",
            "KIAS_URL": f"http://{at['kias']}/kias",
            "TRUSTED_PROXY_COUNT": "1",
            "SMS_GATEWAY": "demo",
            "SMS_FALLBACK": "",
            "SEALING_KEY_DIRS": f"{self.var / 'keys-a'},{self.var / 'keys-b'}",
            "AUDIT_STREAM": str(self.var / "audit"),
            "DEMO_DESK": "1",
        }
        given = {"PATH": PATH, "HOME": str(self.folder), "VAR_DIR": str(self.var), "PYTHONUNBUFFERED": "1"}
        return given | ours

    def command(self, name: str) -> list[str]:
        """The service's command, its addresses exchanged for ours."""
        words = [str(word) for word in self.services[name]["command"]]
        words = [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.ports['web']}") for word in words]
        words = [word.replace("--address=0.0.0.0", "--address=127.0.0.1") for word in words]
        words = [word.replace("--port=5555", f"--port={self.ports['flower']}") for word in words]
        if words[0] == "valkey-server":
            folder = self.folder / name
            folder.mkdir()
            words = ["redis-server", *words[1:], "--bind", "127.0.0.1", "--dir", str(folder)]
            words += ["--port", str(self.ports[name])]
        return words

    def health_check(self, name: str) -> int:
        """The exit code of the service's own health check."""
        words = [str(word) for word in self.services[name]["healthcheck"]["test"][1:]]
        for inner, outer in ((":8000", self.ports["web"]), (":5555", self.ports["flower"])):
            words = [word.replace(inner, f":{outer}") for word in words]
        return subprocess.run(words, env=self.env, capture_output=True, check=False).returncode

    def run(self, *words: str, **env: str) -> str:
        made = subprocess.run(
            words, env=self.env | env, cwd=system.ROOT, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr
        return made.stdout

    def _child(self, name: str, words: list[str]) -> Child:
        log = self.folder / "log" / f"{name}.log"
        self.children[name] = Child(name, words, log=log, env=self.env, cwd=system.ROOT)
        return self.children[name]

    def __enter__(self) -> "Production":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{self.database}"')
        kias = [sys.executable, "-m", "sync.kias.simulator", "--port", str(self.ports["kias"])]
        stores = [self._child(name, self.command(name)) for name in ("broker", "cache")]
        stores.append(self._child("kias", [*kias, "--ledger", str(self.folder / "ledger")]))
        start_all([
            Part(stores[0], lambda: broker.answers(self.ports["broker"])),
            Part(stores[1], lambda: broker.answers(self.ports["cache"])),
            Part(stores[2], lambda: is_listening(self.ports["kias"])),
        ])  # fmt: skip
        migrate = self.services["migrate"]
        bounds = {key: migrate["environment"][key] for key in ("STATEMENT_TIMEOUT_S", "LOCK_TIMEOUT_S")}
        self.run(*migrate["command"], **bounds)
        self.run("python", "manage.py", "make_sealing_key")
        self.run("python", "manage.py", "demo_data")
        web, worker = self._child("web", self.command("web")), self._child("worker", self.command("worker"))
        beat, flower = (
            self._child("beat", self.command("beat")),
            self._child("flower", self.command("flower")),
        )
        start_all([
            Part(web, lambda: system.fetch(f"{self.web_url}/readyz") is not None),
            Part(worker, lambda: " ready." in worker.said()),
            Part(beat, lambda: "beat: Starting" in beat.said()),
            Part(flower, lambda: is_listening(self.ports["flower"])),
        ], 120)  # fmt: skip
        proxy = self._child("proxy", self._nginx())
        start_all([Part(proxy, lambda: is_listening(self.ports["https"]))])

    def _nginx(self) -> list[str]:
        make_certificate(self.folder / "certificates")
        given = {
            "WEB": f"127.0.0.1:{self.ports['web']}",
            "PUBLIC_HOST": "localhost",
            "HTTP_LISTEN": f"127.0.0.1:{self.ports['http']}",
            "HTTPS_LISTEN": f"127.0.0.1:{self.ports['https']}",
            "CERTIFICATES": str(self.folder / "certificates"),
        }
        assert set(given) == set(self.services["proxy"]["environment"])
        # As the image does it: names that are set are filled in, nginx's own variables stay.
        filled = re.sub(r"\$\{(\w+)\}", lambda m: given.get(m[1], m[0]), TEMPLATE.read_text())
        (self.folder / "site.conf").write_text(filled)
        places = "".join(
            f"{name}_temp_path {self.folder}/{name}; "
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = (
            f"daemon off; user root; pid {self.folder}/nginx.pid; error_log stderr warn; events {{}}\n"
            f"http {{ {places} include {self.folder}/site.conf; }}\n"
        )
        (self.folder / "nginx.conf").write_text(whole)
        return ["nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children.values()):
            child.ask_to_stop()
        for child in reversed(self.children.values()):
            child.stop(10)
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
