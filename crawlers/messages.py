"""Scrapy's requests as bytes, and recorded bytes as Scrapy's responses.

Contract: both ways are pure.  ``draft_of`` gives the exchange that is to be held: the whole request as it will go
over the wire, and how the URL was found (``meta["lead"]``, a ``Lead``; else the redirect or the Referer that led
here).  Host, User-Agent, Content-Length and connection handling are ours: a capture under a URL is of that URL, asked
for by us.  ``response_of`` reads the recorded exchange and nothing else.

While a body carries a content coding the response is a plain ``Response``: a text response would guess the charset of
compressed bytes, half of Scrapy's CPU time (capture.md §5).  HttpCompressionMiddleware makes it the proper class.
"""

from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urljoin

from scrapy import Request
from scrapy.exceptions import NotSupported
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.http import BadFraming, entity, parse_head
from archive.records import Exchange, Found, Lead
from archive.urls import BadUrl, clean

TRUNCATED: Final = "truncated"  # flag of a response whose body is not whole
ROBOTS_RECORD: Final = "copytrail_robots"  # meta: id of the record on which the permission rests
FOUND: Final = "copytrail_found"  # meta of requests that stand for no lead: how they came about
_TRIES: Final = "copytrail_tries"  # meta: (url, how often it has been sent); a redirect copies meta and counts anew

_REDIRECTS = (301, 302, 303, 307, 308)
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_FIRST = (b"User-Agent", b"Accept", b"Accept-Language", b"Accept-Encoding")
_OURS = (b"Host", b"User-Agent", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Keep-Alive", b"Proxy-Authorization")
_VALIDATORS = ("If-None-Match", "If-Modified-Since")


def draft_of(request: Request, user_agent: str, now: datetime) -> Exchange:
    """The exchange to hold for a request; NotSupported when it cannot be said in HTTP/1.1."""
    try:
        url = clean(request.url)
    except BadUrl as error:
        raise NotSupported(str(error)) from error
    lead = request.meta.get("lead")
    found, via = _origin(request)
    return Exchange(
        url=url,
        method=request.method,
        started=now,
        request=request_bytes(request, url, user_agent),
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


def request_bytes(request: Request, url: str, user_agent: str) -> bytes:
    """The request as it goes over the wire: Host first, then who asks and for what, then the rest in Scrapy's order."""
    authority, _, target = url.partition("://")[2].partition("/")
    given = request.headers.copy()
    for name in _OURS:
        given.pop(name, None)
    given["User-Agent"] = user_agent
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        given["Content-Length"] = str(len(request.body))
    names = [*(name for name in _FIRST if name in given), *(name for name in given if name not in _FIRST)]
    lines = [b"%b: %b" % (name, value) for name in names for value in given.getlist(name)]
    start = f"{request.method} /{target} HTTP/1.1"
    head = [start.encode(), b"Host: " + authority.encode(), *lines]
    if any(b"\r" in line or b"\n" in line for line in head):
        raise NotSupported(f"a line break in a header of the request for {url}")
    return b"\r\n".join(head) + b"\r\n\r\n" + request.body


def response_of(exchange: Exchange, request: Request) -> Response:
    """What Scrapy hands to the spider, read from the record of the exchange."""
    assert exchange.response is not None
    assert exchange.status is not None
    with exchange.response.open() as stream:
        head = parse_head(stream)
        pieces: list[bytes] = []
        with suppress(BadFraming):  # then the exchange is marked as cut, and the pieces hold what came before the break
            pieces.extend(entity(head, stream))
    headers = Headers(head.fields)
    body = b"".join(pieces)
    kind = Response if "Content-Encoding" in headers else responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(
        url=request.url,
        status=exchange.status,
        headers=headers,
        body=body,
        flags=[TRUNCATED] if exchange.truncated else [],
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
