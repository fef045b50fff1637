"""Exchanges made of the bytes that a server would have sent, through the parser that reads them live."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from archive.http import ResponseParser
from archive.records import Exchange
from archive.spool import Spool

STARTED = datetime(2026, 11, 21, 10, 30, 0, 123456, tzinfo=UTC)
URL = "http://news.example/flood?page=1"
REQUEST = b"GET /flood?page=1 HTTP/1.1\r\nHost: news.example\r\nUser-Agent: copytrail/test\r\n\r\n"


def exchange(wire: bytes, *, method: str = "GET", **known: Any) -> Exchange:
    """The exchange in which the server answered with ``wire`` and closed."""
    parser = ResponseParser(method)
    parser.feed(wire)
    parser.finish()
    head = parser.head
    parts: dict[str, Any] = {
        "url": URL,
        "method": method,
        "started": STARTED,
        "request": REQUEST,
        "response": parser.response if head else None,
        "head_length": head.length if head else 0,
        "status": head.status if head else None,
        "chunked": parser.chunked,
        "payload_digest": parser.payload_digest,
        "payload_length": parser.payload_length,
        "interim": tuple(parser.interim),
        "trailing": parser.trailing,
    }
    return Exchange(**(parts | known))


def page(body: bytes, *fields: bytes, **known: Any) -> Exchange:
    """An answer 200 with a length."""
    head = b"".join(
        b"%s\r\n" % field for field in (*(fields or (b"Content-Type: text/html; charset=utf-8",)), b"Content-Length: %d" % len(body))
    )
    return exchange(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body, **known)


def big_page(head: bytes, pieces: int, piece: bytes) -> Exchange:
    """An answer of many equal pieces that never stands in memory at once."""
    response = Spool(head)
    payload = hashlib.sha256()
    for _ in range(pieces):
        response.append(piece)
        payload.update(piece)
    return Exchange(
        url=URL,
        started=STARTED,
        request=REQUEST,
        response=response,
        head_length=len(head),
        status=200,
        payload_digest=f"sha256:{payload.hexdigest()}",
        payload_length=pieces * len(piece),
    )
