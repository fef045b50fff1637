"""A server that says exactly what it is told to say, and logs every byte of both directions with its time.

Contract: replies are found by path, or by ``host path`` when that is there; a target in absolute form, as a proxy passes it on, by itself
or by its path.  Each reply is steps: bytes to send, ``Pause``, ``CLOSE`` or ``RESET``.  A mapping's value may be a list of replies, used
one after the other (the last one stays).  The connection stays open after a reply, as HTTP/1.1 has it, or until it was idle for ``idle``
seconds.  What was not asked for answers 404.
"""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self


class End(Enum):
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True)
class Pause:
    seconds: float


CLOSE, RESET = End.CLOSE, End.RESET
Step = bytes | Pause | End
Reply = tuple[Step, ...]
NOT_FOUND: Reply = (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)


@dataclass
class Served:
    """One request and what was sent back."""

    time: float
    connection: int
    request: bytes
    response: bytearray = field(default_factory=bytearray)

    @property
    def path(self) -> str:
        return self.request.split(b" ", 2)[1].decode()

    @property
    def host(self) -> str:
        return header(self.request, b"Host")


def page(body: bytes = b"<p>hello", head: bytes = b"", status: bytes = b"200 OK") -> tuple[bytes]:
    return (b"HTTP/1.1 %b\r\nContent-Type: text/html; charset=utf-8\r\n%bContent-Length: %d\r\n\r\n%b" % (status, head, len(body), body),)


def header(request: bytes, name: bytes) -> str:
    lines = request.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return next((line.partition(b": ")[2].decode() for line in lines if line.lower().startswith(name.lower() + b": ")), "")


class WireServer:
    """Serves on a free port of loopback."""

    def __init__(self, replies: Mapping[str, Reply | list[Reply]], *, tls: ssl.SSLContext | None = None, idle: float | None = None) -> None:
        self._replies = {path: [*reply] if isinstance(reply, list) else [reply] for path, reply in replies.items()}
        self._tls = tls
        self._idle = idle
        self._tasks: set[asyncio.Task[None]] = set()
        self.log: list[Served] = []
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def connect_to(self) -> str:
        """The setting that sends every host here."""
        return f"*:*=127.0.0.1:{self.port}"

    def served(self, path: str) -> list[Served]:
        return [item for item in self.log if item.path == path]

    @property
    def paths(self) -> list[str]:
        return [item.path for item in self.log]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        number = self.connections
        try:
            while request := await asyncio.wait_for(_read_request(reader), self._idle):
                served = Served(time.monotonic(), number, request)
                self.log.append(served)
                if not await self._answer(served, writer):
                    break
        except (ConnectionError, TimeoutError):
            pass  # the client is gone, which some cases are about, or has nothing more to say
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, served: Served, writer: asyncio.StreamWriter) -> bool:
        """Send the reply; False when the connection ends with it."""
        for step in self._reply(served):
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            elif isinstance(step, End):
                if step is RESET:
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    writer.transport.abort()
                return False
            else:
                served.response += step
                writer.write(step)
                await writer.drain()
        return True

    def _reply(self, served: Served) -> Reply:
        for key in (f"{served.host} {served.path}", served.path, served.path.partition(f"://{served.host}")[2]):
            if replies := self._replies.get(key):
                return replies.pop(0) if len(replies) > 1 else replies[0]
        return NOT_FOUND


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    length = header(head, b"Content-Length")
    return head + (await reader.readexactly(int(length)) if length else b"")
