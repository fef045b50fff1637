"""A web of servers that do everything wrong, on loopback, made from a table.

Contract: ``bad_web(rows, folder)`` serves each row's answer at its URL until the context is left, from a thread of its own, so that the
test may wait for other processes.  ``connect_to`` and ``ca_file`` lead a crawl there; ``wire.log`` is what was asked and sent.

A row's bytes are ``raw``, the whole message; else ``status``, ``fields`` and ``body`` (``made``: what a function below makes) with a true
Content-Length; ``then`` closes or resets the connection.  ``robots`` is the message at its host's /robots.txt.
"""

import asyncio
import socket
import threading
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from support.certificates import make_authority
from support.wireserver import CLOSE, RESET, Reply, WireServer

Result = TypeVar("Result")
Row = Mapping[str, Any]
_ENDS = {"close": CLOSE, "reset": RESET}
_NEAR = b"<p>The harbour office said that the old ferry returns to the northern island before summer, on most days at noon.</p>"


@dataclass(frozen=True)
class BadWeb:
    """The running servers."""

    connect_to: str
    ca_file: Path
    wire: WireServer


def article(title: str, paragraphs: int = 12) -> bytes:
    """A page that reads as an article."""
    head = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>".encode()
    return head + b"".join(_NEAR.replace(b"noon", b"%d o'clock" % hour) for hour in range(paragraphs)) + b"</article></body></html>"


def bomb() -> bytes:
    """Gzip of 300 MB in 400 KB: one block that unpacks to 1 MiB, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b"<p>%b</p>\n" % (b"A ferry returns. " * 240) * 256
    first, again = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 300


def entities() -> bytes:
    """Ten entities, each ten times the one before: a billion characters in a few lines."""
    nested = b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + nested + b"]>"


MAKERS: Mapping[str, Callable[[], bytes]] = {
    "article": lambda: article("A ferry returns"),
    "another article": lambda: article("Another ferry returns"),
    "latin-1": lambda: article("Die Fähre kehrt zurück").decode().encode("latin-1"),
    "scripts": lambda: article("Ferry <script>alert(1)</script>").replace(b"<p>", b"<p onclick=alert(2)><script>alert(3)</script>"),
    "zeros": lambda: article("The ferry \0 returns").replace(b"office", b"off\0ice"),
    "deep": lambda: b"<html><body>" + b"<div>" * 5000 + b"<p>deep" + b"</div>" * 5000,
    "long": lambda: article("A long ferry", 20_000),
    "bomb": bomb,
    "feed of entities": lambda: (
        entities() + b'<rss version="2.0"><channel><item><title>&j;</title><link>http://bad.example/first</link></item></channel></rss>'
    ),
    "sitemap of entities": lambda: (
        entities() + b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://bad.example/&j;</loc></url></urlset>'
    ),
}


def rows_of(table: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows of a table, those with a ``count`` so often: {n} and {next} stand for their numbers, {far} for many letters."""
    return [
        {key: _numbered(value, number) for key, value in row.items()} | ({"listed": False} if number else {})
        for row in table
        for number in range(row.get("count", 1))
    ]


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    words = {"{n}": str(number), "{next}": str(number + 1), "{far}": "a" * 3000}
    for word, stands_for in words.items() if isinstance(value, str) else ():
        value = value.replace(word, stands_for)
    return value


def message(row: Row) -> bytes:
    """The bytes that a row's server sends."""
    if "raw" in row:
        return str(row["raw"]).replace("\n", "\r\n").encode("latin-1")
    body = MAKERS[row["made"]]() if "made" in row else row.get("body", b"")
    body = body if isinstance(body, bytes) else body.encode()
    fields = [*row.get("fields", ["Content-Type: text/html"]), f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {row.get('status', '200 OK')}", *fields, "", ""]).encode("latin-1") + body


def replies(rows: Sequence[Row]) -> dict[str, Reply]:
    """What the wire server says, by host and path."""
    found: dict[str, Reply] = {}
    for row in rows:
        parts = urlsplit(row["url"])
        found[f"{parts.netloc} {parts.path}"] = (message(row), *([_ENDS[row["then"]]] if "then" in row else []))
        if "robots" in row:
            found[f"{parts.netloc} /robots.txt"] = (str(row["robots"]).replace("\n", "\r\n").encode(), CLOSE)
    return found


@contextmanager
def serving(*servers: Any) -> Iterator[None]:
    """Run servers in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bad web")
    thread.start()

    def call(work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    stack = AsyncExitStack()
    try:
        for server in servers:
            call(stack.enter_async_context(server))
        yield
    finally:
        call(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Talker:
    """Says the same to whoever connects, before it is asked, and hangs up: no TLS at all."""

    port = 0

    async def __aenter__(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _talk(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()


@contextmanager
def bad_web(rows: Sequence[Row], folder: Path) -> Iterator[BadWeb]:
    """Serve ``rows``; key material goes to ``folder``."""
    known, unknown = (make_authority(_made(folder / name)) for name in ("known", "unknown"))
    wire = WireServer(replies(rows))
    wrong = WireServer({}, tls=known.server_context("another.example"))
    strange = WireServer({}, tls=unknown.server_context("unknown-authority.example"))
    no_tls = Talker()
    with serving(wire, wrong, strange, no_tls), socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        places = {
            "refused.example": closed.getsockname()[1],
            "wrong-name.example": wrong.port,
            "unknown-authority.example": strange.port,
            "no-tls.example": no_tls.port,
            **{urlsplit(row["url"]).netloc: wire.port for row in rows if row.get("served", True)},
        }
        yield BadWeb(",".join(f"{host}:*=127.0.0.1:{port}" for host, port in places.items()), known.ca_file, wire)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
