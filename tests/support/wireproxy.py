"""An HTTP proxy on loopback that logs what it is asked: it opens tunnels, and forwards requests in absolute form as they are.

Contract: everything leads to the one ``backend`` port, whatever name is asked for.  With ``refusal`` every request is answered with these
bytes and closed; with ``authorization`` a request without this Proxy-Authorization is answered 407.  ``early`` follows the answer to
CONNECT at once.
"""

import asyncio
from contextlib import suppress
from typing import Self

from support.wireserver import header

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"
WANTED = b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="desk"\r\nContent-Length: 3\r\n\r\nwho'


class WireProxy:
    """Listens on a free port of loopback."""

    def __init__(self, backend: int, *, authorization: str = "", refusal: bytes | None = None, early: bytes = b"") -> None:
        self._backend = backend
        self._authorization = authorization
        self._refusal = refusal
        self._established = ESTABLISHED + early
        self._tasks: set[asyncio.Task[None]] = set()
        self.heads: list[bytes] = []  # the first request of each connection
        self.received = bytearray()
        self.sent = bytearray()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        refusal = self._refusal
        if refusal is None and self._authorization and header(head, b"Proxy-Authorization") != self._authorization:
            refusal = WANTED
        if refusal is not None:
            writer.write(refusal)
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._backend)
        try:
            if head.startswith(b"CONNECT "):
                writer.write(self._established)
            else:
                self.received += head
                back.write(head)
            await asyncio.gather(_pipe(reader, back, self.received), _pipe(there, writer, self.sent))
        finally:
            back.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: bytearray) -> None:
    while data := await reader.read(65536):
        log += data
        writer.write(data)
        await writer.drain()
    writer.close()
