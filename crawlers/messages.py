"""Scrapy's requests as bytes, and recorded bytes as Scrapy's responses.

Contract: both ways are pure.  ``draft_of`` gives the exchange that is to be held: the whole request as it will go
over the wire, and how the URL was found (``meta["lead"]``, a ``Lead``; else the redirect or the Referer that led
here).  Host, User-Agent, Content-Length and connection handling are ours: a capture under a URL is of that URL, asked
for by us.  A proxy that forwards is asked in absolute form (``crawlers.proxies``).  ``response_of`` reads the recorded
exchange and nothing else.

Content codings are undone here, at half of what HttpCompressionMiddleware takes and in bounded memory.  A body that it
cannot be done for whole goes on as it came, as a plain ``Response``, for the middleware to see to: a text response
would guess the charset of compressed bytes, half of Scrapy's CPU time (capture.md §5).
"""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin

from scrapy import Request
from scrapy.exceptions import NotSupported
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from archive.codings import BadCoding, undone
from archive.heads import Head, parse_head
from archive.http import BadFraming, entity
from archive.kinds import Found
from archive.records import Exchange, Lead
from archive.urls import BadUrl, clean
from crawlers.address import Endpoint
from crawlers.proxies import Proxy, Route

HANDED_ON: Final = 32 * 1024 * 1024  # bytes of a body that a spider gets to see: a longer one is whole in the archive alone
TRUNCATED: Final = "truncated"  # flag of a response whose body is not whole
ROBOTS_RECORD: Final = "copytrail_robots"  # meta: id of the record on which the permission rests
FOUND: Final = "copytrail_found"  # meta of requests that stand for no lead: how they came about
_TRIES: Final = "copytrail_tries"  # meta: (url, how often it has been sent); a redirect copies meta and counts anew

_REDIRECTS = (301, 302, 303, 307, 308)
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_FIRST = (b"User-Agent", b"Accept", b"Accept-Language", b"Accept-Encoding")
_OURS = (b"Host", b"User-Agent", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Keep-Alive", b"Proxy-Authorization")
_TELL_KIND = (b"Content-Type", b"Content-Disposition")
_CODING = b"content-encoding"
_VALIDATORS = ("If-None-Match", "If-Modified-Since")


def draft_of(request: Request, user_agent: str, now: datetime, proxy: Proxy | None = None) -> Exchange:
    """The exchange to hold for a request; NotSupported when it cannot be said in HTTP/1.1."""
    try:
        url = clean(request.url)
    except BadUrl as error:
        raise NotSupported(str(error)) from error
    lead = request.meta.get("lead")
    found, via = _origin(request)
    forwarded = proxy is not None and Route(endpoint=Endpoint.of(url), proxy=proxy).forwarded
    return Exchange(
        url=url,
        method=request.method,
        started=now,
        request=request_bytes(request, url, user_agent, absolute=forwarded),
        proxy=proxy.place if proxy else None,
        attempt=_tries(request, url),
        found=found,
        via=via,
        hop=lead.hop if isinstance(lead, Lead) else int(request.meta.get("depth", 0)),
        robots=request.meta.get(ROBOTS_RECORD),
        conditional=any(name in request.headers for name in _VALIDATORS),
    )


def _origin(request: Request) -> tuple[Found | None, str | None]:
    """How the URL was found, and where: a redirect that Scrapy followed is where its target was found."""
    lead, redirects, referer = request.meta.get("lead"), request.meta.get("redirect_urls"), request.headers.get("Referer")
    via = redirects[-1] if redirects else lead.parent if isinstance(lead, Lead) else referer.decode("latin-1") if referer else None
    return lead.found if isinstance(lead, Lead) else request.meta.get(FOUND), via


def request_bytes(request: Request, url: str, user_agent: str, *, absolute: bool = False) -> bytes:
    """The request as it goes over the wire: Host first, then who asks and for what, then the rest in Scrapy's order."""
    authority, _, target = url.partition("://")[2].partition("/")
    given = {name: values for name, values in request.headers.items() if name not in _OURS}
    given[b"User-Agent"] = [user_agent.encode()]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        given[b"Content-Length"] = [b"%d" % len(request.body)]
    names = [*[name for name in _FIRST if name in given], *[name for name in given if name not in _FIRST]]
    lines = [b"%b: %b" % (name, value) for name in names for value in given[name]]
    start = f"{request.method} {url if absolute else '/' + target} HTTP/1.1"
    head = b"\r\n".join([start.encode(), b"Host: " + authority.encode(), *lines])
    if head.count(b"\r") + head.count(b"\n") > 2 * len(lines) + 2:
        raise NotSupported(f"a line break in a header of the request for {url}")
    return head + b"\r\n\r\n" + request.body


class Body(NamedTuple):
    """What is handed on of an answer: ``cut`` when there is more, ``coded`` when a content coding is left for Scrapy to see to."""

    head: Head
    data: bytes
    cut: bool
    coded: bool


def body_of(exchange: Exchange, limit: int = HANDED_ON, *, undo: bool = True) -> Body:
    """What is handed on of a recorded answer; codings are undone with ``undo``, to at most ``limit`` bytes."""
    undo = undo and exchange.method != "HEAD"  # whose answer speaks of a body that is not there
    try:
        body = _read(exchange, min(limit, HANDED_ON), undo=undo)
    except BadCoding:
        return _read(exchange, HANDED_ON, undo=False)
    # What unpacks beyond a limit that was asked for is refused by Scrapy, in its own words.
    return _read(exchange, HANDED_ON, undo=False) if undo and body.cut and limit <= HANDED_ON else body


def _read(exchange: Exchange, most: int, *, undo: bool) -> Body:
    assert exchange.response is not None
    taken: list[bytes] = []
    room = most
    with exchange.response.open() as stream:
        head = parse_head(stream)
        pieces, unknown = entity(head, stream), None
        if undo and head.tokens("content-encoding"):
            pieces, unknown = undone(head, pieces)
        with suppress(BadFraming):  # then the exchange is marked as cut, and the pieces hold what came before the break
            for piece in pieces:
                taken.append(piece[:room])
                room -= len(piece)
                if room < 0:
                    break
    return Body(head, b"".join(taken), cut=room < 0, coded=not undo or unknown is not None)


def with_decoded(exchange: Exchange, body: Body) -> Exchange:
    """The exchange with what its body says behind its content codings, so that the writer need not undo them again."""
    whole = exchange.truncated is None and exchange.payload_length and not body.cut
    if not whole or body.coded or not body.head.tokens("content-encoding"):
        return exchange
    return replace(exchange, decoded_digest=f"sha256:{hashlib.sha256(body.data).hexdigest()}", decoded_length=len(body.data))


def response_of(exchange: Exchange, request: Request, body: Body) -> Response:
    """What Scrapy hands to the spider, made of the record of the exchange."""
    assert exchange.status is not None
    head, fields = body.head, body.head.fields
    kind = Response
    if not body.coded or _CODING not in head.held:
        told = {name: values[-1] for name in _TELL_KIND if (values := head.held.get(name.lower()))}
        kind = responsetypes.from_args(headers=told, url=request.url, body=body.data)
        fields = tuple([field for field in fields if field[0].lower() != _CODING])
    return kind(
        url=request.url,
        status=exchange.status,
        headers=fields,
        body=body.data,
        flags=[TRUNCATED] if exchange.truncated or body.cut else [],
        request=request,
        certificate=exchange.certificate,
        ip_address=ip_address(exchange.ip) if exchange.ip else None,
        protocol=f"HTTP/{head.version}",
    )


def _tries(request: Request, url: str) -> int:
    before, count = request.meta.get(_TRIES, (url, 0))
    return count + 1 if before == url else 1


def count_try(request: Request, exchange: Exchange) -> None:
    """Note in the request that this exchange was held for it, so that a retry counts on."""
    request.meta[_TRIES] = (exchange.url, exchange.attempt)


def target_of(response: Response) -> str | None:
    """Where a redirect leads, bytes beyond ASCII percent-encoded; None for any other answer, and for a redirect to nowhere."""
    header = response.headers.get("Location")
    if response.status not in _REDIRECTS or header is None:
        return None
    try:
        return clean(urljoin(response.url, quote(header.strip(), safe=_VISIBLE)))
    except (BadUrl, ValueError):
        return None
