"""A web of recorded pages on loopback: each served under its true URL, over TLS where the URL says so.

Contract: :func:`page_site` serves a mapping from URL to HTML bytes on two ports, one plain, one with TLS under an authority of its own;
whatever is not in the mapping, robots.txt too, is 404.  It yields what a crawler needs to reach it.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from support.certificates import make_authority


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSite:
    """How to reach the pages."""

    connect_to: str
    ca_file: Path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    pages: Mapping[str, bytes]
    scheme: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Give the page of this scheme, host and path, or 404."""
        body = self.server.pages.get(f"{self.server.scheme}://{self.headers['Host']}{self.path}")
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
        """Say nothing."""


@contextmanager
def page_site(pages: Mapping[str, bytes], folder: Path) -> Iterator[PageSite]:
    """Serve ``pages`` while the context lasts; key material goes to ``folder``."""
    authority = make_authority(folder)
    context = authority.server_context(*sorted({urlsplit(url).hostname or "" for url in pages}))
    servers = []
    for scheme in ("http", "https"):
        server = _Server(("127.0.0.1", 0), _Handler)
        server.pages, server.scheme = pages, scheme
        if scheme == "https":
            # The handshake must not happen in accept(), where one slow client would hold up all others.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, name=f"pages-{scheme}", daemon=True).start()
        servers.append(server)
    try:
        plain, secure = (server.server_address[1] for server in servers)
        yield PageSite(connect_to=f"*:80=127.0.0.1:{plain},*:443=127.0.0.1:{secure}", ca_file=authority.ca_file)
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
