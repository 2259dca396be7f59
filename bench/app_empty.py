"""An origin whose only page is one field, kept by a service worker: what a cold start costs at least."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.app_page import EMPTY_PAGE, EMPTY_WORKER


class Empty(ThreadingHTTPServer):
    """Answers until `stop`; from then on only the worker does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_worker = self.path == "/worker.js"
        body = (EMPTY_WORKER if is_worker else EMPTY_PAGE).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if is_worker else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass
