"""The newsroom on real sockets: ``Newsroom(clock)`` serves every outlet on one loopback port, from a thread of its own.

It listens from ``with`` on and is gone after it.  ``connect_to`` is what COPYTRAIL_CONNECT_TO must hold so that the crawler reaches the
outlets by their names; a browser or curl reaches them by taking the newsroom as its HTTP proxy.  The control page, on the host
``control.newsroom.example`` and on the bare address, moves the clock (``control.py``).  ``requests`` lists what was asked, in order.
"""

import socket
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from copytrail.newsroom.clock import MovableClock
from copytrail.newsroom.content import SEEDS, outlets
from copytrail.newsroom.control import CONTROL_HOST, control
from copytrail.newsroom.site import Response, respond

CONTROL_HOSTS = {CONTROL_HOST, "127.0.0.1", "localhost"}
PIECE = 4096  # bytes of one chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that an outlet got, and the status of its answer."""

    host: str
    path: str  # with its query
    method: str
    headers: tuple[tuple[str, str], ...]  # lower-case names, as they came; they may repeat
    time: datetime  # on the newsroom's clock
    received: float  # time.monotonic(), for measuring how far apart requests are
    status: int


class Newsroom:
    """The five outlets, served while the context lasts; port 0 takes a free one."""

    def __init__(self, clock: MovableClock, *, port: int = 0) -> None:
        self.clock = clock
        self.seeds: Path = SEEDS
        self._port = port
        self._asked: list[Asked] = []

    def __enter__(self) -> Self:
        # The socket listens before the thread runs: whoever connects at once waits in the backlog and is not refused.
        self._socket = socket.create_server(("127.0.0.1", self._port))
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # the newsroom's clock dates its answers
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="newsroom", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        """Where it listens, as "127.0.0.1:PORT"."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    @property
    def connect_to(self) -> str:
        """The value for COPYTRAIL_CONNECT_TO: one entry a host."""
        return ",".join(f"{host}:80={self.address}" for host in (*outlets(), CONTROL_HOST))

    @property
    def requests(self) -> tuple[Asked, ...]:
        """What the outlets were asked so far."""
        return tuple(self._asked)

    def environment(self) -> dict[str, str]:
        """Return the variables under which ``scrapy crawl`` and ``copytrail`` find the whole story."""
        return {
            "COPYTRAIL_CONNECT_TO": self.connect_to,
            "COPYTRAIL_CONTACT": f"http://{CONTROL_HOST}/",
            "COPYTRAIL_DELAY": "0.1",  # nobody is harmed by haste on loopback
            "COPYTRAIL_MAX_HOPS": "2",  # a press review in the first outlet's feed leads to the other four
        }

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: let the pure functions answer, and write down what was asked."""
        request = Request(scope, receive)
        host = request.headers.get("host", "")
        path = _target(scope)
        if host.partition(":")[0] in CONTROL_HOSTS:
            response = control(request.method, path, self.clock, self.environment())
        else:
            response = self._outlet(request, host, path)
        await _send(response, send)

    def _outlet(self, request: Request, host: str, path: str) -> Response:
        now = self.clock()
        response = respond(host, path, dict(request.headers), now, method=request.method)
        self._asked.append(
            Asked(
                host=host,
                path=path,
                method=request.method,
                headers=tuple(request.headers.items()),
                time=now,
                received=time.monotonic(),
                status=response.status,
            )
        )
        return response


def _target(scope: Scope) -> str:
    """Return path and query as they were sent; a client that takes the newsroom for its proxy sends a whole URL (RFC 9112 §3.2.2)."""
    target: bytes = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    if target.startswith(b"http://"):
        target = b"/" + target.removeprefix(b"http://").partition(b"/")[2]
    return target.decode("latin-1")


async def _send(response: Response, send: Send) -> None:
    """Send the response as it is; without a Content-Length the server frames each piece as a chunk."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    for start in range(0, len(response.body), PIECE):
        await send({"type": "http.response.body", "body": response.body[start : start + PIECE], "more_body": True})
    await send({"type": "http.response.body"})
