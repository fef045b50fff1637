"""An authority of time on loopback: a small HTTP server before ``openssl ts -reply``, with a certificate made for one test run."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from support.certificates import Authority, make_authority
from support.programs import program

SETTINGS = """
[tsa]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@dataclass
class StampServer:
    """``answers`` holds what to answer, one item a request: bytes, a status, a number of seconds to wait, or None for a token."""

    url: str
    folder: Path
    ca_file: Path
    answers: list[bytes | int | float | None] = field(default_factory=list)
    asked: list[tuple[str | None, bytes]] = field(default_factory=list)  # Content-Type and body
    lock: Lock = field(default_factory=Lock)

    def token(self, query: bytes) -> bytes:
        """What ``openssl ts`` answers."""
        with self.lock:  # openssl counts in a file
            (self.folder / "query").write_bytes(query)
            command = [program("openssl"), "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query"]
            command += ["-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply"]
            subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=30)
            return (self.folder / "reply").read_bytes()


@contextmanager
def stamp_server(folder: Path, *, tls: bool = False) -> Iterator[StampServer]:
    """A running authority; its files are in ``folder``.  With ``tls`` its certificate is by the same authority as those of its stamps."""
    folder.mkdir(parents=True, exist_ok=True)
    ca = make_authority(folder)
    _make_signer(ca)
    (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    (folder / "serial").write_text("01\n", encoding="utf-8")
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if tls:
            server.socket = ca.server_context("localhost").wrap_socket(server.socket, server_side=True)
        url = f"{'https' if tls else 'http'}://localhost:{server.server_port}/tsa"
        server.stamps = StampServer(url=url, folder=folder, ca_file=ca.ca_file)
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.stamps
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    stamps: StampServer


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        stamps = cast(_Server, self.server).stamps
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamps.asked.append((self.headers["Content-Type"], body))
        answer = stamps.answers.pop(0) if stamps.answers else None
        if isinstance(answer, float):
            time.sleep(answer)
        content = stamps.token(body) if answer is None else answer if isinstance(answer, bytes) else b""
        self.send_response(answer if isinstance(answer, int) else 200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(content)))
        if isinstance(answer, int) and 300 <= answer < 400:
            self.send_header("Location", stamps.url)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the standard library's
        """Say nothing."""


def _make_signer(ca: Authority) -> None:
    """A key and certificate that may stamp and do nothing else (RFC 3161 §2.3)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Time")]))
        .issuer_name(ca.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(ca.key, hashes.SHA256())
    )
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (ca.folder / "tsa.pem").write_bytes(certificate.public_bytes(encoding))
    (ca.folder / "tsa.key").write_bytes(key.private_bytes(encoding, private, serialization.NoEncryption()))
