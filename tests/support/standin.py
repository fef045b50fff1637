"""A stand-in for outlets and back ends on loopback, whose answers may depend on what is asked.

Contract: ``StandIn(replies, made)`` is a ``WireServer``; what ``made`` names, by host and path without the query, a function makes from the
target, for all else there are ``replies``.  ``answer`` and ``json_answer`` are whole messages.
"""

import json
import ssl
from collections.abc import Callable, Mapping

from support.wireserver import Reply, Served, WireServer

Made = Mapping[str, Callable[[str], bytes]]


def answer(body: bytes, mime: str = "text/html; charset=utf-8", status: str = "200 OK", head: str = "") -> bytes:
    """One whole message."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {mime}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def json_answer(value: object) -> bytes:
    """JSON as a back end sends it."""
    return answer(json.dumps(value).encode(), "application/json")


class StandIn(WireServer):
    """Serves replies, and what functions make."""

    def __init__(self, replies: Mapping[str, Reply | list[Reply]], made: Made, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(replies, tls=tls)
        self.made = made  # may be replaced while it serves

    def _reply(self, served: Served) -> Reply:
        make = self.made.get(f"{served.host} {served.path.partition('?')[0]}")
        return (make(served.path),) if make is not None else super()._reply(served)
