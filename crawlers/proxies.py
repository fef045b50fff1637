"""Proxies: what ``request.meta["proxy"]`` names, the way through one, and the tunnel.

Contract: ``Proxy.of`` reads ``http://[USER:PASSWORD@]HOST[:PORT]``; ValueError otherwise, without the text that may hold a password.

https goes through a tunnel (CONNECT, RFC 9110 §9.3.6), and its TLS is with the site, verified as without a proxy.  Plain http is asked for
in absolute form (RFC 9112 §3.2.2), save when the proxy wants credentials: there they would stand in the request, which is archived as it
was sent.  It goes through a tunnel then, where they stand in CONNECT only, and CONNECT stands in no record.

``tunnel`` gives back a socket on which the site is next to speak.  ``Broken`` otherwise, in phase CONNECT: ``proxy_auth`` (407),
``proxy_refused`` (another status), ``proxy_broken`` (no HTTP, or bytes that the site cannot have sent yet); ``heard`` holds the answer's
head and what came with it.

A proxy is reached like any server: at a public address, or where ``COPYTRAIL_CONNECT_TO`` leads its HOST:PORT.  It looks up the site's
name itself, so that rule says nothing about the site; a site that is named by an address which is not public is refused before
(``address.check_literal``).
"""

import asyncio
import base64
import re
import socket
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from archive.http import Head, Problem, ResponseParser
from archive.kinds import Phase
from crawlers.address import Endpoint
from crawlers.failures import PROXY_AUTH, PROXY_BROKEN, PROXY_REFUSED, Broken

AUTH_WANTED: Final = 407
_PORT: Final = 80  # Scrapy's proxies are http URLs
_PIECE: Final = 4096
_USER = re.compile(r"[^\x00-\x1f\x7f:]*")
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where a proxy listens, and what it wants to hear."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)  # the value of Proxy-Authorization

    @classmethod
    def of(cls, url: str) -> "Proxy":
        """The proxy that a URL names."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORT
        except ValueError:
            raise ValueError("the proxy is no URL: http://HOST:PORT is one") from None
        if parts.scheme != "http" or not host or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("a proxy is named by http://HOST:PORT; other schemes are not supported, a path means nothing")
        return cls(host=host, port=port, authorization=_basic(parts.username, parts.password))

    @property
    def place(self) -> str:
        """HOST:PORT, as records name it."""
        return _authority(self.host, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to what a URL names; connections are kept by it."""

    endpoint: Endpoint
    proxy: Proxy | None = None

    @property
    def first(self) -> Endpoint:
        """The other end of the socket."""
        return self.endpoint if self.proxy is None else Endpoint(host=self.proxy.host, port=self.proxy.port, tls=False)

    @property
    def tunnelled(self) -> bool:
        """Whether the proxy only carries bytes."""
        return self.proxy is not None and (self.endpoint.tls or self.proxy.authorization is not None)

    @property
    def forwarded(self) -> bool:
        """Whether the proxy reads the request and answers it."""
        return self.proxy is not None and not self.tunnelled


async def tunnel(sock: socket.socket, target: Endpoint, proxy: Proxy) -> None:
    """Ask the proxy at the other end of ``sock`` for a way to ``target``; OSError when the connection breaks."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, connect_request(target, proxy))
    parser, heard = ResponseParser("CONNECT"), bytearray()
    while parser.head is None and parser.state != "done":
        data = await loop.sock_recv(sock, _PIECE)
        heard += data
        if data:
            parser.feed(data)
        else:
            parser.finish()
    if parser.head is None:
        what = "closed" if parser.problem is Problem.NO_ANSWER else "gave no HTTP answer"
        raise Broken(Phase.CONNECT, PROXY_BROKEN, f"{what} after {_asked(target)}", bytes(heard))
    _judge(parser.head, target, bytes(heard), rest=parser.response.length > parser.head.length or bool(parser.trailing))


def connect_request(target: Endpoint, proxy: Proxy) -> bytes:
    """The CONNECT request; no record holds it."""
    authority = _authority(target.host, target.port)
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    lines += [f"Proxy-Authorization: {proxy.authorization}"] if proxy.authorization else []
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _judge(head: Head, target: Endpoint, heard: bytes, *, rest: bool) -> None:
    """Broken when the head opens no tunnel."""
    status = head.status or 0
    if not 200 <= status < 300:
        kind = PROXY_AUTH if status == AUTH_WANTED else PROXY_REFUSED
        raise Broken(Phase.CONNECT, kind, f"answered {_asked(target)} with {status} {head.reason}".rstrip(), heard)
    if rest:  # both TLS and HTTP/1.1 begin with the client
        raise Broken(Phase.CONNECT, PROXY_BROKEN, f"sent bytes of its own after {_asked(target)}", heard)


def _asked(target: Endpoint) -> str:
    return f"CONNECT {_authority(target.host, target.port)}"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _basic(user: str | None, password: str | None) -> str | None:
    """RFC 7617 §2; None without credentials."""
    if user is None and password is None:
        return None
    name, secret = unquote(user or ""), unquote(password or "")
    if not _USER.fullmatch(name) or not _PASSWORD.fullmatch(secret):
        raise ValueError("the proxy's user or password holds a character that RFC 7617 does not allow")
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode("ascii")
