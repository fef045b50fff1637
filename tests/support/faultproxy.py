"""A proxy on loopback between a client and a real S3 server, on which the wire or the server fails as told.

Contract: a request goes to the server byte for byte, but for ``Expect``, which the proxy answers itself; the answer comes back with its
status, fields and body.  Host stays the proxy's, so that signatures hold.  Each ``Fault`` strikes the next ``times`` requests with its
method and with ``about`` in their path; ``struck`` counts.  ``upstream`` may change while it runs; where nobody listens, the client's
connection is closed.
"""

import http.client
import io
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

PIECE = 16 * 1024
PATIENCE = 20.0  # seconds; no test waits as long
Fields = list[tuple[str, str]]


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with a request."""

    method: str = "PUT"
    about: str = ""
    times: int = 1
    reaches: bool = True  # the server gets the request
    garbled: bool = False  # one byte of the body is another when it gets there
    cut: float | None = None  # both connections break after this share of the body
    then: Callable[[], object] | None = None  # is called when the connections break
    lost: bool = False  # the connection breaks where the answer should come
    silent: bool = False  # no answer comes
    answer: tuple[int, str, bytes] | None = None  # status, reason and body in place of the server's
    fields: dict[str, str | None] = field(default_factory=dict)  # of the server's answer: other values, or none


def s3_error(status: int, code: str, **known: object) -> Fault:
    """An S3 error in place of the server's answer; the server does not get the request unless told."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as told</Message></Error>".encode()
    return Fault(**({"answer": (status, code, body), "reaches": False} | known))  # type: ignore[arg-type]


class FaultProxy:
    """Listens on a free port; ``faults`` strike in their order."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []  # method, path and fields of every request
        self.struck = 0
        self._lock = threading.Lock()
        self._server = _Server(self)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, method: str, path: str, fields: dict[str, str]) -> Fault | None:
        """What strikes a request, if anything."""
        with self._lock:
            self.asked.append((method, path, fields))
            for fault in self.faults:
                if fault.times and fault.method == method and fault.about in path:
                    fault.times -= 1
                    self.struck += 1
                    return fault
        return None

    @contextmanager
    def running(self) -> Iterator["FaultProxy"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.end()


@contextmanager
def fault_proxy(endpoint: str, faults: Sequence[Fault] = ()) -> Iterator[FaultProxy]:
    """A running proxy in front of the server at ``endpoint``."""
    proxy = FaultProxy(int(endpoint.rpartition(":")[2]))
    proxy.faults += map(replace, faults)  # each counts for itself
    with proxy.running():
        yield proxy


class _Server(socketserver.ThreadingTCPServer):
    """Remembers the connections, so that none outlives it."""

    daemon_threads = True

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Connection)

    def end(self) -> None:
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a connection that breaks is what this is for."""


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError, TimeoutError, http.client.HTTPException):
            while self._request():
                pass

    def _request(self) -> bool:
        """Handle one request; False when the connection ends with it."""
        head = _head(self.rfile)
        if not head:
            return False
        method, path = head[0].decode("latin-1").split(" ")[:2]
        named = (line.decode("latin-1").partition(":") for line in head[1:])
        fields = {name.lower(): value.strip() for name, _, value in named}
        length = int(fields.get("content-length", 0))
        if "expect" in fields:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        fault = self.server.proxy.take(method, path, fields) or Fault()
        answered = None
        if fault.reaches:
            answered = self._forward(head, length, fault)
        else:
            self.rfile.read(length)
        if fault.silent:
            self.connection.settimeout(PATIENCE)
            self.rfile.read(1)  # until the client gives up
            return False
        if fault.lost or (answered is None and fault.answer is None):
            return False
        self._answer(method, *(fault.answer or (200, "OK", b"")), answered, fault)
        return True

    def _forward(self, head: Sequence[bytes], length: int, fault: Fault) -> "_Answer | None":
        """Pass the request on; the server's answer, or None when a connection broke."""
        kept = [line for line in head if not line.lower().startswith(b"expect:")]
        with socket.create_connection(("127.0.0.1", self.server.proxy.upstream), timeout=PATIENCE) as server:
            server.sendall(b"\r\n".join(kept) + b"\r\n\r\n")
            sent = self._body(server, length if fault.cut is None else int(length * fault.cut), garbled=fault.garbled)
            if fault.cut is not None or not sent:
                if fault.then is not None:
                    fault.then()
                return None
            response = http.client.HTTPResponse(server, method=kept[0].split(b" ")[0].decode())
            response.begin()
            return _Answer(response.status, response.reason, response.getheaders(), response.read())

    def _body(self, server: socket.socket, length: int, *, garbled: bool) -> bool:
        left = length
        while left:
            data = bytearray(self.rfile.read(min(PIECE, left)))
            if not data:
                return False
            if garbled and left == length:
                data[len(data) // 2] ^= 1
            server.sendall(data)
            left -= len(data)
        return True

    def _answer(self, method: str, status: int, reason: str, body: bytes, server: "_Answer | None", fault: Fault) -> None:
        fields: Fields = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        if fault.answer is None and server is not None:
            status, reason, body = server.status, server.reason, server.body
            fields = [(name, value) for name, value in server.fields if name.lower() not in {"transfer-encoding", *fault.fields}]
            fields += [(name, value) for name, value in fault.fields.items() if value is not None]
            if not any(name.lower() == "content-length" for name, _ in fields):
                fields.append(("Content-Length", str(len(body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        self.wfile.write(f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode("latin-1") + (b"" if method == "HEAD" else body))


@dataclass(frozen=True)
class _Answer:
    status: int
    reason: str
    fields: Fields
    body: bytes


def _head(stream: io.BufferedIOBase) -> list[bytes]:
    """Request line and fields without their line ends; nothing when the client is gone."""
    lines: list[bytes] = []
    while line := stream.readline():
        if line == b"\r\n":
            return lines
        lines.append(line.rstrip(b"\r\n"))
    return []
