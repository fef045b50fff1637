"""One TCP or TLS connection, and the pool of those that are kept open.

Contract: ``connect`` opens a connection to the first address that answers, through a proxy's tunnel where the route has
one, and calls ``mark`` after each step; OSError of the last address, or the tunnel's ``Broken``, otherwise.
``Connection.read`` gives the next bytes, ``b""`` when the peer has closed, OSError when the connection broke.  A
connection that received anything while no answer was due is not ``reusable``: what came would be taken for the head of
the next answer, and a page would be archived under the wrong URL.  ``Pool`` keeps idle connections for a while; a pool
belongs to one event loop.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from archive.kinds import Phase
from crawlers import tls
from crawlers.address import Endpoint, SocketAddress
from crawlers.proxies import Route, tunnel

CONNECT_SECONDS: Final = 10.0  # for one address: a silent one must not use up the time of the others
IDLE_SECONDS: Final = 30.0
IDLE_LIMIT: Final = 64
_AHEAD: Final = 256 * 1024  # bytes received and not yet read, at which the peer is made to wait

Mark = Callable[[Phase], None]


class Connection(asyncio.Protocol):
    """The bytes of one connection, in the order of the wire."""

    def __init__(self) -> None:
        """Without a transport until asyncio has made the connection."""
        self.ip = ""
        self.tls: tls.TlsFacts | None = None
        self.used = False
        self._transport: asyncio.Transport
        self._arrived: deque[bytes] = deque()
        self._waiting = 0
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._ended = False
        self._error: OSError | None = None

    # What the pool and the wire call

    @property
    def reusable(self) -> bool:
        """Whether another request may go over it."""
        return not (self._ended or self._arrived or self._transport.is_closing())

    async def read(self) -> bytes:
        """The next bytes."""
        while not self._arrived and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._arrived:
            data = self._arrived.popleft()
            self._waiting -= len(data)
            if self._waiting < _AHEAD:
                self._transport.resume_reading()
            return data
        if self._error is not None:
            raise self._error
        return b""

    async def write(self, data: bytes) -> None:
        """Send; OSError when the connection broke meanwhile."""
        if self._ended:
            raise self._error or ConnectionResetError("closed by the peer")
        self._transport.write(data)
        if not self._writable.is_set():
            await self._writable.wait()
            if self._error is not None and not self._arrived:  # what came before the break may be an answer
                raise self._error

    def abort(self) -> None:
        """Close at once; what was not sent is dropped."""
        self._transport.abort()

    async def gone(self) -> None:
        """Wait until the socket is closed."""
        await self._gone.wait()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.ip = str(transport.get_extra_info("peername")[0])
        session = transport.get_extra_info("ssl_object")
        self.tls = tls.facts(session) if session is not None else None

    def data_received(self, data: bytes) -> None:
        self._arrived.append(data)
        self._waiting += len(data)
        if self._waiting >= _AHEAD:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> None:
        self._ended = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        if isinstance(exc, OSError):
            self._error = exc
        self._news.set()
        self._writable.set()
        self._gone.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()


async def connect(route: Route, addresses: Sequence[SocketAddress], trust: ssl.SSLContext, mark: Mark) -> Connection:
    """Open a connection along ``route`` at the first of ``addresses`` that answers."""
    sock = await _first_socket(addresses)
    if route.proxy is not None and route.tunnelled:
        try:
            await tunnel(sock, route.endpoint, route.proxy)
        except BaseException:
            sock.close()
            raise
    mark(Phase.CONNECT)
    connection = await _over(sock, route.endpoint, trust)
    if route.endpoint.tls:
        mark(Phase.TLS)
    return connection


async def _over(sock: socket.socket, endpoint: Endpoint, trust: ssl.SSLContext) -> Connection:
    """The connection over a connected socket, which asyncio closes when the handshake fails."""
    loop = asyncio.get_running_loop()
    if not endpoint.tls:
        return (await loop.create_connection(Connection, sock=sock))[1]
    # A name with a final dot is the same name; certificates and server name indication leave it out (RFC 6066 §3).
    name = endpoint.host.rstrip(".")
    return (await loop.create_connection(Connection, sock=sock, ssl=trust, server_hostname=name))[1]


async def _first_socket(addresses: Sequence[SocketAddress]) -> socket.socket:
    last: OSError = OSError("no address")
    for address in addresses:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(0)
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, address.place)
            return sock
        except OSError as error:
            sock.close()
            last = error if error.args else TimeoutError(f"{address.ip} did not answer within {CONNECT_SECONDS:g} s")
        except BaseException:
            sock.close()
            raise
    raise last


class Pool:
    """Idle connections, the newest first: it is the likeliest to be alive still."""

    def __init__(self) -> None:
        """Start with none."""
        self._idle: deque[tuple[float, Route, Connection]] = deque()

    def take(self, route: Route) -> Connection | None:
        """An idle connection along ``route`` that looks alive, or None."""
        self._drop_old()
        for entry in list(self._idle):
            _, way, connection = entry
            if way != route:
                continue
            self._idle.remove(entry)
            if connection.reusable:
                return connection
            connection.abort()
        return None

    def give(self, route: Route, connection: Connection) -> None:
        """Keep a connection whose answer has been read to the end."""
        self._idle.appendleft((asyncio.get_running_loop().time(), route, connection))
        self._drop_old()

    async def close(self) -> None:
        """Close all of them, and wait until they are."""
        idle, self._idle = self._idle, deque()
        for _, _, connection in idle:
            connection.abort()
        for _, _, connection in idle:
            await connection.gone()

    def _drop_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle and (self._idle[-1][0] < oldest or len(self._idle) > IDLE_LIMIT):
            self._idle.pop()[2].abort()
