"""The client's releases in front of a running system: the same server, another build of the app.

A release is the built client with another version in its page, worker and caches. Switching it is what a
deploy does: from that moment only the new release's files are there. Everything else goes on to the stack.
"""

import hashlib
import shutil
import threading
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scripts.system import ROOT

DIST = ROOT / "frontend" / "dist"
EMERGENCY = ROOT / "kias_offline" / "emergency_worker.js"
TYPES = {".js": "application/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
#: hop by hop, or said anew with the body that is put in place of the stack's
NOT_PASSED = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive"}


def _name(data: bytes) -> str:
    """As scripts/build.ts names a file in the worker: 132 bits of its SHA-256."""
    return b64encode(hashlib.sha256(data).digest()).decode()[:22]


class Release:
    """One build in a folder of its own; `version` is what the app calls itself."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder, self.version = folder, version
        shutil.copytree(DIST, folder)
        worker = (folder / "serviceworker.js").read_text(encoding="ascii")
        renamed: dict[str, str] = {}
        for old in sorted((folder / "assets").glob("*.js")):  # page and core know their release
            text = old.read_text(encoding="utf-8").replace("1.0.0", version)
            new = old.with_name(f"{old.stem}-{version.replace('.', '')}.js")
            worker = worker.replace(_name(old.read_bytes()), _name(text.encode()))
            old.unlink()
            new.write_text(text, encoding="utf-8")
            renamed[old.name] = new.name
        for packed in [*(folder / "assets").glob("*.gz"), *(folder / "assets").glob("*.br")]:
            packed.unlink()
        index = folder / "index.html"
        before = index.read_bytes()
        page = before.replace(b"<head>", b'<head><meta name="release" content="%s">' % version.encode())
        for old_name, new_name in renamed.items():
            page = page.replace(old_name.encode(), new_name.encode())
            worker = worker.replace(old_name, new_name)
        index.write_bytes(page)
        worker = worker.replace(_name(before), _name(page))
        self.worker = worker.replace("__SHELL_VERSION__ = '", f"__SHELL_VERSION__ = '{version}-")
        assert self.worker != worker


class Releases(ThreadingHTTPServer):
    """Serves `release` in front of the stack's web; `missing` are paths that do not come."""

    daemon_threads = True
    release: Release
    emergency = False

    def __init__(self, upstream_port: int, release: Release) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream_port, self.release = upstream_port, release
        self.missing: set[str] = set()
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Releases

    def do_GET(self) -> None:
        self._pass(b"")

    def do_POST(self) -> None:
        self._pass(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *_: object) -> None:
        """Nothing: the stack logs."""

    def _pass(self, body: bytes) -> None:
        path = self.path.split("?")[0]
        self.server.asked.append(path)
        if path in self.server.missing:
            self._say(404, [], b"gone")
            return
        upstream = HTTPConnection("127.0.0.1", self.server.upstream_port, timeout=30)
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in NOT_PASSED - {"content-encoding"}
        }
        headers["Accept-Encoding"] = "identity"
        upstream.request(self.command, self.path, body or None, headers | {"Content-Length": str(len(body))})
        answer = upstream.getresponse()
        data, status = answer.read(), answer.status
        given = [(name, value) for name, value in answer.getheaders() if name.lower() not in NOT_PASSED]
        own = self._own(path, status, given)
        if own is not None:
            data, status, given = own
        self._say(status, given, data)
        upstream.close()

    def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the page has gone elsewhere
            self.wfile.write(body)

    def _own(
        self, path: str, status: int, given: list[tuple[str, str]]
    ) -> tuple[bytes, int, list[tuple[str, str]]] | None:
        """What the release itself answers: its page, its worker, its files and no others."""
        release = self.server.release
        if path == "/serviceworker.js":
            text = EMERGENCY.read_bytes() if self.server.emergency else release.worker.encode()
            return text, 200, given
        if path.startswith("/static/app/"):
            file = release.folder / path.removeprefix("/static/app/")
            if not file.is_file():
                return b"not of this release", 404, []
            kind = TYPES.get(file.suffix, "application/octet-stream")
            return file.read_bytes(), 200, [("Content-Type", kind), ("Cache-Control", "no-cache")]
        if status == 200 and any("text/html" in value for name, value in given if name == "Content-Type"):
            is_app = not path.startswith(("/api/", "/admin/", "/demo/", "/offline/"))
            return ((release.folder / "index.html").read_bytes(), 200, given) if is_app else None
        return None
